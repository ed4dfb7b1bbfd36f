"""Small values of every kind that a store keeps, for the tests of the store, its file, and what is read from it."""

from __future__ import annotations

from loopwright.core.campaign import MethodKind, NestFacts, Peaks, PlanOutcome, Timing, Work
from loopwright.core.codes import Code
from loopwright.core.measurement import CompilerFacts, Environment, Series
from loopwright.core.nest import ReductionOperator
from loopwright.core.proposal import Message, Reply
from loopwright.core.report import NestOutcome, NestReport, OptimizeReport

HOST = "zen-5-2c-0badcafe"
SIZES = (("n", 1000), ("m", 7))


def make_environment(cores: int = 2) -> Environment:
    gcc = CompilerFacts("gcc", "/usr/bin/gcc", "gcc 12.2.0", 12)
    return Environment("Zen 5", cores, 49152, 1 << 20, 1 << 25, 1 << 34, "Linux 6.1", (gcc,), ("clang: install it",))


def make_peaks(threads: int) -> Peaks:
    return Peaks(threads, 1.25e10 * threads, 4.0e10 * threads, 8.0e10 * threads)


def make_work(kernel: str = "matmul", flops: int | None = 2_000_000) -> Work:
    return Work(kernel, SIZES, flops, 24_000, "isl")


def make_reply(text: str = '{"steps":[]}', model: str = "tiny", elapsed_s: float = 0.1 + 0.2) -> Reply:
    asked = (Message("system", "plan"), Message("user", "which loop?"))
    return Reply(text, 200, 40, -1.5, elapsed_s, model, asked, seed=7, temperature=0.8)


def make_outcome(kernel: str = "matmul", model: str = "tiny", content: bytes = b"int x;\n") -> PlanOutcome:
    """An outcome with one nest, that was kept as it is."""
    nest = NestReport("f:2", "f", 2, NestOutcome.KEPT, code=Code.NOT_FASTER, reason="0.97x")
    report = OptimizeReport(f"{kernel}.c", (nest,), "", make_environment(), model, "tot", 7, 12.5)
    facts = NestFacts("f:2", ("i", "j"), ("i",), (("s", ReductionOperator.ADD),), ("t",))
    return PlanOutcome(kernel, model, "tot", 7, report, content, (facts,), 1 << 28)


def make_timing(method: str = "gcc-O3", kernel: str = "matmul") -> Timing:
    series = Series(method, (0.1, 0.1 + 0.2, 1e-9), (0.5,))
    return Timing(
        kernel,
        method,
        MethodKind.SERIAL,
        SIZES,
        2,
        series,
        1.0,
        0.99,
        1.01,
        "gcc-O3",
        "gcc -O3 -march=native",
        is_threaded=False,
        compile_s=0.25,
        peak_bytes=1 << 20,
    )


def make_timings(kernel: str = "matmul") -> tuple[Timing, ...]:
    """A field with one timing of each sort: times, an objection, a failure, not installed."""
    objected = Timing(
        kernel,
        "polly-parallel",
        MethodKind.COMPILER,
        SIZES,
        2,
        Series("polly-parallel", (0.05,), ()),
        2.0,
        1.9,
        2.1,
        "gcc-O3",
        "clang -O3 -mllvm -polly-parallel",
        ("serial under a parallel name", "element 7 differs"),
        False,
    )
    failed = Timing(kernel, "tvm", MethodKind.TUNER, SIZES, 2, failure=Code.TIMED_OUT, reason="no schedule within 30 s")
    absent = Timing(kernel, "icx", MethodKind.COMPILER, SIZES, 2, reason="icx is not on PATH")
    return (make_timing(kernel=kernel), objected, failed, absent)
