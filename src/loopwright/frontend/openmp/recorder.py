"""Notes what one region does while the symbolic run goes through it: contexts, touches, waits."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from loopwright.core.codes import Code
from loopwright.core.concurrency import Context, ContextKind, Opacity, WaitKind
from loopwright.core.nest import AccessKind, ReductionOperator
from loopwright.core.source import Span
from loopwright.frontend.openmp.facts import Facts
from loopwright.frontend.openmp.memory import OUTSIDE, Doubt, MemoryObject, Place


@dataclass(frozen=True, slots=True)
class RawLock:
    """A lock that is held: its name, its place where it is a variable, and the team that was made under it."""

    name: str
    place: Place | None = None
    is_device_wide: bool = False
    around: int = field(default=OUTSIDE, compare=False)


@dataclass(frozen=True, slots=True)
class RawDepend:
    """One item of a ``depend`` clause; the place is None where it is not known."""

    kind: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class Section:
    """The elements ``first`` to ``end`` (not included; None where it is not known) of one subscript."""

    first: int
    end: int | None


@dataclass(frozen=True, slots=True)
class RawTouch:
    """A touch before the subscripts of its object are settled."""

    place: Place
    kind: AccessKind
    text: str
    path: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    context: int
    sequence: int
    branches: tuple[int, ...]
    locks: tuple[RawLock, ...]
    is_atomic: bool
    span: Span
    statement: Span
    update: ReductionOperator | None
    is_combination: bool


@dataclass(frozen=True, slots=True)
class RawWait:
    """A wait with its unsettled dependences."""

    kind: WaitKind
    context: int
    sequence: int
    branches: tuple[int, ...]
    depends: tuple[RawDepend, ...]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawPost:
    """A ``depend(source)`` (no distance) or ``depend(sink: ...)`` of a doacross loop."""

    context: int
    sequence: int
    branches: tuple[int, ...]
    distance: tuple[int, ...] | None


@dataclass(slots=True)
class Recorder:
    """The record of one region.

    Attributes:
        construct: Number of the region's directive.
        first_fact: Length of the path when the region began; what came before holds for all of it.
        serial_facts: What came before.
        is_scouting: Only what is written is noted, to know what stays the same.
        written: Objects that are written.
        combined: Objects that a clause writes at the end of a construct.
        writers: Per object, the blocks run by one thread that write it (None for any other place).
        writer: The block that runs.
        awaited: Objects on whose value a loop waits, and the loop's line.
        relaxed: Objects that an atomic construct writes without release.
        sections: Of copies of parts of arrays: which part.
        is_flushed: A flush came behind the last plain write.
    """

    construct: int
    facts: Facts
    first_fact: int
    serial_facts: tuple[str, ...] = ()
    contexts: list[Context] = field(default_factory=list[Context])
    depends: dict[int, tuple[tuple[RawDepend, ...], tuple[str, ...]]] = field(
        default_factory=dict[int, tuple[tuple[RawDepend, ...], tuple[str, ...]]]
    )
    touches: list[RawTouch] = field(default_factory=list[RawTouch])
    waits: list[RawWait] = field(default_factory=list[RawWait])
    posts: list[RawPost] = field(default_factory=list[RawPost])
    opacities: list[Opacity] = field(default_factory=list[Opacity])
    written: set[MemoryObject] = field(default_factory=set[MemoryObject])
    combined: set[MemoryObject] = field(default_factory=set[MemoryObject])
    writers: dict[MemoryObject, set[object]] = field(default_factory=dict[MemoryObject, "set[object]"])
    writer: object = None
    awaited: dict[MemoryObject, int] = field(default_factory=dict[MemoryObject, int])
    relaxed: set[MemoryObject] = field(default_factory=set[MemoryObject])
    sections: dict[MemoryObject, tuple[Section, ...]] = field(default_factory=dict[MemoryObject, tuple[Section, ...]])
    is_flushed: bool = False
    current: int = OUTSIDE
    branches: list[int] = field(default_factory=list[int])
    doubts: list[Doubt] = field(default_factory=list[Doubt])
    locks: list[RawLock] = field(default_factory=list[RawLock])
    atomic: Place | None = None
    is_scouting: bool = False
    signalling: str = ""
    statement: Span | None = None
    update: tuple[object, ReductionOperator] | None = None
    _sequence: int = 0
    _branch: int = 0

    def next_sequence(self) -> int:
        """Return the next number in program order."""
        self._sequence += 1
        return self._sequence

    @contextmanager
    def context(
        self,
        kind: ContextKind,
        dimensions: tuple[str, ...] = (),
        formula: str = "",
        *,
        construct: int | None = None,
        step: int = 0,
        has_lanes: bool = False,
        safelen: int | None = None,
        is_distributed: bool = False,
        assignment: str = "",
        chunk: int | None = None,
        first: int = 0,
        depends: tuple[RawDepend, ...] = (),
    ) -> Generator[int]:
        """Record what happens inside a new context; gives its number."""
        number = len(self.contexts)
        self.contexts.append(
            Context(
                number,
                kind,
                self.current,
                self.next_sequence(),
                dimensions,
                step,
                construct,
                tuple(self.branches),
                (),
                has_lanes,
                safelen,
                is_distributed,
                assignment=assignment,
                chunk=chunk,
                first=first,
            )
        )
        if depends:
            self.depends[number] = depends, self.path()
        outer, self.current = self.current, number
        try:
            with self.facts.under(formula):
                yield number
        finally:
            self.contexts[number] = replace(self.contexts[number], last_sequence=self.next_sequence())
            self.current = outer

    def path(self) -> tuple[str, ...]:
        """Return the conditions since the region began."""
        return tuple(self.facts.path[self.first_fact :])

    @contextmanager
    def branch(self, formula: str, doubt: Doubt | None) -> Generator[None]:
        """Record what happens under a condition."""
        self.enter_branch(doubt)
        try:
            with self.facts.under(formula):
                yield
        finally:
            self.leave_branch(doubt)

    def enter_branch(self, doubt: Doubt | None) -> None:
        """Begin a stretch that is not always reached; the caller keeps the conditions of the path."""
        self._branch += 1
        self.branches.append(self._branch)
        if doubt is not None:
            self.doubts.append(doubt)

    def change_branch(self, number: int | None) -> int:
        """Begin a stretch in place of another one, which is the case of a switch before it; return its number."""
        self._branch += 1
        if number in self.branches:
            self.branches[self.branches.index(number)] = self._branch
        else:
            self.branches.append(self._branch)
        return self._branch

    def leave_branch(self, doubt: Doubt | None) -> None:
        """End the stretch begun last."""
        self.branches.pop()
        if doubt is not None:
            self.doubts.pop()

    def touch(
        self,
        place: Place,
        kind: AccessKind,
        text: str,
        span: Span,
        *,
        is_combination: bool = False,
        is_atomic: bool = False,
    ) -> None:
        """Note one read or write at the current point."""
        if kind is AccessKind.WRITE and is_combination:
            self.combined.add(place.object)
        elif kind is AccessKind.WRITE:
            self.note_write(place.object)
            self.is_flushed = self.is_flushed and self.atomic == place
        if self.is_scouting or place.object.is_private:
            return
        update = self.update[1] if self.update is not None and self.update[0] == place else None
        self.touches.append(
            RawTouch(
                place,
                kind,
                text,
                self.path(),
                tuple(self.doubts),
                self.current,
                self.next_sequence(),
                tuple(self.branches),
                tuple(self.locks),
                is_atomic or (self.atomic is not None and self.atomic == place),
                span,
                self.statement or span,
                update,
                is_combination,
            )
        )

    def note_write(self, object_: MemoryObject) -> None:
        """Note that an object is written at the current point."""
        self.written.add(object_)
        self.writers.setdefault(object_, set()).add(self.writer)

    def wait(self, kind: WaitKind, depends: tuple[RawDepend, ...] = ()) -> None:
        """Note a wait at the current point."""
        here = self.current, self.next_sequence(), tuple(self.branches)
        self.waits.append(RawWait(kind, *here, depends, self.path()))

    def post(self, distance: tuple[int, ...] | None) -> None:
        """Note a point of a doacross loop."""
        self.posts.append(RawPost(self.current, self.next_sequence(), tuple(self.branches), distance))

    def give_up(self, code: Code, reason: str, line: int) -> None:
        """Note that anything may happen at the current point."""
        self.opacities.append(Opacity(self.current, code, reason, line))

    def chain(self, number: int) -> list[Context]:
        """Return the contexts around and including a context, outermost first."""
        found: list[Context] = []
        while number != OUTSIDE:
            found.append(self.contexts[number])
            number = self.contexts[number].parent
        return found[::-1]

    def dimensions(self, number: int) -> tuple[str, ...]:
        """Return the dimensions of an instance of a context, outermost first."""
        return tuple(name for context in self.chain(number) for name in context.dimensions)
