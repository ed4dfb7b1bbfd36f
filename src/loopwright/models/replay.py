"""Records a model's real replies once, as JSON lines, and replays them for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from loopwright.config import Settings
from loopwright.core.codec import decode, encode
from loopwright.core.codes import Code
from loopwright.core.proposal import Message, Reply
from loopwright.errors import ModelError, UserError
from loopwright.models.base import Closing, JsonSchema, Model
from loopwright.models.registry import open_model

FORMAT = 1
_MAX_FILE_BYTES = 1 << 28


def call_key(
    model: str,
    messages: tuple[Message, ...],
    schema: JsonSchema | None,
    *,
    n: int,
    temperature: float,
    seed: int,
    max_tokens: int,
) -> str:
    """Return the content hash under which the replies to one call are stored."""
    document = {
        "model": model,
        "messages": [[message.role, message.content] for message in messages],
        "schema": schema,
        "n": n,
        "temperature": temperature,
        "seed": seed,
        "max_tokens": max_tokens,
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


class Replay(Closing):
    """Answers from ``path``; what is not there is asked of ``source`` and kept, if there is a source.

    The first line of the file names the format and the model that was recorded; every other line is one call.
    """

    def __init__(self, path: Path, source: Model | None = None) -> None:
        self._path = path
        self._source = source
        recorded, self._calls = _load(path) if path.exists() or source is None else ("", {})
        self._recorded = recorded or (source.name if source is not None else "")
        if source is not None and source.name != self._recorded:
            raise UserError(
                Code.BAD_OPTION, f"{path} holds replies of {self._recorded}, not of {source.name}", "use another file"
            )

    @property
    def name(self) -> str:
        """The recorded model's name."""
        return self._recorded

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: JsonSchema | None,
        *,
        n: int = 1,
        temperature: float = 0.0,
        seed: int = 0,
        max_tokens: int = 256,
        timeout_s: float | None = None,
    ) -> tuple[Reply, ...]:
        """Return the recorded replies to this very call.

        Raises:
            ModelError: They were not recorded and there is no source, or the source failed.
        """
        key = call_key(self._recorded, messages, schema, n=n, temperature=temperature, seed=seed, max_tokens=max_tokens)
        if key in self._calls:
            return self._calls[key]
        if self._source is None:
            raise ModelError(
                Code.MODEL_UNAVAILABLE, f"{self._path} has no reply to this prompt", "record it with the live model"
            )
        replies = self._source.complete(
            messages,
            schema,
            n=n,
            temperature=temperature,
            seed=seed,
            max_tokens=max_tokens,
            timeout_s=timeout_s,
        )
        self._calls[key] = replies
        self._append({"key": key, "replies": encode(replies)})
        return replies

    def close(self) -> None:
        """Close the source."""
        if self._source is not None:
            self._source.close()

    def _append(self, record: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            if file.tell() == 0:
                file.write(json.dumps({"format": FORMAT, "model": self._recorded}) + "\n")
            file.write(json.dumps(record) + "\n")


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


def create(argument: str, settings: Settings) -> Model:
    """Return the back end of ``replay:/path``, which asks nobody, or of ``replay:/path=MODEL``, which records.

    Raises:
        UserError: The file cannot be read, or it holds another model's replies.
        ModelError: The live model cannot be had.
    """
    path, _, source = argument.partition("=")
    return Replay(Path(path), open_model(source, settings) if source else None)
