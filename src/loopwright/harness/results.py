"""What came back from a run of a harness: observed memory, times, or why there is nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from loopwright.core.codes import Code


class ViewKind(IntEnum):
    """How the elements of a view are to be read; the numbers are shared with runtime.h."""

    FLOAT = 0
    SIGNED = 1
    UNSIGNED = 2
    BOOL = 3
    BYTES = 4


class ViewForm(IntEnum):
    """Which elements a view holds: all; the changed ones, each with its index and old value; or every step-th."""

    ALL = 0
    CHANGED = 1
    SAMPLED = 2


@dataclass(frozen=True, slots=True)
class View:
    """The memory of one array, field or global after a call.

    Attributes:
        name: As in the source (``a``, ``g.x``); ``result`` for the value returned.
        kind, size: How to read one element, and its bytes.
        count: Elements in the memory, not in ``data``.
        form: Which of them ``data`` holds.
        step: Of SAMPLED.
        data: The elements; for CHANGED, records of index (8 bytes), old and new element.
    """

    name: str
    kind: ViewKind
    size: int
    count: int
    form: ViewForm
    step: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Regions:
    """What a run with virtual threads saw.

    Attributes:
        parallel: Executions of parallel regions by a team.
        serial: Executions by one thread (an ``if`` clause that was false).
        distinct: Regions of the source that a team has executed, in this case or one before it in the process.
        conflict: The first conflict between two iterations, in words; "" if there was none.
    """

    parallel: int
    serial: int
    distinct: int
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one timed call took of the processors.

    Attributes:
        cpu_s: Processor time of the process during the call.
        other_s: Of which by threads other than the caller's, those that have ended included.
        tasks: Threads of the process when the call ended; 0 if unknown.
    """

    cpu_s: float
    other_s: float
    tasks: int


@dataclass(frozen=True, slots=True)
class Observation:
    """One case's results.

    Attributes:
        case: ``Case.index``.
        views: Memory after the call, in a fixed order.
        times_s: Of its calls.
        usages: Of its calls, where they were timed.
        damage: What was done outside the arrays: writes to red zones, processes left behind.
        uninitialised: Of a MemorySanitizer build: arrays that hold values derived from uninitialised memory.
        regions: Of a build with virtual threads.
    """

    case: int
    views: tuple[View, ...] = ()
    times_s: tuple[float, ...] = ()
    damage: tuple[str, ...] = ()
    uninitialised: tuple[str, ...] = ()
    regions: Regions | None = None
    usages: tuple[Usage, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A process that ran to its end and proved it.

    Attributes:
        observations: One per case, in order.
        stdout: What the subject printed.
        status: Exit status of a program; 0 for a function.
        elapsed_s: Wall time of the process.
        peak_bytes: Its largest resident memory; 0 if unknown.
    """

    observations: tuple[Observation, ...]
    stdout: bytes
    status: int
    elapsed_s: float
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True)
class RunFailed:
    """A process that did not.

    Attributes:
        code: TIMED_OUT, CRASHED, OUT_OF_MEMORY, or RESULTS_DIFFER where it ended well but its results are missing
            or were tampered with.
        reason: One clause for people.
        case: Index of the case during which it failed; None if unknown.
        observations: Of the cases before.
        stderr: What it said; a sanitizer's report is here.
    """

    code: Code
    reason: str
    case: int | None = None
    observations: tuple[Observation, ...] = ()
    stderr: bytes = b""


@dataclass(frozen=True, slots=True)
class TimedRun:
    """Times of one build.

    Attributes:
        warmups_s: Of the first call.
        samples_s: Of the calls after it, each on fresh inputs.
        peak_bytes: Largest resident memory; 0 if unknown.
        sample: Memory after the last call, thinned out; compare it with the original's for the same seed and calls. Its
            ``usages`` are those of all calls, the first included.
    """

    warmups_s: tuple[float, ...]
    samples_s: tuple[float, ...]
    peak_bytes: int
    sample: Observation
