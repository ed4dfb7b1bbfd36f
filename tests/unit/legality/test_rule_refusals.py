"""Refusals that plans from the strategies never meet, because these do not make such plans; a user's plan file may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopwright.core.assumption import SetText
from loopwright.core.codes import Code
from loopwright.core.legality import Legality, Proved, Refuted, Undecided
from loopwright.core.nest import LoopNest, ReductionOperator
from loopwright.core.plan import Interchange, Parallelize, Plan, Privatize, Reduce, Simd, Step, Tile
from loopwright.core.variable import ElementKind, ElementType, Storage
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan
from loopwright.legality.overlap import may_overlap
from nests import DOUBLE, For, If, array, local_array, nest, scalar

ADD = ReductionOperator.ADD
RECORD = ElementType("struct s", ElementKind.RECORD, 16)
COMPLEX = ElementType("double _Complex", ElementKind.FLOAT, 16)


def check(given: LoopNest, *steps: Step) -> Legality:
    return check_plan(analyze_nest(given), Plan(given.id, steps))


def two(body: str = "a[i][j] = b[i][j]") -> LoopNest:
    return nest("n m", For("i", "0", "n", For("j", "0", "m", body)))


@pytest.mark.parametrize(
    "steps",
    [
        (Interchange(("j", "k")),),
        (Tile(("k",), (8,)),),
        (Tile(("i",), (8,)), Tile(("i",), (4,))),
        (Tile(("i", "j"), (8, 8)), Tile(("i_tile",), (4,))),
        (Simd("j"), Simd("j")),
        (Parallelize("i"), Parallelize("i", num_threads=2)),
    ],
)
def test_steps_that_name_no_loop_or_one_twice(steps: tuple[Step, ...]) -> None:
    legality = check(two(), *steps)
    assert isinstance(legality, Refuted)
    assert legality.code is Code.STEP_DOES_NOT_FIT


def test_a_loop_without_statements_is_a_loop() -> None:
    given = nest("n m", For("i", "0", "n", ["a[i] = b[i]", For("j", "0", "m", [])]))
    assert isinstance(check(given, Parallelize("j")), Proved)
    assert isinstance(check(given, Simd("j")), Proved)
    misfit = check(nest("n m", For("i", "0", "n", [For("j", "0", "m", [])])), Simd("i"))
    assert isinstance(misfit, Refuted)


def test_bands_apart_from_one_another_are_reordered_each_by_itself() -> None:
    def band(first: str, second: str) -> For:
        return For(first, "0", "n", For(second, "0", "m", f"a[{first}][{second}] = b[{first}][{second}]"))

    given = nest("n m T", For("t", "0", "T", [band("i", "j"), band("k", "l")]))
    legality = check(given, Interchange(("j", "i")), Interchange(("l", "k")), Parallelize("j"))
    assert isinstance(legality, Proved)
    again = check(two(), Interchange(("j", "i")), Interchange(("i", "j")), Parallelize("i"))
    assert isinstance(again, Proved)


def test_a_plan_for_a_nest_that_isl_cannot_read_is_undecided() -> None:
    given = two()
    analysis = analyze_nest(given)
    (statement,) = given.statements
    odd = replace(given, statements=(replace(statement, domain=SetText("no set")),))
    legality = check_plan(replace(analysis, nest=odd), Plan(odd.id, (Parallelize("i"),)))
    assert isinstance(legality, Undecided)
    assert legality.code is Code.ANALYSIS_LIMIT


def test_what_is_only_read_takes_no_clause() -> None:
    given = nest("n", For("i", "0", "n", "a[i] = t"), scalar("t"))
    legality = check(given, Parallelize("i"), Privatize("t"))
    assert isinstance(legality, Proved)
    assert legality.environments[0].private == ()


def test_a_lastprivate_loop_is_guarded_by_its_header_where_its_count_cannot_be_said() -> None:
    loop = For("i", "0", "n", ["t = b[i]", "a[i] = t"], facts={"trip_count": ""})
    given = nest("n", loop, scalar("t", live_out=True))
    legality = check(given, Parallelize("i"), Privatize("t"))
    assert isinstance(legality, Proved)
    assert [assumption.guard for assumption in legality.assumptions] == ["(int)(0) < (n)"]


@pytest.mark.parametrize("facts", [{"upper": "end(p)"}, {"step": "s"}, {"domain": ""}])
def test_a_lastprivate_loop_whose_header_nothing_can_repeat_is_undecided(facts: dict[str, Any]) -> None:
    odd = {"trip_count": "", "upper": "end(p)", "domain": SetText("[n] -> { [i] : 0 <= i < n }"), **facts}
    given = nest("n", For("i", "0", "n", ["t = b[i]", "a[i] = t"], facts=odd), scalar("t", live_out=True))
    legality = check(given, Parallelize("i"), Privatize("t"))
    assert isinstance(legality, Undecided)
    assert legality.code is Code.LAST_VALUE_USED


def test_records_and_complex_numbers_by_their_types() -> None:
    given = two()
    pointer = array("p", is_restrict=False)
    record = scalar("g", element=RECORD, storage=Storage.GLOBAL)
    pair = scalar("z", element=COMPLEX, storage=Storage.GLOBAL)
    assert may_overlap(given, pointer, record)
    assert may_overlap(given, pointer, pair)
    assert not may_overlap(given, replace(pointer, element=ElementType("int", ElementKind.SIGNED, 4)), pair)
    assert pointer.element == DOUBLE


def test_an_array_of_a_size_that_is_not_a_number_is_not_copied() -> None:
    body = [For("j", "0", "m", "w[j] = b[i][j]"), For("k", "0", "m", "a[i][k] = w[k]")]
    given = nest("n m", For("i", "0", "n", body), local_array("w", "m"))
    legality = check(given, Parallelize("i"), Privatize("w"))
    assert isinstance(legality, Undecided)
    assert (legality.code, legality.waivable) == (Code.STEP_DOES_NOT_FIT, False)


def test_an_iterator_of_a_reordered_loop_needs_no_clause() -> None:
    outside = {"declares_iterator": False}
    inner = For("j", "0", "m", "a[i][j] = b[i][j]", facts=outside)
    given = nest("n m", For("i", "0", "n", inner, facts=outside), scalar("i"), scalar("j"))
    legality = check(given, Interchange(("j", "i")), Parallelize("j"))
    assert isinstance(legality, Proved)
    assert "j" not in legality.environments[0].private


def test_a_reduction_that_nothing_carries_is_refused_without_a_witness() -> None:
    given = nest("n", For("i", "0", "n", ["s[i] += b[i]", "a[i] = s[i]"]), local_array("s", "64"))
    legality = check(given, Parallelize("i"), Reduce("s", ADD))
    assert isinstance(legality, Refuted)
    assert (legality.code, legality.witness) == (Code.REDUCTION_ESCAPES, None)


def test_a_guard_may_begin_before_the_pointer() -> None:
    given = nest(
        "n", For("i", "0", "n", "a[i - 2] = b[i]"), array("a", is_restrict=False), array("b", is_restrict=False)
    )
    legality = check(given, Parallelize("i"))
    assert isinstance(legality, Proved)
    assert "a - 2" in legality.assumptions[0].guard


def test_a_last_value_explains_what_a_reduction_cannot() -> None:
    given = nest("n", For("i", "0", "n", [If("i = 0", "s = 0"), "s += b[i]", "a[i] = s"]), scalar("s", live_out=True))
    assert not isinstance(analyze_nest(given).loops[0].legality, Proved)
