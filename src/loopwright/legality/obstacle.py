"""Why a rule does not hold, and how that becomes ``Refuted`` or ``Undecided``."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.assumption import Assumption
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment, Refuted, Undecided
from loopwright.core.plan import Plan
from loopwright.core.source import Span
from loopwright.legality.facts import Facts
from loopwright.poly.dependences import Edge, Pairs, to_dependence
from loopwright.poly.witness import find_witness


@dataclass(frozen=True, slots=True, eq=False)
class Obstacle:
    """Why a rule does not hold.

    Attributes:
        code: Its reason code.
        reason: In words.
        refutes: It is shown, by ``edge`` or by the nest's shape; otherwise it only could not be excluded.
        edge: The dependence in question.
        pairs: The part of the edge that a witness must come from; None for all of it.
        waivable: If it does not refute: a candidate may still be generated and tested.
        span: The construct in question.
        is_unsayable: No directive says what the step asks for, so a plan that has the step is refuted.
    """

    code: Code
    reason: str
    refutes: bool = False
    edge: Edge | None = None
    pairs: Pairs | None = None
    waivable: bool = False
    span: Span | None = None
    is_unsayable: bool = False


def misfit(reason: str) -> Obstacle:
    """Return the obstacle of a step that contradicts the nest's shape."""
    return Obstacle(Code.STEP_DOES_NOT_FIT, reason, refutes=True)


def unfit(reason: str, span: Span | None = None) -> Obstacle:
    """Return the obstacle of a step for which no correct code can be written, whatever the dependences."""
    return Obstacle(Code.STEP_DOES_NOT_FIT, reason, span=span)


def unsayable(reason: str, span: Span | None = None) -> Obstacle:
    """Return the obstacle of a step for which OpenMP has no clause."""
    return Obstacle(Code.STEP_DOES_NOT_FIT, reason, span=span, is_unsayable=True)


def from_edge(code: Code, reason: str, edge: Edge, pairs: Pairs | None = None) -> Obstacle:
    """Return the obstacle that ``edge`` is: it refutes if exact, else its doubt's own code stands, waivable."""
    doubt = edge.doubt
    if doubt is None:
        return Obstacle(code, reason, refutes=True, edge=edge, pairs=pairs)
    return Obstacle(doubt[0], f"{reason}, but {doubt[1]}", edge=edge, waivable=True, span=doubt[2].span)


def by_weight(obstacles: list[Obstacle]) -> list[Obstacle]:
    """Return the obstacles, the one to report first: one that refutes, else one that cannot be waived.

    Among those that refute, contradictions with the nest's shape come first.
    """
    return sorted(obstacles, key=lambda item: (not item.refutes, item.edge is not None, item.waivable))


def to_legality(
    facts: Facts,
    plan: Plan,
    obstacles: list[Obstacle],
    environments: tuple[DataEnvironment, ...] = (),
    assumptions: tuple[Assumption, ...] = (),
) -> Refuted | Undecided:
    """Return the answer that one or more obstacles stand for."""
    for obstacle in by_weight(obstacles):
        if obstacle.refutes and obstacle.edge is None:
            return Refuted(plan, obstacle.code, obstacle.reason)
        if obstacle.refutes and obstacle.edge is not None:
            witness = find_witness(facts.sets, obstacle.edge, obstacle.pairs)
            if witness is not None:
                dependence = to_dependence(facts.sets, obstacle.edge)
                return Refuted(plan, obstacle.code, obstacle.reason, dependence, witness)
    first = by_weight(obstacles)[0]
    reason = first.reason
    if first.refutes:
        reason = f"{reason}, if the values that this takes ever come together"
    # What only refutes for parameters that were not found to go together may still be tested.
    waivable = all(item.waivable or (item.refutes and item.edge is not None) for item in obstacles)
    return Undecided(plan, first.code, reason, first.span, waivable, environments, assumptions)
