"""Reply -> plan, step, or action: the only door for what a model says.

A reply is searched for its first JSON object that fits; it may stand in prose or a code fence. Types are
checked by ``core.codec``, names against the nest, numbers against limits. Nothing is evaluated, and whatever
does not fit comes back as ``NotDecoded`` with words that can be shown to the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar, assert_never, cast

from loopwright.core.codec import decode
from loopwright.core.nest import LoopNest
from loopwright.core.plan import (
    Atomic,
    Interchange,
    Parallelize,
    Plan,
    Privatize,
    Reduce,
    Simd,
    Step,
    Tile,
    tile_loop_name,
)
from loopwright.propose.choices import Choices, choices_of

MAX_CHARACTERS = 1 << 15
MAX_STEPS = 12
_MAX_OBJECTS = 32
_MAX_SIZE = 1 << 16
_MAX_THREADS = 1 << 10

T = TypeVar("T")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NotDecoded:
    """Why a reply is not what was asked for."""

    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """The model wants no further step."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of the ReAct loop: ``dependences`` names a loop, the others carry a plan."""

    kind: str
    loop: str = ""
    plan: Plan | None = None


def decode_plan(text: str, nest: LoopNest) -> Plan | NotDecoded:
    """Return the plan in ``text``.

    Its steps are arranged as ``core.plan`` wants them, and an interchange that changes nothing is left out.
    """
    return _first_that_fits(text, lambda document: _plan(document, nest))


def decode_step(text: str, nest: LoopNest) -> Step | Done | NotDecoded:
    """Return the one step in ``text``, or ``Done``."""
    return _first_that_fits(text, lambda document: _step_or_done(document, nest))


def decode_action(text: str, nest: LoopNest) -> Action | NotDecoded:
    """Return the ReAct action in ``text``."""
    return _first_that_fits(text, lambda document: _action(document, nest))


def decode_object(text: str) -> Json | NotDecoded:
    """Return the first JSON object in ``text``, its content not looked at."""
    return _first_that_fits(text, lambda document: document)


def decode_steps(documents: list[Any], nest: LoopNest) -> Plan | NotDecoded:
    """Return the plan of step objects that were asked for one by one."""
    try:
        return _plan({"steps": documents}, nest)
    except ValueError as error:
        return NotDecoded(str(error))


def arrange(plan: Plan) -> Plan:
    """Return ``plan`` with the steps that reorder loops first, otherwise in their order, and none twice."""
    unique = dict.fromkeys(plan.steps)
    return Plan(plan.nest, tuple(sorted(unique, key=lambda step: not isinstance(step, Interchange | Tile))))


def _first_that_fits(text: str, read: Callable[[Json], T]) -> T | NotDecoded:
    if len(text) > MAX_CHARACTERS:
        return NotDecoded(f"the reply has {len(text)} characters; {MAX_CHARACTERS} is the most")
    reason = ""
    for document in _objects(text):
        try:
            return read(document)
        except ValueError as error:
            reason = reason or str(error)
    return NotDecoded(reason or "the reply holds no complete JSON object")


def _objects(text: str) -> Iterator[Json]:
    """Yield the balanced, well-formed JSON objects of ``text`` that are not inside another, in order."""
    start = 0
    for _ in range(_MAX_OBJECTS):
        start = text.find("{", start)
        end = _end_of_object(text, start) if start >= 0 else -1
        if start < 0:
            return
        if end < 0:  # an opening brace in prose, or a reply that was cut: look behind it
            start += 1
            continue
        try:
            document = json.loads(text[start:end], parse_constant=_no_constant)
        except (ValueError, RecursionError):
            start += 1
            continue
        yield document
        start = end


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _end_of_object(text: str, start: int) -> int:
    depth = 0
    in_string = escaped = False
    for index in range(start, len(text)):
        character = text[index]
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return index + 1
    return -1


def _plan(document: Json, nest: LoopNest) -> Plan:
    steps = document.get("steps")
    if not isinstance(steps, list):
        raise ValueError("the reply has no list called steps")
    if len(cast("list[Any]", steps)) > MAX_STEPS:
        raise ValueError(f"the plan has {len(cast('list[Any]', steps))} steps; {MAX_STEPS} is the most")
    plan = decode(Plan, {"nest": nest.id, "steps": steps})
    arranged = arrange(plan)
    _check(arranged.steps, choices_of(nest))
    first = arranged.steps[0] if arranged.steps else None
    if isinstance(first, Interchange) and _keeps_order(first, nest):
        return Plan(nest.id, arranged.steps[1:])
    return arranged


def _keeps_order(step: Interchange, nest: LoopNest) -> bool:
    """Return True if the loops have that order anyway."""
    depths = [nest.loop(loop).depth for loop in step.order if any(loop == known.name for known in nest.loops)]
    return len(depths) == len(step.order) and depths == sorted(depths)


def _step_or_done(document: Json, nest: LoopNest) -> Step | Done:
    if document.get("step") == "done":
        return Done()
    plan = decode(Plan, {"nest": nest.id, "steps": [document]})
    choices = choices_of(nest)
    _check(plan.steps, choices, tiled=choices.tile_loops)  # the steps before it may have made tile loops
    return plan.steps[0]


def _action(document: Json, nest: LoopNest) -> Action:
    kind = document.get("action")
    if kind == "dependences":
        loop = document.get("loop")
        if loop not in choices_of(nest).loops:
            raise ValueError(f"no loop called {_shown(loop)}")
        return Action("dependences", loop=str(loop))
    if kind in ("check", "cost", "measure", "finish"):
        plan = document.get("plan")
        if not isinstance(plan, dict):
            raise ValueError(f"the action {kind} has no plan")
        return Action(str(kind), plan=_plan(cast("Json", plan), nest))
    raise ValueError(f"no action called {_shown(kind)}")


def _check(steps: tuple[Step, ...], choices: Choices, tiled: tuple[str, ...] = ()) -> None:
    """Raise ValueError unless every name is one of the nest and every number is within its limits."""
    made = [tile_loop_name(loop) for step in steps if isinstance(step, Tile) for loop in step.band]
    loops = {*choices.loops, *made, *tiled}
    for step in steps:
        match step:
            case Parallelize():
                _one_of(step.loop, loops, "loop")
                _within(step.collapse, max([1, *map(len, choices.chains)]) * (2 if made or tiled else 1), "collapse")
                _within(1 if step.chunk is None else step.chunk, _MAX_SIZE, "chunk")
                _within(1 if step.num_threads is None else step.num_threads, _MAX_THREADS, "num_threads")
            case Simd():
                _one_of(step.loop, loops, "loop")
            case Reduce():
                _one_of(step.variable, {name for name, _ in choices.reductions}, "variable with an update")
            case Privatize():
                _one_of(step.variable, set(choices.privates), "variable to privatize")
            case Atomic():
                _one_of(step.statement, {name for name, _ in choices.atomics}, "statement to make atomic")
                _one_of(step.variable, {name for at, name in choices.atomics if at == step.statement}, "update there")
            case Interchange():
                _band(step.order, loops)
            case Tile():
                _band(step.band, set(choices.loops))
                if len(step.sizes) != len(step.band):
                    raise ValueError(f"tile has {len(step.band)} loops and {len(step.sizes)} sizes")
                for size in step.sizes:
                    _within(size, _MAX_SIZE, "tile size")
            case _:
                assert_never(step)


def _band(loops: tuple[str, ...], known: set[str]) -> None:
    for loop in loops:
        _one_of(loop, known, "loop")
    if len(loops) != len(set(loops)) or not loops:
        raise ValueError(f"the loops must be different: {', '.join(loops)}")


def _one_of(name: str, known: set[str], what: str) -> None:
    if name not in known:
        raise ValueError(f"no {what} called {_shown(name)}; there is {', '.join(sorted(known)) or 'none'}")


def _within(number: int, most: int, what: str) -> None:
    if not 1 <= number <= most:
        raise ValueError(f"{what} is not between 1 and {most}")


def _shown(value: Any) -> str:
    return ascii(value)[:60]
