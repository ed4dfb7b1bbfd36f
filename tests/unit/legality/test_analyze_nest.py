"""Answers per loop: helpers that are found, explanations, bands, limits, and the time it takes."""

from __future__ import annotations

import time
from dataclasses import replace

from loopwright.core.assumption import Assumption, AssumptionKind, SetText
from loopwright.core.codes import Code
from loopwright.core.legality import Proved, Refuted, Undecided
from loopwright.core.nest import LoopNest, ReductionOperator
from loopwright.core.plan import Parallelize, Plan, Privatize, Reduce
from loopwright.core.variable import Storage
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan
from nests import For, array, local_array, nest, scalar


def matmul() -> LoopNest:
    statement = "C[i][j] += A[i][k] B[k][j]"
    return nest("n m p", For("i", "0", "n", For("j", "0", "m", For("k", "0", "p", statement))))


def test_the_steps_that_a_loop_needs_are_found() -> None:
    body = ["t = b[i]", "s += t", "a[i] = t"]
    analysis = analyze_nest(nest("n", For("i", "0", "n", body), scalar("s", live_out=True)))
    assert analysis.helper_steps("i") == (Reduce("s", ReductionOperator.ADD), Privatize("t"))
    assert analysis.loop("i").is_parallel


def test_matmul() -> None:
    analysis = analyze_nest(matmul())
    assert [loop.is_parallel for loop in analysis.loops] == [True, True, False]
    assert analysis.bands == (("i", "j", "k"),)
    flow = next(item for item in analysis.dependences if item.kind == "flow")
    assert (flow.carried_by, flow.distances, flow.exact) == ("k", ("0", "0", "+"), True)


def test_scalars_are_explained_by_what_was_tried() -> None:
    cases = {
        Code.REDUCTION_ESCAPES: ["s += b[i]", "a[i] = s"],
        Code.VALUE_CROSSES_ITERATIONS: ["a[i] = s", "s = b[i]"],
        Code.REDUCTION_NOT_ASSOCIATIVE: ["s = s b[i]"],
    }
    for code, body in cases.items():
        legality = analyze_nest(nest("n", For("i", "0", "n", body))).loops[0].legality
        assert isinstance(legality, Refuted)
        assert legality.code is code
        assert legality.witness is not None
        assert legality.witness.element == "s"


def test_a_work_array_that_outlives_the_nest_is_a_last_value() -> None:
    body = [For("j", "0", "8", "w[j] = b[i][j]"), For("k", "0", "8", "a[i][k] = w[k]")]
    work = local_array("w", "8", storage=Storage.GLOBAL, live_out=True)
    legality = analyze_nest(nest("n", For("i", "0", "n", body), work)).loops[0].legality
    assert isinstance(legality, Refuted)
    assert legality.code is Code.LAST_VALUE_USED


def test_a_variable_of_an_outer_iteration_is_shared_by_the_inner_loop() -> None:
    body = ["t = b[i]", For("j", "0", "m", ["t = c[j]", "a[i][j] = t"])]
    analysis = analyze_nest(nest("n m", For("i", "0", "n", body), scalar("t", scope="i")))
    assert analysis.loop("i").is_parallel
    assert analysis.loop("i").privates == ()
    assert analysis.loop("j").privates == ("t",)
    (plan,) = {loop.legality.plan for loop in analysis.loops if loop.loop == "j"}
    assert plan == Plan("f:1", (Parallelize("j"), Privatize("t")))
    assert isinstance(check_plan(analysis, Plan("f:1", (Parallelize("j"),))), Refuted)


def test_a_static_of_the_body_is_one_object() -> None:
    given = nest("n", For("i", "0", "n", ["t = b[i]", "a[i] = t"]), scalar("t", scope="i", storage=Storage.STATIC))
    assert not analyze_nest(given).loop("i").is_parallel


def test_the_nests_own_assumptions_come_with_the_proof() -> None:
    bounds = Assumption(
        AssumptionKind.SUBSCRIPT_BOUNDS,
        "k < n",
        "k < n",
        Code.SUBSCRIPT_BOUNDS,
        ("a",),
        SetText("[n, m] -> { : m <= n }"),
    )
    given = nest("n m", For("i", "0", "m", "a[i] = a[i + n]"), assumptions=(bounds,))
    legality = analyze_nest(given).loops[0].legality
    assert isinstance(legality, Proved)
    assert legality.assumptions == (bounds,)


def test_bands_leave_out_what_may_not_be_exchanged() -> None:
    skewed = nest("n m", For("i", "1", "n", For("j", "1", "m - 1", "a[i][j] = a[i-1][j+1]")))
    assert analyze_nest(skewed).bands == ()
    inner = For("j", "0", "m", For("k", "0", "p", "a[j][k] = a[j][k] b[j][k]"))
    three = nest("T m p", For("t", "0", "T", inner))
    assert analyze_nest(three).bands == (("t", "j", "k"),)
    swept = nest(
        "T m p", For("t", "0", "T", For("j", "1", "m - 1", For("k", "0", "p", "a[j][k] = a[j-1][k] a[j+1][k]")))
    )
    assert analyze_nest(swept).bands == (("j", "k"),)
    sums = nest("n m", For("i", "0", "n", For("j", "0", "m", "s += b[i][j]")))
    assert analyze_nest(sums).bands == (("i", "j"),)
    assert analyze_nest(sums, fp_strict=True).bands == ()


def test_too_much_work_is_undecided_as_a_whole() -> None:
    body = [f"a{i}[i + j] = " + " ".join(f"a{i}[2*i + {j}*j]" for j in range(1, 12)) for i in range(4)]
    given = nest("n m", For("i", "0", "n", For("j", "0", "m", body)))
    analysis = analyze_nest(given, time_limit_s=0.001)
    assert analysis.dependences == ()
    for loop in analysis.loops:
        assert isinstance(loop.legality, Undecided)
        assert (loop.legality.code, loop.legality.waivable) == (Code.ANALYSIS_LIMIT, False)
    plan = Plan(given.id, (Parallelize("i"),))
    start = time.monotonic()
    legality = check_plan(analysis, plan)
    assert isinstance(legality, Undecided)
    assert legality.code is Code.ANALYSIS_LIMIT
    assert time.monotonic() - start < 1.0


def test_text_that_isl_cannot_read_is_undecided() -> None:
    given = matmul()
    broken = replace(given, statements=(replace(given.statements[0], domain=SetText("{ S0[i, j, k] : i*j < 3 }")),))
    legality = analyze_nest(broken).loops[0].legality
    assert isinstance(legality, Undecided)
    assert legality.code is Code.ANALYSIS_LIMIT


def test_an_ordinary_nest_takes_well_under_half_a_second() -> None:
    reads = " ".join(f"u[i{di}][j{dj}]" for di in ("-1", "", "+1") for dj in ("-1", "", "+1"))
    sweep = For("i", "1", "n - 1", For("j", "1", "n - 1", f"v[i][j] = {reads}"))
    back = For("k", "1", "n - 1", For("m", "1", "n - 1", "u[k][m] = v[k][m]"))
    given = nest("n T", For("t", "0", "T", [sweep, back]), array("u", 2, is_restrict=False), array("v", 2))
    start = time.monotonic()
    analysis = analyze_nest(given)
    assert time.monotonic() - start < 2.0  # a slow machine under load; 0.05 s on an idle one
    assert analysis.loop("i").is_parallel
