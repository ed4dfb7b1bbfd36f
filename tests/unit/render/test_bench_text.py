from __future__ import annotations

import io

from rich.console import Console

from loopwright.core.comparison import Change, ChangeKind, Comparison
from loopwright.core.status import FailedTask, Status
from loopwright.render.bench_text import render_comparison, render_status

SLOWER = Change(
    ChangeKind.SLOWER,
    "matmul",
    "polly",
    (("n", 9),),
    2,
    "2.00x [1.90, 2.10] over gcc-O3",
    "1.00x [0.95, 1.05] over gcc-O3",
)
KEPT = Change(
    ChangeKind.OUTCOME, "bfs", "loopwright:embedded/tot", (), 0, "nests: 1 delivered", "nests: 1 kept", seed=7
)
NEW = Change(ChangeKind.APPEARED, "fft", "fftw", (("n", 8),), 1, "", "timed")


def shown(value: Comparison | Status) -> str:
    output = io.StringIO()
    rendered = render_status(value) if isinstance(value, Status) else render_comparison(value)
    Console(file=output, width=200).print(rendered)
    return output.getvalue()


def test_every_change_is_told_the_bad_news_first() -> None:
    text = shown(Comparison("here", "here", (NEW, KEPT, SLOWER), 3))
    assert text.startswith("1 slower, 1 another outcome, 1 appeared; 3 evaluations unchanged\n")
    assert "matmul: polly (n=9, 2 threads): 2.00x [1.90, 2.10] over gcc-O3 -> 1.00x [0.95, 1.05] over gcc-O3" in text
    assert "bfs: embedded/tot (seed 7): nests: 1 delivered -> nests: 1 kept" in text
    assert "fft: fftw (n=8, 1 thread): timed" in text
    assert "two hosts" not in text


def test_two_hosts_are_told() -> None:
    text = shown(Comparison("here", "there", (), 1))
    assert text.startswith("no change; 1 evaluation unchanged\n")
    assert "here and there are two hosts, so speed-ups were not compared" in text


def test_a_status_names_what_failed_and_why() -> None:
    failures = (FailedTask("heat: m/cot", "LW911: no model called 'm'", 3), FailedTask("heat: 1 thread", "killed", 1))
    assert shown(Status(30, 4, 7, 0, ("heat",), ("here",), failures)).splitlines() == [
        "37 evaluations: 30 complete, 7 failed, 0 pending; 4 do not apply here or are not installed",
        "",
        "2 tasks without a result",
        "  heat: m/cot: LW911: no model called 'm' (3 attempts)",
        "  heat: 1 thread: killed",
    ]
    text = shown(Status(1, 1, 0, 0, ("heat",), ("here",)))
    assert text == "1 evaluation: 1 complete, 0 failed, 0 pending; 1 does not apply here or is not installed\n"
