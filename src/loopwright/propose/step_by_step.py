"""Step-by-step: one small question per decision, then the plan is put together from the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from loopwright.core.plan import Plan
from loopwright.core.proposal import Message, Proposal
from loopwright.propose.decode import Json, NotDecoded, decode_object, decode_steps
from loopwright.propose.dialogue import Dialogue, ModelStrategy
from loopwright.propose.prompt import assistant, system, user
from loopwright.propose.schema import loop_schema, order_schema, privates_schema, reductions_schema
from loopwright.propose.strategy import Tools

_ANSWER_TOKENS = 80


class StepByStep(ModelStrategy):
    """Asks for the parallel loop, its reductions, its private variables, and the order, where there is a choice."""

    name = "step-by-step"

    def converse(self, dialogue: Dialogue, tools: Tools) -> Iterator[Proposal]:
        """Yield the one plan that the answers make."""
        try:
            yield dialogue.answer(self._plan(dialogue))
        except ValueError as error:
            yield dialogue.answer(NotDecoded(str(error)))

    def _plan(self, dialogue: Dialogue) -> Plan | NotDecoded:
        choices = dialogue.choices
        talk = _Talk(dialogue, (system(plans=False),))
        loop = talk.ask(user("step_loop", abstract=dialogue.abstract), loop_schema(choices), "loop")
        steps: list[Json] = []
        if loop != "none":
            steps.append({"step": "parallelize", "loop": loop})
            if choices.reductions:
                question = user("step_reductions", loop=str(loop))
                pairs = talk.ask(question, reductions_schema(choices), "reduce")
                steps += [{"step": "reduce", **pair} for pair in _items(pairs) if isinstance(pair, dict)]
            if choices.privates:
                question = user("step_privates", candidates=choices.privates[:8])
                names = talk.ask(question, privates_schema(choices), "privatize")
                steps += [{"step": "privatize", "variable": name} for name in _items(names)]
        if choices.chains:
            talk.ask(user("step_order"), order_schema(choices), "step")
            if talk.last.get("step") in ("interchange", "tile"):
                steps.append(talk.last)
        nest = dialogue.task.analysis.nest
        return decode_steps(cast("list[Any]", steps), nest) if steps else Plan(nest.id)


class _Talk:
    """A conversation that grows by a question and an answer at a time; ``last`` is the latest answer."""

    def __init__(self, dialogue: Dialogue, messages: tuple[Message, ...]) -> None:
        self.last: Json = {}
        self._dialogue = dialogue
        self._messages = messages

    def ask(self, question: Message, schema: Mapping[str, Any], key: str) -> Any:
        """Return ``key`` of the answer.

        Raises:
            ValueError: The answer has no such thing.
        """
        [reply] = self._dialogue.ask((*self._messages, question), schema, max_tokens=_ANSWER_TOKENS)
        self._messages = (*self._messages, question, assistant(reply.text))
        answer = decode_object(reply.text)
        if isinstance(answer, NotDecoded):
            raise ValueError(answer.reason)
        if key not in answer:
            raise ValueError(f"the answer has no {key}")
        self.last = answer
        return answer[key]


def _items(answer: Any) -> list[Any]:
    return cast("list[Any]", answer) if isinstance(answer, list) else []
