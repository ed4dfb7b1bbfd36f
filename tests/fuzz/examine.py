"""One program after the other: what the prover says of each plan, held against what the program does."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from fuzz.affine import is_affine, stays_in_rows
from fuzz.conflicts import find_conflict
from fuzz.generate import depth_of, random_program
from fuzz.guards import holds
from fuzz.inputs import Inputs, SerialRun, differs, random_inputs, run_serial
from fuzz.interpret import Machine
from fuzz.layout import layout_of
from fuzz.memory import Undefined
from fuzz.nests import MapError, NestMap, map_nest
from fuzz.plans import random_plans
from fuzz.print_c import Printed, print_c
from fuzz.program import For, Program, statements
from fuzz.transformed import TransformedRun
from fuzz.witness import WitnessReplay
from loopwright.config import Settings
from loopwright.core.assumption import AssumptionKind
from loopwright.core.legality import Legality, Proved, Refuted, Undecided
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Plan
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan

SETTINGS = Settings(gcc="no-such-compiler", clang="no-such-compiler")
"""The programs include nothing, so no compiler's headers are looked for."""

STEPS = 12_000
PLANS = 26
TRIES = 14
RUNS = 4
SCHEDULES = 2
WRONG_PROVED, FALSE_WITNESS, CRASH = "wrong_proved", "false_witness", "crash"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer that is wrong.

    Attributes:
        kind: ``wrong_proved``, ``false_witness`` or ``crash``.
        seed: Of the program.
        root: Id of the nest's root loop.
        plan: What was asked.
        answer: The verdict in words.
        why: What shows that it is wrong.
        inputs: Those that show it.
    """

    kind: str
    seed: int
    program: Program
    root: int
    plan: Plan
    answer: str
    why: str
    inputs: Inputs | None = None


@dataclass(slots=True)
class Tally:
    """Counts over many programs."""

    programs: int = 0
    unusable: int = 0
    pairs: int = 0
    affine: int = 0
    verdicts: Counter[str] = field(default_factory=Counter[str])
    undecided: Counter[str] = field(default_factory=Counter[str])
    open_witnesses: int = 0
    unguarded: int = 0
    executions: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])

    def count(self, kind: str) -> int:
        """Return the number of findings of one kind."""
        return sum(finding.kind == kind for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Subject:
    """A program with everything that its plans are checked with."""

    program: Program
    printed: Printed
    machine: Machine
    runs: tuple[SerialRun, ...]
    source: Source


def serial_runs(program: Program, machine: Machine, rng: random.Random) -> tuple[SerialRun, ...]:
    """Return runs of a program for a few inputs for which it has a meaning."""
    loops = frozenset(item.id for item in statements(program) if isinstance(item, For))
    depth = depth_of(program)
    found: list[SerialRun] = []
    for attempt in range(TRIES):
        inputs = random_inputs(machine, rng, depth, overlap=attempt % 2 == 1)
        run = run_serial(machine, inputs, loops, STEPS)
        if run is not None and all(run.inputs != other.inputs for other in found):
            found.append(run)
            if len(found) == RUNS:
                break
    return tuple(found)


def subject_of(program: Program, rng: random.Random) -> Subject | None:
    """Return the program made ready; None if no input was found for which it has a meaning."""
    machine = Machine(program)
    runs = serial_runs(program, machine, rng)
    if not runs:
        return None
    printed = print_c(program)
    source = Source("/fuzz/program.c", printed.text.encode())
    return Subject(program, printed, machine, runs, source)


def nests_of(subject: Subject) -> Iterable[tuple[LoopNest, NestMap | None]]:
    """Yield the nests that the frontend finds, with what their names mean."""
    unit = extract(subject.source, SETTINGS)
    function = unit.function(subject.program.name)
    for nest in function.nests if function is not None else ():
        try:
            yield nest, map_nest(nest, subject.machine, subject.printed)
        except MapError:
            yield nest, None


def examine(seed: int, tally: Tally, *, plans: int = PLANS) -> list[tuple[Plan, LoopNest, Proved, Subject]]:
    """Check random plans for the nests of the program of ``seed``; return what was proved."""
    program = random_program(seed)
    rng = random.Random(seed ^ 0x5EED)
    subject = subject_of(program, rng)
    tally.programs += 1
    if subject is None:
        tally.unusable += 1
        return []
    affine = is_affine(program) and stays_in_rows(subject.runs)
    proved: list[tuple[Plan, LoopNest, Proved, Subject]] = []
    for nest, nests in nests_of(subject):
        if nests is None or not any(entry.loop == nests.root.id for run in subject.runs for entry in run.entries):
            tally.unusable += 1
            continue
        analysis = analyze_nest(nest)
        checker = NestCheck(subject, nests)
        for plan in random_plans(analysis, rng, plans):
            legality = check_plan(analysis, plan)
            tally.pairs += 1
            tally.affine += affine
            tally.verdicts[type(legality).__name__] += 1
            if isinstance(legality, Undecided) and affine:
                tally.undecided[f"{legality.code}: {_plain(legality.reason)}"] += 1
            if isinstance(legality, Proved):
                proved.append((plan, nest, legality, subject))
            found = checker.check(legality, rng, tally)
            if found is not None:
                kind, why, inputs = found
                tally.findings.append(Finding(kind, seed, program, nests.root.id, plan, spelled(legality), why, inputs))
    return proved


def _plain(reason: str) -> str:
    """Return a reason without the names in it."""
    parts = reason.replace("'", "`").split("`")
    return "`".join("..." if place % 2 else part for place, part in enumerate(parts))


def spelled(legality: Legality) -> str:
    """Return a verdict in words."""
    match legality:
        case Proved(environments=environments, assumptions=assumptions):
            return f"proved, {environments}, assuming {[item.guard or item.text for item in assumptions]}"
        case Refuted(code=code, reason=reason, witness=witness):
            return f"refuted {code}: {reason}: {witness}"
        case Undecided(code=code, reason=reason):
            return f"undecided {code}: {reason}"


class NestCheck:
    """Holds verdicts about one nest against the program."""

    def __init__(self, subject: Subject, nests: NestMap) -> None:
        self._subject = subject
        self._nests = nests
        self._replay = WitnessReplay(nests)
        self._guards: dict[tuple[int, int, str], bool] = {}

    def check(self, legality: Legality, rng: random.Random, tally: Tally) -> tuple[str, str, Inputs | None] | None:
        """Return kind, reason and inputs of what is wrong with a verdict; None if nothing is."""
        if isinstance(legality, Proved):
            why, inputs = self._wrong(legality, rng, tally)
            return (WRONG_PROVED, why, inputs) if why else None
        if isinstance(legality, Refuted) and legality.witness is not None:
            replay = self._replay.check(legality)
            if replay.is_open:
                tally.open_witnesses += 1
            return (FALSE_WITNESS, replay.fault, replay.inputs) if replay.fault else None
        return None

    def _wrong(self, proved: Proved, rng: random.Random, tally: Tally) -> tuple[str, Inputs | None]:
        if any(not item.guard and item.kind is not AssumptionKind.REASSOCIATION for item in proved.assumptions):
            tally.unguarded += 1
        layout = layout_of(self._nests, proved)
        root = self._nests.root.id
        guards = [
            item.guard for item in proved.assumptions if item.guard and item.kind is not AssumptionKind.TRIP_COUNT
        ]
        useful: list[SerialRun] = []
        origins = {name: rng.randrange(-5, 6) for name in self._nests.loops}
        for number, run in enumerate(self._subject.runs):
            entries = [place for place, entry in enumerate(run.entries) if entry.loop == root]
            for place in entries:
                if not all(self._holds(number, place, guard) for guard in guards):
                    continue
                if not useful or useful[-1] is not run:
                    useful.append(run)
                conflict = find_conflict(run, place, self._nests, proved, layout, origins)
                if conflict:
                    return conflict, run.inputs
        if not proved.plan.steps:
            return "", None
        for run in useful:
            for _ in range(SCHEDULES if len(useful) < 3 else 1):
                why = self.execute(run, proved, rng)
                tally.executions += 1
                if why:
                    return why, run.inputs
        return "", None

    def _holds(self, number: int, place: int, guard: str) -> bool:
        key = (number, place, guard)
        found = self._guards.get(key)
        if found is None:
            run = self._subject.runs[number]
            entry = run.entries[place]
            found = self._guards[key] = holds(guard, self._subject.machine, entry.env, run.memory_at(entry))
        return found

    def execute(self, run: SerialRun, proved: Proved, rng: random.Random) -> str:
        """Return how a run under the plan differs from the serial one; ``""`` if it does not."""
        thread = run.inputs.thread(self._subject.machine, 4 * run.steps + 2000)
        transformed = TransformedRun(self._subject.machine, self._nests, proved, rng)
        try:
            transformed.run(thread)
        except Undefined as error:
            return f"the transformed program has no meaning: {error}"
        return differs(self._subject.machine, run, thread.memory, thread.result)
