"""Chain of thought: the model reasons in its own words first, then writes the plan."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.proposal import Proposal
from loopwright.propose.dialogue import Dialogue, ModelStrategy
from loopwright.propose.prompt import assistant, system, user
from loopwright.propose.schema import plan_schema
from loopwright.propose.strategy import Tools

_THOUGHT_TOKENS = 80


class ChainOfThought(ModelStrategy):
    """Two turns: free reasoning of bounded length, then the plan under its schema."""

    name = "cot"

    def converse(self, dialogue: Dialogue, tools: Tools) -> Iterator[Proposal]:
        """Yield the likeliest plan after the reasoning, and its samples."""
        opening = (system(plans=False), user("think", abstract=dialogue.abstract))
        [thought] = dialogue.ask(opening, None, max_tokens=_THOUGHT_TOKENS)
        messages = (*opening, assistant(thought.text), user("conclude"))
        yield from dialogue.sample_plans(messages, plan_schema(dialogue.choices))
