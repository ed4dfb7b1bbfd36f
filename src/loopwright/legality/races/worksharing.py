"""The order of the iterations of worksharing and SIMD loops."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.concurrency import (
    Context,
    ContextKind,
    Post,
    Touch,
)
from loopwright.legality.races.chains import TEAMS
from loopwright.legality.races.order import Order, before
from loopwright.legality.races.tasks import STRANDS, TaskOrders

_UNSAID = "the static schedules of their loops do not say that different threads run them"


@dataclass(frozen=True, slots=True)
class _StaticLoop:
    """A worksharing loop with a static schedule.

    Attributes:
        context: The loop.
        own: Its dimensions.
        thread: The dimension that is the number of the thread.
    """

    context: Context
    own: range
    thread: int

    def dealt_to_two(self, letter: str) -> str:
        """Return which of two threads runs an iteration, for a loop with chunks of known size."""
        step, first = self.context.step, self.context.first
        iterator = f"{letter}{self.own.start}"
        distance = f"{iterator} - ({first})" if step > 0 else f"{first} - {iterator}"
        return f"{letter}{self.thread} = floor(({distance})/{abs(step) * (self.context.chunk or 1)}) mod 2"


class LoopOrders(TaskOrders):
    """The order of iterations that threads share, and of those that run in lanes."""

    def _iterations(self, work: Context, own: range, first: Touch, second: Touch) -> list[Order]:
        """Return the pairs in different iterations of one run of a worksharing loop."""
        found: list[Order] = []
        for one, other, source, sink in ((first, second, "x", "y"), (second, first, "y", "x")):
            if self._is_handed_on(work, one, other):
                continue
            posted, is_exact = self._posted(work, own, one, other, source, sink)
            is_exact = is_exact and not self._is_handed_on(work, one, other, sure=False)
            ahead = before(own, source, sink, work.step)
            found.append(Order(tuple(each for each in (ahead, posted) if each), is_exact=is_exact))
        return found

    def _is_handed_on(self, work: Context, earlier: Touch, later: Touch, *, sure: bool = True) -> bool:
        """Return True if ``ordered`` blocks put every earlier iteration's touch before the later's.

        Unless ``sure``, blocks that some ways round leave out count, too.
        """
        blocks = self._ordered_blocks(work)
        ahead = any(
            block in self.chain(earlier.context)
            or (earlier.sequence < block.sequence and (not sure or _always(block, earlier, work)))
            for block in blocks
        )
        behind = any(
            block in self.chain(later.context)
            or (later.sequence > block.last_sequence and (not sure or _always(block, later, work)))
            for block in blocks
        )
        return ahead and behind

    def _posted(
        self, work: Context, own: range, earlier: Touch, later: Touch, source: str, sink: str
    ) -> tuple[str, bool]:
        """Return what is left of the pairs when those that doacross dependences order are out; and if that is exact."""
        posts = [post for post in self._region.posts if work in self.chain(post.context)]
        sources = [
            post
            for post in posts
            if post.distance is None and post.sequence > earlier.sequence and _always(post, earlier, work)
        ]
        sinks = [
            post
            for post in posts
            if post.distance is not None and post.sequence < later.sequence and _always(post, later, work)
        ]
        if not sources or not sinks:
            return "", not posts
        known = len(own) + self._inner(work, earlier, later)
        excluded: list[str] = []
        for post in sinks:
            distance = post.distance or ()
            # An iteration hands on what it waited for only if it waits first.
            if len(distance) > known or not any(post.sequence < source.sequence for source in sources):
                return "", False
            terms = [
                f"{sink}{own.start + number} = {source}{own.start + number} {'-' if step >= 0 else '+'} {abs(step)}*k"
                for number, step in enumerate(distance)
            ]
            excluded.append(f"exists (k : k >= 1 and {' and '.join(terms)})")
        return f"not ({' or '.join(f'({each})' for each in excluded)})", len(sinks) == 1

    def apart(self, first: Touch, second: Touch, *, is_exact: bool = True) -> list[Order]:
        """Return the pairs that different threads run of touches in one region, as far as static schedules tell.

        Loops that are shared out alike give equal iterations to one thread. An execution of which it is certain who
        runs what is that of two threads where both loops have chunks of known size.

        Args:
            first, second: The touches.
            is_exact: Nothing else orders the two.
        """
        one, other = self._static_loop(first), self._static_loop(second)
        if one is None or other is None:
            return [Order((), is_exact=is_exact)]
        is_alike = bool(one.context.assignment) and one.context.assignment == other.context.assignment
        pairs = zip(one.own, other.own, strict=True) if is_alike else ()
        differing = " or ".join(f"x{left} != y{right}" for left, right in pairs)
        constraints = (differing,) if differing else ()
        if not (one.context.chunk and other.context.chunk):
            return [Order(constraints, is_exact=is_exact and is_alike, doubt="" if is_alike else _UNSAID)]
        sizes = tuple(name for name, _ in self._region.parameters if name.startswith("threads"))
        dealt = (one.dealt_to_two("x"), other.dealt_to_two("y"), *(f"{name} = 2" for name in sizes))
        certain = Order((*constraints, *dealt), is_exact=is_exact, parameters=sizes)
        return [certain, Order(constraints, is_exact=False, doubt=_UNSAID)]

    def _static_loop(self, touch: Touch) -> _StaticLoop | None:
        """Return the loop with a static schedule that one team shares around a touch.

        Tasks made in its iterations count as well: other threads make those of other iterations.
        """
        chain = self.chain(touch.context)
        if sum(context.kind in TEAMS for context in chain) != 1:
            return None
        position = thread = 0
        for context in chain:
            if context.kind in STRANDS:
                return None
            if context.kind in TEAMS:
                thread = position
            own = range(position, position + len(context.dimensions))
            if context.chunk is not None:
                return _StaticLoop(context, own, thread)
            position = own.stop
        return None

    def _inner(self, work: Context, first: Touch, second: Touch) -> int:
        """Return the number of dimensions of the serial loops directly inside ``work`` that are around both touches."""
        common = self.common(first, second)
        inside = common[common.index(work) + 1 :]
        return sum(len(context.dimensions) for context in inside if context.kind is ContextKind.LOOP)

    def _lanes(self, context: Context, own: range, first: Touch, second: Touch) -> list[Order]:
        """Return the pairs in different iterations of a SIMD loop that may be in one vector."""
        found: list[Order] = []
        step = abs(context.step) or 1
        for one, other, source, sink in ((first, second, "x", "y"), (second, first, "y", "x")):
            limits = [before(own, source, sink, context.step)]
            if context.safelen is not None and len(own) == 1:
                near = f"{sink}{own.start} - {source}{own.start}"
                near = near if context.step >= 0 else f"{source}{own.start} - {sink}{own.start}"
                limits.append(f"{near} < {context.safelen * step}")
            if self._is_in_order(context, one, other):
                continue
            # A vector runs statement by statement: what stands first in the text is done first in all lanes.
            is_forward = one.sequence < other.sequence
            found.append(Order(tuple(limits), is_exact=not is_forward, lanes=True))
        return found

    def _is_in_order(self, context: Context, one: Touch, other: Touch) -> bool:
        blocks = self._ordered_blocks(context)
        return any(block in self.chain(one.context) for block in blocks) and any(
            block in self.chain(other.context) for block in blocks
        )

    def _ordered_blocks(self, loop: Context) -> list[Context]:
        """Return the ``ordered`` blocks inside a loop."""
        return [
            context
            for context in self._region.contexts
            if context.kind is ContextKind.ORDERED and loop in self.chain(context.number)
        ]


def _always(place: Post | Context, touch: Touch, work: Context) -> bool:
    """Return True if an iteration of ``work`` that comes to the touch comes to the place, too."""
    return set(place.branches) <= {*touch.branches, *work.branches}
