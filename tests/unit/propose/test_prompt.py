from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError

from loopwright.core.proposal import Message
from loopwright.models.scripted import Scripted
from loopwright.propose.decode import decode_plan
from loopwright.propose.few_shot import EXAMPLES
from loopwright.propose.prompt import render, system, write_plan
from loopwright.propose.registry import require_strategy, strategy_names
from loopwright.propose.strategy import Task

PROMPTS = Path(__file__).parent / "prompts"
SCRIPTS = {
    "zero-shot": ['{"steps":[{"step":"parallelize","loop":"i"}]}'],
    "few-shot": ['{"steps":[{"step":"parallelize","loop":"i"}]}'],
    "step-by-step": ['{"loop":"i"}', '{"reduce":[]}', '{"privatize":["s"]}'],
    "cot": ["The outer loop is parallel.", '{"steps":[{"step":"parallelize","loop":"i"}]}'],
    "tot": ['{"step":"parallelize","loop":"i"}'] * 3 + ['{"step":"done"}'] * 3,
    "react": [
        '{"action":"check","plan":{"steps":[{"step":"parallelize","loop":"i"}]}}',
        '{"action":"finish","plan":{"steps":[{"step":"parallelize","loop":"i"},{"step":"privatize","variable":"s"}]}}',
    ],
}


def written(messages: tuple[Message, ...]) -> str:
    return "\n".join(f"=== {message.role}\n{message.content}" for message in messages) + "\n"


def test_every_strategy_that_asks_a_model_has_its_prompt_written_down() -> None:
    assert set(SCRIPTS) == set(strategy_names()) - {"heuristic"}


@pytest.mark.parametrize("strategy", sorted(SCRIPTS))
def test_the_last_prompt_of_a_strategy(samples: SimpleNamespace, strategy: str, update_golden: bool) -> None:
    model = Scripted(SCRIPTS[strategy])
    task = Task(samples.row_sums, samples.host, count=1)
    list(require_strategy(strategy).propose(task, model, samples.judge(samples.row_sums)))
    prompt = written(model.calls[-1].messages)
    golden = PROMPTS / f"{strategy}.txt"
    if update_golden:
        golden.write_text(prompt, encoding="utf-8")
    assert prompt == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("strategy", sorted(SCRIPTS))
def test_a_prompt_is_short_enough_for_a_small_model(strategy: str) -> None:
    assert len((PROMPTS / f"{strategy}.txt").read_text(encoding="utf-8")) < 4200  # about 1,200 tokens


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("nest")


def test_values_are_not_templates() -> None:
    assert render("nest", abstract="{{ 7 * 7 }} {% raw %}").startswith("{{ 7 * 7 }} {% raw %}")


def test_the_system_message_names_every_step() -> None:
    for step in ("parallelize", "simd", "reduce", "privatize", "atomic", "interchange", "tile"):
        assert f'"step":"{step}"' in system().content
    assert '"steps"' not in system(plans=False).content


def test_the_worked_examples_are_plans_for_what_they_show() -> None:
    for template, steps in EXAMPLES:
        text = render(template)
        loops = {
            line.split(":")[0].strip() for line in text.partition("loops:\n")[2].partition("accesses:")[0].splitlines()
        }
        for step in steps:
            loop = getattr(step, "loop", None)
            assert loop is None or loop in loops
            variable = getattr(step, "variable", None)
            assert variable is None or f"with reduce {variable}" in text or f"with privatize {variable}" in text


def test_a_plan_is_written_without_its_defaults(samples: SimpleNamespace) -> None:
    text = write_plan(EXAMPLES[0][1])
    assert text == '{"steps":[{"step":"interchange","order":["r","c"]},{"step":"parallelize","loop":"r"}]}'
    nest = samples.matmul.nest
    assert decode_plan('{"steps":[]}', nest) == type(decode_plan('{"steps":[]}', nest))(nest.id, ())
