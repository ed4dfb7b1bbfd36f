"""The syntax tree that the analysis works on: expressions and statements of C, free of the parser's details."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from loopwright.frontend.types import CType


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes ``start`` to ``end`` of the file number ``file`` (0 is the main file)."""

    start: int
    end: int
    file: int = 0


class DeclarationKind(Enum):
    """What a name stands for."""

    PARAMETER = auto()
    LOCAL = auto()
    STATIC = auto()
    GLOBAL = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Declaration:
    """A variable.

    Attributes:
        key: Identity in the translation unit.
        name: As spelt.
        type: Declared type (a parameter ``double a[][4]`` is a pointer to arrays).
        kind: Where it lives.
        extent: Its text.
        initializer: First value, where there is one.
        sizes: Expressions of the array extents that are not constants, innermost first.
        is_internal: Not visible outside the file.
        is_thread_local: Each thread has one of its own.
    """

    key: int
    name: str
    type: CType
    kind: DeclarationKind
    extent: Extent
    initializer: Expression | None = None
    sizes: tuple[Expression, ...] = ()
    is_internal: bool = True
    is_thread_local: bool = False

    @property
    def outlives_function(self) -> bool:
        """True for globals and statics."""
        return self.kind in (DeclarationKind.GLOBAL, DeclarationKind.STATIC)


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """Base of all expressions: type and text."""

    type: CType
    extent: Extent


@dataclass(frozen=True, slots=True, eq=False)
class Integer(Expression):
    """An integer constant: literal, enumeration constant, ``sizeof``."""

    value: int


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expression):
    """Any other constant: floating, string, null pointer."""


@dataclass(frozen=True, slots=True, eq=False)
class Name(Expression):
    """A use of a variable."""

    declaration: Declaration


@dataclass(frozen=True, slots=True, eq=False)
class FunctionName(Expression):
    """A use of a function."""

    name: str
    key: int


@dataclass(frozen=True, slots=True, eq=False)
class Member(Expression):
    """``base.name``, or ``base->name`` if the base is a pointer.

    Attributes:
        base: The object, or a pointer to it.
        name: Of the member; ``""`` for a union without a name, whose members are named as if they were the object's.
        is_arrow: The base is a pointer.
        bit_storage: Of a bit-field, which memory location it is in: the first bit-field that shares it.
    """

    base: Expression
    name: str
    is_arrow: bool
    bit_storage: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class This(Expression):
    """``this`` in a member function."""


@dataclass(frozen=True, slots=True, eq=False)
class Subscript(Expression):
    """``base[index]``, also of a container."""

    base: Expression
    index: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Expression):
    """``- + ! ~ * &``."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Increment(Expression):
    """``++`` or ``--``: ``by`` is 1 or -1."""

    operand: Expression
    by: int
    is_prefix: bool


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Expression):
    """Arithmetic, comparison, logic, comma."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Assignment(Expression):
    """``left = right``; ``operator`` is ``""``, or ``+`` for ``+=``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Conditional(Expression):
    """``condition ? then : otherwise``."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Call(Expression):
    """A call.

    Attributes:
        name: As spelt, with ``std::`` in front for the library's; ``""`` through a pointer.
        target: Identity of the function, None if it is not known.
        arguments: In order.
        receiver: A method's object.
        is_defined_by_user: The user's files hold the definition, or a declaration that is none of the library's.
    """

    name: str
    target: int | None
    arguments: tuple[Expression, ...]
    receiver: Expression | None = None
    is_defined_by_user: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Cast(Expression):
    """A conversion to ``type``, implicit or written."""

    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate(Expression):
    """``{ a, b, ... }``."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UnknownExpression(Expression):
    """Anything else, with what it holds."""

    what: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Stmt:
    """Base of all statements: text, with the semicolon."""

    extent: Extent


@dataclass(frozen=True, slots=True, eq=False)
class Block(Stmt):
    """``{ ... }``."""

    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DeclareStmt(Stmt):
    """Declarations of variables."""

    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionStmt(Stmt):
    """An expression evaluated for its effect."""

    expression: Expression


@dataclass(frozen=True, slots=True, eq=False)
class IfStmt(Stmt):
    """``if``."""

    condition: Expression
    then: Stmt
    otherwise: Stmt | None


@dataclass(frozen=True, slots=True, eq=False)
class ForStmt(Stmt):
    """``for``.

    Attributes:
        header: From ``for`` to the closing parenthesis.
        is_in_macro: The header is not in the text.
    """

    init: Stmt | None
    condition: Expression | None
    increment: Expression | None
    body: Stmt
    header: Extent
    is_in_macro: bool
    pragma: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class WhileStmt(Stmt):
    """``while`` and ``do``."""

    condition: Expression
    body: Stmt
    header: Extent
    is_do: bool
    is_in_macro: bool


@dataclass(frozen=True, slots=True, eq=False)
class SwitchStmt(Stmt):
    """``switch``; its cases are ``CaseStmt`` in the body."""

    condition: Expression
    body: Stmt


@dataclass(frozen=True, slots=True, eq=False)
class CaseStmt(Stmt):
    """``case value:`` or ``default:`` with the statement behind it."""

    body: Stmt


@dataclass(frozen=True, slots=True, eq=False)
class BreakStmt(Stmt):
    """``break``."""


@dataclass(frozen=True, slots=True, eq=False)
class ContinueStmt(Stmt):
    """``continue``."""


@dataclass(frozen=True, slots=True, eq=False)
class ReturnStmt(Stmt):
    """``return``."""

    value: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class NullStmt(Stmt):
    """``;``."""


@dataclass(frozen=True, slots=True, eq=False)
class JumpStmt(Stmt):
    """``goto``, or a label with the statement behind it."""

    body: Stmt | None


@dataclass(frozen=True, slots=True, eq=False)
class DirectiveStmt(Stmt):
    """An OpenMP directive with the statement that it governs."""

    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UnknownStmt(Stmt):
    """Anything else (``asm``, ``try``, a ``for`` over a range), with what it holds."""

    what: str
    body: tuple[Stmt, ...]
    parts: tuple[Expression, ...] = ()


Loop = ForStmt | WhileStmt


@dataclass(frozen=True, slots=True, eq=False)
class FunctionSyntax:
    """A function definition.

    Attributes:
        key: Identity.
        name: As it is called.
        result: Type of its value.
        parameters: In order.
        body: Its block.
        extent: Its text.
        receiver: The record of a member function's ``this``.
    """

    key: int
    name: str
    result: CType
    parameters: tuple[Declaration, ...]
    body: Block
    extent: Extent
    is_method: bool = False
