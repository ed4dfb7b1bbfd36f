from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Reduce, Simd, Tile
from loopwright.propose.cost import estimate, is_uneven, trips

ADD = ReductionOperator.ADD


def test_parallel_beats_serial_and_outer_beats_inner(samples: SimpleNamespace) -> None:
    analysis = samples.matmul
    serial, outer, middle, inner = (
        estimate(analysis, Plan("matmul:3", steps))
        for steps in ((), (Parallelize("i"),), (Parallelize("j"),), (Parallelize("k"), Reduce("C", ADD)))
    )
    assert outer < middle < inner
    assert outer < serial / 3


def test_walking_rows_beats_walking_columns(samples: SimpleNamespace) -> None:
    analysis = samples.matmul
    orders = {
        order: estimate(analysis, Plan("matmul:3", (Interchange(order),)))
        for order in (("i", "k", "j"), ("j", "k", "i"))
    }
    original = estimate(analysis, Plan("matmul:3"))
    assert orders["i", "k", "j"] < original / 2 < original < orders["j", "k", "i"]


def test_tiles_help_where_columns_are_walked(samples: SimpleNamespace) -> None:
    analysis = samples.matmul
    tiled = Plan("matmul:3", (Tile(("i", "j", "k"), (32, 32, 32)),))
    assert estimate(analysis, tiled) < estimate(analysis, Plan("matmul:3"))


def test_vectors_help_a_sum_only_where_it_may_be_reassociated(samples: SimpleNamespace) -> None:
    analysis = samples.row_sums
    assert estimate(analysis, Plan("rows:7", (Simd("j"), Reduce("s", ADD)))) < estimate(analysis, Plan("rows:7")) / 2


def test_an_atomic_update_costs_more_than_a_reduction(samples: SimpleNamespace) -> None:
    analysis = samples.histogram
    reduction = Plan("histogram:4", (Parallelize("i"), Reduce("count", ADD)))
    atomic = Plan("histogram:4", (Parallelize("i"), Atomic("S0", "count")))
    assert estimate(analysis, reduction) < estimate(analysis, atomic)


def test_a_region_that_is_entered_often_costs(samples: SimpleNamespace) -> None:
    analysis = samples.sweeps
    both = estimate(analysis, Plan("jacobi:9", (Parallelize("i"), Parallelize("k"))))
    i = analysis.nest.loops[1]
    small = replace(
        analysis,
        nest=replace(analysis.nest, loops=(analysis.nest.loops[0], replace(i, trip_count="4"), analysis.nest.loops[2])),
    )
    assert estimate(small, Plan("jacobi:9", (Parallelize("i"),))) > estimate(small, Plan("jacobi:9"))
    assert both < estimate(analysis, Plan("jacobi:9"))


def test_trip_counts_that_are_no_numbers_are_guessed(samples: SimpleNamespace) -> None:
    analysis = samples.matmul
    i, j, k = analysis.nest.loops
    known = replace(analysis, nest=replace(analysis.nest, loops=(replace(i, trip_count="64"), j, k)))
    assert trips(known, "i") == 64
    assert trips(known, "j") == pytest.approx(1000)
    assert trips(samples.recurrence, "i") == 1e6


def test_uneven_loops(samples: SimpleNamespace) -> None:
    analysis = samples.row_sums
    i, j = analysis.nest.loops
    assert not is_uneven(analysis, "i")
    assert is_uneven(replace(analysis, nest=replace(analysis.nest, loops=(i, replace(j, lower="row[i]")))), "i")
    assert not is_uneven(replace(analysis, nest=replace(analysis.nest, loops=(i, replace(j, lower="ii")))), "i")


def test_a_plan_that_makes_no_sense_still_has_a_cost(samples: SimpleNamespace) -> None:
    steps = (Interchange(("x", "y")), Tile(("x",), (8,)), Parallelize("nowhere_tile"), Simd("nowhere"))
    assert estimate(samples.matmul, Plan("matmul:3", steps)) > 0
