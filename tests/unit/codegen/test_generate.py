"""What ``generate`` writes, refuses, and leaves alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from codegen.builder import DOUBLE, INT, SIZE, Nest, proved
from loopwright.codegen.generate import generate
from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.candidate import Candidate, NotGenerated
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment, Waived
from loopwright.core.nest import LoopNest, ReductionOperator, Update
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Schedule, Simd, Step, Tile
from loopwright.core.source import Span
from loopwright.core.variable import Parameter, Storage

ADD = ReductionOperator.ADD
FLAT = "[n] -> { S0[i] : 0 <= i < n }"
SQUARE = "[n, m] -> { S0[i, j] : 0 <= i < n and 0 <= j < m }"
GUARD = Assumption(AssumptionKind.NO_ALIAS, "apart", "a + n <= b || b + n <= a", Code.ALIAS_GUARDED, ("a", "b"))


def flat(
    body: str = "a[i] = b[i];", before: str = "", between: str = " ", head: str = "for (int i = 0; i < n; i++)"
) -> Nest:
    text = f"void f(int n, double *a, double *b)\n{{\n    {before}{head}{between}{body}\n}}\n"
    return Nest(text).loop("i").statement(body, FLAT)


def square(body: str = "a[i] = b[j];", between: str = "\n        ") -> Nest:
    loops = f"for (int i = 0; i < n; i++){between}for (int j = 0; j < m; j++)\n            {body}"
    return Nest(f"void f(int n, int m)\n{{\n    {loops}\n}}\n").loop("i").loop("j").statement(body, SQUARE)


def code_of(made: Nest | tuple[Nest, LoopNest], *steps: Step, **basis: Any) -> str:
    answer = answer_of(made, *steps, **basis)
    assert isinstance(answer, Candidate), answer
    return answer.content.decode("utf-8", "surrogateescape")


def answer_of(made: Nest | tuple[Nest, LoopNest], *steps: Step, waived: bool = False, **basis: Any) -> Any:
    nest, built = made if isinstance(made, tuple) else (made, made.build())
    proof = proved(built, *steps, **basis)
    if waived:
        return generate(nest.source, built, Waived(proof.plan, "", Code.LAST_VALUE_USED, proof.environments))
    return generate(nest.source, built, proof)


def directives(text: str) -> list[str]:
    joined = text.replace("\\\n", " ")
    return [re.sub(r"\s+", " ", line).strip() for line in joined.splitlines() if "#pragma" in line]


def refused(answer: object, code: Code) -> str:
    assert isinstance(answer, NotGenerated), answer
    assert answer.code is code
    return answer.reason


class TestDirectives:
    def test_a_plan_without_steps_changes_nothing(self) -> None:
        answer = answer_of(flat())
        assert answer.edits == ()
        assert answer.content == flat().source.content

    def test_all_clauses_come_in_the_usual_order(self) -> None:
        nest = (
            flat("s += a[i]; t = u;")
            .variable("s")
            .variable("t")
            .variable("u")
            .variable("last")
            .variable("inner", scope="i")
        )
        environment = DataEnvironment("i", ("t", "inner"), ("u",), ("last",), (("s", ADD),))
        text = code_of(
            nest,
            Parallelize("i", Schedule.GUIDED, 16, num_threads=4),
            environments=(environment,),
            assumptions=(GUARD,),
        )
        assert directives(text) == [
            "#pragma omp parallel for schedule(guided, 16) private(t) firstprivate(u) lastprivate(last) reduction(+:s)"
            " if((a + n <= b || b + n <= a) && n > 8192) num_threads(4)"
        ]

    def test_a_long_directive_is_continued_before_100_columns(self) -> None:
        names = [f"a_rather_long_name_{number}" for number in range(8)]
        nest = flat()
        for name in names:
            nest = nest.variable(name)
        text = code_of(nest, Parallelize("i"), environments=(DataEnvironment("i", (), (), tuple(names)),))
        pragma = text[text.index("    #pragma") : text.index("    for")].splitlines()
        assert len(pragma) > 1
        assert all(line.endswith(" \\") for line in pragma[:-1])
        assert all(len(line) <= 100 or line.count("(") == 1 for line in pragma)
        assert directives(text)[0].endswith("if(n > 8192)")

    def test_everything_else_stays_byte_for_byte(self) -> None:
        before = "/* keep   this */ int x;\t\n    "
        nest = flat("a[i] = b[i]; // and\tthat", before=before)
        answer = answer_of(nest, Parallelize("i"))
        assert len(answer.edits) == 1
        edit = answer.edits[0]
        assert edit.span.start == edit.span.end
        assert answer.content.replace(edit.text.encode(), b"") == nest.source.content

    def test_carriage_returns_and_odd_bytes_are_kept(self) -> None:
        text = "// caf\udce9\r\nvoid f(int n)\r\n{\r\n\tfor (int i = 0; i < n; i++)\r\n\t\tx[i] = 1;\r\n}\r\n"
        nest = Nest(text).loop("i").statement("x[i] = 1;", FLAT)
        content = answer_of(nest, Parallelize("i")).content
        assert content.count(b"\n") == content.count(b"\r\n") == 7
        assert b"\r\n\t#pragma omp parallel for if(n > 8192)\r\n\tfor (int i" in content
        assert content.startswith(b"// caf\xe9\r\n")

    def test_parallel_and_simd_on_one_loop_are_one_directive(self) -> None:
        text = code_of(flat(), Parallelize("i"), Simd("i"), assumptions=(GUARD,))
        assert directives(text) == [
            "#pragma omp parallel for simd if(parallel: (a + n <= b || b + n <= a) && n > 8192)"
            " if(simd: a + n <= b || b + n <= a)"
        ]
        assert directives(code_of(flat(), Parallelize("i"), Simd("i"))) == [
            "#pragma omp parallel for simd if(parallel: n > 8192)"
        ]

    def test_simd_has_the_guard_and_no_threshold(self) -> None:
        assert directives(code_of(flat(), Simd("i"), assumptions=(GUARD,))) == [
            "#pragma omp simd if(a + n <= b || b + n <= a)"
        ]
        assert directives(code_of(flat(), Simd("i"))) == ["#pragma omp simd"]

    def test_reductions_say_their_operators(self) -> None:
        nest = flat().variable("s").variable("t").variable("u")
        operators = (("s", ReductionOperator.MULTIPLY), ("t", ReductionOperator.MAX), ("u", ReductionOperator.MULTIPLY))
        environment = DataEnvironment("i", reductions=operators)
        (directive,) = directives(code_of(nest, Parallelize("i"), environments=(environment,)))
        assert "reduction(*:s, u) reduction(max:t)" in directive

    def test_simd_has_its_own_clauses(self) -> None:
        nest = flat().variable("s").variable("t")
        environment = DataEnvironment("i", private=("t",), reductions=(("s", ADD),))
        assert directives(code_of(nest, Simd("i"), environments=(environment,))) == [
            "#pragma omp simd private(t) reduction(+:s)"
        ]

    def test_a_stated_assumption_has_no_guard(self) -> None:
        stated = replace(GUARD, kind=AssumptionKind.REASSOCIATION, guard="")
        assert directives(code_of(flat(), Simd("i"), assumptions=(stated,))) == ["#pragma omp simd"]

    def test_both_loops_of_a_pair_get_their_own(self) -> None:
        assert directives(code_of(square(), Parallelize("i"), Simd("j"))) == [
            "#pragma omp parallel for if(1.0 * n * m > 8192)",
            "#pragma omp simd",
        ]

    def test_collapse_names_perfect_rectangular_loops_only(self) -> None:
        assert "collapse(2)" in code_of(square(), Parallelize("i", collapse=2))
        refused(answer_of(square(), Parallelize("i", collapse=3)), Code.STEP_DOES_NOT_FIT)
        refused(answer_of(square(), Parallelize("i", collapse=2), Simd("j")), Code.STEP_DOES_NOT_FIT)
        triangle = "for (int i = 0; i < n; i++)\n    for (int j = i; j < m; j++)\n        a[i] = b[j];"
        nest = Nest(triangle).loop("i").loop("j").statement("a[i] = b[j];", SQUARE)
        assert "change with the loops around" in refused(
            answer_of(nest, Parallelize("i", collapse=2)), Code.STEP_DOES_NOT_FIT
        )

    def test_a_bound_that_is_no_single_term_is_looked_up_in_the_text(self) -> None:
        text = "for (int i = 0; i < n; i++)\n    for (int j = 0; j < (i < m ? i : m); j++)\n        a[i] = b[j];"
        nest = Nest(text).loop("i").loop("j").statement("a[i] = b[j];", SQUARE)
        built = nest.build()
        built = replace(
            built, loops=tuple(replace(loop, upper="") if loop.name == "j" else loop for loop in built.loops)
        )
        assert "change with the loops around" in refused(
            answer_of((nest, built), Parallelize("i", collapse=2)), Code.STEP_DOES_NOT_FIT
        )

    def test_threads_are_not_started_inside_a_simd_loop(self) -> None:
        refused(answer_of(square(), Simd("i"), Parallelize("j")), Code.STEP_DOES_NOT_FIT)


class TestPlaces:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("if (n) ", "    if (n)\n        #pragma omp simd\n        for (int i"),
            ("if (!n) a = b; else ", "    if (!n) a = b; else\n        #pragma omp simd\n        for (int i"),
            ("a = b; ", "    a = b;\n    #pragma omp simd\n    for (int i"),
            ("{ ", "    {\n    #pragma omp simd\n    for (int i"),
            ("here: ", "    here:\n        #pragma omp simd\n        for (int i"),
            ("/* note */ ", "    /* note */\n    #pragma omp simd\n    for (int i"),
        ],
    )
    def test_a_loop_that_shares_its_line_moves_to_its_own(self, before: str, after: str) -> None:
        assert after in code_of(flat(before=before), Simd("i"))

    def test_an_inner_loop_on_the_line_of_the_outer_one(self) -> None:
        text = code_of(square(between=" "), Simd("j"))
        assert "    for (int i = 0; i < n; i++)\n            #pragma omp simd\n            for (int j" in text

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("#pragma GCC ivdep", Code.UNKNOWN_CONSTRUCT),
            ("#pragma unroll(4)", Code.UNKNOWN_CONSTRUCT),
            ("# pragma clang loop vectorize(enable)", Code.UNKNOWN_CONSTRUCT),
            ("#pragma omp for", Code.ALREADY_PARALLEL),
        ],
    )
    def test_a_directive_that_needs_the_loop_behind_it_is_not_cut_off(self, line: str, code: Code) -> None:
        refused(answer_of(flat(before=f"\n{line}\n    "), Simd("i")), code)

    def test_a_scop_marker_is_no_obstacle(self) -> None:
        text = code_of(flat(before="\n#pragma scop\n    "), Simd("i"))
        assert "#pragma scop\n    #pragma omp simd\n    for" in text

    def test_headers_from_macros_and_helpers_are_refused(self) -> None:
        nest = flat()
        built = nest.build()
        loop = built.loops[0]
        for change, code in (
            ({"is_in_macro": True}, Code.MACRO_HEADER),
            ({"is_inlined": True}, Code.STEP_DOES_NOT_FIT),
            ({"is_canonical": False}, Code.STEP_DOES_NOT_FIT),
        ):
            refused(answer_of((nest, replace(built, loops=(replace(loop, **change),))), Simd("i")), code)

    def test_a_span_that_holds_no_loop_is_refused(self) -> None:
        nest = flat()
        built = nest.build()
        moved = replace(built.loops[0], span=Span("kernel.c", 40, 49, 1, 1, 1))
        odd = replace(built, loops=(moved,), span=Span("kernel.c", 0, 200, 1, 1, 1))
        refused(answer_of((nest, odd), Simd("i")), Code.MACRO_HEADER)
        refused(answer_of((nest, odd), Tile(("i",), (4,))), Code.MACRO_HEADER)

    def test_unknown_names_are_refused(self) -> None:
        refused(answer_of(flat(), Parallelize("k")), Code.STEP_DOES_NOT_FIT)
        refused(answer_of(flat(), Parallelize("i"), Parallelize("i", Schedule.STATIC)), Code.STEP_DOES_NOT_FIT)
        refused(answer_of(flat(), Atomic("S7", "a")), Code.STEP_DOES_NOT_FIT)
        refused(answer_of(flat(), Tile(("k",), (4,))), Code.STEP_DOES_NOT_FIT)


class TestIterators:
    TEXT = (
        "void f(int n, int m)\n{\n    int i, j;\n    for (i = 0; i < n; i++)\n"
        "        for (j = 0; j < m; j++)\n            a[i] = b[j];\n}\n"
    )

    def nest(self, **j: Any) -> Nest:
        made = Nest(self.TEXT).loop("i").loop("j").statement("a[i] = b[j];", SQUARE)
        return made.variable("i", element=INT, live_out=False).variable("j", element=INT, live_out=False, **j)

    def test_an_inner_iterator_declared_outside_is_private_even_if_nobody_said_so(self) -> None:
        assert "parallel for private(j) if" in code_of(self.nest(), Parallelize("i"))
        listed = DataEnvironment("i", ("j",))
        assert "parallel for private(j) if" in code_of(self.nest(), Parallelize("i"), environments=(listed,))

    def test_the_loops_own_iterator_is_not_listed(self) -> None:
        listed = DataEnvironment("i", ("i", "j"))
        assert "parallel for private(j) if" in code_of(self.nest(), Parallelize("i"), environments=(listed,))
        assert "private" not in code_of(self.nest(), Parallelize("i", collapse=2))

    def test_an_iterator_declared_in_the_body_is_not_listed(self) -> None:
        text = self.TEXT.replace("int i, j;", "int i;").replace("for (j", "{ int j; for (j").replace("b[j];", "b[j]; }")
        nest = Nest(text).loop("i").loop("j").statement("a[i] = b[j];", SQUARE)
        nest = nest.variable("i", element=INT, live_out=False).variable("j", element=INT, live_out=False, scope="i")
        assert "private" not in code_of(nest, Parallelize("i"))

    def test_a_last_value_that_is_used_is_kept_or_refused(self) -> None:
        live = self.nest().variable("j", element=INT)
        refused(answer_of(live, Parallelize("i")), Code.LAST_VALUE_USED)
        listed = DataEnvironment("i", (), (), ("j",))
        assert "lastprivate(j)" in code_of(live, Parallelize("i"), environments=(listed,))
        refused(answer_of(live, Interchange(("j", "i"))), Code.LAST_VALUE_USED)

    def test_without_a_proof_the_first_value_is_assigned_too(self) -> None:
        live = self.nest().variable("i", element=INT)
        text = code_of(live, Parallelize("i"), waived=True)
        assert "    i = 0;\n    #pragma omp parallel for private(j) lastprivate(i) if" in text
        refused(answer_of(live, Parallelize("i", collapse=2), waived=True), Code.LAST_VALUE_USED)
        proof = code_of(live, Parallelize("i"), environments=(DataEnvironment("i", ("j",), (), ("i",)),))
        assert "i = 0;\n" not in proof
        assert "private(j) lastprivate(i) if" in proof


class TestNames:
    def parallel(self, nest: Nest, **clauses: Any) -> Any:
        return answer_of(nest, Parallelize("i"), environments=(DataEnvironment("i", **clauses),))

    def test_clauses_say_the_identifier(self) -> None:
        nest = flat().variable("t_2", identifier="t")
        assert b"private(t)" in self.parallel(nest, private=("t_2",)).content

    def test_memory_behind_a_pointer_has_no_copy(self) -> None:
        nest = flat().variable("p", is_pointer=True, base="p")
        refused(self.parallel(nest, private=("p",)), Code.STEP_DOES_NOT_FIT)
        refused(self.parallel(nest, reductions=(("p", ADD),)), Code.STEP_DOES_NOT_FIT)

    def test_a_member_is_named_only_with_its_whole_record(self) -> None:
        nest = flat().variable("p.x", identifier="p").variable("p.y", identifier="p")
        assert b"private(p)" in self.parallel(nest, private=("p.x", "p.y")).content
        refused(self.parallel(nest, private=("p.x",)), Code.STEP_DOES_NOT_FIT)
        refused(self.parallel(nest, reductions=(("p.x", ADD),)), Code.STEP_DOES_NOT_FIT)

    def test_a_name_that_is_hidden_at_the_directive_is_refused(self) -> None:
        nest = square().variable("t").variable("t_2", identifier="t", scope="i")
        step = Parallelize("j")
        refused(answer_of(nest, step, environments=(DataEnvironment("j", ("t",)),)), Code.STEP_DOES_NOT_FIT)
        assert "private(t)" in code_of(nest, step, environments=(DataEnvironment("j", ("t_2",)),))

    def test_simd_has_no_firstprivate(self) -> None:
        nest = flat().variable("t")
        listed = (DataEnvironment("i", (), ("t",)),)
        refused(answer_of(nest, Simd("i"), environments=listed), Code.STEP_DOES_NOT_FIT)

    def test_arrays_that_do_not_fit_a_stack_are_refused(self) -> None:
        small = flat().variable("h", rank=1, extents=("256",), storage=Storage.STATIC)
        large = flat().variable("h", rank=1, extents=("1000000",), storage=Storage.STATIC)
        local = flat().variable("h", rank=1, extents=("n",))
        assert b"private(h)" in self.parallel(small, private=("h",)).content
        refused(self.parallel(large, private=("h",)), Code.STEP_DOES_NOT_FIT)
        assert b"private(h)" in self.parallel(local, private=("h",)).content
        assert b"reduction(+:h[0:256])" in self.parallel(small, reductions=(("h", ADD),)).content
        refused(self.parallel(large, reductions=(("h", ADD),)), Code.STEP_DOES_NOT_FIT)
        refused(self.parallel(local, reductions=(("h", ADD),)), Code.STEP_DOES_NOT_FIT)


class TestSections:
    def column_sums(self, relation: str = "[n, m] -> { S0[i, j] -> y[j] }") -> Nest:
        text = (
            "void f(int n, int m, const double *a, double *y)\n{\n    for (int i = 0; i < n; i++)\n"
            "        for (int j = 0; j < m; j++)\n            y[j] += a[i * m + j];\n}\n"
        )
        accesses = (("y", "r", relation), ("y", "w", relation))
        nest = Nest(text).loop("i").loop("j").statement("y[j] += a[i * m + j];", SQUARE, accesses)
        return nest.variable("y", rank=1, extents=("",), is_pointer=True, base="y", base_element_size_bytes=8)

    def test_the_elements_behind_a_pointer_get_two_versions(self) -> None:
        environment = DataEnvironment("i", reductions=(("y", ADD),))
        text = code_of(self.column_sums(), Parallelize("i"), environments=(environment,))
        assert text.count("y[j] += a[i * m + j];") == 2
        assert "if (n > 0 && m > 0 && m <= 32768) {\n        #pragma omp parallel for reduction(+:y[0:m])" in text

    def test_a_reordered_nest_keeps_the_conditions_of_its_sections(self) -> None:
        environment = DataEnvironment("i_tile", reductions=(("y", ADD),))
        text = code_of(self.column_sums(), Tile(("i",), (8,)), Parallelize("i_tile"), environments=(environment,))
        assert "if (n > 0 && m > 0 && m <= 32768) {" in text
        assert "reduction(+:y[0:m])" in text

    def test_elements_that_are_not_contiguous_are_refused(self) -> None:
        environment = DataEnvironment("i", reductions=(("y", ADD),))
        gaps = self.column_sums("[n, m] -> { S0[i, j] -> y[2 * j] }")
        refused(answer_of(gaps, Parallelize("i"), environments=(environment,)), Code.STEP_DOES_NOT_FIT)

    def test_text_that_means_something_else_twice_is_not_doubled(self) -> None:
        nest = self.column_sums()
        nest.text = nest.text.replace("y[j] += a[i * m + j];", "static  int y_j = a[i + j];")
        environment = DataEnvironment("i", reductions=(("y", ADD),))
        reason = refused(answer_of(nest, Parallelize("i"), environments=(environment,)), Code.UNKNOWN_CONSTRUCT)
        assert "static" in reason


class TestAtomic:
    def histogram(self, operator: ReductionOperator = ADD, expression: bool = True) -> Nest:
        nest = flat("if (a[i] > 0) h[k[i]]++;")
        nest._statements.clear()
        update = Update("h", operator, False, expression)
        return nest.statement("h[k[i]]++;", FLAT, update=update).variable("h", rank=1, extents=("",))

    def test_the_update_gets_a_line_of_its_own(self) -> None:
        text = code_of(self.histogram(), Parallelize("i"), Atomic("S0", "h"))
        assert "if (a[i] > 0)\n        #pragma omp atomic\n        h[k[i]]++;" in text
        assert directives(text)[0] == "#pragma omp parallel for if(n > 8192)"

    @pytest.mark.parametrize("operator", [ReductionOperator.MIN, ReductionOperator.LOGICAL_AND])
    def test_operators_without_an_atomic_form_are_refused(self, operator: ReductionOperator) -> None:
        refused(answer_of(self.histogram(operator), Atomic("S0", "h")), Code.STEP_DOES_NOT_FIT)

    def test_what_is_not_one_update_is_refused(self) -> None:
        refused(answer_of(self.histogram(expression=False), Atomic("S0", "h")), Code.STEP_DOES_NOT_FIT)
        refused(answer_of(self.histogram(), Atomic("S0", "g")), Code.STEP_DOES_NOT_FIT)


class TestGuards:
    def threshold(self, head: str, **loop: Any) -> str:
        text = f"void f(int n)\n{{\n    {head}\n        a[i] = 0;\n}}\n"
        nest = Nest(text).loop("i", **loop).statement("a[i] = 0;", FLAT)
        return directives(code_of(nest, Parallelize("i")))[0].removeprefix("#pragma omp parallel for").strip()

    def test_one_trip_count_is_compared_on_its_bound(self) -> None:
        assert self.threshold("for (int i = 1; i < n - 1; i++)", trip_count="n - 2") == "if(n - 1 > 8193)"
        assert self.threshold("for (int i = 0; i < n; i += 4)", step="4", trip_count="(n + 3) / 4") == "if(n > 32768)"
        assert self.threshold("for (int i = n; i > 0; i--)", step="-1", trip_count="n") == "if(n > 8192)"
        assert self.threshold("for (int i = m; i < n; i++)", trip_count="n - m") == "if(n - m > 8192)"

    def test_constants_that_are_enough_need_no_condition(self) -> None:
        assert self.threshold("for (int i = 0; i < 100000; i++)", trip_count="100000") == ""

    def test_constants_inside_lower_the_threshold(self) -> None:
        text = "for (int i = 0; i < n; i++)\n    for (int j = 0; j < 64; j++)\n        a[i] = b[j];"
        nest = Nest(text).loop("i").loop("j", trip_count="64").statement("a[i] = b[j];", SQUARE)
        assert directives(code_of(nest, Parallelize("i"))) == ["#pragma omp parallel for if(n > 128)"]

    def test_a_trip_count_that_is_not_known_in_front_is_guessed(self) -> None:
        text = "for (int i = 0; i < n; i++)\n    for (int j = 0; j < i; j++)\n        a[i] = b[j];"
        nest = Nest(text).loop("i").loop("j", trip_count="i").statement("a[i] = b[j];", SQUARE)
        assert directives(code_of(nest, Parallelize("i"))) == ["#pragma omp parallel for if(n > 128)"]
        inner = directives(code_of(nest, Parallelize("j")))
        assert inner == ["#pragma omp parallel for if(i > 8192)"]

    def test_a_call_is_never_repeated_in_a_condition(self) -> None:
        assert self.threshold("for (int i = 0; i < len(n); i++)", trip_count="len(n)") == ""
        assert self.threshold("for (int i = 0; i < v.size(); i++)", trip_count="v.size()") == "if(v.size() > 8192)"

    def test_a_guard_whose_names_mean_something_else_inside_is_refused(self) -> None:
        nest = square().variable("b", scope="i")
        reason = refused(answer_of(nest, Parallelize("j"), assumptions=(GUARD,)), Code.STEP_DOES_NOT_FIT)
        assert "b in the guard" in reason
        assert "if(" in code_of(nest, Parallelize("i"), assumptions=(GUARD,))


class TestReordering:
    def test_the_body_and_its_comments_are_kept(self) -> None:
        body = (
            "{ // first\n                /* odd\n   layout */ a[i] = b[j];\n"
            "#ifdef X\n                x();\n#endif\n            }"
        )
        nest = square()
        text = nest.text.replace("a[i] = b[j];", body).replace("for (int j", "/* columns */ for (int j")
        made = Nest(text).loop("i").loop("j").statement("a[i] = b[j];", SQUARE)
        result = code_of(made, Interchange(("j", "i")))
        assert "    /* columns */\n    /* loopwright: interchange to j, i */\n    for (int j = 0" in result
        assert (
            "{ // first\n            /* odd\n   layout */ a[i] = b[j];\n#ifdef X\n            x();\n#endif\n        }"
            in result
        )

    def test_a_guard_keeps_the_original_beside_it(self) -> None:
        text = code_of(square(), Interchange(("j", "i")), assumptions=(GUARD,))
        assert "    if (a + n <= b || b + n <= a) {\n        for (int j = 0; j < m; j++)" in text
        assert "    } else {\n        for (int i = 0; i < n; i++)\n            for (int j = 0; j < m; j++)" in text

    def test_names_that_are_taken_are_avoided(self) -> None:
        nest = square("a[i] = b[i_tile + j];")
        assert "for (long long i_tile_2 = 0; i_tile_2 < n; i_tile_2 += 8)" in code_of(nest, Tile(("i",), (8,)))

    def test_a_parameter_that_is_an_expression_is_spelt_as_one(self) -> None:
        text = "void f(struct s *s)\n{\n    for (int i = 0; i < s->n; i++)\n        a[i] = 0;\n}\n"
        nest = Nest(text, parameters=(Parameter("s_n", "s->n", INT),)).loop("i", trip_count="s->n")
        made = nest.statement("a[i] = 0;", "[s_n] -> { S0[i] : 0 <= i < s_n }")
        result = code_of(made, Tile(("i",), (8,)), Parallelize("i_tile"))
        assert "for (long long i_tile = 0; i_tile < s->n; i_tile += 8)" in result
        assert "#pragma omp parallel for if(s->n > 8192)" in result

    def test_a_directive_between_the_loops_is_refused(self) -> None:
        nest = square(between="\n#ifdef A\n#endif\n        ")
        refused(answer_of(nest, Interchange(("j", "i"))), Code.STEP_DOES_NOT_FIT)

    def test_a_directive_between_headers_is_not_lost(self) -> None:
        nest = square(between="\n#ifdef A\n#endif\n        ")
        built = nest.build()
        loops = tuple(replace(loop, perfect_child="j") if loop.name == "i" else loop for loop in built.loops)
        answer = answer_of((nest, replace(built, loops=loops)), Interchange(("j", "i")))
        assert "between the loops" in refused(answer, Code.UNKNOWN_CONSTRUCT)

    def test_two_loops_that_count_in_one_variable_are_no_band(self) -> None:
        nest = square()
        built = nest.build()
        loops = tuple(replace(loop, iterator="i") for loop in built.loops)
        refused(answer_of((nest, replace(built, loops=loops)), Interchange(("j", "i"))), Code.STEP_DOES_NOT_FIT)

    def test_a_tile_of_a_strided_loop_holds_so_many_iterations(self) -> None:
        text = "void f(int n)\n{\n    for (int i = 0; i < n; i += 2)\n        a[i] = 0;\n}\n"
        nest = Nest(text).loop("i", step="2").statement("a[i] = 0;", "[n] -> { S0[i] : 0 <= i < n and i mod 2 = 0 }")
        assert "i_tile += 16" in code_of(nest, Tile(("i",), (8,)))

    def test_an_unsigned_iterator_with_a_bound_that_may_be_negative_counts_apart(self) -> None:
        text = (
            "void f(size_t n, size_t m)\n{\n    for (size_t i = 0; i < n; i++)\n"
            "        for (size_t j = i + 3; j < m; j++)\n            a[i] = b[j];\n}\n"
        )
        sizes = (Parameter("n", "n", SIZE), Parameter("m", "m", SIZE))
        nest = Nest(text, iterator_type=SIZE, parameters=sizes).loop("i").loop("j")
        made = nest.statement("a[i] = b[j];", "[n, m] -> { S0[i, j] : 0 <= i < n and i + 3 <= j < m }")
        result = code_of(made, Interchange(("j", "i")))
        assert "for (long long i_count = 0;" in result
        assert "size_t i = i_count;" in result

    def test_loops_that_are_no_band_are_refused(self) -> None:
        refused(answer_of(square(), Tile(("i", "j"), (8,))), Code.STEP_DOES_NOT_FIT)
        refused(answer_of(square(), Tile(("j", "i"), (8, 8))), Code.STEP_DOES_NOT_FIT)
        refused(answer_of(square(), Tile(("i",), (0,))), Code.STEP_DOES_NOT_FIT)
        refused(answer_of(square(), Tile(("i",), (8,)), Tile(("i",), (2,))), Code.STEP_DOES_NOT_FIT)
        apart = square(between=" { x = 0; ").text.replace("a[i] = b[j];", "a[i] = b[j]; }")
        nest = Nest(apart).loop("i").loop("j").statement("a[i] = b[j];", SQUARE)
        assert "not the whole body" in refused(answer_of(nest, Interchange(("j", "i"))), Code.STEP_DOES_NOT_FIT)

    def test_inner_directives_are_kept_in_the_moved_body(self) -> None:
        text = (
            "void f(int n, int m)\n{\n    for (int i = 0; i < n; i++)\n        for (int j = 0; j < m; j++) {\n"
            "            for (int k = 0; k < 9; k++)\n                a[k] += b[j];\n        }\n}\n"
        )
        domain = "[n, m] -> { S0[i, j, k] : 0 <= i < n and 0 <= j < m and 0 <= k < 9 }"
        nest = Nest(text).loop("i").loop("j").loop("k", trip_count="9").statement("a[k] += b[j];", domain)
        result = code_of(nest, Interchange(("j", "i")), Simd("k"))
        assert result.index("interchange to j, i") < result.index("#pragma omp simd") < result.index("for (int k")

    def test_a_band_inside_another_loop_knows_its_bounds(self) -> None:
        text = (
            "void f(int n, int m)\n{\n    for (int t = 0; t < n; t++) {\n        x[t] = 0;\n"
            "        for (int i = t; i < n; i++)\n            for (int j = 0; j < m; j++)\n"
            "                a[i] = b[j];\n    }\n}\n"
        )
        domain = "[n, m] -> { S0[t, i, j] : 0 <= t < n and t <= i < n and 0 <= j < m }"
        nest = Nest(text).loop("t").loop("i").loop("j").statement("a[i] = b[j];", domain)
        result = code_of(nest, Tile(("i", "j"), (8, 8)), Parallelize("i_tile"))
        assert "x[t] = 0;\n        /* loopwright" in result
        assert "for (long long i_tile = t; i_tile < n; i_tile += 8)" in result
        assert "if (t" not in result

    def test_collapsed_tiles_must_be_rectangular(self) -> None:
        triangle = "[n, m] -> { S0[i, j] : 0 <= i < n and 0 <= j <= i }"
        text = "for (int i = 0; i < n; i++)\n    for (int j = 0; j <= i; j++)\n        a[i] = b[j];"
        nest = Nest(text).loop("i").loop("j").statement("a[i] = b[j];", triangle)
        steps = (Tile(("i", "j"), (8, 8)), Parallelize("i_tile", collapse=2))
        refused(answer_of(nest, *steps), Code.STEP_DOES_NOT_FIT)
        assert "collapse(2)" in code_of(square(), *steps)

    def test_a_step_that_is_an_expression_is_not_reordered(self) -> None:
        nest = square()
        nest._loops[0] = replace(nest._loops[0], step="2 * half")
        refused(answer_of(nest, Interchange(("j", "i"))), Code.STEP_DOES_NOT_FIT)

    def test_the_plan_must_be_for_loops_that_count_in_integers(self) -> None:
        nest = square()
        nest._loops[0] = replace(nest._loops[0], iterator_type=DOUBLE)
        refused(answer_of(nest, Interchange(("j", "i"))), Code.STEP_DOES_NOT_FIT)


def test_a_waived_plan_is_generated_too() -> None:
    nest = flat()
    waived = Waived(Plan("f:3", (Parallelize("i"),)), "indirect", Code.INDIRECT_SUBSCRIPT, ())
    answer = generate(nest.source, nest.build(), waived)
    assert isinstance(answer, Candidate)
    assert answer.bases == (waived,)
    assert not answer.is_proved
