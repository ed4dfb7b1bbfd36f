"""Which programs are affine: all that decides what runs and what is touched is a sum of counters, sizes and numbers.

Quotients and remainders by a number, ``c ? a : b`` of affine parts and subscripts ``i*m + j`` that every access to the
array shares (with affine ``i`` and ``j``) count as affine; but where a run of the program leaves a row, of ``i*m + j``
or of ``a[i][j]``, the place is a product and no pair of affine subscripts. Arithmetic that may wrap around, unsigned or
narrow, does not count, and neither do values that come out of memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fuzz.inputs import SerialRun
from fuzz.program import (
    INT,
    LONG,
    Assign,
    Bin,
    Cond,
    Decl,
    Declare,
    Elem,
    Expr,
    For,
    Form,
    If,
    Jump,
    Lit,
    Point,
    Program,
    Stmt,
    Un,
    Var,
    While,
    declarations,
    expressions,
)

_TYPES = (INT, LONG)
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})


def stays_in_rows(runs: Iterable[SerialRun]) -> bool:
    """Return True if no run has a subscript that leaves its row."""
    return not any(run.memory.leaves_row or run.memory.leaves_recovered_row for run in runs)


def is_affine(program: Program) -> bool:
    """Return True if the program is affine, the computation of its sizes included."""
    reader = _Reader(declarations(program))
    return reader.body(program.body, inside=False) and reader.rows_agree()


@dataclass(slots=True)
class _Reader:
    decls: dict[str, Decl]
    widths: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def rows_agree(self) -> bool:
        """Return True if every array is subscripted in one way."""
        return all(len(widths) == 1 for widths in self.widths.values())

    def body(self, statements: tuple[Stmt, ...], *, inside: bool) -> bool:
        return all(self._statement(statement, inside=inside) for statement in statements)

    def _statement(self, statement: Stmt, *, inside: bool) -> bool:
        match statement:
            case For(lower=lower, upper=upper, step=step, body=body, iterator=iterator):
                header = isinstance(step, int) and self._whole(lower) and self._whole(upper)
                return header and iterator.type in _TYPES and self.body(body, inside=True)
            case If(condition=condition, then=then, otherwise=otherwise):
                test = self._condition(condition) or self._is_extreme(statement)
                parts = self.body(then, inside=inside) and self.body(otherwise, inside=inside)
                return test and parts and self._accesses(condition)
            case Assign(target=target, value=value):
                return self._accesses(target) and self._accesses(value) and self._fixed_or_whole(target, value, inside)
            case Declare(decl=decl, initial=initial):
                if isinstance(initial, Point):
                    return self._whole(initial.offset) and not inside
                is_size = decl.name.startswith("w") and decl.form is Form.SCALAR
                return initial is None or (self._whole(initial) if is_size else self._accesses(initial))
            case While():
                return False
            case Jump(kind=kind, value=value):
                return not (inside and kind != "continue") and (value is None or self._accesses(value))
            case _:
                return True

    def _fixed_or_whole(self, target: Expr, value: Expr, inside: bool) -> bool:
        """Return True unless a size is set to something that is not affine."""
        is_size = isinstance(target, Var) and target.name.startswith("w")
        return not is_size or (not inside and self._whole(value))

    def _is_extreme(self, statement: If) -> bool:
        """Return True for ``if (e < x) x = e;`` over one type."""
        match statement:
            case If(
                condition=Bin(left=left, right=Var() as target), then=(Assign(target=goal, operator="", value=value),)
            ):
                decl = self.decls[target.name]
                return (
                    goal == target and value == left and not statement.otherwise and self._types(value) == {decl.type}
                )
            case _:
                return False

    def _types(self, value: Expr) -> set[object]:
        names = [item.name for item in expressions(value) if isinstance(item, Var | Elem)]
        return {self.decls[name].type for name in names}

    def _condition(self, item: Expr) -> bool:
        match item:
            case Bin(operator="&&" | "||", left=left, right=right):
                return self._condition(left) and self._condition(right)
            case Un(operator="!", operand=operand):
                return self._condition(operand)
            case Bin(operator=operator, left=left, right=right) if operator in _COMPARISONS:
                return self._whole(left) and self._whole(right)
            case _:
                return False

    def _whole(self, item: Expr) -> bool:
        """Return True for an affine integer."""
        match item:
            case Lit(type=type_):
                return type_ in _TYPES
            case Var(name=name):
                return self.decls[name].type in _TYPES and self.decls[name].form is Form.SCALAR
            case Bin(operator="+" | "-", left=left, right=right):
                return self._whole(left) and self._whole(right)
            case Bin(operator="*", left=left, right=right):
                return (isinstance(left, Lit) or isinstance(right, Lit)) and self._whole(left) and self._whole(right)
            case Bin(operator="/" | "%", left=left, right=right):
                return isinstance(right, Lit) and self._whole(left)
            case Cond(condition=condition, then=then, otherwise=otherwise):
                return self._condition(condition) and self._whole(then) and self._whole(otherwise)
            case _:
                return False

    def _accesses(self, item: Expr) -> bool:
        """Return True if every subscript inside an expression is affine."""
        for part in expressions(item):
            if not isinstance(part, Elem):
                continue
            for subscript in part.subscripts:
                width = self._row(subscript) if len(part.subscripts) == 1 else None
                if width is None and not self._whole(subscript):
                    return False
                self.widths.setdefault(part.name, set()).add(width or "")
        return True

    def _row(self, subscript: Expr) -> str | None:
        """Return ``m`` of a subscript ``i*m + j``; None if it is none."""
        match subscript:
            case Bin(operator="+", left=Bin(operator="*", left=row, right=Var(name=width)), right=column):
                return width if self._whole(row) and self._whole(column) else None
            case _:
                return None
