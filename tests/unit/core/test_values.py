from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest

from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.candidate import Candidate, Edit, combine
from loopwright.core.codes import Code
from loopwright.core.legality import Proved, Undecided, Waived, waive
from loopwright.core.measurement import Measurement, Series
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Interchange, Parallelize, Plan, Privatize, Reduce, Tile, tile_loop_name
from loopwright.core.report import AnalysisReport, OptimizeReport, VerifyReport
from loopwright.core.source import Source, Span
from loopwright.core.verdict import Finding, Outcome, Stage, Verdict
from loopwright.errors import UserError

PLAN = Plan("f:1", (Parallelize("i"),))
PROVED = Proved(PLAN, ())


def span(start: int, end: int, path: str = "x.c") -> Span:
    return Span(path, start, end, 1, start + 1, 1)


# --- verdict ---


def finding(stage: Stage, outcome: Outcome) -> Finding:
    return Finding(stage, outcome, "")


@pytest.mark.parametrize(
    ("outcomes", "accepted"),
    [
        ({}, False),
        ({Stage.COMPILE: Outcome.PASS}, False),
        ({Stage.COMPILE: Outcome.PASS, Stage.DIFFERENTIAL: Outcome.PASS}, True),
        ({Stage.COMPILE: Outcome.PASS, Stage.DIFFERENTIAL: Outcome.SKIPPED}, False),
        ({Stage.COMPILE: Outcome.PASS, Stage.DIFFERENTIAL: Outcome.PASS, Stage.RACES: Outcome.SKIPPED}, True),
        ({Stage.COMPILE: Outcome.PASS, Stage.DIFFERENTIAL: Outcome.PASS, Stage.RACES: Outcome.FAIL}, False),
    ],
)
def test_accepted_needs_every_required_stage(outcomes: dict[Stage, Outcome], accepted: bool) -> None:
    findings = tuple(finding(stage, outcome) for stage, outcome in outcomes.items())
    assert Verdict(findings, (Stage.COMPILE, Stage.DIFFERENTIAL)).accepted is accepted


def test_nothing_required_is_not_accepted() -> None:
    assert not Verdict((finding(Stage.COMPILE, Outcome.PASS),), ()).accepted


def test_one_stage_that_passed_and_failed_is_not_accepted() -> None:
    twice = (finding(Stage.COMPILE, Outcome.PASS), finding(Stage.COMPILE, Outcome.FAIL))
    verdict = Verdict(twice, (Stage.COMPILE,))
    assert not verdict.accepted
    assert verdict.failure is twice[1]


def test_a_report_without_verdicts_is_not_accepted(verify_report: VerifyReport) -> None:
    assert not verify_report.accepted
    assert not replace(verify_report, verdicts=()).accepted
    assert replace(verify_report, verdicts=verify_report.verdicts[:1]).accepted


# --- measurement ---


def test_median_of_odd_and_even() -> None:
    assert Series("x", (3.0, 1.0, 2.0), ()).median_s == 2.0
    assert Series("x", (4.0, 1.0, 2.0, 3.0), ()).median_s == 2.5


@pytest.mark.parametrize(("low", "faster"), [(1.01, True), (1.0, False), (0.99, False)])
def test_faster_only_if_the_whole_interval_is_above_1(low: float, faster: bool) -> None:
    series = Series("x", (1.0,), ())
    assert Measurement(2.0, low, 3.0, 2, "gcc", series, (series,)).is_faster is faster


# --- candidate ---


def candidate(*edits: Edit) -> Candidate:
    return Candidate(Source("x.c", b"abcdef"), edits, (PROVED,))


def test_edits_are_made_in_the_original() -> None:
    assert candidate(Edit(span(0, 0), "<"), Edit(span(2, 4), "XYZ"), Edit(span(6, 6), ">")).content == b"<abXYZef>"


def test_edits_keep_bytes_that_are_not_utf8() -> None:
    source = Source("x.c", b"\xe9\xe8")
    assert Candidate(source, (Edit(span(1, 2), source.text(span(0, 1))),), ()).content == b"\xe9\xe9"


def test_combine_joins_disjoint_edits() -> None:
    both = combine((candidate(Edit(span(4, 5), "E")), candidate(Edit(span(0, 1), "A"))))
    assert both.content == b"AbcdEf"
    assert both.bases == (PROVED, PROVED)


def test_combine_refuses_overlap_and_nothing() -> None:
    with pytest.raises(ValueError, match="overlap"):
        combine((candidate(Edit(span(0, 3), "")), candidate(Edit(span(2, 4), ""))))
    with pytest.raises(ValueError, match="nothing"):
        combine(())


def test_a_waived_basis_is_no_proof() -> None:
    waived = Waived(PLAN, "indirect", Code.INDIRECT_SUBSCRIPT, ())
    assert candidate().is_proved
    assert not replace(candidate(), bases=(PROVED, waived)).is_proved


# --- legality, plan, analysis ---


def test_waive_needs_permission() -> None:
    undecided = Undecided(PLAN, Code.INDIRECT_SUBSCRIPT, "indirect", waivable=True)
    assert waive(undecided) == Waived(PLAN, "indirect", Code.INDIRECT_SUBSCRIPT, ())
    with pytest.raises(ValueError, match="LW209: indirect"):
        waive(replace(undecided, waivable=False))


def test_reorders() -> None:
    assert not PLAN.reorders
    assert Plan("f:1", (Interchange(("j", "i")),)).reorders
    assert Plan("f:1", (Tile(("i",), (8,)), Parallelize(tile_loop_name("i")))).reorders


def test_helper_steps(analysis_report: AnalysisReport) -> None:
    nest = analysis_report.nests[0]
    assert nest.helper_steps("j") == (Reduce("s", ReductionOperator.ADD), Privatize("t"), Privatize("u"))
    assert nest.helper_steps("i") == ()
    with pytest.raises(KeyError, match="z"):
        nest.loop("z")


def test_is_parallel_only_by_proof(analysis_report: AnalysisReport) -> None:
    assert [loop.is_parallel for loop in analysis_report.nests[0].loops] == [False, True, False]


# --- source ---


@pytest.mark.parametrize(
    ("path", "flags", "language"),
    [
        ("x.c", (), "c"),
        ("x.h", (), "c"),
        ("x.cpp", (), "c++"),
        ("x.C", (), "c++"),
        ("x.c", ("-x", "c++"), "c++"),
        ("x.c", ("-xc++",), "c++"),
        ("x.cpp", ("-x", "c"), "c"),
        ("x.c", ("-x",), "c"),
    ],
)
def test_language(path: str, flags: tuple[str, ...], language: str) -> None:
    assert Source(path, b"", flags).language == language


def test_spans_contain_their_parts_in_the_same_file() -> None:
    assert span(0, 9).contains(span(0, 9))
    assert span(0, 9).contains(span(3, 4))
    assert not span(0, 9).contains(span(3, 10))
    assert not span(0, 9).contains(span(3, 4, "y.c"))
    assert str(span(0, 1)) == "x.c:1"


# --- all of them ---


def test_values_are_frozen_and_hashable(analysis_report: AnalysisReport, optimize_report: OptimizeReport) -> None:
    for value in (analysis_report, optimize_report, PROVED, candidate()):
        assert isinstance(hash(value), int)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, dataclasses.fields(value)[0].name, "other")


def test_an_error_is_one_line() -> None:
    error = UserError(Code.DOES_NOT_PARSE, "x.c:3:\n   expected ;", "mend\nit")
    assert error.one_line() == "LW902: x.c:3: expected ;; mend it"
    assert UserError(Code.CANNOT_READ, "no").one_line() == "LW901: no"


def test_nest_analysis_is_a_value(analysis_report: AnalysisReport) -> None:
    nest = analysis_report.nests[0]
    assert isinstance(nest, NestAnalysis)
    assert isinstance(nest.loop("i"), LoopAnalysis)
    assert nest.nest.inside("i") == ()
