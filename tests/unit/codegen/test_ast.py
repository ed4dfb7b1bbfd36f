"""Loops from isl against brute force: every iteration once, in the order that the schedule asks for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopwright.core.assumption import SetText
from loopwright.poly.ast import Axis, NoScan, Scan, ScheduledLoop, scan_band
from loopwright.poly.loops import Affine, Branch, Compare, Condition, Division, Extreme, ForLoop, Leaf, Name, Node

EVERYTHING = (SetText("{ : }"),)
Values = dict[str, int]


def evaluate(value: Affine, values: Values) -> int:
    total = value.constant
    for operand, factor in value.terms:
        match operand:
            case Name(name):
                number = values[name]
            case Extreme(kind, arguments):
                number = (min if kind == "min" else max)(evaluate(argument, values) for argument in arguments)
            case Division(kind, dividend, divisor):
                dividend_value = evaluate(dividend, values)
                if kind != "floor":
                    assert dividend_value >= 0 or dividend_value % divisor == 0
                number = dividend_value % divisor if kind == "remainder" else dividend_value // divisor
        total += factor * number
    return total


def holds(condition: Condition, values: Values) -> bool:
    if isinstance(condition, Compare):
        left, right = evaluate(condition.left, values), evaluate(condition.right, values)
        results = {"<=": left <= right, "<": left < right, ">=": left >= right, ">": left > right, "==": left == right}
        return results[condition.op]
    return (all if condition.op == "&&" else any)(holds(argument, values) for argument in condition.arguments)


def run(node: Node, values: Values) -> Iterator[Values]:
    match node:
        case ForLoop():
            current = evaluate(node.start, values)
            for _ in range(10_000):
                bound = evaluate(node.bound, values)
                ahead = bound - current if node.step > 0 else current - bound
                if ahead < 0 or (ahead == 0 and not node.inclusive):
                    return
                yield from run(node.body, {**values, node.name: current})
                current += node.step
            raise AssertionError("the loop does not end")
        case Branch():
            if holds(node.condition, values):
                yield from run(node.then, values)
        case Leaf():
            yield {axis: evaluate(value, values) for axis, value in node.values}


def visited(scan: Scan | NoScan, **values: int) -> list[tuple[int, ...]]:
    assert isinstance(scan, Scan), scan
    return [tuple(point.values()) for point in run(scan.root, values)]


def tiles(*sizes: int, names: str = "ij") -> tuple[ScheduledLoop, ...]:
    return (
        *(ScheduledLoop(f"{name}_tile", name, size) for name, size in zip(names, sizes, strict=True)),
        *(ScheduledLoop(name, name) for name in names),
    )


SHAPES: dict[str, tuple[str, Callable[[int], list[tuple[int, int]]]]] = {
    "rectangle": (
        "[n] -> { S[i, j] : 0 <= i < n and 0 <= j < n + 2 }",
        lambda n: [(i, j) for i in range(n) for j in range(n + 2)],
    ),
    "lower triangle": (
        "[n] -> { S[i, j] : 1 <= i < n and 0 <= j <= i }",
        lambda n: [(i, j) for i in range(1, n) for j in range(i + 1)],
    ),
    "upper triangle": (
        "[n] -> { S[i, j] : 0 <= i < n and i < j < n }",
        lambda n: [(i, j) for i in range(n) for j in range(i + 1, n)],
    ),
    "negative bounds": (
        "[n] -> { S[i, j] : -n <= i < 3 and -5 <= j < n - 4 }",
        lambda n: [(i, j) for i in range(-n, 3) for j in range(-5, n - 4)],
    ),
    "strided": (
        "[n] -> { S[i, j] : 2 <= i < n and (i - 2) mod 3 = 0 and 0 <= j < n and j mod 2 = 0 }",
        lambda n: [(i, j) for i in range(2, n, 3) for j in range(0, n, 2)],
    ),
    "without a diagonal": (
        "[n] -> { S[i, j] : 0 <= i < n and 0 <= j < n and i != j }",
        lambda n: [(i, j) for i in range(n) for j in range(n) if i != j],
    ),
    "halved": (
        "[n] -> { S[i, j] : 0 <= i < n and 0 <= j and 2j <= i }",
        lambda n: [(i, j) for i in range(n) for j in range(i // 2 + 1)],
    ),
}
SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 17)


@pytest.mark.parametrize("shape", SHAPES)
def test_tiled_iterations_run_once_each_tile_by_tile(shape: str) -> None:
    domain, brute = SHAPES[shape]
    axes = (Axis("i"), Axis("j"))
    extent = 12 if shape == "strided" else 4
    scan = scan_band((SetText(domain),), (), 0, axes, tiles(extent, extent), EVERYTHING)
    for n in SIZES:
        points = brute(n)
        found = visited(scan, n=n)
        assert sorted(found) == sorted(points), n
        # Tiles start at any origin, the same for all: within the found order tile numbers never go back.
        assert any(
            found == sorted(points, key=lambda p, a=a, b=b: ((p[0] - a) // extent, (p[1] - b) // extent, *p))
            for a, b in itertools.product(range(extent), repeat=2)
        ), n


@pytest.mark.parametrize("shape", SHAPES)
def test_interchanged_iterations_run_column_by_column(shape: str) -> None:
    domain, brute = SHAPES[shape]
    order = (ScheduledLoop("j", "j"), ScheduledLoop("i", "i"))
    scan = scan_band((SetText(domain),), (), 0, (Axis("i"), Axis("j")), order, EVERYTHING)
    for n in SIZES:
        assert visited(scan, n=n) == sorted(brute(n), key=lambda point: (point[1], point[0])), n


def test_parameters_may_be_called_like_dimensions() -> None:
    domain = SetText("[x0, x1] -> { S[i, j] : 0 <= i < x1 and x0 <= j < 6 }")
    scan = scan_band((domain,), (), 0, (Axis("i"), Axis("j")), tiles(4, 4), (SetText("{ : }"),))
    assert sorted(visited(scan, x0=2, x1=5)) == sorted(itertools.product(range(5), range(2, 6)))


@pytest.mark.parametrize("shape", SHAPES)
def test_loops_that_run_downwards_still_do(shape: str) -> None:
    domain, brute = SHAPES[shape]
    order = (ScheduledLoop("j", "j"), ScheduledLoop("i", "i"))
    scan = scan_band((SetText(domain),), (), 0, (Axis("i"), Axis("j", descending=True)), order, EVERYTHING)
    for n in SIZES:
        assert visited(scan, n=n) == sorted(brute(n), key=lambda point: (-point[1], point[0])), n
    tiled = scan_band(
        (SetText(domain),), (), 0, (Axis("i", descending=True), Axis("j", descending=True)), tiles(6, 6), EVERYTHING
    )
    for n in SIZES:
        assert sorted(visited(tiled, n=n)) == sorted(brute(n)), n


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(*[st.integers(-2, 2)] * 4),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.booleans(),
    st.integers(0, 9),
)
def test_random_parallelograms(factors: tuple[int, int, int, int], sizes: tuple[int, int], down: bool, n: int) -> None:
    low, slope, high, outer = factors
    text = f"[n] -> {{ S[i, j] : {outer} <= i < n and {low} + {slope}i <= j < n + {high} + {slope}i }}"
    points = [(i, j) for i in range(outer, n) for j in range(low + slope * i, n + high + slope * i)]
    scan = scan_band((SetText(text),), (), 0, (Axis("i"), Axis("j", down)), tiles(*sizes), EVERYTHING)
    assert sorted(visited(scan, n=n)) == sorted(points)


def test_bounds_of_rectangular_tiles_read_like_hand_written_ones() -> None:
    domain = SetText("[n] -> { S[i, j] : 0 <= i < n and 0 <= j < n }")
    scan = scan_band((domain,), (), 0, (Axis("i"), Axis("j")), tiles(32, 32), EVERYTHING)
    assert isinstance(scan, Scan)
    outer = scan.root
    assert isinstance(outer, ForLoop)
    assert (outer.name, outer.start, outer.bound, outer.inclusive, outer.step) == (
        "i_tile",
        Affine(()),
        Affine(((Name("n"), 1),)),
        False,
        32,
    )


def test_what_the_loops_around_imply_is_not_tested_again() -> None:
    domain = SetText("[n] -> { S[t, i, j] : 0 <= t < n and t <= i < n and 0 <= j < n }")
    axes = (Axis("i"), Axis("j"))
    known = SetText("[n, t] -> { : 0 <= t < n }")
    assert isinstance(scan_band((domain,), (), 1, axes, tiles(4, 4), (known,)).root, ForLoop)
    unknown = scan_band((domain,), (), 1, axes, tiles(4, 4), EVERYTHING)
    assert sorted(visited(unknown, n=6, t=2)) == [(i, j) for i in range(2, 6) for j in range(6)]


def test_a_domain_that_is_not_exact_does_not_bound_loops() -> None:
    exact = SetText("[n] -> { S[i, j] : 0 <= i < n and 0 <= j < n }")
    wider = SetText("[n] -> { T[i, j] : 0 <= i < n and 0 <= j <= n }")
    axes = (Axis("i"), Axis("j"))
    assert isinstance(scan_band((), (exact,), 0, axes, tiles(4, 4), EVERYTHING), NoScan)
    assert isinstance(scan_band((exact,), (wider,), 0, axes, tiles(4, 4), EVERYTHING), NoScan)
    assert isinstance(scan_band((exact,), (exact,), 0, axes, tiles(4, 4), EVERYTHING), Scan)


def test_headers_that_say_less_than_the_statements_do_not_count() -> None:
    ends = SetText("{ S[i] : 0 <= i < 3 or 9 <= i < 12 }")
    wide, narrow = (SetText(f"{{ B[i] : 0 <= i < {end} }}") for end in (12, 10))
    order = (ScheduledLoop("i", "i"),)
    whole = scan_band((ends,), (), 0, (Axis("i"),), order, EVERYTHING, wide)
    assert visited(whole) == [(i,) for i in range(12)]
    exact = scan_band((ends,), (), 0, (Axis("i"),), order, EVERYTHING, narrow)
    assert visited(exact) == [(i,) for i in (0, 1, 2, 9, 10, 11)]


def test_an_unbounded_domain_is_refused() -> None:
    domain = SetText("[n] -> { S[i, j] : 0 <= i < n and 0 <= j }")
    answer = scan_band((domain,), (), 0, (Axis("i"), Axis("j")), tiles(4, 4), EVERYTHING)
    assert answer == NoScan("the bounds of loop j are not affine")


def test_a_domain_that_names_other_loops_is_refused() -> None:
    domain = SetText("[n] -> { S[i, k] : 0 <= i < n and 0 <= k < n }")
    assert isinstance(scan_band((domain,), (), 0, (Axis("i"), Axis("j")), tiles(4, 4), EVERYTHING), NoScan)


def test_text_that_is_not_isl_is_refused_not_raised() -> None:
    assert isinstance(scan_band((SetText("{ S[i"),), (), 0, (Axis("i"),), tiles(4, names="i"), EVERYTHING), NoScan)
