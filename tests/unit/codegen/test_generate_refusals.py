"""Plans and texts for which codegen must give up, or must take care, in places that few programs reach."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from codegen.builder import INT, Nest, proved
from loopwright.codegen.duplicate import check_may_duplicate
from loopwright.codegen.generate import generate
from loopwright.codegen.insert import wrap
from loopwright.codegen.refusal import RefusalError
from loopwright.codegen.text import line_ending
from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.candidate import Candidate, NotGenerated
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment, Waived
from loopwright.core.nest import LoopNest, ReductionOperator, Update
from loopwright.core.plan import Atomic, Interchange, Parallelize, Simd, Step, Tile
from loopwright.core.source import Span

ADD = ReductionOperator.ADD
SQUARE = "[n, m] -> { S0[i, j] : 0 <= i < n and 0 <= j < m }"
ELSEWHERE = Span("kernel.c", 9000, 9010, 90, 1, 90)
TRIPS = Assumption(AssumptionKind.TRIP_COUNT, "it runs", "n > 0", Code.TRIP_COUNT)


def square(before: str = "", body: str = "a[i] = b[j];") -> Nest:
    text = (
        f"void f(int n, int m)\n{{\n    {before}for (int i = 0; i < n; i++)\n"
        f"        for (int j = 0; j < m; j++)\n            {body}\n}}\n"
    )
    return Nest(text).loop("i").loop("j").statement(body, SQUARE)


def flat(before: str = "", body: str = "h[i] += a[i];", **fields: Any) -> Nest:
    nest = Nest(f"void f(int n)\n{{\n    {before}for (int i = 0; i < n; i++)\n        {body}\n}}\n").loop("i")
    return nest.statement(body, "[n] -> { S0[i] : 0 <= i < n }", **fields)


def text_of(nest: Nest, *steps: Step, **basis: Any) -> str:
    answer = generate(nest.source, nest.build(), proved(nest.build(), *steps, **basis))
    assert isinstance(answer, Candidate), answer
    return answer.content.decode()


def refused(nest: Nest, built: LoopNest, *steps: Step, code: Code = Code.STEP_DOES_NOT_FIT, **basis: Any) -> None:
    answer = generate(nest.source, built, proved(built, *steps, **basis))
    assert isinstance(answer, NotGenerated), answer
    assert answer.code is code


def test_an_update_in_a_helper_gets_no_directive() -> None:
    nest = flat(update=Update("h", ADD, False, True)).variable("h", rank=1, extents=("",))
    built = nest.build()
    moved = tuple(replace(statement, span=ELSEWHERE) for statement in built.statements)
    refused(nest, replace(built, statements=moved), Atomic("S0", "h"))


def test_loops_beside_one_another_or_in_helpers_are_no_band() -> None:
    text = (
        "void f(int n)\n{\n    for (int t = 0; t < n; t++) {\n        for (int i = 0; i < n; i++) a[i] = 0;\n"
        "        for (int j = 0; j < n; j++) b[j] = 0;\n    }\n}\n"
    )
    nest = Nest(text).loop("t").loop("i").loop("j")
    refused(nest, nest.build(), Interchange(("j", "i")))
    whole = square()
    built = whole.build()
    refused(
        whole, replace(built, loops=tuple(replace(loop, is_inlined=True) for loop in built.loops)), Tile(("i",), (8,))
    )


def test_a_rewritten_nest_stays_the_body_of_what_it_was_the_body_of() -> None:
    text = text_of(square("if (n) "), Interchange(("j", "i")))
    assert "    if (n)\n        /* loopwright: interchange to j, i */\n        for (int j" in text
    split = square("if (n) ").statement("a[i] = b[j];", "[n, m] -> { S1[i, j] : m >= 3 and 0 <= i < n and 0 <= j < m }")
    split._statements.pop(0)
    assert "{\n" in text_of(split, Interchange(("j", "i")))


def test_a_raw_string_is_not_moved() -> None:
    with pytest.raises(RefusalError):
        check_may_duplicate('{ s = R"(\n  x)"; }')


def test_a_long_condition_is_broken_between_its_parts() -> None:
    parts = " && ".join(f"a_long_name_{number} > {number}" for number in range(12))
    lines = wrap((f"if({parts})",), "    ", "        ")
    assert len(lines) > 1
    assert all(len(line) <= 100 for line in lines)
    assert " ".join(line.strip() for line in lines) == f"if({parts})"


def live(before: str = "") -> Nest:
    text = f"void f(int n)\n{{\n    int i;\n    {before}for (i = 0; i < n; i++)\n        a[i] = b[i];\n}}\n"
    nest = Nest(text).loop("i").statement("a[i] = b[i];", "[n] -> { S0[i] : 0 <= i < n }")
    return nest.variable("i", element=INT)


@pytest.mark.parametrize(("before", "assumptions"), [("if (n) ", ()), ("", (TRIPS,))])
def test_a_first_value_that_has_no_place(before: str, assumptions: tuple[Assumption, ...]) -> None:
    nest = live(before)
    proof = proved(nest.build(), Parallelize("i"))
    waived = Waived(proof.plan, "", Code.LAST_VALUE_USED, (), assumptions)
    answer = generate(nest.source, nest.build(), waived)
    assert isinstance(answer, NotGenerated)
    assert answer.code is Code.LAST_VALUE_USED


def test_orders_of_other_bands_are_refused() -> None:
    nest = square()
    refused(nest, nest.build(), Interchange(("j", "j")))
    refused(nest, nest.build(), Tile(("i", "j"), (8, 8)), Parallelize("i_tile", collapse=9))
    refused(nest, nest.build(), Tile(("i", "j"), (8, 8)), Parallelize("j_tile", collapse=3))


def test_a_loop_that_would_run_once_takes_no_directive() -> None:
    once = Nest("void f(int n)\n{\n    for (int i = 0; i < 1; i++)\n        a[i] = 0;\n}\n").loop("i", trip_count="1")
    nest = once.statement("a[i] = 0;", "{ S0[i] : 0 <= i < 1 }")
    answer = generate(nest.source, nest.build(), proved(nest.build(), Tile(("i",), (8,)), Parallelize("i_tile")))
    assert isinstance(answer, Candidate | NotGenerated)
    if isinstance(answer, NotGenerated):
        assert answer.code is Code.STEP_DOES_NOT_FIT


def test_names_that_no_clause_can_say() -> None:
    odd = flat().variable("t", identifier="p->t")
    refused(odd, odd.build(), Parallelize("i"), environments=(DataEnvironment("i", ("t",)),))
    inlined = square().variable("t", scope="i", declaration=ELSEWHERE)
    refused(inlined, inlined.build(), Parallelize("j"), environments=(DataEnvironment("j", ("t",)),))
    pointed = flat().variable("p.x", identifier="p.x", is_pointer=True)
    refused(pointed, pointed.build(), Parallelize("i"), environments=(DataEnvironment("i", ("p.x",)),))


def test_an_iterator_that_nobody_declared_is_refused() -> None:
    text = "void f(int n)\n{\n    for (k = 0; k < n; k++)\n        a[k] = 0;\n}\n"
    nest = Nest(text).loop("k").statement("a[k] = 0;", "[n] -> { S0[k] : 0 <= k < n }")
    refused(nest, nest.build(), Parallelize("k"), code=Code.LAST_VALUE_USED)


def test_a_reduction_of_what_is_declared_inside_needs_no_clause() -> None:
    nest = square().variable("s", scope="i")
    text = text_of(nest, Parallelize("i"), environments=(DataEnvironment("i", reductions=(("s", ADD),)),))
    assert "reduction" not in text


def test_a_section_of_known_size_must_fit_a_stack() -> None:
    def sums(count: int) -> Nest:
        relation = f"[n, m] -> {{ S0[i, j] -> y[j] : j < {count} }}"
        text = (
            "void f(int n, double *y)\n{\n    for (int i = 0; i < n; i++)\n"
            f"        for (int j = 0; j < {count}; j++)\n            y[j] += 1;\n}}\n"
        )
        nest = Nest(text).loop("i").loop("j")
        domain = f"[n, m] -> {{ S0[i, j] : 0 <= i < n and 0 <= j < {count} }}"
        made = nest.statement("y[j] += 1;", domain, (("y", "r", relation), ("y", "w", relation)))
        return made.variable("y", rank=1, extents=("",), is_pointer=True, base="y", base_element_size_bytes=8)

    basis = {"environments": (DataEnvironment("i", reductions=(("y", ADD),)),)}
    assert "reduction(+:y[0:64])" in text_of(sums(64), Parallelize("i"), **basis)
    large = sums(100_000)
    refused(large, large.build(), Parallelize("i"), **basis)


def test_domains_that_cannot_be_scanned_are_refused() -> None:
    nest = square()
    built = nest.build()
    vague = tuple(replace(statement, exact=False) for statement in built.statements)
    refused(nest, replace(built, statements=vague), Interchange(("j", "i")))


def test_a_body_in_braces_is_opened_for_the_values_of_iterators() -> None:
    text = "void f(int n, int step)\n{\n    for (int i = 0; i < n; i += step) { // here\n        a[i] = 0;\n    }\n}\n"
    nest = Nest(text).loop("i", step="step", trip_count="(n + step - 1) / step")
    made = nest.statement("a[i] = 0;", "[n, m] -> { S0[i] : 0 <= i < m }")
    result = text_of(made, Tile(("i",), (8,)), Simd("i"))
    assert "int i = (0) + i_count * (step);" in result
    assert "// here" in result
    assert "simd i" in result


def test_a_last_line_without_an_ending_takes_that_of_the_lines_before() -> None:
    assert line_ending(b"a\r\nb", 3) == "\r\n"
    assert line_ending(b"a", 0) == "\n"
