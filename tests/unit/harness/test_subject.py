from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import harness_subjects as subjects
from loopwright.core.codes import Code
from loopwright.core.function import Field, Function, FunctionParameter, ParameterShape, TranslationUnit
from loopwright.core.source import Source
from loopwright.core.variable import ElementKind, ElementType, Storage, Variable
from loopwright.harness.spec import KernelSpec
from loopwright.harness.subject import NoHarness, SlotKind, Subject, make_subject

SOURCE = Source("/nowhere/kernel.c", b"")


def subject_of(function: Function) -> Subject:
    subject = make_subject(TranslationUnit(SOURCE, (function,)), function, KernelSpec())
    assert isinstance(subject, Subject)
    return subject


def test_sizes_are_what_bounds_say() -> None:
    subject = subject_of(subjects.scatter_function())
    assert [slot.name for slot in subject.parameters if slot.is_size] == ["n", "bins"]


def test_a_number_that_is_only_a_subscript_is_an_index() -> None:
    function = subjects.copy_function()
    start = subjects.statement("S1", (), "[root] -> { S1[] }", subjects.write("b", "[root] -> { S1[] -> b[root] }"))
    function = replace(function, parameters=(*function.parameters, subjects.size("root")), straight_line=(start,))
    root = subject_of(function).parameters[-1]
    assert root.is_index
    assert not root.is_size


def test_a_leading_dimension_is_a_stride_and_a_bound_is_not() -> None:
    matrix = replace(subjects.pointer("a", rank=2), strides=("ld", "1"))
    body = subjects.statement(
        "S0",
        ("i", "j"),
        "[n, m] -> { S0[i, j] : 0 <= i < n and 0 <= j < m }",
        subjects.write("a", "{ S0[i, j] -> a[i, j] }"),
    )
    loops = (subjects.loop("i"), subjects.loop("j", parent="i", depth=1, upper="m"))
    function = Function(
        "f",
        subjects.NOWHERE,
        "void",
        None,
        (subjects.size("n"), subjects.size("m"), subjects.size("ld"), subjects.array("a")),
        nests=(subjects.nest(loops, (body,), (matrix,), "n", "m", "ld"),),
    )
    slots = {slot.name: slot for slot in subject_of(function).parameters}
    assert slots["ld"].is_stride
    assert slots["ld"].is_size
    assert not slots["m"].is_stride


def test_what_cannot_be_made_is_named() -> None:
    stream = ElementType("FILE", ElementKind.RECORD, 216)
    function = replace(
        subjects.copy_function(), parameters=(FunctionParameter("out", "FILE *", ParameterShape.OPAQUE, stream),)
    )
    found = make_subject(TranslationUnit(SOURCE, (function,)), function, KernelSpec())
    assert isinstance(found, NoHarness)
    assert found.code is Code.NO_HARNESS
    assert "out" in found.reason
    assert "FILE *" in found.reason


def test_a_file_with_a_main_falls_back_to_the_program() -> None:
    stream = ElementType("FILE", ElementKind.RECORD, 216)
    function = replace(
        subjects.copy_function(), parameters=(FunctionParameter("out", "FILE *", ParameterShape.OPAQUE, stream),)
    )
    main = Function("main", subjects.NOWHERE, "int", subjects.INT, ())
    found = make_subject(TranslationUnit(SOURCE, (function, main)), function, KernelSpec())
    assert isinstance(found, Subject)
    assert found.function is None


def test_records_get_their_fields() -> None:
    grid = ElementType("struct grid", ElementKind.RECORD, 24)
    fields = (
        Field("n", "int", ParameterShape.INTEGER, subjects.INT),
        Field("data", "double *", ParameterShape.ARRAY, subjects.DOUBLE),
        Field("weights", "double[4]", ParameterShape.ARRAY, subjects.DOUBLE, (4,)),
    )
    function = replace(
        subjects.copy_function(),
        parameters=(FunctionParameter("g", "struct grid *", ParameterShape.RECORD, grid, fields=fields),),
    )
    subject = subject_of(function)
    assert [slot.name for slot in subject.slots] == ["g", "g.n", "g.data", "g.weights"]
    assert [slot.kind for slot in subject.slots][:3] == [SlotKind.RECORDS, SlotKind.INTEGER, SlotKind.ARRAY]


def test_globals_are_reached_where_they_have_a_name() -> None:
    def variable(name: str, storage: Storage, *, is_const: bool = False, is_pointer: bool = False) -> Variable:
        return Variable(
            name,
            name,
            name,
            subjects.DOUBLE,
            1,
            ("8",),
            (),
            storage,
            is_pointer=is_pointer,
            is_const=is_const,
            base=name,
        )

    function = replace(
        subjects.copy_function(),
        globals=(
            variable("table", Storage.GLOBAL),
            variable("inside", Storage.STATIC),
            variable("fixed", Storage.GLOBAL, is_const=True),
            variable("heap", Storage.GLOBAL, is_pointer=True),
        ),
    )
    found = {slot.name: slot.kind for slot in subject_of(function).globals}
    assert found == {"table": SlotKind.GLOBAL, "heap": SlotKind.GLOBAL_POINTER}


def test_the_path_of_the_file_is_kept(tmp_path: Path) -> None:
    subject = subjects.subject_for(subjects.copy_function(), tmp_path / "k.c", "")
    assert subject.source.path == str(tmp_path / "k.c")


def test_what_cannot_be_written_is_compared_beside_the_outputs_that_are_named() -> None:
    subject = subject_of(subjects.copy_function())
    assert subject.compared == ()
    assert replace(subject, spec=KernelSpec(outputs=("b",))).compared == ("b", "a")
