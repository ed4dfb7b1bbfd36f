"""The inputs of one call, or of several: sizes, and for each slot how its memory is made and filled.

``make_case`` turns sizes and a flavour into the values that the generated C reads; ``sizes_to_try`` chooses sizes. The
same case gives the same bytes to the original and to every candidate.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from loopwright.core.variable import ElementKind
from loopwright.harness.expression import ExpressionError, evaluate
from loopwright.harness.extents import (
    Extent,
    Roles,
    find_extents,
    index_limit,
    is_float,
    largest_size,
    total_of_offsets,
)
from loopwright.harness.spec import Amount, ArrayKind, ArraySpec, Sizes
from loopwright.harness.subject import Slot, SlotKind, Subject

_EDGES = (0, 1, 2)
_PRIMES = (7, 5, 11, 3, 13, 17)
_EVEN = (8, 16, 17, 32, 33)
# What a double, which carries the bounds, holds exactly, and leaves room for a sum of two.
_MOST_BITS = 52
_DOUBLE_EXPONENT = 40
_FLOAT_EXPONENT = 12


class Fill(IntEnum):
    """How runtime.c fills memory; the numbers are shared with it.

    UNLESS_SET is added for globals, SHARES for the array that makes the memory of two, SHARED for the other one.
    """

    KEEP = 0
    UNIFORM = 1
    WILD = 2
    POISON = 3
    OFFSETS = 4
    PERMUTATION = 5
    SORTED = 6
    CONSTANT = 7
    UNLESS_SET = 16
    SHARES = 32
    SHARED = 64


class Flavour(StrEnum):
    """What inputs look like: around zero, positive, of very different magnitudes, or integers of all sizes."""

    NORMAL = "normal"
    POSITIVE = "positive"
    WILD = "wild"
    EXTREME = "extreme"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two arrays in one piece of memory.

    Attributes:
        first, second: Names of the parameters, in their order.
        first_start, second_start: Where they begin in it, in elements.
    """

    first: str
    second: str
    first_start: int
    second_start: int

    def __str__(self) -> str:
        distance = self.second_start - self.first_start
        if distance == 0:
            return f"{self.first} and {self.second} the same array"
        behind, ahead = (self.second, self.first) if distance > 0 else (self.first, self.second)
        return f"{behind} {abs(distance)} element behind the start of {ahead}"


@dataclass(frozen=True, slots=True)
class Case:
    """One call's inputs.

    Attributes:
        index: Number of the case, from 0.
        sizes: Values of all integers of the subject, by name.
        flavour: Of the floating-point values.
        seed: Of everything random in it.
        level: How generous the guessed extents are.
        tokens: What the generated C reads, in its order.
        memory_bytes: Of all arrays together.
        overlap: Of two arrays, where there is one.
    """

    index: int
    sizes: Sizes
    flavour: Flavour
    seed: int
    level: int
    tokens: tuple[str, ...]
    memory_bytes: int
    overlap: Overlap | None = None

    @property
    def label(self) -> str:
        """Return the sizes for people: ``n=17, m=5``."""
        sizes = ", ".join(f"{name}={value}" for name, value in self.sizes)
        sizes += f", {self.overlap}" if self.overlap is not None else ""
        return f"{sizes} ({self.flavour.value} values)" if sizes else f"{self.flavour.value} values"


def make_case(
    subject: Subject,
    roles: Roles,
    index: int,
    sizes: Mapping[str, int],
    flavour: Flavour,
    seed: int,
    level: int = 0,
    overlap: Overlap | None = None,
) -> Case:
    """Return the case with these sizes; ``complete_sizes`` has given every integer a value."""
    maker = _Maker(subject, roles, sizes, flavour, seed, level, overlap)
    tokens = tuple(token for slot in (*subject.globals, *subject.parameters) for token in maker.tokens(slot))
    return Case(index, tuple(sorted(sizes.items())), flavour, seed, level, tokens, maker.memory_bytes, overlap)


def size_names(subject: Subject) -> tuple[str, ...]:
    """Return the names of the integers that decide how much work there is."""
    return tuple(
        f"{slot.name}.size" if slot.kind is SlotKind.VECTOR else slot.name
        for slot in subject.slots
        if slot.is_size and slot.kind in (SlotKind.INTEGER, SlotKind.VECTOR, SlotKind.GLOBAL)
    )


def complete_sizes(subject: Subject, chosen: Mapping[str, int], turn: int) -> dict[str, int]:
    """Return a value for every integer of the subject: ``chosen`` ones, then what the spec says, then small ones.

    Args:
        subject: Whose integers.
        chosen: Sizes.
        turn: Varies what nobody chose: a subscript stays below the smallest size, a count is small.
    """
    sizes = dict(chosen)
    integers = [slot for slot in subject.slots if _is_integer(slot)]
    main_sizes = [sizes[name] for name in size_names(subject) if name in sizes]
    for slot in integers:
        if slot.is_stride and slot.name in sizes and slot.name not in dict(subject.spec.measure):
            sizes[slot.name] = max([sizes[slot.name], *main_sizes])
    for slot in integers:
        if slot.name not in sizes:
            smallest = min(main_sizes, default=largest_size(sizes))
            sizes[slot.name] = (
                turn * 5 % smallest if slot.is_index and smallest > 0 else 0 if slot.is_index else 2 + turn % 3
            )
    for slot in integers:
        said = subject.spec.parameter(slot.name)
        if said is None or slot.name in chosen:
            continue
        if said.value is not None:
            sizes[slot.name] = int(_number(said.value, sizes))
        elif said.interval is not None:
            low, high = (int(_number(end, sizes)) for end in said.interval)
            sizes[slot.name] = low + turn * 7 % max(high - low, 1)
    return sizes


def sizes_to_try(subject: Subject, tiles: Iterable[int] = ()) -> tuple[dict[str, int], ...]:
    """Return the sizes of the differential tests, without duplicates, best first.

    The user's own if there are any; else edges, different primes for different parameters, around each tile size,
    powers of two and their neighbours.
    """
    if subject.spec.test:
        return tuple(complete_sizes(subject, dict(sizes), turn) for turn, sizes in enumerate(subject.spec.test))
    names = size_names(subject)
    if not names:
        return (complete_sizes(subject, {}, 0),)
    chosen: list[dict[str, int]] = []
    for turn in (0, 2):
        chosen.append({name: _PRIMES[(at + turn) % len(_PRIMES)] for at, name in enumerate(names)})
    chosen += [dict.fromkeys(names, value) for value in _EDGES]
    around = sorted({value for tile in tiles for value in (tile - 1, tile, tile + 1) if 2 < value <= 300})
    chosen += [dict.fromkeys(names, value) for value in around[:6]]
    chosen += [dict.fromkeys(names, value) for value in _EVEN]
    if len(names) > 1:
        chosen.append({name: 4 + 9 * (at % 3) for at, name in enumerate(names)})
    found: list[dict[str, int]] = []
    for turn, sizes in enumerate(chosen):
        complete = complete_sizes(subject, sizes, turn)
        if complete not in found:
            found.append(complete)
    return tuple(found)


def _is_integer(slot: Slot) -> bool:
    return slot.kind is SlotKind.INTEGER or (slot.kind is SlotKind.GLOBAL and slot.is_size)


def _number(amount: Amount, sizes: Mapping[str, int]) -> float:
    if not isinstance(amount, str):
        return float(amount)
    try:
        return float(evaluate(amount, sizes))
    except ExpressionError:
        return float(largest_size(sizes))


class _Maker:
    def __init__(
        self,
        subject: Subject,
        roles: Roles,
        sizes: Mapping[str, int],
        flavour: Flavour,
        seed: int,
        level: int,
        overlap: Overlap | None,
    ) -> None:
        self._overlap = overlap
        self._subject = subject
        self._roles = roles
        self._sizes = sizes
        self._flavour = flavour
        self._level = level
        self._random = random.Random(seed)
        self._extents = find_extents(subject, roles, sizes, level)
        self._targets = dict(roles.indexes)
        self.memory_bytes = 0

    def tokens(self, slot: Slot) -> list[str]:
        extent = self._extents.get(slot.name, Extent(0))
        columns = max(extent.columns, 1) if slot.kind is SlotKind.ROWS else 1
        self.memory_bytes += extent.count * columns * max(slot.element.size_bytes, 1)
        match slot.kind:
            case SlotKind.INTEGER if slot.is_reference:
                return ["1", *self._fill_constant(self._sizes[slot.name])]
            case SlotKind.REAL if slot.is_reference:
                return ["1", *self._fill_constant(self._real(slot))]
            case SlotKind.INTEGER:
                return [str(self._sizes[slot.name])]
            case SlotKind.REAL:
                return [self._real(slot).hex()]
            case SlotKind.ARRAY if self._overlap is not None and slot.name in (
                self._overlap.first,
                self._overlap.second,
            ):
                return self._shared(slot, self._overlap)
            case SlotKind.ARRAY | SlotKind.VECTOR | SlotKind.GLOBAL_POINTER:
                return [str(extent.count), *self._fill(slot)]
            case SlotKind.ROWS:
                return [str(extent.count), str(extent.columns), *self._fill(slot)]
            case SlotKind.RECORDS:
                members = [member.slot for member in slot.members if member.slot is not None]
                return [str(extent.count), *(token for member in members for token in self._member(member))]
            case SlotKind.GLOBAL | SlotKind.GLOBAL_MEMBER:
                if slot.is_size or slot.name in self._sizes:
                    return self._fill_constant(self._sizes[slot.name], unless_set=True)
                return self._fill(slot, unless_set=True)
            case SlotKind.NOTHING:
                return []

    def _shared(self, slot: Slot, overlap: Overlap) -> list[str]:
        """Return the values of an array that shares memory with another; the first one makes enough for both."""
        counts = [self._extents.get(name, Extent(0)).count for name in (overlap.first, overlap.second)]
        fill, low, high = self._choose(slot)
        if slot.name == overlap.second:
            return [str(counts[1]), *self._written(fill, low, high, Fill.SHARED), str(overlap.second_start)]
        if fill is Fill.POISON:  # the other one may be read
            fill, low, high = self._floats(slot) if is_float(slot) else (Fill.UNIFORM, 0, 16)
        total = max(counts[0] + overlap.first_start, counts[1] + overlap.second_start)
        return [str(total), *self._written(fill, low, high, Fill.SHARES), str(overlap.first_start)]

    def _member(self, slot: Slot) -> list[str]:
        if slot.kind is SlotKind.INTEGER:
            return self._fill_constant(self._sizes[slot.name])
        if slot.kind is SlotKind.REAL or slot.kind is SlotKind.NOTHING:
            said = self._subject.spec.parameter(slot.name)
            return self._fill_constant(self._real(slot)) if said is not None else self._fill(slot)
        return self.tokens(slot)

    def _real(self, slot: Slot) -> float:
        said = self._subject.spec.parameter(slot.name)
        if said is not None and said.value is not None:
            return _number(said.value, self._sizes)
        if said is not None and said.interval is not None:
            return self._random.uniform(*(_number(end, self._sizes) for end in said.interval))
        if self._flavour is Flavour.NORMAL:
            return self._random.choice((-1.0, 1.0)) * self._random.uniform(0.25, 1.0)
        return self._random.uniform(0.25, 2.0)

    def _fill_constant(self, value: float, *, unless_set: bool = False) -> list[str]:
        return self._written(Fill.CONSTANT, value, value, Fill.UNLESS_SET if unless_set else Fill.KEEP)

    def _written(self, fill: Fill, low: float, high: float, further: Fill = Fill.KEEP) -> list[str]:
        return [str(int(fill) + int(further)), float(low).hex(), float(high).hex()]

    def _fill(self, slot: Slot, *, unless_set: bool = False) -> list[str]:
        return self._written(*self._choose(slot), Fill.UNLESS_SET if unless_set else Fill.KEEP)

    def _choose(self, slot: Slot) -> tuple[Fill, float, float]:
        said = self._subject.spec.array(slot.name)
        if said is not None and (said.interval is not None or said.kind is not ArrayKind.ANY):
            return self._as_said(slot, said)
        if slot.name in self._roles.offsets:
            return Fill.OFFSETS, 0, self._total(slot)
        if slot.name in self._targets:
            limit = index_limit(self._subject, self._targets[slot.name], self._extents, self._sizes)
            return Fill.UNIFORM, 0, _clip(slot, limit - 1)
        if slot.name in self._roles.written_first and slot.kind is not SlotKind.NOTHING:
            return Fill.POISON, 0, 0
        if is_float(slot):
            return self._floats(slot)
        if self._flavour is Flavour.EXTREME and slot.element.kind in (ElementKind.SIGNED, ElementKind.UNSIGNED):
            greatest, least = integer_range(slot.element.kind, slot.element.size_bytes)
            return Fill.UNIFORM, least, greatest
        if slot.element.kind is ElementKind.SIGNED:
            return Fill.UNIFORM, -8, 8
        return Fill.UNIFORM, 0, 1 if slot.element.kind is ElementKind.BOOL else 16

    def _total(self, slot: Slot) -> int:
        said = self._subject.spec.array(slot.name)
        if said is not None and said.total is not None:
            return int(_number(said.total, self._sizes))
        # Every array between the offsets must hold it; one whose extent the user gave may be smaller.
        between = [self._extents[name].count for name in self._roles.between_offsets if name in self._extents]
        return min([total_of_offsets(self._sizes, self._level), *between])

    def _floats(self, slot: Slot) -> tuple[Fill, float, float]:
        if self._flavour is Flavour.WILD:
            return Fill.WILD, 0, _FLOAT_EXPONENT if slot.element.size_bytes == 4 else _DOUBLE_EXPONENT
        return (Fill.UNIFORM, -1, 1) if self._flavour is Flavour.NORMAL else (Fill.UNIFORM, 0.5, 2)

    def _as_said(self, slot: Slot, said: ArraySpec) -> tuple[Fill, float, float]:
        low, high = 0.0, 1.0
        if said.interval is not None:
            low, high = (_number(end, self._sizes) for end in said.interval)
            high = high if is_float(slot) else high - 1
        match said.kind:
            case ArrayKind.OFFSETS:
                return Fill.OFFSETS, low, self._total(slot)
            case ArrayKind.PERMUTATION:
                return Fill.PERMUTATION, 0, 0
            case ArrayKind.SORTED:
                return Fill.SORTED, low, high if said.interval is not None else 1000
            case ArrayKind.POSITIVE:
                return Fill.UNIFORM, 0.5 if is_float(slot) else 1, 2 if is_float(slot) else 16
            case ArrayKind.UNIT:
                return Fill.UNIFORM, 0, 1
            case ArrayKind.ANY:
                return Fill.UNIFORM, low, high


def integer_range(kind: ElementKind, size_bytes: int) -> tuple[int, int]:
    """Return the greatest and the least value to try of an integer type."""
    bits = 8 * size_bytes - (kind is ElementKind.SIGNED)
    greatest = (1 << min(bits, _MOST_BITS)) - 1
    return greatest, -greatest - 1 if kind is ElementKind.SIGNED else 0


def _clip(slot: Slot, high: int) -> int:
    bits = 8 * slot.element.size_bytes - (slot.element.kind is ElementKind.SIGNED)
    return max(min(high, (1 << bits) - 1), 0)
