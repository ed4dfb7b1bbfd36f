from __future__ import annotations

import pytest

from codegen.builder import Nest
from loopwright.codegen import text
from loopwright.codegen.duplicate import check_may_duplicate
from loopwright.codegen.guards import conjunction
from loopwright.codegen.insert import in_block
from loopwright.codegen.refusal import RefusalError


def test_words_are_not_taken_from_comments_strings_and_numbers() -> None:
    source = """a /* b */ + "c d" // e
        + 'f' + 0x1Fg + R"x(h ")" i)x" + j"""
    assert text.words(source) == {"a", "j"}


@pytest.mark.parametrize(
    ("source", "number"), [("12", 12), ("-3", -3), ("(64)", 64), ("8UL", 8), ("n", None), ("08", None)]
)
def test_literals(source: str, number: int | None) -> None:
    assert text.literal(source) == number


@pytest.mark.parametrize("source", ["f(x)", "i++", "n -= 1", "a = b", "(g)(x) + h (y)"])
def test_effects_are_seen(source: str) -> None:
    assert text.has_call(source)


@pytest.mark.parametrize(
    "source", ["n - 1", "a <= b", "a == b", "sizeof(int)", "a[i + 1] != 3", "x >= -y", "(n) * (m)"]
)
def test_plain_expressions_have_no_effect(source: str) -> None:
    assert not text.has_call(source)


def test_lines_are_moved_together_preprocessor_lines_stay() -> None:
    moved = text.reindent("{\n        a;\n#if X\n    \n        b;\n    #endif\n    }", "    ", "  ")
    assert moved == "{\n      a;\n#if X\n    \n      b;\n    #endif\n  }"


def test_continued_lines_and_raw_strings_are_not_moved() -> None:
    for source in ('x = "a\\\n    b";\n    c;', 'x = R"(\n    b)";\n    c;'):
        assert text.reindent(source, "    ", "") == source


def test_only_line_feeds_end_lines() -> None:
    assert text.lines_of("a\x0cb\r\n\u2028c\x85d\n") == ["a\x0cb", "\u2028c\x85d", ""]


def test_indentation_is_the_users() -> None:
    for unit in ("  ", "    ", "\t"):
        source = f"{{\n{unit}for (int i = 0; i < n; i++)\n{unit}{unit}x[i] = 0;\n}}\n"
        loop = Nest(source).loop("i").build().loops[0]
        assert text.indentation_unit(source.encode(), loop.span, loop.body) == unit


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (b"{ ", True),
        (b"a = b;\n", True),
        (b"if (x) { } /* note */\n", True),
        (b"if (x)\n", False),
        (b"else ", False),
        (b"do ", False),
        (b"label: ", False),
        (b"{\n#if defined(A)\n", True),
        (b"if (x)\n#pragma once\n", False),
        (b"x = ';'", False),
        (b"// ;\nif (x) // ;\n", False),
    ],
)
def test_what_stands_in_front_of_a_statement(before: bytes, expected: bool) -> None:
    assert in_block(before + b"for", len(before)) is expected


@pytest.mark.parametrize("source", ["{ static int x; }", "again: x = 1; goto again;", "{ out: ; }", 'asm("nop");'])
def test_text_that_cannot_stand_twice(source: str) -> None:
    with pytest.raises(RefusalError):
        check_may_duplicate(source)


@pytest.mark.parametrize(
    "source", ["x = a ? b : c;", "switch (x) { case A: break; default: y(); }", "std::swap(a, b);", "a = b; // static"]
)
def test_text_that_can_stand_twice(source: str) -> None:
    check_may_duplicate(source)


def test_conditions_that_bind_loosely_are_parenthesised() -> None:
    assert conjunction(["a < b", "c ? d : e", "f(x, y) > 0", "a < b"]) == "a < b && (c ? d : e) && f(x, y) > 0"
    assert conjunction(["a == b", "c != d || e"]) == "a == b && (c != d || e)"
    assert conjunction(["(a || b) && c", "d"]) == "(a || b) && c && d"
    assert conjunction([]) == ""
    assert conjunction(["a || b"]) == "a || b"
