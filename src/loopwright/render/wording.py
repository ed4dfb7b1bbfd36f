"""Plans, assumptions, witnesses and speed-ups in words and in OpenMP's notation."""

from __future__ import annotations

from typing import assert_never

from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.counted import counted
from loopwright.core.dependence import Witness
from loopwright.core.legality import Basis, DataEnvironment, Legality, Proved, Refuted, Undecided
from loopwright.core.measurement import Measurement
from loopwright.core.plan import Atomic, Interchange, Parallelize, Privatize, Reduce, Schedule, Simd, Step, Tile


def plan_lines(basis: Basis) -> tuple[str, ...]:
    """Return one line per step that shapes the loops: directives as they are written in C, the rest in words.

    Reductions and private copies appear as the clauses of the directive that needs them.
    """
    environments = {environment.loop: environment for environment in basis.environments}
    lines = (_step_line(step, environments) for step in basis.plan.steps)
    return tuple(line for line in lines if line)


def _step_line(step: Step, environments: dict[str, DataEnvironment]) -> str:
    match step:
        case Parallelize():
            return f"#pragma omp parallel for{_clauses(step, environments.get(step.loop))}  (loop {step.loop})"
        case Simd(loop=loop):
            return f"#pragma omp simd{_sharing(environments.get(loop))}  (loop {loop})"
        case Atomic(statement=statement, variable=variable):
            return f"#pragma omp atomic  ({statement}, {variable})"
        case Interchange(order=order):
            return f"interchange the loops to {', '.join(order)}"
        case Tile(band=band, sizes=sizes):
            return f"tile the loops {', '.join(band)} by {' x '.join(map(str, sizes))}"
        case Reduce() | Privatize():
            return ""
        case _:
            assert_never(step)


def _clauses(step: Parallelize, environment: DataEnvironment | None) -> str:
    text = f" collapse({step.collapse})" if step.collapse > 1 else ""
    if step.schedule is not Schedule.AUTO:
        text += f" schedule({step.schedule}" + (f", {step.chunk})" if step.chunk is not None else ")")
    if step.num_threads is not None:
        text += f" num_threads({step.num_threads})"
    return text + _sharing(environment)


def _sharing(environment: DataEnvironment | None) -> str:
    if environment is None:
        return ""
    clauses = [
        f"{name}({', '.join(variables)})"
        for name, variables in (
            ("private", environment.private),
            ("firstprivate", environment.firstprivate),
            ("lastprivate", environment.lastprivate),
        )
        if variables
    ]
    operators = dict.fromkeys(operator for _, operator in environment.reductions)
    clauses += [
        f"reduction({operator}:{', '.join(name for name, by in environment.reductions if by is operator)})"
        for operator in operators
    ]
    return "".join(f" {clause}" for clause in clauses)


def assumption_lines(assumptions: tuple[Assumption, ...]) -> tuple[str, ...]:
    """Return a line per assumption with how it is held; those of one kind that are held alike share a line.

    The guards of a group are in the patch.
    """
    groups: dict[tuple[AssumptionKind, bool], list[Assumption]] = {}
    for assumption in assumptions:
        groups.setdefault((assumption.kind, bool(assumption.guard)), []).append(assumption)
    return tuple(_group_text(group) for group in groups.values())


def _group_text(group: list[Assumption]) -> str:
    first = group[0]
    held = "checked at run time" if first.guard else "stated, not checked"
    if first.guard and len(group) == 1:
        held += f": {first.guard}"
    if first.kind is AssumptionKind.REASSOCIATION:
        held = "stated; --fp strict forbids it"
    names = ", ".join(dict.fromkeys(f"`{name}`" for each in group for name in each.variables))
    if len(group) == 1:
        text = first.text
    elif first.kind is AssumptionKind.NO_ALIAS:
        text = f"{len(group)} pairs of {names} do not overlap"
    elif first.kind is AssumptionKind.REASSOCIATION:
        text = f"the order of the floating-point updates of {names} does not matter"
    else:
        text = "; ".join(each.text for each in group)
    if first.kind is AssumptionKind.NO_ALIAS and first.guard and len(group) > 1:
        held += "; `restrict` in the declarations makes that unnecessary"
    return f"{text} [{first.code}; {held}]"


def witness_lines(witness: Witness, source: tuple[str, ...]) -> tuple[str, ...]:
    """Return the witness and the source lines that it names, where ``source`` has them."""
    lines = [str(witness)]
    for line in dict.fromkeys((witness.source.line, witness.sink.line)):
        if 1 <= line <= len(source):
            lines.append(f"{line:5} | {source[line - 1].strip()}")
    return tuple(lines)


def speedup_text(measurement: Measurement) -> str:
    """Return the speed-up with its interval, its threads, and what it is measured against."""
    threads = counted(measurement.threads, "thread")
    sizes = ", ".join(f"{name}={value}" for name, value in measurement.sizes)
    return f"{measurement.median:.2f}x {_spread_text(measurement)} on {threads}, against {measurement.baseline}" + (
        f", {sizes}" if sizes else ""
    )


def _spread_text(measurement: Measurement) -> str:
    if measurement.interval is None:
        return f"(of {counted(len(measurement.ratios or measurement.candidate.samples_s), 'pair')}, no interval)"
    return f"[{measurement.low:.2f}, {measurement.high:.2f}]"


def duration_text(seconds: float) -> str:
    """Return seconds in the unit that reads best."""
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1.0:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def legality_word(legality: Legality) -> str:
    """Return ``proved``, ``refuted`` or ``undecided``."""
    match legality:
        case Proved():
            return "proved"
        case Refuted():
            return "refuted"
        case Undecided():
            return "undecided"
        case _:
            assert_never(legality)
