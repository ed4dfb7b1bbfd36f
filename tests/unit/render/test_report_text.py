from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from loopwright.core.report import AnalysisReport, OptimizeReport, VerifyReport
from loopwright.render.text import patch_size, render_analysis, render_optimize, render_verify

SOURCE = ("void sweep(int n, double *a) {", "    for (int i = 1; i < n; i++) a[i] = a[i - 1];", "}")


def shown(report: RenderableType, width: int = 120, *, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        highlight=False,
        markup=False,
        force_terminal=colour,
        color_system="standard" if colour else None,
    )
    console.print(report, crop=False)
    return out.getvalue()


def test_analysis_names_every_loop_with_its_answer(analysis_report: AnalysisReport) -> None:
    text = shown(render_analysis(analysis_report, SOURCE))
    assert "solver.c: 1 loop nest, 1 of 3 loops proved parallel, 1 not analysed" in text
    assert "refuted   loop i at line 2" in text
    assert "proved    loop j at line 3, with reduction(+:s) private(t, u)" in text
    assert "undecided loop k at line 4" in text
    assert "LW101: an iteration reads a[i - 1]" in text
    assert "S0[i=1] (line 2) -> S0[i=2] (line 2) on a[1] with n=3" in text
    assert "2 | for (int i = 1; i < n; i++) a[i] = a[i - 1];" in text
    assert "a and b do not overlap [LW301; checked at run time: a + n <= b || b + n <= a]" in text
    assert "--fp strict forbids it" in text
    assert "main:30" in text
    assert "LW211: a while loop" in text
    assert "a macro was redefined" in text


def test_a_loop_of_a_helper_is_neither_listed_nor_counted_in_the_nest_that_calls_it(
    analysis_report: AnalysisReport,
) -> None:
    analysis = analysis_report.nests[0]
    loops = tuple(replace(loop, is_inlined=loop.name == "k") for loop in analysis.nest.loops)
    calling = replace(analysis, nest=replace(analysis.nest, loops=loops))
    text = shown(render_analysis(replace(analysis_report, nests=(calling,)), SOURCE))
    assert "solver.c: 1 loop nest, 1 of 2 loops proved parallel, 1 not analysed" in text
    assert "loop j at line 3" in text
    assert "loop k" not in text


def test_a_witness_without_source_still_has_its_lines(analysis_report: AnalysisReport) -> None:
    text = shown(render_analysis(analysis_report))
    assert "S0[i=1] (line 2)" in text
    assert " | " not in text


def test_optimize_shows_evidence_and_losses(optimize_report: OptimizeReport) -> None:
    text = shown(render_optimize(optimize_report))
    assert "solver.c: 1 of 4 loop nests delivered, +1 -0 lines" in text
    assert "delivered   sweep, line 2 (proved)" in text
    assert (
        "#pragma omp parallel for collapse(2) schedule(static, 4) num_threads(8) private(t) firstprivate(x) "
        "lastprivate(y) reduction(+:s)"
    ) in text
    assert "1.90x [1.85, 1.95] on 2 threads, against gcc -O3 -march=native, n=1000" in text
    assert "0.97x [0.92, 1.02]" in text
    assert "clang 35 ms" in text
    assert "races: LW413: no clang" in text
    assert "smollm2/zero-shot: proved, no plan; heuristic: refuted LW101" in text
    assert "no plan   smollm2/zero-shot: not JSON" in text
    assert "not measured: LW407: 20 s" in text
    assert "refused     scan, line 12" in text
    assert "S0[i=1] (line 2) -> S0[i=2] (line 2) on a[1] with n=3" in text
    assert "model smollm2, strategy zero-shot, seed 7, 12.5 s, Zen 5 with 2 cores" in text


def test_optimize_without_delivery_says_to_keep_the_original(optimize_report: OptimizeReport) -> None:
    text = shown(render_optimize(replace(optimize_report, nests=optimize_report.nests[1:], patch="")))
    assert "solver.c: 0 of 3 loop nests delivered; keep the original" in text


def test_verify_names_the_stage_that_caught_it(verify_report: VerifyReport) -> None:
    text = shown(render_verify(verify_report))
    assert "b.c: not accepted as a replacement for a.c" in text
    assert "caught by the stage differential: LW402" in text
    assert "n=7: a[6] is 0, not 3" in text
    assert "every required stage passed" in text


def test_verify_without_verdicts_is_not_accepted(verify_report: VerifyReport) -> None:
    text = shown(render_verify(replace(verify_report, verdicts=())))
    assert "not accepted" in text
    assert "no function was checked" in text


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_code_stays_on_one_line_at_any_width(
    analysis_report: AnalysisReport, optimize_report: OptimizeReport, width: int
) -> None:
    assert SOURCE[1].strip() in shown(render_analysis(analysis_report, SOURCE), width)
    text = shown(render_optimize(optimize_report), width)
    assert any("#pragma omp parallel for" in line and "reduction(+:s)" in line for line in text.split("\n"))


def test_prose_wraps_and_leaves_no_space_at_the_end(
    analysis_report: AnalysisReport, optimize_report: OptimizeReport
) -> None:
    for report in (render_analysis(analysis_report), render_optimize(optimize_report)):
        lines = shown(report, 60).split("\n")
        assert all(line == line.rstrip() for line in lines)
        assert all(len(line) <= 60 for line in lines if "#pragma" not in line)


def test_colour_only_where_it_is_wanted(analysis_report: AnalysisReport) -> None:
    assert "\x1b[" not in shown(render_analysis(analysis_report))
    assert "\x1b[32mproved" in shown(render_analysis(analysis_report), colour=True)


def test_text_from_strangers_reaches_the_terminal_as_text(analysis_report: AnalysisReport) -> None:
    hostile = replace(analysis_report, warnings=("\x1b]0;owned\x07 [bold]x[/bold] \u202edetrevni",))
    text = shown(render_analysis(hostile, ("", "a\x1b[2J = 1;")))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"\x1b]0;owned\x07 [bold]x[/bold] \u202edetrevni" in text
    assert r"a\x1b[2J = 1;" in text


def test_patch_size_counts_text_that_looks_like_a_header() -> None:
    patch = "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n--- old\n+++ new\n x\n"
    assert patch_size(patch) == (1, 1)
    assert patch_size("") == (0, 0)
