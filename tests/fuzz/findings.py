"""Findings: found again on a smaller program, and written to files of their own."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from pathlib import Path

from fuzz.compiled import Pair, run_batch
from fuzz.examine import CRASH, Finding, NestCheck, Tally, nests_of, serial_runs, spelled, subject_of
from fuzz.generate import depth_of
from fuzz.inputs import Inputs, run_serial
from fuzz.interpret import Machine
from fuzz.nests import NestMap
from fuzz.print_c import print_c
from fuzz.program import For, Program, statements
from fuzz.shrink import shrink
from loopwright.core.legality import Legality, Proved
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Atomic, Plan, Step
from loopwright.errors import LoopwrightError
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan

TRIES = 4
"""Schedules that a smaller program gets to show the fault again."""

COMPILED = "compiled: "
"""How the reason of a finding begins that only the compiled candidate shows."""


def shrunk(finding: Finding, budget_s: float) -> Finding:
    """Return the finding on the smallest program and plan that still show one of its kind."""
    if finding.kind == CRASH:
        steps: tuple[Step, ...] = finding.plan.steps
        program, steps = shrink((finding.program, steps), lambda *case: _crashes(finding, *case), budget_s=budget_s)
        return replace(finding, program=program, plan=replace(finding.plan, steps=steps))
    named = _with_places(finding)
    found: list[Finding] = []

    def fails(program: Program, steps: tuple[Step, ...]) -> bool:
        again = _again(finding, program, steps)
        if again is None:
            return False
        found.append(again)
        return True

    shrink((finding.program, named), fails, budget_s=budget_s)
    return found[-1] if found else finding


def _crashes(finding: Finding, program: Program, steps: tuple[Step, ...]) -> bool:
    del steps
    try:
        subject = subject_of(program, random.Random(finding.seed))
    except (LoopwrightError, ArithmeticError, LookupError, ValueError, TypeError, AssertionError):
        return False  # no program any more
    if subject is None:
        return False
    try:
        for nest, _ in nests_of(subject):
            analyze_nest(nest)
    except LoopwrightError:
        return False
    except Exception as error:  # a crash is what is looked for
        return type(error).__name__ in finding.why
    return False


def _with_places(finding: Finding) -> tuple[Step, ...]:
    """Return the plan's steps with the ids of the program's statements in place of the nest's statement names."""
    subject = subject_of(finding.program, random.Random(finding.seed))
    if subject is None:
        return finding.plan.steps
    for nest, nests in nests_of(subject):
        if nests is not None and nests.root.id == finding.root and nest.id == finding.plan.nest:
            return tuple(
                replace(step, statement=str(min(nests.statements[step.statement])))
                if isinstance(step, Atomic)
                else step
                for step in finding.plan.steps
            )
    return finding.plan.steps


def _with_names(steps: tuple[Step, ...], nest: LoopNest, nests: NestMap) -> tuple[Step, ...]:
    names = {
        str(min(nests.statements[statement.name])): statement.name
        for statement in nest.statements
        if statement.update is not None
    }
    return tuple(
        replace(step, statement=names.get(step.statement, step.statement)) if isinstance(step, Atomic) else step
        for step in steps
    )


def _again(finding: Finding, program: Program, steps: tuple[Step, ...]) -> Finding | None:
    """Return the finding that a smaller case gives; None if it gives none of the same kind."""
    rng = random.Random(finding.seed)
    try:
        machine = Machine(program)
        subject = subject_of(program, rng)
        if subject is None:
            return None
        subject = replace(subject, runs=_runs(program, machine, finding.inputs, rng))
        subject = replace(subject, machine=machine)
        if not subject.runs:
            return None
        for nest, nests in nests_of(subject):
            if nests is None or nests.root.id != finding.root:
                continue
            analysis = analyze_nest(nest)
            plan = Plan(nest.id, _with_names(steps, nest, nests))
            legality = check_plan(analysis, plan)
            checker = NestCheck(subject, nests)
            why = _compiled(finding, program, nest, legality, subject) if finding.why.startswith(COMPILED) else None
            for attempt in range(0 if finding.why.startswith(COMPILED) else TRIES):
                shown = checker.check(legality, random.Random(finding.seed + attempt), Tally())
                if shown is not None and shown[0] == finding.kind:
                    why = shown[1], shown[2]
                    break
            if why is not None:
                return replace(finding, program=program, plan=plan, answer=spelled(legality), why=why[0], inputs=why[1])
    except (LoopwrightError, ArithmeticError, LookupError, ValueError, TypeError, AssertionError):
        return None
    return None


def _runs(program: Program, machine: Machine, inputs: Inputs | None, rng: random.Random) -> tuple:  # type: ignore[type-arg]
    runs = serial_runs(program, machine, rng)
    if inputs is None:
        return runs
    loops = frozenset(item.id for item in statements(program) if isinstance(item, For))
    names = {decl.name for decl in program.parameters} | {decl.name for decl in program.globals}
    fitting = replace(
        inputs,
        numbers=tuple((name, value) for name, value in inputs.numbers if name in names),
        pointers=tuple(item for item in inputs.pointers if item[0] in names and item[1] in names),
        cells=tuple(item for item in inputs.cells if item[0] in names),
    )
    first = run_serial(machine, fitting, loops, 20_000 * depth_of(program))
    return (first, *runs) if first is not None else runs


def _compiled(
    finding: Finding, program: Program, nest: LoopNest, legality: Legality, subject
) -> tuple[str, Inputs | None] | None:  # type: ignore[no-untyped-def]
    del finding
    if not isinstance(legality, Proved):
        return None
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        pair = Pair(program, subject.printed, nest, legality, subject.source, subject.runs)
        outcome = run_batch([pair], Path(folder))
    if not outcome.failures:
        return None
    _, inputs, text = outcome.failures[0]
    return f"{COMPILED}{text}", inputs


def write(finding: Finding, folder: Path, others: int = 0) -> Path:
    """Write a finding as a C file with everything that it takes to see it; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    more = f" (and {others} more plans for the program that it comes from)" if others else ""
    lines = [
        f"// FINDING: {finding.kind}{more}",
        f"// WHY: {finding.why}",
        f"// ANSWER: {finding.answer}",
        *(f"// STEP: {step}" for step in finding.plan.steps),
        f"// INPUTS: {finding.inputs}",
        f"// SEED: {finding.seed}; look at the whole program with: python -m fuzz --replay {finding.seed}",
        "",
    ]
    path = folder / f"{finding.kind}-{finding.seed}.c"
    path.write_text("\n".join(lines) + print_c(finding.program).text, encoding="utf-8")
    return path
