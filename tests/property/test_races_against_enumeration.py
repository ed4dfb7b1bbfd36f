"""The race rules against brute force: every pair of pieces of work, every path of what happens before what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from loopwright.config import Settings
from loopwright.core.race import RaceVerdict
from loopwright.core.source import Source
from loopwright.frontend.openmp.explore import explore
from loopwright.frontend.openmp.program import load_program
from loopwright.legality.races.decide import decide
from property.random_openmp import Program, task_program, thread_program

BLOCKS = 6
PROGRAMS_PER_BLOCK = 20
# Of these programs nothing is out of the rules' reach, but for chains of dependences that meet under conditions.
MOST_UNKNOWN = 0.1


def verdict_of(program: Program) -> RaceVerdict:
    source = Source("/nowhere/program.c", program.text.encode())
    found = {each.verdict for each in decide(explore(load_program(source, (), Settings())))}
    for verdict in (RaceVerdict.RACE, RaceVerdict.UNKNOWN):
        if verdict in found:
            return verdict
    return RaceVerdict.FREE


@pytest.mark.parametrize("make", [thread_program, task_program])
@pytest.mark.parametrize("block", range(BLOCKS))
def test_verdicts_agree_with_enumeration(make: Callable[[int], Program], block: int) -> None:
    unknown = 0
    for seed in range(block * PROGRAMS_PER_BLOCK, (block + 1) * PROGRAMS_PER_BLOCK):
        program = make(seed)
        verdict = verdict_of(program)
        unknown += verdict is RaceVerdict.UNKNOWN
        wrong = RaceVerdict.FREE if program.has_race else RaceVerdict.RACE
        assert verdict is not wrong, f"seed {seed}\n{program.text}"
    assert unknown <= MOST_UNKNOWN * PROGRAMS_PER_BLOCK


@pytest.mark.parametrize("make", [thread_program, task_program])
def test_programs_are_of_both_kinds(make: Callable[[int], Program]) -> None:
    racy = sum(make(seed).has_race for seed in range(200))
    assert 50 < racy < 150
