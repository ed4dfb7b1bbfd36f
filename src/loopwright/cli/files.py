"""Files that appear whole or not at all, and backups that are never overwritten."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from loopwright.core.codes import Code
from loopwright.errors import ToolchainError

# A backup is FILE.orig, then FILE.orig.1 ...; more than this many means that something is wrong.
MAX_BACKUPS = 1000


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old file or the new one, never a part.

    The text goes to a temporary file in the same folder, which then takes the name. ``mode`` is that of the
    new file; without one it is what the umask allows.

    Raises:
        ToolchainError: It cannot be written; ``path`` is as it was.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_default_mode() if mode is None else mode)
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def replace_with_backup(path: Path, before: bytes, after: bytes) -> Path:
    """Put ``after`` into ``path`` and return the backup of what was there.

    A symbolic link stays one: the file that it names is replaced. The mode is kept.

    Raises:
        ToolchainError: The file is no longer ``before``, or it cannot be written; it is as it was.
    """
    target = path.resolve()
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        unchanged = target.read_bytes() == before
    except OSError as error:
        raise cannot_write(path, error) from None
    if not unchanged:
        raise ToolchainError(Code.CANNOT_WRITE, f"{path} changed while it was worked on", "run the command again")
    backup = _back_up(target)
    try:
        write_whole(target, after, mode)
    except BaseException:
        backup.unlink(missing_ok=True)
        raise
    return backup


def require_writable(folder: Path) -> None:
    """Check that files can be made in ``folder``, which need not exist yet; leave nothing behind.

    Raises:
        ToolchainError: They cannot.
    """
    existing = folder.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise ToolchainError(
            Code.CANNOT_WRITE, f"cannot write to {folder}: {existing} is not a folder", "choose another -o"
        )
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from None


def cannot_write(path: Path, error: OSError) -> ToolchainError:
    """Return the one-line error for a failed write."""
    reason = error.strerror or type(error).__name__
    return ToolchainError(Code.CANNOT_WRITE, f"cannot write {path}: {reason}", "make room or choose another place")


def _back_up(target: Path) -> Path:
    for number in range(MAX_BACKUPS):
        backup = target.with_name(f"{target.name}.orig" + (f".{number}" if number else ""))
        try:
            # Exclusive creation: an existing backup is never touched, not even by a second run at the same time.
            copy = backup.open("xb")
        except FileExistsError:
            continue
        except OSError as error:
            raise cannot_write(backup, error) from None
        try:
            with copy, target.open("rb") as original:
                shutil.copyfileobj(original, copy)
                copy.flush()
                os.fsync(copy.fileno())
            shutil.copystat(target, backup)
        except BaseException as error:
            backup.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise cannot_write(backup, error) from None
            raise
        return backup
    raise ToolchainError(Code.CANNOT_WRITE, f"{target} has {MAX_BACKUPS} backups already", "remove some")


def _default_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
