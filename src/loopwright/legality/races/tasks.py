"""What one thread leaves running: tasks, and what orders them (OpenMP 5.2, chapters 12 and 15)."""

from __future__ import annotations

import re

from loopwright.core.assumption import MapText
from loopwright.core.concurrency import (
    Context,
    ContextKind,
    Depend,
    DependKind,
    Touch,
    Wait,
    WaitKind,
)
from loopwright.legality.races.chains import TEAMS, Chains
from loopwright.legality.races.order import Order, before

_NAME = re.compile(r"[A-Za-z_]\w*")
_TASKS = frozenset({ContextKind.TASK, ContextKind.TASKLOOP})


STRANDS = frozenset({ContextKind.TASK, ContextKind.TASKLOOP, ContextKind.INCLUDED})


class TaskOrders(Chains):
    """The order of a thread and the tasks that it makes."""

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
        iterations = before(own, "x", "y", distance) if own is not None and distance is not None else ""
        base = [iterations] if iterations else []
        waits = self._waits_for(task, earlier)
        possible = self._waits_for(task, earlier, sure=False)
        anchor = self._anchor(common[level], later)
        if own is None:
            if self._is_waited(waits, task, anchor, earlier, later):
                return []
            doubtful = any(task.last_sequence < wait.sequence < anchor for wait in possible)
            order = Order(tuple(base), not doubtful)
            return self._ordered_by_depends(task, common[level], earlier, later, order, is_later=False)
        loop = common[level]
        separate = [wait for wait in waits if loop in self.chain(wait.context)]
        if not separate or distance is None:
            order = Order(tuple(base), is_exact=not any(loop in self.chain(wait.context) for wait in possible))
            return self._ordered_by_depends(task, loop, earlier, later, order, is_later=True)
        around = {context.number for context in (*self.chain(task.parent), *self.chain(later.context))}
        branches = {*earlier.branches, *later.branches, *loop.branches}
        certain = [wait for wait in separate if wait.context in around and set(wait.branches) <= branches]
        if any(wait.sequence > task.last_sequence or wait.sequence < anchor for wait in certain):
            return []
        if any(wait.context == loop.number and set(wait.branches) <= set(loop.branches) for wait in separate):
            (number,) = own
            base.append(f"y{number} = x{number} + {distance or 1}")
        order = Order(tuple(base), is_exact=bool(certain))
        return self._ordered_by_depends(task, loop, earlier, later, order, is_later=True)

    def _task_below(self, around: Context, touch: Touch) -> Context | None:
        """Return the first task between a context and a touch that may outlast the point where it was made."""
        chain = self.chain(touch.context)
        start = [context.number for context in chain].index(around.number) + 1
        for context in chain[start:]:
            if context.kind in TEAMS or context.kind is ContextKind.TASKGROUP:
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
            if context.kind in STRANDS or context.kind in TEAMS:
                return context.number
        return -1

    def _waits_for(self, task: Context, touch: Touch, *, sure: bool = True) -> list[Wait]:
        """Return the waits behind which a touch in a task is certainly done, or else may be."""
        found: list[Wait] = []
        outlasts = self._outlasts(task, touch, sure=sure)
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
        return next((each.number for each in reversed(self.chain(number)) if each.kind in TEAMS), -1)

    def _outlasts(self, task: Context, touch: Touch, *, sure: bool = True) -> bool:
        """Return True if the touch is in a task of the task, which may run on when its maker has ended.

        Unless ``sure``, waits that some ways round leave out count, too.
        """
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
        is_waited = any(
            not sure or (wait.context in around and set(wait.branches) <= set(touch.branches)) for wait in waits
        )
        return not is_waited or self._outlasts(inner, touch, sure=sure)

    def _is_waited(self, waits: list[Wait], task: Context, anchor: int, earlier: Touch, later: Touch) -> bool:
        known = {context.number for touch in (earlier, later) for context in self.chain(touch.context)}
        branches = {*earlier.branches, *later.branches}
        return any(
            task.last_sequence < wait.sequence < anchor and wait.context in known and set(wait.branches) <= branches
            for wait in waits
        )

    def _is_awaited(self, task: Context, wait: Wait) -> bool:
        """Return True if a wait with dependences waits for a task, directly or through others."""
        # A wait that comes before the task in the text is one of a later iteration.
        loops = self.chain(task.parent) if wait.sequence < task.sequence else ()
        changing = frozenset(name for context in loops if context.kind not in TEAMS for name in context.dimensions)
        return task.parent == wait.context and self._precedes(task, wait.depends, wait.sequence, changing)

    def _precedes(self, task: Context, depends: tuple[Depend, ...], sequence: int, changing: frozenset[str]) -> bool:
        """Return True if a sibling with ``depends``, made at ``sequence``, certainly runs after a task.

        The two differ in the dimensions ``changing``.
        """
        if _orders(task.depends, depends, changing):
            return True
        between = [
            each
            for each in self._region.contexts
            if each.kind in (ContextKind.TASK, ContextKind.INCLUDED)
            and task.sequence < each.sequence < sequence
            and each.parent == task.parent
            and set(each.branches) <= set(task.branches)
        ]
        return any(
            _orders(task.depends, each.depends, changing) and self._precedes(each, depends, sequence, changing)
            for each in between
        )

    def _ordered_by_depends(
        self, task: Context, around: Context, earlier: Touch, later: Touch, order: Order, *, is_later: bool
    ) -> list[Order]:
        """Return an order without the pairs that dependences between sibling tasks rule out.

        ``is_later`` says that the two are in different iterations of ``around``.
        """
        chain = self.chain(later.context)
        start = [context.number for context in chain].index(around.number) + 1
        other = next((context for context in chain[start:] if context.kind in STRANDS), None)
        if other is None or other.kind not in (ContextKind.TASK, ContextKind.INCLUDED):
            return [order]
        if self._outlasts(task, earlier) or self._strand(task.parent) != self._strand(other.parent):
            return [order]
        same_place = task.parent == other.parent and around.number == task.parent and task.number != other.number
        changing = frozenset(around.dimensions) if is_later else frozenset[str]()
        if same_place and self._precedes(task, other.depends, other.sequence, changing):
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


def _orders(first: tuple[Depend, ...], second: tuple[Depend, ...], changing: frozenset[str]) -> bool:
    """Return True if a dependence of the first certainly makes the second wait, whatever ``changing`` are in both."""
    return any(
        one.object == two.object
        and one.relation is not None
        and one.relation == two.relation
        and not changing & set(_NAME.findall(_image(one.relation)))
        and _is_effective(one.kind, two.kind)
        for one in first
        for two in second
    )


def _image(relation: MapText) -> str:
    """Return the text of a relation behind the instance; ``{ [t, i] -> [i] }`` gives ``[i] }``."""
    return relation.partition("{")[2].partition("->")[2]


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
