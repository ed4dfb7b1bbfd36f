"""Where recorded replies lie: a file of JSON lines that holds one model's, or a store that may hold several models'."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from loopwright.core.codec import decode, encode
from loopwright.core.codes import Code
from loopwright.core.proposal import Reply
from loopwright.errors import UserError
from loopwright.models.base import printable
from loopwright.storage.database import Database
from loopwright.storage.file import is_database
from loopwright.storage.replies import StoredReplies

FORMAT = 1
_MAX_FILE_BYTES = 1 << 28


class Recording(Protocol):
    """The recorded replies of one model."""

    @property
    def model(self) -> str:
        """Return the model's name."""
        ...

    def find(self, key: str) -> tuple[Reply, ...] | None:
        """Return the replies to one call, None if it was not recorded."""
        ...

    def put(self, key: str, replies: tuple[Reply, ...]) -> None:
        """Keep the replies to one call."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


def open_recording(path: Path, model: str, *, is_new: bool) -> Recording:
    """Return the recording at ``path``, in whichever form it is.

    Args:
        path: A file of JSON lines, or a store.
        model: Whose replies; "" for the only model's that are there.
        is_new: The model may have none yet, and the file need not be there: JSON lines are then begun.

    Raises:
        UserError: It cannot be read, is neither, or has no replies of ``model``.
    """
    if is_database(path):
        return _StoreRecording(path, model, is_new=is_new)
    return _LinesRecording(path, model, is_new=is_new)


class _LinesRecording:
    """The first line names the format and the model that was recorded; every other line is one call."""

    def __init__(self, path: Path, model: str, *, is_new: bool) -> None:
        recorded, self._calls = _load(path) if path.exists() or not is_new else ("", {})
        self.model = recorded or model
        self._path = path
        if model and model != self.model:
            raise UserError(
                Code.BAD_OPTION,
                f"{path} holds replies of {printable(recorded)}, not of {printable(model)}",
                "use another file",
            )

    def find(self, key: str) -> tuple[Reply, ...] | None:
        return self._calls.get(key)

    def put(self, key: str, replies: tuple[Reply, ...]) -> None:
        self._calls[key] = replies
        self._append({"key": key, "replies": encode(replies)})

    def close(self) -> None:
        pass

    def _append(self, record: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            if file.tell() == 0:
                file.write(json.dumps({"format": FORMAT, "model": self.model}) + "\n")
            file.write(json.dumps(record) + "\n")


class _StoreRecording:
    """One model's rows of a store. The file stays open, so that each reply is read when it is asked for."""

    def __init__(self, path: Path, model: str, *, is_new: bool) -> None:
        self._database = Database.open(path, create=False)
        self._replies = StoredReplies(self._database)
        try:
            self.model = model if is_new else _choose(path, model, self._replies.models())
        except BaseException:
            self._database.close()
            raise

    def find(self, key: str) -> tuple[Reply, ...] | None:
        return self._replies.find(key)

    def put(self, key: str, replies: tuple[Reply, ...]) -> None:
        self._replies.put(key, self.model, replies)

    def close(self) -> None:
        self._database.close()


def _choose(path: Path, model: str, recorded: tuple[str, ...]) -> str:
    names = ", ".join(printable(name) for name in recorded)
    if not recorded:
        raise UserError(
            Code.CANNOT_READ,
            f"the store {path} holds no replies",
            f"no model answered in its campaign; record some: --model replay:{path}=MODEL",
        )
    if model in recorded:
        return model
    if not model and len(recorded) == 1:
        return recorded[0]
    problem = f"no replies of {printable(model)}, but of" if model else f"replies of {len(recorded)} models:"
    hint = f"name one of them: --model 'replay:{path}#{printable(recorded[0])}'"
    raise UserError(Code.BAD_OPTION, f"the store {path} holds {problem} {names}", hint)


def _load(path: Path) -> tuple[str, dict[str, tuple[Reply, ...]]]:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise UserError(Code.CANNOT_READ, f"{path} is too large for a recording")
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UserError(Code.CANNOT_READ, f"cannot read the recording {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(Code.CANNOT_READ, f"{path} is not a recording") from None
    calls: dict[str, tuple[Reply, ...]] = {}
    model = ""
    for number, line in enumerate(lines, start=1):
        try:
            document: Any = json.loads(line)
            if not isinstance(document, dict):
                raise ValueError("not an object")
            record = cast("dict[str, Any]", document)
            if number == 1:
                if record.get("format") != FORMAT or not isinstance(record.get("model"), str):
                    raise ValueError("no header of a format that this version reads")
                model = cast("str", record["model"])
            else:
                calls[str(record["key"])] = decode(tuple[Reply, ...], record["replies"])
        except (ValueError, KeyError, RecursionError) as error:
            raise UserError(Code.CANNOT_READ, f"{path}, line {number}, is not a recorded reply: {error}") from None
    return model, calls
