"""Programs that mean harm, behind the fence that this machine has, and behind the weaker ones."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from loopwright.toolchain import process
from loopwright.toolchain.process import Completed, Ended, Sandbox, fence, run
from loopwright.toolchain.sandbox import Fence, Level

PATIENT_S = 60.0
# The interpreter may be installed in a home folder, which the fence hides.
PYTHON = Path(sys.executable).resolve()
INTERPRETER = (Path(sys.base_prefix), Path(sys.prefix))
BWRAP = pytest.mark.skipif(
    fence().level is not Level.BUBBLEWRAP, reason="needs bwrap, which is not installed, or forbidden here"
)
UNSHARE = pytest.mark.skipif(
    fence().level is Level.LIMITS, reason="needs network namespaces, which this kernel or container forbids"
)


@pytest.fixture(params=[pytest.param(Level.BUBBLEWRAP, marks=BWRAP), pytest.param(Level.NETWORK, marks=UNSHARE), "no"])
def fenced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Fence:
    """Each fence that is to be had here, in turn: the programs that make the stronger ones are hidden."""
    hidden = {Level.BUBBLEWRAP: (), Level.NETWORK: ("bwrap",)}.get(request.param, ("bwrap", "unshare"))
    monkeypatch.setattr(process, "_tool", lambda name, real=process._tool: None if name in hidden else real(name))
    found = process.fence.__wrapped__()
    monkeypatch.setattr(process, "fence", lambda: found)
    assert found.level is (request.param if isinstance(request.param, Level) else Level.LIMITS)
    return found


def python(code: str, folder: Path, **options: object) -> Completed:
    sandbox = {"readable": INTERPRETER, **{key: options.pop(key) for key in tuple(options) if key in Sandbox.__slots__}}
    arguments: dict[str, object] = {"cwd": folder, "timeout_s": PATIENT_S, **options}
    command = (PYTHON, "-S", "-c", textwrap.dedent(code))
    return run(command, sandbox=Sandbox(**sandbox), **arguments)  # type: ignore[arg-type]


def running(word: str) -> list[psutil.Process]:
    """Return the processes with ``word`` in their command, whatever namespace they are in."""
    found: list[psutil.Process] = []
    for item in psutil.process_iter():
        try:
            if word in " ".join(item.cmdline()) and item.status() != psutil.STATUS_ZOMBIE and item.pid != os.getpid():
                found.append(item)
        except psutil.NoSuchProcess:
            continue
    return found


def all_end(word: str) -> bool:
    end = time.monotonic() + 5.0
    while running(word) and time.monotonic() < end:
        time.sleep(0.01)
    return not running(word)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def test_a_run_comes_back_whole_through_every_fence(scratch: Path, fenced: Fence) -> None:
    reader, writer = os.pipe()
    try:
        code = f"""
            import os, sys
            os.write({writer}, b"verdict")
            open("mine", "w").write(os.getcwd())
            print(sys.stdin.read(), os.environ["HOME"] == os.environ["TMPDIR"] == os.getcwd())
            sys.exit(3)
        """
        completed = python(code, scratch, stdin=b"asked", pass_fds=(writer,))
        assert (completed.ended, completed.returncode, completed.stderr) == (Ended.EXITED, 3, b"")
        assert completed.stdout == b"asked True\n"
        assert os.read(reader, 100) == b"verdict"
        assert completed.argv[0] == str(PYTHON)
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGFPE])
def test_a_signal_keeps_its_name_behind_a_fence(scratch: Path, fenced: Fence, number: signal.Signals) -> None:
    completed = python(f"import os; os.kill(os.getpid(), {int(number)})", scratch)
    assert (completed.ended, completed.returncode) == (Ended.SIGNALLED, -number)
    assert number.name in completed.describe()


def test_there_is_no_network(scratch: Path, fenced: Fence) -> None:
    code = """
        import socket
        print(sorted(name for _, name in socket.if_nameindex()))
        try:
            socket.create_connection(("192.0.2.1", 9), timeout=0.2)
        except OSError as error:
            print(error)
    """
    out = python(code, scratch).stdout.decode()
    if fenced.level is Level.LIMITS:
        assert "['lo']" not in out or len(socket_names()) == 1
    else:
        assert out.startswith("['lo']\n")
        assert "unreachable" in out


def socket_names() -> list[str]:
    return list(psutil.net_if_addrs())


@BWRAP
def test_the_users_files_are_not_there(scratch: Path) -> None:
    (scratch.parent / "secret").write_text("key")
    (scratch.parent / "shown").mkdir()
    (scratch.parent / "shown" / "table").write_text("data")
    code = f"""
        import os
        from pathlib import Path
        for name in ({str(scratch.parent / "secret")!r}, {str(Path.home())!r}, "/etc/passwd", "/etc/shadow", "/var"):
            print(os.path.exists(name) and name not in {str(INTERPRETER[0])!r})
        shown = Path({str(scratch.parent / "shown")!r})
        print((shown / "table").read_text())
        for place in (shown / "table", shown / "new", "/usr/new", "/new", "/dev/new", "/etc/new"):
            try:
                open(place, "w")
                print("wrote", place)
            except OSError:
                pass
        print(sorted(item for item in os.listdir("/proc") if item.isdigit()), os.path.exists("/run"))
    """
    completed = python(code, scratch, readable=(*INTERPRETER, scratch.parent / "shown"))
    assert completed.stdout.decode().split("\n")[:-2] == ["False"] * 5 + ["data"]
    assert completed.stdout.endswith(b"['1', '2'] False\n")
    assert (scratch.parent / "shown" / "table").read_text() == "data"


@BWRAP
def test_the_working_folder_is_empty_and_vanishes_unless_it_is_wanted(scratch: Path) -> None:
    (scratch / "old").write_text("")
    code = "import os; open('new', 'w').write('x'); print(os.listdir())"
    assert python(code, scratch).stdout == b"['new']\n"
    assert os.listdir(scratch) == ["old"]
    assert python(code, scratch, writable=(scratch,)).stdout in (b"['old', 'new']\n", b"['new', 'old']\n")
    assert sorted(os.listdir(scratch)) == ["new", "old"]


@BWRAP
def test_a_compiler_reads_what_it_needs_and_writes_to_its_folder_alone(scratch: Path) -> None:
    (scratch.parent / "header.h").write_text("int x;")
    code = f"""
        print(open({str(scratch.parent / "header.h")!r}).read())
        open("object", "w").write("made")
        try:
            open({str(scratch.parent / "header.h")!r}, "w")
        except OSError as error:
            print(error.strerror)
    """
    completed = python(code, scratch, reads_files=True, writable=(scratch,))
    assert completed.stdout == b"int x;\nRead-only file system\n"
    assert (scratch / "object").read_text() == "made"


@BWRAP
def test_a_compiler_may_work_in_a_folder_that_it_only_reads(scratch: Path) -> None:
    (scratch / "user.c").write_text("int x;")
    (scratch.parent / "made").mkdir()
    code = f"""
        print(open("user.c").read())
        open({str(scratch.parent / "made" / "object")!r}, "w").write("made")
        try:
            open("new", "w")
        except OSError as error:
            print(error.strerror)
    """
    completed = python(code, scratch, reads_files=True, writable=(scratch.parent / "made",))
    assert completed.stdout == b"int x;\nRead-only file system\n"
    assert os.listdir(scratch.parent / "made") == ["object"]


@BWRAP
@pytest.mark.skipif(not (fence().sizes_scratch), reason="needs bwrap 0.8 or newer")
@pytest.mark.parametrize("folder", [".", "/tmp", "/dev/shm"])
def test_a_flood_of_files_meets_the_size_of_the_scratch_folder(scratch: Path, folder: str) -> None:
    code = f"""
        for number in range(64):
            with open("{folder}/%d" % number, "wb") as file:
                file.write(bytes(1 << 20))
    """
    completed = python(code, scratch, scratch_bytes=8 << 20)
    assert b"No space left on device" in completed.stderr
    assert os.listdir(scratch) == []
    assert not [*Path("/tmp").glob("[0-9]"), *Path("/dev/shm").glob("[0-9]")]


@BWRAP
def test_the_secrets_of_the_parent_cannot_be_read(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOPWRIGHT_API_KEY", "sk-0123")
    code = """
        import glob
        for name in glob.glob("/proc/*/environ"):
            try:
                print(b"sk-0123" in open(name, "rb").read(), len(glob.glob("/proc/[0-9]*")) < 4)
            except PermissionError:
                pass
    """
    assert set(python(code, scratch).stdout.splitlines()) == {b"False True"}


@BWRAP
def test_an_orphan_that_left_its_session_and_wiped_its_environment_is_killed(scratch: Path) -> None:
    word = f"600.{secrets.randbits(40)}"
    code = f"""
        import os, time
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setpgid(0, 0)
                os.write(writer, b"x")
                os.execve("/bin/sleep", ["sleep", "{word}"], {{}})
            os._exit(0)
        os.read(reader, 1)
        os.wait()
    """
    assert python(code, scratch).ok
    assert all_end(word)


@BWRAP
@pytest.mark.skipif(process._tool("setpriv") is None, reason="needs setpriv(1) of util-linux")
def test_everything_behind_the_fence_dies_with_a_parent_that_is_killed(scratch: Path) -> None:
    word = f"600.{secrets.randbits(40)}"
    code = f"""
        from pathlib import Path
        from loopwright.toolchain.process import Sandbox, run
        script = "setsid env -i sleep {word} & sleep {word}"
        run(("sh", "-c", script), cwd=Path.cwd(), timeout_s=600, sandbox=Sandbox())
    """
    with subprocess.Popen((sys.executable, "-c", textwrap.dedent(code)), cwd=scratch) as parent:
        end = time.monotonic() + PATIENT_S
        while len([item for item in running(word) if item.name() == "sleep"]) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        assert running(word)
        parent.kill()
    assert all_end(word)


@pytest.mark.parametrize("kind", ["processes", "threads"])
def test_a_fork_bomb_is_stopped(scratch: Path, fenced: Fence, kind: str) -> None:
    bombs = {
        "processes": """
            import os, time
            while True:
                try:
                    if os.fork() == 0:
                        time.sleep(600)
                except OSError:
                    os.write(2, b"no more\\n" * 4096)
        """,
        "threads": """
            import os, threading, time
            while True:
                try:
                    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
                except RuntimeError:
                    os.write(2, b"no more\\n" * 4096)
        """,
    }
    completed = python(bombs[kind], scratch, tasks=100, output_bytes=1 << 20, timeout_s=30.0)
    # Counted by us, or refused by the kernel, which does not bind root.
    assert completed.ended in (Ended.TASK_LIMIT, Ended.OUTPUT_LIMIT)
    assert completed.elapsed_s < 25.0


def test_memory_in_use_is_bounded_where_address_space_cannot_be(scratch: Path, fenced: Fence) -> None:
    code = "kept = []\nwhile True: kept.append(b'x' * (1 << 20))"
    completed = python(code, scratch, resident_bytes=400 << 20, timeout_s=30.0)
    assert completed.ended is Ended.OUT_OF_MEMORY
    assert 300 << 20 < completed.peak_bytes < 8 << 30


def test_processor_time_is_bounded_and_says_so(scratch: Path, fenced: Fence) -> None:
    code = "import resource; print(*resource.getrlimit(resource.RLIMIT_CPU))"
    soft, hard = map(int, python(code, scratch, timeout_s=10.0).stdout.split())
    assert soft == 1 + 10 * len(os.sched_getaffinity(0))
    assert hard == soft + 1
    completed = python(f"import os; os.kill(os.getpid(), {int(signal.SIGXCPU)})", scratch)
    assert completed.ended is Ended.TIMED_OUT


def test_the_peak_of_memory_is_that_of_the_program_behind_the_fence(scratch: Path, fenced: Fence) -> None:
    completed = python("import time; kept = b'x' * (300 << 20); time.sleep(0.5)", scratch)
    assert 300 << 20 <= completed.peak_bytes < 400 << 20


def test_limits_are_the_programs_and_not_the_fences(scratch: Path, fenced: Fence) -> None:
    code = "import resource as r; print(*(r.getrlimit(k)[0] for k in (r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_CORE)))"
    completed = python(code, scratch, memory_bytes=1 << 30, file_bytes=1 << 20)
    assert completed.stdout.split() == [b"1073741824", b"1048576", b"0"]
