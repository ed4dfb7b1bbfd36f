"""Which instances of two touches may run side by side.

Instances are compared context by context, from the root inwards, up to the first context in which they differ:

* different threads of a team run side by side unless a barrier lies between them;
* different teams of a league always do;
* different iterations or places run by one thread follow one another, but for tasks made on the way: a task runs
  on until its maker waits for it (OpenMP 5.2, chapters 11, 12 and 15);
* different lanes of a SIMD loop run side by side up to ``safelen`` iterations apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from loopwright.core.assumption import MapText
from loopwright.core.concurrency import (
    Context,
    ContextKind,
    Depend,
    DependKind,
    Post,
    Region,
    Touch,
    Wait,
    WaitKind,
)

_TASKS = frozenset({ContextKind.TASK, ContextKind.TASKLOOP})
_STRANDS = frozenset({ContextKind.TASK, ContextKind.TASKLOOP, ContextKind.INCLUDED})
_TEAMS = frozenset({ContextKind.TEAM, ContextKind.LEAGUE})


@dataclass(frozen=True, slots=True)
class Order:
    """Pairs of instances that may run side by side.

    Attributes:
        constraints: On the dimensions ``x0, x1 ..`` of the first and ``y0, y1 ..`` of the second.
        is_exact: They do run side by side in some execution.
        across_teams: The two run in different teams, whom ``critical`` and locks do not keep apart.
        lanes: They run in lanes of one thread.
        ordered: Pairs of relations: a pair of instances for which these lead to one cell is ordered after all.
    """

    constraints: tuple[str, ...]
    is_exact: bool = True
    across_teams: bool = False
    lanes: bool = False
    ordered: tuple[tuple[MapText, MapText], ...] = ()

    def text(self, first: int, second: int) -> MapText:
        """Return the pairs as a map between spaces of these many dimensions."""
        left = ", ".join(f"x{position}" for position in range(first))
        right = ", ".join(f"y{position}" for position in range(second))
        condition = " and ".join(f"({each})" for each in self.constraints if each)
        return MapText(f"{{ [{left}] -> [{right}]{f' : {condition}' if condition else ''} }}")


class Orders:
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

    def between(self, first: Touch, second: Touch) -> list[Order]:
        """Return the pairs of instances of two touches (or of one and itself) that may run side by side."""
        common = self.common(first, second)
        found: list[Order] = []
        equal: list[str] = []
        position = 0
        for level, context in enumerate(common):
            own = range(position, position + len(context.dimensions))
            position += len(context.dimensions)
            if own:
                for order in self._differing(level, context, own, common, first, second):
                    found.append(_with(order, equal))
            equal += [f"x{number} = y{number}" for number in own]
        if first != second:
            found += [_with(order, equal) for order in self._same_instance(common, first, second)]
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
        differ = _differ(own)
        match context.kind:
            case ContextKind.TEAM:
                below = self._threads(level + 1, own.stop, common, first, second)
                return [_with(order, [differ]) for order in below]
            case ContextKind.LEAGUE:
                below = self._teams(level + 1, own.stop, common)
                return [_with(order, [differ]) for order in below]
            case ContextKind.SIMD:
                return self._lanes(context, own, first, second)
            case ContextKind.TASKLOOP:
                return [Order((differ,))]
            case ContextKind.WORK:
                # One thread runs both, in an order that is not known.
                found = self._after(level, own, common, first, second, distance=None)
                found += [_swapped(order) for order in self._after(level, own, common, second, first, distance=None)]
                lanes = self._lanes(context, own, first, second) if context.has_lanes else []
                return [_with(order, [differ]) for order in found] + lanes
            case _:
                step = context.step
                found = self._after(level, own, common, first, second, distance=step)
                found += [_swapped(order) for order in self._after(level, own, common, second, first, distance=step)]
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
                found = [_with(order, equal) for order in same]
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
        earlier, later = (first, second) if first.sequence <= second.sequence else (second, first)
        barriers = [wait for wait in self._barriers(common[-1]) if earlier.sequence < wait.sequence < later.sequence]
        around = {context.number for touch in (first, second) for context in self.chain(touch.context)}
        branches = {*first.branches, *second.branches}
        certain = [wait for wait in barriers if wait.context in around and set(wait.branches) <= branches]
        return [] if certain else [Order((), is_exact=not barriers)]

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
            if not any(context.kind in _TEAMS for context in below):
                found.append(wait)
        return found

    def _across_iterations(self, loop: Context, own: range, first: Touch, second: Touch) -> list[Order]:
        """Return the pairs in different iterations of a serial loop that all threads run, each at its own pace."""
        barriers = self._barriers(loop)
        (number,) = own
        if not barriers:
            return [Order((f"x{number} != y{number}",))]
        is_certain = any(set(wait.branches) <= set(loop.branches) and wait.context == loop.number for wait in barriers)
        if not is_certain:
            return [Order((f"x{number} != y{number}",), is_exact=False)]
        found: list[Order] = []
        for one, other, source, sink in ((first, second, "x", "y"), (second, first, "y", "x")):
            if self._is_behind(one, barriers, loop) or self._is_before(other, barriers, loop):
                continue
            step = loop.step or 1
            # With a barrier in every iteration, threads are at most one iteration apart.
            found.append(Order((f"{sink}{number} = {source}{number} + {step}",), is_exact=bool(loop.step)))
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

    def _iterations(self, work: Context, own: range, first: Touch, second: Touch) -> list[Order]:
        """Return the pairs in different iterations of one run of a worksharing loop."""
        found: list[Order] = []
        for one, other, source, sink in ((first, second, "x", "y"), (second, first, "y", "x")):
            if self._is_handed_on(work, one, other):
                continue
            posted, is_exact = self._posted(work, own, one, other, source, sink)
            before = _before(own, source, sink, work.step)
            found.append(Order(tuple(each for each in (before, posted) if each), is_exact=is_exact))
        return found

    def _is_handed_on(self, work: Context, earlier: Touch, later: Touch) -> bool:
        """Return True if ``ordered`` blocks put every earlier iteration's touch before the later's."""
        blocks = [
            context
            for context in self._region.contexts
            if context.kind is ContextKind.ORDERED and work in self.chain(context.number)
        ]
        ahead = any(
            block in self.chain(earlier.context)
            or (earlier.sequence < block.sequence and set(block.branches) <= {*earlier.branches, *work.branches})
            for block in blocks
        )
        behind = any(
            block in self.chain(later.context)
            or (later.sequence > block.last_sequence and set(block.branches) <= {*later.branches, *work.branches})
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

    def _inner(self, work: Context, first: Touch, second: Touch) -> int:
        """Return the number of dimensions of the serial loops directly inside ``work`` that are around both touches."""
        common = self.common(first, second)
        inside = common[common.index(work) + 1 :]
        return sum(len(context.dimensions) for context in inside if context.kind is ContextKind.LOOP)

    # Teams of a league.

    def _teams(self, level: int, position: int, common: tuple[Context, ...]) -> list[Order]:
        """Return the pairs run in different teams: an iteration of a distributed loop runs in one alone."""
        if level == len(common):
            return [Order((), across_teams=True)]
        context = common[level]
        own = range(position, position + len(context.dimensions))
        equal = [f"x{number} = y{number}" for number in own]
        if context.kind is ContextKind.WORK and context.is_distributed:
            return [Order((_differ(own),), across_teams=True)]
        if context.kind is ContextKind.LOOP:
            same = [_with(order, equal) for order in self._teams(level + 1, own.stop, common)]
            return [*same, Order((_differ(own),), across_teams=True)]
        if context.kind is ContextKind.TEAM:
            # Threads of different teams may have any numbers.
            return self._teams(level + 1, own.stop, common)
        if not own:
            return self._teams(level + 1, own.stop, common)
        return [Order((), across_teams=True)]

    # Lanes.

    def _lanes(self, context: Context, own: range, first: Touch, second: Touch) -> list[Order]:
        """Return the pairs in different iterations of a SIMD loop that may be in one vector."""
        found: list[Order] = []
        step = abs(context.step) or 1
        for one, other, source, sink in ((first, second, "x", "y"), (second, first, "y", "x")):
            limits = [_before(own, source, sink, context.step)]
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
        blocks = [
            each
            for each in self._region.contexts
            if each.kind is ContextKind.ORDERED and context in self.chain(each.number)
        ]
        return any(block in self.chain(one.context) for block in blocks) and any(
            block in self.chain(other.context) for block in blocks
        )

    # One thread, and the tasks that it makes.

    def _same_instance(self, common: tuple[Context, ...], first: Touch, second: Touch) -> list[Order]:
        """Return the order of two places in one instance of all contexts around both."""
        level = len(common) - 1
        if not common:
            return []  # outside all of them there is only one thread
        if common[-1].kind is ContextKind.SECTIONS:
            found = self._after(level, None, common, first, second, distance=None)
            return found + [_swapped(order) for order in self._after(level, None, common, second, first, distance=None)]
        if first.sequence <= second.sequence:
            return self._after(level, None, common, first, second, distance=None)
        return [_swapped(order) for order in self._after(level, None, common, second, first, distance=None)]

    def _after(
        self,
        level: int,
        own: range | None,
        common: tuple[Context, ...],
        earlier: Touch,
        later: Touch,
        *,
        distance: int | None,
    ) -> list[Order]:
        """Return the pairs of which the earlier one, met first by one thread, may still run when the later one does.

        Args:
            level: Of the context in which they differ, or of the innermost common one.
            own: Its dimensions if the pair differs in them; None if it differs in place alone.
            common: Contexts around both.
            earlier, later: In the order in which the thread meets them.
            distance: Step of a serial loop; None where the order of iterations is not known.
        """
        task = self._task_below(common[level], earlier)
        if task is None:
            return []
        iterations = _before(own, "x", "y", distance) if own is not None and distance is not None else ""
        base = [iterations] if iterations else []
        waits = self._waits_for(task, earlier)
        anchor = self._anchor(common[level], later)
        if own is None:
            if self._is_waited(waits, task, anchor, earlier, later):
                return []
            doubtful = any(task.last_sequence < wait.sequence < anchor for wait in waits)
            return self._ordered_by_depends(task, common[level], earlier, later, Order(tuple(base), not doubtful))
        loop = common[level]
        separate = [wait for wait in waits if loop in self.chain(wait.context)]
        if not separate or distance is None:
            order = Order(tuple(base), is_exact=not separate)
            return self._ordered_by_depends(task, loop, earlier, later, order)
        around = {context.number for context in (*self.chain(task.parent), *self.chain(later.context))}
        branches = {*earlier.branches, *later.branches, *loop.branches}
        certain = [wait for wait in separate if wait.context in around and set(wait.branches) <= branches]
        if any(wait.sequence > task.last_sequence or wait.sequence < anchor for wait in certain):
            return []
        if any(wait.context == loop.number and set(wait.branches) <= set(loop.branches) for wait in separate):
            (number,) = own
            base.append(f"y{number} = x{number} + {distance or 1}")
        return self._ordered_by_depends(task, loop, earlier, later, Order(tuple(base), is_exact=bool(certain)))

    def _task_below(self, around: Context, touch: Touch) -> Context | None:
        """Return the first task between a context and a touch that may outlast the point where it was made."""
        chain = self.chain(touch.context)
        start = [context.number for context in chain].index(around.number) + 1
        for context in chain[start:]:
            if context.kind in _TEAMS or context.kind is ContextKind.TASKGROUP:
                return None
            if context.kind in _TASKS:
                return context
        return None

    def _anchor(self, around: Context, touch: Touch) -> int:
        """Return when the thread meets a touch: where its task is made, if it is in one."""
        chain = self.chain(touch.context)
        start = [context.number for context in chain].index(around.number) + 1
        task = next((context for context in chain[start:] if context.kind in _TASKS), None)
        return task.sequence if task is not None else touch.sequence

    def _strand(self, number: int) -> int:
        """Return the task (or thread) that runs a context."""
        for context in reversed(self.chain(number)):
            if context.kind in _STRANDS or context.kind in _TEAMS:
                return context.number
        return -1

    def _waits_for(self, task: Context, touch: Touch) -> list[Wait]:
        """Return the waits behind which a touch in a task is certainly done."""
        found: list[Wait] = []
        outlasts = self._outlasts(task, touch)
        for wait in self._region.waits:
            if wait.kind is WaitKind.BARRIER:
                if self._team(wait.context) == self._team(task.number):
                    found.append(wait)
            elif (
                not outlasts
                and self._strand(wait.context) == self._strand(task.parent)
                and (not wait.depends or self._is_awaited(task, wait))
            ):
                found.append(wait)
        return found

    def _team(self, number: int) -> int:
        return next((each.number for each in reversed(self.chain(number)) if each.kind in _TEAMS), -1)

    def _outlasts(self, task: Context, touch: Touch) -> bool:
        """Return True if the touch is in a task of the task, which may run on when its maker has ended."""
        inner = self._task_below(task, touch)
        if inner is None:
            return False
        waits = [
            wait
            for wait in self._region.waits
            if wait.kind is WaitKind.TASKWAIT
            and not wait.depends
            and self._strand(wait.context) == self._strand(inner.parent)
            and wait.sequence > inner.last_sequence
        ]
        around = {context.number for context in self.chain(inner.parent)}
        is_waited = any(wait.context in around and set(wait.branches) <= set(touch.branches) for wait in waits)
        return not is_waited or self._outlasts(inner, touch)

    def _is_waited(self, waits: list[Wait], task: Context, anchor: int, earlier: Touch, later: Touch) -> bool:
        known = {context.number for touch in (earlier, later) for context in self.chain(touch.context)}
        branches = {*earlier.branches, *later.branches}
        return any(
            task.last_sequence < wait.sequence < anchor and wait.context in known and set(wait.branches) <= branches
            for wait in waits
        )

    def _is_awaited(self, task: Context, wait: Wait) -> bool:
        """Return True if a wait with dependences waits for a task, directly or through others."""
        return task.parent == wait.context and self._precedes(task, wait.depends, wait.sequence)

    def _precedes(self, task: Context, depends: tuple[Depend, ...], sequence: int) -> bool:
        """Return True if a sibling with ``depends``, made at ``sequence``, certainly runs after a task."""
        if _orders(task.depends, depends):
            return True
        between = [
            each
            for each in self._region.contexts
            if each.kind in (ContextKind.TASK, ContextKind.INCLUDED)
            and task.sequence < each.sequence < sequence
            and each.parent == task.parent
            and set(each.branches) <= set(task.branches)
        ]
        return any(_orders(task.depends, each.depends) and self._precedes(each, depends, sequence) for each in between)

    def _ordered_by_depends(
        self, task: Context, around: Context, earlier: Touch, later: Touch, order: Order
    ) -> list[Order]:
        """Return an order without the pairs that dependences between sibling tasks rule out."""
        chain = self.chain(later.context)
        start = [context.number for context in chain].index(around.number) + 1
        other = next((context for context in chain[start:] if context.kind in _STRANDS), None)
        if other is None or other.kind not in (ContextKind.TASK, ContextKind.INCLUDED):
            return [order]
        if self._outlasts(task, earlier) or self._strand(task.parent) != self._strand(other.parent):
            return [order]
        same_place = task.parent == other.parent and around.number == task.parent and task.number != other.number
        if same_place and self._precedes(task, other.depends, other.sequence):
            return []
        pairs: list[tuple[MapText, MapText]] = []
        unknown = False
        for one in task.depends:
            for two in other.depends:
                if one.object != two.object and "?" not in (one.object, two.object):
                    continue
                if not _is_effective(one.kind, two.kind) and not _is_exclusive(one.kind, two.kind):
                    continue
                if one.relation is None or two.relation is None or one.object != two.object:
                    unknown = True
                    continue
                pairs.append((one.relation, two.relation))
        is_chained = self._may_precede(task, other)
        exact = order.is_exact and not unknown and not is_chained
        return [Order(order.constraints, exact, order.across_teams, order.lanes, tuple(pairs))]

    def _may_precede(self, task: Context, other: Context) -> bool:
        """Return True if other tasks of the same maker may order the two in turn."""
        strand = self._strand(task.parent)
        siblings = [
            each
            for each in self._region.contexts
            if each.kind in (ContextKind.TASK, ContextKind.INCLUDED)
            and each.depends
            and self._strand(each.parent) == strand
        ]
        reached, waiting = {task.number}, [task]
        while waiting:
            current = waiting.pop()
            for each in siblings:
                if each.number in reached or not _may_order(current.depends, each.depends):
                    continue
                if each.number == other.number:
                    if current.number != task.number:
                        return True
                    continue
                reached.add(each.number)
                waiting.append(each)
        return False


def _orders(first: tuple[Depend, ...], second: tuple[Depend, ...]) -> bool:
    """Return True if a dependence of the first certainly makes the second wait, in every instance."""
    return any(
        one.object == two.object
        and one.relation is not None
        and one.relation == two.relation
        and _is_effective(one.kind, two.kind)
        for one in first
        for two in second
    )


def _may_order(first: tuple[Depend, ...], second: tuple[Depend, ...]) -> bool:
    """Return True if a dependence of the first may make the second wait, in some instances."""
    return any(
        (one.object == two.object or "?" in (one.object, two.object)) and _is_effective(one.kind, two.kind)
        for one in first
        for two in second
    )


def _is_effective(one: DependKind, other: DependKind) -> bool:
    """Return True if tasks with these types on one location run in the order in which they were made."""
    return (one, other) not in (
        (DependKind.IN, DependKind.IN),
        (DependKind.SET, DependKind.SET),
        (DependKind.MUTEX, DependKind.MUTEX),
    )


def _is_exclusive(one: DependKind, other: DependKind) -> bool:
    """Return True if tasks with these types on one location never run at the same time."""
    return one is DependKind.MUTEX and other is DependKind.MUTEX


def _always(post: Post, touch: Touch, work: Context) -> bool:
    return set(post.branches) <= {*touch.branches, *work.branches}


def _differ(own: range) -> str:
    return " or ".join(f"x{number} != y{number}" for number in own)


def _before(own: range, source: str, sink: str, step: int | None) -> str:
    """Return that one iteration comes before another, lexicographically for several dimensions."""
    numbers = list(own)
    relation = ">" if (step or 1) < 0 else "<"
    cases: list[str] = []
    for position, number in enumerate(numbers):
        equal = [f"{source}{each} = {sink}{each}" for each in numbers[:position]]
        cases.append(" and ".join([*equal, f"{source}{number} {relation} {sink}{number}"]))
    return " or ".join(f"({each})" for each in cases)


def _with(order: Order, constraints: list[str]) -> Order:
    return Order((*constraints, *order.constraints), order.is_exact, order.across_teams, order.lanes, order.ordered)


def _swapped(order: Order) -> Order:
    """Return an order of the second touch and the first as one of the first and the second."""
    letters = str.maketrans({"x": "y", "y": "x"})
    constraints = tuple(_exchange(each, letters) for each in order.constraints)
    ordered = tuple((other, one) for one, other in order.ordered)
    return Order(constraints, order.is_exact, order.across_teams, order.lanes, ordered)


def _exchange(constraint: str, letters: dict[int, str]) -> str:
    return re.sub(r"\b[xy](?=\d)", lambda found: found.group().translate(letters), constraint)
