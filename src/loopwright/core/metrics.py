"""The metrics of who proposes: rates, analysis quality, cost. Every figure is defined in docs/bench-metrics.md."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of ``total`` passed. Those that were never judged (``total - reached``) count as not passed."""

    passed: int
    total: int
    reached: int

    @property
    def share(self) -> float | None:
        """Return the share that passed, between 0 and 1; None of nothing."""
        return self.passed / self.total if self.total else None

    @property
    def share_of_judged(self) -> float | None:
        """Return the share of those that were judged; None if none was."""
        return self.passed / self.reached if self.reached else None


@dataclass(frozen=True, slots=True)
class Quality:
    """Claims of plans against exact analysis, counted over nests.

    Attributes:
        right: Claims that exact analysis makes, too.
        wrong: Claims that it does not make.
        missed: What it says and no plan claims.
    """

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Return the share of claims that are right; None if nothing was claimed."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Return the share of the truth that was claimed; None if there is nothing to claim."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None

    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of precision and recall; None if there was neither a claim nor a truth."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else None


@dataclass(frozen=True, slots=True)
class SpeedUps:
    """Speed-ups of one method, or of a group, with their means; None where there is nothing to average.

    Attributes:
        values: One per kernel (and strategy, in a group) that counts.
        best_on: Kernel of the largest.
    """

    values: tuple[float, ...]
    best_on: str = ""

    @property
    def mean(self) -> float | None:
        """Return the arithmetic mean."""
        return math.fsum(self.values) / len(self.values) if self.values else None

    @property
    def geometric_mean(self) -> float | None:
        """Return the geometric mean."""
        if not self.values:
            return None
        return math.exp(math.fsum(math.log(value) for value in self.values) / len(self.values))

    @property
    def best(self) -> float | None:
        """Return the largest."""
        return max(self.values, default=None)


@dataclass(frozen=True, slots=True)
class ProposalCounts:
    """What became of the proposals that are a proposer's own: each falls in exactly one of the first five.

    Attributes:
        unreadable: The reply is no plan.
        empty: A plan without steps: keep the original.
        refuted, undecided, proved: What legality says of the others.
    """

    unreadable: int = 0
    empty: int = 0
    refuted: int = 0
    undecided: int = 0
    proved: int = 0

    @property
    def judged(self) -> int:
        """Return the number of plans that change something: what every rate is a share of."""
        return self.refuted + self.undecided + self.proved

    @property
    def total(self) -> int:
        """Return the number of proposals."""
        return self.unreadable + self.empty + self.judged


@dataclass(frozen=True, slots=True)
class Cost:
    """What proposing costs. None or 0 where no model was asked.

    Attributes:
        calls: Of the model; one may give several replies.
        response_mean_s, response_median_s: Of one call.
        prompt_tokens, completion_tokens: Of all calls, and of all replies.
        optimize_mean_s: Of a whole ``optimize`` of one kernel, with all its compiles, checks and measurements.
        peak_bytes: Largest resident memory of the model's process; 0 if there is none, or it is a server's.
    """

    calls: int = 0
    response_mean_s: float | None = None
    response_median_s: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    optimize_mean_s: float | None = None
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ProposerMetrics:
    """The paper's metrics of one model with one strategy, or of a group.

    Attributes:
        model, strategy: Who; "" stands for all.
        kernels: Number of kernels with an outcome.
        speedups: A kept original, and a delivery that does not count, is 1.0.
        kernel_success, nest_success: Where a plan of its own was legal, passed every check and was measured faster.
        proposals: Its own.
        legal, verified, race_free, memory_safe, sanitizer_pass: Of the plans that change something.
        delivered_correct: Of the kernels for which something was delivered.
        quality: Analysis quality.
        cost: Time, tokens, memory.
        faults: Reason code of what stopped a proposal, and how often.
    """

    model: str
    strategy: str
    kernels: int
    speedups: SpeedUps
    kernel_success: Rate
    nest_success: Rate
    proposals: ProposalCounts
    legal: Rate
    verified: Rate
    race_free: Rate
    memory_safe: Rate
    sanitizer_pass: Rate
    delivered_correct: Rate
    quality: Quality
    cost: Cost
    faults: tuple[tuple[str, int], ...] = ()
