"""What ``bench compare`` and ``bench status`` say in a terminal.

Each function returns one rich renderable; the caller owns the console.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from loopwright.core.comparison import Change, ChangeKind, Comparison
from loopwright.core.counted import counted
from loopwright.core.status import Status
from loopwright.render.lines import heading, prose
from loopwright.render.metric_cells import short_method
from loopwright.render.quantities import sizes_text, threads_text

# What is bad news comes first.
_WORDS = {
    ChangeKind.SLOWER: "slower",
    ChangeKind.DISAPPEARED: "disappeared",
    ChangeKind.OUTCOME: "another outcome",
    ChangeKind.FASTER: "faster",
    ChangeKind.APPEARED: "appeared",
}


def render_comparison(comparison: Comparison) -> RenderableType:
    """Return every change by kind, and how much stayed as it was."""
    return Group(*_comparison(comparison))


def render_status(status: Status) -> RenderableType:
    """Return the counts, and each failed task with its reason."""
    return Group(*_status(status))


def _status(status: Status) -> Iterator[RenderableType]:
    counts = f"{status.complete} complete, {status.failed} failed, {status.pending} pending"
    absent = f"{status.absent} {'does' if status.absent == 1 else 'do'} not apply here or"
    absent += f" {'is' if status.absent == 1 else 'are'} not installed"
    yield prose(f"{counted(status.evaluations, 'evaluation')}: {counts}; {absent}")
    if status.failures:
        yield heading(f"\n{counted(len(status.failures), 'task')} without a result")
    for failure in status.failures:
        tried = f" ({counted(failure.attempts, 'attempt')})" if failure.attempts > 1 else ""
        yield prose(f"{failure.task}: {failure.reason}{tried}", 2)


def _comparison(comparison: Comparison) -> Iterator[RenderableType]:
    counts = ", ".join(f"{len(comparison.of(kind))} {words}" for kind, words in _WORDS.items() if comparison.of(kind))
    yield heading(f"{counts or 'no change'}; {counted(comparison.unchanged, 'evaluation')} unchanged")
    if not comparison.same_host:
        yield prose(
            f"{comparison.before_host} and {comparison.after_host} are two hosts, so speed-ups were not compared: only "
            "what came, went, or ended otherwise"
        )
    for kind, words in _WORDS.items():
        changes = comparison.of(kind)
        if changes:
            yield heading(f"\n{words}")
        yield from (prose(_line(change), 2) for change in changes)


def _line(change: Change) -> str:
    field = f"{sizes_text(change.sizes)}, {threads_text(change.threads)}" if change.threads else f"seed {change.seed}"
    said = " -> ".join(words for words in (change.before, change.after) if words)
    return f"{change.kernel}: {short_method(change.method)} ({field}): {said}"
