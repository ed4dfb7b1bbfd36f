"""Jumps in the symbolic run: what they leave, and under which conditions the code behind them runs."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.frontend.affine import conjunction, negation
from loopwright.frontend.openmp.calls import Caller
from loopwright.frontend.openmp.facts import names_in
from loopwright.frontend.openmp.memory import (
    Doubt,
    State,
)


@dataclass(slots=True, eq=False)
class Target:
    """Something that a jump leaves: a loop, a switch, a function, the program.

    Attributes:
        kind: ``loop``, ``switch``, ``function`` or ``program``.
        states: At the jumps to its end.
    """

    kind: str
    states: list[State]


@dataclass(frozen=True, slots=True)
class Escape:
    """A jump: where it goes, and the conditions under which it was reached."""

    target: Target
    path: tuple[str, ...]
    doubts: tuple[Doubt, ...]


class OutOfTime(Exception):  # noqa: N818  # an answer to the caller, not an error
    """The symbolic run has taken longer than it may; never leaves the frontend."""


class Jumper(Caller):
    """Keeps track of jumps."""

    targets: list[Target]
    escapes: list[Escape]

    @contextmanager
    def scope(self) -> Generator[None]:
        """Undo at the end what is added to the path inside."""
        recorder = self.recorder
        length = len(self.facts.path)
        marks = (len(recorder.branches), len(recorder.doubts)) if recorder is not None else (0, 0)
        try:
            yield
        finally:
            del self.facts.path[length:]
            if recorder is not None:
                del recorder.branches[marks[0] :]
                del recorder.doubts[marks[1] :]

    def _exclude(self, mark: int) -> None:
        """Note that what follows runs only where the jumps since ``mark`` were not taken."""
        if self.state.is_dead:
            return
        for escape in self.escapes[mark:]:
            here = self.facts.path
            shared = _shared_length(escape.path, here)
            extra = conjunction(*escape.path[shared:])
            recorder = self.recorder
            doubts = escape.doubts[len(recorder.doubts) :] if recorder is not None else ()
            foreign = self._is_foreign(extra)
            doubt: Doubt | None = doubts[0] if doubts else None
            if doubt is None and foreign:
                doubt = Doubt(Code.EARLY_EXIT, "whether the code is left before is not known")
            if recorder is not None:
                recorder.enter_branch(doubt)
            if extra and doubt is None:
                self.facts.path.append(negation(extra))

    def _is_foreign(self, formula: str) -> bool:
        """Return True if a formula speaks of iterations that are over."""
        recorder = self.recorder
        own = set(recorder.dimensions(recorder.current)) if recorder is not None else set[str]()
        return any(not self.facts.is_parameter(name) and name not in own for name in names_in(formula))

    def _jump_target(self, kinds: tuple[str, ...]) -> Target | None:
        return next((target for target in reversed(self.targets) if target.kind in kinds), None)

    def leave(self, _target: object) -> None:
        """Jump to the end of a target (the program, if it is None)."""
        target = _target if isinstance(_target, Target) else self.targets[0]
        target.states.append(self.state.copy())
        doubts = tuple(self.recorder.doubts) if self.recorder is not None else ()
        self.escapes.append(Escape(target, tuple(self.facts.path), doubts))
        self.state.is_dead = True

    @contextmanager
    def target(self, kind: str) -> Generator[Target]:
        """Run a body that jumps may leave; the state behind it is for the caller to put together."""
        found = Target(kind, [])
        self.targets.append(found)
        try:
            yield found
        finally:
            self.targets.pop()
            self.escapes = [escape for escape in self.escapes if escape.target is not found]


def _shared_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many formulas two paths begin with in common."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in pairs)
