"""Pairs of instances that may run side by side, as constraints on their dimensions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from loopwright.core.assumption import MapText


@dataclass(frozen=True, slots=True)
class Order:
    """Pairs of instances that may run side by side.

    Attributes:
        constraints: On the dimensions ``x0, x1 ..`` of the first and ``y0, y1 ..`` of the second.
        is_exact: They do run side by side in some execution.
        across_teams: The two run in different teams, whom ``critical`` and locks do not keep apart.
        lanes: They run in lanes of one thread.
        ordered: Pairs of relations: a pair of instances for which these lead to one cell is ordered after all.
        level: Position, among the contexts around both, of the one in which they differ.
        parameters: Those of the region that the constraints name.
        doubt: What decides whether they do run side by side, if that is not known; may be empty.
    """

    constraints: tuple[str, ...]
    is_exact: bool = True
    across_teams: bool = False
    lanes: bool = False
    ordered: tuple[tuple[MapText, MapText], ...] = ()
    level: int = 0
    parameters: tuple[str, ...] = ()
    doubt: str = ""

    def text(self, first: int, second: int) -> MapText:
        """Return the pairs as a map between spaces of these many dimensions."""
        left = ", ".join(f"x{position}" for position in range(first))
        right = ", ".join(f"y{position}" for position in range(second))
        condition = " and ".join(f"({each})" for each in self.constraints if each)
        named = f"[{', '.join(self.parameters)}] -> " if self.parameters else ""
        return MapText(f"{named}{{ [{left}] -> [{right}]{f' : {condition}' if condition else ''} }}")


def differ(own: range) -> str:
    """Return that two instances differ in some of the dimensions."""
    return " or ".join(f"x{number} != y{number}" for number in own)


def before(own: range, source: str, sink: str, step: int | None) -> str:
    """Return that one iteration comes before another, lexicographically for several dimensions."""
    numbers = list(own)
    relation = ">" if (step or 1) < 0 else "<"
    cases: list[str] = []
    for position, number in enumerate(numbers):
        equal = [f"{source}{each} = {sink}{each}" for each in numbers[:position]]
        cases.append(" and ".join([*equal, f"{source}{number} {relation} {sink}{number}"]))
    return " or ".join(f"({each})" for each in cases)


def with_constraints(order: Order, constraints: list[str]) -> Order:
    """Return an order with further constraints."""
    return replace(order, constraints=(*constraints, *order.constraints))


def swapped(order: Order) -> Order:
    """Return an order of the second touch and the first as one of the first and the second."""
    letters = str.maketrans({"x": "y", "y": "x"})
    constraints = tuple(_exchange(each, letters) for each in order.constraints)
    ordered = tuple((other, one) for one, other in order.ordered)
    return replace(order, constraints=constraints, ordered=ordered)


def _exchange(constraint: str, letters: dict[int, str]) -> str:
    return re.sub(r"\b[xy](?=\d)", lambda found: found.group().translate(letters), constraint)
