"""Counting against isl's own count, which lists the points."""

from __future__ import annotations

import random

import islpy as isl
import pytest

from loopwright.poly.cardinality import count_points
from loopwright.poly.polynomial import power_sum


def affine(names: list[str], generator: random.Random) -> str:
    terms = " + ".join(f"{generator.choice([-2, -1, -1, 0, 1, 1, 2, 3])}*{name}" for name in names)
    return f"{terms} + {generator.randint(-6, 12)}"


def conjunction(names: list[str], generator: random.Random) -> str:
    found = [f"{generator.randint(-4, 0)} <= {name} <= {generator.randint(0, 12)}" for name in names]
    found += [f"{affine(names, generator)} >= 0" for _ in range(generator.randint(0, 2))]
    if generator.random() < 0.4:
        found.append(f"({affine(names, generator)}) mod {generator.choice([2, 3, 4])} = {generator.choice([0, 1])}")
    if generator.random() < 0.3:
        found.append(f"{generator.choice(names)} <= floor(({affine(names, generator)})/{generator.choice([2, 3])})")
    if generator.random() < 0.15:
        found.append(f"exists e: {affine(names, generator)} = {generator.choice([2, 3])}*e and 0 <= e <= 5")
    return " and ".join(f"({each})" for each in found)


@pytest.mark.parametrize("seed", range(8))
def test_random_sets_have_as_many_points_as_isl_lists(seed: int) -> None:
    generator = random.Random(seed)
    for _ in range(25):
        names = ["x", "y", "z"][: generator.choice([1, 2, 3])]
        parts = [f"({conjunction(names, generator)})" for _ in range(generator.choice([1, 1, 2, 3]))]
        text = f"{{ [{', '.join(names)}] : {' or '.join(parts)} }}"
        points = isl.Set(text)
        assert count_points(points) == points.count_val().to_python(), text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("{ [i, j, k] : 0 <= i < j < k < 5000 }", 5000 * 4999 * 4998 // 6),
        ("{ [i, j, k] : 0 <= i, j, k < 1000000 }", 10**18),
        ("{ [i, j] : 0 <= i < 100000 and 0 <= 2j <= i }", sum(i // 2 + 1 for i in range(100000))),
        ("{ [x] : exists i, j : x = 600i + j and 0 <= i < 600 and 1 <= j < 599 }", 600 * 598),
        ("{ A[i, j] : 0 <= i < 10 and 0 <= j <= i and (i + j) mod 2 = 0 }", 30),
        ("{ S[] }", 1),
        ("{ S[] : 1 = 0 }", 0),
        ("[n] -> { [i] : 0 <= i < n and n = 7 }", 7),
        ("[n] -> { [i] : 0 <= i < n and n < 0 }", 0),
    ],
)
def test_large_sets_are_counted_without_listing_them(text: str, count: int) -> None:
    assert count_points(isl.Set(text)) == count


@pytest.mark.parametrize("text", ["{ [i] : i >= 0 }", "[n] -> { [i] : 0 <= i < n }", "[n] -> { [i] : 0 <= i < 3 < n }"])
def test_what_has_no_one_count_has_none(text: str) -> None:
    assert count_points(isl.Set(text)) is None


def test_bounds_that_no_rule_covers_are_listed_or_given_up() -> None:
    assert count_points(isl.Set("{ [i, j] : 0 <= i < 60 and 0 <= 3j <= 2i + 5 }")) == sum(
        (2 * i + 5) // 3 + 1 for i in range(60)
    )
    assert count_points(isl.Set("{ [i, j] : 0 <= i < 10000000 and 0 <= 3j <= 2i + 5 }")) is None


@pytest.mark.parametrize("exponent", range(8))
def test_sums_of_powers(exponent: int) -> None:
    for last in range(7):
        value = sum(factor * last**degree for degree, factor in enumerate(power_sum(exponent)))
        assert value == sum(number**exponent for number in range(1, last + 1))
