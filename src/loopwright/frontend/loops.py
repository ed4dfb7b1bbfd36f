"""The headers of ``for`` loops: counted or not, and with which first value, bound and step."""

from __future__ import annotations

from loopwright.core.assumption import AssumptionKind
from loopwright.core.codes import Code
from loopwright.frontend.affine import NotAffine, Poly, Value, conjunction, disjunction
from loopwright.frontend.collect import AccessCollector
from loopwright.frontend.headers import Counting, Header, is_name
from loopwright.frontend.parameters import is_primary
from loopwright.frontend.scope import Frame
from loopwright.frontend.syntax import (
    Binary,
    Expression,
)
from loopwright.frontend.tree import strip_casts
from loopwright.frontend.types import LONG_LONG

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}


class LoopReader(AccessCollector):
    """Gives the headers of counted loops their values."""

    def count(self, header: Header, dimension: str, *, has_exits: bool) -> Counting | NotAffine:
        """Return the values of a loop, or why it cannot be counted.

        Args:
            header: Its parts.
            dimension: Name of its dimension.
            has_exits: It may be left early, so that nothing follows from it having to end.
        """
        init = self.value(header.init)
        step = Poly.of(header.step) if header.step is not None else self._symbolic_step(header)
        if isinstance(step, NotAffine):
            return step
        lower = init.poly if isinstance(init, Value) else None
        if lower is not None and lower.constant is not None and lower.constant > LONG_LONG.value_range[1]:
            # Guards compute in long long.
            return NotAffine(Code.UNSIGNED_WRAP, f"'{header.iterator.name}' begins at {lower.constant}")
        is_symbolic = step.constant is None
        if is_symbolic:
            return self._count_by_symbol(header, dimension, lower, step)
        number = step.constant or 1
        value = Poly.symbol(dimension)
        doubt = _as_bound(init) if isinstance(init, NotAffine) else None
        first = self._first_formula(init, value, number) if isinstance(init, Value) else ""
        if first is None:
            first, doubt = "", NotAffine(Code.NON_AFFINE_BOUND, "the first value is not affine")
        saved = self.scope.bindings.get(header.iterator.key)
        self.scope.bindings[header.iterator.key] = Value.of(value)
        self.scope.frames.append(Frame(dimension, first, number < 0))
        try:
            limits = self._limits(header, header.condition, dimension, number, lower, has_exits=has_exits)
            if isinstance(limits, NotAffine):
                if limits.code not in (Code.NON_AFFINE_BOUND, Code.NON_AFFINE_SUBSCRIPT, Code.INDIRECT_SUBSCRIPT):
                    return limits
                if not self._is_plain_relation(header, number):
                    return NotAffine(Code.UNCOUNTED_LOOP, limits.reason)
                doubt, limits = _as_bound(limits), ("", None)
            formula, upper = limits
            wrap = self._check_wrap(header, dimension, number, formula)
            if wrap is not None:
                return wrap
        finally:
            self.scope.frames.pop()
            self._restore(header.iterator.key, saved)
        trip = self._trip_count(lower, upper, number)
        is_canonical = self._is_canonical(header, upper, number)
        bound = upper if number > 0 else None
        return Counting(value, conjunction(first, formula), lower, upper, bound, trip, doubt, is_canonical)

    def _restore(self, key: int, saved: object) -> None:
        if saved is None:
            self.scope.bindings.pop(key, None)
        else:
            self.scope.bindings[key] = saved  # pyright: ignore[reportArgumentType]  # it was taken from there

    def _symbolic_step(self, header: Header) -> Poly | NotAffine:
        expression = header.step_expression
        value = self.value(expression) if expression is not None else None
        poly = value.poly if isinstance(value, Value) else None
        if poly is None or not all(name in self.scope.parameters for name in poly.symbols):
            return NotAffine(Code.UNCOUNTED_LOOP, f"the step of '{header.iterator.name}' changes")
        return poly

    def _first_formula(self, init: Value, value: Poly, step: int) -> str | None:
        relation = ">=" if step > 0 else "<="
        cases: list[str] = []
        for piece in init.pieces:
            text = self.isl(piece.poly)
            if text is None:
                return None
            stride = f"({value} - ({text})) mod {abs(step)} = 0" if abs(step) != 1 else ""
            cases.append(conjunction(piece.formula, f"{value} {relation} {text}", stride))
        return disjunction(*cases)

    def _limits(
        self,
        header: Header,
        condition: Expression,
        dimension: str,
        step: int,
        lower: Poly | None,
        *,
        has_exits: bool,
    ) -> tuple[str, Poly | None] | NotAffine:
        """Return the formula of the condition and the bound that it sets."""
        plain = strip_casts(condition)
        if isinstance(plain, Binary) and plain.operator == "&&":
            first = self._limits(header, plain.left, dimension, step, lower, has_exits=has_exits)
            second = self._limits(header, plain.right, dimension, step, lower, has_exits=has_exits)
            if isinstance(first, NotAffine) or isinstance(second, NotAffine):
                return NotAffine(Code.UNCOUNTED_LOOP, "the loop's condition is not one bound")
            return conjunction(first[0], second[0]), None
        if not isinstance(plain, Binary) or plain.operator not in _MIRRORED:
            return NotAffine(Code.UNCOUNTED_LOOP, "the loop's condition is not a bound of its variable")
        left, right = self.value(plain.left), self.value(plain.right)
        if isinstance(left, NotAffine):
            return left
        if isinstance(right, NotAffine):
            return right
        cases: list[str] = []
        upper: Poly | None = None
        for one in left.pieces:
            for other in right.pieces:
                found = self._limit(one.poly - other.poly, plain.operator, dimension, step, lower, header, has_exits)
                if isinstance(found, NotAffine):
                    return found
                cases.append(conjunction(one.formula, other.formula, found[0]))
                upper = found[1]
        return disjunction(*cases), upper if len(cases) == 1 else None

    def _limit(
        self,
        difference: Poly,
        operator: str,
        dimension: str,
        step: int,
        lower: Poly | None,
        header: Header,
        has_exits: bool,
    ) -> tuple[str, Poly | None] | NotAffine:
        """Return the limit that ``difference operator 0`` sets to the dimension."""
        factor = difference.coefficient(dimension)
        if not factor:
            return NotAffine(Code.UNCOUNTED_LOOP, f"the condition does not bound '{header.iterator.name}'")
        rest = difference.without(dimension)
        if operator == "!=":
            return self._until_equal(factor, rest, dimension, step, lower, header, has_exits)
        # Bring it to the form  factor * dimension + rest < 0.
        if operator in (">", ">="):
            factor, rest = -factor, -rest
        if operator in ("<=", ">="):
            rest = rest - Poly.of(1)
        if (factor > 0) != (step > 0):
            return NotAffine(Code.UNCOUNTED_LOOP, f"the loop moves '{header.iterator.name}' away from its bound")
        text = self.isl(Poly.symbol(dimension).scaled(factor) + rest)
        if text is None:
            return NotAffine(Code.NON_AFFINE_BOUND, "the bound multiplies values that change")
        if abs(factor) != 1:
            return f"{text} < 0", None
        upper = rest.scaled(-factor)
        relation = "<" if step > 0 else ">"
        return f"{dimension} {relation} {self.isl(upper)}", upper

    def _until_equal(
        self, factor: int, rest: Poly, dimension: str, step: int, lower: Poly | None, header: Header, has_exits: bool
    ) -> tuple[str, Poly | None] | NotAffine:
        upper = rest.scaled(-factor)
        text = self.isl(upper)
        if abs(factor) != 1 or abs(step) != 1 or text is None:
            return NotAffine(Code.UNCOUNTED_LOOP, "a loop until two values are equal needs the step 1")
        start = self.isl(lower) if lower is not None else None
        if start is None:
            return NotAffine(Code.UNCOUNTED_LOOP, "a loop until two values are equal needs a known first value")
        wraps = not header.iterator.type.is_signed or self.scope.finder.dialect.signed_wraps
        if wraps or has_exits or header.iterator.type.size_bytes < 4:
            formula = f"{start} {'<=' if step > 0 else '>='} {text}"
            frame = self.scope.frames.pop()
            try:
                clause = f"'{header.iterator.name}' reaches its last value without wrapping around"
                holds = self.scope.require(formula, AssumptionKind.NO_WRAP, Code.UNSIGNED_WRAP, clause)
            finally:
                self.scope.frames.append(frame)
            if not holds:
                return NotAffine(Code.UNSIGNED_WRAP, f"'{header.iterator.name}' may wrap around before it is equal")
        return f"{dimension} {'<' if step > 0 else '>'} {text}", upper

    def _check_wrap(self, header: Header, dimension: str, step: int, formula: str) -> NotAffine | None:
        """Ensure that the iterator's own type holds all values, the one that ends the loop included."""
        type_ = header.iterator.type
        if type_.is_signed and type_.size_bytes >= 4 and not self.scope.finder.dialect.signed_wraps:
            return None
        least, greatest = type_.value_range
        last = f"{dimension} + {step} <= {greatest}" if step > 0 else f"{dimension} - {-step} >= {least}"
        is_narrow = type_.is_signed and type_.size_bytes < 4
        code = Code.INTEGER_CONVERSION if is_narrow else Code.UNSIGNED_WRAP
        reason = f"'{header.iterator.name}' of type '{type_.unqualified}' may wrap around before the loop ends"
        plain = strip_casts(header.condition)
        if not formula and isinstance(plain, Binary) and plain.operator in ("<", ">") and abs(step) == 1:
            # Below a bound of a type that is no wider there is room for one more step.
            return None if plain.left.type.size_bytes <= type_.size_bytes else NotAffine(code, reason)
        if self.scope.require(
            last, AssumptionKind.NO_WRAP, code, f"'{header.iterator.name}' does not wrap around", formula
        ):
            return None
        return NotAffine(code, reason)

    def _is_canonical(self, header: Header, upper: Poly | None, step: int) -> bool:
        """Return True if OpenMP takes the header, if need be under a guard.

        Compilers convert the bound to the iterator's type (OpenMP 5.2, section 4.4.1, asks for compatible types), where
        C compares in the wider of the two: a negative bound of an unsigned char would give iterations.
        """
        plain = strip_casts(header.condition)
        if not header.is_plain or not self._is_plain_relation(header, step) or not isinstance(plain, Binary):
            return False
        iterator = header.iterator.type
        bound = strip_casts(plain.right if is_name(plain.left, header.iterator) else plain.left).type
        is_narrow = iterator.size_bytes < 4 or bound.size_bytes > iterator.size_bytes
        if step > 0:
            doubtful, relation, limit = is_narrow and bound.is_signed, ">=", iterator.value_range[0]
        else:
            is_mixed = iterator.is_signed and not bound.is_signed and bound.size_bytes == iterator.size_bytes
            doubtful, relation, limit = is_narrow or is_mixed, "<=", iterator.value_range[1]
        if not doubtful:
            return True
        text = self.isl(upper) if upper is not None else None
        clause = f"the bound of '{header.iterator.name}' has a value of its type"
        return text is not None and self.scope.require(
            f"{text} {relation} {limit}", AssumptionKind.TRIP_COUNT, Code.TRIP_COUNT, clause
        )

    def _is_plain_relation(self, header: Header, step: int) -> bool:
        """Return True for ``i < b`` and the like with a bound that stays the same during the loop."""
        plain = strip_casts(header.condition)
        if not isinstance(plain, Binary) or plain.operator not in _MIRRORED:
            return False
        left, right, operator = plain.left, plain.right, plain.operator
        if is_name(right, header.iterator):
            left, right, operator = right, left, _MIRRORED[operator]
        if not is_name(left, header.iterator):
            return False
        if operator == "!=":
            return abs(step) == 1
        return (operator in ("<", "<=")) == (step > 0)

    def _trip_count(self, lower: Poly | None, upper: Poly | None, step: int) -> str:
        if lower is None or upper is None:
            return ""
        distance = upper - lower if step > 0 else lower - upper
        if not all(name in self.scope.parameters for name in distance.symbols) or not _is_writable(distance):
            return ""
        text = self.scope.parameters.count_text(distance)
        if abs(step) == 1:
            return text
        return f"({self.scope.parameters.count_text(distance + Poly.of(abs(step) - 1))}) / {abs(step)}"

    def _count_by_symbol(self, header: Header, dimension: str, lower: Poly | None, step: Poly) -> Counting | NotAffine:
        """Return the values of a loop whose dimension counts its iterations."""
        name = header.iterator.name
        parameters = self.scope.parameters
        text = self.isl(step)
        clause = f"the step of '{name}' is positive"
        if text is None or not self.scope.require(f"{text} > 0", AssumptionKind.POSITIVE, Code.TRIP_COUNT, clause):
            return NotAffine(Code.UNCOUNTED_LOOP, f"it is not known that the step of '{name}' is positive")
        if lower is None or (not header.iterator.type.is_signed and header.iterator.type.size_bytes < 8):
            return NotAffine(Code.UNCOUNTED_LOOP, f"the values of '{name}' are not known")
        value = lower + step * Poly.symbol(dimension)
        saved = self.scope.bindings.get(header.iterator.key)
        counter = f"{dimension}_value"
        self.scope.bindings[header.iterator.key] = Value.of(Poly.symbol(counter))
        self.scope.frames.append(Frame(counter, f"{counter} >= {self.isl(lower) or counter}"))
        try:
            limits = self._limits(header, header.condition, counter, 1, lower, has_exits=True)
        finally:
            self.scope.frames.pop()
            self._restore(header.iterator.key, saved)
        plain = strip_casts(header.condition)
        if isinstance(limits, NotAffine) or (isinstance(plain, Binary) and plain.operator == "!="):
            return NotAffine(Code.UNCOUNTED_LOOP, f"the bound of '{name}' is not known")
        upper = limits[1]
        is_canonical = self._is_canonical(header, upper, 1)
        doubt: NotAffine | None = None
        formula, trip = f"{dimension} >= 0", ""
        distance = upper - lower if upper is not None else None
        if distance is not None and all(each in parameters for each in distance.symbols) and _is_writable(distance):
            wide = parameters.count_text(distance)
            size = parameters.count_text(step)
            size = size if is_primary(size) else f"({size})"
            trip = f"({wide} + {size} - 1) / {size}"
            with self.scope.at((), ()):
                # Known in front of the nest, if need be by a guard that stands before all that uses the number.
                is_positive = self.scope.prove(f"{text} > 0")
            count = parameters.opaque(trip, LONG_LONG, is_guardable=is_positive)
            formula = f"0 <= {dimension} < {count}"
        else:
            doubt = NotAffine(Code.NON_AFFINE_BOUND, "the number of iterations is not affine")
        return Counting(value, formula, lower, upper, None, trip, doubt, is_canonical)


def _is_writable(distance: Poly) -> bool:
    """Return True if the coefficients are literals of ``long long``: C reads greater ones in another type."""
    return all(abs(coefficient) < 1 << 62 for _, coefficient in distance.terms)


def _as_bound(why: NotAffine) -> NotAffine:
    if why.code in (Code.NON_AFFINE_SUBSCRIPT, Code.INDIRECT_SUBSCRIPT):
        return NotAffine(Code.NON_AFFINE_BOUND, f"the bound is not affine: {why.reason}")
    return why
