"""Hand-built functions for harness and verifier tests: no frontend, so that a failure here is the harness's own."""

from __future__ import annotations

from pathlib import Path

from loopwright.core.assumption import MapText, SetText
from loopwright.core.function import Function, FunctionParameter, ParameterShape, TranslationUnit
from loopwright.core.nest import Access, AccessKind, Loop, LoopKind, LoopNest, Statement
from loopwright.core.source import Source, Span
from loopwright.core.variable import ElementKind, ElementType, Parameter, Storage, Variable
from loopwright.harness.spec import KernelSpec
from loopwright.harness.subject import Subject, make_subject

INT = ElementType("int", ElementKind.SIGNED, 4)
DOUBLE = ElementType("double", ElementKind.FLOAT, 8)
NOWHERE = Span("kernel.c", 0, 0, 1, 1, 1)


def size(name: str) -> FunctionParameter:
    return FunctionParameter(name, "int", ParameterShape.INTEGER, INT)


def array(name: str, element: ElementType = DOUBLE, *, is_const: bool = False) -> FunctionParameter:
    return FunctionParameter(name, f"{element.spelling} *__restrict", ParameterShape.ARRAY, element, is_const)


def pointer(name: str, element: ElementType = DOUBLE, rank: int = 1) -> Variable:
    return Variable(
        name,
        name,
        name,
        element,
        rank,
        ("",) * rank,
        (),
        Storage.PARAMETER,
        is_pointer=True,
        base=name,
        base_element_size_bytes=element.size_bytes,
    )


def read(variable: str, relation: str, *, exact: bool = True, indexes: tuple[str, ...] = ()) -> Access:
    return Access(variable, AccessKind.READ, MapText(relation), exact, NOWHERE, index_variables=indexes)


def write(variable: str, relation: str, *, exact: bool = True, indexes: tuple[str, ...] = ()) -> Access:
    return Access(variable, AccessKind.WRITE, MapText(relation), exact, NOWHERE, index_variables=indexes)


def loop(name: str, *, parent: str | None = None, depth: int = 0, lower: str = "0", upper: str = "n") -> Loop:
    return Loop(
        name,
        name,
        LoopKind.COUNTED,
        parent,
        depth,
        NOWHERE,
        NOWHERE,
        NOWHERE,
        "1",
        lower,
        upper,
        upper,
        INT,
        True,
        True,
    )


def statement(name: str, loops: tuple[str, ...], domain: str, *accesses: Access, exact: bool = True) -> Statement:
    return Statement(name, NOWHERE, loops, SetText(domain), exact, MapText("{ }"), accesses)


def nest(
    loops: tuple[Loop, ...], statements: tuple[Statement, ...], variables: tuple[Variable, ...], *parameters: str
) -> LoopNest:
    symbols = tuple(Parameter(name, name, INT) for name in parameters)
    return LoopNest("f:1", "f", NOWHERE, loops, statements, variables, symbols, SetText("{ : }"))


def shift_function() -> Function:
    """``void f(int n, double *a, const double *b) { for (i = 1; i < n; i++) a[i] = a[i-1] + b[i]; }``, or the like."""
    body = statement(
        "S0",
        ("i",),
        "[n] -> { S0[i] : 1 <= i < n }",
        read("a", "{ S0[i] -> a[i - 1] }"),
        read("b", "{ S0[i] -> b[i] }"),
        write("a", "{ S0[i] -> a[i] }"),
    )
    whole = nest((loop("i", lower="1"),), (body,), (pointer("a"), pointer("b")), "n")
    return Function("f", NOWHERE, "void", None, (size("n"), array("a"), array("b", is_const=True)), nests=(whole,))


def sum_function() -> Function:
    """``double f(int n, const double *a) { double s = 0; for (i...) s += a[i]; return s; }``."""
    body = statement("S0", ("i",), "[n] -> { S0[i] : 0 <= i < n }", read("a", "{ S0[i] -> a[i] }"))
    whole = nest((loop("i"),), (body,), (pointer("a"),), "n")
    return Function("f", NOWHERE, "double", DOUBLE, (size("n"), array("a", is_const=True)), nests=(whole,))


def copy_function() -> Function:
    """``void f(int n, const double *a, double *b) { for (i...) b[i] = g(a[i]); }``, one element from one."""
    body = statement(
        "S0",
        ("i",),
        "[n] -> { S0[i] : 0 <= i < n }",
        read("a", "{ S0[i] -> a[i] }"),
        write("b", "{ S0[i] -> b[i] }"),
    )
    whole = nest((loop("i"),), (body,), (pointer("a"), pointer("b")), "n")
    return Function("f", NOWHERE, "void", None, (size("n"), array("a", is_const=True), array("b")), nests=(whole,))


def scatter_function() -> Function:
    """A histogram: ``for (b < bins) h[b] = 0; for (i < n) h[index[i]] += 1;``."""
    update = statement(
        "S0",
        ("i",),
        "[n, bins] -> { S0[i] : 0 <= i < n }",
        read("index", "{ S0[i] -> index[i] }"),
        read("h", "{ S0[i] -> h[k] }", exact=False, indexes=("index",)),
        write("h", "{ S0[i] -> h[k] }", exact=False, indexes=("index",)),
    )
    clear = statement("S1", ("b",), "[bins] -> { S1[b] : 0 <= b < bins }", write("h", "{ S1[b] -> h[b] }"))
    index = pointer("index", INT)
    first = nest((loop("i"),), (update,), (index, pointer("h")), "n")
    second = nest((loop("b", upper="bins"),), (clear,), (pointer("h"),), "bins")
    parameters = (size("n"), size("bins"), array("index", INT, is_const=True), array("h"))
    return Function("f", NOWHERE, "void", None, parameters, nests=(first, second))


def spmv_function() -> Function:
    """Sparse matrix times vector in CSR form."""
    body = statement(
        "S0",
        ("i", "k"),
        "[n] -> { S0[i, k] : 0 <= i < n }",
        read("col", "{ S0[i, k] -> col[k] }"),
        read("val", "{ S0[i, k] -> val[k] }"),
        read("x", "{ S0[i, k] -> x[j] }", exact=False, indexes=("col",)),
        exact=False,
    )
    store = statement("S1", ("i",), "[n] -> { S1[i] : 0 <= i < n }", write("y", "{ S1[i] -> y[i] }"))
    loops = (loop("i"), loop("k", parent="i", depth=1, lower="row[i]", upper="row[i + 1]"))
    variables = (pointer("row", INT), pointer("col", INT), pointer("val"), pointer("x"), pointer("y"))
    parameters = (
        size("n"),
        array("row", INT, is_const=True),
        array("col", INT, is_const=True),
        array("val", is_const=True),
        array("x", is_const=True),
        array("y"),
    )
    return Function("f", NOWHERE, "void", None, parameters, nests=(nest(loops, (body, store), variables, "n"),))


def subject_for(function: Function, path: Path, content: str, spec: KernelSpec | None = None) -> Subject:
    """Return the subject of ``function`` in a file at ``path`` that holds ``content``."""
    unit = TranslationUnit(Source(str(path), content.encode()), (function,))
    subject = make_subject(unit, function, spec or KernelSpec())
    assert isinstance(subject, Subject)
    return subject
