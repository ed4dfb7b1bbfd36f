"""The body of a function is found whatever braces stand around and inside it."""

from __future__ import annotations

import pytest

from loopwright.baselines.foreign.body import find_body, replace_body
from loopwright.core.source import Span

BODIES = {
    "plain": b"int f(int n) {return n;}",
    "strings": b"""int f(void) {return '}' + "}{\\"}"[0] + '\\'';}""",
    "comments": b"int f(void) /* { */ // {\n{/* } */ return 1; // }\n}",
    "long comment": b"int f(void) // { \\\n {\n{return 1;}",
    "inner blocks": b"void f(int n) {if (n) {while (n) {n--;}} else {n = 1;}}",
    "record type": b"struct pair {int a, b;} f(void) {struct pair p = {1, 2}; return p;}",
    "attribute": b"__attribute__((noinline)) int f(int a[static 3]) {return a[0];}",
    "array parameter": b"void f(int n, double u[n][n]) {u[0][0] = 0;}",
    "old style": b"int f(a) int a; {return a;}",
    "raw string": b'int f(void) {return R"x(}}")x"[0];}',
    "digit separator": b"int f(void) {return 1'000 + '{';}",
    "exponent": b"double f(void) {return 1e+3 + 0x1.8p-1;}",
}


def span(text: bytes, start: int = 0) -> Span:
    return Span("f.c", start, len(text), 1, 1, 1)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_opens_where_the_last_brace_has_its_partner(name: str) -> None:
    text = BODIES[name]
    found = find_body(text, span(text))
    assert found is not None
    start, end = found
    # What stands in front of the body says so itself: nothing in it looks like a statement.
    assert text[start : start + 1] == b"{"
    assert end == len(text)
    head = text[:start]
    assert b"return" not in head
    assert b"if (" not in head
    assert b"u[0][0]" not in head


@pytest.mark.parametrize("text", [b"int f(void);", b"int f(void) {", b"int f(void) {}}", b""])
def test_braces_that_do_not_match_are_no_body(text: bytes) -> None:
    assert find_body(text, span(text)) is None
    assert replace_body(text, span(text), b"{}") is None


def test_only_the_function_itself_is_looked_at() -> None:
    text = b"} int f(void) {return 1;} {"
    assert replace_body(text, Span("f.c", 2, 25, 1, 3, 1), b"{return 2;}") == b"} int f(void) {return 2;} {"


def test_what_follows_keeps_its_lines() -> None:
    text = b"int f(void)\n{\n    return 1;\n}\nint g;\n"
    replaced = replace_body(text, Span("f.c", 0, 29, 1, 1, 4), b"{ return 2; }")
    assert replaced is not None
    assert replaced.splitlines().index(b"int g;") == text.splitlines().index(b"int g;")
