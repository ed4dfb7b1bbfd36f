"""The contexts around the touches of a region."""

from __future__ import annotations

from loopwright.core.concurrency import (
    Context,
    ContextKind,
    Region,
    Touch,
)

TEAMS = frozenset({ContextKind.TEAM, ContextKind.LEAGUE})


class Chains:
    """Answers for one region."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._chains: dict[int, tuple[Context, ...]] = {}

    def chain(self, number: int) -> tuple[Context, ...]:
        """Return the contexts around and including a context, outermost first."""
        if number not in self._chains:
            found: list[Context] = []
            current = number
            while current >= 0:
                found.append(self._region.contexts[current])
                current = self._region.contexts[current].parent
            self._chains[number] = tuple(found[::-1])
        return self._chains[number]

    def rank(self, touch: Touch) -> int:
        """Return the number of dimensions of a touch's instances."""
        return sum(len(context.dimensions) for context in self.chain(touch.context))

    def common(self, first: Touch, second: Touch) -> tuple[Context, ...]:
        """Return the contexts around both."""
        pairs = zip(self.chain(first.context), self.chain(second.context), strict=False)
        shared: list[Context] = []
        for one, other in pairs:
            if one.number != other.number:
                break
            shared.append(one)
        return tuple(shared)
