"""Which of the contenders is delivered: certainly faster, accepted together, small changes first.

Times and verdicts are given here, by the text of the candidate; what the trial makes of them is under test.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.candidate import Candidate
from loopwright.core.codes import Code
from loopwright.core.legality import Proved, Refuted, Undecided, waive
from loopwright.core.measurement import Measurement, MeasurementFailed, Series
from loopwright.core.nest import LoopNest, ReductionOperator
from loopwright.core.plan import Interchange, Parallelize, Plan, Reduce, Step
from loopwright.core.report import Label, NestOutcome
from loopwright.core.verdict import Finding, Outcome, Stage, Verdict
from loopwright.legality.analyze import analyze_nest
from loopwright.pipeline import trial as trials
from loopwright.pipeline.outcome import delivered, not_delivered
from loopwright.pipeline.proposals import NestTools, Option
from loopwright.pipeline.trial import Contender, Trial
from snippets import SETTINGS, unit_of

UNIT = unit_of(
    "double both(int n, double *restrict a, double *restrict b, double (*restrict c)[64]) {\n"
    "    double s = 0.0;\n"
    "    for (int i = 0; i < n; i++)\n"
    "        a[i] = 2.0 * a[i];\n"
    "    for (int k = 0; k < n; k++)\n"
    "        for (int m = 0; m < 64; m++)\n"
    "            c[k][m] = 2.0 * c[k][m];\n"
    "    for (int j = 0; j < n; j++)\n"
    "        s += b[j];\n"
    "    return s;\n"
    "}\n"
)
FIRST, SECOND, SUM = UNIT.functions[-1].nests
SERIES = Series("x", (1.0,), ())


def option(nest: LoopNest, *steps: Step, settings: Settings = SETTINGS) -> Option:
    tools = NestTools(UNIT.source, analyze_nest(nest), settings, lambda _: None)
    made = tools.generate(Plan(nest.id, steps))
    assert made is not None
    return made


def parallel(nest: LoopNest) -> Option:
    return option(nest, Parallelize(nest.loops[0].name))


def times(low: float, median: float) -> Measurement:
    return Measurement(median, low, 2 * median, 2, "gcc", SERIES, (SERIES,))


def verdict(outcome: Outcome) -> Verdict:
    findings = (Finding(Stage.COMPILE, outcome, "", None if outcome is Outcome.PASS else Code.RESULTS_DIFFER),)
    return Verdict(findings, (Stage.COMPILE,))


class Given:
    """Measurements and refused texts, and what was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.times: dict[bytes, Measurement | MeasurementFailed] = {}
        self.refused: set[bytes] = set()
        self.verified: list[bytes] = []
        self.refused_elsewhere: set[bytes] = set()
        self.tried_elsewhere: list[bytes] = []

        def measure(_harness: object, _original: bytes, content: bytes, *_: object, **__: object) -> object:
            return self.times[content]

        def verify(_harness: object, _original: bytes, candidate: Candidate, *_: object) -> Verdict:
            self.verified.append(candidate.content)
            return verdict(Outcome.FAIL if candidate.content in self.refused else Outcome.PASS)

        def verify_elsewhere(_harness: object, _original: bytes, candidate: Candidate, *_: object) -> Finding:
            self.tried_elsewhere.append(candidate.content)
            if candidate.content in self.refused_elsewhere:
                return Finding(Stage.ELSEWHERE, Outcome.FAIL, "", Code.RESULTS_DIFFER)
            return Finding(Stage.ELSEWHERE, Outcome.PASS, "")

        monkeypatch.setattr(trials, "verify_elsewhere", verify_elsewhere)
        monkeypatch.setattr(trials, "measure", measure)
        monkeypatch.setattr(trials, "verify", verify)
        settings = replace(SETTINGS, cache=folder)
        # The harness only goes through to measure and verify.
        self.trial = Trial(None, UNIT.source.content, settings, lambda _: None)  # type: ignore[arg-type]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Given:
    return Given(monkeypatch, tmp_path)


def together(*options: Option) -> bytes:
    return trials.combine(tuple(item.candidate for item in options)).content


def test_only_what_is_certainly_faster_is_delivered(given: Given) -> None:
    sure, unsure = parallel(FIRST), parallel(SECOND)
    given.times = {sure.candidate.content: times(1.2, 1.5), unsure.candidate.content: times(0.9, 1.6)}
    chosen = given.trial.deliverable([Contender(FIRST, sure), Contender(SECOND, unsure)])
    assert [item.nest for item in chosen] == [FIRST]
    assert given.verified == [sure.candidate.content]


def test_what_the_checks_refuse_is_not_delivered(given: Given) -> None:
    only = parallel(FIRST)
    given.times = {only.candidate.content: times(1.2, 1.5)}
    given.refused = {only.candidate.content}
    contender = Contender(FIRST, only)
    assert given.trial.deliverable([contender]) == []
    assert contender.verdict is not None
    assert not contender.verdict.accepted


def test_other_processors_are_asked_of_what_is_accepted_and_may_refuse_it(given: Given) -> None:
    wrong, refused = parallel(FIRST), parallel(SECOND)
    given.times = {item.candidate.content: times(1.2, 1.5) for item in (wrong, refused)}
    given.refused, given.refused_elsewhere = {refused.candidate.content}, {wrong.candidate.content}
    for nest, item in ((FIRST, wrong), (SECOND, refused)):
        contender = Contender(nest, item)
        assert given.trial.deliverable([contender]) == []
        assert contender.verdict is not None
        assert not contender.verdict.accepted
    assert given.tried_elsewhere == [wrong.candidate.content]


def test_a_combination_is_checked_as_a_whole_and_taken_apart_if_it_is_refused(given: Given) -> None:
    good, bad = parallel(FIRST), parallel(SECOND)
    both = together(good, bad)
    given.times = {text: times(1.2, 1.5) for text in (good.candidate.content, bad.candidate.content)}
    given.times[both] = times(1.2, 2.0)
    given.refused = {both, bad.candidate.content}
    chosen = given.trial.deliverable([Contender(FIRST, good), Contender(SECOND, bad)])
    assert [item.nest for item in chosen] == [FIRST]
    assert given.verified[0] == both
    assert set(given.verified) == {both, good.candidate.content, bad.candidate.content}
    assert len(given.verified) == 3


def test_where_each_passes_alone_the_one_that_gains_least_goes(given: Given) -> None:
    more, less = parallel(FIRST), parallel(SECOND)
    both = together(more, less)
    given.times = {more.candidate.content: times(1.2, 3.0), less.candidate.content: times(1.2, 1.5)}
    given.times[both] = times(1.2, 3.5)
    given.refused = {both}
    chosen = given.trial.deliverable([Contender(SECOND, less), Contender(FIRST, more)])
    assert [item.nest for item in chosen] == [FIRST]


def test_a_combination_slower_than_its_best_part_is_reduced_to_it(given: Given) -> None:
    more, less = parallel(FIRST), parallel(SECOND)
    given.times = {more.candidate.content: times(1.2, 3.0), less.candidate.content: times(1.2, 1.5)}
    given.times[together(more, less)] = times(1.2, 2.0)
    chosen = given.trial.deliverable([Contender(SECOND, less), Contender(FIRST, more)])
    assert [item.nest for item in chosen] == [FIRST]


@pytest.mark.parametrize(("gain", "reorders"), [(1.04, False), (1.10, True)])
def test_a_rewritten_nest_must_be_worth_its_diff(gain: float, reorders: bool, given: Given) -> None:
    small = parallel(SECOND)
    large = option(SECOND, Interchange(("m", "k")), Parallelize("m"))
    given.times = {small.candidate.content: times(1.2, 2.0), large.candidate.content: times(1.2, 2.0 * gain)}
    best = given.trial.best(SECOND, (small, large), float("inf"))
    assert isinstance(best, Contender)
    assert best.option.basis.plan.reorders is reorders


def test_what_cannot_be_timed_is_no_contender(given: Given) -> None:
    one, other = parallel(SECOND), option(SECOND, Parallelize("k", num_threads=2))
    failure = MeasurementFailed(Code.CRASHED, "crashed")
    given.times = dict.fromkeys((one.candidate.content, other.candidate.content), failure)
    assert given.trial.best(SECOND, (one, other), float("inf")) is failure
    assert given.trial.best(SECOND, (), float("inf")) is None
    given.times[other.candidate.content] = times(0.5, 0.8)
    given.trial.screened.clear()
    best = given.trial.best(SECOND, (one, other), float("inf"))
    assert isinstance(best, Contender)
    assert best.option is other


@pytest.mark.parametrize(
    ("ratios", "is_settled"),
    [((0.81,), False), ((0.7, 0.8, 1.3), False), ((0.5, 0.8), False), ((0.7, 0.8, 0.9), True)],
)
def test_too_few_pairs_do_not_settle_a_loss(given: Given, ratios: tuple[float, ...], is_settled: bool) -> None:
    screened = Measurement(0.8, 0.7, 0.9, 2, "gcc", SERIES, (SERIES,), ratios=ratios)
    item = Contender(FIRST, parallel(FIRST), screened)
    assert given.trial.promising([item]) == ([] if is_settled else [item])
    given.trial.deadline = 0.0
    assert given.trial.promising([item]) == []
    report = not_delivered(analyze_nest(FIRST), (), item, None, SETTINGS)
    assert (report.outcome, report.code) == (
        NestOutcome.KEPT,
        Code.NOT_FASTER if is_settled else Code.BUDGET_SPENT,
    )


def test_a_gain_of_the_screening_is_measured_in_full_whatever_the_time(given: Given) -> None:
    given.trial.deadline = 0.0
    gain = Contender(FIRST, parallel(FIRST), Measurement(1.2, 0.7, 1.4, 2, "gcc", SERIES, (SERIES,), ratios=(1.2,)))
    only = Contender(SECOND, parallel(SECOND))
    assert given.trial.promising([gain, only]) == [gain, only]


def test_code_comes_from_proofs_and_from_waivers_that_the_user_has_allowed() -> None:
    plan = Plan(FIRST.id, (Parallelize("i"),))
    open_question = Undecided(plan, Code.INDIRECT_SUBSCRIPT, "not known", None, True)
    never = replace(open_question, waivable=False)
    strict, lenient = (
        NestTools(UNIT.source, analyze_nest(FIRST), replace(SETTINGS, accept_tested=accepts), lambda _: None)
        for accepts in (False, True)
    )
    assert strict.basis(Proved(plan, ())) == lenient.basis(Proved(plan, ())) == Proved(plan, ())
    assert strict.basis(open_question) is None
    assert lenient.basis(open_question) == waive(open_question)
    assert lenient.basis(never) is None
    assert lenient.basis(Refuted(plan, Code.FLOW_DEPENDENCE, "no")) is None


def test_strict_floating_point_reaches_the_rules() -> None:
    plan = Plan(SUM.id, (Parallelize("j"), Reduce("s", ReductionOperator.ADD)))
    loose, strict = (
        NestTools(UNIT.source, analyze_nest(SUM), replace(SETTINGS, fp_strict=is_strict), lambda _: None)
        for is_strict in (False, True)
    )
    assert isinstance(loose.check(plan), Proved)
    assert isinstance(strict.check(plan), Refuted)


def test_the_label_says_what_a_delivery_rests_on() -> None:
    contender = Contender(FIRST, parallel(FIRST))
    assert delivered(contender, ()).label is Label.PROVED
    question = Undecided(contender.option.basis.plan, Code.INDIRECT_SUBSCRIPT, "not known", None, True)
    contender.option = replace(contender.option, basis=waive(question))
    assert delivered(contender, ()).label is Label.TESTED


def test_a_check_that_was_required_and_skipped_is_a_refusal() -> None:
    contender = Contender(FIRST, parallel(FIRST), measurement=times(1.2, 1.5))
    skipped = Finding(Stage.RACES, Outcome.SKIPPED, "no clang", Code.CHECK_UNAVAILABLE)
    contender.verdict = Verdict((skipped,), (Stage.RACES,))
    report = not_delivered(analyze_nest(FIRST), (), contender, None, SETTINGS)
    assert (report.outcome, report.code) == (NestOutcome.REFUSED, Code.CHECK_UNAVAILABLE)
    contender.verdict = verdict(Outcome.FAIL)
    report = not_delivered(analyze_nest(FIRST), (), contender, None, SETTINGS)
    assert (report.outcome, report.code) == (NestOutcome.REFUSED, Code.RESULTS_DIFFER)
    contender.verdict, contender.measurement = None, MeasurementFailed(Code.CRASHED, "crashed")
    report = not_delivered(analyze_nest(FIRST), (), contender, None, SETTINGS)
    assert (report.outcome, report.code) == (NestOutcome.REFUSED, Code.CRASHED)
