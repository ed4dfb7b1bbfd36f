"""Lvalues of C in the symbolic run: the places that they may name."""

from __future__ import annotations

from dataclasses import replace

from loopwright.core.codes import Code
from loopwright.frontend.affine import Value
from loopwright.frontend.openmp.machine import Machine, Truth
from loopwright.frontend.openmp.memory import (
    NOTHING,
    Abstract,
    Doubt,
    Element,
    Field,
    MemoryObject,
    Opaque,
    Place,
    Pointer,
    pointee,
)
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Call,
    Cast,
    Conditional,
    Expression,
    Increment,
    Member,
    Name,
    Subscript,
    Unary,
)
from loopwright.frontend.types import CType, TypeKind

_STREAM = ("std::basic_ostream", "std::basic_istream", "std::ostream", "std::istream", "std::ios")


class Lvalues(Machine):
    """Finds places."""

    def evaluate(self, expression: Expression) -> Abstract:
        """Return the value of an expression; for an array, a pointer to its first element."""
        raise NotImplementedError

    def call(self, call: Call) -> Abstract:
        """Return the value of a call, with all that it does."""
        raise NotImplementedError

    def truth(self, expression: Expression) -> Truth:
        """Return when a condition is true, evaluating it once."""
        raise NotImplementedError

    def gives_place(self, function: int | None) -> bool:
        """Return True if a function of the program returns a reference."""
        callee = self.program.function(function) if function is not None else None
        return callee is not None and callee.result.kind is TypeKind.REFERENCE

    def is_stream_type(self, type_: CType) -> bool:
        """Return True for the streams of C++."""
        return any(name in type_.spelling for name in _STREAM) or type_.spelling.endswith(("ostream", "istream"))

    def first_element(self, place: Place) -> Place:
        """Return the first element of an array: what it decays to."""
        array = place.type
        count = Value.of(array.count) if array.count is not None else self._extent(place)
        return place.then(Element(Value.of(0), count), array.element or array)

    def _extent(self, place: Place) -> Value | None:
        """Return the number of elements of an array whose extent is not a constant."""
        depth, inner = 0, place.type
        while inner.kind is TypeKind.ARRAY and inner.element is not None:
            depth, inner = depth + 1, inner.element
        return self.extents.get(place.object.key, {}).get(depth)

    def places(self, expression: Expression) -> tuple[Place, ...] | None:
        """Return the places that an lvalue may name; None if nothing is known of them."""
        match expression:
            case Name(declaration=declaration):
                bound = self.frame.references.get(declaration.key)
                if bound is not None:
                    return (bound,)
                if declaration.type.kind is TypeKind.REFERENCE and declaration.initializer is not None:
                    return self.places(declaration.initializer)
                if declaration.type.kind is TypeKind.REFERENCE:
                    return None
                return (Place(self.object_of(declaration), (), declaration.type),)
            case Subscript(base=base, index=index):
                return self._subscripted(base, index, expression)
            case Member(base=base, name=name, is_arrow=is_arrow):
                held = self.pointed(self.evaluate(base), base) if is_arrow else self.places(base)
                if held is None:
                    return None
                return tuple(self._member(place, name, expression) for place in held)
            case Unary(operator="*", operand=operand):
                return self.pointed(self.evaluate(operand), operand)
            case Cast(operand=operand):
                held = self.places(operand)
                return tuple(self.viewed(place, expression.type) for place in held) if held is not None else None
            case Binary(operator=",", left=left, right=right):
                self.evaluate(left)
                return self.places(right)
            case Assignment(left=left) | Increment(operand=left):
                self.evaluate(expression)
                return self.places(left)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                self.truth(condition)
                one, other = self.places(then), self.places(otherwise)
                return (*one, *other) if one is not None and other is not None else None
            case Call(target=target):
                found = self.call(expression)
                is_place = self.gives_place(target) or self.is_stream_type(expression.type)
                return found.places if is_place and isinstance(found, Pointer) else None
            case _:
                return None

    def pointed(self, value: Abstract, pointer: Expression) -> tuple[Place, ...] | None:
        """Return the places behind a pointer."""
        if not isinstance(value, Pointer) or not value.places:
            return None
        target = pointee(pointer.type)
        return tuple(
            place if place.type.kind is not TypeKind.VOID else self.viewed(place, target) for place in value.places
        )

    def _subscripted(self, base: Expression, index: Expression, expression: Expression) -> tuple[Place, ...] | None:
        container = base.type.container
        if container is not None:
            held = self.places(base)
            value = self.number(index)
            element = base.type.element or base.type
            if held is None:
                return None
            count = Value.of(base.type.count) if base.type.count is not None else None
            return tuple(self.contents(place, element).then(Element(value, count), element) for place in held)
        pointer = self.evaluate(base)
        value = self.number(index)
        held = self.pointed(pointer, base)
        if held is None:
            return None
        return tuple(replace(self.moved(place, value, 1), type=expression.type) for place in held)

    def number(self, expression: Expression) -> Value | Opaque:
        """Return the value of an integer expression."""
        value = self.evaluate(expression)
        return value if isinstance(value, Value | Opaque) else NOTHING

    def moved(self, place: Place, by: Value | Opaque, sign: int) -> Place:
        """Return the place ``by`` elements on."""
        last = place.steps[-1] if place.steps else None
        if isinstance(by, Value) and by.constant == 0:
            return place
        if not isinstance(last, Element):
            doubt = Doubt(Code.REINTERPRETED_MEMORY, "a pointer leaves the object that it points to")
            return replace(place, doubt=place.doubt or doubt)
        value: Value | Opaque
        if isinstance(last.value, Opaque) or isinstance(by, Opaque):
            objects = [each.objects for each in (last.value, by) if isinstance(each, Opaque)]
            first = by if isinstance(by, Opaque) else last.value
            assert isinstance(first, Opaque)
            value = replace(first, objects=frozenset[MemoryObject]().union(*objects))
        else:
            joined = self.numbers.combine(last.value, by, lambda left, right: left + right.scaled(sign))
            value = joined if joined is not None else NOTHING
        return replace(place, steps=(*place.steps[:-1], replace(last, value=value)))

    def _member(self, place: Place, name: str, expression: Member) -> Place:
        if place.type.kind is TypeKind.UNION:
            doubt = Doubt(Code.REINTERPRETED_MEMORY, "a member of a union shares its memory with the others")
            return replace(place, type=expression.type, doubt=place.doubt or doubt)
        if expression.bit_storage:
            return place.then(Field(expression.bit_storage), expression.type)
        return place.then(Field(name), expression.type)

    def viewed(self, place: Place, type_: CType) -> Place:
        """Return the place seen as an object of another type."""
        if type_.kind is TypeKind.VOID or place.type.unqualified == type_.unqualified:
            return place
        if type_.size_bytes and type_.size_bytes == place.type.size_bytes and type_.is_scalar and place.type.is_scalar:
            return replace(place, type=type_)
        first = place.steps[0] if len(place.steps) == 1 else None
        is_start = isinstance(first, Element) and isinstance(first.value, Value) and first.value.constant == 0
        if place.type.kind is TypeKind.VOID and is_start:
            known = self.element_types.setdefault(place.object.key, type_)
            if known.size_bytes == type_.size_bytes and known.kind is type_.kind:
                return replace(place, type=type_)
        if place.type.kind is TypeKind.RECORD and type_.kind is TypeKind.RECORD and place.type.size_bytes == 0:
            return replace(place, type=type_)
        reason = f"memory of type '{place.type.unqualified}' is used as '{type_.unqualified}'"
        return replace(place, type=type_, doubt=place.doubt or Doubt(Code.REINTERPRETED_MEMORY, reason))
