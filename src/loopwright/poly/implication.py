"""Questions about sets that the frontend asks while it reads a nest: is it empty, does it imply, when does it hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, cast

import islpy

from loopwright.core.assumption import SetText

isl = cast("Any", islpy)

_MOST_ALTERNATIVES = 2
_MOST_CONSTRAINTS = 6
_MOST_OPERATIONS = 2_000_000


@dataclass(frozen=True, slots=True)
class Constraint:
    """``sum(coefficient * name) + constant >= 0``, or ``== 0``."""

    coefficients: tuple[tuple[str, int], ...]
    constant: int
    is_equality: bool


@dataclass(frozen=True, slots=True)
class Region:
    """Parameter values: any one of ``alternatives``, each a conjunction of constraints; ``text`` is the same set."""

    text: SetText
    alternatives: tuple[tuple[Constraint, ...], ...]


@lru_cache(maxsize=8192)
def is_empty(text: SetText) -> bool:
    """Return True if no parameters and no element satisfy the set; False also if isl would take too long."""
    context = _context()
    try:
        return bool(isl.Set(text, context).is_empty())
    except isl.Error:
        return False


@lru_cache(maxsize=4096)
def implies(text: SetText, condition: SetText) -> bool:
    """Return True if every element of the set is one of ``condition``; False also if isl would take too long."""
    context = _context()
    try:
        return bool(isl.Set(text, context).is_subset(isl.Set(condition, context)))
    except isl.Error:
        return False


@lru_cache(maxsize=2048)
def region_where(text: SetText, condition: SetText, known: SetText) -> Region | None:
    """Return the parameters for which every element of the set satisfies ``condition``.

    Of the parameters for which the set has elements, the answer may leave out some that would do; it never holds
    one that would not.

    Args:
        text: The elements.
        condition: A set of the same space.
        known: What is known of the parameters, as a set without dimensions; not repeated in the answer.

    Returns:
        None if there are no such parameters for which ``text`` has an element, if the region has no short
        description, or if isl would take too long.
    """
    context = _context()
    try:
        return _region(isl.Set(text, context), isl.Set(condition, context), isl.Set(known, context).params())
    except isl.Error:
        return None


def _context() -> Any:
    """Return a context that stops a question which would take seconds."""
    context = isl.Context()
    context.set_max_operations(_MOST_OPERATIONS)
    return context


def _region(elements: Any, condition: Any, facts: Any) -> Region | None:
    violating = _parameters(elements.subtract(condition))
    holds = facts.subtract(violating).coalesce()
    if elements.intersect_params(holds).is_empty():
        return None
    # Where there is no element the condition holds anyway, so the answer need only be right where there is one.
    occurring = facts.intersect(elements.params())
    needed = holds.gist(occurring).coalesce()
    exact = _described(needed)
    if exact is not None and len(exact.alternatives) == 1:
        return exact
    try:
        simpler = _simpler(elements, condition, occurring)
        if simpler is None or (exact is not None and not occurring.intersect(needed).is_subset(simpler)):
            return exact
    except isl.Error:
        return exact
    return _described(simpler)


def _parameters(elements: Any) -> Any:
    """Return the parameters for which there are elements, or more."""
    return elements.compute_divs().remove_divs().params()


def _described(needed: Any) -> Region | None:
    basics = cast("list[Any]", needed.get_basic_sets())
    if not basics or len(basics) > _MOST_ALTERNATIVES:
        return None
    alternatives = tuple(_constraints(basic) for basic in basics)
    if any(found is None or len(found) > _MOST_CONSTRAINTS for found in alternatives):
        return None
    found = cast("tuple[tuple[Constraint, ...], ...]", alternatives)
    return Region(SetText(str(needed)), found)


def _simpler(elements: Any, condition: Any, occurring: Any) -> Any:
    """Return parameters for which ``condition`` holds, as one or two inequalities for each of its own; None if not so.

    They may be fewer than all.
    """
    conjuncts = [_half_space(constraint) for constraint in condition.simple_hull().get_constraints()]
    if condition.n_basic_set() != 1 or any(conjunct is None for conjunct in conjuncts):
        return None
    arms = [_arms(elements.subtract(conjunct), occurring) for conjunct in conjuncts]
    violated = _parameters(elements.subtract(condition)).intersect(occurring)
    for most in range(_MOST_ALTERNATIVES, 0, -1):
        region = isl.Set.universe(occurring.get_space())
        for each in arms:
            region = region.intersect(reduce(isl.Set.union, each[:most], isl.Set.empty(region.get_space())))
        # What was built is checked, not believed.
        is_sound = violated.is_disjoint(region) and not occurring.is_disjoint(region)
        if is_sound and _described(region) is not None:
            return region
    return None


def _arms(violating: Any, occurring: Any) -> list[Any]:
    """Return inequalities of the parameters, the shortest first, each of which excludes that there is an element.

    What stays below the least of several values stays below 128 if any one of them does.
    """
    # violating in { p : c1(p) >= 0 and .. and ck(p) >= 0 }, so each ci(p) < 0 excludes it
    violated = _parameters(violating).intersect(occurring).remove_redundancies()
    if violated.is_empty():
        return [isl.Set.universe(occurring.get_space())]
    around = violated.unshifted_simple_hull().gist(occurring.simple_hull())
    halves = [_half_space(constraint) for constraint in around.get_constraints()]
    arms = [half.complement() for half in halves if half is not None]
    arms = sorted((arm for arm in arms if not arm.is_disjoint(occurring)), key=_length)
    return [arm for arm in arms if _length(arm)[0] == _length(arms[0])[0]]


def _half_space(constraint: Any) -> Any:
    """Return the set of an inequality; None for an equality and where a division stands in it."""
    divisions = constraint.dim(isl.dim_type.div)
    if constraint.is_equality() or constraint.involves_dims(isl.dim_type.div, 0, divisions):
        return None
    return isl.Set.from_basic_set(isl.BasicSet.universe(constraint.get_space()).add_constraint(constraint))


def _length(arm: Any) -> tuple[int, str]:
    """Return how many parameters the inequality compares; its text makes the order a fixed one."""
    positions = range(arm.dim(isl.dim_type.param))
    return sum(bool(arm.involves_dims(isl.dim_type.param, position, 1)) for position in positions), str(arm)


def _constraints(basic: Any) -> tuple[Constraint, ...] | None:
    if basic.dim(isl.dim_type.div):
        return None
    constraints: list[Constraint] = []
    for constraint in basic.get_constraints():
        pairs = tuple(
            (str(basic.get_dim_name(isl.dim_type.param, index)), coefficient)
            for index in range(basic.dim(isl.dim_type.param))
            if (coefficient := constraint.get_coefficient_val(isl.dim_type.param, index).to_python())
        )
        constant = constraint.get_constant_val().to_python()
        constraints.append(Constraint(pairs, constant, bool(constraint.is_equality())))
    return tuple(sorted(constraints, key=lambda each: (each.coefficients, each.constant)))
