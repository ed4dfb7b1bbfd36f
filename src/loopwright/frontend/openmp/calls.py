"""Calls in the symbolic run: functions of the program are run through, the library's by what is known of them."""

from __future__ import annotations

from dataclasses import replace

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind
from loopwright.frontend.addresses import named_root
from loopwright.frontend.affine import Poly, Value
from loopwright.frontend.library import is_pure_library_call
from loopwright.frontend.openmp.library import Effect, LibraryCall, library_call, returns_first
from loopwright.frontend.openmp.locks import LockCaller
from loopwright.frontend.openmp.machine import Frame
from loopwright.frontend.openmp.memory import (
    NOTHING,
    VARYING,
    Abstract,
    Doubt,
    Element,
    Field,
    MemoryObject,
    ObjectKind,
    Opaque,
    Place,
    Pointer,
    pointee,
)
from loopwright.frontend.openmp.program import Program
from loopwright.frontend.syntax import (
    Assignment,
    Call,
    Constant,
    Declaration,
    DeclarationKind,
    Expression,
    Extent,
    FunctionSyntax,
    Increment,
    Integer,
    Member,
    Name,
    Subscript,
    Unary,
    UnknownExpression,
)
from loopwright.frontend.tree import all_expressions, strip_casts
from loopwright.frontend.types import CType, TypeKind

_DEEPEST = 24
# No container has more elements than an ``int`` counts, as far as is known here: what would not fit is no loop's bound.
_SIZE = CType(TypeKind.INTEGER, "int", 4, is_signed=True)
_SHARED_STREAMS = frozenset({"cout", "cerr", "clog", "cin", "wcout", "wcerr", "wclog", "wcin"})


class Caller(LockCaller):
    """Evaluates calls."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._callees: dict[int, set[int]] = {}
        self._recursive_answers: dict[int, bool] = {}

    def call(self, call: Call) -> Abstract:
        """Return the value of a call, with all that it does."""
        callee = self.program.function(call.target) if call.target is not None else None
        if (callee is None or callee.name.startswith("std::")) and self._is_stream(call):
            return self._stream(call)
        if call.receiver is not None and _is_container(call.receiver.type):
            # What its methods do inside would not be told from the elements that subscripts lead to.
            return self._pure(call) if is_pure_library_call(call) else self._unknown_call(call)
        if callee is not None:
            return self._defined(call, callee)
        if is_pure_library_call(call):
            return self._pure(call)
        if self._makes_container(call):
            for argument in call.arguments:
                self.evaluate(argument)
            return NOTHING
        found = self._runtime(call)
        if found is not None:
            return found
        known = library_call(call.name) if call.receiver is None else None
        if known is not None and not (call.name.endswith("printf") and any(map(_may_be_counted, call.arguments))):
            return self._library(call, known)
        return self._unknown_call(call)

    def _makes_container(self, call: Call) -> bool:
        """Return True for the constructor of a container of numbers: it touches memory that nobody else has."""
        element = call.type.element
        return (
            call.name.startswith("constructor of ")
            and call.type.container is not None
            and element is not None
            and element.is_scalar
            and all(argument.type.is_scalar for argument in call.arguments)
        )

    def _pure(self, call: Call) -> Abstract:
        if call.receiver is not None:
            held = self.places(call.receiver)
            if call.name == "data" and held is not None:
                element = call.receiver.type.element or call.receiver.type
                return Pointer(tuple(self._elements(place, element) for place in held))
            if call.name in ("size", "length") and held is not None and len(held) == 1:
                return self._size(held[0], call.receiver.type)
            return NOTHING
        values = [self.evaluate(argument) for argument in call.arguments]
        if call.name in ("abs", "labs", "llabs") and len(values) == 1 and isinstance(values[0], Value):
            value = values[0]
            formula = self.numbers.compare(">=", value, Value.of(0))
            negative = value.mapped(lambda poly: -poly)
            found = self.numbers.choice(formula, value, negative) if formula is not None else None
            return found if found is not None else NOTHING
        if call.name == "__builtin_expect" and values:
            return values[0]
        objects = [value.objects for value in values if isinstance(value, Opaque)]
        return Opaque(frozenset[MemoryObject]().union(*objects), NOTHING.code, NOTHING.reason)

    def _elements(self, container: Place, element: CType) -> Place:
        return self.contents(container, element).then(Element(Value.of(0)), element)

    def _size(self, container: Place, type_: CType) -> Abstract:
        if type_.count is not None:
            return Value.of(type_.count)
        return self.peek(container.then(Field("<size>"), _SIZE))

    def _is_stream(self, call: Call) -> bool:
        parts = (*call.arguments, *((call.receiver,) if call.receiver is not None else ()))
        return any(self.is_stream_type(part.type) for part in parts)

    def _stream(self, call: Call) -> Abstract:
        """Return the stream that ``<<`` or ``>>`` gives; only the standard streams may be used by several threads."""
        parts = (*((call.receiver,) if call.receiver is not None else ()), *call.arguments)
        stream = next(part for part in parts if self.is_stream_type(part.type))
        held = self.places(stream)
        names = {place.object.name for place in held or () if place.object.is_global}
        if held is None or len(names) != len(held) or not names <= _SHARED_STREAMS:
            return self._unknown_call(call)
        if call.name not in ("operator<<", "operator>>"):
            return self._unknown_call(call)
        for part in parts:
            if part is stream:
                continue
            if call.name == "operator<<":
                self.evaluate(part)
                continue
            places = self.places(part)
            if places is None:
                return self._unknown_call(call)
            self.write(places, NOTHING, part.extent, part.type)
        return Pointer(held)

    def _runtime(self, call: Call) -> Abstract | None:
        """Return the value of a call of OpenMP's run-time library; None if it is another."""
        name = call.name
        if name == "omp_get_thread_num":
            number = self.thread_numbers[-1] if self.thread_numbers else Poly.of(0)
            return Value.of(number) if number is not None else VARYING
        if name == "omp_get_num_threads":
            return Value.of(self.team_sizes[-1]) if self.team_sizes else Value.of(1)
        if name == "omp_get_max_threads":
            return Value.of(self.facts.parameter("max_threads", "omp_get_max_threads()", "{} >= 1"))
        if name in ("omp_get_team_num", "omp_get_num_teams"):
            return self._league(name)
        if name == "omp_set_num_threads" and call.arguments:
            value = self.evaluate(call.arguments[0])
            self.state.threads = value.constant if isinstance(value, Value) else None
            return NOTHING
        return self.lock_call(call)

    def _league(self, name: str) -> Abstract:
        if not self.league_numbers:
            return Value.of(0 if name == "omp_get_team_num" else 1)
        number, count = self.league_numbers[-1]
        return Value.of(number if name == "omp_get_team_num" else count)

    def _library(self, call: Call, known: LibraryCall) -> Abstract:
        values: list[Abstract] = []
        for position, argument in enumerate(call.arguments):
            value = self.evaluate(argument)
            values.append(value)
            role = known.roles[min(position, len(known.roles) - 1)]
            if role != "-" and _leads_anywhere(argument, value):
                return self.lost(argument, f"what '{call.name}' is handed leads to memory that is not known")
            if isinstance(value, Pointer) and role != "-":
                for place in value.places:
                    self._touch_all(place, AccessKind.READ if role == "r" else AccessKind.WRITE, argument.extent)
        if call.name == "posix_memalign":
            return self._unknown_call(call)
        if known.effect is Effect.END:
            self.leave(None)
            return NOTHING
        if known.effect is Effect.ALLOCATE:
            return self.allocated(call.extent, call.name, CType(TypeKind.VOID, "void"))
        if known.effect is Effect.UNSAFE and self.recorder is not None:
            reason = f"two threads may not call '{call.name}' at once"
            self.recorder.give_up(Code.UNKNOWN_CALL, reason, self.line(call.extent))
        if returns_first(call.name) and values and isinstance(values[0], Pointer):
            return values[0]
        return self._result(call)

    def leave(self, _target: object) -> None:
        """Note that the program ends here."""
        raise NotImplementedError

    def _result(self, call: Call) -> Abstract:
        if call.type.kind is TypeKind.POINTER:
            return self._new_extern(call)
        if call.type.is_integer and self.recorder is None:
            return self.fresh(call.name or "value", call.type)
        return VARYING

    def _new_extern(self, call: Call) -> Pointer:
        key = ("result", self.frame.unit.lowering.text.path, call.extent, self.frame.path)
        target = pointee(call.type)
        # Each thread may be given memory of its own.
        is_summary = self.is_repeated or self.recorder is not None
        found = MemoryObject(key, call.name, ObjectKind.EXTERN, is_summary=is_summary, may_overlap=True)
        return Pointer((Place(found, (Element(Value.of(0)),), target),))

    def _touch_all(self, place: Place, kind: AccessKind, extent: Extent) -> None:
        """Note that any of the memory from ``place`` on may be touched."""
        doubt = Doubt(Code.NON_AFFINE_SUBSCRIPT, "how much memory the call touches is not known")
        place = replace(place, doubt=place.doubt or doubt)
        self.touch(place, kind, extent)
        if kind is AccessKind.WRITE:
            self.state.forget(place.object)
            if place.object.may_overlap:
                self.forget_overlapping(place.object)

    def _unknown_call(self, call: Call) -> Abstract:
        """Run a function of which nothing is known."""
        if call.name == "posix_memalign" and call.arguments:
            target = self.evaluate(call.arguments[0])
            for argument in call.arguments[1:]:
                self.evaluate(argument)
            if isinstance(target, Pointer) and len(target.places) == 1:
                found = self.allocated(call.extent, call.name, CType(TypeKind.VOID, "void"))
                self.store(target.places[0], found, call.arguments[0].extent)
                return self._result(call)
        if call.receiver is not None:
            self.places(call.receiver)
        for argument in call.arguments:
            value = self.evaluate(argument)
            for place in value.places if isinstance(value, Pointer) else ():
                self.state.forget(place.object)
        name = f"'{call.name}'" if call.name else "a function through a pointer"
        self.anything(Code.UNKNOWN_CALL, f"the effects of {name} are not known", self.line(call.extent))
        return self._result(call)

    def _defined(self, call: Call, callee: FunctionSyntax) -> Abstract:
        active = [frame.function for frame in self.frames]
        if callee.key in active:
            return self._recursive(call, callee)
        if len(self.frames) >= _DEEPEST:
            return self.lost(call, f"'{call.name}' is called too deeply", Code.ANALYSIS_LIMIT)
        unit = self.program.unit_of(callee)
        path = (*self.frame.path, (call.extent, callee.key))
        frame = Frame({}, {}, unit, path, callee.key, callee.name)
        if call.receiver is not None:
            is_pointer = call.receiver.type.kind is TypeKind.POINTER
            held = (
                self.pointed(self.evaluate(call.receiver), call.receiver) if is_pointer else self.places(call.receiver)
            )
            if held is None or len(held) != 1:
                return self.lost(call, "the object of a method is not known")
            frame.receiver = held[0]
        is_general = self.is_recursive(callee)
        is_contained = is_general and self._is_self_contained(callee)
        bound: list[tuple[Declaration, Abstract | None]] = []
        for parameter, argument in zip(callee.parameters, call.arguments, strict=False):
            if parameter.type.kind is TypeKind.REFERENCE:
                places = self.places(argument)
                if places is None or len(places) != 1:
                    return self.lost(argument, "what a reference is bound to is not known")
                frame.references[parameter.key] = places[0]
            else:
                value = self._argument(argument, parameter, is_general=is_general, is_contained=is_contained)
                bound.append((parameter, value))
        return self.enter(frame, callee, bound)

    def _argument(
        self, argument: Expression, parameter: Declaration, *, is_general: bool, is_contained: bool
    ) -> Abstract | None:
        value = self.evaluate(argument)
        if is_general and parameter.type.is_integer:
            # The same code runs with other arguments further down.
            return self.fresh(parameter.name, parameter.type) if is_contained or self.recorder is None else NOTHING
        if isinstance(value, Opaque) and parameter.type.is_integer and self.recorder is None:
            return self.fresh(parameter.name, parameter.type)
        return value

    def enter(self, frame: Frame, callee: FunctionSyntax, bound: list[tuple[Declaration, Abstract | None]]) -> Abstract:
        """Run a function's body in a frame of its own."""
        raise NotImplementedError

    def _recursive(self, call: Call, callee: FunctionSyntax) -> Abstract:
        for argument in call.arguments:
            self.evaluate(argument)
        if not self._is_self_contained(callee):
            reason = f"'{call.name}' calls itself"
            self.anything(Code.RECURSION, reason, self.line(call.extent))
        return self._result(call)

    def callees(self, function: FunctionSyntax) -> set[int]:
        """Return the keys of the functions that may run when ``function`` does, itself included."""
        if function.key in self._callees:
            return self._callees[function.key]
        found: set[int] = set()
        waiting = [function]
        while waiting:
            current = waiting.pop()
            if current.key in found:
                continue
            found.add(current.key)
            for part in all_expressions(current.body):
                inner = self.program.function(part.target) if isinstance(part, Call) and part.target else None
                if inner is not None:
                    waiting.append(inner)
        self._callees[function.key] = found
        return found

    def is_recursive(self, function: FunctionSyntax) -> bool:
        """Return True if the function may run again while it runs."""
        if function.key not in self._recursive_answers:
            called = (
                self.program.function(part.target)
                for part in all_expressions(function.body)
                if isinstance(part, Call) and part.target
            )
            found = any(inner is not None and function.key in self.callees(inner) for inner in called)
            self._recursive_answers[function.key] = found
        return self._recursive_answers[function.key]

    def _is_self_contained(self, function: FunctionSyntax) -> bool:
        """Return True if a call touches no memory but that of its own variables, whatever its arguments."""
        for key in self.callees(function):
            syntax = self.program.function(key)
            if syntax is None:
                return False
            for part in all_expressions(syntax.body):
                if isinstance(part, Call):
                    inner = self.program.function(part.target) if part.target is not None else None
                    if inner is None and not is_pure_library_call(part):
                        return False
                if isinstance(part, Name) and part.declaration.outlives_function and not part.declaration.type.is_const:
                    return False
                if isinstance(part, UnknownExpression) or (isinstance(part, Unary) and part.operator == "*"):
                    return False
                if isinstance(part, Subscript | Member) and not _is_local(part):
                    return False
                if isinstance(part, Assignment | Increment):
                    target = part.left if isinstance(part, Assignment) else part.operand
                    if not _is_local(target):
                        return False
        return True


def _leads_anywhere(argument: Expression, value: Abstract) -> bool:
    """Return True for a pointer of which it is not known where it leads, and that is not the null pointer."""
    if argument.type.kind is not TypeKind.POINTER or isinstance(value, Pointer):
        return False
    is_null = isinstance(strip_casts(argument), Constant | Integer) or (
        isinstance(value, Value) and value.constant == 0
    )
    return not is_null


def _may_be_counted(argument: Expression) -> bool:
    """Return True for an argument into which ``%n`` of a format may write."""
    target = argument.type.element if argument.type.kind is TypeKind.POINTER else None
    is_text = target is not None and target.is_char and "signed char" not in target.spelling
    return target is not None and target.is_integer and not target.is_const and not is_text


def _is_container(type_: CType) -> bool:
    return (pointee(type_) if type_.kind is TypeKind.POINTER else type_).container is not None


def _is_local(target: Expression) -> bool:
    root = named_root(target)
    if root is None and isinstance(target, Name):
        root = target.declaration
    if root is None:
        return False
    return root.kind is DeclarationKind.LOCAL or (root.kind is DeclarationKind.PARAMETER and root.type.is_scalar)
