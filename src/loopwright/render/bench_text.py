"""What ``bench compare`` says in a terminal. Each function returns one rich renderable; the caller owns the console."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from loopwright.core.comparison import Change, ChangeKind, Comparison
from loopwright.render.lines import heading, prose
from loopwright.render.metric_cells import short_method
from loopwright.render.quantities import sizes_text, threads_text
from loopwright.render.wording import counted

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
