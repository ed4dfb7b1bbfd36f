"""Which variables a construct shares and of which its threads, tasks or iterations have their own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from loopwright.core.codes import Code
from loopwright.core.concurrency import ContextKind
from loopwright.core.nest import AccessKind
from loopwright.frontend.affine import Poly, Value
from loopwright.frontend.openmp.directives import Clause, Directive, ListItem
from loopwright.frontend.openmp.loops import LoopRunner
from loopwright.frontend.openmp.memory import (
    OUTSIDE,
    Abstract,
    Element,
    MemoryObject,
    ObjectKind,
    Opaque,
    Place,
    Pointer,
)
from loopwright.frontend.openmp.recorder import RawDepend, RawLock, Section
from loopwright.frontend.syntax import Cast, Declaration, DeclarationKind, Expression, Extent, Name, Stmt
from loopwright.frontend.tree import all_expressions, declared_inside, strip_casts
from loopwright.frontend.types import CType, TypeKind

_PRIVATE = ("private", "firstprivate", "lastprivate", "reduction", "in_reduction", "task_reduction", "linear")


@dataclass(frozen=True, slots=True)
class Copy:
    """A variable of which threads, tasks or iterations have their own.

    Attributes:
        declaration: The variable.
        original: Where it is outside.
        clause: The clause that says so; None for a rule that needs none.
        extent: Of the reference in the clause.
        is_initialized: The copy starts with the original's value.
        is_combined: What the copies hold at the end goes into the original: of all of them together.
        is_last: The same, of the last iteration.
        value: What an initialized copy starts with; None if that is yet to be looked up.
        sections: The part of an array that is copied, where it is not all of it.
        is_pointee: The variable is a pointer, and there is a copy of what it leads to.
    """

    declaration: Declaration
    original: Place
    clause: Clause | None
    is_initialized: bool = False
    is_combined: bool = False
    is_last: bool = False
    value: Abstract | None = None
    sections: tuple[Section, ...] = ()
    is_pointee: bool = False


class Sharing(LoopRunner):
    """Gives variables their objects inside constructs."""

    directive_extent: Extent

    def not_understood(self, directive: Directive, reason: str, code: Code = Code.UNKNOWN_CONSTRUCT) -> None:
        """Note that a directive may do more than is seen."""
        raise NotImplementedError

    def copies(self, directive: Directive, names: tuple[str, ...] = _PRIVATE) -> list[Copy]:
        """Return the variables that clauses make private; one that two clauses name is there once."""
        found: dict[int, Copy] = {}
        for clause in directive.named(*names):
            for item in clause.items:
                declaration = variable_of(item.expression)
                original = self._original(item, declaration)
                if declaration is None or original is None:
                    self.not_understood(directive, f"what '{item.text}' is in the clause is not known")
                    continue
                if "reduction" in clause.name:
                    is_record = self.program.is_cxx and declaration.type.scalar.kind is TypeKind.RECORD
                    why = self.program.declarative.why_reduction_is_unknown(clause.modifier, is_record=is_record)
                    if why is not None:
                        self.not_understood(directive, why, Code.UNKNOWN_CALL)
                earlier = found.get(declaration.key)
                found[declaration.key] = Copy(
                    declaration,
                    original,
                    clause,
                    clause.name in ("firstprivate", "linear") or (earlier is not None and earlier.is_initialized),
                    "reduction" in clause.name or (earlier is not None and earlier.is_combined),
                    clause.name in ("lastprivate", "linear") or (earlier is not None and earlier.is_last),
                    sections=self._part(item, declaration.type),
                    is_pointee=bool(item.sections) and declaration.type.kind is TypeKind.POINTER,
                )
        return list(found.values())

    def _part(self, item: ListItem, type_: CType) -> tuple[Section, ...]:
        """Return the bounds of the part of an array that an item is; empty if it is all of it, as far as is known."""
        found: list[Section] = []
        for section in item.sections:
            if type_.kind is not TypeKind.ARRAY or type_.element is None:
                return ()
            lower = self.number(section.lower) if section.lower is not None else Value.of(0)
            length = self.number(section.length) if section.length is not None else None
            first = lower.constant if isinstance(lower, Value) else None
            size = length.constant if isinstance(length, Value) else None
            end = first + size if first is not None and size is not None else None
            found.append(Section(first or 0, end if end is not None else type_.count))
            type_ = type_.element
        is_whole = all(
            part.first == 0 and part.end == each for part, each in zip(found, _counts_of(item), strict=False)
        )
        return () if is_whole else tuple(found)

    def _original(self, item: ListItem, declaration: Declaration | None) -> Place | None:
        places = self.silent_places(item.expression)
        if places is None or len(places) != 1:
            return None
        if item.sections and declaration is not None and declaration.type.kind is TypeKind.POINTER:
            held = self.peek(places[0])
            if not isinstance(held, Pointer) or len(held.places) != 1:
                return None
            return self.moved(held.places[0], Opaque(), 1)
        return places[0]

    def silent_places(self, expression: Expression) -> tuple[Place, ...] | None:
        """Return the places of an lvalue without noting what finding them reads."""
        recorder = self.recorder
        if recorder is None:
            return self.places(expression)
        saved, written = recorder.is_scouting, set(recorder.written)
        recorder.is_scouting = True
        try:
            return self.places(expression)
        finally:
            recorder.is_scouting, recorder.written = saved, written

    def captured(self, copies: list[Copy]) -> list[Copy]:
        """Return the copies with the values that their originals have now."""
        return [
            replace(copy, value=self.peek(copy.original))
            if copy.is_initialized and copy.original.type.is_scalar
            else copy
            for copy in copies
        ]

    @contextmanager
    def with_copies(self, copies: list[Copy], owner: int) -> Generator[None]:
        """Run the body of a construct with copies in place; ``owner`` is the context whose instances have them."""
        frame = self.frame
        variables, references = dict(frame.variables), dict(frame.references)
        for copy in copies:
            self._place_copy(copy, owner)
            if not self.program.is_plain(copy.declaration.type):
                reason = f"what making a copy of '{copy.declaration.name}' does is not known"
                self.anything(Code.UNKNOWN_CALL, reason, self.line(self.directive_extent))
        try:
            yield
        finally:
            frame.variables.clear()
            frame.variables.update(variables)
            frame.references.clear()
            frame.references.update(references)

    def _place_copy(self, copy: Copy, owner: int) -> None:
        declaration, frame = copy.declaration, self.frame
        key = ("copy", declaration.key, frame.path, owner if owner != OUTSIDE else "outside")
        object_ = MemoryObject(key, declaration.name, ObjectKind.VARIABLE, owner)
        frame.references.pop(declaration.key, None)
        held: Abstract | None = None
        if copy.is_pointee:
            # Of an array section behind the pointer there is a copy, and the pointer leads to that.
            target = MemoryObject(("section", *key), declaration.name, ObjectKind.HEAP, owner)
            held = Pointer((Place(target, (Element(Value.of(0)),), declaration.type.element or declaration.type),))
        elif copy.is_initialized and copy.original.type.is_scalar:
            held = copy.value if copy.value is not None else self.peek(copy.original)
        if self.recorder is not None and copy.sections:
            self.recorder.sections[object_] = copy.sections
        if copy.original.object.key in self.extents:
            self.extents[key] = self.extents[copy.original.object.key]
        if declaration.type.kind is TypeKind.REFERENCE:
            frame.references[declaration.key] = Place(object_, (), declaration.type.element or declaration.type)
        frame.variables[declaration.key] = object_
        self.state.forget(object_)
        self.unstable.discard(object_)
        if held is not None:
            self.state.cells[object_, ()] = held

    def note_initial_reads(self, copies: list[Copy]) -> None:
        """Note that copies are made of originals at the current point."""
        for copy in copies:
            if copy.is_initialized:
                self.touch_item(copy, AccessKind.READ)

    def note_combinations(self, copies: list[Copy], line_extent: Extent) -> None:
        """Note what a construct writes to originals at its end."""
        recorder = self.recorder
        for copy in copies:
            if copy.is_combined and recorder is not None:
                lock = RawLock(f"reduction of {copy.declaration.name}", None, is_device_wide=True)
                recorder.locks.append(lock)
                self.touch_item(copy, AccessKind.WRITE, extent=line_extent, is_combination=True)
                recorder.locks.remove(lock)
            if copy.is_last and recorder is not None:
                # One thread does it: the one that ran the last iteration.
                with recorder.context(ContextKind.SINGLE):
                    self.touch_item(copy, AccessKind.WRITE, extent=line_extent, is_combination=True)
            if copy.is_combined or copy.is_last:
                self.state.forget(copy.original.object)

    def touch_item(
        self, copy: Copy, kind: AccessKind, *, extent: Extent | None = None, is_combination: bool = False
    ) -> None:
        """Note a touch of a copy's original."""
        recorder = self.recorder
        if recorder is None or copy.original.object.kind is ObjectKind.TEXT:
            return
        where = extent or (copy.clause.items[0].expression.extent if copy.clause is not None else None)
        place = copy.original
        span = self.program.span(self.frame.unit, where) if where is not None else recorder.statement
        if span is not None:
            recorder.touch(place, kind, copy.declaration.name, span, is_combination=is_combination)

    def task_copies(self, directive: Directive, body: tuple[Stmt, ...]) -> list[Copy]:
        """Return the variables that a task copies though no clause says so."""
        default = next((clause.argument for clause in directive.named("default")), None)
        explicit = self._listed(directive)
        found: list[Copy] = []
        for declaration in self.used_inside(body):
            if declaration.key in explicit or declaration.outlives_function or default in ("shared",):
                continue
            bound = self.frame.references.get(declaration.key)
            original = bound or Place(self.object_of(declaration), (), declaration.type)
            is_copied = default in ("firstprivate", "private")
            is_orphan_reference = bound is not None and declaration.kind is DeclarationKind.PARAMETER
            if is_copied or not self._is_shared_by_team(original.object) or (is_orphan_reference and self._is_orphan()):
                found.append(Copy(declaration, original, None, default != "private"))
        return found

    def _listed(self, directive: Directive) -> set[int]:
        listed: set[int] = set()
        for clause in directive.named(*_PRIVATE, "shared", "copyin"):
            for item in clause.items:
                declaration = variable_of(item.expression)
                if declaration is not None:
                    listed.add(declaration.key)
        return listed

    def used_inside(self, body: tuple[Stmt, ...]) -> list[Declaration]:
        """Return the variables that are named in statements and declared outside them."""
        inner = {declaration.key for part in body for declaration in declared_inside(part)}
        found: dict[int, Declaration] = {}
        for part in body:
            for expression in all_expressions(part):
                if isinstance(expression, Name) and expression.declaration.key not in inner:
                    found[expression.declaration.key] = expression.declaration
        frame = self.frame
        return [
            each
            for each in found.values()
            if each.key in frame.variables or each.key in frame.references or each.outlives_function
        ]

    team_frames: list[int]
    team_contexts: list[int]

    def _is_orphan(self) -> bool:
        """Return True if the innermost team was not made by the function that runs."""
        return not self.team_frames or self.team_frames[-1] != len(self.frames)

    def _is_shared_by_team(self, object_: MemoryObject) -> bool:
        """Return True if all threads of the innermost team share a local variable."""
        if not self.team_contexts or self.recorder is None:
            return False
        return object_.owner < self.team_contexts[-1]

    def target_copies(self, directive: Directive, body: tuple[Stmt, ...]) -> list[Copy]:
        """Return the scalars that a ``target`` region copies: those that no clause maps."""
        if any("tofrom" in (clause.argument or "") for clause in directive.named("defaultmap")):
            return []
        listed: set[int] = self._listed(directive)
        for clause in directive.named("map", "reduction", "lastprivate", "linear", "is_device_ptr", "has_device_addr"):
            for item in clause.items:
                declaration = variable_of(item.expression)
                if declaration is not None:
                    listed.add(declaration.key)
        return [
            Copy(declaration, Place(self.object_of(declaration), (), declaration.type), None, True)
            for declaration in self.used_inside(body)
            if declaration.type.is_scalar
            and declaration.key not in listed
            and not declaration.type.is_const
            and not self.program.is_on_device(self.frame.unit, declaration)
        ]

    def depends(self, directive: Directive) -> tuple[RawDepend, ...]:
        """Return the items of the ``depend`` clauses of a task."""
        found: list[RawDepend] = []
        for clause in directive.named("depend"):
            kind = clause.modifier.split()[-1] if clause.modifier else ""
            for item in clause.items:
                # Which item it is is looked up where the task is made.
                places = self.places(item.expression)
                place = places[0] if places is not None and len(places) == 1 else None
                if place is not None and item.sections:
                    place = self._section_start(place, item)
                known = kind in ("in", "out", "inout", "mutexinoutset", "inoutset")
                found.append(RawDepend(kind if known else "in", place if known else None))
        return tuple(found)

    def _section_start(self, place: Place, item: ListItem) -> Place | None:
        """Return the first element of an array section; items of one start are taken for one storage."""
        for section in item.sections:
            lower = self.number(section.lower) if section.lower is not None else Value.of(0)
            if place.type.kind is TypeKind.ARRAY:
                place = self.first_element(place)
            elif place.type.kind is TypeKind.POINTER:
                held = self.peek(place)
                if not isinstance(held, Pointer) or len(held.places) != 1:
                    return None
                place = held.places[0]
            else:
                return None
            place = self.moved(place, lower, 1)
        return place

    def linear_value(self, copy: Copy, iteration: Poly | None) -> None:
        """Give the copy of a ``linear`` variable its value in an iteration."""
        object_ = self.frame.variables.get(copy.declaration.key)
        if (
            object_ is None
            or copy.clause is None
            or copy.clause.name != "linear"
            or not copy.declaration.type.is_integer
        ):
            return
        start = self.peek(copy.original)
        step = copy.clause.modifier or "1"
        if isinstance(start, Value) and iteration is not None and step.lstrip("+-").isdecimal():
            number = int(step)
            self.state.cells[object_, ()] = start.mapped(lambda poly: poly + iteration.scaled(number))
        else:
            self.state.cells[object_, ()] = Opaque()


def _counts_of(item: ListItem) -> list[int | None]:
    """Return the numbers of elements of an array variable, outermost first."""
    counts: list[int | None] = []
    declaration = variable_of(item.expression)
    type_ = declaration.type if declaration is not None else None
    while type_ is not None and type_.kind is TypeKind.ARRAY:
        counts.append(type_.count)
        type_ = type_.element
    return counts


def variable_of(expression: Expression) -> Declaration | None:
    """Return the variable that a list item names, or of which it is a part."""
    inner = strip_casts(expression)
    while isinstance(inner, Cast):
        inner = inner.operand
    return inner.declaration if isinstance(inner, Name) else None
