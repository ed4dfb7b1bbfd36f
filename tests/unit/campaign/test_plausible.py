"""What a store may not say: figures that no run gives."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.campaign.plausible import checked_peaks, checked_timings, checked_work
from loopwright.campaign.store import Store
from loopwright.core.campaign import Timing
from loopwright.core.codec import decode
from loopwright.core.codes import Code
from loopwright.core.measurement import Series
from loopwright.errors import UserError
from stored_values import HOST, make_peaks, make_timing, make_timings, make_work

GOOD = make_timing()


def test_what_runs_leave_behind_passes() -> None:
    assert checked_timings(make_timings()) == make_timings()
    assert checked_work(make_work()) == make_work()
    assert checked_peaks((make_peaks(1),)) == (make_peaks(1),)


@pytest.mark.parametrize(
    "timing",
    [
        replace(GOOD, median=math.inf),
        replace(GOOD, low=math.nan),
        replace(GOOD, high=-1.0),
        replace(GOOD, compile_s=1e300),
        replace(GOOD, threads=10**400),
        replace(GOOD, sizes=(("n", 10**30),)),
        replace(GOOD, failure=Code.BUILD_FAILED),
        replace(GOOD, series=Series("x", (), ())),
        replace(GOOD, series=Series("x", (0.0,), ())),
        replace(GOOD, series=Series("x", (1.0, -1.0), ())),
        replace(GOOD, series=Series("x", (1.0,), (math.inf,))),
    ],
)
def test_a_timing_that_cannot_be_is_refused_with_its_row(timing: Timing, tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        store.put_timings("key", HOST, (timing,))
        with pytest.raises(UserError, match="is damaged"):
            list(store.fields())
        with pytest.raises(UserError, match="is damaged"):
            store.timings("key")


def test_work_and_peaks_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        checked_work(replace(make_work(), flops=-1))
    with pytest.raises(ValueError, match="cannot be"):
        checked_work(replace(make_work(), compulsory_bytes=10**400))
    with pytest.raises(ValueError, match="cannot be"):
        checked_peaks((replace(make_peaks(1), bytes_per_s=math.inf),))


def test_a_number_beyond_all_doubles_is_no_float() -> None:
    with pytest.raises(ValueError, match="too large"):
        decode(float, 10**400)
