"""The model that comes with loopwright: a GGUF file served by a worker process that starts at the first question."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.proposal import Message, Reply
from loopwright.errors import ModelError, UserError
from loopwright.models.base import Closing, JsonSchema, Model
from loopwright.models.local_server import SLOTS, LocalServer
from loopwright.models.openai_compatible import Dialect, OpenAICompatible, parse_url
from loopwright.models.weights import fetch

TIMEOUT_S = 120.0
_GGUF_MAGIC = b"GGUF"
_MOST_STARTS = 3


def _compact_grammar(schema: JsonSchema) -> dict[str, Any]:
    """Ask for the schema without white space, which would be half of the tokens."""
    compact = {**schema, "x-guidance": {"whitespace_flexible": False}}
    return {"grammar": f"%llguidance {{}}\nstart: %json {json.dumps(compact)}"}


class Embedded(Closing):
    """A model file in a process of our own. A process that died is started again, but not for ever."""

    def __init__(self, path: Path, name: str, *, threads: int | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.name = name
        self._path = path
        self._threads = threads
        self._timeout_s = timeout_s
        self._server: LocalServer | None = None
        self._client: OpenAICompatible | None = None
        self._starts = 0

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
        """Return ``n`` answers that satisfy ``schema`` unless they were cut at ``max_tokens``.

        Raises:
            ModelError: The model could not be loaded, died, or took too long.
        """
        return self._ready().complete(
            messages,
            schema,
            n=n,
            temperature=temperature,
            seed=seed,
            max_tokens=max_tokens,
            timeout_s=timeout_s,
        )

    def load(self) -> None:
        """Start the worker process now, so that the first question is not charged with it.

        Raises:
            ModelError: It does not start.
        """
        self.complete((Message("user", "Hello"),), None, max_tokens=1)

    def close(self) -> None:
        """End the worker process."""
        if self._server is not None:
            self._server.close()
        self._server = self._client = None

    def _ready(self) -> OpenAICompatible:
        if self._client is not None and self._server is not None and self._server.is_running:
            return self._client
        self.close()
        if self._starts == _MOST_STARTS:
            raise ModelError(Code.MODEL_UNAVAILABLE, f"the model's process died {self._starts} times")
        self._starts += 1
        server = LocalServer.start(self._path, alias=self._path.stem, threads=self._threads)
        self._server = server
        self._client = OpenAICompatible(
            replace(parse_url(server.url, server.api_key), shown=f"the model {self.name}"),
            self._path.stem,
            name=self.name,
            timeout_s=self._timeout_s,
            dialects=(Dialect(_compact_grammar),),
            most_at_once=SLOTS,
        )
        return self._client


def create(argument: str, settings: Settings) -> Model:
    """Return the back end ``embedded``; its weights are fetched now if they are not in the cache.

    Raises:
        ModelError: The weights cannot be had.
        UserError: It was given an argument.
    """
    if argument:
        raise UserError(Code.BAD_OPTION, f"the embedded model takes no name: {argument}", "use gguf:/path for a file")
    return Embedded(fetch(settings), "embedded")


def create_from_file(argument: str, settings: Settings) -> Model:
    """Return the back end of ``gguf:/path``.

    Raises:
        UserError: There is no such file, or it is not in GGUF format.
    """
    path = Path(argument)
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF_MAGIC))
    except OSError as error:
        raise UserError(Code.CANNOT_READ, f"cannot read the model {argument!r}: {error.strerror}") from None
    if magic != _GGUF_MAGIC:
        raise UserError(Code.CANNOT_READ, f"{argument} is not a GGUF file", "name a file that llama.cpp can load")
    return Embedded(path, f"gguf:{path.stem}")
