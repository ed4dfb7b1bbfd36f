"""The only place that starts a process: limits, captured output, and nothing left running behind.

Map: ``run`` starts a program, waits, kills whatever it left, and says how it ended. ``fence`` tells what stands around
a program that is run with a ``Sandbox`` on this machine.

How a child is contained, and what that is worth:

- It leads a session and process group of its own. At the end, however the end came about (KeyboardInterrupt
  included), the group is killed at once, which the kernel does atomically, so a fork bomb does not outrun it. Processes
  that left the group are found as descendants, or by a random marker in the environment that every process of the
  run inherits. Without bubblewrap, code that leaves the session, orphans itself *and* wipes its environment escapes;
  with it, the kernel ends every process of the namespace with the first.
- Limits are set by ``prlimit(1)``, the death of the parent is passed on by ``setpriv --pdeathsig``, namespaces are made
  by ``bwrap(1)`` or ``unshare(1)`` (see ``sandbox``): small programs that exec one another in the child.
  ``preexec_fn`` would run Python between fork and exec, which can deadlock in a program with threads. Without
  ``prlimit(1)`` the parent sets the limits right after the start, so that the child's first instructions run free.
- ``RLIMIT_NPROC`` is set only where it counts within a namespace: elsewhere it counts every process and thread of the
  user, so it would fail healthy OpenMP programs on a busy machine. It does not bind root. For both, ``Watch`` counts.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import math
import os
import resource
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from loopwright.toolchain.completed import Completed, Ended, classify
from loopwright.toolchain.process_tree import resident_peak_bytes
from loopwright.toolchain.sandbox import Fence, Level, Sandbox, status_inside, ways_to_try
from loopwright.toolchain.stragglers import kill_run
from loopwright.toolchain.watch import Watch

__all__ = ["OUTPUT_BYTES", "Completed", "Ended", "Sandbox", "fence", "run"]

OUTPUT_BYTES = 16 << 20
_MARKER = "LOOPWRIGHT_RUN"
# How long to read on after everything was killed: pipes then end at once, unless a process could not be killed.
_DRAIN_S = 0.5
# The kernel's counts of resident pages are this inexact: it adds up what each processor has noted only now and then.
_DRIFT_BYTES = 4 << 20


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    timeout_s: float,
    memory_bytes: int | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    pass_fds: Sequence[int] = (),
    sandbox: Sandbox | None = None,
    output_bytes: int = OUTPUT_BYTES,
    file_bytes: int | None = None,
) -> Completed:
    """Run a program to its end, or to the first limit that it meets, and leave no process behind.

    Args:
        argv: Program and arguments; a bare name is looked up on PATH.
        cwd: Its working directory, also its HOME and TMPDIR.
        timeout_s: Wall time; then the whole process group is killed.
        memory_bytes: Address space of each process. None for sanitizer builds, which reserve terabytes.
        environment: Beside PATH, LANG=C, HOME and TMPDIR, which it may replace; nothing else is inherited.
        stdin: What it reads before the end of file.
        pass_fds: Descriptors it inherits, under the same numbers.
        sandbox: What it may touch: for whatever is built from somebody's text. Its network is cut off, its folders are
            fenced, its tasks and its processor time are counted, as far as ``fence`` can. None for a trusted program.
        output_bytes: Of stdout and stderr together; beyond it the child is killed.
        file_bytes: Largest file that it may write.

    Returns:
        How it ended; never an exception for anything the child did.

    Raises:
        OSError: It cannot be started: no such program, not executable, no such ``cwd``.
    """
    marker = secrets.token_hex(16)
    child_environment = _environment(cwd, environment, marker)
    program = _require_program(str(argv[0]), cwd, child_environment["PATH"])
    around = fence() if sandbox else Fence(Level.LIMITS)
    limits = _limits(memory_bytes, file_bytes)
    if sandbox is not None:
        # Each of its threads may use a processor all the time; it counts on when nobody is left to watch the clock.
        limits[resource.RLIMIT_CPU] = 1 + math.ceil(timeout_s * len(os.sched_getaffinity(0)))
        if around.counts_tasks:
            limits[resource.RLIMIT_NPROC] = sandbox.tasks
    fenced = around.words(sandbox, Path(program), cwd) if sandbox else ()
    prefix = (*_deathsig(), *fenced, *_limiter(limits))
    command = tuple(str(word) for word in argv)
    start = time.monotonic()
    with _child((*prefix, program, *command[1:]), cwd, child_environment, bool(stdin), pass_fds) as process:
        # Read after the fork: one from before is smaller if this process has grown meanwhile.
        own_peak_bytes = resident_peak_bytes(os.getpid())
        if not _tool("prlimit"):
            _limit_late(process.pid, limits)
        watch = Watch(process, stdin, start + timeout_s, output_bytes, sandbox)
        watch.until_end()
        kill_run(process.pid, _MARKER, marker)
        watch.drain(_DRAIN_S)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    returncode = status_inside(around.level, process.returncode)
    # A fork's ru_maxrss starts at the parent's: it says something about the child only if it is larger.
    kernel_peak_bytes = usage.ru_maxrss * 1024
    peak_bytes = kernel_peak_bytes if kernel_peak_bytes > own_peak_bytes + _DRIFT_BYTES else watch.peak_bytes
    stdout, stderr = bytes(watch.stdout), bytes(watch.stderr)
    ended = watch.ended or classify(returncode, stderr, peak_bytes, memory_bytes)
    return Completed(command, returncode, stdout, stderr, time.monotonic() - start, ended, peak_bytes)


@functools.cache
def fence() -> Fence:
    """Return what stands around a program that is run with a ``Sandbox`` here, found by trying."""
    folder = Path(tempfile.gettempdir())
    for way in ways_to_try(_tool("bwrap"), _tool("unshare")):
        words = way.words(Sandbox(), Path("/bin/true"), folder)
        with contextlib.suppress(OSError):
            if run((*words, *_limiter({resource.RLIMIT_CORE: 0}), "true"), cwd=Path("/"), timeout_s=10.0).ok:
                return way
    return Fence(Level.LIMITS)


@contextlib.contextmanager
def _child(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], has_stdin: bool, pass_fds: Sequence[int]
) -> Generator[subprocess.Popen[bytes], None, None]:
    """Start a child and give it; at the end, whatever the reason, it and all that it started are gone."""
    process: subprocess.Popen[bytes] | None = None
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE if has_stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=tuple(pass_fds),
            start_new_session=True,
            bufsize=0,
        )
        yield process
    finally:
        # The body reaps the child; here is the way out of an exception or Ctrl-C, even one between fork and assignment.
        if process is None:
            kill_run(None, _MARKER, environment[_MARKER])
        elif process.returncode is None:
            kill_run(process.pid, _MARKER, environment[_MARKER])
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr) if process else ():
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def _environment(cwd: Path, extra: Mapping[str, str] | None, marker: str) -> dict[str, str]:
    folder = str(cwd.absolute())
    base = {"PATH": os.pathsep.join(os.get_exec_path()), "LANG": "C", "LC_ALL": "C", "HOME": folder, "TMPDIR": folder}
    return {**base, **(extra or {}), _MARKER: marker}


def _require_program(name: str, cwd: Path, path: str) -> str:
    """Return the file to execute; exec's own errors would come from the wrappers, as text."""
    if not cwd.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "no such working directory", str(cwd))
    found = str((cwd / name).absolute()) if "/" in name else shutil.which(name, path=path)
    if found is None or not Path(found).is_file():
        raise FileNotFoundError(errno.ENOENT, "no such program", name)
    if not os.access(found, os.X_OK):
        raise PermissionError(errno.EACCES, "not executable", name)
    with open(found, "rb") as file:
        magic = file.read(4)
    # execvp would hand anything else to a shell as a script.
    if magic != b"\x7fELF" and magic[:2] != b"#!":
        raise OSError(errno.ENOEXEC, "not a program", name)
    return found


def _limits(memory_bytes: int | None, file_bytes: int | None) -> dict[int, int]:
    limits = {resource.RLIMIT_CORE: 0}
    if memory_bytes is not None:
        limits[resource.RLIMIT_AS] = memory_bytes
    if file_bytes is not None:
        limits[resource.RLIMIT_FSIZE] = file_bytes
    return limits


_LIMIT_OPTIONS = {
    resource.RLIMIT_CORE: "--core",
    resource.RLIMIT_AS: "--as",
    resource.RLIMIT_FSIZE: "--fsize",
    resource.RLIMIT_CPU: "--cpu",
    resource.RLIMIT_NPROC: "--nproc",
}


def _deathsig() -> tuple[str, ...]:
    setpriv = _tool("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


def _limiter(limits: Mapping[int, int]) -> tuple[str, ...]:
    prlimit = _tool("prlimit")
    if not prlimit or not limits:
        return ()
    # The first limit on processor time sends a signal that says so; the second kills.
    values = {kind: f"{value}:{value + 1}" if kind == resource.RLIMIT_CPU else value for kind, value in limits.items()}
    return (prlimit, *(f"{_LIMIT_OPTIONS[kind]}={value}" for kind, value in values.items()), "--")


def _limit_late(pid: int, limits: Mapping[int, int]) -> None:
    for kind, value in limits.items():
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, kind, (value, value))


@functools.cache
def _tool(name: str) -> str | None:
    return shutil.which(name)
