"""What the walk through a nest notes, before subscripts are settled and places are spans."""

from __future__ import annotations

from dataclasses import dataclass, field

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind, LoopKind, ReductionOperator
from loopwright.frontend.affine import NotAffine
from loopwright.frontend.headers import Counting, Header
from loopwright.frontend.places import Place
from loopwright.frontend.scope import Frame
from loopwright.frontend.syntax import Extent, Loop


@dataclass(slots=True)
class RawAccess:
    """An access before its variable's subscripts are settled.

    Attributes:
        place: What is accessed.
        kind: Read or write.
        frames: Enclosing loops.
        conditions: Formulas on the path, those inside the statement included.
        extra: Formula of the conditions inside the statement alone.
        inexact: Why it may not happen in every instance.
        index_variables: Places whose values steer the subscripts.
        is_update: Part of the statement's update.
    """

    place: Place
    kind: AccessKind
    frames: tuple[Frame, ...]
    conditions: tuple[str, ...]
    extra: str
    inexact: NotAffine | None
    index_places: tuple[Place, ...] = ()
    is_update: bool = False


class Collected(list[RawAccess]):
    """The accesses of one statement, and the floating-point operations that it does."""

    operations: int = 0


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
    conditions: tuple[str, ...] = ()
    operations: int = 0


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
    header: Header | None
    counting: Counting | None
    parent: str | None
    depth: int
    kind: LoopKind
    is_inlined: bool
    blockers: list[RawBlocker] = field(default_factory=list[RawBlocker])


@dataclass(slots=True, eq=False)
class OpenRegion:
    """A body that a jump ends: where its own conditions and doubts begin."""

    conditions: int
    inexact: int
    loop: RawLoop | None
    is_switch: bool
    is_helper: bool
