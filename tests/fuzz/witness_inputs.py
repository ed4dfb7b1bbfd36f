"""Looks for inputs of a program that bring its nest the parameters of a witness."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from fuzz.expressions import Thread
from fuzz.guards import GuardError, number_of
from fuzz.inputs import Inputs, SerialRun, run_serial
from fuzz.interpret import Machine
from fuzz.memory import Fill, Undefined
from fuzz.nests import NestMap
from fuzz.program import Elem, Form, Lit, Storage, expressions

STEPS = 120_000
"""Statements of a run that replays a witness."""

SEARCH_STEPS = 200_000
"""Statements of all the runs that look for inputs with the witness's parameters, each counted as some at least."""

_LEAST = 40
_FAILED = SEARCH_STEPS // 20


class _Entered(Exception):  # noqa: N818
    """The run has come to the nest; ``agrees`` if the parameters are those wanted."""

    def __init__(self, agrees: bool) -> None:
        super().__init__()
        self.agrees = agrees


class InputSearch:
    """Finds runs whose nest sees given parameters."""

    def __init__(self, nests: NestMap) -> None:
        self._nests = nests
        self._machine = nests.machine
        self._left = 0

    def runs_at(self, values: dict[str, int]) -> tuple[list[SerialRun], bool]:
        """Return serial runs whose nest sees the parameters ``values``, and whether some that may have do not count.

        Those have no meaning in C, or take too long.
        """
        expressions_of = {item.name: item.expression for item in self._nests.nest.parameters}
        is_undefined = False
        runs: list[SerialRun] = []
        self._left = SEARCH_STEPS
        for inputs in self._candidates(values):
            if self._left <= 0:
                break
            reaches = self._reaches(inputs, values, expressions_of)
            if not reaches:
                is_undefined |= reaches is None
                continue
            run = run_serial(self._machine, inputs, frozenset({self._nests.root.id}), STEPS)
            if run is None:
                is_undefined = True
                self._left -= _FAILED
                continue
            runs.append(run)
            if len(runs) == 2:
                break
        return runs, is_undefined

    def _candidates(self, values: dict[str, int]) -> Iterator[Inputs]:
        expressions_of = {item.expression: item.name for item in self._nests.nest.parameters}
        # Sizes are mostly those of the witness, or near them.
        shifted = (value + shift for shift in (0, 1, -1, 2, -2, 5) for value in values.values())
        near = list(dict.fromkeys((*shifted, *sorted(range(-3, 14), key=abs))))
        names: list[str] = []
        given: list[list[int]] = []
        choices: list[list[int]] = []
        for decl in self._machine.program.parameters:
            if decl.form is Form.SCALAR:
                fixed = expressions_of.get(decl.name)
                names.append(decl.name)
                inside = [
                    value for value in near if decl.type.is_float or decl.type.least <= value <= decl.type.greatest
                ]
                first = [values[fixed]] if fixed in values else []
                given.append(first or inside)
                choices.append([*first, *(value for value in inside if value not in first)])
        sizes = self._size_cells()
        known = {cell: [values[name]] for cell, text in sizes.items() if (name := expressions_of.get(text)) in values}
        free = {cell: known.get(cell, near) for cell in sizes}

        def combined(scalars: list[list[int]], cells: dict[tuple[str, int], list[int]]) -> Iterator[Inputs]:
            fills = (Fill(1), Fill(2, "rising"), Fill(3), Fill(4, "constant"))
            for fill in fills if scalars is given else fills[:2]:
                for chosen in _by_effort([*scalars, *cells.values()]):
                    numbers = tuple(zip(names, chosen, strict=False))
                    set_cells = tuple((*cell, value) for cell, value in zip(cells, chosen[len(names) :], strict=True))
                    yield Inputs(numbers, (), fill, set_cells)

        # At first as the witness says; but a parameter of the function may change on the way to the nest, and what the
        # nest sees may come from memory. None of these may use up the time of the others.
        anything = dict.fromkeys(sizes, near)
        yield from _in_turn(
            combined(given, known), combined(given, free), combined(choices, known), combined(choices, anything)
        )

    def _size_cells(self) -> dict[tuple[str, int], str]:
        """Return the elements at fixed places that the program reads, and their texts: sizes may come from there."""
        found: dict[tuple[str, int], str] = {}
        for item in expressions(self._machine.program.body):
            if isinstance(item, Elem) and all(isinstance(each, Lit) for each in item.subscripts):
                decl = self._machine.decls[item.name]
                is_given = decl.form is Form.POINTER and decl.storage is Storage.PARAMETER
                if is_given and len(item.subscripts) <= 1 and not decl.extents:
                    index = item.subscripts[0].value if item.subscripts else 0  # type: ignore[union-attr]
                    offset = decl.record.member(item.member)[0] if decl.record is not None and item.member else 0
                    type_ = decl.record.member(item.member)[1] if decl.record is not None and item.member else decl.type
                    if not type_.is_float:
                        found[item.name, index * decl.element_size + offset] = f"{item.name}[{index}]"
        return dict(list(found.items())[:2])

    def _reaches(self, inputs: Inputs, values: dict[str, int], texts: dict[str, str]) -> bool | None:
        """Return True if the function enters the nest with the parameters ``values``; None if it has no meaning."""
        allowed = min(self._left, SEARCH_STEPS // 8)
        thread = inputs.thread(self._machine, allowed)

        def entered(t: Thread):  # type: ignore[no-untyped-def]
            agrees = agree(self._machine, t, values, texts)
            if agrees or not self._nests.depth:
                raise _Entered(agrees)
            outer, t.actions = t.actions, {}
            signal = yield from self._nests.code(self._nests.root).stepped(t)
            t.actions = outer
            return signal

        thread.actions = {self._nests.root.id: entered}
        try:
            self._machine.run(thread)
        except _Entered as end:
            return end.agrees
        except Undefined:
            return None
        finally:
            self._left -= max(_LEAST, allowed - thread.memory.steps)
        return False


def agree(machine: Machine, t: Thread, values: dict[str, int], texts: dict[str, str]) -> bool:
    """Return True if in front of the nest its parameters, spelled ``texts``, have these values."""
    for name, value in values.items():
        try:
            if number_of(texts[name], machine, t.env, t.memory) != value:
                return False
        except GuardError:
            continue  # an expression without meaning in front of the nest
        except Undefined:
            return False
    return True


def _in_turn(*sources: Iterator[Inputs]) -> Iterator[Inputs]:
    for several in itertools.zip_longest(*sources):
        yield from (inputs for inputs in several if inputs is not None)


def _by_effort(choices: list[list[int]]) -> Iterator[tuple[int, ...]]:
    """Yield all combinations, those with early choices first."""
    if not choices:
        yield ()
        return
    longest = max(len(each) for each in choices)
    for effort in range(sum(min(len(each), longest) - 1 for each in choices) + 1):
        yield from _with_effort(choices, effort)


def _with_effort(choices: list[list[int]], effort: int) -> Iterator[tuple[int, ...]]:
    if len(choices) == 1:
        if effort < len(choices[0]):
            yield (choices[0][effort],)
        return
    for place in range(min(effort, len(choices[0]) - 1) + 1):
        for rest in _with_effort(choices[1:], effort - place):
            yield (choices[0][place], *rest)
