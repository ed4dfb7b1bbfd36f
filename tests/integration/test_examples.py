"""The example goes the whole way: analysed, optimized, patched, built, and still printing its checksum."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

import pytest

import loopwright as lw
from loopwright.codegen.generate import generate
from loopwright.config import Limits, Settings
from loopwright.core.candidate import Candidate, combine
from loopwright.core.legality import Proved
from loopwright.core.plan import Parallelize, Plan
from loopwright.core.report import AnalysisReport, Label, NestOutcome, OptimizeReport
from loopwright.core.source import Source
from loopwright.legality.check import check_plan
from loopwright.toolchain.compiler import BuildFailed, build, find_compilers
from loopwright.toolchain.process import run

HEAT = Path(__file__).parents[2] / "examples" / "heat2d.c"
SIZES = [("4", "3"), ("33", "5"), ("150", "40")]


@functools.cache
def analysis() -> AnalysisReport:
    return lw.analyze(HEAT)


@pytest.fixture(scope="module")
def optimized() -> OptimizeReport:
    """The report of the whole file: without a model, proofs only."""
    settings = Settings(model="none", strategy="heuristic", budget_s=40.0)
    return lw.optimize(HEAT, settings=settings)


def program(source: Path, flags: tuple[str, ...]) -> Path:
    binary = source.with_suffix("")
    compiler = find_compilers(Settings())[0]
    built = build(compiler, source, binary, flags, language="c", cwd=source.parent, limits=Limits())
    assert not isinstance(built, BuildFailed), built.output
    assert not built.warnings
    return binary


def output(binary: Path, arguments: tuple[str, ...], threads: int) -> str:
    completed = run(
        (binary, *arguments), cwd=binary.parent, timeout_s=60.0, environment={"OMP_NUM_THREADS": str(threads)}
    )
    assert completed.ok, completed.describe()
    return completed.stdout.decode()


def fully_parallel(content: bytes) -> bytes:
    """Return the example with a directive on the outermost proved loop of every nest, whatever the clock would say."""
    source = Source(str(HEAT), content)
    candidates: list[Candidate] = []
    for answer in analysis().nests:
        loop = next((item for item in answer.loops if item.is_parallel), None)
        if loop is None:
            continue
        plan = Plan(answer.nest.id, (*answer.helper_steps(loop.loop), Parallelize(loop.loop)))
        legality = check_plan(answer, plan)
        assert isinstance(legality, Proved)
        candidate = generate(source, answer.nest, legality)
        assert isinstance(candidate, Candidate), candidate
        candidates.append(candidate)
    assert len(candidates) >= 8
    return combine(tuple(candidates)).content


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The serial program, and the one with every nest that was proved in parallel."""
    folder = tmp_path_factory.mktemp("heat2d")
    serial, patched = folder / "serial.c", folder / "patched.c"
    shutil.copy(HEAT, serial)
    patched.write_bytes(fully_parallel(HEAT.read_bytes()))
    flags = ("-std=c99", "-O3", "-Wall", "-Wextra")
    return program(serial, flags), program(patched, (*flags, "-fopenmp"))


def test_the_time_loop_is_refused_and_the_step_is_proved() -> None:
    nests = {analysis.nest.id: analysis for analysis in analysis().nests}
    step = next(analysis for analysis in nests.values() if analysis.nest.function == "step")
    assert [loop.is_parallel for loop in step.loops] == [True, True]
    assert not any(
        loop.is_parallel for analysis in nests.values() if analysis.nest.function == "main" for loop in analysis.loops
    )


def test_sums_are_proved_as_reductions() -> None:
    found = {
        (analysis.nest.function, variable, operator.value)
        for analysis in analysis().nests
        for variable, operator in analysis.loops[0].reductions
        if analysis.loops[0].is_parallel
    }
    assert found == {("change", "sum", "+"), ("mean", "sum", "+"), ("mean", "largest", "max"), ("checksum", "sum", "+")}


@pytest.mark.needs("gcc", "clang", "patch")
def test_what_is_delivered_is_proved_and_what_is_not_says_why(optimized: OptimizeReport, tmp_path: Path) -> None:
    delivered = [nest for nest in optimized.nests if nest.outcome is NestOutcome.DELIVERED]
    assert {nest.label for nest in delivered} <= {Label.PROVED}
    assert bool(delivered) is ("#pragma omp" in optimized.patch)
    assert all(nest.code is not None for nest in optimized.nests if nest not in delivered)
    if delivered:
        copy = tmp_path / "heat2d.c"
        shutil.copy(HEAT, copy)
        completed = run(("patch", copy), cwd=tmp_path, timeout_s=10.0, stdin=optimized.patch.encode())
        assert completed.ok, completed.output


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("arguments", SIZES, ids="x".join)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_patched_program_prints_the_same(
    programs: tuple[Path, Path], arguments: tuple[str, ...], threads: int
) -> None:
    serial, patched = programs
    expected = output(serial, arguments, 1)
    assert "checksum" in expected
    assert output(patched, arguments, threads) == expected


@pytest.mark.needs("gcc")
def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    shutil.copy(HEAT, tmp_path / "heat2d.c")
    binary = program(tmp_path / "heat2d.c", ("-std=c99", "-O1"))
    assert run((binary, "3"), cwd=tmp_path, timeout_s=10.0).returncode == 1
