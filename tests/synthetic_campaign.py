"""A campaign as it might have run: all kinds of answers, losses and objections among them, made up from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from loopwright.campaign.store import Store
from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.campaign import MethodKind, NestFacts, Peaks, PlanOutcome, Timing, Work, method_name
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment, Legality, Proved, Refuted, Undecided, waive
from loopwright.core.measurement import CompilerFacts, Environment, Measurement, Series
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Parallelize, Plan, Reduce, Schedule, Simd, Tile
from loopwright.core.proposal import Message, Proposal, Reply
from loopwright.core.report import Label, NestOutcome, NestReport, OptimizeReport, ProposalReport
from loopwright.core.verdict import Finding, Outcome, Stage
from loopwright.measure.stats import bootstrap_median, paired_ratios
from loopwright.render.diff import unified_diff

HOST = "amd-epyc-9b45-2c-1f2e3d4c"
BASELINE = "gcc -O3 -march=native"
STRATEGIES = ("zero-shot", "few-shot", "step-by-step", "cot", "tot", "react")


@dataclass(frozen=True, slots=True)
class KernelShape:
    """A kernel: its size parameter, serial seconds, work per call, and true speed-ups of methods (all threads)."""

    size: int
    serial_s: float
    flops: int | None
    traffic_bytes: int | None
    clang: float
    ours: float
    expert: float
    library: tuple[str, float] | None = None
    polly: float | None = None
    autopar: float = 1.0
    tuner: float | None = None


KERNELS = {
    "attention": KernelShape(512, 0.045, 540_000_000, 4_200_000, 0.27, 7.8, 19.0, ("torch", 15.2), 0.79, 0.61, 9.4),
    "bfs": KernelShape(1_000_000, 0.101, None, 72_000_000, 1.1, 1.9, 2.5, ("scipy", 0.62), 1.6, 0.98),
    "conv2d": KernelShape(56, 0.01267, 231_000_000, 1_900_000, 0.13, 9.7, 24.0, ("torch", 24.3), 0.29, 0.50, 12.1),
    "dijkstra": KernelShape(3000, 0.031, None, 72_000_000, 0.95, 1.0, 1.3, ("scipy", 0.35), None, 1.02),
    "fft": KernelShape(1 << 20, 0.049, 105_000_000, 33_000_000, 0.98, 1.75, 2.9, ("fftw", 13.4), None, 0.97),
    "jacobi2d": KernelShape(2048, 0.0542, 335_000_000, 67_000_000, 1.10, 1.9, 3.7, None, 0.62, 1.7, 2.2),
    "matmul": KernelShape(1024, 0.2957, 2_147_000_000, 25_000_000, 0.07, 12.3, 29.0, ("openblas", 27.1), 12.7, 0.1, 16),
    "maxpool": KernelShape(4096, 0.0102, 16_000_000, 84_000_000, 0.9, 1.35, 1.6, ("torch", 1.2), 0.8, 1.5, 1.4),
    "nbody": KernelShape(4000, 0.088, 320_000_000, 220_000, 0.97, 2.0, 6.1, None, None, 1.0),
    "pagerank": KernelShape(1_000_000, 0.112, 17_000_000, 104_000_000, 0.99, 1.95, 2.0, ("scipy", 0.71), None, 1.9),
    "spmv": KernelShape(1_000_000, 0.0141, 16_000_000, 108_000_000, 1.02, 1.62, 1.8, ("scipy", 0.94), None, 0.93),
}  # fmt: skip


def host() -> Environment:
    compilers = (
        CompilerFacts("gcc", "/usr/bin/gcc", "gcc (Debian 12.2.0-14) 12.2.0", 12),
        CompilerFacts("clang", "/usr/bin/clang-19", "Debian clang version 19.1.7", 19),
    )
    return Environment(
        "AMD EPYC 9B45", 2, 49152, 1 << 20, 32 << 20, 16 << 30, "Linux 6.1.0, Debian GNU/Linux 12", compilers, ("icx",)
    )


def series(name: str, median_s: float, dice: random.Random) -> Series:
    return Series(name, tuple(median_s * dice.uniform(0.98, 1.03) for _ in range(9)), (median_s * 1.3, median_s))


def make_timing(
    kernel: str, method: str, kind: MethodKind, series_: Series, base: Series, *, threads: int, size: int
) -> Timing:
    """Return what a field would say of ``series_`` beside the serial build's ``base``."""
    interval = bootstrap_median(paired_ratios(base.samples_s, series_.samples_s), seed=7)
    dice = random.Random(f"{kernel} {method} {threads} {size}")
    return Timing(
        kernel=kernel,
        method=method,
        kind=kind,
        sizes=(("n", size),),
        threads=threads,
        series=series_,
        median=interval.median,
        low=interval.low,
        high=interval.high,
        baseline="gcc-O3",
        label=f"{method} at its usual flags",
        is_threaded=kind is not MethodKind.SERIAL and threads > 1,
        compile_s=dice.uniform(0.1, 0.6) if kind is not MethodKind.TUNER else dice.uniform(20, 30),
        peak_bytes=dice.randrange(20 << 20, 120 << 20),
    )


def make_field(kernel: str, shape: KernelShape, threads: int, scale: float, *, every: bool, seed: int) -> list[Timing]:
    """Return the timings of the methods that are not ours; ``scale`` is of the kernel's size."""
    dice = random.Random(f"{kernel} {threads} {scale} {seed}")
    size = round(shape.size * scale)
    serial_s = shape.serial_s * scale**2
    share = 1.0 if threads > 1 else 0.55
    base = series("gcc-O3", serial_s, dice)

    def timed(method: str, kind: MethodKind, speedup: float) -> Timing:
        taken = series(method, serial_s / speedup, dice)
        return make_timing(kernel, method, kind, taken, base, threads=threads, size=size)

    def absent(method: str, kind: MethodKind, reason: str, failure: Code | None = None) -> Timing:
        return Timing(kernel, method, kind, (("n", size),), threads, failure=failure, reason=reason)

    best = make_timing(kernel, "gcc-O3", MethodKind.SERIAL, base, base, threads=threads, size=size)
    found = [
        best,
        timed("clang-O3", MethodKind.SERIAL, shape.clang),
        timed("expert", MethodKind.EXPERT, shape.expert * share),
    ]
    if not every:
        return found
    found.append(timed("gcc-fast-math", MethodKind.SERIAL, 1.04))
    autopar = timed("gcc-autopar", MethodKind.COMPILER, shape.autopar)
    if 0.95 < shape.autopar < 1.05:
        autopar = replace(autopar, objections=("serial under a parallel name: no thread was seen",), is_threaded=False)
    found.append(autopar)
    if shape.polly is None:
        found.append(absent("polly-parallel", MethodKind.COMPILER, "Polly transforms no loop of it"))
    elif kernel == "maxpool":
        found.append(
            absent("polly-parallel", MethodKind.COMPILER, "the compiler was killed after 60 s", Code.TIMED_OUT)
        )
    elif kernel == "bfs":
        wrong = timed("polly-parallel", MethodKind.COMPILER, shape.polly)
        found.append(replace(wrong, objections=("wrong results: level[17] is 3, not 2", "varies from run to run")))
    else:
        found.append(timed("polly-parallel", MethodKind.COMPILER, shape.polly))
    for method in ("halide", "tvm"):
        if shape.tuner is None:
            found.append(absent(method, MethodKind.TUNER, "not expressed: data-dependent subscripts"))
        else:
            found.append(timed(method, MethodKind.TUNER, shape.tuner * (0.5 if method == "halide" else 1.0) * share))
    for method in ("fftw", "openblas", "scipy", "torch"):
        if shape.library is not None and shape.library[0] == method:
            found.append(timed(method, MethodKind.LIBRARY, shape.library[1] * share))
        else:
            found.append(absent(method, MethodKind.LIBRARY, "it has no such routine"))
    found.append(absent("icx", MethodKind.COMPILER, "icx is not installed: see Intel's oneAPI"))
    return found


SOURCE = """\
/* {kernel}: made up for the tests. */
#include <stddef.h>

void {kernel}(size_t n, const double *restrict a, double *restrict b)
{{
    for (size_t i = 0; i < n; i++) {{
        double sum = 0.0;
        for (size_t k = 0; k < n; k++)
            sum += a[i * n + k] * a[k];
        b[i] = sum < 0.0 && n > 1 ? -sum : sum;
    }}
}}
"""
DIRECTIVE = "#pragma omp parallel for schedule(static) if (n > 128)"


def sources(kernel: str, directive: str = DIRECTIVE) -> tuple[bytes, bytes]:
    """Return the original and the delivered file."""
    before = SOURCE.format(kernel=kernel)
    return before.encode(), before.replace("    for (size_t i", f"    {directive}\n    for (size_t i").encode()


def findings(*, fails: bool = False) -> tuple[Finding, ...]:
    done = (
        Finding(Stage.COMPILE, Outcome.PASS, "gcc 12 and clang 19, no warnings", elapsed_s=0.8),
        Finding(Stage.DIFFERENTIAL, Outcome.PASS, "44 inputs with 1, 2, 3 and 4 threads", elapsed_s=2.1),
    )
    if fails:
        return (*done, Finding(Stage.RACES, Outcome.FAIL, "b[0] is written by two threads", Code.DATA_RACE, 3.0))
    return (
        *done,
        Finding(Stage.RACES, Outcome.PASS, "no race in 12 runs with 2 and 3 threads", elapsed_s=3.0),
        Finding(Stage.ADDRESSES, Outcome.PASS, "no bad address", elapsed_s=1.2),
        Finding(Stage.UNINITIALISED, Outcome.SKIPPED, "the original has such a finding, too", Code.CHECK_UNAVAILABLE),
        Finding(Stage.CONFLICTS, Outcome.PASS, "no conflict between 1024 virtual threads", elapsed_s=0.4),
    )


def make_reply(text: str, seconds: float, dice: random.Random) -> Reply:
    return Reply(text, dice.randrange(300, 900), dice.randrange(30, 120), -12.5, seconds, "smollm2-135m",
                 (Message("user", "loops i, k ..."),), seed=7, temperature=0.2)  # fmt: skip


def make_outcome(kernel: str, model: str, strategy: str, dice: random.Random) -> PlanOutcome:
    """Return what one model with one strategy achieved."""
    nest_id = f"{kernel}:6"
    environment = DataEnvironment("i", private=("sum",))
    alias = Assumption(AssumptionKind.NO_ALIAS, "a and b do not overlap", "a + n * n <= b || b + n <= a",
                       Code.ALIAS_GUARDED, ("a", "b"))  # fmt: skip
    by_heuristic = Plan(nest_id, (Parallelize("i", Schedule.STATIC), Simd("k"), Reduce("sum", ReductionOperator.ADD)))
    own = Plan(nest_id, (Parallelize("i", Schedule.STATIC),))
    tiled = Plan(nest_id, (Tile(("i",), (64,)), Parallelize("i_tile")))
    wrong = Plan(nest_id, (Parallelize("k"),))
    speed = KERNELS[kernel].ours if kernel in KERNELS else 1.5
    measured = Measurement(speed, speed * 0.97, speed * 1.03, 2, BASELINE, series("candidate", 0.01, dice),
                           (series(BASELINE, 0.01 * speed, dice),), (("n", 512),), seed=7)  # fmt: skip
    proposals: list[ProposalReport] = []
    asked = model != "none"
    if asked:
        proposals += _model_proposals(model, strategy, own, tiled, wrong, environment, measured, dice)
    proposals.append(
        ProposalReport(Proposal("heuristic", by_heuristic), Proved(by_heuristic, (environment,), (alias,)))
    )
    good = [item.proposal.plan for item in proposals if isinstance(item.legality, Proved)]
    chosen = next(plan for plan in good if plan is not None and plan.steps)
    before, after = sources(kernel)
    facts = NestFacts(nest_id, ("i", "k"), ("i", "k"), (("sum", ReductionOperator.ADD),), ("sum",))
    base = NestReport(nest_id, kernel, 6, NestOutcome.DELIVERED, proposals=tuple(proposals), last_line=11)
    unsupported = NestReport("main:30", "main", 30, NestOutcome.UNSUPPORTED, code=Code.UNCOUNTED_LOOP, reason="while")
    if kernel == "dijkstra":
        refused = replace(
            base, outcome=NestOutcome.REFUSED, code=Code.FLOW_DEPENDENCE, reason="iteration i reads d[i - 1]"
        )
        nests: tuple[NestReport, ...] = (refused, unsupported)
        after = before
    elif kernel == "spmv" and strategy == "react":
        caught = replace(
            base, outcome=NestOutcome.REFUSED, code=Code.DATA_RACE, reason="the races check caught the candidate",
            basis=Proved(chosen, (environment,)), findings=findings(fails=True),
        )  # fmt: skip
        nests = (caught,)
        after = before
    elif kernel == "bfs":
        undecided = Undecided(chosen, Code.INDIRECT_SUBSCRIPT, "column[k] is not known", waivable=True,
                              environments=(environment,))  # fmt: skip
        nests = (replace(base, label=Label.TESTED, basis=waive(undecided), findings=findings(), measurement=measured),)
    else:
        basis = Proved(chosen, (environment,), (alias,))
        nests = (replace(base, label=Label.PROVED, basis=basis, findings=findings(), measurement=measured),)
    path = f"kernels/{kernel}/kernel.c"
    report = OptimizeReport(path, nests, unified_diff(path, before, after), host(), model,
                            strategy if asked else "heuristic", 7, dice.uniform(6, 20))  # fmt: skip
    return PlanOutcome(kernel, model, strategy, 7, report, after, (facts,), 180 << 20 if asked else 0)


def _model_proposals(
    model: str,
    strategy: str,
    own: Plan,
    tiled: Plan,
    wrong: Plan,
    environment: DataEnvironment,
    measured: Measurement,
    dice: random.Random,
) -> list[ProposalReport]:
    by = f"{model}/{strategy}"
    reply = make_reply('{"steps":[{"step":"parallelize","loop":"i"}]}', dice.uniform(0.8, 4.0), dice)
    chatter = make_reply("Sure! Here is the parallel version of your loop, <b>as you asked</b>:", 2.2, dice)
    legal: Legality = Proved(own, (environment,))
    choices = [
        ProposalReport(Proposal(by, own, (reply,)), legal, measured),
        ProposalReport(Proposal(by, None, (chatter,), "the reply holds no JSON object"), None),
        ProposalReport(Proposal(by, wrong, (reply,)), Refuted(wrong, Code.FLOW_DEPENDENCE, "k carries the sum")),
        ProposalReport(
            Proposal(by, tiled, (reply,)), Undecided(tiled, Code.NON_AFFINE_SUBSCRIPT, "i * n is a product")
        ),
        ProposalReport(Proposal(by, Plan(own.nest), (reply,)), Proved(Plan(own.nest), ())),
    ]
    weights = {"tot": 4, "cot": 3, "react": 3}.get(strategy, 2)
    return dice.choices(choices, weights=(weights, 2, 2, 1, 1), k=3)


def fill(
    store: Store, *, kernels: tuple[str, ...] = tuple(KERNELS), models: tuple[str, ...] = ("none", "embedded")
) -> None:
    """Put a whole campaign into ``store``: plans, main fields with one and two threads, scaling fields, a failure."""
    store.put_host(HOST, host(), (Peaks(1, 40e9, 130e9, 260e9), Peaks(2, 46e9, 255e9, 510e9)))
    for kernel in kernels:
        shape = KERNELS[kernel]
        outcomes = make_outcomes(kernel, models)
        for outcome in outcomes:
            store.put_plan(f"plan {outcome.kernel} {outcome.method}", HOST, outcome)
        for threads, scale, every in ((2, 1.0, True), (1, 1.0, True), (2, 0.5, False), (2, 1.5, False)):
            timings = make_field(kernel, shape, threads, scale, every=every, seed=7)
            timings += own_timings(kernel, shape, outcomes, timings[0], scale)
            store.put_timings(f"field {kernel} {threads} {scale}", HOST, tuple(timings))
            size = round(shape.size * scale)
            flops = None if shape.flops is None else round(shape.flops * scale**3)
            traffic = None if shape.traffic_bytes is None else round(shape.traffic_bytes * scale**2)
            store.put_work(HOST, Work(kernel, (("n", size),), flops, traffic, "isl"))
    store.failure("lost", HOST, "fft: n=2097152, 2 threads", "the worker died\nTraceback ...")


def dice(*names: str) -> random.Random:
    """Return a source of chance of its own for ``names``."""
    return random.Random(" ".join(names))


def make_outcomes(kernel: str, models: tuple[str, ...]) -> list[PlanOutcome]:
    found: list[PlanOutcome] = []
    for model in models:
        for strategy in ("heuristic",) if model == "none" else STRATEGIES:
            found.append(make_outcome(kernel, model, strategy, random.Random(f"{kernel} {model} {strategy}")))
    return found


def own_timings(
    kernel: str, shape: KernelShape, outcomes: list[PlanOutcome], best: Timing, scale: float
) -> list[Timing]:
    """Return the timings of what ``outcomes`` deliver, beside those of ``best``, the serial build of their field."""
    assert best.series is not None
    found: list[Timing] = []
    for outcome in outcomes:
        if not outcome.is_delivered:
            continue
        method = method_name(outcome.model, outcome.strategy)
        # A gain of two threads grows with the size; one thread alone pays for the directive.
        speedup = shape.ours * scale**0.15 if best.threads > 1 else min(shape.ours * 0.6, 0.99)
        if kernel == "maxpool" and outcome.strategy == "zero-shot":
            speedup = 0.88
        taken = series(
            method, best.series.median_s / speedup, random.Random(f"{kernel} {method} {best.threads} {scale}")
        )
        ((_, size),) = best.sizes
        found.append(
            make_timing(kernel, method, MethodKind.LOOPWRIGHT, taken, best.series, threads=best.threads, size=size)
        )
    return found
