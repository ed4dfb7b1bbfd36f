from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Privatize, Reduce, Schedule, Simd, Tile
from loopwright.propose.decode import (
    MAX_CHARACTERS,
    Action,
    Done,
    NotDecoded,
    decode_action,
    decode_object,
    decode_plan,
    decode_step,
    decode_steps,
)
from loopwright.propose.prompt import write_plan


def plan_text(*steps: dict[str, Any]) -> str:
    return json.dumps({"steps": steps})


ALL_STEPS = (
    Interchange(("i", "k", "j")),
    Tile(("i", "k"), (32, 64)),
    Parallelize("i_tile", Schedule.DYNAMIC, 8, 2),
    Simd("j"),
    Reduce("C", ReductionOperator.ADD),
    Atomic("S0", "C"),
)


def test_a_private_scalar_survives_too(samples: SimpleNamespace) -> None:
    nest = samples.row_sums.nest
    assert decode_plan(write_plan((Privatize("s"),)), nest) == Plan(nest.id, (Privatize("s"),))


def test_a_plan_survives_writing_and_reading(samples: SimpleNamespace) -> None:
    nest = samples.matmul.nest
    assert decode_plan(write_plan(ALL_STEPS), nest) == Plan(nest.id, ALL_STEPS)


@pytest.mark.parametrize(
    "text",
    [
        '{"steps":[{"step":"parallelize","loop":"i"}]}',
        'Sure! Here is the plan:\n```json\n{"steps": [{"step": "parallelize", "loop": "i"}]}\n```\nGood luck.',
        'The set {i, j} is parallel. {"steps":[{"step":"parallelize","loop":"i"}]}',
        '{"thought":"a } in a string \\" {"} {"steps":[{"step":"parallelize","loop":"i"}]}',
        '<think>{"steps":[{"step":"parallelize","loop":"zz"}]}</think>{"steps":[{"step":"parallelize","loop":"i"}]}',
        '{"nest":"other:1","step":"plan","steps":[{"step":"parallelize","loop":"i"}]}',
    ],
)
def test_the_object_is_found_wherever_it_stands(samples: SimpleNamespace, text: str) -> None:
    nest = samples.matmul.nest
    assert decode_plan(text, nest) == Plan(nest.id, (Parallelize("i"),))


def test_steps_are_arranged_and_said_once(samples: SimpleNamespace) -> None:
    nest = samples.matmul.nest
    text = plan_text(
        {"step": "parallelize", "loop": "i"},
        {"step": "parallelize", "loop": "i"},
        {"step": "interchange", "order": ["k", "j"]},
    )
    assert decode_plan(text, nest) == Plan(nest.id, (Interchange(("k", "j")), Parallelize("i")))


def test_an_interchange_that_changes_nothing_is_left_out(samples: SimpleNamespace) -> None:
    nest = samples.matmul.nest
    same, other = {"step": "interchange", "order": ["i", "k"]}, {"step": "interchange", "order": ["k", "i"]}
    assert decode_plan(plan_text(same, {"step": "simd", "loop": "j"}), nest) == Plan(nest.id, (Simd("j"),))
    assert decode_plan(plan_text(other, same), nest) == Plan(
        nest.id, (Interchange(("k", "i")), Interchange(("i", "k")))
    )


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"step": "parallelize", "loop": "z"}, "no loop called 'z'; there is i, j, k"),
        ({"step": "parallelize", "loop": "i_tile"}, "no loop called 'i_tile'"),
        ({"step": "parallelize", "loop": "i", "collapse": 0}, "collapse is not between 1 and 3"),
        ({"step": "parallelize", "loop": "i", "collapse": 4}, "collapse is not between 1 and 3"),
        ({"step": "parallelize", "loop": "i", "chunk": 0}, "chunk is not between"),
        ({"step": "parallelize", "loop": "i", "chunk": 10**9}, "chunk is not between"),
        ({"step": "parallelize", "loop": "i", "num_threads": -1}, "num_threads is not between"),
        ({"step": "parallelize", "loop": "i", "schedule": "runtime"}, "'runtime' is not a valid Schedule"),
        ({"step": "parallelize", "loop": "i", "collapse": True}, "expected int"),
        ({"step": "parallelize", "loop": ["i"]}, "expected str"),
        ({"step": "parallelize", "loop": "i", "clause": "if(0)"}, "unknown field 'clause'"),
        ({"step": "parallelize"}, "missing"),
        ({"step": "system", "loop": "i"}, "unknown step 'system'"),
        ({"step": "reduce", "variable": "A", "operator": "+"}, "no variable with an update called 'A'"),
        ({"step": "reduce", "variable": "C", "operator": "-"}, "'-' is not a valid ReductionOperator"),
        ({"step": "privatize", "variable": "A"}, "no variable to privatize called 'A'"),
        ({"step": "atomic", "statement": "S1", "variable": "C"}, "no statement to make atomic called 'S1'"),
        ({"step": "atomic", "statement": "S0", "variable": "A"}, "no update there called 'A'"),
        ({"step": "interchange", "order": ["i", "i"]}, "must be different"),
        ({"step": "interchange", "order": []}, "must be different"),
        ({"step": "tile", "band": ["i", "j"], "sizes": [8]}, "2 loops and 1 sizes"),
        ({"step": "tile", "band": ["i"], "sizes": [0]}, "tile size is not between"),
        ({"step": "tile", "band": ["i"], "sizes": [1 << 40]}, "tile size is not between"),
    ],
)
def test_what_does_not_fit_the_nest_is_refused(samples: SimpleNamespace, step: dict[str, Any], reason: str) -> None:
    result = decode_plan(plan_text(step), samples.matmul.nest)
    assert isinstance(result, NotDecoded)
    assert reason in result.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no complete JSON object"),
        ("I cannot help with that.", "no complete JSON object"),
        ('{"steps":[{"step":"parallelize"', "no complete JSON object"),
        ('{"answer": 42}', "no list called steps"),
        ('{"steps": "all"}', "no list called steps"),
        ('[{"step":"parallelize","loop":"i"}]', "no list called steps"),
        (plan_text(*[{"step": "simd", "loop": "i"}] * 13), "13 steps"),
        ('{"steps":[{"step":"tile","band":["i"],"sizes":[NaN]}]}', "no complete JSON object"),
        ('{"steps":[{"step":"tile","band":["i"],"sizes":[' + "9" * 5000 + "]}]}", ""),
        ("{" * 30000, "no complete JSON object"),
        ("[" * 30000 + "{}", "no list called steps"),
        ('{"steps":' * 3000 + "0" + "}" * 3000, ""),
        ('{"steps":' + "[" * 9000 + "]" * 9000 + "}", ""),
        ("x" * (MAX_CHARACTERS + 1), "characters"),
    ],
)
def test_a_reply_that_is_no_plan_is_refused_quickly(samples: SimpleNamespace, text: str, reason: str) -> None:
    start = time.monotonic()
    result = decode_plan(text, samples.matmul.nest)
    assert isinstance(result, NotDecoded)
    assert reason in result.reason
    assert len(result.reason) < 300
    assert time.monotonic() - start < 2.0


def test_an_error_never_carries_control_characters(samples: SimpleNamespace) -> None:
    result = decode_plan(plan_text({"step": "simd", "loop": "\x1b[2J\ud800\n"}), samples.matmul.nest)
    assert isinstance(result, NotDecoded)
    assert result.reason.isprintable()


def test_a_single_step(samples: SimpleNamespace) -> None:
    nest = samples.matmul.nest
    assert decode_step('{"step":"simd","loop":"j"}', nest) == Simd("j")
    assert decode_step('{"step":"parallelize","loop":"j_tile"}', nest) == Parallelize("j_tile")
    assert decode_step('{"step":"done"}', nest) == Done()
    assert isinstance(decode_step('{"step":"simd","loop":"q"}', nest), NotDecoded)


def test_actions(samples: SimpleNamespace) -> None:
    nest = samples.matmul.nest
    simd = {"steps": [{"step": "simd", "loop": "k"}]}
    assert decode_action('{"action":"dependences","loop":"k"}', nest) == Action("dependences", "k")
    assert decode_action(json.dumps({"action": "finish", "plan": simd}), nest) == Action(
        "finish", plan=Plan(nest.id, (Simd("k"),))
    )
    for text, reason in (
        ('{"action":"dependences","loop":"zz"}', "no loop called 'zz'"),
        ('{"action":"dependences","loop":[1]}', "no loop called"),
        ('{"action":"delete","plan":{}}', "no action called 'delete'"),
        ('{"action":"check","plan":"all"}', "no plan"),
        ('{"action":"check","plan":{"steps":1}}', "no list called steps"),
    ):
        result = decode_action(text, nest)
        assert isinstance(result, NotDecoded)
        assert reason in result.reason


def test_answers_put_together(samples: SimpleNamespace) -> None:
    nest = samples.matmul.nest
    assert decode_steps([{"step": "simd", "loop": "k"}], nest) == Plan(nest.id, (Simd("k"),))
    assert isinstance(decode_steps([{"step": "simd", "loop": None}], nest), NotDecoded)
    assert decode_object('so {"loop": "i"}') == {"loop": "i"}


@hypothesis_settings(deadline=None)  # other work on the machine must not fail it
@given(
    text=st.text(max_size=300)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=20).map(json.dumps)
)
def test_no_text_raises(samples: SimpleNamespace, text: str) -> None:
    nest = samples.matmul.nest
    for reply in (text, f'{{"steps":[{text}]}}', f'{{"steps":[{{"step":{text}}}]}}'):
        assert isinstance(decode_plan(reply, nest), Plan | NotDecoded)
        assert isinstance(decode_action(reply, nest), Action | NotDecoded)
