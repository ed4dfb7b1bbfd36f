"""Values and conditions in front of a nest, in terms of what the function was given."""

from __future__ import annotations

from loopwright.core.codes import Code
from loopwright.frontend.affine import NotAffine, Poly, Value
from loopwright.frontend.fixed import Fixed
from loopwright.frontend.pointers import PlaceReader
from loopwright.frontend.scope import Scope
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Call,
    Cast,
    Constant,
    DeclarationKind,
    Expression,
    ExpressionStmt,
    Increment,
    Integer,
    Member,
    Name,
    Subscript,
    UnknownExpression,
)
from loopwright.frontend.tree import strip_casts, walk_expression
from loopwright.frontend.types import CType, TypeKind

NO_VALUE = NotAffine(Code.NON_AFFINE_SUBSCRIPT, "its value in front of the loop is not known")
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})


class EntryValues(PlaceReader):
    """Reads expressions at one point of a path; what must hold for an answer comes with it."""

    def __init__(self, scope: Scope, *, may_restrict: bool, calls_unknown: bool) -> None:
        super().__init__(scope)
        self._may_restrict = may_restrict
        self._calls_unknown = calls_unknown
        self._restrictions: list[str] = []

    def read(
        self, expression: Expression, conditions: tuple[str, ...], values: dict[int, Value | NotAffine]
    ) -> tuple[Value | NotAffine, list[str]]:
        """Return the value of an expression, and formulas under which that is its value."""
        self._stand(conditions, values)
        value = self.value(expression)
        return self._with_restrictions(value)

    def formula(
        self,
        condition: Expression,
        wanted: bool,
        conditions: tuple[str, ...],
        values: dict[int, Value | NotAffine],
    ) -> tuple[str | None, list[str]]:
        """Return where the condition is ``wanted`` (``""`` for everywhere), and formulas under which that holds.

        None if it is not affine.
        """
        self._stand(conditions, values)
        found = self.condition(condition)
        restrictions = self._taken()
        if not found.is_exact or restrictions is None:
            return None, []
        return found.when_true if wanted else found.when_false, restrictions

    def _stand(self, conditions: tuple[str, ...], values: dict[int, Value | NotAffine]) -> None:
        scope = self.scope
        scope.conditions = list(conditions)
        scope.bindings = dict(values)
        scope.assumed, scope.assumptions = [], []
        self._restrictions = []

    def _with_restrictions(self, value: Value | NotAffine) -> tuple[Value | NotAffine, list[str]]:
        restrictions = self._taken()
        if isinstance(value, NotAffine) or restrictions is None:
            return NO_VALUE, []
        return value, restrictions

    def _taken(self) -> list[str] | None:
        """Return what the last answer takes for granted; None if that has no formula."""
        scope = self.scope
        if len(scope.assumptions) != len(scope.assumed):
            return None
        return [*scope.assumed, *self._restrictions]

    def _converted(self, operand: Expression, to: CType) -> Value | NotAffine:
        found = super()._converted(operand, to)
        is_narrowed = isinstance(found, NotAffine) and found.code is Code.INTEGER_CONVERSION and to.is_integer
        if not is_narrowed or not self._may_restrict:
            return found
        value = self.value(operand)
        if isinstance(value, NotAffine) or to.kind is TypeKind.BOOL:
            return found
        least, greatest = to.value_range
        for piece in value.pieces:
            text = self.isl(piece.poly)
            if text is None:
                return found
            fits = f"{least} <= {text} <= {greatest}"
            self._restrictions.append(f"(not ({piece.formula}) or ({fits}))" if piece.formula else fits)
        return value

    def _named(self, expression: Name) -> Value | NotAffine:
        declaration = expression.declaration
        if declaration.type.is_volatile:
            return NO_VALUE
        if declaration.key not in self.scope.bindings and not declaration.type.is_const:
            finder = self.scope.finder
            is_reached = declaration.outlives_function or declaration.key in finder.address_taken
            if is_reached and (self._calls_unknown or not finder.is_set_somewhere(declaration)):
                return NO_VALUE
        return super()._named(expression)

    def truth_of(self, condition: Expression) -> Expression:
        """Return the condition without conversions that keep whether it is 0."""
        while isinstance(condition, Cast) and (
            condition.type.kind is TypeKind.BOOL
            or (
                condition.type.is_integer
                and condition.operand.type.is_integer
                and condition.type.size_bytes >= condition.operand.type.size_bytes
            )
        ):
            condition = condition.operand
        return condition

    def is_place(self, expression: Expression) -> bool:
        """Return True for a variable, and for memory that its spelling alone tells from all other: ``s->n``, ``a[2]``.

        Whether ``a[i]`` and ``a[j]`` are one, or ``p->n`` and ``p[0].n``, would have to be found out.
        """
        plain = strip_casts(expression)
        if isinstance(plain, Subscript):
            return isinstance(strip_casts(plain.base), Name) and isinstance(strip_casts(plain.index), Integer)
        while isinstance(plain, Member):
            plain = strip_casts(plain.base)
        return isinstance(plain, Name)

    def is_from_caller(self, expression: Expression) -> bool:
        """Return True if the pointers in an expression are those that the caller has given.

        What others lead to may hold one value alone, as new memory does.
        """
        written = self.scope.whole.written
        return all(
            part.declaration.kind is DeclarationKind.PARAMETER and part.declaration.key not in written
            for part in walk_expression(expression)
            if isinstance(part, Name) and part.declaration.type.kind is TypeKind.POINTER
        )

    def fixed(self, expression: Expression) -> Fixed | None:
        """Return the text of a place; what is computed gets none, so that no parameter hides how it is computed."""
        return super().fixed(expression) if isinstance(expression, Integer) or self.is_place(expression) else None

    def linear(self, poly: Poly) -> Poly | None:
        """Return the polynomial if it is affine: a product must not become a parameter."""
        return poly if poly.is_affine else None

    def written_by(self, expression: Expression) -> set[int]:
        """Return the variables that evaluating the expression may write."""
        return set(self.scope.finder.of(ExpressionStmt(expression.extent, expression)).written)

    def independent(self, condition: Expression) -> frozenset[int] | None:
        """Return the variables of a condition that can be true and false whatever else holds; None if it is none.

        Such are tests of a parameter of the function that is no integer and that the function does not change: a
        pointer against null, a number against a constant, each variable once.
        """
        plain = strip_casts(condition)
        sides = (plain.left, plain.right) if isinstance(plain, Binary) and plain.operator in _COMPARISONS else (plain,)
        keys: set[int] = set()
        for side in sides:
            bare = strip_casts(side)
            if isinstance(bare, Constant | Integer):
                continue
            if not isinstance(bare, Name) or bare.declaration.kind is not DeclarationKind.PARAMETER:
                return None
            declaration = bare.declaration
            written = self.scope.whole.written
            if declaration.type.kind not in (TypeKind.FLOAT, TypeKind.POINTER) or declaration.key in written:
                return None
            if declaration.key in self.scope.finder.address_taken or declaration.key in keys:
                return None
            keys.add(declaration.key)
        if not keys or (
            len(sides) == 2 and any(side.type.kind is TypeKind.POINTER for side in sides) and len(keys) > 1
        ):
            return None
        return frozenset(keys)


def has_effect(expression: Expression) -> bool:
    """Return True if evaluating the expression may change something: an assignment, a call that is not looked into."""
    return any(
        isinstance(part, Assignment | Increment | Call | UnknownExpression) for part in walk_expression(expression)
    )
