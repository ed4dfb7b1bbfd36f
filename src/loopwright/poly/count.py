"""Counts under concrete parameter values: which elements a nest touches, how many instances run.

``index_bounds`` first. Values for the parameters turn the access relations into sets of integers; a parameter
without a value stays free, and what then has no bound comes back as None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import islpy as isl

from loopwright.core.nest import Statement
from loopwright.poly.convert import LimitError, PolyError, limited, to_map, to_set

_LIMIT_S = 0.5


@dataclass(frozen=True, slots=True)
class Range:
    """Smallest and largest value that occurs; None where there is no bound, or none was found in time."""

    low: int | None
    high: int | None

    @property
    def is_bounded(self) -> bool:
        """Return True if both ends are known."""
        return self.low is not None and self.high is not None

    def joined(self, other: Range) -> Range:
        """Return the smallest range that holds both."""
        return Range(
            None if self.low is None or other.low is None else min(self.low, other.low),
            None if self.high is None or other.high is None else max(self.high, other.high),
        )


UNBOUNDED = Range(None, None)


def index_bounds(
    statements: Iterable[Statement], variable: str, values: Mapping[str, int], *, exact_only: bool = False
) -> tuple[Range, ...] | None:
    """Return, per subscript, the range of the elements of ``variable`` that the statements touch.

    Args:
        statements: Of one nest, or of a function outside its nests.
        variable: ``Variable.name``.
        values: Of the isl parameters.
        exact_only: Leave out the accesses that are over-approximated.

    Returns:
        None if no instance touches the variable under these values.

    Example:
        For ``for (i = 1; i < n; i++) a[i] = a[i-1] + b[i];`` and ``{"n": 8}`` the range of ``a`` is 0 to 7.
    """
    found: tuple[Range, ...] | None = None
    for statement in statements:
        for access in statement.accesses:
            if access.variable != variable or (exact_only and not access.exact):
                continue
            ranges = _access_range(statement, access.relation, values)
            if ranges is None:
                continue
            if found is None:
                found = ranges
            elif len(found) == len(ranges):
                found = tuple(old.joined(new) for old, new in zip(found, ranges, strict=True))
            else:
                return (UNBOUNDED,)
    return found


def instance_bound(statement: Statement, values: Mapping[str, int]) -> int | None:
    """Return an upper bound on the number of instances of ``statement``: the volume of its bounding box.

    None if the domain is not bounded under these values.
    """
    try:
        with limited(_LIMIT_S):
            domain = with_values(to_set(statement.domain), values)
            if domain.is_empty():
                return 0
            volume = 1
            for position in range(domain.dim(isl.dim_type.set)):
                extent = _dimension_range(domain, position)
                if extent.low is None or extent.high is None:
                    return None
                volume *= extent.high - extent.low + 1
            return volume
    except (LimitError, PolyError):
        return None


def _access_range(statement: Statement, relation_text: str, values: Mapping[str, int]) -> tuple[Range, ...] | None:
    try:
        with limited(_LIMIT_S):
            relation = to_map(relation_text).intersect_domain(to_set(statement.domain))
            touched = with_values(relation.range(), values)
            if touched.is_empty():
                return None
            return tuple(_dimension_range(touched, position) for position in range(touched.dim(isl.dim_type.set)))
    except (LimitError, PolyError):
        return (UNBOUNDED,)


def with_values(points: isl.Set, values: Mapping[str, int]) -> isl.Set:
    """Return the points where the parameters have ``values``; parameters without one stay free."""
    for position in range(points.dim(isl.dim_type.param)):
        value = values.get(points.get_dim_name(isl.dim_type.param, position) or "")
        if value is not None:
            points = points.fix_val(isl.dim_type.param, position, isl.Val(value))
    return points


def _dimension_range(points: isl.Set, position: int) -> Range:
    return Range(_to_int(points.dim_min_val(position)), _to_int(points.dim_max_val(position)))


def _to_int(value: isl.Val) -> int | None:
    return value.to_python() if value.is_int() else None
