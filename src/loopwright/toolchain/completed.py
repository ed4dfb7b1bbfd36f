"""How a child process ended, and what it left: the answer of ``process.run``."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from enum import StrEnum

_OUT_OF_MEMORY_WORDS = (b"std::bad_alloc", b"out of memory", b"Cannot allocate memory", b"failed to allocate")


class Ended(StrEnum):
    """How a child ended.

    OUT_OF_MEMORY is a best guess: it was killed from outside (the kernel's OOM killer does that), or it failed near
    its memory limit or saying so. OUTPUT_LIMIT: it wrote too much to its pipes or to a file. TASK_LIMIT: too many
    processes and threads.
    """

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    OUTPUT_LIMIT = "output limit"
    TASK_LIMIT = "task limit"


@dataclass(frozen=True, slots=True)
class Completed:
    """A child that is gone.

    Attributes:
        argv: What was run, without the programs that set its limits.
        returncode: Exit status, or minus the signal that ended it.
        stdout, stderr: What it wrote, cut at the limit.
        elapsed_s: Wall time, start and clean-up included.
        ended: How.
        peak_bytes: Largest resident memory of the child itself; 0 if unknown (it was too small and quick to see).
    """

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    elapsed_s: float
    ended: Ended
    peak_bytes: int = 0

    @property
    def ok(self) -> bool:
        """Return True if it exited by itself with status 0."""
        return self.ended is Ended.EXITED and self.returncode == 0

    @property
    def output(self) -> str:
        """Return stdout, then stderr, as text, undecodable bytes replaced."""
        return (self.stdout + self.stderr).decode("utf-8", "replace")

    def describe(self) -> str:
        """Return how it ended as a clause: ``exited with status 3``, ``was ended by SIGSEGV``, ``timed out``."""
        if self.ended is Ended.EXITED:
            return f"exited with status {self.returncode}"
        if self.ended is Ended.SIGNALLED:
            return f"was ended by {_signal_name(-self.returncode)}"
        return {
            Ended.TIMED_OUT: "was killed at its time limit",
            Ended.OUT_OF_MEMORY: "ran out of memory",
            Ended.OUTPUT_LIMIT: "was killed at its output limit",
            Ended.TASK_LIMIT: "was killed for its many processes",
        }[self.ended]


def classify(returncode: int, stderr: bytes, peak_bytes: int, memory_bytes: int | None) -> Ended:
    """Return how a child ended that no limit of ours has killed."""
    if returncode == 0:
        return Ended.EXITED
    if returncode == -signal.SIGXFSZ:
        return Ended.OUTPUT_LIMIT
    if returncode == -signal.SIGXCPU:
        return Ended.TIMED_OUT
    if returncode == -signal.SIGKILL:
        return Ended.OUT_OF_MEMORY  # not by us: the limits that kill have set their own reason
    if memory_bytes is not None:
        near_limit = peak_bytes > memory_bytes * 3 // 4
        if any(words in stderr for words in _OUT_OF_MEMORY_WORDS) or (near_limit and returncode < 0):
            return Ended.OUT_OF_MEMORY
    return Ended.SIGNALLED if returncode < 0 else Ended.EXITED


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
