from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from loopwright.campaign.compare import compare
from loopwright.campaign.store import Store
from loopwright.campaign.summary import summarise
from loopwright.core.campaign import MethodKind, PlanOutcome, Timing
from loopwright.core.codes import Code
from loopwright.core.comparison import ChangeKind
from loopwright.core.measurement import Series
from loopwright.core.summary import Summary
from synthetic_campaign import dice, make_outcome


def timing(method: str, speedup: float, *, spread: float = 0.05, samples: int = 6) -> Timing:
    low, high = speedup * (1 - spread), speedup * (1 + spread)
    series = Series(method, (1.0 / speedup,) * samples, ())
    return Timing("k", method, MethodKind.COMPILER, (("n", 9),), 2, series, speedup, low, high, "gcc-O3")


def summary(
    folder: Path, name: str, timings: tuple[Timing, ...], plans: Iterable[PlanOutcome] = (), host: str = "here"
) -> Summary:
    with Store.open(folder / f"{name}.db") as store:
        store.put_timings("field", host, timings)
        for plan in plans:
            store.put_plan(f"{plan.kernel} {plan.method}", host, plan)
        return summarise(store)


def test_speed_changes_only_beyond_the_intervals(tmp_path: Path) -> None:
    before = summary(tmp_path, "a", (timing("up", 2.0), timing("down", 2.0), timing("same", 2.0), timing("near", 2.0)))
    after = summary(tmp_path, "b", (timing("up", 3.0), timing("down", 1.0), timing("same", 2.0), timing("near", 2.15)))
    found = compare(before, after)
    assert found.same_host
    assert [(change.kind, change.method) for change in found.changes] == [
        (ChangeKind.FASTER, "up"),
        (ChangeKind.SLOWER, "down"),
    ]
    assert found.unchanged == 2
    [change] = found.of(ChangeKind.SLOWER)
    assert (change.before, change.after) == ("2.00x [1.90, 2.10] over gcc-O3", "1.00x [0.95, 1.05] over gcc-O3")


def test_without_an_interval_nothing_is_faster_or_slower(tmp_path: Path) -> None:
    before = summary(tmp_path, "a", (timing("up", 2.0, samples=5), timing("down", 2.0)))
    after = summary(tmp_path, "b", (timing("up", 3.0), timing("down", 1.0, samples=5)))
    found = compare(before, after)
    assert (found.changes, found.unchanged) == ((), 2)


def test_speeds_of_two_hosts_are_not_compared(tmp_path: Path) -> None:
    failed = replace(timing("b", 1.0), series=None, failure=Code.TIMED_OUT, reason="60 s")
    before = summary(tmp_path, "a", (timing("a", 2.0), timing("b", 1.0)), host="here")
    after = summary(tmp_path, "b", (timing("a", 9.0), failed), host="there")
    found = compare(before, after)
    assert not found.same_host
    assert [(change.kind, change.method, change.after) for change in found.changes] == [
        (ChangeKind.OUTCOME, "b", "failed: LW407")
    ]


def test_what_came_and_went(tmp_path: Path) -> None:
    before = summary(tmp_path, "a", (timing("old", 2.0), timing("stays", 1.0)))
    after = summary(tmp_path, "b", (timing("new", 2.0), timing("stays", 1.0)))
    found = compare(before, after)
    assert [(change.kind, change.method) for change in found.changes] == [
        (ChangeKind.APPEARED, "new"),
        (ChangeKind.DISAPPEARED, "old"),
    ]


def test_what_does_not_apply_is_no_evaluation(tmp_path: Path) -> None:
    """Nor is the timing of a delivery, whose plan is one."""
    absent = replace(timing("icx", 1.0), series=None, reason="not installed")
    own = replace(timing("loopwright:embedded/tot", 2.0), kind=MethodKind.LOOPWRIGHT)
    went = replace(absent, method="tvm")
    plan = make_outcome("k", "embedded", "tot", dice("k"))
    before = summary(tmp_path, "a", (timing("a", 1.0), own, absent, went), (plan,))
    after = summary(tmp_path, "b", (timing("a", 1.0), own, absent), (plan,))
    found = compare(before, after)
    assert (found.changes, found.unchanged) == ((), 2)
    assert before.counts.evaluations == 2
    now = summary(tmp_path, "c", (timing("a", 1.0), own, timing("icx", 1.0)), (plan,))
    [change] = compare(before, now).changes
    assert (change.kind, change.before, change.after) == (ChangeKind.OUTCOME, "not applicable", "timed")


def test_an_objection_is_another_outcome_whatever_the_speed(tmp_path: Path) -> None:
    before = summary(tmp_path, "a", (timing("a", 2.0),))
    after = summary(tmp_path, "b", (replace(timing("a", 9.0), objections=("wrong results",)),))
    [change] = compare(before, after).changes
    assert (change.kind, change.before, change.after) == (ChangeKind.OUTCOME, "timed", "objected: wrong results")


def test_a_plan_that_is_no_longer_delivered_is_told(tmp_path: Path) -> None:
    good = make_outcome("k", "embedded", "tot", dice("k"))
    refused = make_outcome("dijkstra", "embedded", "tot", dice("k"))
    worse = replace(refused, kernel="k", report=replace(refused.report, nests=refused.report.nests[:1]))
    before = summary(tmp_path, "a", (timing("a", 1.0),), (good,))
    after = summary(tmp_path, "b", (timing("a", 1.0),), (worse,))
    [change] = compare(before, after).changes
    assert (change.kind, change.method, change.before, change.after) == (
        ChangeKind.OUTCOME,
        "loopwright:embedded/tot",
        "nests: 1 delivered",
        "nests: 1 refused",
    )
