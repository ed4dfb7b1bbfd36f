"""Zero-shot: the abstract, the question, the plan."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.proposal import Proposal
from loopwright.propose.dialogue import Dialogue, ModelStrategy
from loopwright.propose.prompt import system, user
from loopwright.propose.schema import plan_schema
from loopwright.propose.strategy import Tools


class ZeroShot(ModelStrategy):
    """Asks once, and samples a few more answers to the same prompt."""

    name = "zero-shot"

    def converse(self, dialogue: Dialogue, tools: Tools) -> Iterator[Proposal]:
        """Yield the likeliest plan and its samples."""
        messages = (system(), user("nest", abstract=dialogue.abstract))
        yield from dialogue.sample_plans(messages, plan_schema(dialogue.choices))
