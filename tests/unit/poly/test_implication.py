"""Questions about sets: emptiness, implication, the parameters for which something holds."""

from __future__ import annotations

import itertools
import random

import islpy as isl
import pytest

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


def region_text(domain: str, wanted: str, known: str = "") -> str:
    prefix = "[n, m, k, w]"
    found = region_where(
        SetText(f"{prefix} -> {{ [i, j] : {domain} }}"),
        SetText(f"{prefix} -> {{ [i, j] : {wanted} }}"),
        SetText(f"{prefix} -> {{ : {' and '.join(f'-99 <= {name} <= 99' for name in 'nmkw')} {known} }}"),
    )
    return str(found.text).split("{")[1].strip(" :}") if found is not None else "none"


@pytest.mark.parametrize(
    ("bounds", "wanted", "region"),
    [
        ("j < n and j < m", "0 <= j < 8", "n <= 8 or m <= 8"),
        ("j < n and j < m and j < k", "0 <= j < 8", "k <= 8 or m <= 8"),
        ("(j < n or j < m)", "0 <= j < 8", "n <= 8 and m <= 8"),
        ("j < n and j < m and j < k", "0 <= j < w", "w >= k or w >= m"),
        ("j < n and j < m and j >= k", "0 <= j < 8", "(k >= 0 and n <= 8) or (k >= 0 and m <= 8)"),
        ("j < n and j < m and (j >= k or j >= w) and j > -5", "0 <= j < 8", "none"),
        ("j < n and j < m and j >= k and j >= w", "0 <= j < 8", "k >= 0 and m <= 8"),
    ],
)
def test_one_of_several_bounds_is_enough_and_one_or_two_are_asked_for(bounds: str, wanted: str, region: str) -> None:
    domain = f"0 <= i < n and {bounds if '>=' in bounds else f'0 <= j and {bounds}'}"
    found = region_text(domain, wanted)
    expected = region.replace("none", "false")
    assert isl.Set(f"[n, m, k, w] -> {{ : {found.replace('none', 'false')} }}").is_equal(
        isl.Set(f"[n, m, k, w] -> {{ : {expected} }}")
    ), found


@pytest.mark.parametrize("seed", range(16))
def test_where_the_region_holds_so_does_the_condition(seed: int) -> None:
    chance = random.Random(seed)
    bounds = [
        f"j {sign} {chance.choice('nmkw')} {chance.choice(['', '+ 1', '- 2', '+ i'])}" for sign in ("<", "<", "<=")
    ]
    starts = [f"j >= {chance.choice(['0', 'k', 'w', 'i - 1', 'n - 3'])}" for _ in range(2)]
    upper = f"({bounds[0]} {chance.choice(['and', 'or'])} {bounds[1]}) and {bounds[2]}"
    domain = f"0 <= i < n and {upper} and {starts[0]} and {starts[1]}"
    wanted = chance.choice(["0 <= j < 3", "0 <= j < w", "j < 2", "0 <= i + j < 4"])
    found = region_text(domain, wanted)
    if found == "none":
        return
    space = "[n, m, k, w] -> { [i, j] : "
    wrong = isl.Set(f"{space}{domain} }}").subtract(isl.Set(f"{space}{wanted} }}"))
    region = isl.Set(f"[n, m, k, w] -> {{ : {found} }}")
    for point in itertools.product((-1, 1, 3, 5), repeat=4):
        values = dict(zip("nmkw", point, strict=True))
        fixed = isl.Set(
            f"[n, m, k, w] -> {{ : {' and '.join(f'{name} = {value}' for name, value in values.items())} }}"
        )
        if not region.intersect(fixed).is_empty():
            assert wrong.intersect_params(fixed).is_empty(), (found, values)
