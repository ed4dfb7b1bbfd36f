"""Tree of thoughts: partial plans branch step by step, are scored by legality and cost, and the best go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loopwright.core.legality import Proved, Refuted
from loopwright.core.plan import Parallelize, Plan, Simd
from loopwright.core.proposal import Proposal
from loopwright.errors import ModelError
from loopwright.propose.decode import Done, NotDecoded, arrange, decode_step
from loopwright.propose.dialogue import Dialogue, ModelStrategy, OutOfTimeError
from loopwright.propose.feedback import describe_legality
from loopwright.propose.prompt import system, user, write_plan
from loopwright.propose.schema import next_step_schema
from loopwright.propose.strategy import Tools

BRANCHES = 3
BEAM = 2
LEVELS = 4
_STEP_TOKENS = 60


@dataclass(frozen=True, slots=True)
class Thought:
    """A partial plan, what legality says of it, and its score; the smaller score is the better."""

    plan: Plan
    verdict: str
    score: tuple[int, float]


class TreeOfThoughts(ModelStrategy):
    """Beam search over prefixes of plans.

    A level asks for ``BRANCHES`` next steps of each of the ``BEAM`` best plans so far. A plan that is refused now
    may be legal with one more step (a reduction that is still missing), so it is only ranked behind the legal ones.
    """

    name = "tot"

    def converse(self, dialogue: Dialogue, tools: Tools) -> Iterator[Proposal]:
        """Yield the best plans of the tree, best first."""
        root = Thought(Plan(dialogue.task.analysis.nest.id), "", (0, 0.0))
        found: dict[Plan, Thought] = {}
        problem = "no branch led to a plan"
        beam = [root]
        try:
            for _ in range(LEVELS):
                grown = [
                    child for thought in beam for child in _grow(thought, dialogue, tools) if child.plan not in found
                ]
                beam = sorted({child.plan: child for child in grown}.values(), key=lambda child: child.score)[:BEAM]
                found |= {child.plan: child for child in grown}
                if not beam:
                    break
        except ModelError as error:
            problem = error.one_line()
        except OutOfTimeError:
            problem = "the time for proposals is up"
        whole = [thought for thought in found.values() if _does_something(thought.plan)]
        best = sorted(whole, key=lambda thought: thought.score)[: dialogue.task.count]
        for thought in best:
            yield dialogue.answer(thought.plan)
        if not best:
            yield dialogue.answer(NotDecoded(problem))


def _grow(thought: Thought, dialogue: Dialogue, tools: Tools) -> list[Thought]:
    """Ask for next steps of ``thought`` and return the plans that they make."""
    question = user(
        "next_step",
        abstract=dialogue.abstract,
        steps=write_plan(thought.plan.steps) if thought.plan.steps else "",
        verdict=thought.verdict,
    )
    schema = next_step_schema(dialogue.choices)
    replies = dialogue.ask((system(), question), schema, n=BRANCHES, temperature=0.9, max_tokens=_STEP_TOKENS)
    nest = dialogue.task.analysis.nest
    children: dict[Plan, Thought] = {}
    for reply in replies:
        step = decode_step(reply.text, nest)
        if isinstance(step, Done | NotDecoded):
            continue
        plan = arrange(Plan(nest.id, (*thought.plan.steps, step)))
        if plan != thought.plan and plan not in children:
            children[plan] = _judge(plan, tools)
    return list(children.values())


def _judge(plan: Plan, tools: Tools) -> Thought:
    legality = tools.check(plan)
    rank = 0 if isinstance(legality, Proved) else 2 if isinstance(legality, Refuted) else 1
    return Thought(plan, describe_legality(legality), (rank, tools.cost(plan)))


def _does_something(plan: Plan) -> bool:
    return any(isinstance(step, Parallelize | Simd) for step in plan.steps)
