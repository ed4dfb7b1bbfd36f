"""A candidate of a search can do no more harm than take its time."""

from __future__ import annotations

import os
import signal
import time

import pytest

from loopwright.baselines.tuning.child import times_in_child


def test_times_come_back() -> None:
    assert times_in_child(lambda: [0.5, 1.25], 10.0) == [0.5, 1.25]


def test_nothing_that_a_candidate_writes_is_seen() -> None:
    seen = [0.0]

    def measure() -> list[float]:
        seen[0] = 1.0
        return seen

    assert times_in_child(measure, 10.0) == [1.0]
    assert seen == [0.0]


def raises() -> list[float]:
    raise SystemExit(0)


def crashes() -> list[float]:
    os.kill(os.getpid(), signal.SIGKILL)
    return [1.0]


def hangs() -> list[float]:
    time.sleep(60.0)
    return [1.0]


@pytest.mark.parametrize("measure", [raises, crashes])
def test_a_candidate_that_fails_gives_no_times(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(RuntimeError, match="failed"):
        times_in_child(measure, 10.0)


def test_a_candidate_that_hangs_is_ended() -> None:
    before = time.monotonic()
    with pytest.raises(TimeoutError, match="longer than"):
        times_in_child(hangs, 0.2)
    assert time.monotonic() - before < 30.0
