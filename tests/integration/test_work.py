"""The work of our kernels at their own sizes, against formulas written by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from pathlib import Path
from types import SimpleNamespace

import pytest

from loopwright.config import Settings
from loopwright.core.campaign import Work
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.harness.calibrate import case_for
from loopwright.harness.harness import Harness
from loopwright.harness.spec import load_spec
from loopwright.harness.subject import Subject, make_subject
from loopwright.measure.work import count_work

pytestmark = pytest.mark.needs("gcc")
ROOT = Path(__file__).parents[2] / "kernels"
# Nothing is run: finding the cases on which a kernel is well-behaved takes longer than all the counting.
SETTINGS = Settings()


def work_of(path: Path, scratch: Path, function: str | None = None, sizes: dict[str, int] | None = None) -> Work:
    unit, spec = extract(Source(str(path), path.read_bytes()), SETTINGS), load_spec(path)
    found = unit.function(function or spec.function or path.parent.name)
    assert found is not None
    subject = make_subject(unit, found, spec)
    assert isinstance(subject, Subject)
    harness = Harness(subject, SETTINGS, scratch)
    harness.cases = lambda: ()  # type: ignore[method-assign]
    chosen = tuple((sizes or dict(spec.measure)).items())
    return count_work(path.parent.name, found, harness, case_for(harness, chosen))


Formula = Callable[[SimpleNamespace], float]
COUNTED: dict[str, tuple[Formula, Formula]] = {
    "attention": (
        lambda s: s.heads * s.seq * (4 * s.seq * s.dim + s.seq + 4 * s.seq),
        lambda s: 4 * 4 * s.heads * s.seq * s.dim,
    ),
    "conv2d": (
        lambda s: 2 * 9 * s.channels * s.filters * (s.height - 2) * (s.width - 2),
        lambda s: (
            4
            * (
                s.channels * s.height * s.width
                + 9 * s.channels * s.filters
                + s.filters
                + s.filters * (s.height - 2) * (s.width - 2)
            )
        ),
    ),
    "jacobi2d": (
        lambda s: 10 * s.sweeps * (s.n - 2) ** 2,
        # u all but its corners and the boundary of v are loaded, both interiors stored.
        lambda s: 8 * (s.n**2 - 4 + 4 * (s.n - 2) + 2 * (s.n - 2) ** 2),
    ),
    "matmul": (lambda s: 2 * s.n**3, lambda s: 3 * 8 * s.n**2),
    "maxpool": (lambda s: 0, lambda s: 4 * s.channels * (s.height * s.width + s.height * s.width / 4)),
    "nbody": (lambda s: 19 * s.n**2 + 12 * s.n, lambda s: 8 * (7 + 6) * s.n),
}
STATED: dict[str, tuple[Formula, Formula]] = {
    "bfs": (lambda s: 0, lambda s: 4 * (s.n + 1) + 4 * s.edges + 6 * s.n),
    "dijkstra": (lambda s: s.n**2, lambda s: 8 * s.n**2 + 12 * s.n),
    "fft": (lambda s: 5 * s.n * log2(s.n) + 3 * s.n, lambda s: 40 * s.n),
    "pagerank": (lambda s: s.n + 10 * (2 * s.edges + 4 * s.n + 4), lambda s: 4 + 24 * s.n + 4 * s.edges),
    "spmv": (lambda s: 2 * s.nonzeros, lambda s: 4 + 20 * s.rows + 12 * s.nonzeros),
}


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.iterdir() if path.is_dir()))
def test_the_work_of_a_kernel(name: str, tmp_path: Path) -> None:
    work = work_of(ROOT / name / "kernel.c", tmp_path)
    flops, compulsory_bytes = (COUNTED | STATED)[name]
    sizes = SimpleNamespace(**dict(work.sizes))
    assert (work.flops, work.compulsory_bytes) == (flops(sizes), compulsory_bytes(sizes))
    assert work.source == ("isl" if name in COUNTED else "kernel.toml")
    assert work.kernel == name


CODE = """
void f(int n, const int *row, double *a)
{
    for (int i = 0; i < n; i++)
        for (int k = row[i]; k < row[i + 1]; k++)
            a[i] += 1.0;
}
"""


@pytest.mark.parametrize(
    ("table", "flops", "compulsory_bytes", "source"),
    [
        ("", None, None, ""),
        ("[work]\nflops = 'n * m'\nbytes = '16 * n'", 50, 160, "kernel.toml"),
        ("[work]\nflops = 'n * unheard_of'\nbytes = '16 * n'", None, 160, "kernel.toml"),
        ("[work]\nflops = 'n / (m - 5)'", None, None, ""),
    ],
)
def test_the_users_word_fills_in(
    table: str, flops: int | None, compulsory_bytes: int | None, source: str, tmp_path: Path
) -> None:
    (tmp_path / "kernel.c").write_text(CODE)
    (tmp_path / "kernel.toml").write_text(table)
    work = work_of(tmp_path / "kernel.c", tmp_path / "scratch", "f", {"n": 10, "m": 5})
    assert (work.flops, work.compulsory_bytes, work.source) == (flops, compulsory_bytes, source)


def test_the_users_word_never_replaces_a_count(tmp_path: Path) -> None:
    (tmp_path / "kernel.c").write_text(
        "void f(int n, double *a, int *b) { for (int i = 0; i < n; i++) a[b[i]] += 1.0; }"
    )
    (tmp_path / "kernel.toml").write_text("[work]\nflops = 7\nbytes = 'n'")
    work = work_of(tmp_path / "kernel.c", tmp_path / "scratch", "f", {"n": 10})
    assert (work.flops, work.compulsory_bytes, work.source) == (10, 10, "isl and kernel.toml")
