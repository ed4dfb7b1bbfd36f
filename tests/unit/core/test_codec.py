from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopwright.core.codec import decode, encode
from loopwright.core.legality import Legality, Proved, Undecided
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import (
    Atomic,
    Interchange,
    Parallelize,
    Plan,
    Privatize,
    Reduce,
    Schedule,
    Simd,
    Step,
    Tile,
)
from loopwright.core.report import AnalysisReport, OptimizeReport, VerifyReport

NAMES = st.text(max_size=5)
STEPS = st.one_of(
    st.builds(
        Parallelize,
        NAMES,
        st.sampled_from(Schedule),
        st.none() | st.integers(1, 9),
        st.integers(1, 3),
        st.none() | st.integers(1, 9),
    ),
    st.builds(Simd, NAMES),
    st.builds(Reduce, NAMES, st.sampled_from(ReductionOperator)),
    st.builds(Privatize, NAMES),
    st.builds(Atomic, NAMES, NAMES),
    st.builds(Interchange, st.lists(NAMES, max_size=3).map(tuple)),
    st.builds(Tile, st.lists(NAMES, max_size=3).map(tuple), st.lists(st.integers(1, 64), max_size=3).map(tuple)),
)


@given(NAMES, st.lists(STEPS, max_size=4))
def test_plans_survive_the_round_trip(nest: str, steps: list[Step]) -> None:
    plan = Plan(nest, tuple(steps))
    assert decode(Plan, json.loads(json.dumps(encode(plan)))) == plan


def test_reports_survive_the_round_trip(
    analysis_report: AnalysisReport, optimize_report: OptimizeReport, verify_report: VerifyReport
) -> None:
    assert decode(AnalysisReport, json.loads(json.dumps(encode(analysis_report)))) == analysis_report
    assert decode(OptimizeReport, json.loads(json.dumps(encode(optimize_report)))) == optimize_report
    assert decode(VerifyReport, json.loads(json.dumps(encode(verify_report)))) == verify_report


def test_members_of_a_union_carry_their_name() -> None:
    assert encode(Reduce("s", ReductionOperator.ADD)) == {"step": "reduce", "variable": "s", "operator": "+"}
    plan = Plan("f:1")
    for value in (Proved(plan, ()), Undecided(plan, decode_code("LW204"), "a call")):
        assert decode(Legality, encode(value)) == value


def decode_code(text: str):
    from loopwright.core.codes import Code

    return decode(Code, text)


def test_absent_fields_take_their_default() -> None:
    assert decode(Step, {"step": "parallelize", "loop": "i"}) == Parallelize("i")


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"step": "parallelize"}, r"\$: .*loop"),
        ({"step": "parallelize", "loop": 3}, r"\$\.loop: expected str, got int"),
        ({"step": "parallelize", "loop": "i", "chunk": "4"}, r"\$\.chunk"),
        ({"step": "parallelize", "loop": "i", "collapse": True}, r"\$\.collapse: expected int, got bool"),
        ({"step": "parallelize", "loop": "i", "schedule": "fast"}, r"\$\.schedule"),
        ({"step": "parallelize", "loop": "i", "eval": "x"}, r"unknown field 'eval'"),
        ({"step": "explode", "loop": "i"}, r"unknown step 'explode'"),
        ({"step": "tile", "band": ["i", 3], "sizes": [1]}, r"\$\.band\[1\]"),
        ({"step": "tile", "band": "ij", "sizes": [1]}, r"\$\.band: expected a list"),
        ("parallelize", r"\$: fits none"),
        (None, r"\$: fits none"),
    ],
)
def test_what_has_another_shape_is_refused_with_its_place(document: object, place: str) -> None:
    with pytest.raises(ValueError, match=place):
        decode(Step, document)


def test_bytes_survive_as_text() -> None:
    assert decode(bytes, json.loads(json.dumps(encode(b"caf\xe9")))) == b"caf\xe9"


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no JSON form for object"):
        encode(object())
