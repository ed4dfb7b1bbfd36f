"""What is proved of the small nests can be built without warnings, and keeps its meaning where a guard says no.

A directive's ``if`` clause runs the loop on one thread, but its ``private``, ``lastprivate`` and ``reduction``
clauses still make copies. So a program is run on memory that overlaps, and with no iterations, against its serial self.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from loopwright.codegen.generate import generate
from loopwright.config import Limits, Settings
from loopwright.core.candidate import Candidate
from loopwright.core.legality import Proved
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.legality.analyze import analyze_nest
from loopwright.toolchain.compiler import Build, build, find_compilers
from loopwright.toolchain.process import run

ACCEPT = sorted((Path(__file__).parents[1] / "legality" / "accept").glob("*.c*"))
WARNINGS = ("-Wall", "-Wextra", "-c")


def candidates(source: Source) -> list[tuple[str, Candidate]]:
    """Return the file with one proved loop in parallel, for each of them that code can be generated for."""
    unit = extract(source, Settings())
    found: list[tuple[str, Candidate]] = []
    for nest in unit.nests:
        for answer in analyze_nest(nest).loops:
            if isinstance(answer.legality, Proved):
                generated = generate(source, nest, answer.legality)
                if isinstance(generated, Candidate):
                    found.append((answer.loop, generated))
    return found


@pytest.mark.needs("gcc", "g++", "clang")
@pytest.mark.parametrize("path", ACCEPT, ids=lambda path: path.stem)
def test_every_proved_loop_builds_without_new_warnings(path: Path, tmp_path: Path) -> None:
    source = Source(str(path), path.read_bytes())
    changed = tmp_path / f"changed{path.suffix}"
    found = candidates(source)
    assert found
    for compiler in find_compilers(Settings()):
        arguments = {"language": source.language, "cwd": tmp_path, "limits": Limits()}
        original = build(compiler, path, tmp_path / "original.o", WARNINGS, **arguments)
        assert isinstance(original, Build), original.output
        # The outermost and the innermost proved loop: what differs between the clauses.
        for loop, candidate in dict((found[0], found[-1])).items():
            assert b"#pragma omp" in candidate.content
            changed.write_bytes(candidate.content)
            built = build(compiler, changed, tmp_path / "changed.o", (*WARNINGS, "-fopenmp"), **arguments)
            assert isinstance(built, Build), f"{loop}: {built.output}"
            assert built.warnings.count("warning:") <= original.warnings.count("warning:"), f"{loop}: {built.warnings}"


@dataclass(frozen=True)
class Program:
    """A function and a ``main`` that prints what it does; every proved loop in turn is made parallel."""

    name: str
    function: str
    main: str


MANY = 20000

PROGRAMS = [
    Program(
        "sum_read_through_pointer",
        """
double f(int n, const double *restrict a, double *restrict b)
{
    double sum = 0.0;
    const double *p = &sum;
    for (int i = 0; i < n; i++) {
        sum += a[i];
        b[i] = *p;
    }
    return sum;
}
""",
        'printf("%g", f(N, a, b)); show(b);',
    ),
    Program(
        "last_value_of_an_inner_loop_that_does_not_run",
        """
double f(int n, int m, const double *restrict a, double b[restrict][64])
{
    double last = 0.5;
    for (int i = 0; i < n; i++)
        for (int j = 2; j < m; j++) {
            last = a[i] + j;
            b[i][j] = last * last;
        }
    return last;
}
""",
        """double (*rows)[64] = (double (*)[64])b;
    printf("%g %g %g %g ", f(N / 64, 2, a, rows), f(N / 64, -5, a, rows), f(0, 8, a, rows), f(3, 3, a, rows));
    printf("%g", f(N / 64, 64, a, rows)); show(b);""",
    ),
    Program(
        "iterator_used_in_the_outer_iteration",
        """
void f(int n, int m, double *restrict a, double b[restrict][64])
{
    int i, j;
    for (i = 0; i < n; i++) {
        for (j = 2; j < m; j++)
            b[i][j] = i + j;
        a[i] = j;
    }
}
""",
        """double (*rows)[64] = (double (*)[64])b;
    f(40, 1, a, rows); show(a); f(40, -3, a, rows); show(a); f(9, 64, a + 50, rows); show(a); show(b);""",
    ),
    Program(
        "allocated_rows",
        """
#include <stdlib.h>
int f(int n, int m, double **restrict rows)
{
    for (int i = 0; i < n; i++)
        rows[i] = calloc(m, sizeof(double));
    int missing = 0;
    for (int i = 0; i < n; i++)
        missing += rows[i] == 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++)
            rows[i][j] += i * j;
    }
    return missing;
}
""",
        """static double *rows[512];
    printf("%d %d", f(500, 3, rows), f(0, 3, rows));
    for (int k = 0; k < 500; k++) printf(" %g", rows[k][0] + rows[k][1] + rows[k][2]);""",
    ),
    Program(
        "released_rows",
        """
#include <stdlib.h>
int f(int n)
{
    struct { double *row; int index; } table[200];
    for (int i = 0; i < n; i++) {
        table[i].row = malloc(8 * (1 + i % 7));
        table[i].index = i;
    }
    int sum = 0;
    for (int i = 0; i < n; i++) {
        free(table[i].row);
        sum += table[i].index;
    }
    return sum;
}
""",
        'for (int k = 0; k < 60; k++) printf("%d ", f(3 * k));',
    ),
    Program(
        "iterators_of_inner_loops_that_do_not_run",
        """
int f(int n, int m, int l, double b[restrict][8][8])
{
    int i = -1, j = -2, k = -3;
    for (i = 0; i < n; i++)
        for (j = 0; j < m; j++)
            for (k = 1; k < l; k++)
                b[i][j][k] = i + j * k;
    return i + 100 * j + 10000 * k;
}
""",
        """double (*rows)[8][8] = (double (*)[8][8])b;
    printf("%d %d %d ", f(9, 0, 3, rows), f(9, -4, 3, rows), f(9, 3, 0, rows));
    printf("%d %d %d", f(0, 3, 3, rows), f(200, 8, 8, rows), f(200, 3, 1, rows)); show(b);""",
    ),
    Program(
        "global_sum_is_an_output",
        """
double total;
void f(int n, const double *restrict a, double *out)
{
    for (int i = 0; i < n; i++) {
        total += a[i];
        out[i] = a[i];
    }
}
""",
        'total = 10.0; f(1, a, &total); printf("%g ", total); f(N, a, b); printf("%g", total); show(b);',
    ),
    Program(
        "global_scratch_is_an_output",
        """
double t;
void f(int n, const double *a, double *b)
{
    for (int i = 0; i < n; i++) {
        t = a[i] * 2.0;
        b[i] = 1.0;
        b[i] += t;
    }
}
""",
        'f(1, a + 3, &t); printf("%g ", t); f(N, a, b); printf("%g", t); show(b);',
    ),
    Program(
        "private_written_through_pointer",
        """
double f(int n, const double *restrict a, double *restrict b)
{
    double t = 0.0;
    double *p = &t;
    for (int i = 0; i < n; i++) {
        t = a[i];
        b[i] = *p;
    }
    return t;
}
""",
        'printf("%g", f(N, a, b)); show(b);',
    ),
    Program(
        "shifted_output",
        """
void f(int n, const double *a, double *b)
{
    for (int i = 0; i < n; i++)
        b[i] = 0.5 * a[i] + 1.0;
}
""",
        "f(N, a, b); show(b); f(N - 1, a, a + 1); show(a); f(N - 7, a + 7, a); show(a); f(N, a, a); show(a);",
    ),
    Program(
        "overlapping_grids",
        """
void f(int n, double u[n][n], double v[n][n])
{
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++)
            v[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);
}
""",
        "f(120, (double (*)[120])a, (double (*)[120])b); show(b);"
        "f(120, (double (*)[120])a, (double (*)[120])(a + 120)); show(a);"
        "f(120, (double (*)[120])(a + 7), (double (*)[120])a); show(a);",
    ),
    Program(
        "bytes_of_the_output",
        """
void f(int n, double *a)
{
    const unsigned char *raw = (const unsigned char *)a;
    for (int i = 1; i < n; i++)
        a[i] = raw[i];
}
""",
        "f(5, a); show(a); f(N, a); show(a);",
    ),
    Program(
        "chosen_pointer",
        """
void f(int n, int flag, double *restrict a, double *restrict b)
{
    const double *src = flag ? a : b;
    for (int i = 1; i < n; i++)
        a[i] = src[i - 1] * 0.5;
}
""",
        "f(N, 0, a, b); show(a); f(N, 1, a, b); show(a);",
    ),
    Program(
        "rows_that_are_too_long",
        """
void f(int rows, int cols, int ld, double *a)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++)
            a[i * ld + j] = 0.5 * a[i * ld + j] + i - j;
}
""",
        "f(100, 150, 150, a); show(a); f(100, 150, 40, a); show(a); f(100, 150, 0, a); show(a);",
    ),
    Program(
        "step_of_nothing",
        """
void f(int n, int stride, double *a)
{
    for (int i = 0; i < n; i++)
        a[i * stride] += i;
}
""",
        "f(N, 1, a); show(a); f(N, 0, a); show(a);",
    ),
    Program(
        "iterator_after_the_loop",
        """
int f(int n, double *a)
{
    int i;
    for (i = 0; i < n; i++)
        a[i] = 1.0;
    return i;
}
""",
        'printf("%d %d %d", f(0, a), f(-5, a), f(N, a)); show(a);',
    ),
    Program(
        "last_value_of_no_iteration",
        """
double f(int n, const double *restrict a, double *restrict b)
{
    double t = 3.0;
    for (int i = 0; i < n; i++) {
        t = a[i] * 0.5;
        b[i] = t;
    }
    return t;
}
""",
        'printf("%g %g", f(0, a, b), f(N, a, b)); show(b);',
    ),
    Program(
        "truth_of_no_iteration",
        """
int f(int n, int ok, const double *a)
{
    for (int i = 0; i < n; i++)
        ok = ok && a[i] >= 0.0;
    return ok;
}
""",
        'printf("%d %d %d", f(0, 5, a), f(N, 5, a), f(1, 0, a));',
    ),
    Program(
        "minimum_of_no_iteration",
        """
double f(int n, double least, const double *a)
{
    for (int i = 0; i < n; i++)
        if (a[i] < least)
            least = a[i];
    return least;
}
""",
        'printf("%g %g", f(0, 1e300, a), f(N, 1e300, a));',
    ),
]

FRAME = """
#include <stdio.h>
#define N {many}
{function}
static double a[N + 8], b[N + 8];

static void show(const double *x)
{{
    double sum = 0.0;
    for (int k = 0; k < N + 8; k++)
        sum += x[k] * (1 + k % 7);
    printf(" %.12g", sum);
}}

int main(void)
{{
    (void)show;
    for (int k = 0; k < N + 8; k++) {{
        a[k] = 1 + k % 5;
        b[k] = 2 + k % 3;
    }}
    {main}
    return 0;
}}
"""


@pytest.mark.needs("gcc", "clang", "libomp")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_guard_that_says_no_keeps_the_meaning(program: Program, tmp_path: Path) -> None:
    text = FRAME.format(many=MANY, function=program.function, main=program.main)
    # The function alone is looked at; the frame's own loops stay as they are.
    source = Source(str(tmp_path / "program.c"), text.encode())
    inside = text.index(program.function), text.index(program.function) + len(program.function)
    found = [
        (loop, candidate)
        for loop, candidate in candidates(source)
        if all(inside[0] <= edit.span.start < inside[1] for edit in candidate.edits)
    ]

    def printed(content: bytes, name: str, flags: tuple[str, ...], threads: int) -> list[str]:
        outputs: list[str] = []
        for compiler in find_compilers(Settings()):
            path = tmp_path / f"{name}.c"
            path.write_bytes(content)
            binary = tmp_path / f"{name}-{compiler.facts.family}"
            built = build(compiler, path, binary, flags, language="c", cwd=tmp_path, limits=Limits())
            assert isinstance(built, Build), built.output
            environment = {"OMP_NUM_THREADS": str(threads)}
            completed = run((binary,), cwd=tmp_path, timeout_s=30.0, environment=environment)
            assert completed.ok, completed.describe()
            outputs.append(completed.stdout.decode())
        return outputs

    expected = printed(source.content, "serial", ("-O2",), 1)
    assert len(set(expected)) == 1, "gcc and clang agree on the original"
    # A loop that is not proved needs no check here: tests/legality says which must be.
    for loop, candidate in found:
        assert printed(candidate.content, f"parallel-{loop}", ("-O2", "-fopenmp"), 3) == expected, loop


def test_most_programs_have_a_proved_loop() -> None:
    proved = 0
    for program in PROGRAMS:
        source = Source("program.c", program.function.encode())
        proved += bool(candidates(source))
    assert proved >= len(PROGRAMS) // 2
