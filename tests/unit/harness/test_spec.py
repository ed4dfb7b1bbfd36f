from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.harness.spec import ArrayKind, KernelSpec, WorkSpec, load_spec, parse_spec

FULL = b"""
title = "Sparse matrix times vector"
function = "spmv"
outputs = ["y"]
[sizes]
test = [{ n = 0 }, { n = 17 }]
measure = { n = 1000 }
[parameters.alpha]
value = 1.5
[parameters.k]
range = [1, "n"]
[arrays.row]
extent = "n + 1"
kind = "offsets"
total = "nnz"
[arrays.col]
extent = "nnz"
range = [0, "n"]
[tolerance]
relative = 1e-9
[work]
flops = "2 * nnz"
bytes = 64
[functions.other.sizes]
measure = { m = 5 }
[functions.other.work]
flops = "n * log2(n - 1)"
"""


def test_all_keys_arrive() -> None:
    spec = parse_spec(FULL)
    assert spec.test == ((("n", 0),), (("n", 17),))
    assert spec.measure == (("n", 1000),)
    assert spec.outputs == ("y",)
    assert spec.relative == 1e-9
    assert spec.work == WorkSpec("2 * nnz", "64")
    row, col = spec.array("row"), spec.array("col")
    assert row is not None
    assert col is not None
    assert (row.extent, row.kind, row.total) == ("n + 1", ArrayKind.OFFSETS, "nnz")
    assert col.interval == (0, "n")
    alpha = spec.parameter("alpha")
    assert alpha is not None
    assert alpha.value == 1.5


def test_a_functions_own_table_wins_and_keeps_the_rest() -> None:
    other = parse_spec(FULL).for_function("other")
    assert other.measure == (("m", 5),)
    assert other.array("row") is not None
    assert other.work == WorkSpec("n * log2(n - 1)", "64")


def test_a_spec_about_another_function_says_nothing() -> None:
    assert parse_spec(FULL).for_function("third") == KernelSpec()
    assert parse_spec(b"[sizes]\nmeasure = { n = 3 }").for_function("any").measure == (("n", 3),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"colour = 1", "colour: there is no such key"),
        (b"[sizes]\ntest = 3", "sizes.test"),
        (b"[sizes]\nmeasure = { n = -1 }", "sizes.measure.n"),
        (b"[sizes]\nmeasure = { n = 1.5 }", "sizes.measure.n"),
        (b"[arrays.a]\nkind = 'round'", "arrays.a: kind 'round' is none of"),
        (b"[arrays.a]\nextent = 'n +'", "arrays.a"),
        (b"[arrays.a]\nextent = '__import__(1)'", "arrays.a"),
        (b"[arrays.a]\nrange = [1]", "arrays.a: range takes two values"),
        (b"[arrays.a]\ntotal = 3", "arrays.a: total belongs to"),
        (b"[functions.f.arrays.a]\nkind = 'round'", "arrays.a"),
        (b"[tolerance]\nrelative = -1.0", "tolerance.relative"),
        (b"[work]\nflops = 'n +'", "work: flops: "),
        (b"[work]\nbytes = '__import__(1)'", "work: bytes: "),
        (b"[work]\nbytes = 1.5", "work.bytes"),
        (b"[work]\nloads = 'n'", "work.loads: there is no such key"),
        (b"[functions.f.work]\nflops = 'n ** 2'", "work: flops: "),
        (b"[", "not TOML"),
        (b"\xff", "not TOML"),
    ],
)
def test_a_bad_file_gives_one_line_that_names_the_key(content: bytes, words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_spec(content)
    assert caught.value.code is Code.BAD_KERNEL_SPEC
    assert words in caught.value.one_line()
    assert "\n" not in caught.value.one_line()


def test_the_file_lies_beside_the_source(tmp_path: Path) -> None:
    assert load_spec(tmp_path / "a.c") == KernelSpec()
    (tmp_path / "kernel.toml").write_text("function = 'f'")
    assert load_spec(tmp_path / "a.c").function == "f"
