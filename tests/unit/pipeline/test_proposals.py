"""What a strategy is told of a plan's time: what is recalled, else what the clock says, and the same every time."""

from __future__ import annotations

import json
from collections.abc import Iterator

from loopwright.core.candidate import Candidate
from loopwright.core.measurement import Environment
from loopwright.core.plan import Parallelize, Plan, Simd
from loopwright.core.proposal import Proposal
from loopwright.legality.analyze import analyze_nest
from loopwright.models.scripted import Scripted
from loopwright.pipeline.proposals import NestTools, Recalled, collect
from loopwright.propose.registry import require_strategy
from snippets import SETTINGS, unit_of

UNIT = unit_of(
    "void scale(int n, double *restrict a, const double *restrict b) {\n"
    "    for (int i = 0; i < n; i++)\n"
    "        a[i] = 2.0 * b[i];\n"
    "}\n"
)
[NEST] = UNIT.functions[-1].nests
ANALYSIS = analyze_nest(NEST)
HOST = Environment("test", 4, 48 << 10, 1 << 20, 32 << 20, 8 << 30, "linux", ())
PARALLEL = Plan(NEST.id, (Parallelize("i"),))
VECTOR = Plan(NEST.id, (Simd("i"),))


def tools(times: Iterator[float | None], recalled: Recalled | None = None) -> NestTools:
    def screen(_candidate: Candidate) -> float | None:
        return next(times)

    return NestTools(UNIT.source, ANALYSIS, SETTINGS, screen, recalled)


def test_a_plan_is_timed_once() -> None:
    asked = tools(iter([1.5, None]))
    assert [asked.measure(plan) for plan in (PARALLEL, VECTOR, PARALLEL, VECTOR)] == [1.5, None, 1.5, None]
    assert asked.observed == {PARALLEL: 1.5, VECTOR: None}


def test_what_is_recalled_is_not_timed() -> None:
    asked = tools(iter([1.5]), Recalled(HOST, ((PARALLEL, 0.1 + 0.2),)))
    assert asked.measure(PARALLEL) == 0.1 + 0.2
    assert asked.measure(VECTOR) == 1.5
    assert asked.observed == {PARALLEL: 0.1 + 0.2, VECTOR: 1.5}


def test_what_cannot_be_made_is_not_timed() -> None:
    asked = tools(iter([]))
    assert asked.measure(Plan(NEST.id, (Parallelize("k"),))) is None


def test_a_strategy_sees_the_time_that_is_recalled() -> None:
    steps = {"steps": [{"step": "parallelize", "loop": "i"}]}
    turns = ({"action": "measure", "plan": steps}, {"action": "finish", "plan": steps})

    def proposed(asked: NestTools) -> Proposal:
        model = Scripted([json.dumps(turn) for turn in turns])
        reports, _ = collect(ANALYSIS, asked, model, require_strategy("react"), HOST, SETTINGS, float("inf"))
        return reports[0].proposal

    live = proposed(tools(iter([1.25])))
    assert "measured 1.25 times" in live.replies[-1].messages[-1].content
    assert proposed(tools(iter([4.0]), Recalled(HOST, ((PARALLEL, 1.25),)))) == live
    assert proposed(tools(iter([4.0]))) != live
