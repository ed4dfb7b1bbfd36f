"""Which instances of two touches may run side by side.

Instances are compared context by context, from the root inwards, up to the first context in which they differ:

* different threads of a team run side by side unless a barrier lies between them;
* different teams of a league always do;
* different iterations or places run by one thread follow one another, but for tasks made on the way: a task runs
  on until its maker waits for it (OpenMP 5.2, chapters 11, 12 and 15);
* different lanes of a SIMD loop run side by side up to ``safelen`` iterations apart.
"""

from __future__ import annotations

from dataclasses import replace

from loopwright.core.concurrency import (
    Context,
    ContextKind,
    Touch,
    Wait,
    WaitKind,
)
from loopwright.legality.races.chains import TEAMS
from loopwright.legality.races.order import Order, differ, swapped, with_constraints
from loopwright.legality.races.worksharing import LoopOrders


class Orders(LoopOrders):
    """Answers for one region."""

    def between(self, first: Touch, second: Touch) -> list[Order]:
        """Return the pairs of instances of two touches (or of one and itself) that may run side by side.

        The second one does not stand before the first in program order.
        """
        common = self.common(first, second)
        found: list[Order] = []
        equal: list[str] = []
        position = 0
        for level, context in enumerate(common):
            own = range(position, position + len(context.dimensions))
            position += len(context.dimensions)
            if own:
                for order in self._differing(level, context, own, common, first, second):
                    found.append(replace(with_constraints(order, equal), level=level))
            equal += [f"x{number} = y{number}" for number in own]
        if first != second:
            same = self._same_instance(common, first, second)
            found += [replace(with_constraints(order, equal), level=len(common)) for order in same]
        return found

    def _differing(
        self,
        level: int,
        context: Context,
        own: range,
        common: tuple[Context, ...],
        first: Touch,
        second: Touch,
    ) -> list[Order]:
        """Return the pairs that differ in ``context`` first."""
        apart = differ(own)
        match context.kind:
            case ContextKind.TEAM:
                below = self._threads(level + 1, own.stop, common, first, second)
                return [with_constraints(order, [apart]) for order in below]
            case ContextKind.LEAGUE:
                below = self._teams(level + 1, own.stop, common)
                return [with_constraints(order, [apart]) for order in below]
            case ContextKind.SIMD:
                return self._lanes(context, own, first, second)
            case ContextKind.TASKLOOP:
                return [Order((apart,))]
            case ContextKind.WORK:
                # One thread runs both, in an order that is not known.
                found = self._after(level, own, common, first, second, distance=None)
                found += [swapped(order) for order in self._after(level, own, common, second, first, distance=None)]
                lanes = self._lanes(context, own, first, second) if context.has_lanes else []
                return [with_constraints(order, [apart]) for order in found] + lanes
            case _:
                step = context.step
                found = self._after(level, own, common, first, second, distance=step)
                found += [swapped(order) for order in self._after(level, own, common, second, first, distance=step)]
                return found

    # Threads of a team.

    def _threads(
        self, level: int, position: int, common: tuple[Context, ...], first: Touch, second: Touch
    ) -> list[Order]:
        """Return the pairs, run by different threads, that no barrier keeps apart."""
        if level == len(common):
            return self._across_barriers(common, first, second)
        context = common[level]
        own = range(position, position + len(context.dimensions))
        match context.kind:
            case ContextKind.LOOP:
                same = self._threads(level + 1, own.stop, common, first, second)
                equal = [f"x{number} = y{number}" for number in own]
                found = [with_constraints(order, equal) for order in same]
                return found + self._across_iterations(context, own, first, second)
            case ContextKind.WORK:
                return self._iterations(context, own, first, second)
            case ContextKind.SINGLE | ContextKind.SECTION:
                return []  # one thread runs it
            case ContextKind.SECTIONS | ContextKind.TASKGROUP | ContextKind.ORDERED | ContextKind.INCLUDED:
                return self._threads(level + 1, own.stop, common, first, second)
            case _:
                return [Order(())]

    def _across_barriers(self, common: tuple[Context, ...], first: Touch, second: Touch) -> list[Order]:
        barriers = [wait for wait in self._barriers(common[-1]) if first.sequence < wait.sequence < second.sequence]
        around = {context.number for touch in (first, second) for context in self.chain(touch.context)}
        branches = {*first.branches, *second.branches}
        certain = [wait for wait in barriers if wait.context in around and set(wait.branches) <= branches]
        return [] if certain else self.apart(first, second, is_exact=not barriers)

    def _barriers(self, inside: Context) -> list[Wait]:
        """Return the barriers of the innermost team around ``inside`` that stand in it."""
        found: list[Wait] = []
        for wait in self._region.waits:
            if wait.kind is not WaitKind.BARRIER:
                continue
            chain = self.chain(wait.context)
            numbers = [context.number for context in chain]
            if inside.number not in numbers:
                continue
            below = chain[numbers.index(inside.number) + 1 :]
            if not any(context.kind in TEAMS for context in below):
                found.append(wait)
        return found

    def _across_iterations(self, loop: Context, own: range, first: Touch, second: Touch) -> list[Order]:
        """Return the pairs in different iterations of a serial loop that all threads run, each at its own pace."""
        barriers = self._barriers(loop)
        (number,) = own
        if not barriers:
            return [with_constraints(order, [f"x{number} != y{number}"]) for order in self.apart(first, second)]
        is_certain = any(set(wait.branches) <= set(loop.branches) and wait.context == loop.number for wait in barriers)
        if not is_certain:
            some = self.apart(first, second, is_exact=False)
            return [with_constraints(order, [f"x{number} != y{number}"]) for order in some]
        found: list[Order] = []
        for one, other, source, sink in ((first, second, "x", "y"), (second, first, "y", "x")):
            if self._is_behind(one, barriers, loop) or self._is_before(other, barriers, loop):
                continue
            step = loop.step or 1
            # With a barrier in every iteration, threads are at most one iteration apart.
            ahead = f"{sink}{number} = {source}{number} + {step}"
            some = self.apart(first, second, is_exact=bool(loop.step))
            found += [with_constraints(order, [ahead]) for order in some]
        return found

    def _is_behind(self, touch: Touch, waits: list[Wait], loop: Context) -> bool:
        """Return True if a wait certainly follows the touch in its iteration."""
        around = {context.number for context in self.chain(touch.context)}
        return any(
            wait.sequence > touch.sequence
            and wait.context in around
            and set(wait.branches) <= {*touch.branches, *loop.branches}
            for wait in waits
        )

    def _is_before(self, touch: Touch, waits: list[Wait], loop: Context) -> bool:
        """Return True if a wait certainly comes before the touch in its iteration."""
        around = {context.number for context in self.chain(touch.context)}
        return any(
            wait.sequence < touch.sequence
            and wait.context in around
            and set(wait.branches) <= {*touch.branches, *loop.branches}
            for wait in waits
        )

    # Teams of a league.

    def _teams(self, level: int, position: int, common: tuple[Context, ...]) -> list[Order]:
        """Return the pairs run in different teams: an iteration of a distributed loop runs in one alone."""
        if level == len(common):
            return [Order((), across_teams=True)]
        context = common[level]
        own = range(position, position + len(context.dimensions))
        equal = [f"x{number} = y{number}" for number in own]
        if context.kind is ContextKind.WORK and context.is_distributed:
            return [Order((differ(own),), across_teams=True)]
        if context.kind is ContextKind.LOOP:
            same = [with_constraints(order, equal) for order in self._teams(level + 1, own.stop, common)]
            return [*same, Order((differ(own),), across_teams=True)]
        if context.kind is ContextKind.TEAM:
            # Threads of different teams may have any numbers.
            return self._teams(level + 1, own.stop, common)
        if not own:
            return self._teams(level + 1, own.stop, common)
        return [Order((), across_teams=True)]

    # One thread, and the tasks that it makes.

    def _same_instance(self, common: tuple[Context, ...], first: Touch, second: Touch) -> list[Order]:
        """Return the order of two places in one instance of all contexts around both."""
        level = len(common) - 1
        if not common:
            return []  # outside all of them there is only one thread
        if common[-1].kind is ContextKind.SECTIONS:
            found = self._after(level, None, common, first, second, distance=None)
            return found + [swapped(order) for order in self._after(level, None, common, second, first, distance=None)]
        return self._after(level, None, common, first, second, distance=None)
