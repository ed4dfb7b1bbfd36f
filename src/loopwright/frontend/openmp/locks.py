"""Calls of the locks of OpenMP's run-time library in the symbolic run."""

from __future__ import annotations

from loopwright.core.nest import AccessKind
from loopwright.frontend.openmp.evaluate import Evaluator
from loopwright.frontend.openmp.memory import NOTHING, Abstract, Pointer
from loopwright.frontend.openmp.recorder import RawLock
from loopwright.frontend.syntax import Call

_SET = frozenset({"omp_set_lock", "omp_set_nest_lock"})
_UNSET = frozenset({"omp_unset_lock", "omp_unset_nest_lock"})
_TEST = frozenset({"omp_test_lock", "omp_test_nest_lock"})
_MAKING = frozenset(
    f"omp_{verb}_{lock}{hint}"
    for verb in ("init", "destroy")
    for lock in ("lock", "nest_lock")
    for hint in ("", "_with_hint")
)


class LockCaller(Evaluator):
    """Evaluates calls that take a lock."""

    def lock_call(self, call: Call) -> Abstract | None:
        """Return the value of a call that takes a lock; None if it is another."""
        if call.name in _SET | _UNSET | _TEST and len(call.arguments) == 1:
            return self._lock(call)
        if call.name in _MAKING and call.arguments:
            self._touch_lock(self.evaluate(call.arguments[0]), AccessKind.WRITE, call)
            return NOTHING
        return None

    def _lock(self, call: Call) -> Abstract:
        pointer = self.evaluate(call.arguments[0])
        self._touch_lock(pointer, AccessKind.READ, call)
        recorder = self.recorder
        if recorder is None:
            return NOTHING
        place = pointer.places[0] if isinstance(pointer, Pointer) and len(pointer.places) == 1 else None
        if place is None or place.doubt is not None or place.object.is_summary:
            recorder.signalling = recorder.signalling or "a lock is not known"
            return NOTHING
        lock = RawLock("lock", place)
        if call.name in _SET:
            recorder.locks.append(lock)
        elif call.name in _UNSET:
            if lock in recorder.locks:
                position = len(recorder.locks) - 1 - recorder.locks[::-1].index(lock)
                del recorder.locks[position]
            else:
                # Who holds a lock that another part of the program sets cannot be told from here.
                recorder.signalling = recorder.signalling or "a lock is set and given back in different places"
        else:
            recorder.signalling = recorder.signalling or "a lock is tried without waiting"
        return NOTHING

    def _touch_lock(self, pointer: Abstract, kind: AccessKind, call: Call) -> None:
        """Note that a lock is made or unmade, which must not happen while others use it."""
        for place in pointer.places if isinstance(pointer, Pointer) else ():
            self.touch(place, kind, call.arguments[0].extent)
