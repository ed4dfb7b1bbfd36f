"""The memory that an expression reads and writes, as raw accesses to places."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind
from loopwright.frontend.affine import NotAffine, Value, conjunction
from loopwright.frontend.library import MemoryUse
from loopwright.frontend.operations import own_operations, pure_call_operations
from loopwright.frontend.places import FieldStep, Index, Place
from loopwright.frontend.pointers import PlaceReader
from loopwright.frontend.raw import Collected, RawAccess
from loopwright.frontend.scope import Refusal, Scope
from loopwright.frontend.syntax import (
    Aggregate,
    Assignment,
    Binary,
    Call,
    Cast,
    Conditional,
    Constant,
    Declaration,
    Expression,
    FunctionName,
    FunctionSyntax,
    Increment,
    Integer,
    Member,
    Name,
    Subscript,
    This,
    Unary,
)
from loopwright.frontend.tree import walk_expression
from loopwright.frontend.types import TypeKind
from loopwright.frontend.values import single_result


class AccessCollector(PlaceReader):
    """Collects the accesses of one statement at a time."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.accesses: Collected = Collected()
        self._outer_conditions: int = 0
        self._outer_inexact: int = 0
        self.helper_parameters: set[int] = set()
        self.iterators: set[int] = set()

    def inline(self, call: Call, callee: FunctionSyntax) -> None:
        """Walk the body of a helper in front of the current statement."""
        raise NotImplementedError

    @contextmanager
    def collecting(self) -> Generator[Collected]:
        """Collect the accesses and operations of one statement."""
        saved = self.accesses, self._outer_conditions, self._outer_inexact
        self.accesses = Collected()
        self._outer_conditions, self._outer_inexact = len(self.scope.conditions), len(self.scope.inexact)
        try:
            yield self.accesses
        finally:
            self.accesses, self._outer_conditions, self._outer_inexact = saved

    def read(self, expression: Expression, *, is_index: bool = False) -> None:
        """Collect what evaluating ``expression`` accesses.

        Args:
            expression: Any expression.
            is_index: It is part of a subscript or bound, so values fixed in the nest are parameters, not accesses.
        """
        if is_index and self.fixed(expression) is not None:
            return
        self.accesses.operations += own_operations(expression)
        match expression:
            case Integer() | Constant() | FunctionName() | This():
                return
            case Name(declaration=declaration):
                self._read_name(expression, declaration)
            case Subscript() | Member() | Unary(operator="*"):
                self.address(expression)
                self.touch(self.lvalue(expression), AccessKind.READ, expression)
            case Unary(operator="&", operand=operand):
                self.address(operand)
            case Cast(operand=operand):
                if operand.type.kind is TypeKind.ARRAY:
                    self.address(operand)
                elif operand.type.kind is TypeKind.POINTER:
                    self._pointer(operand)
                else:
                    self.read(operand, is_index=is_index)
            case Unary(operand=operand):
                self.read(operand, is_index=is_index)
            case Binary(operator="&&" | "||" as operator, left=left, right=right):
                self.read(left, is_index=is_index)
                self._read_if(left, right, operator == "&&", is_index=is_index)
            case Binary(left=left, right=right):
                self.read(left, is_index=is_index)
                self.read(right, is_index=is_index)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                self.read(condition, is_index=is_index)
                before = self.accesses.operations
                self._read_if(condition, then, True, is_index=is_index)
                after_then, self.accesses.operations = self.accesses.operations, before
                self._read_if(condition, otherwise, False, is_index=is_index)
                self.accesses.operations = max(after_then, self.accesses.operations)
            case Assignment():
                self._assign(expression)
            case Increment(operand=operand):
                self.address(operand)
                place = self.lvalue(operand)
                self.touch(place, AccessKind.READ, operand)
                self.touch(place, AccessKind.WRITE, operand)
            case Call():
                self._read_call(expression)
            case Aggregate(items=items):
                for item in items:
                    self.read(item)
            case _:
                raise Refusal(Code.UNKNOWN_CONSTRUCT, "an expression that is not understood", expression.extent)

    def _read_name(self, expression: Name, declaration: Declaration) -> None:
        if declaration.key in self.helper_parameters and declaration.type.kind is not TypeKind.REFERENCE:
            return
        if declaration.key in self.iterators:
            return
        if expression.type.kind is TypeKind.POINTER and declaration.type.kind is not TypeKind.REFERENCE:
            self._pointer(expression)
            return
        self.touch(self.lvalue(expression), AccessKind.READ, expression)

    def _read_if(self, condition: Expression, branch: Expression, wanted: bool, *, is_index: bool) -> None:
        found = self.condition(condition)
        formula = found.when_true if wanted else found.when_false
        why = None if found.is_exact else NotAffine(found.code or Code.NON_AFFINE_CONDITION, found.reason)
        with self.scope.under(formula, why):
            self.read(branch, is_index=is_index)

    def _assign(self, expression: Assignment) -> None:
        self.read(expression.right)
        self.address(expression.left)
        place = self.lvalue(expression.left)
        if expression.operator:
            self.touch(place, AccessKind.READ, expression.left)
        self.touch(place, AccessKind.WRITE, expression.left)

    def address(self, expression: Expression) -> None:
        """Collect what computing the address of an lvalue reads."""
        match expression:
            case Subscript(base=base, index=index):
                if base.type.container is not None:
                    self.address(base)
                else:
                    self._pointer(base)
                self.read(index, is_index=True)
            case Member(base=base, is_arrow=is_arrow):
                if is_arrow:
                    self._pointer(base)
                else:
                    self.address(base)
            case Unary(operator="*", operand=operand):
                self._pointer(operand)
            case Cast(operand=operand):
                self.address(operand)
            case Binary(operator=",", left=left, right=right):
                self.read(left)
                self.address(right)
            case Call():
                self._read_call(expression, as_lvalue=True)
            case Assignment() | Increment() | Conditional():
                self.read(expression)
            case _:
                return

    def _pointer(self, expression: Expression) -> None:
        """Collect what computing a pointer reads."""
        match expression:
            case Name(declaration=declaration):
                is_bound = isinstance(self.scope.bindings.get(declaration.key), Place)
                is_settled = is_bound or declaration.key in self.helper_parameters
                if expression.type.kind is TypeKind.POINTER and not is_settled and self.fixed(expression) is None:
                    self.touch(self._variable(expression), AccessKind.READ, expression)
            case Cast(operand=operand):
                if operand.type.kind in (TypeKind.POINTER, TypeKind.ARRAY):
                    self._pointer(operand)
                else:
                    self.read(operand)
            case Binary(left=left, right=right):
                for part in (left, right):
                    if part.type.is_integer:
                        self.read(part, is_index=True)
                    else:
                        self._pointer(part)
            case Unary(operator="&", operand=operand):
                self.address(operand)
            case Member() | Subscript() | Unary(operator="*"):
                self.address(expression)
                if expression.type.kind is TypeKind.POINTER and self.fixed(expression) is None:
                    self.touch(self.lvalue(expression), AccessKind.READ, expression)
            case Integer() | Constant() | This():
                return
            case _:
                self.read(expression)

    def _read_call(self, call: Call, *, as_lvalue: bool = False) -> None:
        finder = self.scope.finder
        callee = finder.function(call.target) if call.target is not None else None
        if finder.is_pure(call):
            self.accesses.operations += pure_call_operations(call)
            for argument in call.arguments:
                self.read(argument)
            return
        use = finder.memory_use(call)
        if use is not None:
            self._read_library_call(call, use)
            return
        if callee is None or callee.key in self._inlining:
            code = Code.UNKNOWN_CALL if callee is None else Code.RECURSION
            raise Refusal(code, f"the effects of '{call.name}' are not known", call.extent)
        for parameter, argument in zip(callee.parameters, call.arguments, strict=False):
            if parameter.type.kind is TypeKind.REFERENCE:
                self.address(argument)
            elif argument.type.kind is TypeKind.POINTER:
                self._pointer(argument)
            else:
                self.read(argument, is_index=argument.type.is_integer)
        self.bind_arguments(call, callee)
        self.helper_parameters |= {parameter.key for parameter in callee.parameters}
        if call.receiver is not None:
            if call.receiver.type.kind is TypeKind.POINTER:
                self._pointer(call.receiver)
            else:
                self.address(call.receiver)
        result = single_result(callee)
        with self.inside(call, callee):
            if result is None:
                self.inline(call, callee)
            elif callee.result.kind is TypeKind.POINTER:
                self._pointer(result)
            elif callee.result.kind is TypeKind.REFERENCE:
                self.address(result)
                if call.type.is_scalar and not as_lvalue:
                    self.touch(self.lvalue(call), AccessKind.READ, call)
            else:
                self.read(result)

    def _read_library_call(self, call: Call, use: MemoryUse) -> None:
        """Collect what a library function reads.

        What it allocates nothing else refers to; that nothing reads what it releases is for the whole nest to show.
        """
        before = len(self.accesses)
        for argument in call.arguments:
            if argument.type.kind is not TypeKind.POINTER:
                self.read(argument)
                continue
            self._pointer(argument)
            if use is MemoryUse.READ:
                why = NotAffine(Code.NON_AFFINE_SUBSCRIPT, f"it is not known how far '{call.name}' reads")
                place = self.pointer(argument)
                steps = tuple(replace(step, value=why) if isinstance(step, Index) else step for step in place.steps)
                self.touch(replace(place, steps=steps), AccessKind.READ, argument)
        if use is MemoryUse.RELEASE and len(self.accesses) == before:
            # A statement without accesses would not be part of the nest, and this one must run as often as it does.
            raise Refusal(Code.UNKNOWN_CALL, "one and the same memory is released in each iteration", call.extent)

    def touch(
        self,
        place: Place,
        kind: AccessKind,
        expression: Expression,
        *,
        is_update: bool = False,
        is_initial: bool = False,
    ) -> None:
        """Note one access; that to a record touches all its fields, that of an initializer all of an array."""
        if expression.type.container is not None:
            return
        if expression.type.kind is TypeKind.FUNCTION or (expression.type.kind is TypeKind.ARRAY and not is_initial):
            return
        key = place.root.declaration.key if place.root.declaration is not None else None
        if key in self.helper_parameters and not place.root.is_pointer:
            return
        if place.root.key == "constant":
            return
        added = self.scope.conditions[self._outer_conditions :]
        doubts = self.scope.inexact[self._outer_inexact :]
        is_affine = all(isinstance(index.value, Value) for index in place.indices)
        index_places = () if is_affine else self._index_places(expression)
        for part in self.leaves(place):
            self.accesses.append(
                RawAccess(
                    replace(part, extent=expression.extent),
                    kind,
                    tuple(self.scope.frames),
                    tuple(self.scope.conditions),
                    conjunction(*added),
                    doubts[0] if doubts else None,
                    index_places,
                    is_update,
                )
            )

    def leaves(self, place: Place) -> tuple[Place, ...]:
        """Return the scalar places inside a place."""
        type_ = place.type
        if place.code is Code.REINTERPRETED_MEMORY or not place.root.is_known:
            return (place,)
        if type_.kind is TypeKind.ARRAY and type_.element is not None:
            count = Value.of(type_.count) if type_.count is not None else None
            step = Index(Value.of(0), str(type_.count or ""), count, is_whole=True)
            return self.leaves(place.then(step, type_.element, place.extent))
        if type_.kind is not TypeKind.RECORD or type_.container is not None:
            return (place,)
        fields = self.scope.fields(type_)
        if fields is None or any(field.is_bit_field for field in fields):
            reason = f"an object of type '{type_.unqualified}' is accessed as a whole"
            return (replace(place, code=Code.REINTERPRETED_MEMORY, reason=reason),)
        return tuple(
            leaf
            for field in fields
            for leaf in self.leaves(place.then(FieldStep(field.name), field.type, place.extent))
        )

    def _index_places(self, expression: Expression) -> tuple[Place, ...]:
        """Return the memory whose values steer the subscripts of an lvalue."""
        found: list[Place] = []
        for part in walk_expression(expression):
            index = part.index if isinstance(part, Subscript) else part if isinstance(part, Binary) else None
            if index is None or not index.type.is_integer or isinstance(self.value(index), Value):
                continue
            for inner in walk_expression(index):
                if isinstance(inner, Subscript | Name | Member) and inner.type.is_integer:
                    if isinstance(inner, Name) and (inner.declaration.key in self.iterators or self.fixed(inner)):
                        continue
                    if not isinstance(inner, Name) or inner.declaration.key not in self.helper_parameters:
                        found.append(self.lvalue(inner))
        return tuple({place.key: place for place in found}.values())
