"""Two summaries side by side: which evaluations came, went, got faster, slower or another answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.summary import Sizes


class ChangeKind(StrEnum):
    """What happened to an evaluation from the first summary to the second.

    FASTER and SLOWER: the intervals of its speed-up have no point in common. OUTCOME: another answer (a nest that is no
    longer delivered, a timing that now fails).
    """

    APPEARED = "appeared"
    DISAPPEARED = "disappeared"
    FASTER = "faster"
    SLOWER = "slower"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Change:
    """One evaluation that is not what it was.

    Attributes:
        kind: What happened.
        kernel, method: Whose.
        sizes, threads: Of the field; ``threads`` is 0 for a plan.
        before, after: In words; "" where it was not there.
        seed: Of a plan.
    """

    kind: ChangeKind
    kernel: str
    method: str
    sizes: Sizes
    threads: int
    before: str
    after: str
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer of ``bench compare``.

    Attributes:
        before_host, after_host: Names of the hosts; speed-ups are compared only if they are the same.
        changes: Sorted by kind, then by kernel and method.
        unchanged: Number of evaluations that are in both and say the same.
    """

    before_host: str
    after_host: str
    changes: tuple[Change, ...]
    unchanged: int

    @property
    def same_host(self) -> bool:
        """Return True if speed-ups were compared."""
        return self.before_host == self.after_host

    def of(self, kind: ChangeKind) -> tuple[Change, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)
