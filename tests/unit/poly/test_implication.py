"""Questions about sets: emptiness, implication, the parameters for which something holds."""

from __future__ import annotations

from loopwright.core.assumption import SetText
from loopwright.poly.implication import implies, is_empty, region_where

DOMAIN = SetText("[n, m] -> { S[i] : 0 <= i < n }")
KNOWN = SetText("[n, m] -> { : -100 <= n, m <= 100 }")


def condition(text: str) -> SetText:
    return SetText(f"[n, m] -> {{ S[i] : {text} }}")


def test_emptiness() -> None:
    assert is_empty(SetText("[n] -> { [i] : i < n and i >= n }"))
    assert not is_empty(DOMAIN)


def test_implication() -> None:
    assert implies(DOMAIN, condition("i >= 0 and n > 0"))
    assert not implies(DOMAIN, condition("i > 0"))


def test_a_region_is_what_the_parameters_must_satisfy() -> None:
    region = region_where(DOMAIN, condition("i < m"), KNOWN)
    assert region is not None
    ((constraint,),) = region.alternatives
    assert dict(constraint.coefficients) == {"n": -1, "m": 1}
    assert (constraint.constant, constraint.is_equality) == (0, False)


def test_there_is_no_region_where_the_condition_never_holds() -> None:
    assert region_where(DOMAIN, condition("i > n"), KNOWN) is None


def test_there_is_no_region_that_only_empties_the_set() -> None:
    assert region_where(DOMAIN, condition("i > 0"), KNOWN) is None


def test_a_region_may_be_smaller_than_the_truth_never_larger() -> None:
    region = region_where(DOMAIN, condition("2i < m"), KNOWN)
    assert region is not None
    given = SetText(f"[n, m] -> {{ S[i] : 0 <= i < n and {region.text.split(':')[1].split('}')[0]} }}")
    assert implies(given, condition("2i < m"))
