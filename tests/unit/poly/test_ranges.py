"""C text of bounds that hold a rounded division: C rounds towards zero, so a bound must give way to the safe side."""

from __future__ import annotations

import islpy as isl
import pytest

from loopwright.poly.ranges import _text  # pyright: ignore[reportPrivateUsage]
from nests import For, nest


def trunc(left: int, right: int) -> int:
    return int(left / right)


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize(
    "value", ["floor(n/3)", "-floor(n/3)", "m - 2 * floor((n + 1)/4)", "floor((m - floor(n/2))/3)"]
)
def test_a_rounded_division_is_never_on_the_wrong_side(value: str, upper: bool) -> None:
    given = nest("n m", For("i", "0", "n", "a[i] = b[i]"))
    ((_, exact),) = isl.PwAff(f"[n, m] -> {{ [({value})] }}").get_pieces()
    text = _text(given, exact, upper=upper).replace("(long long)", "")
    assert text
    for n in range(-7, 8):
        for m in (-5, 0, 4):
            bound = _value(text, n, m)
            truth = int(exact.eval(_point(exact, n, m)).to_python())
            assert bound >= truth if upper else bound <= truth, (text, n, m)


def _point(exact: isl.Aff, n: int, m: int) -> isl.Point:
    points = isl.Set(f"[n, m] -> {{ : n = {n} and m = {m} }}").align_params(exact.get_domain_space())
    return points.sample_point()


def _value(text: str, n: int, m: int) -> int:
    """Return the value of C text over ``n`` and ``m``; every division in it stands in parentheses of its own."""
    names = {"n": str(n), "m": str(m)}
    tokens = "".join(names.get(character, character) for character in text)
    return _Reader(tokens.replace(" ", "")).sum()


class _Reader:
    """Sums, products and quotients of integers, quotients rounded towards zero."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def _next(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def sum(self) -> int:
        total = self.product()
        while self._next() in ("+", "-") and self._next():
            sign = self._next()
            self._at += 1
            total += self.product() if sign == "+" else -self.product()
        return total

    def product(self) -> int:
        total = self.factor()
        while self._next() in ("*", "/") and self._next():
            sign = self._next()
            self._at += 1
            other = self.factor()
            total = total * other if sign == "*" else trunc(total, other)
        return total

    def factor(self) -> int:
        if self._next() == "-":
            self._at += 1
            return -self.factor()
        if self._next() == "(":
            self._at += 1
            total = self.sum()
            self._at += 1
            return total
        start = self._at
        while self._next().isdigit():
            self._at += 1
        return int(self._text[start : self._at])
