"""What a report says of one host: metrics of who proposes, speed-ups of every method, curves, rooflines, deliveries.

Every figure is defined in docs/bench-metrics.md. A speed-up belongs to one field and is never formed across fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.campaign import MethodKind, Peaks, Timing, Work
from loopwright.core.measurement import Bounds, Environment
from loopwright.core.metrics import ProposerMetrics, SpeedUps
from loopwright.core.report import NestReport

Sizes = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The machine of a summary: its name in the store, what it is, and its measured peaks.

    ``environment`` is None, and ``peaks`` empty, where the store does not say.
    """

    id: str
    environment: Environment | None = None
    peaks: tuple[Peaks, ...] = ()


class CellState(StrEnum):
    """What is known of a method on a kernel.

    MEASURED: a speed-up that counts. KEPT: loopwright delivers the original, which counts as 1.0. OBJECTED: timed, but
    its own checks have something against it. FAILED: no times. INAPPLICABLE: it cannot express the kernel, or is not
    installed. MISSING: not tried.
    """

    MEASURED = "measured"
    KEPT = "kept"
    OBJECTED = "objected"
    FAILED = "failed"
    INAPPLICABLE = "inapplicable"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Cell:
    """One method on one kernel.

    Attributes:
        kernel, method, state: What is known of which.
        timing: None where none was taken.
        same_as: Method of the serial build of the same field whose compiler and flags are the same: the two can differ
            by chance only. "" if there is none.
    """

    kernel: str
    method: str
    state: CellState
    timing: Timing | None = None
    same_as: str = ""

    @property
    def interval(self) -> Bounds | None:
        """Return the 95% interval of a speed-up that counts; None if there is none."""
        return self.timing.interval if self.state is CellState.MEASURED and self.timing is not None else None

    @property
    def speedup(self) -> float | None:
        """Return the speed-up that enters means; None if it counts in none."""
        if self.state is CellState.MEASURED and self.timing is not None:
            return self.timing.median if self.timing.median > 0.0 else None
        return 1.0 if self.state is CellState.KEPT else None

    @property
    def is_loss(self) -> bool:
        """Return True if there is an interval that lies wholly below 1, and the code is not that of a serial build."""
        return self.interval is not None and self.interval[1] < 1.0 and not self.same_as

    @property
    def is_win(self) -> bool:
        """Return True if there is an interval that lies wholly above 1, and the code is not that of a serial build."""
        return self.interval is not None and self.interval[0] > 1.0 and not self.same_as

    @property
    def why(self) -> str:
        """Return the objections, or the reason why there are no times."""
        if self.timing is None:
            return ""
        return "; ".join(self.timing.objections) or self.timing.reason


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method over all kernels.

    Attributes:
        method, kind: Which.
        label: Compiler and flags, or library and version.
        cells: One per kernel of the table, in its order.
        applicable: Over the kernels where its speed-up counts.
        everywhere: Over all kernels; one that does not count is 1.0. Empty, too, for a method that counts nowhere.
        compile_mean_s: To make its code, tuning included; None if unknown.
        peak_bytes: Largest resident memory of its processes; 0 if unknown.
    """

    method: str
    kind: MethodKind
    label: str
    cells: tuple[Cell, ...]
    applicable: SpeedUps
    everywhere: SpeedUps
    compile_mean_s: float | None = None
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """The field of one kernel in a table: what its speed-ups are measured against.

    ``baseline`` is "" and ``baseline_s`` 0.0 if no serial build was timed.
    """

    kernel: str
    sizes: Sizes
    threads: int
    baseline: str = ""
    baseline_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SpeedUpTable:
    """Kernel x method at one number of threads."""

    threads: int
    fields: tuple[FieldFacts, ...]
    rows: tuple[MethodRow, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return every cell, row by row."""
        return tuple(cell for row in self.rows for cell in row.cells)

    def row(self, method: str) -> MethodRow | None:
        """Return the row of ``method``, or None."""
        return next((row for row in self.rows if row.method == method), None)


@dataclass(frozen=True, slots=True)
class Curve:
    """One method of one kernel at several sizes, or with several numbers of threads; only timings that count."""

    kernel: str
    method: str
    kind: MethodKind
    points: tuple[Timing, ...]

    def efficiency(self, point: Timing) -> float | None:
        """Return what ``point`` gains per thread: its speed-up over that with one thread times its threads.

        Each of the two speed-ups is over the best serial build of its own field. None without a point with one thread,
        and where it cannot be told that both ran the same code: labels differ, or a tuner searched for each.
        """
        one = next((each for each in self.points if each.threads == 1), None)
        if one is None or self.kind is MethodKind.TUNER or not point.label or one.label != point.label:
            return None
        return point.median / (one.median * point.threads)


@dataclass(frozen=True, slots=True)
class RooflinePoint:
    """One method's speed on one kernel, beside the work that one call must do."""

    kernel: str
    method: str
    kind: MethodKind
    threads: int
    elapsed_s: float
    work: Work

    @property
    def intensity(self) -> float | None:
        """Return floating-point operations per compulsory byte; None if either is unknown, or there are none."""
        if not self.work.flops or not self.work.compulsory_bytes:
            return None
        return self.work.flops / self.work.compulsory_bytes

    @property
    def flop_per_s(self) -> float | None:
        """Return the rate of operations; None if they are unknown."""
        return self.work.flops / self.elapsed_s if self.work.flops and self.elapsed_s > 0.0 else None

    @property
    def bytes_per_s(self) -> float | None:
        """Return the rate of compulsory bytes; None if they are unknown."""
        return (
            self.work.compulsory_bytes / self.elapsed_s if self.work.compulsory_bytes and self.elapsed_s > 0 else None
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """One distinct change of one nest, and all who proposed it.

    Attributes:
        kernel: Name of the kernel.
        methods: Method names that deliver it, in order; the report is of the first.
        report: Outcome, basis, findings, measurement, proposals.
        source: The nest's lines in the original; empty if they are not known.
        patch: Of the whole file.
        elsewhere: Function and line of the file's other nests that this patch changes, too.
    """

    kernel: str
    methods: tuple[str, ...]
    report: NestReport
    source: tuple[str, ...]
    patch: str
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanEvaluation:
    """What one model, strategy and seed achieved on one kernel, in short: nest ids with their outcomes."""

    kernel: str
    model: str
    strategy: str
    seed: int
    outcomes: tuple[tuple[str, str], ...]

    @property
    def answer(self) -> str:
        """Return the outcomes in words: ``nests: 1 delivered, 2 refused``."""
        words = [outcome for _, outcome in self.outcomes]
        return (
            f"nests: {', '.join(f'{words.count(word)} {word}' for word in dict.fromkeys(words))}"
            if words
            else "no nest"
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """Evaluations: one per model, strategy and kernel; one per baseline, kernel, sizes and threads.

    Attributes:
        plans: Of models and strategies.
        baselines: Of baselines that gave times, or failed.
        objected, failed: Of those and of deliveries.
        inapplicable: Asked for, and not possible or not installed; not an evaluation.
        unfinished: Tasks that were tried and gave no result: plans, and whole fields; not among the evaluations.
    """

    plans: int
    baselines: int
    objected: int
    failed: int
    inapplicable: int
    unfinished: int = 0

    @property
    def evaluations(self) -> int:
        """Return the number of evaluations."""
        return self.plans + self.baselines


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a report says of one host.

    Attributes:
        version: Of loopwright, where the summary was made.
        host: The machine.
        kernels: All of the campaign, in alphabetical order.
        counts: Of evaluations.
        proposers: One per model and strategy.
        by_model, by_strategy: The same in groups; a strategy's group leaves out what asks no model.
        all_threads, one_thread: Tables; ``one_thread`` is None if no such field was run, or it is the same.
        size_curves: With all threads, by rising size.
        thread_curves: At the sizes of the tables.
        roofline: Of the fields of ``all_threads``.
        works: Known work per kernel and sizes.
        deliveries: Kernel by kernel.
        plans, timings: Every evaluation behind the figures.
        unfinished: Label and reason of each task that was tried and gave no result.
        notes: What a reader must know before trusting a figure.
    """

    version: str
    host: HostFacts
    kernels: tuple[str, ...]
    counts: Counts
    proposers: tuple[ProposerMetrics, ...]
    by_model: tuple[ProposerMetrics, ...]
    by_strategy: tuple[ProposerMetrics, ...]
    all_threads: SpeedUpTable
    one_thread: SpeedUpTable | None
    size_curves: tuple[Curve, ...]
    thread_curves: tuple[Curve, ...]
    roofline: tuple[RooflinePoint, ...]
    works: tuple[Work, ...]
    deliveries: tuple[Delivery, ...]
    plans: tuple[PlanEvaluation, ...]
    timings: tuple[Timing, ...]
    unfinished: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
