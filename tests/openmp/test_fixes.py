"""Every fix that is proposed for a racy program leaves one without races, by the same rules."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.race import RaceVerdict
from loopwright.core.source import Source
from loopwright.legality.races.repair import apply_fix
from loopwright.pipeline.audit import audit, file_verdict, follow

PROGRAMS = Path(__file__).parent / "programs" / "racy"
# Which fix removes the race; a program that is not here has none that these kinds of fixes remove.
FIXES = {
    "called_in_other_ways.c": "reduction",
    "largest.c": "critical",
    "lock_of_each_thread.c": "reduction",
    "newton_third_law.c": "atomic",
    "offloaded_dot.c": "reduction",
    "own_memory_handed_out.c": "atomic",
    "read_together.cpp": "private",
    "running_sum.c": "critical",
    "teams_counter.c": "reduction",
    "wrong_bucket_lock.c": "atomic",
}
# Whose race comes from a missing order, which no exclusion makes up for.
UNORDERED = ("conjugate_gradient.c", "fibonacci.c", "gauss_seidel.c", "static_loops_of_other_chunks.c", "wavefront.c")


@pytest.mark.parametrize("name", sorted(FIXES))
def test_fix_leaves_no_race(name: str) -> None:
    path = PROGRAMS / name
    found = [verdict.fix for verdict in audit(path, settings=Settings(), run=False).constructs if verdict.fix]
    assert found
    assert {fix.kind for fix in found} == {FIXES[name]}
    for fix in {fix.edits: fix for fix in found}.values():
        changed = Source(str(path), apply_fix(path.read_bytes(), fix))
        concurrency, verdicts = follow(changed, (), Settings(), time.monotonic() + 60)
        assert file_verdict(concurrency, verdicts) is RaceVerdict.FREE, [each.reason for each in verdicts]


@pytest.mark.parametrize("name", UNORDERED)
def test_missing_order_is_no_missing_critical(name: str) -> None:
    report = audit(PROGRAMS / name, settings=Settings(), run=False)
    assert report.verdict is RaceVerdict.RACE
    assert not [verdict.fix for verdict in report.constructs if verdict.fix]


@pytest.mark.parametrize("name", ["checked_twice.c", "counted_behind_a_call.c"])
def test_no_critical_is_put_around_another_of_its_name(name: str) -> None:
    report = audit(PROGRAMS / name, settings=Settings(), run=False)
    assert report.verdict is RaceVerdict.RACE
    assert not [verdict.fix for verdict in report.constructs if verdict.fix]
