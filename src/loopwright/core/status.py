"""How far the campaigns of a store are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FailedTask:
    """A task that was tried and has no result: its name for people, the last attempt's reason, how often."""

    task: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of evaluations: one model x strategy x kernel outcome, or one baseline x kernel measurement, each.

    That loopwright's own results are timed beside the baselines makes no further evaluation of them.

    Attributes:
        complete: With a result: an outcome, a time, or a method's own failure, which is a result too.
        absent: Of methods that are not installed or cannot express the kernel; they are no evaluations.
        failed: Of tasks that ended without a result and would be tried again.
        pending: Not begun, or not finished.
        kernels, hosts: Seen in the store.
        failures: The tasks behind ``failed``; one of a field stands for all methods of it.
    """

    complete: int
    absent: int
    failed: int
    pending: int
    kernels: tuple[str, ...]
    hosts: tuple[str, ...]
    failures: tuple[FailedTask, ...] = ()

    @property
    def evaluations(self) -> int:
        """Return all that are asked for, but for the absent ones."""
        return self.complete + self.failed + self.pending
