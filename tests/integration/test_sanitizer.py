"""Each sanitizer finds a planted bug and leaves clean OpenMP code alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.config import Limits, Settings
from loopwright.toolchain.compiler import Build, Compiler, build, find_compilers
from loopwright.toolchain.process import Completed, run
from loopwright.toolchain.sanitizer import EXIT_STATUS, Sanitizer, environment, find_archer, finding, flags, supports

SUM = """\
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    int n = 4096;
    double *a = malloc(n * sizeof *a), sum = 0.0, last = 0.0;
#pragma omp parallel for schedule(static, 7) num_threads(3)
    for (int i = 0; i < n; i++) a[i] = i;
#pragma omp parallel for CLAUSE num_threads(3)
    for (int i = 0; i < n; i++) {
        sum += a[i];
        if (i == n - 1) last = a[i];
    }
#pragma omp parallel num_threads(3)
    {
#pragma omp for collapse(2) schedule(dynamic, 5)
        for (int i = 0; i < 64; i++)
            for (int j = 0; j < 64; j++) a[i * 64 + j] *= 2.0;
#pragma omp single
        last += 1.0;
#pragma omp for
        for (int i = 0; i < n; i++) a[i] += last;
#pragma omp critical
        sum += 1.0;
    }
    printf("%g %g\\n", sum, last);
    free(a);
    return 0;
}
"""
CLEAN = SUM.replace("CLAUSE", "reduction(+ : sum)")
RACY = SUM.replace("CLAUSE", "")
OVERRUN = CLEAN.replace("i < n; i++) a[i] += last", "i <= n; i++) a[i] += last")
OVERFLOW = CLEAN.replace("int n = 4096;", "volatile int n = 4096, m = 2147483647; m += n;")
UNINITIALISED = CLEAN.replace("i < n; i++) a[i] = i;", "i < n - 1; i++) a[i] = i;").replace(
    'printf("%g', 'if (sum > 3.0) printf("%g'
)


def compilers(family: str) -> Compiler:
    return next(compiler for compiler in find_compilers(Settings()) if compiler.facts.family == family)


def examine(compiler: Compiler, kind: Sanitizer, text: str, folder: Path) -> Completed:
    source = folder / "k.c"
    source.write_text(text)
    built = build(
        compiler,
        source,
        folder / "k",
        (*flags(kind), "-fopenmp"),
        language="c",
        cwd=folder,
        limits=Limits(),
    )
    assert isinstance(built, Build), built
    return run((built.binary,), cwd=folder, timeout_s=120, environment=environment(compiler, kind))


def assert_found(completed: Completed, kind: Sanitizer, words: str) -> None:
    text = finding(kind, completed.stderr)
    assert text is not None, completed
    assert words in text
    assert "k.c:" in text
    assert completed.returncode == EXIT_STATUS or kind is Sanitizer.ADDRESS
    assert completed.returncode != 0


def assert_clean(completed: Completed, kind: Sanitizer) -> None:
    assert completed.ok, completed
    assert finding(kind, completed.stderr) is None
    assert completed.stdout == b"8.38656e+06 4096\n" or kind is Sanitizer.MEMORY


@pytest.mark.needs("clang", "libomp", "archer")
def test_a_race_is_found_and_clean_openmp_is_not_accused(tmp_path: Path) -> None:
    clang = compilers("clang")
    assert supports(clang, Sanitizer.THREAD)
    assert find_archer(clang) is not None
    for _ in range(3):
        assert_clean(examine(clang, Sanitizer.THREAD, CLEAN, tmp_path), Sanitizer.THREAD)
    assert_found(examine(clang, Sanitizer.THREAD, RACY, tmp_path), Sanitizer.THREAD, "data race")


@pytest.mark.needs("clang", "libomp", "archer")
def test_without_archer_clean_code_would_be_accused(tmp_path: Path) -> None:
    # So it is archer that keeps the check honest, and not that the check sees nothing.
    clang = compilers("clang")
    examine(clang, Sanitizer.THREAD, CLEAN, tmp_path)
    variables = environment(clang, Sanitizer.THREAD)
    del variables["OMP_TOOL_LIBRARIES"]
    completed = run((tmp_path / "k",), cwd=tmp_path, timeout_s=120, environment=variables)
    assert finding(Sanitizer.THREAD, completed.stderr) is not None


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("family", ["gcc", pytest.param("clang", marks=pytest.mark.needs("clang", "libomp"))])
def test_bad_addresses_and_overflow_are_found(tmp_path: Path, family: str) -> None:
    compiler = compilers(family)
    assert supports(compiler, Sanitizer.ADDRESS)
    assert_clean(examine(compiler, Sanitizer.ADDRESS, CLEAN, tmp_path), Sanitizer.ADDRESS)
    assert_found(examine(compiler, Sanitizer.ADDRESS, OVERRUN, tmp_path), Sanitizer.ADDRESS, "heap-buffer-overflow")
    assert_found(examine(compiler, Sanitizer.ADDRESS, OVERFLOW, tmp_path), Sanitizer.ADDRESS, "signed integer overflow")


@pytest.mark.needs("clang", "libomp")
def test_uninitialised_memory_is_found(tmp_path: Path) -> None:
    clang = compilers("clang")
    assert supports(clang, Sanitizer.MEMORY)
    assert_clean(examine(clang, Sanitizer.MEMORY, CLEAN, tmp_path), Sanitizer.MEMORY)
    completed = examine(clang, Sanitizer.MEMORY, UNINITIALISED, tmp_path)
    assert_found(completed, Sanitizer.MEMORY, "use-of-uninitialized-value")


@pytest.mark.needs("gcc")
def test_leaks_are_reported_only_on_request(tmp_path: Path) -> None:
    gcc = compilers("gcc")
    leaky = "#include <stdlib.h>\nint main(void) { for (int i = 0; i < 9; i++) *(volatile char *)malloc(8) = 1; }\n"
    assert examine(gcc, Sanitizer.ADDRESS, leaky, tmp_path).ok
    variables = environment(gcc, Sanitizer.ADDRESS, leaks=True)
    completed = run((tmp_path / "k",), cwd=tmp_path, timeout_s=120, environment=variables)
    assert b"detected memory leaks" in completed.stderr
