"""Recovers the rows of an array from a subscript such as ``(i*n + j)*m + k``.

For ``a[i*n + k]`` the strides are ``n`` and ``1``, the subscripts ``[i][k]``. That two pairs of
subscripts with ``0 <= k < n`` name one element only if they are equal is for the caller to ensure.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from loopwright.frontend.affine import Atom, Monomial, Poly, atom_symbols


@dataclass(frozen=True, slots=True)
class Layout:
    """How one subscript is split: ``strides`` from the outermost to the innermost, which is a number.

    ``extents`` are the quotients of neighbouring strides: the lengths of the rows, one fewer than the strides.
    """

    strides: tuple[Poly, ...]
    extents: tuple[Poly, ...]


def find_layout(polys: list[Poly], parameters: frozenset[str]) -> Layout | None:
    """Return the split that fits all the subscripts of an array, or None if there is none."""
    factors: dict[Monomial, int] = {(): 0}
    for poly in polys:
        for monomial, coefficient in poly.terms:
            fixed, moving = _parted(monomial, parameters)
            if len(moving) > 1:
                return None
            if moving or fixed in factors:
                factors[fixed] = math.gcd(factors.get(fixed, 0), coefficient)
    for poly in polys:
        for monomial, coefficient in poly.terms:
            fixed, moving = _parted(monomial, parameters)
            if not moving and fixed in factors:
                factors[fixed] = math.gcd(factors[fixed], coefficient)
    if len(factors) == 1:
        factors.update(dict.fromkeys(_fixed_row(polys, parameters), 1))
    factors[()] = factors[()] or 1
    if any(not isinstance(atom, str) for monomial in factors for atom in monomial):
        return None
    ordered = sorted(factors, key=len, reverse=True)
    strides = [Poly(((monomial, factors[monomial]),)) for monomial in ordered]
    if len(strides) < 2:
        return None
    extents: list[Poly] = []
    for outer, inner in itertools.pairwise(ordered):
        quotient = _quotient(outer, inner)
        if quotient is None:
            return None
        if factors[outer] % factors[inner]:
            factors[inner] = math.gcd(factors[outer], factors[inner])
        extents.append(Poly(((quotient, factors[outer] // factors[inner]),)))
    strides = [Poly(((monomial, factors[monomial]),)) for monomial in ordered]
    return Layout(tuple(strides), tuple(extents))


def _fixed_row(polys: list[Poly], parameters: frozenset[str]) -> list[Monomial]:
    """Return the row length that products of parameters alone show (``a[(n - 1)*n + j]``), if there is just one."""
    fixed = {monomial for poly in polys for monomial, _ in poly.terms if _parted(monomial, parameters)[0] == monomial}
    products = [monomial for monomial in fixed if len(monomial) == 2]
    rows = [monomial for monomial in fixed if len(monomial) == 1 and isinstance(monomial[0], str)]
    lengths = [row for row in rows if products and all(_quotient(product, row) is not None for product in products)]
    return lengths if len(lengths) == 1 else []


def split(poly: Poly, layout: Layout) -> list[Poly] | None:
    """Return the subscripts into the rows, outermost first; None if the subscript does not fit."""
    parts: list[list[tuple[Monomial, int]]] = [[] for _ in layout.strides]
    for monomial, coefficient in poly.terms:
        for place, stride in enumerate(layout.strides):
            ((fixed, factor),) = stride.terms
            rest = _quotient(monomial, fixed)
            if rest is not None and coefficient % factor == 0 and len(rest) <= 1:
                parts[place].append((rest, coefficient // factor))
                break
        else:
            return None
    return [Poly.collect(part) for part in parts]


def _parted(monomial: Monomial, parameters: frozenset[str]) -> tuple[Monomial, Monomial]:
    """Return the factors that are fixed in the nest and those that are not."""

    def is_fixed(atom: Atom) -> bool:
        return atom_symbols(atom) <= parameters

    fixed = tuple(atom for atom in monomial if is_fixed(atom))
    return fixed, tuple(atom for atom in monomial if not is_fixed(atom))


def _quotient(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """Return ``monomial / divisor``, or None if it does not divide."""
    rest = list(monomial)
    for atom in divisor:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)
