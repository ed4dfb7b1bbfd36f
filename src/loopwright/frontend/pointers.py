"""Lvalues and pointers of C as places: which memory, and which way through it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from loopwright.core.codes import Code
from loopwright.frontend.affine import NotAffine, Poly, Value
from loopwright.frontend.branches import ConditionReader
from loopwright.frontend.places import FieldStep, Index, Place, Root
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Call,
    Cast,
    Constant,
    Declaration,
    Expression,
    Extent,
    FunctionSyntax,
    Increment,
    Member,
    Name,
    Subscript,
    This,
    Unary,
)
from loopwright.frontend.types import Container, CType, TypeKind
from loopwright.frontend.values import single_result

_ZERO = Value.of(0)


class PlaceReader(ConditionReader):
    """Reads lvalues and pointers."""

    def lvalue(self, expression: Expression) -> Place:
        """Return the place that an lvalue names."""
        match expression:
            case Name():
                return self._variable(expression)
            case Subscript(base=base, index=index):
                place = self.lvalue(base) if base.type.container is not None else self.pointer(base)
                value = self.value(index)
                if base.type.container is not None:
                    return self._element(place, base.type, value, expression)
                moved = self._moved(place, value, 1)
                return replace(moved, extent=expression.extent)
            case Member(base=base, name=name, is_arrow=is_arrow):
                return self._member(self.pointer(base) if is_arrow else self.lvalue(base), name, expression)
            case Unary(operator="*", operand=operand):
                return replace(self.pointer(operand), extent=expression.extent)
            case Cast(operand=operand):
                return self._viewed(self.lvalue(operand), expression.type, expression.extent)
            case Binary(operator=",", right=right):
                return self.lvalue(right)
            case Assignment(left=left) | Increment(operand=left):
                return self.lvalue(left)
            case Call():
                found = self._called(expression, is_pointer=False)
                return found or self._anywhere(expression)
            case _:
                return self._anywhere(expression)

    def pointer(self, expression: Expression) -> Place:
        """Return the place that a pointer points to."""
        match expression:
            case Name() if expression.type.kind is TypeKind.POINTER:
                return self._pointer_variable(expression)
            case Cast(operand=operand):
                return self._cast_pointer(expression, operand)
            case Binary(operator="+" | "-" as operator, left=left, right=right):
                if left.type.is_integer:
                    left, right = right, left
                sign = 1 if operator == "+" else -1
                return replace(self._moved(self.pointer(left), self.value(right), sign), extent=expression.extent)
            case Unary(operator="&", operand=operand):
                return replace(self.lvalue(operand), extent=expression.extent)
            case Binary(operator=",", right=right):
                return self.pointer(right)
            case This():
                if self.receivers:
                    return replace(self.receivers[-1], extent=expression.extent)
                element = expression.type.element or expression.type
                root = Root("this", "this", "this", None, True, element)
                return Place(root, (Index(_ZERO),), element, expression.extent)
            case Call(receiver=Expression() as receiver, name="data") if receiver.type.container is not None:
                return self._element(self.lvalue(receiver), receiver.type, _ZERO, expression)
            case Call():
                return self._called(expression, is_pointer=True) or self._anywhere(expression)
            case Member() | Subscript() | Unary(operator="*"):
                return self._loaded(expression)
            case _ if expression.type.kind is TypeKind.ARRAY:
                return self._first(self.lvalue(expression), expression.type, expression)
            case _:
                return self._anywhere(expression)

    def _variable(self, expression: Name) -> Place:
        declaration = expression.declaration
        bound = self.scope.bindings.get(declaration.key)
        if isinstance(bound, Place) and declaration.type.kind is TypeKind.REFERENCE:
            return replace(bound, extent=expression.extent)
        type_ = declaration.type
        if type_.kind is TypeKind.REFERENCE and type_.element is not None:
            root = Root(
                declaration.key,
                declaration.name,
                self._base(declaration),
                declaration,
                True,
                type_.element,
                is_const=type_.element.is_const,
            )
            return Place(root, (), type_.element, expression.extent)
        root = Root(
            declaration.key,
            declaration.name,
            self._base(declaration),
            declaration,
            False,
            type_.element if type_.kind is TypeKind.ARRAY and type_.element else type_,
            is_const=type_.is_const,
        )
        return Place(root, (), type_, expression.extent)

    def _pointer_variable(self, expression: Name) -> Place:
        declaration = expression.declaration
        bound = self.scope.bindings.get(declaration.key)
        if isinstance(bound, Place) and declaration.type.kind is TypeKind.POINTER:
            return replace(bound, extent=expression.extent)
        initial = declaration.initializer
        if initial is not None and not declaration.type.is_restrict and self.is_constant_for_ever(expression):
            place = self.pointer(initial)
            if place.root.is_known and place.code is None and place.root.declaration is not None:
                return replace(place, extent=expression.extent)
        if self.fixed(expression) is None or bound is not None:
            return self._anywhere(expression)
        if declaration.type.kind is TypeKind.REFERENCE:
            return self._loaded(expression)
        return self._behind(
            declaration.key,
            declaration.name,
            self._base(declaration),
            declaration,
            declaration.type,
            expression.extent,
        )

    def _base(self, declaration: Declaration) -> str:
        return declaration.name if self.scope.visible(declaration) else ""

    def _behind(
        self, key: object, name: str, base: str, declaration: Declaration | None, pointer: CType, extent: Extent
    ) -> Place:
        """Return the place behind a pointer that is fixed in the nest."""
        element = pointer.element or pointer
        root = Root(
            key, name, base, declaration, True, element, is_restrict=pointer.is_restrict, is_const=element.is_const
        )
        return Place(root, (Index(_ZERO),), element, extent)

    def _element(self, container: Place, type_: CType, value: Value | NotAffine, expression: Expression) -> Place:
        """Return an element of a ``std::vector`` or ``std::array``."""
        element = type_.element or type_
        is_array = type_.container is Container.ARRAY
        if not container.steps and container.root.base and (container.root.is_pointer or not is_array):
            root = replace(container.root, base=f"{container.root.base}.data()", element=element)
            container = replace(container, root=root)
        if is_array:
            count = Value.of(type_.count) if type_.count is not None else None
            return container.then(Index(value, str(type_.count or ""), count), element, expression.extent)
        return container.then(Index(value, is_free=True), element, expression.extent)

    def _member(self, place: Place, name: str, expression: Member) -> Place:
        if place.type.kind is TypeKind.UNION:
            reason = "a member of a union shares its memory with the others"
            return replace(place, extent=expression.extent, code=Code.REINTERPRETED_MEMORY, reason=reason)
        if place.code is Code.REINTERPRETED_MEMORY:
            return replace(place, extent=expression.extent)
        if expression.bit_storage:
            reason = "a bit-field shares its memory with its neighbours"
            moved = place.then(FieldStep(expression.bit_storage), expression.type, expression.extent)
            return replace(moved, code=Code.REINTERPRETED_MEMORY, reason=reason)
        return place.then(FieldStep(name or "(union)"), expression.type, expression.extent)

    def _moved(self, place: Place, by: Value | NotAffine, sign: int) -> Place:
        """Return the place ``by`` elements on."""
        if not place.root.is_known:
            return place
        last = place.steps[-1] if place.steps else None
        if not isinstance(last, Index):
            if isinstance(by, Value) and by.constant == 0:
                return place
            return replace(
                place, code=Code.REINTERPRETED_MEMORY, reason="a pointer leaves the object that it points to"
            )
        value: Value | NotAffine
        if isinstance(last.value, NotAffine) or isinstance(by, NotAffine):
            value = last.value if isinstance(last.value, NotAffine) else by
        else:
            value = last.value.combined(by, lambda left, right: left + right.scaled(sign)) or NotAffine(
                Code.NON_AFFINE_SUBSCRIPT, "the subscript has too many cases"
            )
        return replace(place, steps=(*place.steps[:-1], replace(last, value=value)))

    def _first(self, place: Place, array: CType, expression: Expression) -> Place:
        """Return the first element of an array: what it decays to."""
        element = array.element or array
        extent, count = self._extent(place, array)
        return place.then(Index(_ZERO, extent, count), element, expression.extent)

    def _extent(self, place: Place, array: CType) -> tuple[str, Value | None]:
        if array.count is not None:
            return str(array.count), Value.of(array.count)
        declaration = place.root.declaration
        if declaration is None or any(isinstance(step, FieldStep) for step in place.steps):
            return "", None
        depth = _depth(array.element)
        # Sizes are listed innermost first; those of constant extents are among them, those of a typedef are not.
        if len(declaration.sizes) < _depth(declaration.type) or depth >= len(declaration.sizes):
            return "", None
        size = declaration.sizes[depth]
        if not self.scope.finder.keeps_since(size, declaration, self.scope.whole):
            return "", None
        value, text = self.value(size), self.fixed(size)
        return text.text if text else "", value if isinstance(value, Value) else None

    def _cast_pointer(self, cast: Cast, operand: Expression) -> Place:
        if operand.type.kind is TypeKind.ARRAY:
            return self._viewed(
                self._first(self.lvalue(operand), operand.type, operand), cast.type.element, cast.extent
            )
        if operand.type.kind is TypeKind.POINTER:
            return self._viewed(self.pointer(operand), cast.type.element, cast.extent)
        return self._anywhere(cast)

    def _viewed(self, place: Place, type_: CType | None, extent: Extent) -> Place:
        """Return the place seen as an object of another type."""
        moved = replace(place, extent=extent)
        if type_ is None or type_.kind is TypeKind.VOID or not place.root.is_known or _is_same(type_, place.type):
            return moved
        if place.type.kind is TypeKind.VOID and len(place.steps) == 1 and _is_start(place):
            # Elements of one type are not those of another, so each view of a `void *` is memory of its own name.
            base = f"(({type_.spelling} *){place.root.base})" if place.root.base else ""
            key = ("view", place.root.key, type_.unqualified)
            root = replace(place.root, key=key, base=base, element=type_, is_const=type_.is_const)
            return replace(moved, type=type_, root=root)
        reason = f"memory of type '{place.type.unqualified}' is used as '{type_.unqualified}'"
        return replace(moved, type=type_, code=Code.REINTERPRETED_MEMORY, reason=reason)

    def _loaded(self, expression: Expression) -> Place:
        """Return the place behind a pointer that is itself in memory."""
        fixed = self.fixed(expression)
        if fixed is not None:
            return self._behind(("text", fixed.text), fixed.text, fixed.text, None, expression.type, expression.extent)
        table = self.lvalue(expression)
        element = expression.type.element or expression.type
        if not table.root.is_known or table.code is not None:
            return self._anywhere(expression)
        name = "".join(f".{step.name}" if isinstance(step, FieldStep) else "" for step in table.steps)
        root = Root(("rows", table.key), f"{table.root.name}{name}[]", "", None, True, element)
        reason = f"the rows that '{table.root.name}{name}' points to may be one and the same"
        steps = (*table.indices, Index(_ZERO))
        return Place(root, steps, element, expression.extent, Code.ROW_POINTERS, reason)

    def _called(self, call: Call, *, is_pointer: bool) -> Place | None:
        """Return the place that a small helper returns a pointer or reference to."""
        callee = self.scope.finder.function(call.target) if call.target is not None else None
        result = single_result(callee) if callee is not None else None
        if callee is None or result is None or callee.key in self._inlining:
            return None
        self.bind_arguments(call, callee)
        with self.inside(call, callee):
            return replace(self.pointer(result) if is_pointer else self.lvalue(result), extent=call.extent)

    @contextmanager
    def inside(self, call: Call, callee: FunctionSyntax) -> Generator[None]:
        """Read the body of a helper, ``this`` being the call's object."""
        receiver = call.receiver
        if receiver is not None:
            is_pointer = receiver.type.kind is TypeKind.POINTER
            self.receivers.append(self.pointer(receiver) if is_pointer else self.lvalue(receiver))
        self._inlining.append(callee.key)
        try:
            yield
        finally:
            self._inlining.pop()
            if receiver is not None:
                self.receivers.pop()

    def bind_arguments(self, call: Call, callee: FunctionSyntax) -> None:
        """Bind the parameters of an inlined helper to the arguments' values and places."""
        bindings: dict[int, Value | NotAffine | Place] = {}
        written = self.scope.finder.of(callee.body).written
        for parameter, argument in zip(callee.parameters, call.arguments, strict=False):
            if parameter.key in written or parameter.key in self.scope.finder.address_taken:
                reason = f"'{parameter.name}' changes inside '{callee.name}'"
                bindings[parameter.key] = NotAffine(Code.NON_AFFINE_SUBSCRIPT, reason)
            elif parameter.type.kind is TypeKind.REFERENCE:
                bindings[parameter.key] = self.lvalue(argument)
            elif parameter.type.kind is TypeKind.POINTER:
                bindings[parameter.key] = self.pointer(argument)
            elif parameter.type.is_integer:
                bindings[parameter.key] = self.value(argument)
        self.scope.bindings.update(bindings)

    def _anywhere(self, expression: Expression) -> Place:
        """Return a place of which nothing is known but its type."""
        type_ = expression.type
        if type_.kind in (TypeKind.POINTER, TypeKind.ARRAY) and type_.element is not None:
            type_ = type_.element
        if isinstance(expression, Constant):
            root = Root("constant", "constant", "", None, False, type_, is_const=True, is_known=False)
        else:
            name = expression.declaration.name if isinstance(expression, Name) else "memory"
            root = Root(("anywhere", name, type_.unqualified), f"{name}[]", "", None, True, type_, is_known=False)
        reason = "it is not known where the pointer points"
        step = Index(NotAffine(Code.REINTERPRETED_MEMORY, reason))
        return Place(root, (step,), type_, expression.extent, Code.REINTERPRETED_MEMORY, reason)


def _is_start(place: Place) -> bool:
    first = place.steps[0]
    return isinstance(first, Index) and isinstance(first.value, Value) and first.value.poly == Poly()


def _is_same(first: CType, second: CType) -> bool:
    def plain(type_: CType) -> str:
        return type_.spelling.replace("const ", "").replace("volatile ", "").replace("restrict", "").strip()

    return plain(first) == plain(second)


def _depth(type_: CType | None) -> int:
    """Return how many array extents a type has, counted from its outermost; those behind a pointer are its own."""
    depth = 0
    inner = type_.element if type_ is not None and type_.kind is TypeKind.POINTER else type_
    while inner is not None and inner.kind is TypeKind.ARRAY:
        depth, inner = depth + 1, inner.element
    return depth
