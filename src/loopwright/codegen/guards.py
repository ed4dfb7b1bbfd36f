"""When the transformed loop may run and when it is worth it: the ``if`` clause, or a C ``if`` around the nest.

The work estimate is the number of innermost iterations below one execution of the parallel loop. Starting
and joining threads costs a few microseconds, which is about ``WORTHWHILE_ITERATIONS`` cheap iterations, so a
directive whose trip counts are not constants gets the condition that the product of the trip counts exceeds
that number. A trip count that cannot be written in front of the loop (an inner triangular bound) counts as
``UNKNOWN_TRIP_COUNT``. The condition is left out where the constants alone exceed the number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from loopwright.codegen.refusal import refuse
from loopwright.codegen.region import ancestors
from loopwright.codegen.text import has_call, literal, words
from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment
from loopwright.core.nest import Loop, LoopKind, LoopNest

WORTHWHILE_ITERATIONS = 8192
UNKNOWN_TRIP_COUNT = 64
_PLACE = re.compile(r"[^\W\d]\w*((\.|->)\w+(\(\))?)*")
_FOLLOWED = re.compile(r"(\w+)\s*->")


def assumption_guards(
    nest: LoopNest, assumptions: tuple[Assumption, ...], loop: Loop, moved: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the guards of ``assumptions`` for the place in front of ``loop``.

    Guards are written for the place in front of the nest, so a name in one that means something else further in
    makes the plan impossible to guard. ``moved`` are other expressions that the new code evaluates there.
    """
    guards = tuple(dict.fromkeys(assumption.guard for assumption in assumptions if assumption.guard))
    check_not_shadowed(nest, guards, loop.parent)
    return (*_entered(loop, (*guards, *moved)), *guards)


def _entered(loop: Loop, conditions: tuple[str, ...]) -> tuple[str, ...]:
    """Return that ``loop`` has an iteration, where ``conditions`` follow pointers that its header does not.

    Such a pointer may be null where no iteration follows it.
    """
    pointers = set(_FOLLOWED.findall(" ".join(conditions))) - set(_FOLLOWED.findall(f"{loop.lower} {loop.upper}"))
    step = literal(loop.step)
    if not pointers - {"this"} or not step or not loop.upper or _may_have_effect(f"{loop.upper} {loop.lower}"):
        return ()
    lower = loop.lower if literal(loop.lower) is not None else f"({loop.iterator_type.spelling})({loop.lower})"
    return (f"{_comparable(loop.upper)} {'>' if step > 0 else '<'} {lower}",)


def clause_conditions(
    assumptions: tuple[Assumption, ...], environment: DataEnvironment, loops: tuple[Loop, ...]
) -> tuple[str, ...]:
    """Return the guards without which a directive on ``loops`` must not even be reached: an ``if`` clause is too late.

    A loop without iterations would still lose what ``lastprivate`` names; and compilers divide by the step to count the
    iterations before they look at the clause.
    """
    guarded = (item for item in assumptions if item.guard)
    if not environment.is_conditional and all(literal(loop.step) is not None for loop in loops):
        guarded = (item for item in guarded if item.kind is AssumptionKind.TRIP_COUNT)
    conditions = tuple(item.guard for item in guarded)
    return (*_entered(loops[0], conditions), *conditions)


def check_not_shadowed(nest: LoopNest, expressions: Iterable[str], around: str | None) -> None:
    """Refuse if a name in ``expressions`` is declared anew between the nest's root and the body of ``around``."""
    chain = ancestors(nest, around)
    declared = {variable.identifier for variable in nest.variables if variable.scope in chain}
    declared |= {nest.loop(name).iterator for name in chain if nest.loop(name).declares_iterator}
    for expression in expressions:
        hidden = declared & words(expression)
        if hidden:
            refuse(Code.STEP_DOES_NOT_FIT, f"{min(hidden)} in the guard {expression} is declared anew inside the nest")


def conjunction(conditions: Iterable[str]) -> str:
    """Return the conditions joined by ``&&``, "" if there is none.

    >>> conjunction(["a + n <= b || b + n <= a", "n > 1"])
    '(a + n <= b || b + n <= a) && n > 1'
    """
    unique = tuple(dict.fromkeys(conditions))
    if len(unique) == 1:
        return unique[0]
    return " && ".join(f"({condition})" if _binds_loosely(condition) else condition for condition in unique)


def _binds_loosely(condition: str) -> bool:
    depth = 0
    for match in re.finditer(r"[()]|\|\||\?|(?<![=<>!])=(?!=)|,", condition):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0 and match[0] not in "()":
            return True
    return False


def work_guard(nest: LoopNest, counted: tuple[Loop, ...], innermost: str, around: str | None) -> str:
    """Return the condition under which a parallel loop is worth its threads; "" where there is no need of one.

    Args:
        nest: The nest.
        counted: The parallel loop first, then the loops of the same perfect band that lie inside it.
        innermost: The loop of the band whose body holds all other loops of the region.
        around: The loop in whose body the directive stands; None in front of the nest.
    """
    constant, symbolic = _work_below(nest, innermost, around)
    factors: list[str] = []
    for loop in counted:
        number = literal(loop.trip_count)
        if number is not None:
            constant *= max(number, 1)
        elif _is_own(loop, around) or _is_known_in_front(nest, loop.trip_count, around):
            factors.append(loop.trip_count)
        else:
            constant *= UNKNOWN_TRIP_COUNT
    factors.extend(symbolic)
    threshold = math.ceil(WORTHWHILE_ITERATIONS / constant)
    if not factors or threshold <= 1:
        return ""
    if len(factors) == 1:
        return _single_condition(counted, factors[0], threshold)
    product = " * ".join(factor if _PLACE.fullmatch(factor) else f"({factor})" for factor in factors)
    condition = f"1.0 * {product} > {threshold}"
    return conjunction((*_entered(counted[0], (condition,)), condition))


def _single_condition(counted: tuple[Loop, ...], factor: str, threshold: int) -> str:
    """Return ``trip count > threshold``, written on the bound alone where the other end is a constant."""
    loop = next((loop for loop in counted if loop.trip_count == factor), None)
    if loop is not None and not _may_have_effect(f"{loop.upper} {loop.lower}"):
        step, lower, upper = literal(loop.step), literal(loop.lower), literal(loop.upper)
        if step and step > 0 and lower is not None and loop.upper:
            return f"{_comparable(loop.upper)} > {lower + threshold * step}"
        if step and step < 0 and upper is not None:
            return f"{_comparable(loop.lower)} > {upper - threshold * step}"
    return f"{_comparable(factor)} > {threshold}"


def _comparable(text: str) -> str:
    return text if re.fullmatch(r"([\w\s.+\-*/%]|->|\(\))*", text) else f"({text})"


def _may_have_effect(text: str) -> bool:
    """Return True if ``text`` holds a call, other than of a container's ``size()``, or an assignment."""
    return has_call(re.sub(r"(\.|->)size\(\)", "", text))


def _is_own(loop: Loop, around: str | None) -> bool:
    """Return True if the directive stands right in front of ``loop``, where its trip count is known by definition."""
    return loop.parent == around and loop.trip_count != "" and not _may_have_effect(loop.trip_count)


def _is_known_in_front(nest: LoopNest, trip_count: str, around: str | None) -> bool:
    """Return True if ``trip_count`` holds nothing but parameters and iterators of the loops around the directive."""
    iterators = {nest.loop(name).iterator for name in ancestors(nest, around)}
    fixed = frozenset[str]().union(*(words(parameter.expression) for parameter in nest.parameters))
    declared = {variable.identifier for variable in nest.variables if variable.scope is not None}
    named = words(trip_count)
    is_known = bool(trip_count) and named <= iterators | (fixed - declared)
    return is_known and nest.can_evaluate(trip_count) and not _may_have_effect(trip_count)


def _work_below(nest: LoopNest, loop: str, around: str | None) -> tuple[int, tuple[str, ...]]:
    """Return the trip counts of the heaviest chain of loops inside ``loop``: their constant part and the rest."""
    heaviest: tuple[int, tuple[str, ...]] = (1, ())
    for child in nest.loops:
        if child.parent != loop:
            continue
        constant, symbolic = _work_below(nest, child.name, around)
        number = literal(child.trip_count)
        if number is not None:
            constant *= max(number, 1)
        elif child.kind is LoopKind.COUNTED and _is_known_in_front(nest, child.trip_count, around):
            symbolic = (child.trip_count, *symbolic)
        else:
            constant *= UNKNOWN_TRIP_COUNT
        if (len(symbolic), constant) > (len(heaviest[1]), heaviest[0]):
            heaviest = (constant, symbolic)
    return heaviest
