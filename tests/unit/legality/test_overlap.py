"""Which variables may share memory, and the C text of the guards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopwright.core.codes import Code
from loopwright.core.legality import Proved, Undecided
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Atomic, Parallelize, Plan
from loopwright.core.source import Span
from loopwright.core.variable import ElementKind, ElementType, Parameter, Storage, Variable
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan
from loopwright.legality.overlap import may_overlap
from nests import INT, For, If, array, local_array, nest, scalar

CHAR = ElementType("unsigned char", ElementKind.UNSIGNED, 1)
UNSIGNED = ElementType("unsigned int", ElementKind.UNSIGNED, 4)
FLOAT = ElementType("float", ElementKind.FLOAT, 4)
RECORD = ElementType("struct point", ElementKind.RECORD, 24)
POINTER = ElementType("double *", ElementKind.POINTER, 8)
NEST = nest("n", For("i", "0", "n", "a[i] = b[i]"))


def plain(name: str, rank: int = 1, **facts: Any) -> Variable:
    return array(name, rank, is_restrict=False, **facts)


def in_global(name: str, **facts: Any) -> Variable:
    return local_array(name, "100", storage=Storage.GLOBAL, live_out=True, **facts)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (plain("p"), plain("q"), True),
        (array("p"), plain("q"), False),
        (array("p"), plain("q", storage=Storage.LOCAL), True),
        (array("p", storage=Storage.LOCAL), plain("q"), True),
        (plain("p"), in_global("g"), True),
        (array("p"), in_global("g"), False),
        (in_global("g"), in_global("h"), False),
        (plain("p"), local_array("w", "8"), False),
        (plain("p"), local_array("w", "8", address_taken=True), True),
        (plain("p"), scalar("s"), False),
        (plain("p", storage=Storage.LOCAL), scalar("s"), False),
        (plain("p", storage=Storage.LOCAL), scalar("s", address_taken=True), True),
        (plain("p", storage=Storage.LOCAL), scalar("s", scope="i"), False),
        (plain("p"), scalar("s", address_taken=True), True),
        (plain("p"), plain("q", element=INT), True),
        (plain("p"), plain("q", element=FLOAT), True),
        (plain("p", element=FLOAT), in_global("g"), False),
        (plain("p", element=CHAR), in_global("g"), True),
        (plain("p", element=UNSIGNED), plain("q", element=INT), True),
        (plain("p"), plain("q", element=CHAR), True),
        (plain("p"), plain("q", element=RECORD), True),
        (plain("p"), plain("q", element=POINTER), False),
        (plain("p.x", base="p"), plain("p.y", base="p"), False),
        (plain("p.x", base="p"), plain("p.x.v", base="p"), True),
        (plain("p", base="p", element=RECORD), plain("p.x", base="p"), True),
        (plain("p.x", base="p"), plain("q.x", base="q"), True),
        (plain("s->a", base="s->a"), plain("s->b", base="s->b"), True),
        (plain("s->x", 0, base="s"), plain("s->y", 0, base="s"), False),
        (in_global("g", element=RECORD), in_global("g.x"), True),
        (in_global("g.x"), in_global("g.y"), False),
        (array("m", 2, is_pointer=False, is_restrict=False), plain("q"), True),
    ],
)
def test_what_may_overlap(first: Variable, second: Variable, expected: bool) -> None:
    assert may_overlap(NEST, first, second) is expected
    assert may_overlap(NEST, second, first) is expected


def test_one_name_is_one_memory() -> None:
    assert may_overlap(NEST, array("p"), array("p"))


def test_two_locals_of_one_name_are_two_pointers() -> None:
    spans = (Span("k.c", 1, 2, 1, 1, 1), Span("k.c", 3, 4, 2, 1, 2))
    rows = [
        plain(name, base="row", storage=Storage.LOCAL, declaration=span)
        for name, span in zip(("row", "row_2"), spans, strict=True)
    ]
    assert may_overlap(NEST, *rows)


def test_restrict_says_nothing_about_pointers_made_from_it() -> None:
    linked = replace(NEST, pointer_aliases=(("p", "t"), ("t", "q")))
    assert may_overlap(linked, array("p"), plain("q"))
    assert not may_overlap(linked, array("p"), plain("r"))


def test_without_strict_aliasing_types_tell_nothing() -> None:
    assert may_overlap(replace(NEST, strict_aliasing=False), plain("p"), plain("q", element=INT))


def guards(given: LoopNest) -> list[str]:
    legality = check_plan(analyze_nest(given), Plan(given.id, (Parallelize("i"),)))
    assert isinstance(legality, Proved), legality
    return [assumption.guard for assumption in legality.assumptions]


def before(one: str, other: str) -> str:
    return f"(const char *){one} <= (const char *){other}"


def test_guard_of_a_stencil() -> None:
    given = nest("n", For("i", "1", "n - 1", "a[i] = b[i-1] b[i] b[i+1]"), plain("a"), plain("b"))
    low, high = "a + (long long)n - 1 <= b", "b + n <= a + 1"
    assert guards(given) in ([f"({low} || {high})"], [f"({high} || {low})"])


def test_guard_of_a_delinearized_array_against_a_global() -> None:
    flat = plain("a", 2, strides=("m", "1"))
    given = nest("n m", For("i", "0", "n", For("j", "0", "m", "a[i][j] = g[j]")), flat, in_global("g"))
    end = "(a + ((long long)n - 1) * m + (long long)m)"
    assert guards(given) == [f"({before(end, '&g')} || {before('(&g + 1)', 'a')})"]


def test_guard_with_two_ends() -> None:
    body = [For("j", "0", "n", "a[j] = c[i]"), For("k", "0", "m", "d[k] = a[k]")]
    given = nest("n m", For("t", "0", "2", For("i", "0", "1", body)), plain("a"), array("d"), array("c"))
    assert "i" in {loop.loop for loop in analyze_nest(given).loops}
    both = nest("n m", For("i", "0", "1", ["a[n] = b[i]", "a[m] = b[i]"]), plain("a"), plain("b"))
    (guard,) = guards(both)
    assert guard.count("<=") == 4


def test_guard_with_the_smaller_of_two_bounds() -> None:
    given = nest("n m", For("i", "0", "n", If("i < m", "a[i] = b[i]")), plain("a"), plain("b"))
    (guard,) = guards(given)
    assert "((long long)(" in guard
    assert " ? " in guard
    assert " < " in guard
    assert " > " not in guard


def test_guard_of_parameters_with_an_expression() -> None:
    given = nest("n", For("i", "0", "n", "a[i] = b[i]"), plain("a"), plain("b"))
    given = replace(given, parameters=(Parameter("n", "g->n", INT),))
    (guard,) = guards(given)
    assert "a + (g->n) <= b" in guard


def test_guard_of_a_scalar_behind_a_pointer() -> None:
    given = nest("n", For("i", "0", "n", "a[i] = f"), plain("a"), plain("f", 0))
    (guard,) = guards(given)
    assert guard == "(a + n <= f || f + 1 <= a)"


def test_pointers_of_two_types_are_compared_as_bytes() -> None:
    given = nest("n", For("i", "0", "n", "a[i] = b[i]"), plain("a", element=CHAR), plain("b"))
    (guard,) = guards(given)
    assert guard == f"({before('(a + n)', 'b')} || {before('(b + n)', 'a')})"


def test_only_what_is_written_needs_a_guard() -> None:
    loop = For("i", "0", "n", "a[i] = b[i] c[i]")
    given = nest("n", loop, array("a"), plain("b"), plain("c"))
    assert guards(given) == []


def undecided(given: LoopNest, *steps: Any) -> None:
    legality = check_plan(analyze_nest(given), Plan(given.id, (Parallelize("i"), *steps)))
    assert isinstance(legality, Undecided)
    assert (legality.code, legality.waivable) == (Code.ALIAS_UNGUARDED, True)


def test_no_guard_for_an_unknown_range() -> None:
    gather = For("i", "0", "n", "a[i] = b[?]")
    undecided(nest("n", gather, plain("a"), plain("b")))
    scatter = For("i", "0", "n", "h[?] += b[i]")
    undecided(nest("n", scatter, plain("h", element=INT), plain("b", element=INT)), Atomic("S0", "h"))
    rows = plain("a", base="")
    undecided(nest("n", For("i", "0", "n", "a[i] = b[i]"), rows, plain("b")))
    local = plain("b", scope="i", storage=Storage.LOCAL)
    undecided(nest("n", For("i", "0", "n", "a[i] = b[i]"), plain("a"), local))
    whole = plain("p", element=RECORD)
    undecided(nest("n", For("i", "0", "n", "p.x[i] = p[i]"), whole, plain("p.x", base="p")))


def test_allocated_memory_may_change_its_type_within_the_loop() -> None:
    given = nest("n", For("i", "0", "n", "a[i] = c[i]"), plain("a"), plain("c", element=INT))
    (guard,) = guards(given)
    assert guard in (
        f"({before('(a + n)', 'c')} || {before('(c + n)', 'a')})",
        f"({before('(c + n)', 'a')} || {before('(a + n)', 'c')})",
    )
