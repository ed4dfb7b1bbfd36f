"""Generated code against the original: both compilers, C and C++, warnings as errors, many sizes, several threads.

Every kernel counts in a table how often, and with which iterators, each iteration ran; original and candidate
are compiled into one program that compares their tables for sizes around the tile size.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from loopwright.codegen.generate import generate
from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.candidate import Candidate
from loopwright.core.codes import Code
from loopwright.core.legality import Waived
from loopwright.core.plan import Interchange, Parallelize, Schedule, Simd, Step, Tile
from loopwright.core.variable import ElementType, Parameter

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from codegen.builder import INT, LONG, SIZE, UNSIGNED, Nest, proved

FLAGS = ("-O1", "-Wall", "-Wextra", "-Werror", "-fopenmp")
VERSIONS = range(22, 13, -1)
COMPILERS = [
    pytest.param("gcc", "c", marks=pytest.mark.needs("gcc")),
    pytest.param("g++", "c++", marks=pytest.mark.needs("g++")),
    pytest.param("clang", "c", marks=pytest.mark.needs("clang", "libomp")),
    pytest.param("clang++", "c++", marks=pytest.mark.needs("clang", "libomp")),
]
HARNESS = """
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#define W 64
#define OFF 16
#define TABLE (W * W)
#define TOUCH(i, j) (table[((int)(i) + OFF) * W + (int)(j) + OFF] += 1 + 7 * (int)(i) + 3 * (int)(j))
#define f original
#include "original.h"
#undef f
#define f candidate
#include "candidate.h"
#undef f
static long first[TABLE], second[TABLE];
int main(void) {
    int sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 17, 33};
    int count = (int)(sizeof sizes / sizeof sizes[0]);
    for (int a = 0; a < count; a++)
        for (int b = 0; b < count; b++) {
            memset(first, 0, sizeof first);
            memset(second, 0, sizeof second);
            original((TYPE)sizes[a], (TYPE)sizes[b], first);
            candidate((TYPE)sizes[a], (TYPE)sizes[b], second);
            if (memcmp(first, second, sizeof first) != 0) {
                printf("n=%d m=%d differ\\n", sizes[a], sizes[b]);
                return 1;
            }
        }
    return 0;
}
"""
IJ = (Tile(("i", "j"), (4, 8)),)
TOUCH = "TOUCH(i, j);"


def rectangle(low: str = "0", high: str = "n", step: int = 1) -> str:
    stride = f" and (i - ({low})) mod {step} = 0" if step > 1 else ""
    return f"[n, m] -> {{ S0[i, j] : {low} <= i < {high} and 0 <= j < m{stride} }}"


@dataclass(frozen=True)
class Kernel:
    """A body, the loops that are read off it, and what to do with them."""

    text: str
    domain: str
    steps: tuple[Step, ...]
    type: ElementType = INT
    loops: Callable[[Nest], Nest] = lambda nest: nest.loop("i").loop("j")
    guard: str = ""
    proof: bool = True


def parameters(kind: ElementType) -> tuple[Parameter, ...]:
    return (Parameter("n", "n", kind), Parameter("m", "m", kind))


KERNELS = {
    "tiled": Kernel(
        "for (int i = 0; i < n; i++) {\n        for (int j = 0; j < m; j++) {\n"
        "            TOUCH(i, j);\n        }\n    }",
        rectangle(),
        (*IJ, Parallelize("i_tile"), Simd("j")),
    ),
    "tiled and collapsed behind a guard": Kernel(
        "for (int i = 0; i < n; i++)\n        for (int j = 0; j < m; j++)\n            TOUCH(i, j);",
        rectangle(),
        (*IJ, Parallelize("i_tile", Schedule.DYNAMIC, 1, collapse=2)),
        guard="n > 4 || m > 5",
    ),
    "lower triangle": Kernel(
        "for (int i = 1; i < n; i++)\n        for (int j = 0; j <= i; j++)\n            TOUCH(i, j);",
        "[n, m] -> { S0[i, j] : 1 <= i < n and 0 <= j <= i }",
        (*IJ, Parallelize("i_tile")),
    ),
    "upper triangle, interchanged": Kernel(
        "for (int i = 0; i < n; i++)\n        for (int j = i + 1; j < m; j++)\n            TOUCH(i, j);",
        "[n, m] -> { S0[i, j] : 0 <= i < n and i < j < m }",
        (Interchange(("j", "i")), Parallelize("j")),
    ),
    "tiled, then the tile loops interchanged": Kernel(
        "for (int i = 0; i < n; i++)\n        for (int j = 0; j < m; j++)\n            TOUCH(i, j);",
        rectangle(),
        (*IJ, Interchange(("j_tile", "i_tile")), Parallelize("j_tile")),
    ),
    "strided": Kernel(
        "for (int i = 2; i < n; i += 3)\n        for (int j = 0; j < m; j++)\n            TOUCH(i, j);",
        rectangle("2", step=3),
        (*IJ, Parallelize("i_tile")),
        loops=lambda nest: nest.loop("i", step="3").loop("j"),
    ),
    "downwards": Kernel(
        "for (int i = n - 1; i >= 0; i--)\n        for (int j = m; j > -3; j -= 2)\n            TOUCH(i, j);",
        "[n, m] -> { S0[i, j] : 0 <= i < n and -3 < j <= m and (m - j) mod 2 = 0 }",
        (*IJ, Parallelize("i_tile")),
        loops=lambda nest: nest.loop("i", step="-1").loop("j", step="-2"),
    ),
    "downwards in an unsigned type": Kernel(
        "for (size_t i = n; i > 0; i--)\n        for (size_t j = 0; j < m; j++)\n            TOUCH(i, j);",
        "[n, m] -> { S0[i, j] : 0 < i <= n and 0 <= j < m }",
        (*IJ, Parallelize("i_tile")),
        type=SIZE,
        loops=lambda nest: nest.loop("i", step="-1").loop("j"),
    ),
    "unsigned": Kernel(
        "for (unsigned i = 0; i < n; i++)\n        for (unsigned j = 0; j < m; j++)\n            TOUCH(i, j);",
        rectangle(),
        (*IJ, Parallelize("i_tile")),
        type=UNSIGNED,
    ),
    "size_t": Kernel(
        "for (size_t i = 0; i < n; i++)\n        for (size_t j = 0; j < m; j++)\n            TOUCH(i, j);",
        rectangle(),
        (*IJ, Parallelize("i_tile", collapse=2)),
        type=SIZE,
    ),
    "size_t from a triangle": Kernel(
        "for (size_t i = 3; i < n; i++)\n        for (size_t j = i; j < m; j++)\n            TOUCH(i, j);",
        "[n, m] -> { S0[i, j] : 3 <= i < n and i <= j < m }",
        (Interchange(("j", "i")), Tile(("j", "i"), (4, 4)), Parallelize("j_tile")),
        type=SIZE,
    ),
    "long": Kernel(
        "for (long i = -n; i < 3; i++)\n        for (long j = -2; j < m - 4; j++)\n            TOUCH(i / 3, j);",
        "[n, m] -> { S0[i, j] : -n <= i < 3 and -2 <= j < m - 4 }",
        (*IJ, Parallelize("i_tile")),
        type=LONG,
    ),
    "int below long": Kernel(
        "for (int i = 0; i < n; i++)\n        for (int j = 0; j < 2 * n - m; j++)\n            TOUCH(i, j % 40);",
        "[n, m] -> { S0[i, j] : 0 <= i < n and 0 <= j < 2n - m }",
        (*IJ, Parallelize("i_tile")),
    ),
    "iterators declared before": Kernel(
        "int i, j;\n    for (i = 0; i < n; i++)\n        for (j = 0; j < m; j++) {\n"
        "            TOUCH(i, j);\n        }",
        rectangle(),
        (*IJ, Parallelize("i_tile"), Simd("j")),
        loops=lambda nest: (
            nest.loop("i")
            .loop("j")
            .variable("i", element=INT, live_out=False)
            .variable("j", element=INT, live_out=False)
        ),
    ),
    "the body of an if": Kernel(
        "if (n > 3) for (int i = 0; i < n; i++)\n        for (int j = 0; j < m; j++) TOUCH(i, j);\n"
        "    else TOUCH(2, 2);",
        rectangle(),
        (*IJ, Parallelize("i_tile")),
    ),
    "the body of an if, behind a condition": Kernel(
        "if (n > 3)\n        for (int i = 0; i < n; i++)\n            for (int j = 0; j < m; j++) {\n"
        "                if (i != j) TOUCH(i, j);\n            }\n    else\n        TOUCH(2, 2);",
        "[n, m] -> { S0[i, j] : 0 <= i < n and 0 <= j < m and i != j }",
        (*IJ, Parallelize("i_tile")),
    ),
    "smaller than a tile": Kernel(
        "for (int i = 0; i < 3; i++)\n        for (int j = 0; j < m; j++)\n            TOUCH(i + 0 * n, j);",
        "[n, m] -> { S0[i, j] : 0 <= i < 3 and 0 <= j < m }",
        (*IJ, Parallelize("j_tile")),
    ),
    "directives only": Kernel(
        "for (int i = 0; i < n; i++) {\n        /* the columns */\n        for (int j = 0; j < m; j++) {\n"
        "            TOUCH(i, j);\n        }\n    }",
        rectangle(),
        (Parallelize("i", Schedule.STATIC, collapse=2, num_threads=3),),
    ),
    "directives in one line": Kernel(
        "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) TOUCH(i, j);",
        rectangle(),
        (Parallelize("i"), Simd("j")),
        guard="n > 4 || m > 5",
    ),
    "a directive behind else": Kernel(
        "if (n > 100) TOUCH(0, 0); else for (int i = 0; i < n; i++) {\n            TOUCH(i, 0);\n        }",
        "[n] -> { S0[i] : 0 <= i < n }",
        (Parallelize("i"), Simd("i")),
        loops=lambda nest: nest.loop("i"),
        guard="n > 4 || m > 5",
    ),
    "the last value is used": Kernel(
        "int i = 5;\n    for (i = 0; i < n; i++)\n        for (int j = 0; j < m; j++)\n"
        "            TOUCH(i, j);\n    TOUCH(i, 3);",
        rectangle(),
        (Parallelize("i"),),
        loops=lambda nest: nest.loop("i").loop("j").variable("i", element=INT),
        proof=False,
    ),
    "bounds that divide negative numbers": Kernel(
        "for (int i = -9; i < n; i++)\n        for (int j = -4; j < (i + 40) / 2 - 19; j++)\n            TOUCH(i, j);",
        "[n, m] -> { S0[i, j] : -9 <= i < n and -4 <= j < floor((i + 40) / 2) - 19 }",
        (*IJ, Interchange(("j_tile", "i_tile")), Parallelize("j_tile")),
    ),
    "bounds that divide parameters": Kernel(
        "for (int i = 0; i < (n - m + 40) / 3 - 12; i++)\n"
        "        for (int j = 0; j < m; j++)\n            TOUCH(i, j);",
        "[n, m] -> { S0[i, j] : 0 <= i < floor((n - m + 40) / 3) - 12 and 0 <= j < m }",
        (*IJ, Parallelize("i_tile")),
    ),
    "a symbolic step": Kernel(
        "int s = n > 6 ? 3 : 2, c = (n + s - 1) / s;\n    for (int i = 0; i < n; i += s)\n"
        "        for (int j = 0; j < m; j++)\n            TOUCH(i, j);\n    (void)c;",
        "[n, m, c] -> { S0[i, j] : 0 <= i < c and 0 <= j < m }",
        (*IJ, Parallelize("i_tile")),
        loops=lambda nest: nest.loop("i", step="s", trip_count="c").loop("j"),
    ),
}


def make_nest(kernel: Kernel) -> Nest:
    spelled = {INT: "int", UNSIGNED: "unsigned", SIZE: "size_t", LONG: "long"}[kernel.type]
    text = f"static void f({spelled} n, {spelled} m, long *table)\n{{\n    {kernel.text}\n}}\n"
    nest = Nest(text, iterator_type=kernel.type, parameters=(*parameters(kernel.type), Parameter("c", "c", INT)))
    touch = re.search(r"TOUCH\(i[^;]*;", text)[0]
    return kernel.loops(nest).statement(touch, kernel.domain)


def make_candidate(kernel: Kernel) -> Candidate:
    nest = make_nest(kernel)
    built = nest.build()
    guards = (Assumption(AssumptionKind.NO_ALIAS, "", kernel.guard, Code.ALIAS_GUARDED),) if kernel.guard else ()
    proof = proved(built, *kernel.steps, assumptions=guards)
    waived = Waived(proof.plan, "", Code.LAST_VALUE_USED, proof.environments, guards)
    candidate = generate(nest.source, built, proof if kernel.proof else waived)
    assert isinstance(candidate, Candidate), candidate
    assert candidate.edits
    return candidate


def find(compiler: str) -> str:
    for version in ("", *(f"-{number}" for number in VERSIONS)):
        found = subprocess.run(
            ["which", compiler + version], capture_output=True, text=True, check=False
        ).stdout.strip()
        if found:
            return found
    raise AssertionError(compiler)


def compile_and_run(folder: Path, compiler: str, language: str, sources: dict[str, bytes], *flags: str) -> None:
    for name, content in sources.items():
        (folder / name).write_bytes(content)
    standard = "-std=c99" if language == "c" else "-std=c++11"
    command = [find(compiler), "-x", language, standard, *FLAGS, *flags, "main.c", "-o", "program"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, f"{built.stderr}\n{sources['candidate.h'].decode('utf-8', 'replace')}"
    for threads in ("1", "3"):
        environment = {"OMP_NUM_THREADS": threads, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["./program"], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        text = sources["candidate.h"].decode("utf-8", "replace")
        assert done.returncode == 0, f"{threads} threads: {done.stdout}{done.stderr}\n{text}"


def always_parallel(content: bytes) -> bytes:
    """Return the candidate with its profitability threshold lowered, so that small sizes run in parallel too."""
    return re.sub(rb"> \d{4,}\b", b"> 0", content)


@pytest.mark.parametrize(("compiler", "language"), COMPILERS)
def test_every_kernel_compiles_cleanly_and_computes_the_same(compiler: str, language: str, tmp_path: Path) -> None:
    failures: list[str] = []
    for name, kernel in KERNELS.items():
        candidate = make_candidate(kernel)
        kind = {INT: "int", UNSIGNED: "unsigned", SIZE: "size_t", LONG: "long"}[kernel.type]
        sources = {
            "main.c": HARNESS.replace("TYPE", kind).encode(),
            "original.h": candidate.source.content,
            "candidate.h": always_parallel(candidate.content),
        }
        try:
            compile_and_run(tmp_path, compiler, language, sources, "-Wno-unused-parameter")
        except AssertionError as failure:
            failures.append(f"{name}: {failure}")
    assert not failures, "\n".join(failures)
