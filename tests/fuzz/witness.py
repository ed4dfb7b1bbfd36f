"""Replays the witness of a refutation in the original program, at inputs that give its parameters their values."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from fuzz.conflicts import axes_of, dimensions_of
from fuzz.expressions import Coordinates, Thread
from fuzz.inputs import Inputs, SerialRun
from fuzz.layout import Dimension, layout_of
from fuzz.nests import NestMap
from fuzz.program import Assign, Bin, Form, If, Stmt, statements
from fuzz.witness_inputs import InputSearch, agree
from loopwright.core.codes import Code
from loopwright.core.dependence import DependenceKind, Instance
from loopwright.core.legality import Proved, Refuted
from loopwright.core.nest import LoopKind

_SUBSCRIPT = re.compile(r"\[(-?\d+)\]")


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a witness.

    Attributes:
        fault: Why it is false; ``""`` if it holds.
        is_open: It could not be checked: too long, or without meaning in C at its parameters.
        inputs: Those that it was checked at.
    """

    fault: str = ""
    is_open: bool = False
    inputs: Inputs | None = None


class WitnessReplay:
    """Replays the witnesses of one nest."""

    def __init__(self, nests: NestMap) -> None:
        self._nests = nests
        self._machine = nests.machine
        self._runs: dict[tuple[tuple[str, int], ...], tuple[list[SerialRun], bool]] = {}
        self._search = InputSearch(nests)
        targets = {item.id: _extreme_of(item) for item in statements(self._machine.program)}
        self._extremes = {identity: name for identity, name in targets.items() if name}

    def check(self, refuted: Refuted) -> Replay:
        """Return whether the witness of ``refuted`` shows what it says."""
        witness, dependence = refuted.witness, refuted.dependence
        assert witness is not None
        assert dependence is not None
        found = self._runs.get(witness.parameters)
        if found is None:
            found = self._runs[witness.parameters] = self._search.runs_at(dict(witness.parameters))
        runs, is_open = found
        if not runs:
            shown = ", ".join(f"{name}={value}" for name, value in witness.parameters)
            return Replay(is_open=True) if is_open else Replay(f"the nest is never entered with {shown}")
        faults: list[str] = []
        for run in runs:
            fault = self._fault(run, refuted)
            if not fault:
                return Replay(inputs=run.inputs)
            faults.append(fault)
        return Replay(faults[0], inputs=runs[0].inputs)

    # --- instances ---

    def _fault(self, run: SerialRun, refuted: Refuted) -> str:
        """Return why the witness does not hold in a run; ``""`` if it does."""
        fault = "the nest is not entered"
        witness = refuted.witness
        assert witness is not None
        texts = {item.name: item.expression for item in self._nests.nest.parameters}
        for place, entry in enumerate(run.entries):
            thread = Thread(entry.env, run.memory_at(entry))
            if not agree(self._machine, thread, dict(witness.parameters), texts):
                continue
            fault = self._fault_in(run, place, refuted)
            if not fault:
                return ""
        return fault

    def _fault_in(self, run: SerialRun, place: int, refuted: Refuted) -> str:
        witness, dependence, entry = refuted.witness, refuted.dependence, run.entries[place]
        assert witness is not None
        assert dependence is not None
        if (dependence.source, dependence.sink) != (witness.source.statement, witness.sink.statement):
            return "the witness is of other statements than the dependence"
        sources = self._instances(run, entry.first, entry.end, witness.source)
        sinks = self._instances(run, entry.first, entry.end, witness.sink)
        if not sources or not sinks:
            return f"{witness.sink if sources else witness.source} does not run"
        name = self._nests.identifier(dependence.variable)
        element = self._address(run, place, name, witness.element)
        first_kinds = (True, False) if dependence.kind is not DependenceKind.ANTI else (False, True)
        if dependence.kind is DependenceKind.OUTPUT:
            first_kinds = (True, True)
        shared: list[tuple[int, int]] = []
        for address, events in run.events_of(place, frozenset(self._extremes)).items():
            if element is not None and address != element:
                continue
            mine = [(each, write) for each, write, by in events if by == name or self._is_pointer(by)]
            # ``if (x > s) s = x;`` is read as ``s = max(s, x);``, which always writes.
            mine += [
                (each, True) for each, write in mine if not write and self._extremes.get(run.trace[each][0]) == name
            ]
            before = [each for each, write in mine if each in sources and write == first_kinds[0]]
            after = [each for each, write in mine if each in sinks and write == first_kinds[1]]
            shared += [(one, other) for one in before for other in after if one < other]
        if not shared:
            return f"the two instances share no {dependence.kind} pair on {witness.element} in this order"
        if not any(self._is_carried(run, one, other, refuted) for one, other in shared):
            return f"no loop that the plan changes carries the pair ({refuted.code})"
        if not any(self._first_difference(run, one, other) == dependence.carried_by for one, other in shared):
            return f"the pair is not carried by {dependence.carried_by}"
        if refuted.code is Code.LAST_VALUE_USED and self._is_last_written(run, shared[0], name, refuted):
            return "the last iteration writes the variable"
        return ""

    def _instances(self, run: SerialRun, first: int, end: int, wanted: Instance) -> set[int]:
        statement = self._nests.nest.statement(wanted.statement)
        identities = self._nests.statements[wanted.statement]
        found: set[int] = set()
        for instance in range(first, end):
            identity, coordinates = run.trace[instance]
            mine = coordinates[self._nests.depth :]
            if identity not in identities or len(mine) != len(statement.loops):
                continue
            if all(
                self._dimension(loop, entry) == value
                for loop, entry, (_, value) in zip(statement.loops, mine, wanted.iterators, strict=True)
            ):
                found.add(instance)
        return found

    def _dimension(self, loop: str, entry: tuple[int, int, int]) -> int:
        """Return what the nest's dimension of ``loop`` is in an iteration."""
        facts = self._nests.nest.loop(loop)
        is_counted = facts.kind is LoopKind.COUNTED and re.fullmatch(r"[+-]?\d+", facts.step) is not None
        return entry[1] if is_counted else entry[2]

    def _address(self, run: SerialRun, place: int, name: str, text: str) -> int | None:
        """Return the address of an element as the witness spells it; None if the spelling is not that plain."""
        decl = self._machine.decls[name]
        subscripts = [int(each) for each in _SUBSCRIPT.findall(text)]
        env = run.entries[place].env
        if name not in env or decl.form is Form.SCALAR or not subscripts:
            return None
        rows = decl.extents[1:] if decl.form is Form.ARRAY else decl.extents
        if any(not isinstance(extent, int) for extent in rows):
            return None
        if len(subscripts) not in (1, len(rows) + 1) or (rows and len(subscripts) == 1):
            return None
        index = subscripts[0]
        for extent, each in zip(rows, subscripts[1:], strict=False):
            index = index * extent + each
        member = text.rpartition(".")[2] if "]." in text else ""
        offset = decl.record.member(member)[0] if decl.record is not None and member else 0
        if decl.record is not None and not member:
            return None
        # A pointer that is set in the loop has another place in each iteration.
        return env[name] + index * decl.element_size + offset if self._is_outside(name) else None

    def _is_pointer(self, name: str) -> bool:
        """Return True for a pointer: the nest may know its memory by the name of the pointer that it was made from."""
        return self._machine.decls[name].form is Form.POINTER

    def _is_outside(self, name: str) -> bool:
        return self._nests.nest.variables is not None and all(
            variable.scope is None for variable in self._nests.nest.variables if variable.identifier == name
        )

    # --- loops ---

    def _first_difference(self, run: SerialRun, one: int, other: int) -> str | None:
        names = {loop.id: name for name, loop in self._nests.loops.items()}
        first, second = run.trace[one][1], run.trace[other][1]
        for left, right in zip(first, second, strict=False):
            if left[0] != right[0]:
                return None
            if left != right:
                return names.get(left[0])
        return None

    def _is_carried(self, run: SerialRun, one: int, other: int, refuted: Refuted) -> bool:
        """Return True if a directive of the plan may run the pair at once, or its new order may turn the pair round.

        Tiles may start anywhere.
        """
        layout = layout_of(self._nests, Proved(refuted.plan, ()))
        first, second = run.trace[one][1], run.trace[other][1]
        is_order = refuted.code is Code.SCHEDULE_REVERSES_DEPENDENCE or not layout.regions
        if is_order:
            for chain, order in layout.bands.values():
                signs = self._signs(first, second, chain, order)
                if signs is not None and any(_leading(choice) > 0 for choice in itertools.product(*signs)):
                    return True
            return False
        for name, region in layout.regions.items():
            chain, order = dimensions_of(self._nests, layout, name)
            signs = self._signs(first, second, chain, order)
            at = next(place for place, dimension in enumerate(order) if dimension.name == name)
            end = at + region.width
            if signs is not None and any(
                not any(choice[:at]) and any(choice[at:end]) for choice in itertools.product(*signs)
            ):
                return True
        return False

    def _signs(
        self, first: Coordinates, second: Coordinates, chain: tuple[str, ...], order: tuple[Dimension, ...]
    ) -> list[set[int]] | None:
        """Return, per dimension, how the times of two instances may compare: 1 if the first is later.

        None if the two are not in one execution of the chain.
        """
        depth = self._nests.nest.loop(chain[0]).depth + self._nests.depth
        head = self._nests.loops[chain[0]].id
        needed = depth + 1 + max(chain.index(dimension.loop) for dimension in order)
        if min(len(first), len(second)) < needed or first[:depth] != second[:depth] or first[depth][0] != head:
            return None
        signs: list[set[int]] = []
        for dimension in order:
            step = self._nests.loops[dimension.loop].step
            place = depth + chain.index(dimension.loop)
            change = first[place][2] - second[place][2]
            if isinstance(step, int):
                change = (first[place][1] - second[place][1]) * (1 if step > 0 else -1)
            sign = (change > 0) - (change < 0)
            width = dimension.size * (abs(step) if isinstance(step, int) else 1)
            signs.append({sign, 0} if abs(change) < width else {sign})
        return signs

    def _is_last_written(self, run: SerialRun, pair: tuple[int, int], name: str, refuted: Refuted) -> bool:
        """Return True if the last iteration of the directive's loop around the pair writes the variable."""
        layout = layout_of(self._nests, Proved(refuted.plan, ()))
        for region in layout.regions:
            axes = axes_of(self._nests, layout, region, {})
            mine, other = (axes.of(run.trace[each][1]) for each in pair)
            if mine is None or other is None or mine[:2] != other[:2] or mine[2] == other[2]:
                continue  # another directive carries the pair
            iterations: list[tuple[int, ...]] = []
            writing: set[tuple[int, ...]] = set()
            touched = {instance for _, is_write, by, instance in run.log if is_write and by == name}
            for instance, (identity, coordinates) in enumerate(run.trace):
                found = axes.of(coordinates)
                if found is None or found[:2] != mine[:2]:
                    continue
                loop = self._nests.loops[self._nests.chain(region)[0]] if region in self._nests.loops else None
                if loop is not None and identity == loop.id:
                    continue
                iterations.append(found[2])
                if instance in touched:
                    writing.add(found[2])
            if iterations and max(iterations) in writing:
                return True
        return False


def _extreme_of(statement: Stmt) -> str:
    """Return ``s`` of ``if (x > s) s = x;``; ``""`` for another statement."""
    match statement:
        case If(condition=Bin(operator="<" | ">", left=left, right=right), then=(Assign() as update,), otherwise=()):
            fits = update.operator == "" and {update.target, update.value} == {left, right}
            return update.target.name if fits else ""
        case _:
            return ""


def _leading(signs: tuple[int, ...]) -> int:
    return next((sign for sign in signs if sign), 0)
