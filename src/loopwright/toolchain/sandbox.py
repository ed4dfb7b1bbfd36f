"""What a program that is built from somebody's text may touch, and the words that put it there.

Map: a ``Sandbox`` says what is needed; ``ways_to_try`` are the fences that a machine may offer, strongest first;
``Fence.words`` is the command in front of the program. ``process.run`` tries the ways once, and uses what works.

What each fence is worth:

- BUBBLEWRAP: the program sees the system's own folders and what the ``Sandbox`` names, read-only, and can write to its
  ``writable`` folders alone. No network, no other process is visible, no privileges; when its first process ends, the
  kernel ends all others, whatever session they moved to.
- NETWORK: no network. Files are those of the user.
- LIMITS: limits of time, memory and file size alone, which stop what runs wild and not what means harm.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

INSTALL_BWRAP = "apt-get install bubblewrap"

# The system's own programs, libraries and their tables; no user's data lie there.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store")
_TABLES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
_MACHINE = ("/sys/devices/system",)
# Sockets of other programs: a socket in a folder that is mounted read-only takes connections all the same.
_SOCKETS = ("/run", "/tmp/.X11-unix")
# From this version on RLIMIT_NPROC counts within a user namespace; before, every process of the user.
_COUNTS_PER_NAMESPACE = (5, 14)


class Level(StrEnum):
    """How far tested code is fenced in; see the module."""

    BUBBLEWRAP = "bubblewrap"
    NETWORK = "network namespace"
    LIMITS = "limits only"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What one program needs beyond the system's own programs and libraries.

    Attributes:
        readable: Files and folders that it reads, beside the folder of the program.
        writable: Folders that it writes to and that keep what it wrote.
        reads_files: It reads the user's files wherever they are, as a compiler does for headers.
        tasks: Processes and threads that it may have at a time.
        scratch_bytes: Of its working folder, which is empty and vanishes with it, unless the folder is ``writable`` or
            all files are read; of its /tmp; and of its /dev/shm.
        resident_bytes: Memory in use by all its processes, checked now and then; None for no limit.
    """

    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    reads_files: bool = False
    tasks: int = 4096
    scratch_bytes: int = 1 << 30
    resident_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Fence:
    """One way to fence a program in.

    Attributes:
        level: What it is worth.
        command: Program and options that come first; empty for LIMITS.
        sizes_scratch: BUBBLEWRAP only: the version takes ``--size``.
        mounts_proc: BUBBLEWRAP only: a fresh /proc may be mounted; containers often forbid it.
    """

    level: Level
    command: tuple[str, ...] = ()
    sizes_scratch: bool = False
    mounts_proc: bool = False

    @property
    def counts_tasks(self) -> bool:
        """Return True if RLIMIT_NPROC, set inside, counts what is inside alone."""
        version = re.match(r"(\d+)\.(\d+)", os.uname().release)
        is_recent = version is not None and tuple(int(part) for part in version.groups()) >= _COUNTS_PER_NAMESPACE
        return self.level is Level.BUBBLEWRAP and is_recent

    def words(self, sandbox: Sandbox, program: Path, cwd: Path) -> tuple[str, ...]:
        """Return the words in front of ``program``, which runs in ``cwd``."""
        if self.level is not Level.BUBBLEWRAP:
            return self.command
        proc = ("--proc", "/proc") if self.mounts_proc else ("--ro-bind", "/proc", "/proc")
        words = [*self.command, *(_whole_system() if sandbox.reads_files else _system()), *proc, "--dev", "/dev"]
        size = ("--size", str(sandbox.scratch_bytes)) if self.sizes_scratch else ()
        # libomp notes there that it is loaded, and warns where it cannot.
        words += [*size, "--tmpfs", "/dev/shm"]
        if not sandbox.reads_files:
            # Libraries make temporary files there whatever TMPDIR says; this one is private, too.
            words += [*size, "--tmpfs", "/tmp"]
            for path in _readable((*sandbox.readable, program.parent, program.resolve().parent)):
                words += ["--ro-bind-try", str(path), str(path)]
        cwd, writable = cwd.absolute(), [path.absolute() for path in sandbox.writable]
        if not sandbox.reads_files and not any(cwd.is_relative_to(path) for path in writable):
            words += [*size, "--tmpfs", str(cwd)]
            # What is read of the hidden folder lies on top.
            for path in _readable((*sandbox.readable, program)):
                if path != cwd and path.is_relative_to(cwd):
                    words += ["--ro-bind-try", str(path), str(path)]
        for path in sorted(writable):
            words += ["--bind", str(path), str(path)]
        return (*words, "--remount-ro", "/dev", *("--remount-ro", "/"), "--chdir", str(cwd), "--")


def ways_to_try(bwrap: str | None, unshare: str | None) -> Iterable[Fence]:
    """Return the fences, strongest first; which of them the kernel or the container allows, only a trial tells.

    Args:
        bwrap: Path of ``bwrap``, or None.
        unshare: Path of ``unshare``, or None.
    """
    if bwrap is not None:
        namespaces = ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
        command = (bwrap, *namespaces, "--die-with-parent", "--cap-drop", "ALL")
        for mounts_proc in (True, False):
            for sizes_scratch in (True, False):
                yield Fence(Level.BUBBLEWRAP, command, sizes_scratch, mounts_proc)
    if unshare is not None:
        # Root keeps its rights over other users' files if no user namespace is made.
        ways = (("--net",), ("--user", "--map-current-user", "--net"), ("--user", "--map-root-user", "--net"))
        for way in ways if os.geteuid() == 0 else ways[1:]:
            yield Fence(Level.NETWORK, (unshare, *way, "--"))


def status_inside(level: Level, status: int) -> int:
    """Return the status of the program inside, a signal as minus its number, from that of the fence around it.

    Bubblewrap reports a signal as a shell does, as 128 plus its number; a program that exits by itself with such a
    status looks the same.
    """
    last_signal = 64
    return 128 - status if level is Level.BUBBLEWRAP and 128 < status <= 128 + last_signal else status


def _system() -> list[str]:
    words: list[str] = []
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), name]
        elif path.is_dir():
            words += ["--ro-bind", name, name]
    for name in (*_TABLES, *_MACHINE):
        words += ["--ro-bind-try", name, name]
    return words


def _whole_system() -> list[str]:
    hidden = [name for name in _SOCKETS if Path(name).is_dir()]
    return ["--ro-bind", "/", "/", *(word for name in hidden for word in ("--tmpfs", name))]


def _readable(paths: Iterable[Path]) -> list[Path]:
    """Return the folders that are not the system's, outermost first; never the root."""
    absolute = {path.absolute() for path in paths}
    return sorted(
        path
        for path in absolute
        if path != Path("/") and not any(path.is_relative_to(name) for name in (*_SYSTEM, *_TABLES))
    )
