"""What a harness drives: a function of the user's file with everything that must be made for a call, or its program.

``make_subject`` first. Each thing that the call needs is a ``Slot``: a scalar, an array behind a parameter, the records
behind one, a global. Slots are in the order in which the generated C asks for their values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from loopwright.core.codes import Code
from loopwright.core.function import Field, Function, FunctionParameter, ParameterShape, TranslationUnit
from loopwright.core.nest import LoopNest, Statement
from loopwright.core.source import Source
from loopwright.core.variable import ElementKind, ElementType, Storage, Variable
from loopwright.harness.expression import names, normalise
from loopwright.harness.spec import KernelSpec

_LVALUE = re.compile(r"[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*")
_PLAIN = (ElementKind.FLOAT, ElementKind.SIGNED, ElementKind.UNSIGNED, ElementKind.BOOL)


class SlotKind(StrEnum):
    """What stands behind a slot, and so what the generated C does with it."""

    INTEGER = "integer"
    REAL = "real"
    ARRAY = "array"
    ROWS = "rows"
    RECORDS = "records"
    VECTOR = "vector"
    NOTHING = "nothing"
    GLOBAL = "global"
    GLOBAL_POINTER = "global pointer"
    GLOBAL_MEMBER = "global member"


@dataclass(frozen=True, slots=True)
class Member:
    """One field of the records of a slot: filled where it is plain data, pointed to a slot where it is a pointer."""

    field: Field
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that a call needs.

    Attributes:
        kind: What it is.
        name: Unique; a C name in normal form (``a``, ``g.data``), for people and for ``kernel.toml``.
        element: Type of one element.
        c_type: C type of the argument.
        is_const: The subject cannot write it.
        is_reference: A C++ reference.
        lvalue: C expression of a global; "" otherwise.
        members: Of RECORDS.
        variables: The nests' names for this memory.
        is_size: Its value decides how much work there is (INTEGER and integer globals).
        is_index: Its value is used as a subscript.
        is_stride: Its value is the distance between rows, so never less than another size.
    """

    kind: SlotKind
    name: str
    element: ElementType
    c_type: str = ""
    is_const: bool = False
    is_reference: bool = False
    lvalue: str = ""
    members: tuple[Member, ...] = ()
    variables: tuple[Variable, ...] = ()
    is_size: bool = False
    is_index: bool = False
    is_stride: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A function with the slots of a call to it, or, with ``function`` None, the whole program.

    Attributes:
        source: The user's file.
        function: What is called; None for ``main``.
        spec: What the user says of it.
        parameters: One slot per function parameter.
        globals: Slots of what it touches beyond its parameters.
        has_main_arguments: ``main`` takes ``argc`` and ``argv``.
    """

    source: Source
    function: Function | None
    spec: KernelSpec
    parameters: tuple[Slot, ...] = ()
    globals: tuple[Slot, ...] = ()
    has_main_arguments: bool = False

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Return all slots, those behind fields included."""
        found: list[Slot] = []
        for slot in (*self.globals, *self.parameters):
            found.append(slot)
            found.extend(member.slot for member in slot.members if member.slot is not None)
        return tuple(found)

    @property
    def compared(self) -> tuple[str, ...]:
        """Return the names of the arrays to compare after a call; none if all are.

        What the user names as outputs, and what the subject cannot write: that must come back as it went in.
        """
        unchanged = (slot.name for slot in self.slots if slot.is_const)
        return tuple(dict.fromkeys((*self.spec.outputs, *unchanged))) if self.spec.outputs else ()

    @property
    def label(self) -> str:
        """Return what is called, for people."""
        return f"{self.function.name}()" if self.function else "the program"


@dataclass(frozen=True, slots=True)
class NoHarness:
    """Nothing can be called, and why."""

    code: Code
    reason: str


def make_subject(unit: TranslationUnit, function: Function, spec: KernelSpec) -> Subject | NoHarness:
    """Return the subject that calls ``function``.

    If it is ``main``, or cannot be called from outside, the subject is the whole program, where the file has one.
    """
    if function.name == "main":
        return make_program_subject(unit, spec)
    made = _function_subject(unit, function, spec.for_function(function.name))
    if isinstance(made, NoHarness) and unit.function("main") is not None:
        return make_program_subject(unit, spec)
    return made


def make_program_subject(unit: TranslationUnit, spec: KernelSpec) -> Subject | NoHarness:
    """Return the subject that runs the file's ``main`` without arguments and compares what it prints."""
    main = unit.function("main")
    if main is None:
        return NoHarness(Code.NO_HARNESS, "the file has no main")
    return Subject(unit.source, None, spec.for_function("main"), has_main_arguments=bool(main.parameters))


def _function_subject(unit: TranslationUnit, function: Function, spec: KernelSpec) -> Subject | NoHarness:
    if not re.fullmatch(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*", function.name):
        return NoHarness(Code.NO_HARNESS, f"{function.name} cannot be called by its name")
    uses = _Uses(function)
    parameters: list[Slot] = []
    for position, parameter in enumerate(function.parameters):
        slot = _parameter_slot(parameter, position, uses)
        if slot is None:
            return NoHarness(
                Code.NO_HARNESS,
                f"no value can be made for parameter {parameter.name or position} of type {parameter.c_type}",
            )
        parameters.append(slot)
    seen: set[str] = set()
    slots: list[Slot] = []
    for variable in function.globals:
        slot = _global_slot(variable, uses)
        if slot is not None and slot.name not in seen:
            seen.add(slot.name)
            slots.append(slot)
    return Subject(unit.source, function, spec, tuple(parameters), tuple(slots))


class _Uses:
    """How the function's nests speak of its parameters and globals."""

    def __init__(self, function: Function) -> None:
        self.variables = tuple(
            {
                (variable.name, variable.base, variable.extents, variable.strides): variable
                for nest in function.nests
                for variable in (*nest.variables, *function.globals)
            }.values()
        )
        self.aliases = _alias_classes(function.pointer_aliases)
        self.sizes: set[str] = set()
        strides: set[str] = set()
        subscripts: set[str] = set()
        for nest in function.nests:
            self._read_nest(nest, subscripts, strides)
        for statement in function.straight_line:
            for access in statement.accesses:
                subscripts |= _words(access.relation)
        self.strides = strides - self.sizes
        self.sizes |= strides
        if not self.sizes:  # nothing is known of the loops: every number may be a length
            self.sizes = {
                item.name for item in function.parameters if item.shape is ParameterShape.INTEGER
            } - subscripts
        self.indexes = subscripts - self.sizes

    def _read_nest(self, nest: LoopNest, subscripts: set[str], strides: set[str]) -> None:
        spelt = {parameter.name: names(parameter.expression) for parameter in nest.parameters}
        in_domains: set[str] = set()
        in_relations: set[str] = set()
        for statement in nest.statements:
            in_domains |= _words(statement.domain)
            for access in statement.accesses:
                in_relations |= _words(access.relation)
        for loop in nest.loops:
            # A bound's plain names; what is subscripted (row[i]) is an array and not a size.
            text = f"{loop.lower} ; {loop.upper} ; {loop.trip_count}"
            self.sizes |= names(re.sub(r"\[[^]]*\]", " [ ", text)) - {loop.iterator for loop in nest.loops}
        for name, words in spelt.items():
            if name in in_domains:
                self.sizes |= words
            elif name in in_relations:
                subscripts |= words
        for variable in nest.variables:
            for text in (*variable.strides, *variable.extents[1:]):
                strides |= names(text)

    def of(self, name: str) -> tuple[Variable, ...]:
        """Return the variables whose memory is what ``name`` points to, is, or has as its fields."""
        wanted = {name, *self.aliases.get(name, ())}
        found = [
            variable
            for variable in self.variables
            if normalise(variable.base).removesuffix(".data()") in wanted
            or (not variable.base and _root(variable) in wanted and variable.storage is not Storage.LOCAL)
        ]
        return tuple(found)


def _root(variable: Variable) -> str:
    # The elements of `double **rows` are a variable of their own, rows[].
    return normalise(variable.name).removesuffix("[]")


def _words(text: str) -> set[str]:
    # "[n] -> { S0[i] : i < n }": the list in front declares the parameters, used or not.
    return set(re.findall(r"[A-Za-z_]\w*", re.sub(r"^\s*\[[^]]*\]\s*->", "", text)))


def _alias_classes(pairs: tuple[tuple[str, str], ...]) -> dict[str, frozenset[str]]:
    classes: dict[str, frozenset[str]] = {}
    for first, second in pairs:
        left, right = normalise(first), normalise(second)
        joined = classes.get(left, frozenset({left})) | classes.get(right, frozenset({right}))
        for name in joined:
            classes[name] = joined
    return classes


def _parameter_slot(parameter: FunctionParameter, position: int, uses: _Uses) -> Slot | None:
    name = parameter.name or f"argument{position}"
    base = Slot(
        SlotKind.NOTHING,
        name,
        parameter.element,
        parameter.c_type,
        is_const=parameter.is_const,
        is_reference=parameter.is_reference,
        variables=uses.of(name),
    )
    plain = parameter.element.kind in _PLAIN
    match parameter.shape:
        case ParameterShape.INTEGER:
            return _integer(replace(base, kind=SlotKind.INTEGER), uses)
        case ParameterShape.REAL:
            return replace(base, kind=SlotKind.REAL)
        case ParameterShape.ARRAY if plain:
            return replace(base, kind=SlotKind.ARRAY)
        case ParameterShape.ROWS if plain:
            return replace(base, kind=SlotKind.ROWS)
        case ParameterShape.VECTOR if plain and parameter.element.kind is not ElementKind.BOOL:
            return replace(base, kind=SlotKind.VECTOR, is_size=bool({name, f"{name}.size"} & uses.sizes))
        case ParameterShape.RECORD if parameter.fields:
            members = tuple(_member(name, field, uses) for field in parameter.fields)
            return replace(base, kind=SlotKind.RECORDS, members=members)
        case ParameterShape.OPAQUE if not parameter.name:
            return replace(base, kind=SlotKind.NOTHING)
        case _:
            return None


def _integer(slot: Slot, uses: _Uses) -> Slot:
    return replace(
        slot,
        is_size=slot.name in uses.sizes,
        is_index=slot.name in uses.indexes,
        is_stride=slot.name in uses.strides,
    )


def _member(record: str, field: Field, uses: _Uses) -> Member:
    name = f"{record}.{field.name}"
    if field.element.kind not in _PLAIN:
        return Member(field)
    slot = Slot(SlotKind.NOTHING, name, field.element, field.c_type, variables=uses.of(name))
    if field.shape is ParameterShape.INTEGER:
        return Member(field, _integer(replace(slot, kind=SlotKind.INTEGER), uses))
    if field.shape is ParameterShape.REAL:
        return Member(field, replace(slot, kind=SlotKind.REAL))
    if field.shape is ParameterShape.ROWS:
        return Member(field, replace(slot, kind=SlotKind.ROWS))
    if field.shape is ParameterShape.ARRAY and field.fixed_extents:
        return Member(field, replace(slot, kind=SlotKind.NOTHING))
    if field.shape is ParameterShape.ARRAY:
        return Member(field, replace(slot, kind=SlotKind.ARRAY))
    return Member(field)


def _global_slot(variable: Variable, uses: _Uses) -> Slot | None:
    """Return the slot of a file-scope variable; None for one that cannot or need not be reached from outside."""
    lvalue = variable.base or variable.name
    if variable.storage is not Storage.GLOBAL or not _LVALUE.fullmatch(lvalue) or variable.element.kind not in _PLAIN:
        return None
    variables = uses.of(normalise(lvalue)) or (variable,)
    slot = Slot(
        SlotKind.GLOBAL,
        normalise(lvalue),
        variable.element,
        is_const=variable.is_const,
        lvalue=lvalue,
        variables=variables,
    )
    if variable.is_pointer:
        return replace(slot, kind=SlotKind.GLOBAL_POINTER)
    if variable.is_const:
        return None
    if variable.rank and variable.base_element_size_bytes > variable.element.size_bytes and "." in variable.name:
        return replace(slot, kind=SlotKind.GLOBAL_MEMBER, name=normalise(variable.name))
    if variable.rank == 0 and variable.element.kind in (ElementKind.SIGNED, ElementKind.UNSIGNED):
        return _integer(slot, uses)
    return slot


def statements_of(function: Function) -> tuple[tuple[Statement, LoopNest | None], ...]:
    """Return the statements of all nests, each with its nest, then those outside."""
    return (
        *((statement, nest) for nest in function.nests for statement in nest.statements),
        *((statement, None) for statement in function.straight_line),
    )
