"""The order of the stages, with real compilers: what is delivered, kept and refused, and what a model may cost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import loopwright as lw
from loopwright import pipeline
from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.report import Label, NestOutcome, NestReport, OptimizeReport
from loopwright.errors import UserError

# Much arithmetic per element, so that whether two threads pay off does not hang on a quiet machine.
TWO_HEAVY_NESTS = """
#include <math.h>

void heavy(int n, double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++) {
        double x = a[i];
        for (int k = 0; k < 200; k++)
            x = sqrt(fabs(sin(x) + 1.5));
        a[i] = x;
    }
    for (int j = 0; j < n; j++) {
        double y = b[j];
        for (int k = 0; k < 200; k++)
            y = cos(y) * 1.25;
        b[j] = y;
    }
}

void recurrence(int n, double *a)
{
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] * 0.5 + 1.0;
}

void scatter(int n, const int *restrict where, double *restrict a)
{
    for (int i = 0; i < n; i++)
        a[where[i]] = i;
}
"""

WITHOUT_MODEL = Settings(model="none", budget_s=60.0)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pipeline") / "two.c"
    path.write_text(TWO_HEAVY_NESTS)
    return path


@pytest.fixture(scope="module")
def report(file: Path) -> OptimizeReport:
    return lw.optimize(file, settings=WITHOUT_MODEL)


def nest(report: OptimizeReport, line: int) -> NestReport:
    return next(item for item in report.nests if item.line == line)


def test_every_nest_has_one_report_in_order(report: OptimizeReport) -> None:
    assert [item.line for item in report.nests] == [6, 12, 22, 28]
    assert [item.function for item in report.nests] == ["heavy", "heavy", "recurrence", "scatter"]


def test_delivered_nests_are_in_the_patch_with_their_evidence(report: OptimizeReport) -> None:
    delivered = [item for item in report.nests if item.outcome is NestOutcome.DELIVERED]
    for item in delivered:
        assert item.label is Label.PROVED
        assert item.measurement is not None
        assert item.findings
    added = [line for line in report.patch.splitlines() if re.match(r"\+\s*#pragma omp parallel for", line)]
    assert len(added) == len(delivered)


def test_a_recurrence_is_refused_with_its_witness(report: OptimizeReport) -> None:
    refused = nest(report, 22)
    assert refused.outcome is NestOutcome.REFUSED
    assert refused.code is Code.FLOW_DEPENDENCE
    assert refused.witness is not None
    assert (refused.witness.source.line, refused.witness.sink.line) == (23, 23)


def test_an_undecided_nest_is_not_tried_without_the_users_word(report: OptimizeReport) -> None:
    refused = nest(report, 28)
    assert refused.outcome is NestOutcome.REFUSED
    assert refused.code is Code.INDIRECT_SUBSCRIPT
    assert refused.basis is None
    assert "--accept tested" in refused.reason


def test_proposals_are_kept_with_what_legality_said(report: OptimizeReport) -> None:
    for item in report.nests:
        assert item.proposals
        assert all(proposal.legality is not None for proposal in item.proposals)


def test_a_model_server_that_is_down_costs_its_proposals_and_is_said(file: Path) -> None:
    settings = Settings(model="openai:any", model_url="http://127.0.0.1:9/v1")
    report = pipeline.optimize(file, settings=settings, function="recurrence")
    assert [item.code for item in report.nests] == [Code.FLOW_DEPENDENCE]
    by_model = [item.proposal for item in report.nests[0].proposals if item.proposal.by != "heuristic"]
    assert all(proposal.plan is None and proposal.error for proposal in by_model)
    assert any("openai:any" in warning and "LW906" in warning for warning in report.warnings)


def test_a_model_file_that_is_not_there_is_an_error(file: Path) -> None:
    with pytest.raises(UserError):
        pipeline.optimize(file, settings=Settings(model="gguf:/nowhere/model.gguf"), function="recurrence")


def test_no_model_is_opened_for_a_file_without_a_loop(tmp_path: Path) -> None:
    path = tmp_path / "noloop.c"
    path.write_text("int twice(int x) { return 2 * x; }\n")
    report = lw.optimize(path, model="gguf:/nowhere/model.gguf")
    assert (report.nests, report.model) == ((), "none")


def test_a_strategy_that_does_not_exist_is_an_error_before_any_work(file: Path) -> None:
    with pytest.raises(UserError) as caught:
        pipeline.optimize(file, settings=Settings(model="none", strategy="guess"))
    assert caught.value.code is Code.BAD_OPTION


def test_verify_checks_only_what_changed(file: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.c"
    changed.write_text(TWO_HEAVY_NESTS.replace("* 0.5 + 1.0", "* 0.25 + 1.0"))
    answer = pipeline.verify_files(file, changed, settings=WITHOUT_MODEL)
    assert [name for name, _ in answer.verdicts] == ["recurrence"]
    assert not answer.accepted


def test_verify_checks_everything_when_a_macro_changed(tmp_path: Path) -> None:
    text = "#define SCALE 2\nint one(int x) { return x * SCALE; }\nint two(int x) { return x + 1; }\n"
    before, after = tmp_path / "before.c", tmp_path / "after.c"
    before.write_text(text)
    after.write_text(text.replace("SCALE 2", "SCALE 3"))
    answer = pipeline.verify_files(before, after, settings=WITHOUT_MODEL)
    assert [name for name, _ in answer.verdicts] == ["one", "two"]
    assert dict(answer.verdicts)["two"].accepted
    assert not answer.accepted


def test_verify_checks_what_uses_a_changed_macro_beside_a_changed_function(tmp_path: Path) -> None:
    text = "#define SCALE 2\nint one(int x) { return x * SCALE; }\nint two(int x) { return x + 1; }\n"
    before, after = tmp_path / "before.c", tmp_path / "after.c"
    before.write_text(text)
    after.write_text(text.replace("SCALE 2", "SCALE 3").replace("x + 1", "1 + x"))
    answer = pipeline.verify_files(before, after, settings=WITHOUT_MODEL)
    assert [name for name, _ in answer.verdicts] == ["one", "two"]
    assert not answer.accepted


def test_verify_reaches_a_changed_function_through_its_caller(tmp_path: Path) -> None:
    text = """
typedef int (*operation)(int);
static int apply(operation f, int x) { return f(x) + 1; }
static int twice(int x) { return 2 * x; }
int use(int x) { return apply(twice, x); }
"""
    before, after = tmp_path / "before.c", tmp_path / "after.c"
    before.write_text(text)
    after.write_text(text.replace("f(x) + 1", "f(x) + 2"))
    answer = pipeline.verify_files(before, after, settings=WITHOUT_MODEL)
    assert [name for name, _ in answer.verdicts] == ["use"]
    assert not answer.accepted
    assert any("apply" in warning for warning in answer.warnings)


@pytest.mark.needs("gcc", "clang", "archer")
def test_a_fused_operation_that_cancels_is_not_held_against_the_candidate(tmp_path: Path) -> None:
    # In the middle the difference is exactly 0, or what a fused operation leaves of the rounding of one square.
    text = """
void squares(int n, double *restrict a)
{
    for (int i = 0; i < n; i++) {
        double x = 1.0 / (i + 3), y = 1.0 / (n + 2 - i);
        a[i] = x * x - y * y;
    }
}
"""
    before, after, wrong = (tmp_path / name for name in ("before.c", "after.c", "wrong.c"))
    before.write_text(text)
    after.write_text(text.replace("    for", "#pragma omp parallel for\n    for"))
    ((_, verdict),) = pipeline.verify_files(before, after, settings=WITHOUT_MODEL).verdicts
    assert verdict.accepted, verdict.failure
    wrong.write_text(text.replace("y * y", "y * y + 1e-18"))
    assert not pipeline.verify_files(before, wrong, settings=WITHOUT_MODEL).accepted


@pytest.mark.needs("gcc", "clang", "archer")
def test_what_is_wrong_with_a_candidate_is_said_of_its_own_file(tmp_path: Path) -> None:
    before, after = tmp_path / "before.c", tmp_path / "after.c"
    text = "void fill(int n, double *a) { for (int i = 0; i < n; i++) a[i] = i; }\n"
    before.write_text(text)
    after.write_text("\n" + text.replace("a[i] = i", "a[i + n] = i"))
    ((_, verdict),) = pipeline.verify_files(before, after, settings=WITHOUT_MODEL).verdicts
    assert verdict.failure is not None
    after.write_text("\n" + text.replace("a[i] = i", "a[i] = missing(i)"))
    ((_, verdict),) = pipeline.verify_files(before, after, settings=WITHOUT_MODEL).verdicts
    assert verdict.failure is not None
    assert "before.c" not in verdict.failure.detail
    after.write_text(text.replace("n; i++", "n; i++ {"))
    with pytest.raises(UserError, match=r"after\.c:1") as caught:
        pipeline.verify_files(before, after, settings=WITHOUT_MODEL)
    assert caught.value.code is Code.DOES_NOT_PARSE
    after.write_text("int other(int x) { return x; }\n")
    with pytest.raises(UserError, match=r"after\.c has no function fill") as caught:
        pipeline.verify_files(before, after, settings=WITHOUT_MODEL)
    with pytest.raises(UserError, match="no function fill"):
        pipeline.verify_files(before, after, function="fill", settings=WITHOUT_MODEL)


@pytest.mark.needs("gcc", "clang", "archer")
def test_a_candidate_without_directives_is_said_to_have_none(tmp_path: Path) -> None:
    before = tmp_path / "before.c"
    before.write_text("void fill(int n, double *a) { for (int i = 0; i < n; i++) a[i] = i; }\n")
    ((_, verdict),) = pipeline.verify_files(before, before, settings=WITHOUT_MODEL).verdicts
    assert verdict.accepted
    assert "no OpenMP directive" in verdict.findings[-1].detail
