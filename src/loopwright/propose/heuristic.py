"""The proposer without a model: what an experienced programmer would try first, best first.

Start with ``Heuristic``. Plans are made from the per-loop answers and the bands of the analysis, then legality sorts
them: proved plans by estimated cost, after them the undecided ones that may go on as ``tested``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.analysis import NestAnalysis
from loopwright.core.legality import Proved, Undecided
from loopwright.core.plan import Parallelize, Plan, Privatize
from loopwright.core.proposal import Proposal
from loopwright.models.base import Model
from loopwright.propose.candidates import directive_plans, reordering_plans
from loopwright.propose.strategy import Task, Tools

MOST_PROVED = 6
MOST_UNDECIDED = 3
_PROMISES_MORE = 0.9


class Heuristic:
    """Parallelizes the outermost loops that allow it, then tries locality; needs no model."""

    name = "heuristic"

    def propose(self, task: Task, model: Model, tools: Tools) -> Iterator[Proposal]:
        """Yield at most ``MOST_PROVED`` proved and ``MOST_UNDECIDED`` undecided plans.

        If every plan is refuted, the first is yielded all the same, so that the report can show why.
        """
        proved: list[Plan] = []
        undecided: list[Plan] = []
        refuted: list[Plan] = []
        for plan in _plans(task.analysis):
            legality = tools.check(plan)
            if isinstance(legality, Proved):
                proved.append(plan)
            elif isinstance(legality, Undecided) and legality.waivable:
                undecided.append(plan)
            else:
                refuted.append(plan)
        for plan in _merged(_ranked(proved, tools), _ranked(undecided, tools), tools) or refuted[:1]:
            yield Proposal(self.name, plan)


def _ranked(plans: list[Plan], tools: Tools) -> list[Plan]:
    """Return ``plans``, cheapest first, but one of each kind before a second of any.

    The estimate is rough and only the first few plans are timed, so they should differ; and a plan that leaves the
    user's loops in their place is among the first two, because it makes the smaller patch.
    """
    ordered = sorted(plans, key=tools.cost)
    kinds = [_kind(plan) for plan in ordered]
    ranked = sorted(range(len(ordered)), key=lambda index: kinds[:index].count(kinds[index]))
    result = [ordered[index] for index in ranked]
    in_place = next((plan for plan in result if not plan.reorders), None)
    if in_place is not None and result.index(in_place) > 1:
        result.remove(in_place)
        result.insert(1, in_place)
    return result


def _merged(proved: list[Plan], undecided: list[Plan], tools: Tools) -> list[Plan]:
    """Return the proved plans, then the undecided ones; but undecided ones that promise more come second."""
    certain, possible = proved[:MOST_PROVED], undecided[:MOST_UNDECIDED]
    if certain and possible and tools.cost(possible[0]) < _PROMISES_MORE * min(map(tools.cost, certain)):
        return [certain[0], *possible[:2], *certain[1:], *possible[2:]]
    return certain + possible


def _kind(plan: Plan) -> frozenset[str]:
    words = {type(step).__name__ for step in plan.steps if not isinstance(step, Privatize)}
    words |= {step.schedule.value for step in plan.steps if isinstance(step, Parallelize)}
    return frozenset(words)


def _plans(analysis: NestAnalysis) -> tuple[Plan, ...]:
    plans = [*directive_plans(analysis), *reordering_plans(analysis)]
    return tuple(dict.fromkeys(plan for plan in plans if plan.steps))
