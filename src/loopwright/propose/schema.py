"""JSON schemas for one nest: constrained decoding can then name nothing that is not there.

A plan is ``{"steps": [...]}``, each step tagged as ``core.codec`` encodes it, e.g.
``{"step": "parallelize", "loop": "i"}``. ``decode`` checks every reply all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loopwright.core.plan import Schedule
from loopwright.propose.choices import Choices

MAX_STEPS = 6
TILE_SIZES = (8, 16, 32, 64, 128, 256)
CHUNKS = (1, 8, 64)
ACTIONS = ("dependences", "check", "cost", "measure", "finish")
_MAX_NAMES = 24

Json = dict[str, Any]


def plan_schema(choices: Choices) -> Json:
    """Return the schema of a whole plan."""
    steps = {"type": "array", "items": {"anyOf": _steps(choices)}, "minItems": 1, "maxItems": MAX_STEPS}
    return _object({"steps": steps})


def next_step_schema(choices: Choices) -> Json:
    """Return the schema of one step, or of ``{"step": "done"}``."""
    return {"anyOf": [*_steps(choices), _object({"step": {"const": "done"}})]}


def loop_schema(choices: Choices) -> Json:
    """Return the schema of ``{"loop": NAME}``, or "none"."""
    return _object({"loop": _names((*choices.loops, "none"))})


def reductions_schema(choices: Choices) -> Json:
    """Return the schema of ``{"reduce": [{"variable": ..., "operator": ...}]}``."""
    pairs = [
        _object({"variable": {"const": variable}, "operator": {"enum": list(operators)}})
        for variable, operators in choices.reductions[:_MAX_NAMES]
    ]
    return _object({"reduce": {"type": "array", "items": {"anyOf": pairs}, "maxItems": min(len(pairs), MAX_STEPS)}})


def privates_schema(choices: Choices) -> Json:
    """Return the schema of ``{"privatize": [NAME]}``."""
    return _object({"privatize": _list(choices.privates, 0, min(len(choices.privates), MAX_STEPS))})


def order_schema(choices: Choices) -> Json:
    """Return the schema of the step that reorders loops, or of ``{"step": "keep"}``."""
    return {"anyOf": [_object({"step": {"const": "keep"}}), *_reorderings(choices)]}


def action_schema(choices: Choices, actions: tuple[str, ...] = ACTIONS) -> Json:
    """Return the schema of one action of the ReAct loop, out of ``actions``."""
    plan = plan_schema(choices)
    loop = _names(choices.loops)
    kinds = [
        _object({"action": {"const": action}, **({"loop": loop} if action == "dependences" else {"plan": plan})})
        for action in actions
    ]
    return {"anyOf": kinds}


def _steps(choices: Choices) -> list[Json]:
    parallelize = {
        "step": {"const": "parallelize"},
        "loop": _names((*choices.loops, *choices.tile_loops)),
        "schedule": {"enum": [schedule.value for schedule in Schedule if schedule is not Schedule.AUTO]},
        "chunk": {"enum": list(CHUNKS)},
    }
    if choices.chains:
        parallelize["collapse"] = {"enum": list(range(2, 1 + max(len(chain) for chain in choices.chains)))}
    steps = [
        _object(parallelize, required=("step", "loop")),
        _object({"step": {"const": "simd"}, "loop": _names(choices.loops)}),
    ]
    steps += [
        _object({"step": {"const": "reduce"}, "variable": {"const": variable}, "operator": {"enum": list(operators)}})
        for variable, operators in choices.reductions[:_MAX_NAMES]
    ]
    if choices.privates:
        steps.append(_object({"step": {"const": "privatize"}, "variable": _names(choices.privates)}))
    steps += [
        _object({"step": {"const": "atomic"}, "statement": {"const": statement}, "variable": {"const": variable}})
        for statement, variable in choices.atomics[:_MAX_NAMES]
    ]
    return steps + _reorderings(choices)


def _reorderings(choices: Choices) -> list[Json]:
    steps: list[Json] = []
    for chain in choices.chains:
        steps.append(_object({"step": {"const": "interchange"}, "order": _list(chain, 2, len(chain))}))
        for depth in range(2, min(len(chain), 3) + 1):  # as many sizes as loops, which a schema cannot say otherwise
            sizes = {"type": "array", "items": {"enum": list(TILE_SIZES)}, "minItems": depth, "maxItems": depth}
            steps.append(_object({"step": {"const": "tile"}, "band": _list(chain, depth, depth), "sizes": sizes}))
    return steps


def _object(properties: Json, required: Sequence[str] | None = None) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def _names(names: Sequence[str]) -> Json:
    return {"enum": list(names)}


def _list(names: Sequence[str], shortest: int, longest: int) -> Json:
    return {"type": "array", "items": _names(names), "minItems": shortest, "maxItems": longest}
