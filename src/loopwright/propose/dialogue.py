"""One strategy's talk with a model about one nest: keeps the replies, the time, and the model's failures in bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from loopwright.core.plan import Plan
from loopwright.core.proposal import Message, Proposal, Reply
from loopwright.errors import ModelError
from loopwright.models.base import Model, is_no_model
from loopwright.propose.abstract import describe_nest
from loopwright.propose.choices import Choices, choices_of
from loopwright.propose.decode import NotDecoded, decode_plan
from loopwright.propose.strategy import Task, Tools

PLAN_TOKENS = 200
_LEAST_S = 0.2


class OutOfTimeError(Exception):
    """The strategy's time is up; ends its search, not the run."""


class Dialogue:
    """Asks one model about one nest.

    Attributes:
        task: The nest and the limits.
        abstract: Its text.
        choices: Its names.
        by: Who the proposals are by.
    """

    def __init__(self, task: Task, model: Model, strategy: str) -> None:
        self.task = task
        self.abstract = describe_nest(task.analysis, task.host)
        self.choices: Choices = choices_of(task.analysis.nest)
        self.by = f"{model.name}/{strategy}"
        self._model = model
        self._deadline = min(task.deadline, task.clock() + task.limit_s)
        self._unclaimed: list[Reply] = []

    def ask(
        self,
        messages: tuple[Message, ...],
        schema: Mapping[str, Any] | None,
        *,
        n: int = 1,
        temperature: float = 0.0,
        max_tokens: int = PLAN_TOKENS,
    ) -> tuple[Reply, ...]:
        """Return ``n`` replies; they are kept for the next proposal.

        Raises:
            ModelError: The model failed.
            OutOfTimeError: There is no time left to ask.
        """
        remaining_s = self._deadline - self.task.clock()
        if remaining_s < _LEAST_S:
            raise OutOfTimeError
        replies = self._model.complete(
            messages,
            schema,
            n=n,
            temperature=temperature,
            seed=self.task.seed,
            max_tokens=max_tokens,
            timeout_s=min(remaining_s, self.task.limit_s),
        )
        self._unclaimed += replies
        return replies

    def answer(self, result: Plan | NotDecoded, last: Reply | None = None) -> Proposal:
        """Return a proposal of ``result`` with the replies up to ``last`` that no proposal has had yet."""
        end = next((index + 1 for index, reply in enumerate(self._unclaimed) if reply is last), len(self._unclaimed))
        taken = tuple(self._unclaimed[:end])
        del self._unclaimed[:end]
        if isinstance(result, NotDecoded):
            return Proposal(self.by, None, taken, result.reason)
        return Proposal(self.by, result, taken)

    def sample_plans(self, messages: tuple[Message, ...], schema: Mapping[str, Any]) -> Iterator[Proposal]:
        """Yield the likeliest plan, then sampled ones; each reply is a proposal, equal to an earlier one or not."""
        for n, temperature in ((1, 0.0), (self.task.count - 1, 0.8)):
            for reply in self.ask(messages, schema, n=n, temperature=temperature) if n > 0 else ():
                yield self.answer(decode_plan(reply.text, self.task.analysis.nest), reply)


class ModelStrategy(ABC):
    """A strategy that asks a model: turns every failure into a proposal without a plan."""

    name: str

    def propose(self, task: Task, model: Model, tools: Tools) -> Iterator[Proposal]:
        """Yield what ``converse`` finds; nothing if there is no model or the nest has no loop to name."""
        if is_no_model(model) or not choices_of(task.analysis.nest).loops:
            return
        dialogue = Dialogue(task, model, self.name)
        try:
            yield from self.converse(dialogue, tools)
        except ModelError as error:
            yield dialogue.answer(NotDecoded(error.one_line()))
        except OutOfTimeError:
            yield dialogue.answer(NotDecoded("the time for proposals is up"))

    @abstractmethod
    def converse(self, dialogue: Dialogue, tools: Tools) -> Iterator[Proposal]:
        """Yield proposals; may let ModelError and OutOfTimeError through."""
