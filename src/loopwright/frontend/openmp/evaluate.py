"""Expressions of C in the symbolic run: values, pointers, conditions, and the touches of memory on the way."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind
from loopwright.frontend.affine import Value
from loopwright.frontend.openmp.conditions import COMPARISONS, Conditions
from loopwright.frontend.openmp.directives import StatementExpression
from loopwright.frontend.openmp.machine import Truth
from loopwright.frontend.openmp.memory import (
    NOTHING,
    VARYING,
    Abstract,
    Doubt,
    Element,
    MemoryObject,
    ObjectKind,
    Opaque,
    Place,
    Pointer,
    pointee,
)
from loopwright.frontend.syntax import (
    Aggregate,
    Assignment,
    Binary,
    Block,
    Call,
    Cast,
    Conditional,
    Constant,
    Expression,
    Extent,
    FunctionName,
    Increment,
    Integer,
    Member,
    Name,
    Subscript,
    This,
    Unary,
    UnknownExpression,
)
from loopwright.frontend.types import CType, TypeKind

_ZERO, _ONE = Value.of(0), Value.of(1)


class Evaluator(Conditions):
    """Evaluates expressions."""

    def run(self, block: Block) -> None:
        """Run the statements of a block."""
        raise NotImplementedError

    def evaluate(self, expression: Expression) -> Abstract:
        """Return the value of an expression; for an array, a pointer to its first element."""
        match expression:
            case Integer(value=value):
                return Value.of(value)
            case Constant():
                return self._constant(expression)
            case Name() | Member() | Subscript() | Unary(operator="*"):
                return self._loaded(expression)
            case Cast():
                return self._cast(expression)
            case Unary(operator="&", operand=operand):
                return self._address(operand)
            case Unary():
                return self._unary(expression)
            case Binary():
                return self._binary(expression)
            case Assignment():
                return self._assign(expression)
            case Increment():
                return self._increment(expression)
            case Conditional():
                return self._choose(expression)
            case Call():
                return self._called(expression)
            case This():
                receiver = self.frame.receiver
                return Pointer((receiver,)) if receiver is not None else NOTHING
            case Aggregate(items=items):
                for item in items:
                    self.evaluate(item)
                return NOTHING
            case FunctionName():
                return NOTHING
            case StatementExpression(body=body):
                self.run(body)
                return NOTHING
            case UnknownExpression(what=what):
                return self._unknown_expression(expression, what)
            case _:
                return self.lost(expression, "an expression that is not understood")

    def _called(self, expression: Call) -> Abstract:
        found = self.call(expression)
        if not self.gives_place(expression.target):
            return found
        if not isinstance(found, Pointer) or not expression.type.is_scalar:
            return NOTHING
        with self.one_of(found.places):
            values = [self.load(place, expression.extent) for place in found.places]
        return self.merged(values)

    def _address(self, operand: Expression) -> Abstract:
        places = self.places(operand)
        if places is None:
            return NOTHING
        if any(place.object.is_private for place in places):
            return self.lost(operand, "the address of a variable of which every thread has its own is taken")
        return Pointer(places)

    def lost(self, expression: Expression, reason: str, code: Code = Code.UNKNOWN_CONSTRUCT) -> Opaque:
        """Note that an expression may do anything, and return that its value is not known."""
        self.anything(code, reason, self.line(expression.extent))
        return NOTHING

    def anything(self, code: Code, reason: str, line: int) -> None:
        """Note that code which is not understood runs: it may read and write all that it can reach."""
        if self.recorder is not None:
            self.recorder.give_up(code, reason, line)
        self.state.threads = None
        self.forget_exposed()
        # It may call back functions of the program, which change what no pointer leads to.
        held = {each for each, _ in self.state.cells} | set(self.state.tables)
        self.state.forget_all(each for each in held if each.key[0] == "global" and each not in self.constants)

    def forget_exposed(self) -> None:
        """Drop what is known of all memory that a pointer of unknown origin may reach."""
        for cell in list(self.state.cells):
            if cell[0].kind is not ObjectKind.VARIABLE or self.is_exposed(cell[0]):
                del self.state.cells[cell]
        for each in [each for each in self.state.tables if self.is_exposed(each)]:
            del self.state.tables[each]

    def _unknown_expression(self, expression: UnknownExpression, what: str) -> Abstract:
        if what == "new" and not self.program.replaces_allocation:
            for part in expression.parts:
                self.evaluate(part)
            return self.allocated(expression.extent, "new", pointee(expression.type))
        return self.lost(expression, f"{what} is not analysed")

    def _constant(self, expression: Constant) -> Abstract:
        if expression.type.kind is TypeKind.ARRAY:
            text = MemoryObject(("text", expression.extent), "a string", ObjectKind.TEXT)
            return Pointer((Place(text, (Element(_ZERO),), expression.type.element or expression.type),))
        if expression.type.kind is TypeKind.POINTER:
            return _ZERO
        return NOTHING

    def allocated(self, extent: Extent, name: str, type_: CType) -> Pointer:
        """Return a pointer to new memory."""
        key = ("heap", self.frame.unit.lowering.text.path, extent, self.frame.path)
        self._heap_names = getattr(self, "_heap_names", 0) + 1
        found = MemoryObject(key, name, ObjectKind.HEAP, self.owner, is_summary=self.is_repeated)
        self.state.forget(found)
        if type_.kind is not TypeKind.VOID:
            self.element_types[key] = type_
        return Pointer((Place(found, (Element(_ZERO),), type_),))

    @property
    def is_repeated(self) -> bool:
        """True inside a serial loop: one allocation there stands for many."""
        return self.loop_depth > 0

    loop_depth = 0

    def _loaded(self, expression: Expression) -> Abstract:
        places = self.places(expression)
        if places is None:
            return self.lost(expression, "memory that is not understood is read")
        if expression.type.kind is TypeKind.ARRAY:
            return Pointer(tuple(self.first_element(place) for place in places))
        if expression.type.kind is TypeKind.FUNCTION:
            return NOTHING
        with self.one_of(places):
            found = [self.load(place, expression.extent) for place in places]
        return self.merged(found)

    def one_of(self, places: tuple[Place, ...]) -> AbstractContextManager[None]:
        """Touch places of which only one is meant."""
        if len(places) == 1:
            return nullcontext()
        return self.branch("", Doubt(Code.ROW_POINTERS, "which memory the pointer leads to is not known"))

    def merged(self, values: list[Abstract]) -> Abstract:
        """Return what is known of a value that is one of several."""
        if all(value == values[0] for value in values):
            return values[0]
        if all(isinstance(value, Pointer) for value in values):
            return Pointer(tuple(place for value in values if isinstance(value, Pointer) for place in value.places))
        return Opaque(frozenset(each for value in values if isinstance(value, Opaque) for each in value.objects))

    def _cast(self, expression: Cast) -> Abstract:
        operand = expression.operand
        if operand.type.kind is TypeKind.ARRAY and expression.type.kind is TypeKind.POINTER:
            value = self.evaluate(operand)
            return self._viewed_pointer(value, expression.type)
        if expression.type.kind is TypeKind.VOID:
            self.evaluate(operand)
            return NOTHING
        value = self.evaluate(operand)
        if expression.type.kind is TypeKind.ARRAY:
            return value  # a parameter declared as an array
        if expression.type.kind is TypeKind.POINTER:
            return self._viewed_pointer(value, expression.type)
        if isinstance(value, Value) and expression.type.is_integer and operand.type.is_integer:
            converted = self.numbers.converted(value, operand.type, expression.type)
            return converted if converted is not None else NOTHING
        if isinstance(value, Opaque) and not operand.type.is_integer and expression.type.is_integer:
            return self._settled(value, expression.type)
        return value if isinstance(value, Opaque) else NOTHING

    def _settled(self, value: Opaque, type_: CType) -> Abstract:
        """Return a value of a number that is only known to be fixed: a parameter outside regions."""
        return self.fresh("value", type_) if self.recorder is None else value

    def _viewed_pointer(self, value: Abstract, type_: CType) -> Abstract:
        target = pointee(type_)
        if not isinstance(value, Pointer) or target.kind in (TypeKind.VOID, TypeKind.FUNCTION):
            return value
        return Pointer(tuple(self.viewed(place, target) for place in value.places))

    def _unary(self, expression: Unary) -> Abstract:
        operator = expression.operator
        if operator == "!":
            return self._from_truth(self.truth(expression))
        value = self.evaluate(expression.operand)
        if not isinstance(value, Value) or not expression.type.is_integer:
            return value if isinstance(value, Opaque) else NOTHING
        if operator == "+":
            return value
        mapped = self.numbers.binary("-", Value.of(-1 if operator == "~" else 0), value, expression.type)
        return mapped if mapped is not None else NOTHING

    def _binary(self, expression: Binary) -> Abstract:
        operator, left, right = expression.operator, expression.left, expression.right
        if operator == ",":
            self.evaluate(left)
            return self.evaluate(right)
        if operator in COMPARISONS or operator in ("&&", "||"):
            return self._from_truth(self.truth(expression))
        one, other = self.evaluate(left), self.evaluate(right)
        if expression.type.kind is TypeKind.POINTER:
            if isinstance(other, Pointer):
                one, other = other, one
            if not isinstance(one, Pointer) or not isinstance(other, Value | Opaque):
                return NOTHING
            sign = -1 if operator == "-" else 1
            base = left if left.type.kind is TypeKind.POINTER else right
            held = self.pointed(one, base)
            return Pointer(tuple(self.moved(place, other, sign) for place in held)) if held else NOTHING
        if isinstance(one, Value) and isinstance(other, Value) and expression.type.is_integer:
            found = self.numbers.binary(operator, one, other, expression.type)
            if found is not None:
                return self.numbers.pruned(found)
        return self._mixed(one, other)

    def _mixed(self, *values: Abstract) -> Abstract:
        """Return an unknown number that was computed from others."""
        found = [value for value in values if isinstance(value, Opaque)]
        objects = frozenset[MemoryObject]().union(*(value.objects for value in found))
        first = next((value for value in found if value.objects), NOTHING)
        if not found:
            objects = VARYING.objects if self.varies(*values) else objects
            return Opaque(objects, Code.NON_AFFINE_SUBSCRIPT, "the value is not affine")
        return replace(first, objects=objects)

    def _from_truth(self, truth: Truth) -> Abstract:
        if truth.doubt is not None:
            return Opaque(truth.doubt.objects, truth.doubt.code, truth.doubt.reason)
        found = self.numbers.choice(truth.when_true, _ONE, _ZERO)
        return found if found is not None else NOTHING

    def _assign(self, expression: Assignment) -> Abstract:
        if expression.left.type.kind in (TypeKind.RECORD, TypeKind.UNION, TypeKind.ARRAY):
            return self._assign_record(expression)
        value = self.evaluate(expression.right)
        places = self.places(expression.left)
        if places is None:
            return self.lost(expression, "memory that is not understood is written")
        extent, type_ = expression.left.extent, expression.left.type
        if expression.operator:
            with self.one_of(places):
                old = [self.load(place, extent) for place in places]
            value = self._updated(expression, old[0] if len(old) == 1 else self.merged(old), value)
        self.write(places, value, extent, type_)
        return value

    def _updated(self, expression: Assignment, old: Abstract, value: Abstract) -> Abstract:
        type_ = expression.left.type
        if isinstance(old, Pointer) and isinstance(value, Value | Opaque):
            sign = -1 if expression.operator == "-" else 1
            return Pointer(tuple(self.moved(place, value, sign) for place in old.places))
        if isinstance(old, Value) and isinstance(value, Value) and type_.is_integer:
            found = self.numbers.binary(expression.operator, old, value, type_)
            if found is not None:
                return self.numbers.pruned(found)
        return self._mixed(old, value)

    def write(self, places: tuple[Place, ...], value: Abstract, extent: Extent, type_: CType) -> None:
        """Write a value to one of the places."""
        if type_.is_integer and isinstance(value, Opaque) and self.recorder is None:
            value = self.fresh(places[0].object.name, type_)
        if len(places) == 1:
            self.store(places[0], value, extent)
            return
        with self.one_of(places):
            for place in places:
                self.touch(place, AccessKind.WRITE, extent)
                self.state.forget(place.object)

    def _assign_record(self, expression: Assignment) -> Abstract:
        source, target = self.places(expression.right), self.places(expression.left)
        if source is None:
            self.evaluate(expression.right)
        for place in source or ():
            self.touch(place, AccessKind.READ, expression.right.extent)
        if target is None:
            return self.lost(expression, "memory that is not understood is written")
        for place in target:
            self.touch(place, AccessKind.WRITE, expression.left.extent)
            self.state.forget(place.object)
        return NOTHING

    def _increment(self, expression: Increment) -> Abstract:
        places = self.places(expression.operand)
        if places is None:
            return self.lost(expression, "memory that is not understood is written")
        extent, type_ = expression.operand.extent, expression.operand.type
        with self.one_of(places):
            values = [self.load(place, extent) for place in places]
        old = values[0] if len(values) == 1 else self.merged(values)
        new: Abstract
        if isinstance(old, Pointer):
            new = Pointer(tuple(self.moved(place, Value.of(expression.by), 1) for place in old.places))
        elif isinstance(old, Value) and type_.is_integer:
            new = self.numbers.binary("+", old, Value.of(expression.by), type_) or NOTHING
        else:
            new = old
        self.write(places, new, extent, type_)
        return new if expression.is_prefix else old

    def _choose(self, expression: Conditional) -> Abstract:
        truth = self.truth(expression.condition)
        if truth.when_true == "false" and truth.doubt is None:
            return self.evaluate(expression.otherwise)
        if truth.when_false == "false" and truth.doubt is None:
            return self.evaluate(expression.then)
        start = self.state.copy()
        with self.branch(truth.when_true, truth.doubt):
            then = self.evaluate(expression.then)
        after = self.state
        self.state = start
        with self.branch(truth.when_false, truth.doubt):
            otherwise = self.evaluate(expression.otherwise)
        condition = truth.when_true if truth.doubt is None else None
        self.state = self.join(condition, after, self.state)
        if isinstance(then, Value) and isinstance(otherwise, Value) and condition is not None:
            found = self.numbers.choice(condition, then, otherwise)
            return found if found is not None else NOTHING
        if isinstance(then, Pointer) and isinstance(otherwise, Pointer):
            return Pointer(tuple(dict.fromkeys((*then.places, *otherwise.places))))
        if isinstance(then, Pointer) and isinstance(otherwise, Value):
            return then
        if isinstance(otherwise, Pointer) and isinstance(then, Value):
            return otherwise
        extra = truth.doubt.objects if truth.doubt is not None else frozenset[MemoryObject]()
        mixed = self._mixed(then, otherwise)
        return replace(mixed, objects=mixed.objects | extra) if isinstance(mixed, Opaque) else mixed
