from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import synthetic_campaign
from loopwright.baselines.polly_effect import CHANGED, UNCHANGED
from loopwright.campaign.store import Store
from loopwright.campaign.summary import summarise
from loopwright.campaign.table import shared_label
from loopwright.core.campaign import MethodKind, Peaks, PlanOutcome, Timing, Work
from loopwright.core.codes import Code
from loopwright.core.measurement import Series
from loopwright.core.summary import Cell, CellState, Summary
from loopwright.errors import UserError
from loopwright.render.bench_json import summary_document
from loopwright.render.bench_proposers import making_table
from loopwright.render.bench_speed import curves_table, losses_table
from loopwright.render.html_report import render_html
from loopwright.render.markdown_report import render_markdown

HOST = "here"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "results.db") as opened:
        yield opened


def timing(
    method: str,
    speedup: float,
    *,
    kernel: str = "k",
    kind: MethodKind = MethodKind.COMPILER,
    n: int = 100,
    threads: int = 2,
    spread: float = 0.1,
    samples: int = 6,
) -> Timing:
    return Timing(
        kernel,
        method,
        kind,
        (("n", n),),
        threads,
        Series(method, (1.0 / speedup,) * samples, ()),
        speedup,
        speedup * (1 - spread),
        speedup * (1 + spread),
        "gcc-O3",
    )


def serial(kernel: str = "k", *, n: int = 100, threads: int = 2) -> Timing:
    return timing("gcc-O3", 1.0, kernel=kernel, kind=MethodKind.SERIAL, n=n, threads=threads, spread=0.0)


def outcome(kernel: str, strategy: str = "tot", *, delivered: bool = True) -> PlanOutcome:
    made = synthetic_campaign.make_outcome(kernel, "embedded", strategy, synthetic_campaign.dice(kernel))
    if delivered:
        return made
    kept = tuple(replace(nest, outcome=synthetic_campaign.NestOutcome.KEPT) for nest in made.report.nests)
    return replace(made, report=replace(made.report, nests=kept, patch=""))


def put(store: Store, *fields: tuple[Timing, ...], host: str = HOST) -> None:
    for number, timings in enumerate(fields):
        store.put_timings(f"{host} {number} {timings[0].sizes} {timings[0].threads} {len(timings)}", host, timings)


def cell(summary: Summary, method: str, kernel: str = "k") -> Cell:
    row = summary.all_threads.row(method)
    assert row is not None
    return next(item for item in row.cells if item.kernel == kernel)


def test_results_of_two_hosts_are_never_mixed(store: Store) -> None:
    put(store, (serial(), timing("polly", 4.0)), host="host-a")
    put(store, (serial(), timing("polly", 2.0)), host="host-b")
    with pytest.raises(UserError, match="host-a, host-b") as caught:
        summarise(store)
    assert "--host" in caught.value.hint
    assert cell(summarise(store, host="host-a"), "polly").speedup == 4.0
    assert cell(summarise(store, host="host-b"), "polly").speedup == 2.0
    with pytest.raises(UserError, match="several hosts begin with"):
        summarise(store, host="host")
    with pytest.raises(UserError, match="no results of host 'x'"):
        summarise(store, host="x")


def test_an_empty_store_has_no_summary(store: Store) -> None:
    with pytest.raises(UserError, match="no results"):
        summarise(store)


def test_a_table_quotes_the_sizes_with_most_methods(store: Store) -> None:
    put(
        store,
        (serial(n=900), timing("expert", 9.0, n=900)),
        (serial(n=600), timing("expert", 6.0, n=600), timing("polly", 2.0, n=600)),
        (serial(n=300), timing("expert", 3.0, n=300)),
    )
    summary = summarise(store)
    assert summary.all_threads.fields[0].sizes == (("n", 600),)
    assert cell(summary, "expert").speedup == 6.0


def test_of_equal_fields_the_one_with_more_work_is_quoted(store: Store) -> None:
    put(store, (serial(n=600), timing("expert", 6.0, n=600)), (serial(n=300), timing("expert", 3.0, n=300)))
    assert cell(summarise(store), "expert").speedup == 6.0
    store.put_work(HOST, Work("k", (("n", 600),), 10, None, "isl"))
    store.put_work(HOST, Work("k", (("n", 300),), 700, None, "isl"))
    assert cell(summarise(store), "expert").speedup == 3.0


def test_a_cell_says_what_is_known(store: Store) -> None:
    bad = replace(timing("autopar", 1.4), objections=("serial under a parallel name",))
    failed = Timing("k", "polly", MethodKind.COMPILER, (("n", 100),), 2, failure=Code.TIMED_OUT, reason="60 s")
    absent = Timing("k", "icx", MethodKind.COMPILER, (("n", 100),), 2, reason="not installed")
    put(
        store,
        (serial(), timing("expert", 3.0), bad, failed, absent),
        (serial("other"), timing("tvm", 2.0, kernel="other")),
    )
    store.put_plan("p1", HOST, outcome("k", delivered=False))
    summary = summarise(store)
    assert {row.method: cell(summary, row.method).state.value for row in summary.all_threads.rows} == {
        "gcc-O3": "measured",
        "expert": "measured",
        "autopar": "objected",
        "polly": "failed",
        "icx": "inapplicable",
        "tvm": "missing",
        "loopwright:embedded/tot": "kept",
    }
    assert cell(summary, "autopar").why == "serial under a parallel name"
    assert cell(summary, "polly").why == "60 s"
    assert (summary.counts.objected, summary.counts.failed, summary.counts.inapplicable) == (1, 1, 1)
    assert (summary.counts.plans, summary.counts.baselines, summary.counts.evaluations) == (1, 6, 7)


def test_means_where_it_applies_and_over_all_kernels(store: Store) -> None:
    wrong = replace(timing("polly", 100.0, kernel="c"), objections=("wrong results",))
    put(
        store,
        (serial("a"), timing("polly", 8.0, kernel="a")),
        (serial("b"), timing("polly", 2.0, kernel="b")),
        (serial("c"), wrong),
        (serial("d"), Timing("d", "icx", MethodKind.COMPILER, (("n", 100),), 2, reason="not installed")),
    )
    summary = summarise(store)
    row = summary.all_threads.row("polly")
    assert row is not None
    assert row.applicable.values == (8.0, 2.0)
    assert row.applicable.geometric_mean == pytest.approx(4.0)
    assert row.applicable.mean == pytest.approx(5.0)
    assert row.everywhere.geometric_mean == pytest.approx(math.sqrt(math.sqrt(16.0)))
    assert row.everywhere.mean == pytest.approx(12.0 / 4)
    assert (row.applicable.best, row.applicable.best_on) == (8.0, "a")
    never = summary.all_threads.row("icx")
    assert never is not None
    assert never.everywhere.values == ()


def test_a_kept_original_is_one_and_an_older_delivery_does_not_count(store: Store) -> None:
    own = timing("loopwright:embedded/tot", 5.0, kernel="a", kind=MethodKind.LOOPWRIGHT)
    put(store, (serial("a"), own), (serial("b"), replace(own, kernel="b")))
    store.put_plan("a", HOST, outcome("a"))
    store.put_plan("b", HOST, outcome("b", delivered=False))
    summary = summarise(store)
    assert cell(summary, own.method, "b").state is CellState.KEPT
    assert cell(summary, own.method, "b").speedup == 1.0
    assert summary.proposers[0].speedups.values == (5.0, 1.0)


def test_a_delivery_that_is_objected_to_is_one_and_not_correct(store: Store) -> None:
    own = timing("loopwright:embedded/tot", 5.0, kernel="a", kind=MethodKind.LOOPWRIGHT)
    put(store, (serial("a"), replace(own, objections=("wrong results",))))
    store.put_plan("a", HOST, outcome("a"))
    store.put_plan("b", HOST, outcome("b"))
    found = summarise(store).proposers[0]
    assert found.speedups.values == (1.0, 1.0)
    assert (found.delivered_correct.passed, found.delivered_correct.reached, found.delivered_correct.total) == (0, 1, 2)


def test_a_delivery_that_is_wrong_at_another_size_is_not_correct(store: Store) -> None:
    own = timing("loopwright:embedded/tot", 5.0, kernel="a", kind=MethodKind.LOOPWRIGHT)
    crashed = Timing("a", own.method, own.kind, (("n", 900),), 2, failure=Code.RESULTS_DIFFER, reason="c[0]")
    put(store, (serial("a"), own, timing("x", 1.0, kernel="a")), (serial("a", n=900), crashed))
    store.put_plan("a", HOST, outcome("a"))
    found = summarise(store).proposers[0]
    assert found.speedups.values == (5.0,)
    assert (found.delivered_correct.passed, found.delivered_correct.reached) == (0, 1)


def test_a_time_that_could_not_be_taken_is_no_verdict(store: Store) -> None:
    noisy = Timing("a", "loopwright:embedded/tot", MethodKind.LOOPWRIGHT, (("n", 100),), 2, failure=Code.TOO_NOISY)
    put(store, (serial("a"), noisy))
    store.put_plan("a", HOST, outcome("a"))
    found = summarise(store).proposers[0].delivered_correct
    assert (found.passed, found.reached, found.total) == (0, 0, 1)


def test_a_later_result_takes_the_place_of_an_earlier_one(store: Store) -> None:
    put(store, (serial(), timing("polly", 2.0)), (serial(), timing("polly", 3.0), timing("tvm", 1.0)))
    summary = summarise(store)
    assert cell(summary, "polly").speedup == 3.0
    assert len(summary.timings) == 3
    assert any("2 stored results are not shown" in note for note in summary.notes)


def test_one_and_all_threads_are_apart(store: Store) -> None:
    put(store, (serial(), timing("expert", 4.0)), (serial(threads=1), timing("expert", 2.5, threads=1)))
    summary = summarise(store)
    assert summary.one_thread is not None
    assert cell(summary, "expert").speedup == 4.0
    row = summary.one_thread.row("expert")
    assert row is not None
    assert row.cells[0].speedup == 2.5
    [curve] = summary.thread_curves
    assert [(point.threads, point.median) for point in curve.points] == [(1, 2.5), (2, 4.0)]


def test_efficiency_is_of_the_same_code_with_one_thread(store: Store) -> None:
    def both(method: str, kind: MethodKind, labels: tuple[str, str]) -> tuple[Timing, Timing]:
        one, two = (replace(timing(method, speed, kind=kind), threads=n) for n, speed in ((1, 2.0), (2, 3.0)))
        return replace(one, label=labels[0]), replace(two, label=labels[1])

    pairs = (
        both("expert", MethodKind.EXPERT, ("gcc -fopenmp", "gcc -fopenmp")),
        both("autopar", MethodKind.COMPILER, ("gcc -O3", "gcc -O3 -ftree-parallelize-loops=2")),
        both("tvm", MethodKind.TUNER, ("48 trials", "48 trials")),
        both("torch", MethodKind.LIBRARY, ("", "")),
    )
    put(store, (serial(threads=1), *(one for one, _ in pairs)), (serial(), *(two for _, two in pairs)))
    curves = {curve.method: curve for curve in summarise(store).thread_curves}
    found = {name: [curve.efficiency(point) for point in curve.points] for name, curve in curves.items()}
    assert found["expert"] == [1.0, 3.0 / (2.0 * 2)]
    assert found["autopar"] == [1.0, None]
    assert found["tvm"] == found["torch"] == [None, None]
    shown = curves_table("threads", "", tuple(curves.values()), by_threads=True)
    assert [row[-1].text for row in shown.rows if row[1].text in ("expert", "autopar")] == ["100%", "-", "100%", "75%"]
    assert "its own field, so there is no interval" in shown.caption
    [curve] = [curve for curve in curves.values() if curve.method == "expert"]
    assert replace(curve, points=curve.points[1:]).efficiency(curve.points[1]) is None


def test_one_thread_alone_makes_one_table(store: Store) -> None:
    put(store, (serial(threads=1), timing("expert", 2.5, threads=1)))
    summary = summarise(store)
    assert summary.one_thread is None
    assert cell(summary, "expert").speedup == 2.5


def test_curves_rise_with_the_work_and_leave_out_what_does_not_count(store: Store) -> None:
    sizes = (100, 300, 200)
    fields = [(serial(n=n), timing("expert", n / 10, n=n), timing("tvm", 1.0, n=n)) for n in sizes]
    fields[1] = (*fields[1][:2], replace(fields[1][2], objections=("wrong results",)))
    put(store, *fields)
    for n in sizes:
        store.put_work(HOST, Work("k", (("n", n),), None, 1000 - n, "isl"))
    curves = {curve.method: curve for curve in summarise(store).size_curves}
    assert set(curves) == {"expert", "tvm"}
    assert [dict(point.sizes)["n"] for point in curves["expert"].points] == [300, 200, 100]
    assert [dict(point.sizes)["n"] for point in curves["tvm"].points] == [200, 100]


def test_losses_and_wins_need_the_whole_interval(store: Store) -> None:
    put(store, (serial(), timing("a", 0.8), timing("b", 0.95), timing("c", 1.05), timing("d", 1.2)))
    summary = summarise(store)
    assert [row.method for row in summary.all_threads.rows if row.cells[0].is_loss] == ["a"]
    assert [row.method for row in summary.all_threads.rows if row.cells[0].is_win] == ["d"]


def test_too_few_samples_are_neither_a_win_nor_a_loss(store: Store) -> None:
    few = (timing("low", 0.1, samples=5), timing("high", 9.0, samples=5))
    put(store, (serial(), *few, timing("lower", 0.1), timing("higher", 9.0)))
    summary = summarise(store)
    rows = {row.method: row for row in summary.all_threads.rows}
    assert [method for method, row in rows.items() if row.cells[0].is_loss] == ["lower"]
    assert [method for method, row in rows.items() if row.cells[0].is_win] == ["higher"]
    assert [rows[method].applicable.values for method in ("low", "high")] == [(0.1,), (9.0,)]
    document = {item["method"]: item for item in summary_document(summary)["timings"]}
    assert [(document[name]["low"], document[name]["high"]) for name in ("low", "high")] == [(None, None)] * 2
    assert document["lower"]["low"] == pytest.approx(0.09)
    for text in (render_markdown(summary), render_html(summary)):
        assert "of 5 samples, no interval" in text
    listed = [row[1].text for row in losses_table(summary).rows]
    assert listed == ["lower", "low"]


def test_a_build_that_is_a_serial_build_neither_wins_nor_loses(store: Store) -> None:
    """On one thread gcc's own parallelizer is plain gcc, by the same command."""
    command = "gcc 12 -O3"
    base, other = replace(serial(), label=command), replace(serial(), method="clang-O3", label="clang 19 -O3")
    same, differs = (replace(timing(name, 0.5), label=command) for name in ("autopar", "expert"))
    differs = replace(differs, kind=MethodKind.EXPERT)
    put(store, (base, other, same, differs, replace(timing("polly", 0.6), label=f"{command} -polly")))
    summary = summarise(store)
    assert {row.method: row.cells[0].same_as for row in summary.all_threads.rows if row.cells[0].same_as} == {
        "autopar": "gcc-O3"
    }
    assert [row.method for row in summary.all_threads.rows if row.cells[0].is_loss] == ["polly", "expert"]
    assert [row[1].text for row in losses_table(summary).rows] == ["expert", "polly"]
    text = render_markdown(summary)
    assert "same build as gcc-O3" in text
    assert "biased downwards" in text


def test_code_that_polly_did_not_change_neither_wins_nor_loses(store: Store) -> None:
    base, other = replace(serial(), label="gcc 12 -O3"), replace(serial(), method="clang-O3", label="clang 19 -O3")
    remarks = {"polly": f"clang 19 -O3 -polly ({UNCHANGED})", "polly-parallel": f"clang 19 -O3 -polly ({CHANGED})"}
    put(store, (base, other, *(replace(timing(name, 0.5), label=label) for name, label in remarks.items())))
    rows = {row.method: row.cells[0] for row in summarise(store).all_threads.rows}
    assert {name: (rows[name].same_as, rows[name].is_loss) for name in remarks} == {
        "polly": ("clang-O3", False),
        "polly-parallel": ("", True),
    }


@pytest.mark.parametrize(
    ("labels", "shared"),
    [
        ((), ""),
        (("gcc -O3 (x)", "gcc -O3 (x)"), "gcc -O3 (x)"),
        ((f"clang -polly ({CHANGED})", f"clang -polly ({UNCHANGED})"), "clang -polly"),
        (("gcc 12 -O3 -fopenmp", "clang 19 -O3 -fopenmp"), "... -O3 -fopenmp"),
        (("Halide 21, Li2018, fastest of 3", "Halide 21, Adams2019, fastest of 3"), "Halide 21, ... fastest of 3"),
        (("a b", "a b c"), "a b ..."),
        (("a a", "a a a"), "a a ..."),
        (("one", "other"), ""),
        (("TVM, 16 trials in 24 s", "TVM, 48 trials in 21 s"), "TVM, ..."),
    ],
)
def test_a_methods_label_is_what_all_kernels_share(store: Store, labels: tuple[str, ...], shared: str) -> None:
    assert shared_label(labels) == shared
    fields = [
        (serial(f"k{n}"), replace(timing("m", 2.0, kernel=f"k{n}"), label=text, compile_s=1.0))
        for n, text in enumerate(labels)
    ]
    put(store, *(fields or [(serial(), replace(timing("m", 2.0), compile_s=1.0))]))
    summary = summarise(store)
    told = {row[0].text: row[1].text for row in making_table(summary).rows}
    row = summary.all_threads.row("m")
    assert row is not None
    assert row.label == shared
    assert told["m"] == (shared or "-")


def test_roofline_points(store: Store) -> None:
    put(store, (serial(), timing("expert", 4.0)))
    store.put_work(HOST, Work("k", (("n", 100),), 2_000_000_000, 500_000_000, "isl"))
    store.put_host(HOST, synthetic_campaign.host(), (Peaks(2, 4e10, 2e11, 4e11), Peaks(1, 3e10, 1e11, 2e11)))
    summary = summarise(store)
    assert [peak.threads for peak in summary.host.peaks] == [1, 2]
    base, expert = summary.roofline
    assert (base.threads, expert.threads) == (1, 2)
    assert expert.intensity == pytest.approx(4.0)
    assert expert.flop_per_s == pytest.approx(8e9)
    assert expert.bytes_per_s == pytest.approx(2e9)


def test_a_kernel_without_operations_has_bytes_alone(store: Store) -> None:
    put(store, (serial(), timing("expert", 2.0)))
    store.put_work(HOST, Work("k", (("n", 100),), None, 1000, "isl"))
    point = summarise(store).roofline[1]
    assert (point.intensity, point.flop_per_s) == (None, None)
    assert point.bytes_per_s == pytest.approx(2000.0)


def test_tasks_without_a_result_are_told(store: Store) -> None:
    put(store, (serial(), timing("expert", 2.0)))
    store.failure("lost", HOST, "k: n=900", "the worker died")
    store.failure("elsewhere", "another host", "k: n=800", "no compiler")
    assert summarise(store).unfinished == (("k: n=900", "the worker died"),)


def test_a_campaign_in_which_everything_failed_has_a_summary(store: Store) -> None:
    store.put_host(HOST, synthetic_campaign.host(), ())
    store.failure("a", HOST, "k: none/heuristic", "LW902: k.c:1: expected ')'")
    store.failure("b", HOST, "k: its own sizes", "LW902: k.c:1: expected ')'")
    summary = summarise(store)
    assert (summary.host.id, summary.kernels, summary.timings) == (HOST, (), ())
    assert [label for label, _ in summary.unfinished] == ["k: its own sizes", "k: none/heuristic"]
    assert (summary.counts.evaluations, summary.counts.unfinished) == (0, 2)
    assert summary.notes[0].startswith("No task gave a result")
    for render in (render_markdown, render_html):
        text = render(summary)
        assert "LW902: k.c:1: expected" in text
        assert "k: none/heuristic" in text


def test_a_host_with_failures_alone_must_be_named(store: Store) -> None:
    put(store, (serial(), timing("expert", 2.0)))
    store.failure("lost", "there", "k: n=900", "the worker died")
    assert summarise(store).host.id == HOST
    assert summarise(store, host="there").unfinished == (("k: n=900", "the worker died"),)


def test_equal_deliveries_are_told_once(store: Store) -> None:
    put(store, (serial("a"),))
    for strategy in ("cot", "tot"):
        store.put_plan(strategy, HOST, outcome("a", strategy))
    [delivery] = summarise(store).deliveries
    assert delivery.methods == ("loopwright:embedded/cot", "loopwright:embedded/tot")
    assert delivery.source[0].strip().startswith("for (size_t i")
    assert len(delivery.source) == 6


def test_what_was_not_timed_with_the_last_field_is_named(store: Store) -> None:
    """The kernel's text may have changed in between, so its row is not of one piece."""
    old = tuple(replace(item, baseline="clang-O3") for item in (timing("polly", 9.0), serial()))
    clang = replace(serial(), method="clang-O3", baseline="gcc-O3")
    store.put_timings("old", HOST, old)
    assert not [note for note in summarise(store).notes if "Not timed again" in note]
    store.put_timings("new", HOST, (serial(), clang))
    summary = summarise(store)
    assert cell(summary, "polly").speedup == 9.0
    [note] = [note for note in summary.notes if note.startswith("Not timed again")]
    assert note.endswith(" k polly.")
    assert [field.baseline for field in summary.all_threads.fields] == ["gcc-O3"]
