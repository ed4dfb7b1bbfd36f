"""A bounded run of the fuzzer, and checks that it finds what it is there for."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from fuzz.affine import is_affine
from fuzz.compiled import Pair, run_batch
from fuzz.examine import NestCheck, Tally, examine, nests_of, subject_of
from fuzz.findings import write
from fuzz.generate import random_program
from fuzz.hunt import Hunt
from fuzz.print_c import print_c
from fuzz.program import (
    DOUBLE,
    INT,
    Assign,
    Bin,
    Decl,
    Elem,
    For,
    Form,
    Lit,
    Program,
    Storage,
    Var,
)
from fuzz.shrink import shrink
from loopwright.core.dependence import Witness
from loopwright.core.legality import DataEnvironment, Proved, Refuted
from loopwright.core.plan import Parallelize, Plan, Step
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan

SEEDS = range(10)
PROGRAMS_PER_SEED = 12


@pytest.mark.parametrize("block", SEEDS)
def test_no_answer_is_wrong(block: int) -> None:
    tally = Tally()
    for seed in range(block * PROGRAMS_PER_SEED, (block + 1) * PROGRAMS_PER_SEED):
        examine(seed, tally)
    assert not tally.findings, tally.findings[0]
    assert tally.pairs > 60
    assert tally.verdicts["Proved"] > 5
    assert tally.verdicts["Refuted"] > 10
    assert not tally.unguarded
