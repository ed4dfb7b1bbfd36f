"""ReAct: the model calls analysis tools, sees what they say, and ends with a plan."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.analysis import NestAnalysis
from loopwright.core.legality import Proved, Refuted
from loopwright.core.plan import Plan
from loopwright.core.proposal import Message, Proposal
from loopwright.propose.abstract import describe_dependences
from loopwright.propose.decode import Action, NotDecoded, decode_action
from loopwright.propose.dialogue import Dialogue, ModelStrategy
from loopwright.propose.feedback import describe_legality
from loopwright.propose.prompt import assistant, system, user
from loopwright.propose.schema import ACTIONS, action_schema
from loopwright.propose.strategy import Tools

TURNS = 4


class React(ModelStrategy):
    """At most ``TURNS`` actions: the first calls a tool, and the last one can only be ``finish``.

    A plan that the model would end with and that is refuted goes back to it with the reason, while there are turns. A
    plan that a tool was asked about and that is proved is proposed too, behind the one that the model ended with.
    """

    name = "react"

    def converse(self, dialogue: Dialogue, tools: Tools) -> Iterator[Proposal]:
        """Yield the plan of ``finish``, then the other proved plans of the conversation."""
        nest = dialogue.task.analysis.nest
        messages: tuple[Message, ...] = (system(), user("act", abstract=dialogue.abstract, turns=TURNS))
        asked: set[Action] = set()
        ended: Plan | NotDecoded = NotDecoded("the model did not finish")
        for turns in range(TURNS, 0, -1):
            actions = ACTIONS[:-1] if turns == TURNS else ACTIONS if turns > 1 else ACTIONS[-1:]
            [reply] = dialogue.ask(messages, action_schema(dialogue.choices, actions))
            action = decode_action(reply.text, nest)
            if isinstance(action, Action) and action.kind == "finish" and action.plan is not None:
                ended = action.plan
                legality = tools.check(ended)
                if not isinstance(legality, Refuted):
                    break
                observation = describe_legality(legality)
            elif isinstance(action, NotDecoded):
                observation = f"not understood: {action.reason}"
                ended = action
            elif action in asked:
                observation = "the same as before. Try something else, or finish."
            else:
                observation = _observe(action, dialogue.task.analysis, tools)
                asked.add(action)
            turn = user("observe", observation=observation, turns=turns - 1)
            messages = (*messages, assistant(reply.text), turn)
        yield dialogue.answer(ended)
        plans = dict.fromkeys(action.plan for action in asked if action.plan is not None and action.plan != ended)
        proved = [plan for plan in plans if isinstance(tools.check(plan), Proved)]
        for plan in sorted(proved, key=tools.cost)[: dialogue.task.count - 1]:
            yield dialogue.answer(plan)


def _observe(action: Action, analysis: NestAnalysis, tools: Tools) -> str:
    """Return what the tool that ``action`` calls says."""
    plan = action.plan
    if plan is None:
        legality = analysis.loop(action.loop).legality
        return f"{describe_dependences(analysis, action.loop)}; {describe_legality(legality)}"
    if action.kind == "cost":
        ratio = tools.cost(Plan(plan.nest)) / max(tools.cost(plan), 1e-30)
        return f"estimated {ratio:.2f} times as fast as the original; {describe_legality(tools.check(plan))}"
    legality = tools.check(plan)
    if action.kind == "measure" and isinstance(legality, Proved):
        speedup = tools.measure(plan)
        return "it could not be measured" if speedup is None else f"measured {speedup:.2f} times as fast"
    return describe_legality(legality)
