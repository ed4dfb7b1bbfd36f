"""Parameters that are computed from others (``p0 = n * n``): isl takes them for free, a witness must not."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

from loopwright.core.nest import LoopNest

_ATOM = re.compile(r"[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*")
_CAST = re.compile(r"\((?:unsigned |signed )?(?:long long|long|int|size_t|ptrdiff_t)\)")

MAX_FREE = 3
"""Values are tried for no more than this many parameters that others are computed from."""

VALUES = (*range(10), 12, 16, 17, 32)


class DerivedParameters:
    """The parameters of a nest whose expressions name other parameters.

    Attributes:
        free: Names of the parameters that they are computed from, in the nest's order.
    """

    def __init__(self, nest: LoopNest) -> None:
        atoms = {item.expression: item.name for item in nest.parameters if _ATOM.fullmatch(item.expression)}
        self._formulas: dict[str, ast.expr] = {}
        used: set[str] = set()
        for parameter in nest.parameters:
            formula = None if parameter.expression in atoms else _parse(parameter.expression, atoms)
            if formula is not None:
                self._formulas[parameter.name] = formula
                used |= {node.id for node in ast.walk(formula) if isinstance(node, ast.Name)}
        self.free = tuple(parameter.name for parameter in nest.parameters if parameter.name in used)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the parameters that are computed from others."""
        return tuple(self._formulas)

    def values(self, free: dict[str, int]) -> dict[str, int] | None:
        """Return the computed parameters where the others have the values ``free``; None for a division by zero."""
        try:
            return {name: _evaluate(formula, free) for name, formula in self._formulas.items()}
        except ZeroDivisionError:
            return None

    def candidates(self) -> Iterator[dict[str, int]]:
        """Yield small values of ``free`` together with what follows from them, the smallest first."""
        if len(self.free) > MAX_FREE:
            return
        for choice in sorted(itertools.product(VALUES, repeat=len(self.free)), key=sum):
            chosen = dict(zip(self.free, choice, strict=True))
            computed = self.values(chosen)
            if computed is not None:
                yield chosen | computed


def _parse(expression: str, atoms: dict[str, str]) -> ast.expr | None:
    """Return the formula behind C text of sums, products and quotients of other parameters; None for anything else."""
    unknown = False

    def name_of(match: re.Match[str]) -> str:
        nonlocal unknown
        unknown = unknown or match[0] not in atoms
        return atoms.get(match[0], match[0])

    text = _ATOM.sub(name_of, _CAST.sub("", expression))
    if unknown or not re.fullmatch(r"[\w\s()*+/%-]+", text):
        return None
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None


def _evaluate(formula: ast.expr, values: dict[str, int]) -> int:
    match formula:
        case ast.Constant(int(value)):
            return value
        case ast.Name(name):
            return values[name]
        case ast.UnaryOp(ast.USub(), operand):
            return -_evaluate(operand, values)
        case ast.BinOp(left, operator, right):
            return _apply(operator, _evaluate(left, values), _evaluate(right, values))
        case _:
            raise ZeroDivisionError


def _apply(operator: ast.operator, left: int, right: int) -> int:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div() | ast.Mod():
            # C rounds towards zero.
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return quotient if isinstance(operator, ast.Div) else left - right * quotient
        case _:
            raise ZeroDivisionError
