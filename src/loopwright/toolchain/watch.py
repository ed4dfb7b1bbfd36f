"""Feeds and reads the pipes of one child until it ends or meets a limit."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Generator
from pathlib import Path

from loopwright.toolchain.completed import Ended

_CHUNK_BYTES = 1 << 16


class Watch:
    """One child's pipes; its ``peak_bytes`` as seen from time to time, and the limit that it met, if any."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, deadline: float, output_bytes: int) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.peak_bytes = 0
        self.ended: Ended | None = None
        self._process = process
        self._stdin = memoryview(stdin)
        self._deadline = deadline
        self._output_bytes = output_bytes
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
                self.peak_bytes = max(self.peak_bytes, resident_peak_bytes(self._process.pid))
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


def resident_peak_bytes(pid: int) -> int:
    """Return the largest resident memory that ``pid`` has had since its last exec; 0 if it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
