"""Parameters that are computed from others (``p0 = n * n``): isl takes them for free, a witness must not."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from loopwright.core.nest import LoopNest
from loopwright.core.variable import ElementKind, Parameter
from loopwright.poly.c_value import CValue, UndefinedValue, read_c_value

_PLACE = re.compile(r"\*?\(?[A-Za-z_]\w*\)?(?:(?:->|\.)[A-Za-z_]\w*|\[\d+\]|\(\))*")

MAX_FREE = 3
"""Values are tried for no more than this many parameters that others are computed from."""

VALUES = (*range(10), 12, 16, 17, 32, -1, -2)


class DerivedParameters:
    """The parameters of a nest whose expressions name other parameters.

    Attributes:
        free: Names of the parameters that they are computed from, in the nest's order.
        unknown: Names of those of which it is not known how their values come about.
    """

    def __init__(self, nest: LoopNest) -> None:
        places = {item.name for item in nest.parameters if _PLACE.fullmatch(item.expression)}
        atoms = {item.expression: (item.name, item.element) for item in nest.parameters if item.name in places}
        self._formulas: dict[str, CValue] = {}
        used: set[str] = set()
        unknown = set(nest.unknown_parameters)
        for parameter in nest.parameters:
            if parameter.name in places:
                continue
            formula = read_c_value(parameter.expression, atoms)
            if formula is None or unknown & formula.names:
                unknown.add(parameter.name)
            else:
                self._formulas[parameter.name] = formula
                used |= formula.names
        self.unknown = frozenset(unknown)
        self.free = tuple(parameter.name for parameter in nest.parameters if parameter.name in used)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the parameters that are computed from others."""
        return tuple(self._formulas)

    def values(self, free: dict[str, int]) -> dict[str, int] | None:
        """Return the computed parameters where the others have the values ``free``; None if one has no value in C.

        Names that ``free`` lacks count as 0: no formula that matters holds one.
        """
        given = dict.fromkeys(self.free, 0) | free
        try:
            return {name: formula.value(given) for name, formula in self._formulas.items()}
        except UndefinedValue:
            return None

    def candidates(self) -> Iterator[dict[str, int]]:
        """Yield small values of ``free`` together with what follows from them, the smallest first."""
        if len(self.free) > MAX_FREE:
            return
        for choice in sorted(itertools.product(VALUES, repeat=len(self.free)), key=_effort):
            chosen = dict(zip(self.free, choice, strict=True))
            computed = self.values(chosen)
            if computed is not None:
                yield chosen | computed


def _effort(values: tuple[int, ...]) -> tuple[int, int]:
    return sum(abs(value) for value in values), sum(value < 0 for value in values)


def range_of(parameter: Parameter) -> tuple[int, int] | None:
    """Return the least and greatest value of the parameter's type; None if it is no integer."""
    bits = 8 * parameter.element.size_bytes
    match parameter.element.kind:
        case ElementKind.SIGNED if bits:
            return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        case ElementKind.UNSIGNED if bits:
            return 0, (1 << bits) - 1
        case ElementKind.BOOL:
            return 0, 1
        case _:
            return None
