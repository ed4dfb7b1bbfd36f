"""The baseline ``pluto`` with the real polycc, where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from baseline_kernels import KERNELS, kernel_of
from loopwright.baselines.pluto import Pluto
from loopwright.config import Settings
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import Run
from loopwright.toolchain.compiler import Build, find_compilers

SETTINGS = Settings()


@pytest.mark.needs("polycc", "gcc")
def test_what_polycc_makes_of_jacobi_gives_the_results(tmp_path: Path) -> None:
    kernel = kernel_of(KERNELS / "jacobi2d" / "kernel.c", tmp_path, SETTINGS)
    baseline = Pluto()
    assert baseline.missing(SETTINGS) is None
    assert baseline.inapplicable(kernel) is None
    made = baseline.prepare(kernel, kernel.harness.cases()[-1], 2, SETTINGS, budget_s=5.0)
    assert isinstance(made, Entrant), made
    assert made.is_threaded
    original = kernel.harness.build(kernel.unit.source.content, find_compilers(SETTINGS)[0], ("-O1",))
    assert isinstance(original, Build)
    reference, got = (kernel.harness.observe_all(build, kernel.harness.cases()) for build in (original, made.build))
    assert isinstance(reference, Run)
    assert isinstance(got, Run)
    for old, new in zip(reference.observations, got.observations, strict=True):
        # The same operations on each point, in whatever order of points: equal to the last bit.
        assert old.views == new.views
        assert not new.damage
