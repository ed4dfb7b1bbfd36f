"""The script in docs/ forms figures of the report again, from the exported tables alone."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import synthetic_campaign
from loopwright.campaign.export import export
from loopwright.campaign.store import Store
from loopwright.campaign.summary import summarise
from loopwright.core.campaign import MethodKind, Work
from loopwright.core.summary import Summary

SCRIPT = Path(__file__).parents[2] / "docs" / "recompute.py"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, Path]:
    folder = tmp_path_factory.mktemp("recompute")
    with Store.open(folder / "results.db") as store:
        synthetic_campaign.fill(store, kernels=("bfs", "dijkstra", "matmul", "spmv"))
        export(store, folder / "tables", "parquet")
        return summarise(store), folder / "tables"


@pytest.mark.parametrize("method", ["expert", "polly-parallel", "gcc-autopar", "loopwright:embedded/react"])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_figure_is_the_reports(exported: tuple[Summary, Path], method: str, threads: int) -> None:
    summary, folder = exported
    table = summary.all_threads if threads == 2 else summary.one_thread
    row = table.row(method) if table is not None else None
    assert row is not None
    assert row.everywhere.geometric_mean != 1.0
    run = recompute(str(folder), method, str(threads))
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) == pytest.approx(row.everywhere.geometric_mean, rel=1e-12)


@pytest.mark.parametrize("with_work", [True, False])
def test_of_two_fields_with_equally_many_methods_it_takes_the_one_with_more_work(
    tmp_path: Path, with_work: bool
) -> None:
    """The field with more work lies between two others, and its work rises as its size falls."""
    with Store.open(tmp_path / "results.db") as store:
        for size in (700, 300, 500):
            put_field(store, "heat", size, 0.001 * size)
            if with_work:
                store.put_work(synthetic_campaign.HOST, Work("heat", (("n", size),), 10_000 - size, None, "isl"))
        export(store, tmp_path / "tables", "parquet")
        summary = summarise(store)
    assert summary.all_threads.fields[0].sizes == (("n", 300 if with_work else 700),)
    row = summary.all_threads.row("expert")
    assert row is not None
    run = recompute(str(tmp_path / "tables"), "expert", "2")
    assert float(run.stdout) == pytest.approx(row.everywhere.geometric_mean, rel=1e-12)


def test_a_method_that_rested_is_paired_with_the_rounds_that_it_played(tmp_path: Path) -> None:
    with Store.open(tmp_path / "results.db") as store:
        put_field(store, "heat", 300, 25.0, rounds=3)
        export(store, tmp_path / "tables", "parquet")
        row = summarise(store).all_threads.row("expert")
    assert row is not None
    run = recompute(str(tmp_path / "tables"), "expert", "2")
    assert float(run.stdout) == pytest.approx(row.everywhere.geometric_mean, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("TABLES", "exprt", "2"), "exprt has no speed-up with 2 threads; these were asked for: clang-O3, expert,"),
        (("TABLES", "expert", "7"), "expert has no speed-up with 7 threads; these were asked for: none"),
        (("--help",), "recompute.py TABLES METHOD THREADS"),
        (("TABLES", "expert", "two"), "recompute.py TABLES METHOD THREADS"),
        (("nowhere", "expert", "2"), "cannot read the tables"),
    ],
)
def test_what_it_cannot_form_it_says(exported: tuple[Summary, Path], arguments: tuple[str, ...], said: str) -> None:
    run = recompute(*(str(exported[1]) if word == "TABLES" else word for word in arguments))
    assert run.returncode != 0
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def recompute(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def put_field(store: Store, kernel: str, size: int, expert_s: float, rounds: int = 9) -> None:
    """Put a field of one second per serial call; ``rounds`` are the expert's."""
    dice = random.Random(size)
    base, other = (synthetic_campaign.series(name, 1.0, dice) for name in ("gcc-O3", "expert"))
    fast = replace(other, samples_s=tuple(expert_s * each for each in other.samples_s[:rounds]))
    paired = replace(base, samples_s=base.samples_s[:rounds])
    timings = (
        synthetic_campaign.make_timing(kernel, "gcc-O3", MethodKind.SERIAL, base, base, threads=2, size=size),
        synthetic_campaign.make_timing(kernel, "expert", MethodKind.EXPERT, fast, paired, threads=2, size=size),
    )
    store.put_timings(f"{kernel} {size}", synthetic_campaign.HOST, timings)


def test_it_uses_nothing_of_loopwright() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names == {"sys", "collections", "math", "statistics", "pyarrow.parquet"}
