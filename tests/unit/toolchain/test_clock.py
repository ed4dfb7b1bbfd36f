"""Who times is alone, who computes shares, and a lock goes with its process."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from loopwright.toolchain.clock import computing, timing


def can_lock(cache: Path, kind: int) -> bool:
    descriptor = os.open(cache / "clock.lock", os.O_RDWR)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def ignore(_message: str) -> None:
    """Say nothing."""


def test_who_times_is_alone(tmp_path: Path) -> None:
    with timing(tmp_path, ignore):
        assert not can_lock(tmp_path, fcntl.LOCK_SH)
    assert can_lock(tmp_path, fcntl.LOCK_EX)


def test_those_who_compute_share_but_nobody_times(tmp_path: Path) -> None:
    with computing(tmp_path, ignore), computing(tmp_path, ignore):
        assert can_lock(tmp_path, fcntl.LOCK_SH)
        assert not can_lock(tmp_path, fcntl.LOCK_EX)


def test_a_long_wait_is_said_and_ends_with_the_lock(tmp_path: Path) -> None:
    told = threading.Event()
    entered = threading.Event()

    def wait() -> None:
        with timing(tmp_path, lambda _message: told.set()):
            entered.set()

    with computing(tmp_path, ignore):
        waiter = threading.Thread(target=wait)
        waiter.start()
        assert told.wait(20.0)
        assert not entered.is_set()
    waiter.join(20.0)
    assert entered.is_set()


def test_who_waits_to_time_is_not_passed_by_those_who_come_to_compute(tmp_path: Path) -> None:
    told, timed, may_end, computed = (threading.Event() for _ in range(4))

    def time_it() -> None:
        with timing(tmp_path, lambda _message: told.set()):
            timed.set()
            may_end.wait(20.0)

    def compute() -> None:
        with computing(tmp_path, ignore):
            computed.set()

    with computing(tmp_path, ignore):
        first = threading.Thread(target=time_it)
        first.start()
        assert told.wait(20.0)
        second = threading.Thread(target=compute)
        second.start()
        assert not computed.wait(0.4)
    assert timed.wait(20.0)
    assert not computed.wait(0.4)
    may_end.set()
    assert computed.wait(20.0)
    first.join(20.0)
    second.join(20.0)


def test_a_lock_goes_with_its_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from loopwright.toolchain.clock import timing\n"
        "with timing(Path(sys.argv[1]), print):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert not can_lock(tmp_path, fcntl.LOCK_SH)
        holder.kill()
    assert can_lock(tmp_path, fcntl.LOCK_EX)


@pytest.mark.parametrize("lock", [timing, computing])
def test_without_a_place_for_the_lock_work_goes_on(tmp_path: Path, lock: object) -> None:
    (tmp_path / "file").write_text("")
    worked = False
    with (timing if lock is timing else computing)(tmp_path / "file" / "cache", ignore):
        worked = True
    assert worked
