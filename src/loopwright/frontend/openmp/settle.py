"""From a region's raw record to ``core.concurrency`` values: isl text for domains and relations."""

from __future__ import annotations

import re
from dataclasses import replace

from loopwright.core.assumption import MapText, SetText
from loopwright.core.codes import Code
from loopwright.core.concurrency import (
    Context,
    ContextKind,
    Depend,
    DependKind,
    Lock,
    Memory,
    Opacity,
    Post,
    Region,
    Touch,
    TouchDoubt,
    Wait,
)
from loopwright.core.nest import AccessKind
from loopwright.frontend.affine import Value, conjunction
from loopwright.frontend.openmp.facts import names_in
from loopwright.frontend.openmp.machine import Machine
from loopwright.frontend.openmp.memory import OUTSIDE, Doubt, Element, MemoryObject, ObjectKind, Place
from loopwright.frontend.openmp.recorder import RawDepend, RawLock, RawTouch, Recorder, Section
from loopwright.frontend.openmp.shape import Case, Shape

_DEPENDS = {
    "in": DependKind.IN,
    "out": DependKind.INOUT,
    "inout": DependKind.INOUT,
    "mutexinoutset": DependKind.MUTEX,
    "inoutset": DependKind.SET,
}
_BASE = re.compile(r"^[\s(*&!-]*([A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)*)")
# Contexts whose instances run side by side although one thread owns what is around them.
_CONCURRENT = frozenset(
    {ContextKind.TEAM, ContextKind.LEAGUE, ContextKind.SIMD, ContextKind.TASK, ContextKind.TASKLOOP}
)


def settle(recorder: Recorder, function: str, machine: Machine) -> Region:
    """Return the region of a record."""
    with machine.facts.under(*recorder.serial_facts):
        return _Settler(recorder, machine).region(function)


class _Settler:
    def __init__(self, recorder: Recorder, machine: Machine) -> None:
        self._recorder = recorder
        self._machine = machine
        self._facts = machine.facts
        self._shapes: dict[MemoryObject, Shape] = {}
        self._names: dict[MemoryObject, str] = {}
        self._used: set[str] = set()
        self._has_unknown_pointers = any(
            touch.place.object.kind is ObjectKind.EXTERN and touch.place.object.is_summary for touch in recorder.touches
        )

    def region(self, function: str) -> Region:
        """Return the region."""
        recorder = self._recorder
        raw = self._relevant()
        groups: dict[MemoryObject, list[tuple[Place, tuple[str, ...]]]] = {}
        for touch in raw:
            groups.setdefault(touch.place.object, []).append((touch.place, touch.path))
        for place, path in self._other_places():
            groups.setdefault(place.object, []).append((place, path))
        for object_, places in groups.items():
            self._shapes[object_] = Shape(self._machine, places)
        touches = _distinct(tuple(part for touch in raw for part in self._parts(touch)), recorder)
        waits = tuple(
            Wait(
                wait.kind,
                wait.context,
                wait.sequence,
                wait.branches,
                self._depends(wait.depends, wait.path, wait.context),
            )
            for wait in recorder.waits
        )
        contexts = tuple(self._context(context) for context in recorder.contexts)
        posts = tuple(Post(post.context, post.sequence, post.branches, post.distance) for post in recorder.posts)
        memory = tuple(self._memory(object_, touches) for object_ in groups)
        return Region(
            recorder.construct,
            function,
            contexts,
            touches,
            waits,
            posts,
            memory,
            self._known(),
            (*recorder.opacities, *self._unordered_signals(), *self._outside_sections()),
            recorder.signalling,
            tuple((name, self._facts.symbols[name].text) for name in sorted(self._used)),
        )

    def _unordered_signals(self) -> list[Opacity]:
        """Return the waits for a value that is written without release: they order nothing else."""
        return [
            Opacity(
                0,
                Code.SIGNALLING,
                f"the loop waits for '{object_.name}', which is written without release: that orders nothing else",
                line,
            )
            for object_, line in self._recorder.awaited.items()
            if object_ in self._recorder.relaxed
        ]

    def _outside_sections(self) -> list[Opacity]:
        """Return the touches of an array of which a clause copies a part, where they may be outside of it."""
        reason = "a subscript may be outside of the part of '{}' that the clause copies"
        return [
            Opacity(touch.context, Code.SUBSCRIPT_BOUNDS, reason.format(touch.place.object.name), touch.span.line)
            for touch in self._recorder.touches
            if touch.place.object in self._recorder.sections
            and not self._is_inside(touch, self._recorder.sections[touch.place.object])
        ]

    def _is_inside(self, touch: RawTouch, sections: tuple[Section, ...]) -> bool:
        with self._facts.under(*touch.path):
            for section, step in zip(sections, touch.place.steps, strict=False):
                value = step.value if isinstance(step, Element) else None
                text = self._facts.text(value.poly) if isinstance(value, Value) and value.poly is not None else None
                upper = f" and {text} < {section.end}" if section.end is not None else ""
                if text is None or not self._facts.prove(f"{section.first} <= {text}{upper}"):
                    return False
        return True

    def _relevant(self) -> list[RawTouch]:
        """Return the touches of memory that some other thread, task or lane may touch and somebody writes."""
        shared = {touch.place.object for touch in self._recorder.touches if self._is_shared(touch)}
        candidates = [touch for touch in self._recorder.touches if touch.place.object in shared]
        written = {touch.place.object for touch in candidates if touch.kind is AccessKind.WRITE}
        concerned: dict[MemoryObject, bool] = {}
        for touch in candidates:
            object_ = touch.place.object
            if object_ not in concerned:
                concerned[object_] = object_ in written or any(
                    self._machine.may_be_same(object_, other) for other in written
                )
        return [touch for touch in candidates if concerned[touch.place.object]]

    def _is_shared(self, touch: RawTouch) -> bool:
        owner = touch.place.object.owner
        if owner != OUTSIDE and self._may_be_led_to(touch.place.object):
            return True
        chain = self._recorder.chain(touch.context)
        numbers = [context.number for context in chain]
        if owner != OUTSIDE and owner in numbers:
            chain = chain[numbers.index(owner) + 1 :]
        return any(context.kind in _CONCURRENT or context.has_lanes for context in chain)

    def _may_be_led_to(self, object_: MemoryObject) -> bool:
        """Return True if a pointer that the region itself sets may lead another thread to a thread's own memory."""
        if not self._has_unknown_pointers:
            return False
        return object_.kind is ObjectKind.HEAP or self._machine.is_exposed(object_)

    def _other_places(self) -> list[tuple[Place, tuple[str, ...]]]:
        """Return the places of locks and dependences, which need coordinates too."""
        found: list[tuple[Place, tuple[str, ...]]] = []
        for touch in self._recorder.touches:
            found += [(lock.place, touch.path) for lock in touch.locks if lock.place is not None]
        for depends, path in self._recorder.depends.values():
            found += [(item.place, path) for item in depends if item.place is not None]
        for wait in self._recorder.waits:
            found += [(item.place, wait.path) for item in wait.depends if item.place is not None]
        return found

    def _parts(self, touch: RawTouch) -> list[Touch]:
        """Return a touch as one that is known exactly and one that is not, as far as there are such."""
        cases = self._shapes[touch.place.object].locate(touch.place, touch.path)
        known = tuple(case for case in cases if case.doubt is None)
        unknown = tuple(case for case in cases if case.doubt is not None)
        found: list[Touch] = []
        if known:
            found.append(self._touch(touch, known, None))
        if unknown:
            found.append(self._touch(touch, unknown, unknown[0].doubt))
        return found

    def _touch(self, touch: RawTouch, cases: tuple[Case, ...], doubt: Doubt | None) -> Touch:
        dimensions = self._recorder.dimensions(touch.context)
        formula, foreign = self._formula(touch.path, dimensions)
        relation, lost = self._relation(cases, dimensions)
        doubts = [self._doubt(each, is_condition=True) for each in touch.doubts]
        locks = [self._lock(lock, touch, dimensions) for lock in touch.locks]
        if None in locks:
            doubts.append(TouchDoubt(Code.SIGNALLING, "which lock is held is not known"))
        if foreign:
            doubts.append(TouchDoubt(Code.EARLY_EXIT, "when the place is reached is not known exactly"))
        if doubt is not None:
            doubts.append(self._doubt(doubt, is_condition=False))
        elif lost:
            doubts.append(TouchDoubt(Code.NON_AFFINE_SUBSCRIPT, "the subscript depends on iterations that are over"))
        return Touch(
            self._name(touch.place.object),
            variable_name(touch.text),
            touch.text,
            touch.kind,
            self._set(formula, dimensions),
            relation,
            tuple(doubts),
            touch.context,
            touch.sequence,
            touch.branches,
            tuple(lock for lock in locks if lock is not None),
            touch.is_atomic,
            touch.span,
            touch.statement,
            touch.update,
            touch.is_combination,
        )

    def _doubt(self, doubt: Doubt, *, is_condition: bool) -> TouchDoubt:
        objects = tuple(sorted(self._name(each) for each in doubt.objects if not each.is_private))
        # What is not the same for all threads may be what keeps them apart.
        is_shared = not any(each.is_private for each in doubt.objects)
        return TouchDoubt(doubt.code, doubt.reason, objects, is_condition and is_shared)

    def _formula(self, path: tuple[str, ...], dimensions: tuple[str, ...]) -> tuple[str, bool]:
        """Return the conditions of a path that speak of its own dimensions, and whether there are others."""
        kept = [each for each in path if self._is_own(each, dimensions)]
        return conjunction(*kept), len(kept) < len(path)

    def _is_own(self, formula: str, dimensions: tuple[str, ...]) -> bool:
        own = set(dimensions)
        return all(name in own or self._facts.is_parameter(name) for name in names_in(formula))

    def _relation(self, cases: tuple[Case, ...], dimensions: tuple[str, ...]) -> tuple[MapText, bool]:
        """Return the relation, and whether a part of it was not known after all."""
        bodies: list[str] = []
        names: set[str] = set()
        lost = False
        left = ", ".join(dimensions)
        for case in cases:
            formula, texts = case.formula, case.texts
            kept = [
                text if text is not None and self._is_own(text, dimensions) else f"o{number}"
                for number, text in enumerate(texts)
            ]
            lost = lost or any(text is not None and text not in kept for text in texts)
            given = formula if self._is_own(formula, dimensions) else ""
            lost = lost or given != formula
            names |= names_in(given) | {name for text in kept for name in names_in(text)}
            bodies.append(f"[{left}] -> [{', '.join(kept)}]{f' : {given}' if given else ''}")
        free = {f"o{number}" for number in range(len(cases[0].texts))}
        return MapText(f"{self._prefix(names - set(dimensions) - free)}{{ {'; '.join(bodies)} }}"), lost

    def _set(self, formula: str, dimensions: tuple[str, ...]) -> SetText:
        prefix = self._prefix(names_in(formula) - set(dimensions))
        return SetText(f"{prefix}{{ [{', '.join(dimensions)}]{f' : {formula}' if formula else ''} }}")

    def _prefix(self, names: set[str] | frozenset[str]) -> str:
        self._used |= names
        return f"[{', '.join(sorted(names))}] -> " if names else ""

    def _known(self) -> SetText:
        """Return what holds for the parameters that were used."""
        formula, names = self._facts.known(self._used)
        return SetText(f"[{', '.join(sorted(names))}] -> {{ : {formula or 'true'} }}")

    def _lock(self, lock: RawLock, touch: RawTouch, dimensions: tuple[str, ...]) -> Lock | None:
        """Return a lock that is held; None if which one it is is not known."""
        if lock.place is None:
            return Lock(lock.name, None, lock.is_device_wide, lock.around)
        owner = lock.place.object.owner
        if owner != OUTSIDE and owner not in {context.number for context in self._recorder.chain(touch.context)}:
            return None
        # Every instance of the owner has its own lock.
        owned = self._recorder.dimensions(owner) if owner != OUTSIDE else ()
        cases = self._shapes[lock.place.object].locate(lock.place, touch.path)
        cases = tuple(Case("", owned).then(case) for case in cases)
        relation, lost = self._relation(cases, dimensions)
        if lost or any(case.doubt is not None for case in cases):
            return None
        return Lock(f"lock {self._name(lock.place.object)}", relation, lock.is_device_wide, lock.around)

    def _context(self, context: Context) -> Context:
        depends, path = self._recorder.depends.get(context.number, ((), ()))
        # The clause is evaluated where the task is made, in the instance of the context around it.
        return replace(context, depends=self._depends(depends, path, context.parent))

    def _depends(self, depends: tuple[RawDepend, ...], path: tuple[str, ...], context: int) -> tuple[Depend, ...]:
        found: list[Depend] = []
        dimensions = self._recorder.dimensions(context)
        for item in depends:
            if item.place is None:
                found.append(Depend(_DEPENDS[item.kind], "?", None))
                continue
            cases = self._shapes[item.place.object].locate(item.place, path)
            relation, lost = self._relation(cases, dimensions)
            is_known = not lost and not item.place.object.is_summary and all(case.doubt is None for case in cases)
            found.append(Depend(_DEPENDS[item.kind], self._name(item.place.object), relation if is_known else None))
        return tuple(found)

    def _name(self, object_: MemoryObject) -> str:
        if object_ not in self._names:
            wanted, number = object_.name, 2
            while wanted in self._names.values():
                wanted, number = f"{object_.name}#{number}", number + 1
            self._names[object_] = wanted
        return self._names[object_]

    def _memory(self, object_: MemoryObject, touches: tuple[Touch, ...]) -> Memory:
        name = self._name(object_)
        texts = [touch.text for touch in touches if touch.object == name]
        overlaps = tuple(
            self._name(other)
            for other in self._shapes
            if other != object_ and self._machine.may_be_same(object_, other)
        )
        return Memory(
            name,
            variable_name(texts[0]) if texts and object_.kind is not ObjectKind.VARIABLE else object_.name,
            object_.owner,
            self._shapes[object_].rank,
            not object_.is_summary,
            overlaps,
            object_.kind is ObjectKind.VARIABLE,
        )


def variable_name(text: str) -> str:
    """Return the variable of a reference: without subscripts and stars.

    >>> variable_name("(*counter)"), variable_name("p->b"), variable_name("u[1 - p][i]")
    ('counter', 'p->b', 'u')
    """
    found = _BASE.match(text)
    return found.group(1) if found else text


def _distinct(touches: tuple[Touch, ...], recorder: Recorder) -> tuple[Touch, ...]:
    """Return the touches without those that another one of the same statement covers."""
    marks = sorted(
        [
            *(wait.sequence for wait in recorder.waits),
            *(post.sequence for post in recorder.posts),
            *(context.sequence for context in recorder.contexts),
            *(context.last_sequence for context in recorder.contexts),
        ]
    )
    found: dict[tuple[object, ...], Touch] = {}
    position = 0
    for touch in touches:
        while position < len(marks) and marks[position] < touch.sequence:
            position += 1
        key = (
            touch.object,
            touch.kind,
            touch.domain,
            touch.relation,
            touch.doubts,
            touch.context,
            touch.branches,
            touch.locks,
            touch.is_atomic,
            touch.span.line,
            touch.is_combination,
            position,
        )
        found.setdefault(key, touch)
    writes = {(*key[:1], *key[2:]): key for key, touch in found.items() if touch.kind is AccessKind.WRITE}
    for key, touch in list(found.items()):
        covering = writes.get((*key[:1], *key[2:])) if touch.kind is AccessKind.READ else None
        if covering is not None:
            is_first = found[covering].is_read_first or touch.sequence < found[covering].sequence
            found[covering] = replace(found[covering], is_read_first=is_first)
            del found[key]
    return tuple(found.values())
