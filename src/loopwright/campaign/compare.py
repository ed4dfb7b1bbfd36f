"""Summary, Summary -> Comparison."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.campaign import Timing, method_name
from loopwright.core.comparison import Change, ChangeKind, Comparison
from loopwright.core.summary import Sizes, Summary

_KINDS = tuple(ChangeKind)
_Key = tuple[str, str, Sizes, int, int]
"""Kernel, method, sizes, threads (0 for a plan), seed (of a plan)."""


def compare(before: Summary, after: Summary) -> Comparison:
    """Return what became of every evaluation from ``before`` to ``after``.

    Speed-ups are compared only between runs on the same host; else outcomes alone are.
    """
    same_host = before.host.id == after.host.id
    changes: list[Change] = []
    unchanged = 0
    for found in (*_plans(before, after), *_timings(before, after, same_host=same_host)):
        if found is None:
            unchanged += 1
        else:
            changes.append(found)
    changes.sort(key=lambda item: (_KINDS.index(item.kind), item.kernel, item.method, item.sizes, item.threads))
    return Comparison(before.host.id, after.host.id, tuple(changes), unchanged)


def timing_answer(timing: Timing) -> str:
    """Return what became of a timing: ``timed``, ``objected``, a failure's code, or ``not applicable``."""
    if timing.objections:
        return f"objected: {'; '.join(timing.objections)}"
    if timing.series is not None:
        return "timed"
    return f"failed: {timing.failure}" if timing.failure is not None else "not applicable"


def _plans(before: Summary, after: Summary) -> Iterator[Change | None]:
    olds, news = (
        {(plan.kernel, method_name(plan.model, plan.strategy), (), 0, plan.seed): plan.answer for plan in summary.plans}
        for summary in (before, after)
    )
    for key in sorted(olds.keys() | news.keys()):
        yield _change(key, olds.get(key), news.get(key))


def _timings(before: Summary, after: Summary, *, same_host: bool) -> Iterator[Change | None]:
    olds, news = (
        {(timing.kernel, timing.method, timing.sizes, timing.threads, 0): timing for timing in summary.timings}
        for summary in (before, after)
    )
    for key in sorted(olds.keys() | news.keys()):
        old, new = olds.get(key), news.get(key)
        change = _change(key, timing_answer(old) if old else None, timing_answer(new) if new else None)
        if change is None and same_host and old is not None and new is not None:
            change = _speed(key, old, new)
        yield change


def _change(key: _Key, old: str | None, new: str | None) -> Change | None:
    if old == new:
        return None
    kind = ChangeKind.OUTCOME
    if old is None or new is None:
        kind = ChangeKind.APPEARED if old is None else ChangeKind.DISAPPEARED
    kernel, method, sizes, threads, seed = key
    return Change(kind, kernel, method, sizes, threads, old or "", new or "", seed)


def _speed(key: _Key, old: Timing, new: Timing) -> Change | None:
    if not (old.counts and new.counts):
        return None
    kernel, method, sizes, threads, seed = key
    kind = None
    if new.low > old.high:
        kind = ChangeKind.FASTER
    elif new.high < old.low:
        kind = ChangeKind.SLOWER
    return None if kind is None else Change(kind, kernel, method, sizes, threads, _words(old), _words(new), seed)


def _words(timing: Timing) -> str:
    return f"{timing.median:.2f}x [{timing.low:.2f}, {timing.high:.2f}] over {timing.baseline}"
