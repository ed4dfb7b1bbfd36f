"""Puts the model's own plans through the checks and the clock, whether or not they are what would be delivered.

``optimize`` looks for the best result, so a model's plan that is beaten on the clock is never verified. A campaign asks
another question, how good the proposals are, and needs an answer for each model's first plan of every nest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from loopwright.core.nest import LoopNest
from loopwright.core.report import ProposalReport
from loopwright.pipeline.proposals import Option
from loopwright.pipeline.trial import Contender, Trial
from loopwright.propose.heuristic import Heuristic

Reports = dict[str, tuple[ProposalReport, ...]]


def judge_proposals(
    trial: Trial, nests: tuple[LoopNest, ...], options: Mapping[str, tuple[Option, ...]], reports: Reports
) -> Reports:
    """Return ``reports`` with findings and a measurement for the first plan of the model in each nest.

    The plans of all nests are verified together; only if that fails, each by itself.

    Args:
        trial: Of the function.
        nests: Of the function.
        options: By nest: what may be delivered. A plan that may not has its answer already.
        reports: By nest.
    """
    own = [contender for nest in nests if (contender := _first_of_model(nest, options.get(nest.id, ()))) is not None]
    if not own:
        return reports
    verdict = trial.verify(own)
    judged = dict(reports)
    for contender in own:
        plan = contender.option.basis.plan
        contender.verdict = verdict if verdict.accepted or len(own) == 1 else trial.verify([contender])
        findings = contender.verdict.findings
        screened = trial.screen(contender.option.candidate) if contender.verdict.accepted else None
        judged[contender.nest.id] = tuple(
            replace(item, findings=findings, measurement=item.measurement or screened)
            if item.proposal.plan == plan
            else item
            for item in judged[contender.nest.id]
        )
    return judged


def _first_of_model(nest: LoopNest, options: tuple[Option, ...]) -> Contender | None:
    found = next((option for option in options if option.proposal.by != Heuristic.name), None)
    return None if found is None else Contender(nest, found)
