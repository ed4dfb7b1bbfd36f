"""Which touches of a region meet: every pair that may run side by side and may reach one cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from loopwright.core.assumption import MapText
from loopwright.core.codes import Code
from loopwright.core.concurrency import OUTSIDE, Lock, Memory, Region, Touch, TouchDoubt
from loopwright.core.nest import AccessKind
from loopwright.legality.races.order import Order
from loopwright.legality.races.orders import Orders
from loopwright.poly.pairs import Example, Instances, Question, TooHard, find_pair


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two touches that meet, or may.

    Attributes:
        first, second: The touches; the first one writes.
        is_certain: They do meet in some execution of the program.
        is_conditional: They do if conditions on data that nothing in the region changes come out so.
        code, reason: Why it is not certain.
        witness: Two instances that meet, in words.
        lanes: They meet in lanes of one vector.
    """

    first: Touch
    second: Touch
    is_certain: bool
    is_conditional: bool
    code: Code
    reason: str
    witness: str = ""
    lanes: bool = False


class ConflictFinder:
    """Finds the conflicts of one region.

    Attributes:
        is_cut_off: It took too long, so that some were not looked for.
    """

    def __init__(self, region: Region, is_over: Callable[[], bool] = lambda: False) -> None:
        self._region = region
        self._is_over = is_over
        self.is_cut_off = False
        self._orders = Orders(region)
        self._memory = {memory.name: memory for memory in region.memory}
        self._written = {touch.object for touch in region.touches if touch.kind is AccessKind.WRITE}
        self._atomic = {touch.object for touch in region.touches if touch.is_atomic}

    @property
    def orders(self) -> Orders:
        """The order of the region's touches."""
        return self._orders

    def conflicts(self) -> Iterator[Conflict]:
        """Yield the conflicts, in textual order of the first touch."""
        touches = self._region.touches
        for position, one in enumerate(touches):
            for other in touches[position:]:
                if self._is_over():
                    self.is_cut_off = True
                    return
                if AccessKind.WRITE not in (one.kind, other.kind) or (one.is_atomic and other.is_atomic):
                    continue
                found = self._meeting(one, other)
                if found is not None:
                    yield found

    def _meeting(self, one: Touch, other: Touch) -> Conflict | None:
        is_overlap = one.object != other.object
        if is_overlap and other.object not in self._memory[one.object].overlaps:
            return None
        orders = self._possible_orders(one, other)
        if not orders:
            return None
        exact = [order for order in orders if order.is_exact]
        memory = self._memory[one.object]
        if not is_overlap and exact and memory.is_exact and self._region.is_signalling == "":
            certain = self._certain(one, other, exact, memory)
            if certain is not None:
                return certain
        return self._doubtful(one, other, orders, is_overlap=is_overlap)

    def _possible_orders(self, one: Touch, other: Touch) -> list[Order]:
        return [order for order in self._orders.between(one, other) if not self._excluded(order, one, other)]

    def _excluded(self, order: Order, one: Touch, other: Touch) -> bool:
        """Return True if a lock without subscripts keeps the two apart."""
        held = self._held(order, one, other)
        return any(first.relation is None and second.relation is None for first, second in held)

    def _locks(self, order: Order, one: Touch, other: Touch) -> list[tuple[MapText, MapText]]:
        """Return the relations whose equality means that both hold one lock."""
        return [
            (first.relation, second.relation)
            for first, second in self._held(order, one, other)
            if first.relation is not None and second.relation is not None
        ]

    def _held(self, order: Order, one: Touch, other: Touch) -> list[tuple[Lock, Lock]]:
        """Return the locks of one name that the two hold, each a holder of its own."""
        if order.lanes:
            return []
        common = {context.number for context in self._orders.common(one, other)[: order.level + 1]}
        return [
            (first, second)
            for first in one.locks
            for second in other.locks
            if first.name == second.name
            and (first.is_device_wide or not order.across_teams)
            and not common & {first.around, second.around}
        ]

    def _ask(self, one: Touch, other: Touch, order: Order, *, anywhere: bool) -> Example | TooHard | None:
        # A pointer that leads to another's memory may lead to that of any instance of its owner.
        owned = () if anywhere else self._same_owner(self._memory[one.object], one, other)
        first, second = self._orders.rank(one), self._orders.rank(other)
        restricted = Order((*order.constraints, *owned), parameters=order.parameters)
        return find_pair(
            Question(
                Instances(one.domain, one.relation),
                Instances(other.domain, other.relation),
                (restricted.text(first, second),),
                self._region.known,
                (*order.ordered, *self._locks(order, one, other)),
                anywhere,
            )
        )

    def _same_owner(self, memory: Memory, one: Touch, other: Touch) -> tuple[str, ...]:
        """Return that both touches belong to one instance of the context that has the memory."""
        if memory.owner == OUTSIDE:
            return ()
        equal: list[str] = []
        position = 0
        for context in self._orders.common(one, other):
            for _ in context.dimensions:
                equal.append(f"x{position} = y{position}")
                position += 1
            if context.number == memory.owner:
                return tuple(equal)
        # A pointer led here from elsewhere.
        return ()

    def _certain(self, one: Touch, other: Touch, orders: list[Order], memory: Memory) -> Conflict | None:
        doubts = (*one.doubts, *other.doubts)
        is_plain = all(self._may_hold(doubt, memory) for doubt in doubts)
        if not is_plain or not self._is_under_owner(memory, one, other):
            return None
        for order in orders:
            found = self._ask(one, other, order, anywhere=False)
            if isinstance(found, Example):
                first, second = (one, other) if one.kind is AccessKind.WRITE else (other, one)
                reason = doubts[0].reason if doubts else ""
                code = Code.DATA_RACE
                words = self._witness(one, other, found)
                return Conflict(first, second, True, bool(doubts), code, reason, words, order.lanes)
        return None

    def _may_hold(self, doubt: TouchDoubt, memory: Memory) -> bool:
        """Return True if only a condition is in doubt, and nothing that threads agree on decides it.

        A condition on what other threads write may be how they take turns. One on the raced memory itself is not: the
        look at it is part of the race, unless it is atomic.
        """
        changed = self._written & set(doubt.objects)
        return doubt.is_condition and (not changed or (changed == {memory.name} and memory.name not in self._atomic))

    def _is_under_owner(self, memory: Memory, one: Touch, other: Touch) -> bool:
        common = {context.number for context in self._orders.common(one, other)}
        return memory.owner == OUTSIDE or memory.owner in common

    def _doubtful(self, one: Touch, other: Touch, orders: list[Order], *, is_overlap: bool) -> Conflict | None:
        for order in orders:
            found = self._ask(one, other, order, anywhere=is_overlap)
            if found is None:
                continue
            first, second = (one, other) if one.kind is AccessKind.WRITE else (other, one)
            code, reason = self._why(one, other, order, found, is_overlap=is_overlap)
            return Conflict(first, second, False, False, code, reason, "", order.lanes)
        return None

    def _why(
        self, one: Touch, other: Touch, order: Order, found: Example | TooHard, *, is_overlap: bool
    ) -> tuple[Code, str]:
        """Return why a conflict is neither certain nor impossible."""
        pair = f"'{one.text}' at line {one.span.line} and '{other.text}' at line {other.span.line}"
        if isinstance(found, TooHard):
            return Code.ANALYSIS_LIMIT, f"whether {pair} meet takes too long to find out"
        if is_overlap:
            return Code.ALIAS_UNGUARDED, f"{pair} may be the same memory"
        for doubt in (*one.doubts, *other.doubts):
            if not doubt.is_condition or self._written & set(doubt.objects):
                return doubt.code, f"{pair} may meet: {doubt.reason}"
        if self._region.is_signalling:
            return Code.SIGNALLING, f"{pair} may be ordered by other means: {self._region.is_signalling}"
        if not self._memory[one.object].is_exact:
            return Code.ROW_POINTERS, f"{pair} may be the same memory"
        if order.lanes:
            return Code.FORWARD_IN_LANES, f"{pair} meet in lanes, in the order in which they stand in the text"
        if order.doubt:
            return Code.UNCERTAIN_ORDER, f"{pair} may meet: {order.doubt}"
        return Code.UNCERTAIN_ORDER, f"{pair} may meet, if nothing that was not understood orders them"

    def _witness(self, one: Touch, other: Touch, example: Example) -> str:
        left = self._instance(one, example.first)
        right = self._instance(other, example.second)
        given = ", ".join(
            f"{self._meaning(name)} = {value}" for name, value in example.parameters if not name.startswith("threads")
        )
        text = f"{one.text} (line {one.span.line}{left}) and {other.text} (line {other.span.line}{right})"
        return f"{text} with {given}" if given else text

    def _meaning(self, name: str) -> str:
        return next((text for known, text in self._region.parameters if known == name), name)

    def _instance(self, touch: Touch, values: tuple[int, ...]) -> str:
        names = [name for context in self._orders.chain(touch.context) for name in context.dimensions]
        return "".join(f", {name} = {value}" for name, value in zip(names, values, strict=False))
