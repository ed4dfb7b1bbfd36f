"""Questions about sets that the frontend asks while it reads a nest: is it empty, does it imply, when does it hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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
    violating = elements.subtract(condition).compute_divs().remove_divs().params()
    holds = facts.subtract(violating).coalesce()
    if elements.intersect_params(holds).is_empty():
        return None
    # Where there is no element the condition holds anyway, so the answer need only be right where there is one.
    needed = holds.gist(facts.intersect(elements.params())).coalesce()
    basics = cast("list[Any]", needed.get_basic_sets())
    if not basics or len(basics) > _MOST_ALTERNATIVES:
        return None
    alternatives = tuple(_constraints(basic) for basic in basics)
    if any(found is None or len(found) > _MOST_CONSTRAINTS for found in alternatives):
        return None
    found = cast("tuple[tuple[Constraint, ...], ...]", alternatives)
    return Region(SetText(str(needed)), found)


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
