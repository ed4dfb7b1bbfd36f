"""A bounded run of the fuzzer, and checks that it finds what it is there for."""

from __future__ import annotations

import pytest

from fuzz.examine import Tally, examine

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
