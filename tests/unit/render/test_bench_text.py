from __future__ import annotations

import io

from rich.console import Console

from loopwright.core.comparison import Change, ChangeKind, Comparison
from loopwright.render.bench_text import render_comparison

SLOWER = Change(
    ChangeKind.SLOWER,
    "matmul",
    "polly",
    (("n", 9),),
    2,
    "2.00x [1.90, 2.10] over gcc-O3",
    "1.00x [0.95, 1.05] over gcc-O3",
)
KEPT = Change(ChangeKind.OUTCOME, "bfs", "loopwright:embedded/tot", (), 0, "delivered 1", "kept 1", seed=7)
NEW = Change(ChangeKind.APPEARED, "fft", "fftw", (("n", 8),), 1, "", "timed")


def shown(comparison: Comparison) -> str:
    output = io.StringIO()
    Console(file=output, width=200).print(render_comparison(comparison))
    return output.getvalue()


def test_every_change_is_told_the_bad_news_first() -> None:
    text = shown(Comparison("here", "here", (NEW, KEPT, SLOWER), 3))
    assert text.startswith("1 slower, 1 another outcome, 1 appeared; 3 evaluations unchanged\n")
    assert "matmul: polly (n=9, 2 threads): 2.00x [1.90, 2.10] over gcc-O3 -> 1.00x [0.95, 1.05] over gcc-O3" in text
    assert "bfs: embedded/tot (seed 7): delivered 1 -> kept 1" in text
    assert "fft: fftw (n=8, 1 thread): timed" in text
    assert "two hosts" not in text


def test_two_hosts_are_told() -> None:
    text = shown(Comparison("here", "there", (), 1))
    assert text.startswith("no change; 1 evaluation unchanged\n")
    assert "here and there are two hosts, so speed-ups were not compared" in text
