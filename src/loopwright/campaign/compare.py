"""Summary, Summary -> Comparison."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.campaign import MethodKind, Timing, method_name
from loopwright.core.comparison import Change, ChangeKind, Comparison
from loopwright.core.summary import Sizes, Summary

_KINDS = tuple(ChangeKind)
_NOT_APPLICABLE = "not applicable"
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
        if isinstance(found, Change):
            changes.append(found)
        else:
            unchanged += found
    changes.sort(key=lambda item: (_KINDS.index(item.kind), item.kernel, item.method, item.sizes, item.threads))
    return Comparison(before.host.id, after.host.id, tuple(changes), unchanged)


def timing_answer(timing: Timing) -> str:
    """Return what became of a timing: ``timed``, ``objected``, a failure's code, or ``not applicable``."""
    if timing.objections:
        return f"objected: {'; '.join(timing.objections)}"
    if timing.series is not None:
        return "timed"
    return f"failed: {timing.failure}" if timing.failure is not None else _NOT_APPLICABLE


def _plans(before: Summary, after: Summary) -> Iterator[Change | int]:
    """Yield each change, and 1 for each evaluation that is what it was."""
    olds, news = (
        {(plan.kernel, method_name(plan.model, plan.strategy), (), 0, plan.seed): plan.answer for plan in summary.plans}
        for summary in (before, after)
    )
    for key in sorted(olds.keys() | news.keys()):
        yield _change(key, olds.get(key), news.get(key)) or 1


def _timings(before: Summary, after: Summary, *, same_host: bool) -> Iterator[Change | int]:
    """Yield each change, and 1 for each evaluation that is what it was.

    What does not apply is no evaluation, and that it came or went is no change. The timing of a delivery is none
    either, because its plan is one; its changes are told all the same.
    """
    olds, news = (
        {(timing.kernel, timing.method, timing.sizes, timing.threads, 0): timing for timing in summary.timings}
        for summary in (before, after)
    )
    for key in sorted(olds.keys() | news.keys()):
        old, new = olds.get(key), news.get(key)
        known = [timing for timing in (old, new) if timing is not None]
        if all(timing_answer(timing) == _NOT_APPLICABLE for timing in known):
            continue
        change = _change(key, timing_answer(old) if old else None, timing_answer(new) if new else None)
        if change is None and same_host and old is not None and new is not None:
            change = _speed(key, old, new)
        yield change or int(known[0].kind is not MethodKind.LOOPWRIGHT)


def _change(key: _Key, old: str | None, new: str | None) -> Change | None:
    if old == new:
        return None
    kind = ChangeKind.OUTCOME
    if old is None or new is None:
        kind = ChangeKind.APPEARED if old is None else ChangeKind.DISAPPEARED
    kernel, method, sizes, threads, seed = key
    return Change(kind, kernel, method, sizes, threads, old or "", new or "", seed)


def _speed(key: _Key, old: Timing, new: Timing) -> Change | None:
    if not (old.counts and new.counts) or old.interval is None or new.interval is None:
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
