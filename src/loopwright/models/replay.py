"""Records a model's real replies once, in a file of JSON lines or in a store, and replays them for ever."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.proposal import Message, Reply
from loopwright.errors import ModelError
from loopwright.models.base import Closing, JsonSchema, Model
from loopwright.models.recording import open_recording
from loopwright.models.registry import open_model
from loopwright.storage.file import is_database


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
    """Answers from the recording at ``path``; what is not there is asked of ``source`` and kept, if there is a source.

    A replayed reply is the recorded one bit for bit, its seconds and token counts included.
    """

    def __init__(self, path: Path, source: Model | None = None, *, model: str = "") -> None:
        """Open the recording.

        Args:
            path: JSON lines, or a store; JSON lines are begun if there is no file and there is a source.
            source: Whom to ask.
            model: Whose replies, without a source; "" for the only model's that are there.

        Raises:
            UserError: The file cannot be read, or it is not clear whose replies are meant.
        """
        self._path = path
        self._source = source
        self._recording = open_recording(path, source.name if source is not None else model, is_new=source is not None)

    @property
    def name(self) -> str:
        """The recorded model's name."""
        return self._recording.model

    @property
    def store(self) -> Path | None:
        """The store that every reply comes from; None if a source is asked, or they come from JSON lines."""
        return self._path if self._source is None and is_database(self._path) else None

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
        key = call_key(self.name, messages, schema, n=n, temperature=temperature, seed=seed, max_tokens=max_tokens)
        recorded = self._recording.find(key)
        if recorded is not None:
            return recorded
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
        self._recording.put(key, replies)
        return replies

    def close(self) -> None:
        """Close the source and the recording."""
        if self._source is not None:
            self._source.close()
        self._recording.close()


def create(argument: str, settings: Settings) -> Model:
    """Return the back end of ``replay:FILE``, ``replay:STORE#MODEL``, or ``replay:FILE=MODEL``, which records.

    The first ``#`` or ``=`` ends the file's name, unless the whole is the name of a file that is there.

    Raises:
        UserError: The file cannot be read, or it holds other models' replies.
        ModelError: The live model cannot be had.
    """
    name, sign, model = argument, "", ""
    if not Path(argument).is_file() and (found := re.search("[#=]", argument)):
        name, sign, model = argument[: found.start()], found.group(), argument[found.end() :]
    if sign == "=" and model:
        return Replay(Path(name), open_model(model, settings))
    return Replay(Path(name), model=model)
