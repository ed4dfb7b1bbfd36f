"""Analysis -> plans that were proposed, checked and turned into candidates."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from loopwright.codegen.generate import generate
from loopwright.config import Settings
from loopwright.core.analysis import NestAnalysis
from loopwright.core.candidate import Candidate, NotGenerated
from loopwright.core.legality import Basis, Legality, Proved, Undecided, waive
from loopwright.core.measurement import Environment
from loopwright.core.plan import Plan
from loopwright.core.proposal import Proposal
from loopwright.core.report import ProposalReport
from loopwright.core.source import Source
from loopwright.legality.check import check_plan
from loopwright.models.base import Model
from loopwright.propose.cost import estimate
from loopwright.propose.heuristic import Heuristic
from loopwright.propose.strategy import Strategy, Task

Screen = Callable[[Candidate], float | None]


@dataclass(frozen=True, slots=True)
class Option:
    """A plan that may be delivered: legal, or waived on the user's word, with its code."""

    proposal: Proposal
    legality: Legality
    basis: Basis
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Recalled:
    """What strategies were told in an earlier run: where they are told the same, a replayed model repeats its plans.

    Attributes:
        host: The machine that the plans were for.
        observed: The speed-up of each plan that was timed for a strategy; None if it could not be.
    """

    host: Environment
    observed: tuple[tuple[Plan, float | None], ...]


class NestTools:
    """What a strategy may ask about one nest: legality, cost and time of a plan. Answers are remembered.

    Attributes:
        observed: What ``measure`` answered.
    """

    def __init__(
        self,
        source: Source,
        analysis: NestAnalysis,
        settings: Settings,
        screen: Screen,
        recalled: Recalled | None = None,
    ) -> None:
        self.observed: dict[Plan, float | None] = {}
        self._recalled = dict(recalled.observed) if recalled is not None else {}
        self._source = source
        self._analysis = analysis
        self._settings = settings
        self._screen = screen
        self._legality: dict[Plan, Legality] = {}

    def check(self, plan: Plan) -> Legality:
        """Return what legality says of ``plan``."""
        if plan not in self._legality:
            self._legality[plan] = check_plan(self._analysis, plan, fp_strict=self._settings.fp_strict)
        return self._legality[plan]

    def cost(self, plan: Plan) -> float:
        """Return the static estimate; smaller is better."""
        return estimate(self._analysis, plan)

    def measure(self, plan: Plan) -> float | None:
        """Return the screened speed-up of ``plan``, or None if it cannot be timed; what is recalled is not timed."""
        if plan in self._recalled:
            self.observed[plan] = self._recalled[plan]
        elif plan not in self.observed:
            generated = self.generate(plan)
            self.observed[plan] = None if generated is None else self._screen(generated.candidate)
        return self.observed[plan]

    def generate(self, plan: Plan, proposal: Proposal | None = None) -> Option | None:
        """Return the candidate of ``plan``, or None if it may not be delivered or no code can be made."""
        legality = self.check(plan)
        basis = self.basis(legality)
        if basis is None or not plan.steps:
            return None
        candidate = generate(self._source, self._analysis.nest, basis)
        if isinstance(candidate, NotGenerated):
            return None
        return Option(proposal or Proposal("", plan), legality, basis, candidate)

    def basis(self, legality: Legality) -> Basis | None:
        """Return what code may be generated from: a proof, or a waiver if the user accepts ``tested``."""
        if isinstance(legality, Proved):
            return legality
        if isinstance(legality, Undecided) and legality.waivable and self._settings.accept_tested:
            return waive(legality)
        return None


def collect(
    analysis: NestAnalysis,
    tools: NestTools,
    model: Model,
    strategy: Strategy | None,
    host: Environment,
    settings: Settings,
    deadline: float,
) -> tuple[tuple[ProposalReport, ...], tuple[Option, ...]]:
    """Return every proposal with its legality, and the options among them: the heuristic's and the model's in turn.

    The heuristic always proposes too, so that a weak model costs nothing but its time. Equal plans count once as an
    option, and as the model's if it had the idea.
    """
    task = Task(analysis=analysis, host=host, seed=settings.seed, deadline=deadline)
    reports: list[ProposalReport] = []
    by_model: list[Option] = []
    by_heuristic: list[Option] = []
    seen: dict[Plan, Option | None] = {}
    for proposal in _proposals(task, tools, model, strategy):
        legality = tools.check(proposal.plan) if proposal.plan is not None else None
        reports.append(ProposalReport(proposal, legality))
        if proposal.plan is None:
            continue
        if proposal.plan not in seen:
            seen[proposal.plan] = tools.generate(proposal.plan, proposal)
        option = seen[proposal.plan]
        if option is not None:
            (by_heuristic if proposal.by == Heuristic.name else by_model).append(option)
    in_turn = chain.from_iterable(zip_longest(by_heuristic, by_model))
    return tuple(reports), tuple(dict.fromkeys(option for option in in_turn if option is not None))


def _proposals(task: Task, tools: NestTools, model: Model, strategy: Strategy | None) -> Iterator[Proposal]:
    if strategy is not None and time.monotonic() < task.deadline:
        yield from strategy.propose(task, model, tools)
    yield from Heuristic().propose(task, model, tools)
