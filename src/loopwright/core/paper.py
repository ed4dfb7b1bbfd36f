"""The figures that arXiv 2512.19250 claims for itself: shown beside ours, never mixed with them.

No code was published with the paper, its processor and number of cores are not given, and "analysis quality" is not
defined there; so none of these figures can be checked.
"""

from __future__ import annotations

from dataclasses import dataclass

TITLE = "Small Language Models as Compiler Experts: Auto-Parallelization for Heterogeneous Systems"
SOURCE = "arXiv 2512.19250"
BASELINE = "single-thread -O3; processor and number of cores not given"


@dataclass(frozen=True, slots=True)
class PaperModel:
    """One row of its table of models: speed-ups, analysis quality, seconds per response."""

    model: str
    mean: float
    best: float
    quality: float
    response_s: float


@dataclass(frozen=True, slots=True)
class PaperStrategy:
    """One row of its table of strategies; ``quality`` is None where the paper gives none."""

    strategy: str
    mean: float
    success: float
    quality: float | None


@dataclass(frozen=True, slots=True)
class PaperMethod:
    """One row of its table of methods; ``best`` is a speed-up and what it was seen on, or None."""

    method: str
    mean: float
    best: float | None = None
    best_on: str = ""


@dataclass(frozen=True, slots=True)
class PaperCorrectness:
    """Shares of results, between 0 and 1."""

    method: str
    verified: float
    race_free: float
    memory_safe: float
    sanitizer_pass: float


MODELS = (
    PaperModel("gemma3:1b", 6.2, 38.7, 0.78, 12.3),
    PaperModel("llama3.2:1b", 6.8, 41.2, 0.82, 15.7),
    PaperModel("qwen2.5:1.5b", 7.2, 43.25, 0.85, 18.9),
)

# Under the names by which loopwright knows the same strategies.
STRATEGIES = (
    PaperStrategy("tot", 7.1, 0.88, 0.84),
    PaperStrategy("cot", 6.9, 0.85, 0.81),
    PaperStrategy("react", 6.7, 0.83, 0.79),
    PaperStrategy("few-shot", 6.6, 0.82, None),
    PaperStrategy("step-by-step", 6.4, 0.80, None),
    PaperStrategy("zero-shot", 5.8, 0.78, 0.72),
)

METHODS = (
    PaperMethod("language model (qwen2.5 + ToT)", 7.1, 43.25, "convolution"),
    PaperMethod("LLVM Polly", 5.8, 8.2, "matrix product"),
    PaperMethod("GCC, advanced", 5.2),
    PaperMethod("Intel ICC", 6.1),
    PaperMethod("Halide", 6.8),
    PaperMethod("TVM", 7.4, 11.2, "convolution"),
    PaperMethod("Triton", 8.9, 13.7, "attention"),
)

CORRECTNESS = (
    PaperCorrectness("language model + ToT", 0.88, 0.91, 0.94, 0.85),
    PaperCorrectness("LLVM Polly", 0.95, 0.97, 0.98, 0.93),
)

SCALING = (
    "matrix product: 4.2x at 1K x 1K to 13.1x at 16K x 16K",
    "efficiency: 100% on 1 core to 71% on 16",
    "compile time: 15.6 s on average, 2.1 s for traditional compilers; memory: 1.2 GB",
)

EVALUATIONS = 376
