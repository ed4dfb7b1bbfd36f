"""What is handed to polycc, and what is taken out of what it gives back."""

from __future__ import annotations

from pathlib import Path

import pytest

from baseline_kernels import KERNELS, kernel_of
from loopwright.baselines.pluto import Pluto, Refused, Replacement, assemble, marked, replacement, scops
from loopwright.config import Settings
from loopwright.core.source import Source
from loopwright.frontend.extract import extract

TEXT = b"""void f(int n, double a[n][n])
{
    for (int i = 0; i < n; i++)
        a[i][0] = 0.0;

    for (int i = 0; i < n; i++)
        a[i][1] = 1.0;
    a[0][0] = 7.0;
    for (int i = 0; i < n; i++)
        a[i][2] = 2.0;
}
"""
FIRST = (TEXT.index(b"for"), TEXT.index(b"= 1.0;") + 6)
SECOND = (TEXT.rindex(b"for"), TEXT.index(b"= 2.0;") + 6)
PROLOGUE = b"#include <omp.h>\n#define max(x,y) ((x) > (y) ? (x) : (y))\n"


def transformed(content: bytes, scop: tuple[int, int], code: bytes) -> bytes:
    """Return what polycc gives back: headers in front, and its code where the pragmas were."""
    text = marked(content, scop)
    start, end = text.index(b"#pragma scop"), text.index(b"#pragma endscop") + len(b"#pragma endscop\n")
    return PROLOGUE + text[:start] + code + text[end:]


def found_in(text: bytes) -> tuple[tuple[int, int], ...]:
    function = extract(Source("/nowhere/kernel.c", text), Settings(), "f").function("f")
    assert function is not None
    return scops(text, function.nests)


def test_neighbouring_nests_are_one_scop() -> None:
    assert found_in(TEXT) == (FIRST, SECOND)


def test_a_nest_with_indirect_subscripts_is_none() -> None:
    text = b"void f(int n, int *p, double *a, double *b)\n{ for (int i = 0; i < n; i++) a[i] = b[p[i]]; }\n"
    assert found_in(text) == ()


def test_the_nests_are_marked_in_a_block() -> None:
    assert marked(b"f(); for (;;) g(); h();", (5, 18)) == (
        b"f(); { /* scop */\n#pragma scop\nfor (;;) g();\n#pragma endscop\n/* end of scop */ } h();"
    )


def test_the_code_is_taken_out() -> None:
    output = transformed(TEXT, SECOND, b"  int t1;\n  for (t1=0;t1<n;t1++) a[t1][2] = 2.0;\n")
    assert replacement(TEXT, SECOND, output) == Replacement(
        PROLOGUE, b"{\n  int t1;\n  for (t1=0;t1<n;t1++) a[t1][2] = 2.0;\n}"
    )


@pytest.mark.parametrize(
    "output",
    [b"", PROLOGUE, transformed(TEXT, FIRST, b"x();\n").replace(b"7.0", b"8.0"), marked(TEXT, FIRST)],
    ids=["nothing", "prologue", "other text changed", "unchanged"],
)
def test_what_is_more_or_less_than_the_scop_is_refused(output: bytes) -> None:
    assert isinstance(replacement(TEXT, FIRST, output), Refused)


def test_all_replacements_come_together() -> None:
    made = [
        (scop, replacement(TEXT, scop, transformed(TEXT, scop, code)))
        for scop, code in ((FIRST, b"first();\n"), (SECOND, b"second();\n"))
    ]
    content = assemble(TEXT, [(scop, item) for scop, item in made if isinstance(item, Replacement)])
    assert content == PROLOGUE + TEXT[: FIRST[0]] + b"{\nfirst();\n}" + TEXT[FIRST[1] : SECOND[0]] + (
        b"{\nsecond();\n}" + TEXT[SECOND[1] :]
    )


def test_a_kernel_without_scops_is_inapplicable(tmp_path: Path) -> None:
    kernel = kernel_of(KERNELS / "spmv" / "kernel.c", tmp_path, Settings())
    assert Pluto().inapplicable(kernel) == "no nest is a SCoP: bounds and subscripts must be affine"


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = Pluto().missing(Settings())
    assert message is not None
    assert "polycc" in message
    assert "https://" in message
