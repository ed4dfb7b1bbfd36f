"""Random subscripts, bounds, conditions and values over the names that a place in a program can see."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import ClassVar

from fuzz.program import (
    DOUBLE,
    INT,
    UCHAR,
    Bin,
    Call,
    Cast,
    Cond,
    CType,
    Decl,
    Elem,
    Expr,
    Form,
    Helper,
    Lit,
    Place,
    Un,
    Var,
)


@dataclass(frozen=True, slots=True)
class Names:
    """What a place in the program can see.

    Attributes:
        sizes: Integers that stay fixed in the nests.
        iterators: Counters of the loops around, outermost first.
        arrays: Names with subscripts; ``rows`` tells which are used as ``a[i*m + j]``, with ``m``.
        scalars: Numbers that may be read.
        indices: Integer arrays that steer subscripts; empty where everything is to be affine.
    """

    sizes: tuple[str, ...]
    iterators: tuple[str, ...] = ()
    arrays: tuple[Decl, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    scalars: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()


def plus(expression: Expr, shift: int) -> Expr:
    """Return the expression with a constant added, in the shortest form."""
    if isinstance(expression, Lit):
        return Lit(expression.value + shift)
    if not shift:
        return expression
    if isinstance(expression, Bin) and expression.operator in "+-" and isinstance(expression.right, Lit):
        inner = expression.right.value if expression.operator == "+" else -expression.right.value
        return plus(expression.left, inner + shift)
    return Bin("+" if shift > 0 else "-", expression, Lit(abs(shift)))


@dataclass(slots=True)
class Terms:
    """Makes expressions.

    Attributes:
        rng: Where choices come from.
        wild: How likely a subscript, bound or condition is one that no affine analysis knows.
        data: Type of the data.
    """

    rng: random.Random
    wild: float
    data: CType
    helpers: tuple[Helper, ...] = ()
    decls: dict[str, Decl] = field(default_factory=dict[str, Decl])
    FRONT: ClassVar[int] = 12

    def size(self, names: Names) -> Expr:
        """Return a bound over sizes and constants."""
        rng = self.rng
        name = Var(rng.choice((names.sizes[0], rng.choice(names.sizes))))
        draw = rng.random()
        if draw < 0.55:
            return name
        if draw < 0.7:
            return plus(name, rng.choice((-1, -1, 1, -2, 2)))
        if draw < 0.85:
            return Lit(rng.choice((3, 4, 5, 8)))
        if draw < 0.9:
            return Bin("*", Lit(2), name)
        if draw < 0.95:
            return Bin("/", name, Lit(rng.choice((2, 3))))
        return Bin(rng.choice("+-"), name, Var(rng.choice(names.sizes)))

    def bound(self, names: Names) -> Expr:
        """Return a loop's bound, which may depend on the loops around."""
        rng = self.rng
        if names.iterators and rng.random() < 0.3:
            outer = Var(rng.choice(names.iterators))
            draw = rng.random()
            if draw < 0.55:
                return plus(outer, rng.choice((0, 0, 1, 2, 3)))
            if draw < 0.75:
                return Bin("-", self.size(names), outer)
            if draw < 0.85:
                return Bin("+", self.size(names), outer)
            limit = self.size(names)
            reach = plus(outer, 3)
            return Cond(Bin("<", reach, limit), reach, limit)
        if names.indices and rng.random() < self.wild:
            return Elem(rng.choice(names.indices), (self.plain(names),))
        return self.size(names)

    def first(self, names: Names) -> Expr:
        """Return a loop's first value."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.6:
            return Lit(rng.choice((0, 0, 0, 1, 2)))
        if names.iterators and draw < 0.85:
            return plus(Var(rng.choice(names.iterators)), rng.choice((0, 1, 1, -1)))
        if draw < 0.93 and len(names.sizes) > 1:
            return Var(names.sizes[-1])
        return Lit(rng.choice((0, 1, -1)))

    def plain(self, names: Names) -> Expr:
        """Return a counter, or 0 outside loops."""
        return Var(self.rng.choice(names.iterators)) if names.iterators else Lit(0)

    def subscript(self, names: Names) -> Expr:
        """Return a subscript."""
        rng = self.rng
        if rng.random() < self.wild:
            return self._wild_subscript(names)
        counter = self.plain(names)
        draw = rng.random()
        if draw < 0.42:
            return counter
        if draw < 0.64:
            return plus(counter, rng.choice((1, -1, -1, 1, 2, -2, 3)))
        if draw < 0.7:
            return plus(Bin("*", Lit(rng.choice((2, 2, 3))), counter), rng.choice((0, 0, 1)))
        if draw < 0.78 and len(names.iterators) > 1:
            first, second = rng.sample(names.iterators, 2)
            return Bin(rng.choice("++-"), Var(first), Var(second))
        if draw < 0.84:
            return plus(Bin("-", Var(names.sizes[0]), counter), rng.choice((-1, -1, 0)))
        if draw < 0.9:
            return Bin(rng.choice("+-"), counter, Var(rng.choice(names.sizes)))
        if draw < 0.94:
            return Lit(rng.choice((0, 1, 4)))
        if draw < 0.97:
            return Bin(rng.choice(("/", "%")), counter, Lit(rng.choice((2, 3, 4))))
        return Var(rng.choice(names.sizes))

    def _wild_subscript(self, names: Names) -> Expr:
        rng, counter = self.rng, self.plain(names)
        draw = rng.random()
        if names.indices and draw < 0.6:
            return Elem(rng.choice(names.indices), (counter if rng.random() < 0.8 else plus(counter, 1),))
        if draw < 0.7:
            return Bin("*", counter, counter)
        if draw < 0.78:
            return Bin("&", counter, Lit(rng.choice((3, 1, 2))))
        if draw < 0.86:
            return Cast(UCHAR, plus(counter, rng.choice((1, 250, 254))))
        if draw < 0.93:
            return Bin("%", counter, Var(names.sizes[0]))
        return Bin("^", counter, Lit(1))

    def element(self, decl: Decl, names: Names) -> Place:
        """Return an element of an array, with subscripts that fit the way it is used."""
        rng = self.rng
        member = rng.choice(decl.record.members)[0] if decl.record is not None else ""
        if decl.form is Form.SCALAR:
            return Elem(decl.name, (), member)
        rank = len(decl.extents) + (decl.form is Form.POINTER)
        width = dict(names.rows).get(decl.name)
        if width is not None and rng.random() < 0.93:
            row, column = self._pair(names)
            return Elem(decl.name, (Bin("+", Bin("*", row, Var(width)), column),), member)
        if rank == 2 and rng.random() < 0.8:
            row, column = self._pair(names)
            return Elem(decl.name, (plus(row, 2) if decl.form is Form.ARRAY else row, column), member)
        subscripts = [self.subscript(names) for _ in range(rank)]
        if decl.form is Form.ARRAY and rng.random() < 0.8:
            # Nothing lies in front of an array of a fixed size.
            subscripts[0] = plus(subscripts[0], self.FRONT)
        return Elem(decl.name, tuple(subscripts), member)

    def _pair(self, names: Names) -> tuple[Expr, Expr]:
        rng = self.rng
        if len(names.iterators) < 2:
            return (
                (self.plain(names), Lit(rng.choice((0, 1)))) if rng.random() < 0.6 else (Lit(1), self.subscript(names))
            )
        first, second = names.iterators[-2:] if rng.random() < 0.7 else rng.sample(names.iterators, 2)
        if rng.random() < 0.12:
            first, second = second, first
        shifts = (0, 0, 0, 0, 1, -1)
        return plus(Var(first), rng.choice(shifts)), plus(Var(second), rng.choice(shifts))

    def condition(self, names: Names) -> Expr:
        """Return the condition of an ``if``."""
        rng = self.rng
        if names.arrays and rng.random() < self.wild * 1.5:
            place = self.element(rng.choice(names.arrays), names)
            return Bin(rng.choice((">", "<", ">=", "!=")), place, Lit(rng.choice((0, 1, 2)), self.type_of(place)))
        counter = self.plain(names)
        draw = rng.random()
        if draw < 0.35:
            return Bin(rng.choice(("<", ">", ">=", "!=", "==")), counter, Lit(rng.choice((0, 1, 2, 3))))
        if draw < 0.5:
            return Bin("==", Bin("%", counter, Lit(rng.choice((2, 3)))), Lit(rng.choice((0, 1))))
        if draw < 0.7 and len(names.iterators) > 1:
            first, second = rng.sample(names.iterators, 2)
            return Bin(rng.choice(("<", "<=", "!=", "==", ">")), Var(first), Var(second))
        if draw < 0.8:
            return Bin(rng.choice(("<", ">=")), counter, self.size(names))
        if draw < 0.9:
            return Bin(rng.choice(("&&", "||")), self.condition(names), self.condition(names))
        if draw < 0.95:
            return Un("!", self.condition(names))
        return Bin(rng.choice(("<", ">")), Var(rng.choice(names.sizes)), Lit(rng.choice((2, 3, 5))))

    def value(self, names: Names, depth: int = 2) -> Expr:
        """Return a number to store."""
        rng = self.rng
        draw = rng.random()
        if depth and draw < 0.45:
            left, right = self.value(names, depth - 1), self.value(names, depth - 1)
            operator = rng.choice("+++--*")
            if operator == "*" and not self.data.is_float:
                right = Lit(rng.choice((2, 3)))
            return Bin(operator, left, right)
        if names.arrays and draw < 0.85:
            return self.element(rng.choice(names.arrays), names)
        if names.scalars and draw < 0.93:
            return Var(rng.choice(names.scalars))
        if names.iterators and draw < 0.96:
            return Var(rng.choice(names.iterators))
        if depth and draw < 0.98:
            return self._unusual(names, depth)
        return Lit(rng.choice((1, 2, 3)), self.data if self.data.is_float else INT)

    def _unusual(self, names: Names, depth: int) -> Expr:
        rng = self.rng
        draw = rng.random()
        if self.helpers and draw < 0.5:
            helper = rng.choice(self.helpers)
            return Call(helper.name, tuple(self.value(names, depth - 1) for _ in helper.parameters))
        first, second = self.value(names, depth - 1), self.value(names, depth - 1)
        if self.data is DOUBLE and draw < 0.75:
            return Call(rng.choice(("fmax", "fmin")), (first, second))
        return Cond(Bin(rng.choice("<>"), first, second), first, second)

    def type_of(self, place: Place) -> CType:
        """Return the type of an element."""
        decl = self.decls[place.name]
        if isinstance(place, Elem) and place.member and decl.record is not None:
            return decl.record.member(place.member)[1]
        return decl.type
