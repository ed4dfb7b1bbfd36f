"""Feeds and reads the pipes of one child until it ends or meets a limit."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Generator

from loopwright.toolchain.completed import Ended
from loopwright.toolchain.process_tree import process_tree, resident_bytes, resident_peak_bytes
from loopwright.toolchain.sandbox import Sandbox

_CHUNK_BYTES = 1 << 16
# How often the processes behind a fence are looked for and counted: seldom, for it takes time from what is measured.
_COUNT_S = 0.2
_SETTLED_S = 0.1


class Watch:
    """One child's pipes; its ``peak_bytes`` as seen from time to time, and the limit that it met, if any."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        stdin: bytes,
        deadline: float,
        output_bytes: int,
        sandbox: Sandbox | None = None,
    ) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.peak_bytes = 0
        self.ended: Ended | None = None
        self._process = process
        self._stdin = memoryview(stdin)
        self._deadline = deadline
        self._output_bytes = output_bytes
        self._sandbox = sandbox
        self._pids: tuple[int, ...] = (process.pid,)
        self._start = time.monotonic()
        self._next_count = self._start
        self._open: dict[int, bytearray] = {}
        for stream, sink in ((process.stdout, self.stdout), (process.stderr, self.stderr)):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                self._open[stream.fileno()] = sink
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)

    def until_end(self) -> None:
        """Return when the child has exited (it is not reaped yet) or has met a limit, which ``ended`` then names."""
        pause_s = 0.001
        with selectors.DefaultSelector() as selector, _exit_descriptor(self._process.pid) as exit_fd:
            for fd in (*self._open, *(() if exit_fd is None else (exit_fd,))):
                selector.register(fd, selectors.EVENT_READ)
            if self._process.stdin is not None:
                selector.register(self._process.stdin.fileno(), selectors.EVENT_WRITE)
            while self.ended is None and not self._has_exited():
                left_s = self._deadline - time.monotonic()
                if left_s <= 0.0:
                    self.ended = Ended.TIMED_OUT
                    return
                self._look()
                # Without an exit descriptor (old kernel) the pause is what notices the end.
                for key, _ in selector.select(min(left_s, pause_s)):
                    self._serve(selector, key.fd)
                pause_s = min(pause_s * 2.0, 0.05 if exit_fd is not None else 0.01)

    def drain(self, limit_s: float) -> None:
        """Read what is left in the pipes once nobody should hold them any more."""
        end = time.monotonic() + limit_s
        with selectors.DefaultSelector() as selector:
            for fd in self._open:
                selector.register(fd, selectors.EVENT_READ)
            while self._open and (left_s := end - time.monotonic()) > 0.0:
                for key, _ in selector.select(left_s):
                    self._serve(selector, key.fd)

    def _look(self) -> None:
        """Note the peak of memory; kill nothing, but name in ``ended`` the limit that is passed."""
        now = time.monotonic()
        if self._sandbox is not None and now >= self._next_count:
            tree = process_tree(self._process.pid)
            # Until the fence stands and the program is there, look each time, or a short one is over unseen.
            self._next_count = now + (_COUNT_S if now - self._start > _SETTLED_S else 0.0)
            self._pids = tree.pids
            if tree.tasks > self._sandbox.tasks:
                self.ended = Ended.TASK_LIMIT
                return
            limit = self._sandbox.resident_bytes
            if limit is not None and sum(map(resident_bytes, tree.pids)) > limit:
                self.ended = Ended.OUT_OF_MEMORY
        self.peak_bytes = max(self.peak_bytes, *map(resident_peak_bytes, self._pids))

    def _has_exited(self) -> bool:
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, options) is not None

    def _serve(self, selector: selectors.BaseSelector, fd: int) -> None:
        if fd in self._open:
            self._read(selector, fd)
        elif self._process.stdin is not None and fd == self._process.stdin.fileno():
            self._write(selector, fd)

    def _read(self, selector: selectors.BaseSelector, fd: int) -> None:
        chunk = os.read(fd, _CHUNK_BYTES)
        room = self._output_bytes - len(self.stdout) - len(self.stderr)
        self._open[fd] += chunk[:room]
        if len(chunk) > room and self.ended is None:
            self.ended = Ended.OUTPUT_LIMIT
        if not chunk:
            selector.unregister(fd)
            del self._open[fd]

    def _write(self, selector: selectors.BaseSelector, fd: int) -> None:
        try:
            self._stdin = self._stdin[os.write(fd, self._stdin[:_CHUNK_BYTES]) :]
        except BrokenPipeError:
            self._stdin = self._stdin[:0]
        if not self._stdin and self._process.stdin is not None:
            selector.unregister(fd)
            self._process.stdin.close()
            self._process.stdin = None


@contextlib.contextmanager
def _exit_descriptor(pid: int) -> Generator[int | None, None, None]:
    """Give a descriptor that becomes readable when ``pid`` exits, or None on a kernel before 5.3."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        yield None
        return
    try:
        yield fd
    finally:
        os.close(fd)
