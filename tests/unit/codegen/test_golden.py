"""Generated files against tests/golden: named after the test, written anew by ``pytest --update-golden``."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.builder import INT, SIZE, Nest, proved
from loopwright.codegen.generate import generate
from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.candidate import Candidate
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Interchange, Parallelize, Schedule, Simd, Step, Tile
from loopwright.core.variable import Parameter

GOLDEN = Path(__file__).parents[2] / "golden"

MATMUL = """\
/* C += A * B, row major */
void matmul(int n, double *restrict c, const double *restrict a, const double *restrict b)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            for (int k = 0; k < n; k++) { // inner product
                c[i * n + j] += a[i * n + k] * b[k * n + j];
            }
        }
    }
}
"""
JACOBI = """\
#define N 512

static double a[N][N], b[N][N];

void sweep(int steps)
{
        int t, i, j;

        for (t = 0; t < steps; t++) {
                /* interior points only */
                for (i = 1; i < N - 1; i++)
                        for (j = 1; j < N - 1; j++)
                                b[i][j] = 0.25 * (a[i - 1][j] + a[i + 1][j] +
                                                  a[i][j - 1] + a[i][j + 1]);
                for (i = 1; i < N - 1; i++)
                        for (j = 1; j < N - 1; j++)
                                a[i][j] = b[i][j];
        }
}
""".replace(" " * 8, "\t")
DOT = """\
double dot(int n, const double *x, const double *y)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}
"""
TRIANGLE = """\
void update(size_t n, size_t m, double *a)
{
    for (size_t i = 0; i < n; ++i)
        for (size_t j = i; j < m; ++j)
            a[j] += 1.0;
}
"""


def matmul() -> Nest:
    nest = Nest(MATMUL, parameters=(Parameter("n", "n", INT),)).loop("i").loop("j").loop("k")
    domain = "[n] -> { S0[i, j, k] : 0 <= i < n and 0 <= j < n and 0 <= k < n }"
    return nest.statement("c[i * n + j] += a[i * n + k] * b[k * n + j];", domain)


def jacobi() -> Nest:
    nest = Nest(JACOBI, parameters=(Parameter("steps", "steps", INT),)).loop("t").loop("i", trip_count="510")
    nest = nest.loop("j", trip_count="510").loop("i_2", trip_count="510").loop("j_2", trip_count="510")
    box = "0 <= t < steps and 1 <= {0} < 511 and 1 <= {1} < 511"
    nest = nest.statement("b[i][j] = 0.25", f"[steps] -> {{ S0[t, i, j] : {box.format('i', 'j')} }}")
    nest = nest.statement("a[i][j] = b[i][j];", f"[steps] -> {{ S1[t, i_2, j_2] : {box.format('i_2', 'j_2')} }}")
    for name in ("t", "i", "j"):
        nest = nest.variable(name, element=INT, live_out=False)
    return nest


def dot() -> Nest:
    nest = Nest(DOT, parameters=(Parameter("n", "n", INT),)).loop("i").variable("sum")
    return nest.statement("sum += x[i] * y[i];", "[n] -> { S0[i] : 0 <= i < n }")


def triangle() -> Nest:
    parameters = (Parameter("n", "n", SIZE), Parameter("m", "m", SIZE))
    nest = Nest(TRIANGLE, path="update.cpp", iterator_type=SIZE, parameters=parameters).loop("i").loop("j")
    return nest.statement("a[j] += 1.0;", "[n, m] -> { S0[i, j] : 0 <= i < n and i <= j < m }")


NO_ALIAS = Assumption(AssumptionKind.NO_ALIAS, "", "x + n <= y || y + n <= x", Code.ALIAS_GUARDED)
SUM = DataEnvironment("i", reductions=(("sum", ReductionOperator.ADD),))
CASES: dict[str, tuple[Nest, tuple[Step, ...], tuple[DataEnvironment, ...], tuple[Assumption, ...]]] = {
    "matmul_tiled": (
        matmul(),
        (Tile(("i", "j", "k"), (32, 32, 64)), Parallelize("i_tile", collapse=2)),
        (),
        (),
    ),
    "matmul_interchanged": (
        matmul(),
        (Interchange(("i", "k", "j")), Parallelize("i", Schedule.STATIC), Simd("j")),
        (),
        (),
    ),
    "jacobi_directives": (
        jacobi(),
        (Parallelize("i"), Parallelize("i_2")),
        (DataEnvironment("i", ("j",)), DataEnvironment("i_2", ("j",))),
        (),
    ),
    "jacobi_tiled": (
        jacobi(),
        (Tile(("i", "j"), (32, 128)), Parallelize("i_tile"), Parallelize("i_2", num_threads=4)),
        (),
        (),
    ),
    "dot_reduction": (dot(), (Parallelize("i"), Simd("i")), (SUM,), (NO_ALIAS,)),
    "triangle_interchanged": (triangle(), (Interchange(("j", "i")), Parallelize("j")), (), ()),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, update_golden: bool) -> None:
    nest, steps, environments, assumptions = CASES[name]
    built = nest.build()
    answer = generate(nest.source, built, proved(built, *steps, environments=environments, assumptions=assumptions))
    assert isinstance(answer, Candidate), answer
    path = GOLDEN / f"{name}.c"
    if update_golden:
        path.write_bytes(answer.content)
    assert answer.content.decode() == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.c")} == set(CASES)
