from __future__ import annotations

import signal

import pytest

from loopwright.toolchain.completed import Completed, Ended, classify

LIMIT = 1 << 30


@pytest.mark.parametrize(
    ("returncode", "stderr", "peak_bytes", "memory_bytes", "ended"),
    [
        (0, b"out of memory", LIMIT, LIMIT, Ended.EXITED),
        (1, b"", LIMIT, LIMIT, Ended.EXITED),
        (1, b"terminate: std::bad_alloc", 0, LIMIT, Ended.OUT_OF_MEMORY),
        (1, b"terminate: std::bad_alloc", 0, None, Ended.EXITED),
        (-signal.SIGSEGV, b"", LIMIT * 9 // 10, LIMIT, Ended.OUT_OF_MEMORY),
        (-signal.SIGSEGV, b"", LIMIT // 2, LIMIT, Ended.SIGNALLED),
        (-signal.SIGSEGV, b"", LIMIT * 9 // 10, None, Ended.SIGNALLED),
        (-signal.SIGKILL, b"", 0, None, Ended.OUT_OF_MEMORY),
        (-signal.SIGXFSZ, b"", 0, None, Ended.OUTPUT_LIMIT),
    ],
)
def test_how_a_child_ended(
    returncode: int, stderr: bytes, peak_bytes: int, memory_bytes: int | None, ended: Ended
) -> None:
    assert classify(returncode, stderr, peak_bytes, memory_bytes) is ended


@pytest.mark.parametrize(
    ("ended", "returncode", "words"),
    [
        (Ended.EXITED, 3, "exited with status 3"),
        (Ended.SIGNALLED, -11, "was ended by SIGSEGV"),
        (Ended.SIGNALLED, -63, "was ended by signal 63"),
        (Ended.TIMED_OUT, -9, "was killed at its time limit"),
        (Ended.OUT_OF_MEMORY, -9, "ran out of memory"),
        (Ended.OUTPUT_LIMIT, -9, "was killed at its output limit"),
    ],
)
def test_the_end_in_words(ended: Ended, returncode: int, words: str) -> None:
    assert Completed(("x",), returncode, b"", b"", 0.0, ended).describe() == words


def test_output_is_text_whatever_the_bytes() -> None:
    assert Completed(("x",), 0, b"a\xff", b"b", 0.0, Ended.EXITED).output == "a\ufffdb"


def test_only_a_plain_zero_is_ok() -> None:
    assert Completed(("x",), 0, b"", b"", 0.0, Ended.EXITED).ok
    assert not Completed(("x",), 0, b"", b"", 0.0, Ended.OUTPUT_LIMIT).ok
    assert not Completed(("x",), 1, b"", b"", 0.0, Ended.EXITED).ok
