"""Few-shot: three worked examples, then the nest."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Interchange, Parallelize, Privatize, Reduce, Step
from loopwright.core.proposal import Message, Proposal
from loopwright.propose.dialogue import Dialogue, ModelStrategy
from loopwright.propose.prompt import assistant, system, user, write_plan
from loopwright.propose.schema import plan_schema
from loopwright.propose.strategy import Tools

EXAMPLES: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("example_columns", (Interchange(("r", "c")), Parallelize("r"))),
    ("example_rows", (Parallelize("y"), Privatize("d"))),
    ("example_sum", (Parallelize("p"), Reduce("total", ReductionOperator.ADD))),
)


class FewShot(ModelStrategy):
    """Shows an interchange, a private scalar under a serial loop, and a reduction; then asks as zero-shot does.

    The examples come first and never change, so a server keeps them in its prompt cache from nest to nest.
    """

    name = "few-shot"

    def converse(self, dialogue: Dialogue, tools: Tools) -> Iterator[Proposal]:
        """Yield the likeliest plan and its samples."""
        shown = [turn for template, steps in EXAMPLES for turn in (user(template), assistant(write_plan(steps)))]
        messages: tuple[Message, ...] = (system(), *shown, user("nest", abstract=dialogue.abstract))
        yield from dialogue.sample_plans(messages, plan_schema(dialogue.choices))
