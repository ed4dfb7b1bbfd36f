"""The abstract of a nest: the short text from which a model plans.

It is made of the analysis alone. Nothing of the user's source text enters it except identifiers and expressions,
and those only as letters, digits and operators, so a comment or a string of the source can say nothing to a model.

The abstract of ``for (i...) for (j...) s[i] += a[i][j]``::

    nest f:1
    loops:
    i: 0 <= i < n
     j: 0 <= j < m, whole body of i
    accesses:
    in i, j: writes s[i]; reads a[i, j]; updates s with + (S0)
    variables: s double array, a double array
    dependences:
    i carries none: parallel
    j carries anti, flow, output on s: parallel with reduce s +
    machine: 2 cores, L1 48 KiB, L2 1024 KiB
"""

from __future__ import annotations

import re

from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.legality import Proved, Refuted, Undecided
from loopwright.core.measurement import Environment
from loopwright.core.nest import Access, AccessKind, Loop, LoopKind, LoopNest, Statement
from loopwright.propose.choices import choices_of

_MAX_LOOPS = 12
_MAX_GROUPS = 10
_MAX_NAMES = 12
_MAX_VARIABLES = 20
_MAX_TEXT = 40
_COMMENT = re.compile(r"/\*.*?(\*/|$)|//[^\n]*", re.DOTALL)
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_ +\-*/%()<>=!&|.,:?\[\]]+")


def describe_nest(analysis: NestAnalysis, host: Environment) -> str:
    """Return the abstract of a nest, 100 to 300 tokens for most."""
    nest = analysis.nest
    lines = [f"nest {plain(nest.id)}", "loops:"]
    lines += _capped([describe_loop(loop, nest) for loop in nest.loops], _MAX_LOOPS)
    lines.append("accesses:")
    lines += _capped(_accesses(nest), _MAX_GROUPS)
    lines.append(f"variables: {', '.join(_variables(nest))}")
    lines.append("dependences:")
    named = set(choices_of(nest).loops)
    lines += _capped([describe_dependences(analysis, loop.loop) for loop in analysis.loops if loop.loop in named], 12)
    lines += [f"permutable: {', '.join(band)}" for band in analysis.bands[:4]]
    lines.append(f"machine: {host.cores} cores, L1 {host.l1d_bytes >> 10} KiB, L2 {host.l2_bytes >> 10} KiB")
    return "\n".join(lines)


def describe_loop(loop: Loop, nest: LoopNest) -> str:
    """Return the line of one loop, indented by its depth."""
    indent = " " * loop.depth
    if loop.kind is LoopKind.UNCOUNTED:
        return f"{indent}{loop.name}: not a counted loop, cannot be changed"
    bounds = f"{plain(loop.lower)} <= {loop.name} < {plain(loop.upper)}"
    if loop.step.startswith("-"):
        bounds = f"{plain(loop.lower)} >= {loop.name} > {plain(loop.upper)}"
    text = f"{indent}{loop.name}: {bounds if loop.upper else f'from {plain(loop.lower)}'}"
    if loop.step not in ("1", "-1"):
        text += f" step {plain(loop.step)}"
    if loop.trip_count and not (loop.lower == "0" and loop.trip_count == loop.upper):
        text += f", {plain(loop.trip_count)} iterations"
    if loop.parent is not None and nest.loop(loop.parent).perfect_child == loop.name:
        text += f", whole body of {loop.parent}"
    return text


def describe_dependences(analysis: NestAnalysis, loop: str) -> str:
    """Return what one loop carries and what parallelizing it takes."""
    carried: dict[str, set[str]] = {}
    for dependence in analysis.dependences:
        if dependence.carried_by == loop:
            kind = dependence.kind.value if dependence.exact else f"possible {dependence.kind.value}"
            carried.setdefault(dependence.variable, set()).add(kind)
    if not carried:
        text = f"{loop} carries none"
    else:
        alike: dict[str, list[str]] = {}
        for name, kinds in carried.items():
            alike.setdefault(", ".join(sorted(kinds)), []).append(plain(name))
        groups = (f"{kinds} on {', '.join(_capped(names, _MAX_NAMES))}" for kinds, names in alike.items())
        text = f"{loop} carries {'; '.join(groups)}"
    return f"{text}: {_answer(analysis.loop(loop))}"


def plain(text: str) -> str:
    """Return C or isl text as identifiers, numbers and operators on one line, comments left out, cut to a length."""
    flat = " ".join(_NOT_PLAIN.sub(" ", _COMMENT.sub(" ", text)).split())
    return flat if len(flat) <= _MAX_TEXT else f"{flat[: _MAX_TEXT - 3]}..."


def _answer(loop: LoopAnalysis) -> str:
    helpers = [f"reduce {plain(name)} {operator.value}" for name, operator in loop.reductions]
    helpers += [f"privatize {plain(name)}" for name in loop.privates]
    match loop.legality:
        case Proved():
            return f"parallel with {', '.join(helpers)}" if helpers else "parallel"
        case Refuted():
            return "not parallel"
        case Undecided():
            return "unknown"


def _accesses(nest: LoopNest) -> list[str]:
    """Return a line per group of statements in the same loops; what lives within one iteration is left out."""
    own = {variable.name for variable in nest.variables if variable.scope is not None and variable.rank == 0}
    groups: dict[tuple[str, ...], list[Statement]] = {}
    for statement in nest.statements:
        groups.setdefault(statement.loops, []).append(statement)
    lines: list[str] = []
    for loops, statements in groups.items():
        parts: list[str] = []
        for kind, word in ((AccessKind.WRITE, "writes"), (AccessKind.READ, "reads")):
            found = [access for statement in statements for access in statement.accesses if access.kind is kind]
            shown = [access for access in found if access.variable not in own and not _is_read_of_update(access)]
            names = list(dict.fromkeys(_access(access, nest) for access in shown))
            parts += [f"{word} {', '.join(_capped(names, _MAX_NAMES))}"] if names else []
        updates = [
            f"{plain(statement.update.variable)} with {statement.update.operator.value} ({statement.name})"
            for statement in statements
            if statement.update is not None
        ]
        parts += [f"updates {', '.join(_capped(updates, _MAX_NAMES))}"] if updates else []
        if parts:
            lines.append(f"in {', '.join(loops) or 'no loop'}: {'; '.join(parts)}")
    return lines


def _is_read_of_update(access: Access) -> bool:
    return access.is_update and access.kind is AccessKind.READ


def _access(access: Access, nest: LoopNest) -> str:
    if nest.variable(access.variable).rank == 0:
        return plain(access.variable)
    if not access.exact:
        steering = ", ".join(plain(name) for name in access.index_variables) or "?"
        return f"{plain(access.variable)}[by {steering}]" if access.index_variables else f"{plain(access.variable)}[?]"
    _, _, subscripts = access.relation.rpartition("-> ")
    _, _, inner = subscripts.partition("[")
    return f"{plain(access.variable)}[{plain(inner.partition(']')[0])}]"


def _variables(nest: LoopNest) -> list[str]:
    iterators = {loop.iterator for loop in nest.loops}
    texts = [
        f"{plain(variable.name)} {plain(variable.element.spelling)} {'array' if variable.rank else 'scalar'}"
        for variable in nest.variables
        if variable.name not in iterators and variable.scope is None  # an iteration's own are in its statements
    ]
    return _capped(texts, _MAX_VARIABLES)


def _capped(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"and {len(lines) - most} more"]
