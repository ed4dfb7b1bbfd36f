"""Memory of the interpreter: cells by address, what was there before, and a log of who touched what.

Numbers with a decimal point are kept in a prime field, centred around 0: sums and products are then exact and may come
in any order, so a difference between two runs is never one of rounding. Small whole numbers are themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fuzz.program import CType

PRIME = (1 << 61) - 1
HALF = PRIME >> 1

OBJECT_BITS = 32
"""Objects are this many bits of address apart, so that nothing reaches from one into the next."""


class Undefined(Exception):  # noqa: N818  # an answer: the program has no meaning for this input
    """The program has no meaning in C for this input, or does not end in time."""


@dataclass(frozen=True, slots=True)
class Fill:
    """What memory behind pointers holds before the function runs.

    Attributes:
        seed: Of the values.
        style: ``mixed``; ``rising`` (whole numbers rise by one from element to element, so that an index array is a
            permutation); ``constant`` (all whole numbers of one array are equal).
    """

    seed: int = 0
    style: str = "mixed"

    def value(self, address: int, type_: CType) -> int:
        """Return what the element at ``address`` holds: small numbers, few of them negative."""
        if self.style == "rising" and not type_.is_float:
            return (((address & 0xFFFFFFFF) // type_.size) & 0xFF) % 100
        place = address >> OBJECT_BITS if self.style == "constant" and not type_.is_float else address
        mixed = ((place + 1) * 0x9E3779B97F4A7C15 + self.seed * 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 29
        mixed = (mixed * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 32
        if type_.is_float:
            return mixed % 15 - 5
        return mixed % 7


@dataclass(slots=True)
class Memory:
    """Cells by address.

    Attributes:
        fill: Of memory that was not made in the function.
        cells: Address -> value; None for a cell that was never set.
        log: (address, is a write, name that led there, number of the instance) of every access; None to keep none.
        journal: (address, value) of every write, so that earlier states can be had again; None to keep none.
        now: Number of the running instance.
        steps: Statements that may still run.
        undefined: Numbers of the objects whose cells have no value until they are set.
        leaves_row: A subscript other than the first was outside its extent, which a compiler need not allow.
        leaves_recovered_row: ``j`` of a subscript ``i*m + j`` was not between 0 and ``m``.
    """

    fill: Fill
    cells: dict[int, int | None] = field(default_factory=dict[int, "int | None"])
    log: list[tuple[int, bool, str, int]] | None = None
    journal: list[tuple[int, int | None]] | None = None
    now: int = -1
    steps: int = 20_000
    objects: int = 1 << 20
    undefined: set[int] = field(default_factory=set[int])
    leaves_row: bool = False
    leaves_recovered_row: bool = False

    def load(self, address: int, type_: CType, name: str) -> int:
        """Return the value at ``address``."""
        if self.log is not None:
            self.log.append((address, False, name, self.now))
        cells = self.cells
        if address in cells:
            value = cells[address]
            if value is None:
                raise Undefined("a variable is read that was never set")
            return value
        return self._first(address, type_)

    def _first(self, address: int, type_: CType) -> int:
        if address >> OBJECT_BITS in self.undefined:
            raise Undefined("a variable is read that was never set")
        return self.fill.value(address, type_)

    def store(self, address: int, value: int, name: str) -> None:
        """Set the value at ``address``."""
        if self.log is not None:
            self.log.append((address, True, name, self.now))
        if self.journal is not None:
            self.journal.append((address, value))
        self.cells[address] = value

    def new_object(self) -> int:
        """Return the address of fresh memory."""
        self.objects += 1
        return self.objects << OBJECT_BITS


def field_value(value: int) -> int:
    """Return a number of the prime field, centred around 0."""
    value %= PRIME
    return value - PRIME if value > HALF else value
