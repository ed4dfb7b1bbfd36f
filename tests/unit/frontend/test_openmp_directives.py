"""OpenMP directives: the text, the probes, and the tree that comes back."""

from __future__ import annotations

import pytest

from loopwright.config import Settings
from loopwright.core.source import Source
from loopwright.frontend.openmp.clauses import parse_directive, split_top
from loopwright.frontend.openmp.directives import OpenMPStmt
from loopwright.frontend.openmp.pragmas import insert_probes, split_sections
from loopwright.frontend.openmp.program import Program, load_program
from loopwright.frontend.syntax import ForStmt, IfStmt, Integer, Name
from loopwright.frontend.tree import walk_statements


def program(text: str, name: str = "a.c", *others: Source) -> Program:
    return load_program(Source(f"/nowhere/{name}", text.encode()), others, Settings())


def directives(text: str, name: str = "a.c") -> list[OpenMPStmt]:
    return [
        part
        for function in program(text, name).functions()
        for part in walk_statements(function.body)
        if isinstance(part, OpenMPStmt)
    ]


@pytest.mark.parametrize(
    ("text", "name", "argument", "clauses"),
    [
        ("parallel for private(i, j) nowait", "parallel for", None, ["private", "nowait"]),
        ("critical (name) hint(x)", "critical", "name", ["hint"]),
        ("atomic capture seq_cst", "atomic", None, ["capture", "seq_cst"]),
        ("atomic update", "atomic", None, ["update"]),
        ("target update to(a)", "target update", None, ["to"]),
        ("target enter data map(to: a)", "target enter data", None, ["map"]),
        ("ordered depend(sink: i - 1) depend(source)", "ordered", None, ["depend", "depend"]),
        ("cancel for", "cancel", None, ["for"]),
        ("cancellation point taskgroup", "cancellation point", None, ["taskgroup"]),
        ("threadprivate(a, b)", "threadprivate", "a, b", []),
        ("declare reduction(f : int : omp_out += omp_in)", "declare reduction", "f : int : omp_out += omp_in", []),
        ("target teams distribute parallel for simd", "target teams distribute parallel for simd", None, []),
        ("parallel reduction(+:x), num_threads(2)", "parallel", None, ["reduction", "num_threads"]),
    ],
)
def test_directive_is_read(text: str, name: str, argument: str | None, clauses: list[str]) -> None:
    found = parse_directive(text)
    assert found is not None
    assert (found.name, found.argument, [clause.name for clause in found.clauses]) == (name, argument, clauses)


@pytest.mark.parametrize("text", ["", "frobnicate", "parallel private(i", "parallel for )"])
def test_what_is_no_directive_is_none(text: str) -> None:
    assert parse_directive(text) is None


def test_lists_split_outside_brackets() -> None:
    assert split_top("a[i, 1], f(b, c), std::d") == ["a[i, 1]", "f(b, c)", "std::d"]
    assert split_top("+ : a[0:n], b", ":") == ["+", "a[0:n], b"]
    assert split_sections("a[i][0:n][1:]") == ("a[i]", [("0", "n"), ("1", "")])
    assert split_sections("a[i]") == ("a[i]", [])


def test_probes_keep_every_line_in_its_place() -> None:
    text = b'/* #pragma omp parallel */ char *s = "\\\n#pragma omp barrier";\n'
    text += b"#pragma omp parallel \\\n  private(x) // c\nf();\n"
    probed = insert_probes(text)
    assert probed.content.count(b"\n") == text.count(b"\n")
    (pragma,) = probed.pragmas
    assert (pragma.line, pragma.last_line, pragma.text) == (3, 4, "parallel private(x)")
    assert probed.content.index(b"f();") > probed.content.index(b"probe")


def test_branches_keep_their_else() -> None:
    text = "void f(int a, int n) {\n if (a)\n#pragma omp parallel for\n  for (int i = 0; i < n; i++) ;\n else a = 1;\n}"
    (function,) = program(text).functions()
    (branch,) = (part for part in walk_statements(function.body) if isinstance(part, IfStmt))
    assert isinstance(branch.then, OpenMPStmt)
    assert branch.otherwise is not None


def test_names_and_macros_in_clauses_are_looked_up() -> None:
    (statement,) = directives(
        "#define N 4\nvoid f(int x) {\n#pragma omp parallel num_threads(N) private(x)\n x = 1;\n}"
    )
    directive = statement.directive
    value = directive.value("num_threads")
    assert isinstance(value, Integer)
    assert value.value == 4
    (item,) = directive.named("private")[0].items
    assert isinstance(item.expression, Name)
    assert item.expression.declaration.name == "x"
    assert (directive.line, directive.name) == (3, "parallel")


def test_directive_out_of_a_macro_is_seen() -> None:
    text = '#define LOOP _Pragma("omp parallel for")\nvoid f(int n) {\n LOOP\n for (int i = 0; i < n; i++) ;\n}'
    (statement,) = directives(text)
    assert isinstance(statement.body[0], ForStmt)


def test_what_the_preprocessor_leaves_out_is_left_out() -> None:
    text = "void f(void) {\n#if 0\n#pragma omp barrier\n#endif\n}"
    unit = program(text)
    assert not [part for part in walk_statements(unit.functions()[0].body) if isinstance(part, OpenMPStmt)]
    assert unit.hidden_pragma() is None


def test_directive_in_an_unused_template_is_hidden() -> None:
    text = "template <class T> void f(T *a) {\n#pragma omp parallel\n a[0] = 1;\n}\nint main() { return 0; }"
    hidden = program(text, "a.cpp").hidden_pragma()
    assert hidden is not None
    assert hidden.line == 2


def test_threadprivate_names_its_own_variable() -> None:
    text = "int x;\nvoid f(void) {\n static int x;\n#pragma omp threadprivate(x)\n x = 1;\n}\nvoid g(void) { x = 2; }"
    unit = program(text)
    keys = {
        function.name: part.expression.left.declaration.key  # pyright: ignore[reportAttributeAccessIssue]
        for function in unit.functions()
        for part in walk_statements(function.body)
        if type(part).__name__ == "ExpressionStmt"
    }
    assert unit.is_threadprivate(keys["f"])
    assert not unit.is_threadprivate(keys["g"])


def test_functions_of_other_files_are_linked_by_name() -> None:
    other = Source("/nowhere/b.c", b"int twice(int x) { return 2 * x; }")
    unit = program("int twice(int);\nint main(void) { return twice(2); }", "a.c", other)
    keys = list(unit.main_unit.lowering.function_nodes)
    names = {found.name for key in keys if (found := unit.function(key)) is not None}
    assert names == {"main", "twice"}
