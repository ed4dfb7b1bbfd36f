"""From a C file through frontend and legality to generated code that computes the same with both compilers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from loopwright.codegen.generate import generate
from loopwright.config import Settings
from loopwright.core.analysis import NestAnalysis
from loopwright.core.candidate import Candidate, combine
from loopwright.core.legality import Proved
from loopwright.core.plan import Interchange, Parallelize, Plan, Simd, Step, Tile, tile_loop_name
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan

PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP 40
#define AT(i, j) ((i) * m + (j))

static double grid[CAP][CAP], other[CAP][CAP];

static void stencil(int n, int m, const double *restrict u, double *restrict v)
{
    int i, j;
    for (i = 1; i < n - 1; i++)
        for (j = 1; j < m - 1; j++)
            v[AT(i, j)] = u[AT(i - 1, j)] + u[AT(i + 1, j)] - 2.0 * u[AT(i, j)]; /* vertical */
}

static void may_alias(int n, int m, const double *u, double *v)
{
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) { v[i * m + j] = 3.0 * u[i * m + j] + i; }
}

static double sums(int n, int m, const double *u)
{
    double total = 0.0, largest = -1.0;
    for (int i = 0; i < n; i++) {
        double row = 0.0;
        for (int j = 0; j < m; j++)
            row += u[i * m + j];
        total += row;
        if (row > largest) largest = row;
    }
    return total + largest;
}

static void triangle(int n, double *restrict u)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            u[i * CAP + j] += i - j;
}

static void downwards(int n, int step, double *restrict u)
{
    for (int i = n - 1; i >= 0; i -= 2)
        for (int j = 0; j < n; j += step)
            u[i * CAP + j] = i * 0.5 + j;
}

static void fixed(void)
{
    for (int i = 0; i < CAP - 3; i++)
        for (int j = 2; j < CAP; j++)
            other[i][j] = grid[i][j] + grid[i + 3][j - 2];
}

static void corners(size_t n, unsigned m, double *restrict u)
{
    for (size_t i = 0; i < n; i++)
        for (unsigned j = 0; j < m; j++) {
            if (i == j)
                u[i * CAP + j] = 0.0;
            else
                u[i * CAP + j] += 1.0;
        }
}

static void least(int n, int m, int row, double *restrict u)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < (n < m ? n : m); j++)
            u[i * row + j] = i * 2.0 - j;
}

int main(void)
{
    static double a[CAP * CAP], b[CAP * CAP], c[CAP * CAP];
    static const int sizes[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 40};
    for (int x = 0; x < 12; x++)
        for (int y = 0; y < 12; y++) {
            int n = sizes[x], m = sizes[y];
            for (int k = 0; k < CAP * CAP; k++) a[k] = k % 97, b[k] = k % 31, grid[k / CAP][k % CAP] = k % 13;
            memset(other, 0, sizeof other);
            stencil(n, m, a, b);
            may_alias(n, m, a, b);
            if (n * m > 1) may_alias(n, m - 1, a, a + 1);
            triangle(n, b);
            downwards(n, 1 + m, a);
            fixed();
            corners((size_t)n, (unsigned)m, b);
            double checksum = sums(n, m, b);
            for (int k = 0; k < CAP * CAP; k++)
                checksum += a[k] * (k % 7) + b[k] * (k % 5) + other[k / CAP][k % CAP] * (k % 3);
            printf("%d %d %.1f", n, m, checksum);
            for (int row = 7; row <= 40; row += 11) {
                memset(c, 0, sizeof c);
                least(n, m, row, c);
                double sum = 0.0;
                for (int k = 0; k < CAP * CAP; k++) sum += c[k] * (k % 7);
                printf(" %.1f", sum);
            }
            printf("\n");
        }
    return 0;
}
"""
Planner = Callable[[NestAnalysis], tuple[Step, ...]]


def outermost_parallel(analysis: NestAnalysis) -> tuple[Step, ...]:
    for loop in analysis.loops:
        if loop.is_parallel:
            return (*analysis.helper_steps(loop.loop), Parallelize(loop.loop))
    return ()


def tiled_parallel(analysis: NestAnalysis) -> tuple[Step, ...]:
    if not analysis.bands:
        return ()
    band = analysis.bands[0]
    return (Tile(band, (8,) * len(band)), *analysis.helper_steps(band[0]), Parallelize(tile_loop_name(band[0])))


def interchanged(analysis: NestAnalysis) -> tuple[Step, ...]:
    return (Interchange(tuple(reversed(analysis.bands[0]))),) if analysis.bands else ()


def innermost_simd(analysis: NestAnalysis) -> tuple[Step, ...]:
    loop = analysis.loops[-1]
    return (*analysis.helper_steps(loop.loop), Simd(loop.loop)) if loop.is_parallel else ()


PLANNERS: dict[str, tuple[Planner, int]] = {
    "parallel": (outermost_parallel, 7),
    "tiled": (tiled_parallel, 4),
    "interchanged": (interchanged, 4),
    "simd": (innermost_simd, 5),
}


def make_candidate(path: Path, planner: Planner) -> Candidate:
    source = Source(str(path), path.read_bytes(), ("-std=c99",))
    candidates: list[Candidate] = []
    for nest in extract(source, Settings()).nests:
        if nest.function == "main":
            continue
        analysis = analyze_nest(nest)
        steps = planner(analysis)
        legality = check_plan(analysis, Plan(nest.id, steps))
        if not steps or not isinstance(legality, Proved):
            continue
        candidate = generate(source, nest, legality)
        assert isinstance(candidate, Candidate), (nest.id, steps, candidate)
        candidates.append(candidate)
    return combine(tuple(candidates))


def run(folder: Path, compiler: list[str], name: str, threads: int) -> str:
    command = [*compiler, "-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-fopenmp", name, "-o", "program"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, f"{built.stderr}\n{(folder / name).read_text()}"
    environment = {"OMP_NUM_THREADS": str(threads), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["./program"], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.needs("gcc", "clang", "libomp")
@pytest.mark.parametrize("name", PLANNERS)
def test_what_is_proved_computes_the_same(name: str, tmp_path: Path) -> None:
    planner, at_least = PLANNERS[name]
    original = tmp_path / "original.c"
    original.write_text(PROGRAM, encoding="utf-8")
    candidate = make_candidate(original, planner)
    assert len(candidate.bases) >= at_least, [basis.plan for basis in candidate.bases]
    if name != "simd":  # whose loop is safe whatever the rows
        assert b"(long long)row >= (long long)n) || ((long long)row >= (long long)m)" in candidate.content
    # Small sizes run in parallel too: every threshold down to nothing.
    (tmp_path / "candidate.c").write_bytes(candidate.content.replace(b"> 8192", b"> 0"))
    clang = next(
        found
        for version in ("", *(f"-{number}" for number in range(22, 13, -1)))
        if (
            found := subprocess.run(
                ["which", f"clang{version}"], capture_output=True, text=True, check=False
            ).stdout.strip()
        )
    )
    expected = run(tmp_path, ["gcc"], "original.c", 1)
    for compiler in (["gcc"], [clang, "-Wno-pass-failed"]):
        for threads in (1, 3):
            assert run(tmp_path, compiler, "candidate.c", threads) == expected, candidate.content.decode()
