"""Random C functions as trees: what the generator makes, the printer prints and the interpreter runs.

Nothing here comes from loopwright, so that what the prover says of the printed text can be checked against what the
tree does. Names are unique in a program; every statement has an ``id`` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class CType:
    """An arithmetic type of C on a 64-bit machine."""

    name: str
    size: int
    is_signed: bool = True
    is_float: bool = False

    @property
    def least(self) -> int:
        """Return the least value of an integer type."""
        return -(1 << (8 * self.size - 1)) if self.is_signed else 0

    @property
    def greatest(self) -> int:
        """Return the greatest value of an integer type."""
        return (1 << (8 * self.size - (1 if self.is_signed else 0))) - 1


SCHAR = CType("signed char", 1)
UCHAR = CType("unsigned char", 1, False)
SHORT = CType("short", 2)
USHORT = CType("unsigned short", 2, False)
INT = CType("int", 4)
UINT = CType("unsigned", 4, False)
LONG = CType("long", 8)
ULONG = CType("unsigned long", 8, False)
FLOAT = CType("float", 4, True, True)
DOUBLE = CType("double", 8, True, True)


def promoted(type_: CType) -> CType:
    """Return the type that an operand of a narrow type is computed in."""
    return type_ if type_.is_float or type_.size >= 4 else INT


def joined(first: CType, second: CType) -> CType:
    """Return the type of ``first + second`` (C11 6.3.1.8)."""
    if first.is_float or second.is_float:
        return max((item for item in (first, second) if item.is_float), key=lambda item: item.size)
    first, second = promoted(first), promoted(second)
    if first.size != second.size:
        return first if first.size > second.size else second
    return first if not first.is_signed else second


class Form(StrEnum):
    """What a name stands for."""

    SCALAR = "scalar"
    POINTER = "pointer"
    ARRAY = "array"


class Storage(StrEnum):
    """Where a name is declared."""

    PARAMETER = "parameter"
    LOCAL = "local"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Record:
    """A struct whose members are scalars."""

    name: str
    members: tuple[tuple[str, CType], ...]

    @property
    def size(self) -> int:
        """Return the size in bytes; members are laid out the way compilers do."""
        end = 0
        for _, type_ in self.members:
            end = -(-end // type_.size) * type_.size + type_.size
        widest = max(type_.size for _, type_ in self.members)
        return -(-end // widest) * widest

    def member(self, name: str) -> tuple[int, CType]:
        """Return offset and type of a member."""
        end = 0
        for each, type_ in self.members:
            end = -(-end // type_.size) * type_.size
            if each == name:
                return end, type_
            end += type_.size
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Decl:
    """A variable.

    Attributes:
        extents: Of an array; of a pointer the extents after the first (``double a[][8]``), numbers or expressions.
        record: Its elements are structs, and ``type`` does not count.
    """

    name: str
    type: CType
    form: Form = Form.SCALAR
    storage: Storage = Storage.LOCAL
    extents: tuple[Any, ...] = ()
    record: Record | None = None
    is_restrict: bool = False
    is_const: bool = False

    @property
    def element_size(self) -> int:
        """Return the bytes of one element."""
        return self.record.size if self.record is not None else self.type.size


@dataclass(frozen=True, slots=True)
class Lit:
    value: int
    type: CType = INT


@dataclass(frozen=True, slots=True)
class Var:
    name: str


@dataclass(frozen=True, slots=True)
class Elem:
    """``name[subscripts]``, with ``.member`` behind it for structs; without subscripts ``name.member``."""

    name: str
    subscripts: tuple[Expr, ...]
    member: str = ""


@dataclass(frozen=True, slots=True)
class Bin:
    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Un:
    operator: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Cast:
    type: CType
    operand: Expr


@dataclass(frozen=True, slots=True)
class Cond:
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a helper of the program, or of ``fmax``, ``fmin``, ``abs``."""

    name: str
    arguments: tuple[Expr, ...]


Expr = Lit | Var | Elem | Bin | Un | Cast | Cond | Call
Place = Var | Elem


@dataclass(frozen=True, slots=True)
class Point:
    """The initial value of a local pointer: ``base + offset``."""

    base: str
    offset: Expr


@dataclass(frozen=True, slots=True)
class Assign:
    """``target operator= value``; ``spelled`` is ``""``, or ``"++"`` for ``target++``."""

    id: int
    target: Place
    operator: str
    value: Expr
    spelled: str = ""


@dataclass(frozen=True, slots=True)
class Declare:
    id: int
    decl: Decl
    initial: Expr | Point | None = None


@dataclass(frozen=True, slots=True)
class If:
    id: int
    condition: Expr
    then: tuple[Stmt, ...]
    otherwise: tuple[Stmt, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """``for (iterator = lower; iterator relation upper; iterator += step)``.

    Attributes:
        declares: The iterator is declared in the header.
        step: A number other than 0, or an expression.
        is_flipped: The bound stands left in the condition.
    """

    id: int
    iterator: Decl
    declares: bool
    lower: Expr
    relation: str
    upper: Expr
    step: Any
    body: tuple[Stmt, ...]
    is_flipped: bool = False


@dataclass(frozen=True, slots=True)
class While:
    id: int
    condition: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """``continue``, ``break``, or ``return`` of ``value``."""

    id: int
    kind: str
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """Two pointers exchange what they point to."""

    id: int
    first: str
    second: str


Stmt = Assign | Declare | If | For | While | Jump | Swap


@dataclass(frozen=True, slots=True)
class Helper:
    """``static type name(parameters) { return value; }``."""

    name: str
    type: CType
    parameters: tuple[Decl, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Program:
    """One function with all that it needs.

    Attributes:
        result: Type of the result; None for ``void``.
    """

    name: str
    parameters: tuple[Decl, ...]
    body: tuple[Stmt, ...]
    result: CType | None = None
    globals: tuple[Decl, ...] = ()
    helpers: tuple[Helper, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Return the structs that declarations use."""
        decls = (
            *self.parameters,
            *self.globals,
            *(item.decl for item in statements(self) if isinstance(item, Declare)),
        )
        return tuple(dict.fromkeys(decl.record for decl in decls if decl.record is not None))


def statements(program: Program) -> Iterator[Stmt]:
    """Yield all statements in textual order, outer ones before those inside."""
    yield from _inside(program.body)


def _inside(body: tuple[Stmt, ...]) -> Iterator[Stmt]:
    for statement in body:
        yield statement
        for part in parts_of(statement):
            yield from _inside(part)


def parts_of(statement: Stmt) -> tuple[tuple[Stmt, ...], ...]:
    """Return the bodies of a statement."""
    match statement:
        case If(then=then, otherwise=otherwise):
            return (then, otherwise)
        case For(body=body) | While(body=body):
            return (body,)
        case _:
            return ()


def declarations(program: Program) -> dict[str, Decl]:
    """Return every variable of the program by name."""
    found = {decl.name: decl for decl in (*program.parameters, *program.globals)}
    for statement in statements(program):
        if isinstance(statement, Declare):
            found[statement.decl.name] = statement.decl
        elif isinstance(statement, For):
            found.setdefault(statement.iterator.name, statement.iterator)
    return found


def expressions(tree: Any) -> Iterator[Expr]:
    """Yield every expression inside a tree, itself included."""
    if isinstance(tree, Lit | Var | Elem | Bin | Un | Cast | Cond | Call):
        yield tree
    if isinstance(tree, tuple):
        for item in tree:
            yield from expressions(item)
    elif is_dataclass(tree) and not isinstance(tree, CType | Record):
        for field in fields(tree):
            yield from expressions(getattr(tree, field.name))


def substituted(tree: Any, name: str, value: Expr) -> Any:
    """Return the tree with the variable ``name`` replaced by ``value`` wherever it is read."""
    if isinstance(tree, Var):
        return value if tree.name == name else tree
    if isinstance(tree, tuple):
        return tuple(substituted(item, name, value) for item in tree)
    if is_dataclass(tree) and not isinstance(tree, type) and not isinstance(tree, CType | Record):
        changes = {field.name: substituted(getattr(tree, field.name), name, value) for field in fields(tree)}
        return replace(tree, **changes)
    return tree
