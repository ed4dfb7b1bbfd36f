from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from loopwright.core.nest import LoopKind
from loopwright.propose.choices import choices_of
from loopwright.propose.schema import (
    action_schema,
    loop_schema,
    next_step_schema,
    order_schema,
    plan_schema,
    privates_schema,
    reductions_schema,
)


def steps_of(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for variant in schema["properties"]["steps"]["items"]["anyOf"]:
        found.setdefault(variant["properties"]["step"]["const"], []).append(variant["properties"])
    return found


def test_a_plan_can_name_what_the_nest_has_and_nothing_else(samples: SimpleNamespace) -> None:
    steps = steps_of(plan_schema(choices_of(samples.matmul.nest)))
    assert steps["parallelize"][0]["loop"]["enum"] == ["i", "j", "k", "i_tile", "j_tile", "k_tile"]
    assert steps["parallelize"][0]["collapse"]["enum"] == [2, 3]
    assert steps["simd"][0]["loop"]["enum"] == ["i", "j", "k"]
    assert [step["variable"]["const"] for step in steps["reduce"]] == ["C"]
    assert steps["reduce"][0]["operator"]["enum"] == ["+"]
    assert "privatize" not in steps
    assert (steps["atomic"][0]["statement"]["const"], steps["atomic"][0]["variable"]["const"]) == ("S0", "C")
    assert [step["band"]["minItems"] for step in steps["tile"]] == [2, 3]
    assert steps["interchange"][0]["order"]["items"]["enum"] == ["i", "j", "k"]


def test_steps_without_a_candidate_are_not_offered(samples: SimpleNamespace) -> None:
    steps = steps_of(plan_schema(choices_of(samples.recurrence.nest)))
    assert set(steps) == {"parallelize", "simd"}
    assert "collapse" not in steps["parallelize"][0]


def test_loops_that_cannot_be_changed_are_not_offered(samples: SimpleNamespace) -> None:
    nest = samples.matmul.nest
    i, j, k = nest.loops
    changed = (replace(i, kind=LoopKind.UNCOUNTED), j, replace(k, is_in_macro=True))
    choices = choices_of(replace(nest, loops=changed))
    assert choices.loops == ("j",)
    assert choices.chains == ()


def test_chains_start_at_every_loop_that_is_no_child_of_another(samples: SimpleNamespace) -> None:
    choices = choices_of(samples.matmul.nest)
    assert choices.chains == (("i", "j", "k"),)
    assert choices.chain_from("j") == ("j", "k")
    assert choices_of(samples.row_sums.nest).chain_from("i") == ("i",)


def test_only_variables_of_the_function_are_privatized(samples: SimpleNamespace) -> None:
    nest = samples.row_sums.nest
    s, a, b = nest.variables
    assert choices_of(nest).privates == ("s",)  # b is memory of the caller
    assert choices_of(replace(nest, variables=(s, a, replace(b, is_pointer=False)))).privates == ("s", "b")
    assert choices_of(replace(nest, variables=(replace(s, scope="i"), a, b))).privates == ()


def test_the_questions_of_single_steps(samples: SimpleNamespace) -> None:
    choices = choices_of(samples.matmul.nest)
    assert loop_schema(choices)["properties"]["loop"]["enum"] == ["i", "j", "k", "none"]
    assert reductions_schema(choices)["properties"]["reduce"]["items"]["anyOf"][0]["properties"]["variable"] == {
        "const": "C"
    }
    privates = choices_of(samples.row_sums.nest)
    assert privates_schema(privates)["properties"]["privatize"]["items"] == {"enum": ["s"]}
    assert order_schema(choices)["anyOf"][0]["properties"]["step"] == {"const": "keep"}
    assert next_step_schema(choices)["anyOf"][-1]["properties"]["step"] == {"const": "done"}
    kinds = [item["properties"]["action"]["const"] for item in action_schema(choices)["anyOf"]]
    assert kinds == ["dependences", "check", "cost", "measure", "finish"]
    [finish] = action_schema(choices, ("finish",))["anyOf"]
    assert finish["properties"]["plan"] == plan_schema(choices)


def test_every_schema_is_plain_json(samples: SimpleNamespace) -> None:
    for analysis in (samples.matmul, samples.histogram, samples.sweeps):
        choices = choices_of(analysis.nest)
        for make in (plan_schema, next_step_schema, loop_schema, order_schema, action_schema):
            schema = make(choices)
            assert json.loads(json.dumps(schema)) == schema
