"""Polynomials with rational coefficients, and their sums over an interval: what counting points is made of."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import comb

Monomial = tuple[int, ...]
"""Exponents, one per variable."""


class Polynomial:
    """A polynomial over a fixed number of variables; a value."""

    def __init__(self, terms: dict[Monomial, Fraction]) -> None:
        """Make the sum of ``terms``; those that are zero are left out."""
        self.terms = {monomial: factor for monomial, factor in terms.items() if factor}

    @staticmethod
    def constant(value: int | Fraction, variables: int) -> Polynomial:
        """Return ``value`` as a polynomial over so many variables."""
        return Polynomial({(0,) * variables: Fraction(value)})

    @staticmethod
    def affine(coefficients: tuple[int, ...], constant: int) -> Polynomial:
        """Return the sum of the variables times ``coefficients``, plus ``constant``."""
        size = len(coefficients)
        terms = {(0,) * size: Fraction(constant)}
        for position, factor in enumerate(coefficients):
            terms[tuple(int(at == position) for at in range(size))] = Fraction(factor)
        return Polynomial(terms)

    @property
    def value(self) -> Fraction:
        """Return the constant term: the value, where no variable is left."""
        return next((factor for monomial, factor in self.terms.items() if not any(monomial)), Fraction(0))

    def plus(self, other: Polynomial) -> Polynomial:
        """Return the sum of both."""
        terms = dict(self.terms)
        for monomial, factor in other.terms.items():
            terms[monomial] = terms.get(monomial, Fraction(0)) + factor
        return Polynomial(terms)

    def times(self, other: Polynomial) -> Polynomial:
        """Return the product of both."""
        terms: dict[Monomial, Fraction] = {}
        for first, factor in self.terms.items():
            for second, by in other.terms.items():
                monomial = tuple(one + two for one, two in zip(first, second, strict=True))
                terms[monomial] = terms.get(monomial, Fraction(0)) + factor * by
        return Polynomial(terms)

    def scaled(self, factor: Fraction) -> Polynomial:
        """Return ``factor`` times this."""
        return Polynomial({monomial: factor * each for monomial, each in self.terms.items()})

    def power(self, exponent: int, variables: int) -> Polynomial:
        """Return this to the power ``exponent``, at least 0."""
        result = Polynomial.constant(1, variables)
        for _ in range(exponent):
            result = result.times(self)
        return result

    def parts(self, position: int) -> dict[int, Polynomial]:
        """Return the coefficient of each power of one variable; no coefficient has that variable."""
        found: dict[int, dict[Monomial, Fraction]] = {}
        for monomial, factor in self.terms.items():
            rest = (*monomial[:position], 0, *monomial[position + 1 :])
            found.setdefault(monomial[position], {})[rest] = factor
        return {exponent: Polynomial(terms) for exponent, terms in found.items()}

    def substituted(self, position: int, replacement: Polynomial) -> Polynomial:
        """Return this with ``replacement`` in place of one variable."""
        variables = _variables(replacement, self)
        result = Polynomial({})
        for exponent, part in self.parts(position).items():
            result = result.plus(part.times(replacement.power(exponent, variables)))
        return result

    def summed(self, position: int, low: Polynomial, high: Polynomial) -> Polynomial:
        """Return the sum over the values of one variable from ``low`` to ``high``, where ``low <= high + 1``."""
        # sum_{v = low}^{high} v^k = S_k(high) - S_k(low - 1), an identity of polynomials wherever low <= high + 1
        variables = _variables(low, high, self)
        below = low.plus(Polynomial.constant(-1, variables))
        result = Polynomial({})
        for exponent, part in self.parts(position).items():
            for degree, factor in enumerate(power_sum(exponent)):
                rise = high.power(degree, variables).plus(below.power(degree, variables).scaled(Fraction(-1)))
                result = result.plus(part.times(rise).scaled(factor))
        return result


def _variables(*polynomials: Polynomial) -> int:
    return next((len(monomial) for each in polynomials for monomial in each.terms), 0)


@cache
def power_sum(exponent: int) -> tuple[Fraction, ...]:
    """Return the coefficients, constant first, of the polynomial S with S(n) = 1^k + 2^k + ... + n^k (Faulhaber).

    >>> [str(factor) for factor in power_sum(1)]
    ['0', '1/2', '1/2']
    """
    # S_k(n) = 1 / (k + 1) * sum_{j = 0}^{k} C(k + 1, j) B_j n^(k + 1 - j), with B_1 = +1/2
    factors = [Fraction(0)] * (exponent + 2)
    for index in range(exponent + 1):
        factors[exponent + 1 - index] = Fraction(comb(exponent + 1, index), exponent + 1) * _bernoulli(index)
    return tuple(factors)


@cache
def _bernoulli(index: int) -> Fraction:
    if index == 1:
        return Fraction(1, 2)
    earlier = [Fraction(-1, 2) if at == 1 else _bernoulli(at) for at in range(index)]
    total = sum((comb(index + 1, at) * value for at, value in enumerate(earlier)), Fraction(0))
    return Fraction(1) if index == 0 else -total / (index + 1)
