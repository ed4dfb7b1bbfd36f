"""The walk through a nest: loops, branches and statements in textual order."""

from __future__ import annotations

from dataclasses import dataclass, field

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind, LoopKind, ReductionOperator
from loopwright.frontend.affine import NotAffine, Poly, Value
from loopwright.frontend.collect import RawAccess
from loopwright.frontend.loops import Counting, Header, LoopReader, read_header
from loopwright.frontend.places import Place
from loopwright.frontend.scope import Frame, Refusal
from loopwright.frontend.syntax import (
    Block,
    BreakStmt,
    Call,
    CaseStmt,
    ContinueStmt,
    Declaration,
    DeclareStmt,
    Expression,
    ExpressionStmt,
    Extent,
    ForStmt,
    FunctionSyntax,
    IfStmt,
    Increment,
    Assignment,
    Loop,
    Name,
    NullStmt,
    ReturnStmt,
    Stmt,
    SwitchStmt,
    WhileStmt,
    all_expressions,
    own_expressions,
    strip_casts,
    sub_statements,
)
from loopwright.frontend.types import TypeKind
from loopwright.frontend.updates import FoundUpdate, find_update


@dataclass(slots=True)
class RawUpdate:
    """An update whose target is still a place."""

    place: Place
    operator: ReductionOperator
    reassociates: bool
    is_expression_statement: bool


@dataclass(slots=True)
class RawStatement:
    """A statement whose accesses are not settled yet."""

    name: str
    extent: Extent
    frames: tuple[Frame, ...]
    formula: str
    inexact: NotAffine | None
    schedule: tuple[str, ...]
    accesses: list[RawAccess]
    update: RawUpdate | None = None


@dataclass(slots=True)
class RawBlocker:
    """A blocker whose place is not a span yet."""

    code: Code
    reason: str
    extent: Extent


@dataclass(slots=True)
class RawLoop:
    """A loop as it was met."""

    name: str
    syntax: Loop
    iterator: Declaration | None
    header: Header | None
    counting: Counting | None
    parent: str | None
    depth: int
    kind: LoopKind
    is_inlined: bool
    blockers: list[RawBlocker] = field(default_factory=list[RawBlocker])


class NestWalk(LoopReader):
    """Walks through one nest and notes its loops and statements."""

    statements: list[RawStatement]
    loops: list[RawLoop]

    def start(self) -> None:
        """Prepare for a walk."""
        self.statements = []
        self.loops = []
        self.scopes: dict[int, tuple[Declaration, str | None]] = {}
        self.exposed: frozenset[int] = frozenset()
        self._prefix: list[str] = []
        self._position = 0
        self._open: list[RawLoop] = []
        self._breakable: list[RawLoop | None] = []
        self._helper_depth = 0
        # Doubts that began inside a body and last to its end: after `continue`, `break`, `return`.
        self._skips: list[list[int]] = []

    def walk(self, statement: Stmt) -> None:
        """Walk through one statement."""
        match statement:
            case Block(body=body):
                with self._sequence():
                    for part in body:
                        self.walk(part)
            case ForStmt() | WhileStmt():
                self.loop(statement)
            case IfStmt():
                self._branch(statement)
            case DeclareStmt(declarations=declarations):
                for declaration in declarations:
                    self._declare(declaration, statement)
            case ExpressionStmt():
                self._simple(statement)
            case SwitchStmt():
                self._switch(statement)
            case CaseStmt(body=body):
                self.walk(body)
            case NullStmt():
                return
            case BreakStmt() | ContinueStmt() | ReturnStmt():
                self._jump(statement)
            case _:
                raise Refusal(Code.UNKNOWN_CONSTRUCT, "a statement that is not understood", statement.extent)
