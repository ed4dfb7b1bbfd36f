"""The script in docs/ forms figures of the report again, from the exported tables alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import synthetic_campaign
from loopwright.campaign.export import export
from loopwright.campaign.store import Store
from loopwright.campaign.summary import summarise
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
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), method, str(threads)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert float(run.stdout) == pytest.approx(row.everywhere.geometric_mean, rel=1e-12)


def test_it_uses_nothing_of_loopwright() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names == {"sys", "collections", "statistics", "pyarrow.parquet"}
