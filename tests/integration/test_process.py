"""Real processes that misbehave: they are stopped at their limit and nothing of them stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from loopwright.toolchain import process
from loopwright.toolchain.process import Completed, Ended, run

# Far beyond what the child needs, so that a busy machine does not turn a test red.
PATIENT_S = 60.0


def python(code: str, folder: Path, **options: object) -> Completed:
    arguments: dict[str, object] = {"cwd": folder, "timeout_s": PATIENT_S, **options}
    return run((sys.executable, "-c", textwrap.dedent(code)), **arguments)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(pid: int) -> bool:
    """Return True if ``pid`` is gone, or goes within a moment: a killed orphan waits for init to reap it."""
    end = time.monotonic() + 5.0
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)


def test_output_status_and_arguments_come_back(tmp_path: Path) -> None:
    completed = run(("sh", "-c", 'echo "$1"; echo err >&2; exit 3', "sh", "a b;c"), cwd=tmp_path, timeout_s=PATIENT_S)
    assert (completed.stdout, completed.stderr, completed.returncode) == (b"a b;c\n", b"err\n", 3)
    assert completed.ended is Ended.EXITED
    assert not completed.ok
    assert completed.argv[0] == "sh"
    assert completed.describe() == "exited with status 3"


def test_a_signal_is_named(tmp_path: Path) -> None:
    completed = python("import os; os.abort()", tmp_path)
    assert (completed.ended, completed.returncode) == (Ended.SIGNALLED, -signal.SIGABRT)
    assert "SIGABRT" in completed.describe()
    assert not list(tmp_path.glob("core*"))


def test_a_hang_is_killed_at_its_limit(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    completed = python(code, tmp_path, timeout_s=2.0)
    assert completed.ended is Ended.TIMED_OUT
    assert 2.0 <= completed.elapsed_s < 30.0
    assert completed.stdout == b"up\n"


def test_children_that_ignore_signals_and_leave_the_session_are_killed(tmp_path: Path) -> None:
    code = """
        import os, signal, time
        reader, writer = os.pipe()
        def report():
            os.write(writer, b"%d\\n" % os.getpid())
        def child(leaves):
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                if leaves:
                    os.setsid()
                if os.fork() == 0:
                    if leaves:
                        os.setpgid(0, 0)
                    report()
                    time.sleep(600)
                if not leaves:
                    report()
                    time.sleep(600)
                os._exit(0)
        for leaves in (False, True, True):
            child(leaves)
        pids = b""
        while pids.count(b"\\n") < 4:
            pids += os.read(reader, 100)
        os.write(1, pids)
        while True:  # meets the output limit, so that no clock decides when all are there
            os.write(2, b"x" * 4096)
    """
    completed = python(code, tmp_path, output_bytes=1 << 20)
    pids = [int(line) for line in completed.stdout.split()]
    assert completed.ended is Ended.OUTPUT_LIMIT
    assert len(pids) == 4
    assert [pid for pid in pids if not gone(pid)] == []


def test_a_daemon_left_by_a_child_that_ends_well_is_killed(tmp_path: Path) -> None:
    code = """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                print(os.getpid(), flush=True)
                time.sleep(600)
            os._exit(0)
        os.wait()
        time.sleep(0.5)
    """
    completed = python(code, tmp_path)
    assert completed.ok
    assert completed.elapsed_s < 30.0
    assert gone(int(completed.stdout))


def test_a_bounded_fork_bomb_does_not_outrun_the_kill(tmp_path: Path) -> None:
    code = """
        import os, time
        reader, writer = os.pipe()
        leader = os.getpid()
        for _ in range(5):
            os.fork()
        os.write(writer, b"%d\\n" % os.getpid())
        if os.getpid() == leader:
            pids = b""
            while pids.count(b"\\n") < 32:
                pids += os.read(reader, 100)
            os.write(1, pids)
        while True:
            if os.fork() == 0:
                time.sleep(0.2)
                os._exit(0)
            time.sleep(0.05)
            os.wait()
            if os.getpid() == leader:
                os.write(2, b"x" * (1 << 20))
    """
    completed = python(code, tmp_path, output_bytes=1 << 20)
    pids = [int(line) for line in completed.stdout.split()]
    assert completed.ended is Ended.OUTPUT_LIMIT
    assert len(pids) == 32
    assert [pid for pid in pids if not gone(pid)] == []


def test_a_memory_eater_meets_its_limit(tmp_path: Path) -> None:
    code = "import os, signal\nkept = []\nwhile True: kept.append(bytearray(16 << 20))"
    completed = python(code, tmp_path, memory_bytes=512 << 20)
    assert completed.ended is not Ended.TIMED_OUT
    assert not completed.ok
    assert completed.peak_bytes < 600 << 20


def test_a_crash_near_the_memory_limit_is_out_of_memory(tmp_path: Path) -> None:
    code = """
        import os
        kept = []
        try:
            while True:
                kept.append(b"x" * (16 << 20))
        except MemoryError:
            os.abort()
    """
    completed = python(code, tmp_path, memory_bytes=512 << 20)
    assert completed.ended is Ended.OUT_OF_MEMORY
    assert completed.peak_bytes > 384 << 20


def test_a_crash_far_from_the_memory_limit_is_a_signal(tmp_path: Path) -> None:
    assert python("import os; os.abort()", tmp_path, memory_bytes=4 << 30).ended is Ended.SIGNALLED


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_is_stopped_and_cut(tmp_path: Path, stream: str) -> None:
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    completed = python(code, tmp_path, output_bytes=1_000_000)
    assert completed.ended is Ended.OUTPUT_LIMIT
    assert len(completed.stdout) + len(completed.stderr) == 1_000_000


def test_a_flood_before_a_quick_exit_is_still_over_the_limit(tmp_path: Path) -> None:
    completed = run(("sh", "-c", "printf 1234567890"), cwd=tmp_path, timeout_s=PATIENT_S, output_bytes=9)
    assert (completed.ended, completed.stdout) == (Ended.OUTPUT_LIMIT, b"123456789")


def test_both_pipes_full_do_not_deadlock(tmp_path: Path) -> None:
    code = """
        import sys
        text = sys.stdin.buffer.read()
        sys.stderr.buffer.write(text)
        sys.stdout.buffer.write(text)
    """
    text = bytes(range(256)) * 8192
    completed = python(code, tmp_path, stdin=text)
    assert completed.ok
    assert completed.stdout == completed.stderr == text


def test_stdin_that_nobody_reads_does_not_matter(tmp_path: Path) -> None:
    assert python("import os; os.close(0)", tmp_path, stdin=b"x" * (1 << 20)).ok


def test_no_stdin_is_end_of_file_at_once(tmp_path: Path) -> None:
    assert python("import sys; print(repr(sys.stdin.read()))", tmp_path).stdout == b"''\n"


def test_closed_output_does_not_end_the_watch(tmp_path: Path) -> None:
    completed = python("import os, time; os.close(1); os.close(2); time.sleep(600)", tmp_path, timeout_s=1.5)
    assert completed.ended is Ended.TIMED_OUT


def test_a_file_beyond_its_limit_is_stopped(tmp_path: Path) -> None:
    code = """
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        with open("big", "wb") as file:
            for _ in range(64):
                file.write(bytes(1 << 20))
                file.flush()
    """
    completed = python(code, tmp_path, file_bytes=4 << 20)
    assert completed.ended is Ended.OUTPUT_LIMIT
    assert (tmp_path / "big").stat().st_size == 4 << 20


def test_the_environment_is_minimal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOPWRIGHT_API_KEY", "secret")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    completed = run(("env",), cwd=tmp_path, timeout_s=PATIENT_S, environment={"OMP_WAIT_POLICY": "passive"})
    found = dict(line.split("=", 1) for line in completed.stdout.decode().splitlines())
    assert found.keys() == {"PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "OMP_WAIT_POLICY", "LOOPWRIGHT_RUN"}
    assert found["HOME"] == found["TMPDIR"] == str(tmp_path)


def test_descriptors_are_passed_on_and_only_those(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    private = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(private, True)
    try:
        code = f"import os; os.write({writer}, b'verdict'); os.fstat({private})"
        completed = python(code, tmp_path, pass_fds=(writer,))
        assert b"Bad file descriptor" in completed.stderr
        assert os.read(reader, 100) == b"verdict"
    finally:
        for fd in (reader, writer, private):
            os.close(fd)


def test_the_resident_peak_is_the_childs_own(tmp_path: Path) -> None:
    ballast = bytearray(b"x") * (256 << 20)
    small = run(("sleep", "0.2"), cwd=tmp_path, timeout_s=PATIENT_S)
    large = python("kept = b'x' * (700 << 20)", tmp_path)
    assert 0 < small.peak_bytes < 64 << 20 < len(ballast)
    assert 700 << 20 <= large.peak_bytes < 1000 << 20


def test_limits_hold_without_util_linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_tool", lambda name: None)
    code = "import time; time.sleep(1); kept = b'x' * (1 << 30)"
    completed = python(code, tmp_path, memory_bytes=512 << 20)
    assert b"MemoryError" in completed.stderr


def test_what_cannot_be_started_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run(("no-such-program-anywhere",), cwd=tmp_path, timeout_s=PATIENT_S)
    with pytest.raises(FileNotFoundError):
        run(("./missing",), cwd=tmp_path, timeout_s=PATIENT_S)
    with pytest.raises(NotADirectoryError):
        run(("true",), cwd=tmp_path / "missing", timeout_s=PATIENT_S)
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\x00\x01echo run by a shell\n")
    with pytest.raises(PermissionError):
        run((garbage,), cwd=tmp_path, timeout_s=PATIENT_S)
    garbage.chmod(0o755)
    with pytest.raises(OSError, match="not a program"):
        run((garbage,), cwd=tmp_path, timeout_s=PATIENT_S)


def test_a_keyboard_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from loopwright.toolchain.process import run
        try:
            run(("sh", "-c", "echo $$ > pid; setsid sleep 600 & sleep 600"), cwd=Path.cwd(), timeout_s=600)
        except KeyboardInterrupt:
            print("interrupted")
    """
    arguments = (sys.executable, "-W", "error", "-c", textwrap.dedent(code))
    with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, start_new_session=True) as parent:
        child = _pid_in(tmp_path / "pid")
        time.sleep(0.3)
        group = [item.pid for item in psutil.Process(child).children(recursive=True)]
        parent.send_signal(signal.SIGINT)
        assert parent.stdout is not None
        assert parent.stdout.read() == b"interrupted\n"
    assert len(group) == 2
    assert [pid for pid in (child, *group) if not gone(pid)] == []


@pytest.mark.skipif(process._tool("setpriv") is None, reason="needs setpriv(1) of util-linux")
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = """
        from pathlib import Path
        from loopwright.toolchain.process import run
        script = "echo $$ > pid; while :; do sleep 0.1; done"
        run(("sh", "-c", script), cwd=Path.cwd(), timeout_s=600)
    """
    with subprocess.Popen((sys.executable, "-c", textwrap.dedent(code)), cwd=tmp_path) as parent:
        child = _pid_in(tmp_path / "pid")
        parent.kill()
    assert gone(child)


def test_many_threads_may_run_at_once(tmp_path: Path) -> None:
    outputs: dict[int, bytes] = {}

    def one(index: int) -> None:
        outputs[index] = run(("sh", "-c", f"sleep 0.1; echo {index}"), cwd=tmp_path, timeout_s=PATIENT_S).stdout

    threads = [threading.Thread(target=one, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == {index: f"{index}\n".encode() for index in range(8)}


def _pid_in(path: Path) -> int:
    end = time.monotonic() + PATIENT_S
    while time.monotonic() < end:
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.01)
    raise AssertionError(f"{path} was not written")
