"""Integer expressions of C as symbolic values, with C's own rules for unsigned arithmetic and conversions."""

from __future__ import annotations

from contextlib import AbstractContextManager

from loopwright.core.assumption import AssumptionKind
from loopwright.core.codes import Code
from loopwright.frontend.affine import NotAffine, Piece, Poly, Value, conjunction, disjunction, negation
from loopwright.frontend.conditions import Condition
from loopwright.frontend.fixed import Fixed
from loopwright.frontend.proofs import ProofReader
from loopwright.frontend.scope import Known, Scope
from loopwright.frontend.syntax import (
    Binary,
    Call,
    Cast,
    Conditional,
    Expression,
    FunctionSyntax,
    Integer,
    Name,
    ReturnStmt,
    Unary,
)
from loopwright.frontend.tree import walk_expression
from loopwright.frontend.types import CType, TypeKind

_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||"})
_LARGEST_MODULUS = 1 << 31


class ValueReader(ProofReader):
    """Reads integer expressions in a scope."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._inlining: list[int] = []
        self._is_defining = False

    def condition(self, expression: Expression) -> Condition:
        """Return what is known of the instances for which ``expression`` is true."""
        raise NotImplementedError

    def value(self, expression: Expression) -> Value | NotAffine:
        """Return the value of an integer expression."""
        found = self._value(expression)
        if isinstance(found, NotAffine) and not isinstance(expression, Name | Integer) and not self._is_defining:
            fixed = self.fixed(expression)
            if fixed is not None and expression.type.is_integer:
                return Value.of(self.opaque(expression, fixed))
        return found

    def opaque(self, expression: Expression, fixed: Fixed) -> Poly:
        """Return the parameter for a fixed expression; the variables in it become parameters too."""
        parameters = self.scope.parameters
        poly = parameters.opaque(fixed.text, expression.type, is_guardable=fixed.is_safe, source=expression)
        for part in walk_expression(expression):
            if isinstance(part, Name) and part.type.is_integer and part.declaration.key not in self.scope.bindings:
                text = self.fixed(part)
                if isinstance(self._named(part), Value) and text is not None:
                    parameters.symbol(
                        part.declaration.key, part.declaration.name, text.text, part.type, is_guardable=text.is_safe
                    )
        return poly

    def _value(self, expression: Expression) -> Value | NotAffine:
        if not expression.type.is_integer:
            return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "the value is not an integer")
        match expression:
            case Integer(value=value):
                return Value.of(value)
            case Name():
                return self._named(expression)
            case Cast(operand=operand):
                return self._converted(operand, expression.type)
            case Unary():
                return self._unary(expression)
            case Binary():
                return self._binary(expression)
            case Conditional():
                return self._choice(expression)
            case Call():
                return self._call(expression)
            case _:
                return NotAffine(Code.INDIRECT_SUBSCRIPT, "the value is read from memory")

    def _named(self, expression: Name) -> Value | NotAffine:
        declaration = expression.declaration
        bound = self.scope.bindings.get(declaration.key)
        if isinstance(bound, Value | NotAffine):
            return bound
        fixed = self.fixed(expression)
        initial = declaration.initializer
        definition: Value | None = None
        if bound is None and initial is not None and self.is_constant_for_ever(expression):
            definition = self._definition(Cast(expression.type, initial.extent, initial))
            if definition is not None and (fixed is None or _is_simple(definition)):
                return definition
        if bound is None and fixed is None and declaration.key in self.scope.known:
            return self._recalled(self.scope.known[declaration.key])
        if bound is not None or fixed is None:
            return NotAffine(Code.NON_AFFINE_SUBSCRIPT, f"'{declaration.name}' changes inside the nest")
        parameters = self.scope.parameters
        is_new = not parameters.has(declaration.key)
        symbol = parameters.symbol(
            declaration.key, declaration.name, fixed.text, expression.type, is_guardable=fixed.is_safe
        )
        if definition is not None and is_new:
            self._define(symbol, definition)
        return Value.of(symbol)

    def _recalled(self, known: Known) -> Value | NotAffine:
        """Return what a variable was assigned, as it was read at that point."""
        if known.value is None:
            with self.scope.back_at(known):
                known.value = self.value(known.expression)
        return known.value

    def _definition(self, initial: Expression) -> Value | None:
        """Return the value that a variable was given, as far as that follows without any assumption."""
        scope = self.scope
        saved = scope.can_assume, self._is_defining
        scope.can_assume, self._is_defining = False, True
        try:
            with scope.at((), ()):
                value = self.value(initial)
        finally:
            scope.can_assume, self._is_defining = saved
        return value if isinstance(value, Value) else None

    def _define(self, symbol: Poly, definition: Value) -> None:
        """Note how a parameter was computed from others.

        A sum such as ``width - 2``, or a division that rounds towards 0, stays a parameter of the variable's name: in
        ``(f*h + y)*w + x`` the rows can then be recovered, which no expansion of ``w`` would show.
        """
        cases = [(piece.formula, self.isl(symbol - piece.poly)) for piece in definition.pieces]
        if all(text is not None for _, text in cases):
            formula = disjunction(*(conjunction(given, f"{text} = 0") for given, text in cases))
            self.scope.parameters.define(symbol, formula)

    def is_constant_for_ever(self, expression: Name) -> bool:
        """Return True if the variable holds its initial value wherever the function reads it."""
        declaration, whole = expression.declaration, self.scope.whole
        if declaration.initializer is None or declaration.key in self.scope.finder.address_taken:
            return False
        if declaration.outlives_function:
            return declaration.type.is_const and isinstance(self._value(declaration.initializer), Value)
        is_single = whole.writes.get(declaration.key) == 1
        return is_single and self.scope.finder.is_fixed(declaration.initializer, whole)

    def _converted(self, operand: Expression, to: CType) -> Value | NotAffine:
        if not operand.type.is_integer:
            return NotAffine(Code.INTEGER_CONVERSION, "a number that is not an integer is converted to one")
        if to.kind is TypeKind.BOOL:
            return self._truth(operand)
        value = self.value(operand)
        if isinstance(value, NotAffine):
            return value
        least, greatest = to.value_range
        from_least, from_greatest = operand.type.value_range
        if least <= from_least and from_greatest <= greatest:
            return value
        if value.constant is not None:
            return Value.of(_wrapped(value.constant, to))
        if from_least < least and from_greatest <= greatest:
            text = "no negative value is converted to unsigned"
            ok = self.require_pieces(value, "{} >= 0", AssumptionKind.POSITIVE, Code.UNSIGNED_WRAP, text)
            return value if ok else NotAffine(Code.UNSIGNED_WRAP, "a negative value may be converted to unsigned")
        fits = f"{least} <= {{}} <= {greatest}"
        if all(self.proves(piece, fits) for piece in value.pieces):
            return value
        reason = f"the conversion to '{to.unqualified}' may change the value"
        return NotAffine(Code.INTEGER_CONVERSION, reason)

    def _truth(self, expression: Expression) -> Value | NotAffine:
        condition = self.condition(expression)
        if not condition.is_exact:
            return NotAffine(condition.code or Code.NON_AFFINE_SUBSCRIPT, condition.reason)
        return Value(
            (Piece(condition.when_true or "true", Poly.of(1)), Piece(condition.when_false or "true", Poly.of(0)))
        )

    def _unary(self, expression: Unary) -> Value | NotAffine:
        operator, operand = expression.operator, expression.operand
        if operator == "!":
            return self._truth(expression)
        if operator not in ("-", "+", "~"):
            return NotAffine(Code.INDIRECT_SUBSCRIPT, "the value is read from memory")
        value = self.value(operand)
        if isinstance(value, NotAffine) or operator == "+":
            return value
        if not expression.type.is_signed:
            if value.constant is not None:
                number = -value.constant if operator == "-" else ~value.constant
                return Value.of(_wrapped(number, expression.type))
            return NotAffine(Code.UNSIGNED_WRAP, f"'{operator}' of an unsigned value wraps around")
        return value.mapped(lambda poly: -poly if operator == "-" else -poly - Poly.of(1))

    def _binary(self, expression: Binary) -> Value | NotAffine:
        operator = expression.operator
        if operator in _COMPARISONS:
            return self._truth(expression)
        if operator == ",":
            return self.value(expression.right)
        left, right = self.value(expression.left), self.value(expression.right)
        if isinstance(left, NotAffine):
            return left
        if isinstance(right, NotAffine):
            return right
        type_ = expression.type
        if operator in ("+", "-", "*"):
            joined = left.combined(right, {"+": Poly.__add__, "-": Poly.__sub__, "*": Poly.__mul__}[operator])
            return self._checked(joined, operator, type_)
        number = right.constant
        if operator == "<<" and number is not None and 0 <= number < 63:
            return self._checked(left.mapped(lambda poly: poly.scaled(1 << number)), "*", type_)
        if operator == ">>" and number is not None and 0 <= number < 31:
            return left.mapped(lambda poly: poly.floor_divided(1 << number))
        if operator == "&" and number is not None and number >= 0 and (number + 1) & number == 0:
            return left.mapped(lambda poly: poly - poly.floor_divided(number + 1).scaled(number + 1))
        if operator in ("/", "%") and number is not None and 0 < number < _LARGEST_MODULUS:
            return self._divided(left, number, operator)
        if operator == "%":
            return self._rotated(left, right)
        return NotAffine(Code.NON_AFFINE_SUBSCRIPT, f"'{operator}' of values that change is not affine")

    def _divided(self, value: Value, divisor: int, operator: str) -> Value | NotAffine:
        """Return the quotient or remainder, which C rounds towards zero."""
        pieces: list[Piece] = []

        def finish(poly: Poly, quotient: Poly) -> Poly:
            return quotient if operator == "/" else poly - quotient.scaled(divisor)

        for piece in value.pieces:
            up = finish(piece.poly, piece.poly.floor_divided(divisor))
            if self.proves(piece, "{} >= 0"):
                pieces.append(Piece(piece.formula, up))
                continue
            text = self.isl(piece.poly)
            if text is None:
                return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "a product of values that change is divided")
            down = finish(piece.poly, -(-piece.poly).floor_divided(divisor))
            pieces.append(Piece(conjunction(piece.formula, f"{text} >= 0"), up))
            pieces.append(Piece(conjunction(piece.formula, f"{text} < 0"), down))
        return Value(tuple(pieces))

    def _rotated(self, value: Value, modulus: Value) -> Value | NotAffine:
        """Return ``value % modulus`` where it is certain that at most one subtraction of ``modulus`` does it."""
        bound, poly = modulus.poly, value.poly
        if bound is not None and poly is not None:
            inside = self.isl(poly), self.isl(bound), self.isl(poly - bound), self.isl(poly - bound.scaled(2))
            if None not in inside:
                text, _, above, twice = inside
                if self.scope.prove(f"{text} >= 0 and {above} < 0"):
                    return value
                if self.scope.prove(f"{text} >= 0 and {twice} < 0"):
                    return Value((Piece(f"{above} < 0", poly), Piece(f"{above} >= 0", poly - bound)))
        return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "'%' by a value that is not constant is not affine")

    def _checked(self, value: Value | None, operator: str, type_: CType) -> Value | NotAffine:
        """Return ``value`` if the arithmetic of ``type_`` gives the mathematical result."""
        if value is None:
            return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "the value has too many cases")
        if type_.is_signed or type_.kind is TypeKind.BOOL:
            return self._checked_signed(value, type_) if self.scope.finder.dialect.signed_wraps else value
        if value.constant is not None:
            return Value.of(_wrapped(value.constant, type_))
        if operator == "-":
            text = "no unsigned difference is negative"
            ok = self.require_pieces(value, "{} >= 0", AssumptionKind.NO_WRAP, Code.UNSIGNED_WRAP, text)
            return value if ok else NotAffine(Code.UNSIGNED_WRAP, "an unsigned difference may wrap around below zero")
        if type_.size_bytes >= 8:
            return value
        greatest = type_.value_range[1]
        text = f"arithmetic in '{type_.unqualified}' does not wrap around"
        ok = all(
            self.require_pieces(
                Value((piece,)), f"{{}} <= {greatest}", AssumptionKind.NO_WRAP, Code.UNSIGNED_WRAP, text
            )
            or self.require_product(piece.poly, greatest, text)
            for piece in value.pieces
        )
        return value if ok else NotAffine(Code.UNSIGNED_WRAP, f"arithmetic in '{type_.unqualified}' may wrap around")

    def _checked_signed(self, value: Value, type_: CType) -> Value | NotAffine:
        """Return ``value`` if signed arithmetic that wraps around gives the mathematical result."""
        least, greatest = type_.value_range
        text = f"arithmetic in '{type_.unqualified}' does not wrap around"
        pattern = f"{least} <= {{}} <= {greatest}"
        if self.require_pieces(value, pattern, AssumptionKind.NO_WRAP, Code.UNSIGNED_WRAP, text):
            return value
        products = all(
            self.is_nonnegative(piece.poly, piece.formula) and self.require_product(piece.poly, greatest, text)
            for piece in value.pieces
        )
        wrapped = NotAffine(Code.UNSIGNED_WRAP, f"arithmetic in '{type_.unqualified}' wraps around (-fwrapv)")
        return value if products else wrapped

    def _choice(self, expression: Conditional) -> Value | NotAffine:
        condition = self.condition(expression.condition)
        if not condition.is_exact:
            return NotAffine(condition.code or Code.NON_AFFINE_SUBSCRIPT, condition.reason)
        pieces: list[Piece] = []
        for formula, branch in ((condition.when_true, expression.then), (condition.when_false, expression.otherwise)):
            with self.scope.under(formula):
                value = self.value(branch)
            if isinstance(value, NotAffine):
                return value
            pieces += [Piece(conjunction(formula, piece.formula), piece.poly) for piece in value.pieces]
        return Value(tuple(pieces)) if len(pieces) <= 6 else NotAffine(Code.NON_AFFINE_SUBSCRIPT, "too many cases")

    def _call(self, call: Call) -> Value | NotAffine:
        name = call.name.removeprefix("std::").removeprefix("__builtin_")
        if name == "expect" and len(call.arguments) == 2:
            return self.value(call.arguments[0])
        if call.name in ("std::min", "std::max") and len(call.arguments) == 2:
            return self._extreme(call, is_least=name == "min")
        if name in ("abs", "labs", "llabs") and len(call.arguments) == 1 and not call.is_defined_by_user:
            value = self.value(call.arguments[0])
            if isinstance(value, NotAffine) or value.poly is None or (text := self.isl(value.poly)) is None:
                return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "the absolute value is not affine")
            return Value((Piece(f"{text} >= 0", value.poly), Piece(f"{text} < 0", -value.poly)))
        if self.scope.finder.is_pure(call):
            return NotAffine(Code.NON_AFFINE_SUBSCRIPT, f"the value comes from a call of '{call.name}'")
        callee = self.scope.finder.function(call.target) if call.target is not None else None
        result = single_result(callee) if callee is not None else None
        if callee is None or result is None or callee.key in self._inlining:
            return NotAffine(Code.NON_AFFINE_SUBSCRIPT, f"the value comes from a call of '{call.name}'")
        self.bind_arguments(call, callee)
        with self.inside(call, callee):
            return self.value(result)

    def _extreme(self, call: Call, *, is_least: bool) -> Value | NotAffine:
        first, second = self.value(call.arguments[0]), self.value(call.arguments[1])
        if isinstance(first, NotAffine):
            return first
        if isinstance(second, NotAffine):
            return second
        difference = first.poly - second.poly if first.poly is not None and second.poly is not None else None
        text = self.isl(difference) if difference is not None else None
        if text is None or first.poly is None or second.poly is None:
            return NotAffine(Code.NON_AFFINE_SUBSCRIPT, "the minimum or maximum is not affine")
        formula = f"{text} <= 0" if is_least else f"{text} >= 0"
        return Value((Piece(formula, first.poly), Piece(negation(formula), second.poly)))

    def bind_arguments(self, call: Call, callee: FunctionSyntax) -> None:
        """Bind the parameters of an inlined helper to the arguments' values."""
        raise NotImplementedError

    def inside(self, call: Call, callee: FunctionSyntax) -> AbstractContextManager[None]:
        """Read the body of a helper."""
        raise NotImplementedError


def _is_simple(value: Value) -> bool:
    """Return True for a constant, or a product of variables and a constant."""
    poly = value.poly
    if poly is None or len(poly.terms) > 1:
        return False
    return all(isinstance(atom, str) for monomial, _ in poly.terms for atom in monomial)


def single_result(function: FunctionSyntax) -> Expression | None:
    """Return the expression that a function returns if it does nothing else."""
    body = function.body.body
    if len(body) == 1 and isinstance(body[0], ReturnStmt):
        return body[0].value
    return None


def _wrapped(value: int, type_: CType) -> int:
    """Return the constant as ``type_`` holds it."""
    least, greatest = type_.value_range
    return (value - least) % (greatest - least + 1) + least
