"""What a strategy is, what it is given, and what it may ask."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from loopwright.core.analysis import NestAnalysis
from loopwright.core.legality import Legality
from loopwright.core.measurement import Environment
from loopwright.core.plan import Plan
from loopwright.core.proposal import Proposal
from loopwright.models.base import Model


@dataclass(frozen=True, slots=True)
class Task:
    """One nest to plan for.

    Attributes:
        analysis: The nest and what is known of it.
        host: The machine that the plan is for.
        seed: Of sampling.
        count: Proposals wanted at most from a model; the heuristic gives what it has.
        deadline: On ``clock``; no model is asked after it, and a call in progress is cut off there.
        limit_s: Time that one strategy may spend on the nest, whatever the deadline.
        clock: Seconds, monotonic.
    """

    analysis: NestAnalysis
    host: Environment
    seed: int = 0
    count: int = 3
    deadline: float = math.inf
    limit_s: float = 60.0
    clock: Callable[[], float] = time.monotonic


class Tools(Protocol):
    """What a strategy may ask about a plan for its nest; answers are exact, and slow in this order."""

    def check(self, plan: Plan) -> Legality:
        """Return what legality says."""
        ...

    def cost(self, plan: Plan) -> float:
        """Return the estimated time, in a unit of its own; smaller is better."""
        ...

    def measure(self, plan: Plan) -> float | None:
        """Return the measured speed-up over the original, or None if it cannot be had."""
        ...


class Strategy(Protocol):
    """A way to find plans."""

    @property
    def name(self) -> str:
        """What to give to ``--strategy``."""
        ...

    def propose(self, task: Task, model: Model, tools: Tools) -> Iterator[Proposal]:
        """Yield proposals, the most promising first.

        Whatever the model does, nothing is raised: a failure is a proposal without a plan. Without a model
        (``models.base.is_no_model``) nothing is yielded, except by the heuristic.
        """
        ...
