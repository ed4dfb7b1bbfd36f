"""What a parallel part of a program does, as the race rules see it: contexts, touches of memory, waits.

A *region* is one outermost construct that makes threads or tasks. Its *contexts* form a tree: the team of threads, the
loops in it, worksharing constructs, tasks, nested teams. A context may have *dimensions*: the number of a thread, the
iteration of a loop. A *touch* is a read or write by every instance of the place in the program where it stands; its
instances are named by the dimensions of the contexts around it, outermost first. A *wait* is a point where a thread or
task waits for others. Everything is numbered in program order by ``sequence``.

Sets and maps are isl text (``core.nest`` says why). A touch's ``domain`` is ``[p] -> { [t, i] : ... }``; its
``relation`` maps an instance to a cell of its object, ``[p] -> { [t, i] -> [e] : ... }``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.assumption import MapText, SetText
from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind, ReductionOperator
from loopwright.core.source import Span

OUTSIDE = -1
"""The owner of memory that was there before the region."""


class ContextKind(StrEnum):
    """What a context is.

    TEAM: threads of a parallel region, one dimension. LEAGUE: teams, one dimension; nothing orders teams.
    LOOP: a serial loop. WORK: a worksharing loop, whose iterations are shared out among threads (or teams).
    SECTIONS, SECTION: a sections construct and one of its blocks. SINGLE: a block that one thread runs.
    SIMD: a loop whose iterations run in lanes. TASK: a deferred task. INCLUDED: a task that runs at once.
    TASKLOOP: a loop cut into tasks. TASKGROUP: a block at whose end all tasks made in it are complete.
    ORDERED: a block that iterations of a worksharing loop run one after the other.
    """

    TEAM = "team"
    LEAGUE = "league"
    LOOP = "loop"
    WORK = "work"
    SECTIONS = "sections"
    SECTION = "section"
    SINGLE = "single"
    SIMD = "simd"
    TASK = "task"
    INCLUDED = "included"
    TASKLOOP = "taskloop"
    TASKGROUP = "taskgroup"
    ORDERED = "ordered"


class WaitKind(StrEnum):
    """BARRIER: all threads of the team, and their tasks. TASKWAIT: the child tasks of the task that waits."""

    BARRIER = "barrier"
    TASKWAIT = "taskwait"


class DependKind(StrEnum):
    """The dependence types of tasks; ``out`` and ``inout`` are one."""

    IN = "in"
    INOUT = "inout"
    MUTEX = "mutexinoutset"
    SET = "inoutset"


@dataclass(frozen=True, slots=True)
class Depend:
    """One item of a task's ``depend`` clause.

    Attributes:
        kind: Its type.
        object: ``Memory.name`` of the storage.
        relation: Instance of the context -> cell; None if it is not known exactly.
    """

    kind: DependKind
    object: str
    relation: MapText | None


@dataclass(frozen=True, slots=True)
class Context:
    """One node of the tree.

    Attributes:
        number: Its place in ``Region.contexts``.
        kind: What it is.
        parent: Number of the context around it; OUTSIDE for the root.
        sequence: Where it begins in program order.
        dimensions: Its own dimensions.
        step: Of a loop's single dimension: its change per iteration; 0 if not known.
        construct: Number of the construct that makes it; None for a serial loop.
        branches: Conditions on the way to it, one number per branch taken.
        depends: Of a task.
        has_lanes: Of WORK: its iterations also run in lanes.
        safelen: Of SIMD and of lanes: iterations this far apart never run together; None for no limit.
        is_distributed: Of WORK: an iteration runs in one team of the league alone.
        last_sequence: Where it ends in program order.
        assignment: Of WORK with a static schedule: loops of equal text give equal iterations to the same thread
            (OpenMP 5.2, 11.5.3); empty where that is not promised.
        chunk: Of WORK whose directive says ``schedule(static)``: iterations per chunk, where chunk after chunk goes to
            thread after thread; 0 where who runs which is not said; None without such a schedule.
        first: With a chunk: the dimension in the first iteration.
    """

    number: int
    kind: ContextKind
    parent: int
    sequence: int
    dimensions: tuple[str, ...] = ()
    step: int = 0
    construct: int | None = None
    branches: tuple[int, ...] = ()
    depends: tuple[Depend, ...] = ()
    has_lanes: bool = False
    safelen: int | None = None
    is_distributed: bool = False
    last_sequence: int = 0
    assignment: str = ""
    chunk: int | None = None
    first: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """A point where a thread or task waits.

    Attributes:
        kind: For whom.
        context: Where it stands.
        sequence: Where in program order.
        branches: Conditions on the way to it.
        depends: Of ``taskwait depend``, and of a task that runs at once: it waits for the tasks that these name
            alone.
    """

    kind: WaitKind
    context: int
    sequence: int
    branches: tuple[int, ...]
    depends: tuple[Depend, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A point of a doacross loop: ``depend(source)``, or ``depend(sink: ...)`` with its distances."""

    context: int
    sequence: int
    branches: tuple[int, ...]
    distance: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Lock:
    """Something held that others must wait for.

    Attributes:
        name: Two touches that hold locks of different names do not exclude each other.
        relation: Instance of the touch -> which lock of an array; None if there is just one.
        is_device_wide: Reaches across teams.
        around: The team that was made while it was held: its threads touch under the lock of one holder, which does
            not keep them apart from each other. OUTSIDE if the touching thread itself holds it.
    """

    name: str
    relation: MapText | None = None
    is_device_wide: bool = False
    around: int = OUTSIDE


@dataclass(frozen=True, slots=True)
class TouchDoubt:
    """Why a touch is not known exactly.

    Attributes:
        code: The reason code.
        reason: The same in words.
        objects: The memory on whose contents it depends.
        is_condition: Only whether the touch happens is in doubt, not where.
    """

    code: Code
    reason: str
    objects: tuple[str, ...] = ()
    is_condition: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    """A read or write.

    Attributes:
        object: ``Memory.name``.
        variable: What the user calls it here.
        text: The reference as written.
        kind: Read or write.
        domain: Instances that happen, or more (see ``doubts``).
        relation: Instance -> cell, or more cells.
        doubts: Why not exactly; empty if exactly.
        context: Where it stands.
        sequence: Where in program order.
        branches: Conditions on the way to it.
        locks: Held.
        is_atomic: Part of an ``atomic`` construct.
        span: The reference.
        statement: The whole statement.
        update: The operator, if it belongs to a statement ``x = x op e``.
        is_combination: It stands for what a reduction or ``lastprivate`` clause writes at the construct's end.
        is_read_first: A write that stands for a read too, which came before it.
    """

    object: str
    variable: str
    text: str
    kind: AccessKind
    domain: SetText
    relation: MapText
    doubts: tuple[TouchDoubt, ...]
    context: int
    sequence: int
    branches: tuple[int, ...]
    locks: tuple[Lock, ...]
    is_atomic: bool
    span: Span
    statement: Span
    update: ReductionOperator | None = None
    is_combination: bool = False
    is_read_first: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """An object that a region touches.

    Attributes:
        name: Unique in the region.
        variable: What the user calls it.
        owner: The context of which each instance has its own; OUTSIDE for one that all share.
        rank: Number of subscripts of a cell.
        is_exact: Equal cells are one and the same memory.
        overlaps: Names of the objects that may be the same memory.
        is_named: The variable can be named in a clause of the region's first directive.
    """

    name: str
    variable: str
    owner: int
    rank: int
    is_exact: bool
    overlaps: tuple[str, ...] = ()
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Opacity:
    """A place where anything may happen: a construct that is not understood, a function that is not known."""

    context: int
    code: Code
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Region:
    """One outermost construct that makes threads or tasks, as reached on one way through the program.

    Attributes:
        construct: Number of its directive.
        function: Where the way begins.
        contexts: The tree; the first is the root.
        touches: In program order.
        waits, posts: In program order.
        memory: Everything that is touched.
        known: What is known of the parameters.
        opacities: Where anything may happen.
        is_signalling: Threads wait for values or locks that others give, so that touches may be ordered in ways that
            waits do not show; no race follows from these rules alone.
        parameters: Names of parameters and what they stand for.
    """

    construct: int
    function: str
    contexts: tuple[Context, ...]
    touches: tuple[Touch, ...]
    waits: tuple[Wait, ...]
    posts: tuple[Post, ...]
    memory: tuple[Memory, ...]
    known: SetText
    opacities: tuple[Opacity, ...]
    is_signalling: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    def object(self, name: str) -> Memory:
        """Return the object called ``name``; raises KeyError if there is none."""
        for each in self.memory:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Construct:
    """One directive of the file.

    Attributes:
        number: Its place in ``Audited.constructs``.
        function: Where it is.
        line, last_line: Of the directive.
        directive: Its name (``parallel for``).
        text: All of it.
        end_line: Last line of what it governs.
        path: The file that it stands in; empty for the file asked about.
    """

    number: int
    function: str
    line: int
    last_line: int
    directive: str
    text: str
    end_line: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Concurrency:
    """All constructs of a file and the regions in which they were reached.

    Attributes:
        path: The file.
        constructs: Those of the file in textual order, then those of other files that it reaches.
        regions: In the order in which they were met.
        unknown: Constructs of which something is not known for another reason, with that.
        idle: Constructs that never run: no way through the program leads to them.
        obstacle: Why no file that holds this can be free of races, as far as can be seen.
        has_main: It is a whole program.
        warnings: For the report.
    """

    path: str
    constructs: tuple[Construct, ...]
    regions: tuple[Region, ...]
    unknown: tuple[tuple[int, Code, str], ...]
    idle: tuple[int, ...] = ()
    obstacle: tuple[Code, str] | None = None
    has_main: bool = False
    warnings: tuple[str, ...] = ()
