"""What ``measure`` needs of a harness: ``harness.harness.Harness`` has it, and so has the one of the unit tests."""

from __future__ import annotations

from typing import Protocol, TypeVar, runtime_checkable

from loopwright.core.codes import Code
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler


class CaseLike(Protocol):
    """Inputs of a call."""

    @property
    def sizes(self) -> tuple[tuple[str, int], ...]:
        """Return the values of the size parameters."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Return the bytes of all arrays of a call; 0 if unknown."""
        ...


@runtime_checkable
class TimedRunLike(Protocol):
    """Seconds of the calls of one process."""

    @property
    def warmups_s(self) -> tuple[float, ...]:
        """Return those that do not count."""
        ...

    @property
    def samples_s(self) -> tuple[float, ...]:
        """Return those that count, each on fresh inputs."""
        ...


class RunFailedLike(Protocol):
    """Why a run gave no times."""

    @property
    def code(self) -> Code:
        """Return the reason code."""
        ...

    @property
    def reason(self) -> str:
        """Return the same for people."""
        ...


CaseT = TypeVar("CaseT", bound=CaseLike)


class Timeable(Protocol[CaseT]):
    """Builds the function of a file into a program and times its calls."""

    def build(self, content: bytes, compiler: Compiler, flags: tuple[str, ...]) -> Build | BuildFailed:
        """Return the program that calls the function of ``content``."""
        ...

    def timing_case(self, budget_s: float) -> CaseT | None:
        """Return inputs on which a call of the original is long enough to time, found within ``budget_s``, or None."""
        ...

    def time(self, build: Build, case: CaseT, *, threads: int, calls: int, seed: int) -> TimedRunLike | RunFailedLike:
        """Return the seconds of ``calls`` calls in one process, each on inputs made from ``seed`` and its number."""
        ...
