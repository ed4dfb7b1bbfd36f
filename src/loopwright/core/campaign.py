"""What a campaign finds: one outcome per model, strategy and kernel; one timing per method in a field.

A *field* is one kernel at one set of sizes and one number of threads. All its methods run on the same inputs,
interleaved, so that their times may be divided by one another; times of different fields may not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.codes import Code
from loopwright.core.measurement import FEWEST_PAIRS, Bounds, Series
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Plan
from loopwright.core.report import NestOutcome, OptimizeReport


class MethodKind(StrEnum):
    """What makes a method's code.

    SERIAL: a compiler, one thread. COMPILER: a compiler that is told to do more with the same file. TUNER: a
    scheduling language with its tuner (TVM, Halide), the algorithm written by hand. LIBRARY: code that others tuned.
    EXPERT: our own hand-written C. LOOPWRIGHT: what ``optimize`` would deliver.
    """

    SERIAL = "serial"
    COMPILER = "compiler"
    TUNER = "tuner"
    LIBRARY = "library"
    EXPERT = "expert"
    LOOPWRIGHT = "loopwright"


@dataclass(frozen=True, slots=True)
class NestFacts:
    """What exact analysis says of one nest, in the words of a plan: the truth that a model's claims are scored by.

    Attributes:
        nest: Its id.
        loops: Every loop.
        parallel: Those that are proved parallel.
        reductions: Variable and operator, of the loops that are proved parallel.
        privates: Variables that one of these loops needs a private copy of.
    """

    nest: str
    loops: tuple[str, ...]
    parallel: tuple[str, ...]
    reductions: tuple[tuple[str, ReductionOperator], ...] = ()
    privates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """One model x strategy x kernel: everything that was proposed, and the file that would be delivered.

    Attributes:
        kernel: Name of the kernel.
        model, strategy, seed: Who proposed.
        report: Of ``optimize``; its measurements ranked the options, the field's timing is the figure to quote.
        content: The delivered file; the original, byte for byte, if nothing is delivered.
        facts: One per nest of the report.
        observed: Plans that the strategy had timed while it proposed, and the speed-up that it was told; None if it
            was told that there is none. What it proposed hangs on these figures, so a replay repeats them.
        peak_bytes: Largest resident memory of the model's process; 0 if there is none, or it is a server's.
    """

    kernel: str
    model: str
    strategy: str
    seed: int
    report: OptimizeReport
    content: bytes
    facts: tuple[NestFacts, ...] = ()
    peak_bytes: int = 0
    observed: tuple[tuple[Plan, float | None], ...] = ()

    @property
    def method(self) -> str:
        """Return the name under which its code takes part in fields: ``loopwright:embedded/tot``."""
        return method_name(self.model, self.strategy)

    @property
    def is_delivered(self) -> bool:
        """Return True if at least one nest was delivered."""
        return any(nest.outcome is NestOutcome.DELIVERED for nest in self.report.nests)


def method_name(model: str, strategy: str) -> str:
    """Return the name of what ``model`` delivers with ``strategy``."""
    return f"loopwright:{model}/{strategy}"


@dataclass(frozen=True, slots=True)
class Timing:
    """One method in one field: its raw times and how they compare with the best serial build of the same field.

    Exactly one of three things is known: the times (``series``), a ``failure`` code with its reason, or, with neither,
    that the method does not apply or is not installed (``reason``).

    Attributes:
        kernel: Name of the kernel.
        method: ``gcc-O3``, ``polly-parallel``, ``expert``, ``loopwright:embedded/tot`` ...
        kind: What makes its code.
        sizes: Of the field.
        threads: Of the field; a SERIAL method runs on one all the same.
        series: Raw seconds, warm-ups apart; None if there are none.
        median, low, high: Speed-up over the best serial build of the field: median of the paired ratios, with its 95%
            bootstrap interval, which is none where ``interval`` is None; 0.0 if unknown.
        baseline: Method name of that build.
        label: Compiler and flags, or library and version.
        objections: What the method's own checks have against it: wrong results, serial under a parallel name ...
            A timing with an objection is shown and counts in no mean.
        is_threaded: Threads were seen in the binary or at run time; None if nobody looked.
        compile_s: To make it, tuning included.
        peak_bytes: Largest resident memory of its process.
        failure: Why there are no times.
        reason: The same in words.
    """

    kernel: str
    method: str
    kind: MethodKind
    sizes: tuple[tuple[str, int], ...]
    threads: int
    series: Series | None = None
    median: float = 0.0
    low: float = 0.0
    high: float = 0.0
    baseline: str = ""
    label: str = ""
    objections: tuple[str, ...] = ()
    is_threaded: bool | None = None
    compile_s: float = 0.0
    peak_bytes: int = 0
    failure: Code | None = None
    reason: str = ""

    @property
    def counts(self) -> bool:
        """Return True if the speed-up may enter a mean."""
        return self.series is not None and not self.objections

    @property
    def interval(self) -> Bounds | None:
        """Return the 95% interval of the speed-up; None if it is unknown, or there are too few rounds for one."""
        if self.series is None or self.median <= 0.0 or len(self.series.samples_s) < FEWEST_PAIRS:
            return None
        return self.low, self.high


@dataclass(frozen=True, slots=True)
class Work:
    """What one call of a kernel must do at the sizes of a field, for the roofline.

    Attributes:
        kernel, sizes: Of the field.
        flops: Floating-point operations; None if they cannot be counted.
        compulsory_bytes: Each array element that is touched, read or written once; None if unknown.
        source: How they were found: ``isl``, or ``kernel.toml``.
    """

    kernel: str
    sizes: tuple[tuple[str, int], ...]
    flops: int | None
    compulsory_bytes: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Peaks:
    """What the machine can do at most, measured: per number of threads, so that one core's roof can be drawn too.

    Attributes:
        threads: Of the figures.
        bytes_per_s: Of a triad over arrays beyond the last cache.
        double_flop_per_s, single_flop_per_s: Of independent fused multiply-adds in registers.
    """

    threads: int
    bytes_per_s: float
    double_flop_per_s: float
    single_flop_per_s: float
