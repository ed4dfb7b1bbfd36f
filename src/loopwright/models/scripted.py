"""Canned replies: for tests, and to show a strategy at work without a model."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.proposal import Message, Reply
from loopwright.errors import ModelError, UserError
from loopwright.models.base import Closing, JsonSchema, Model


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the model saw it."""

    messages: tuple[Message, ...]
    schema: JsonSchema | None
    n: int
    temperature: float
    seed: int
    max_tokens: int
    timeout_s: float | None


class Scripted(Closing):
    """Answers with the given replies in their order, ``n`` at a time; a ModelError among them is raised.

    Attributes:
        calls: What was asked, in order.
    """

    def __init__(
        self, replies: Sequence[str | ModelError], *, name: str = "scripted", cycle: bool = False, delay_s: float = 0.0
    ) -> None:
        self.name = name
        self.calls: list[Call] = []
        self._replies = tuple(replies)
        self._cycle = cycle
        self._delay_s = delay_s
        self._next = 0

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
        """Return the next ``n`` replies of the script.

        Raises:
            ModelError: It is the script's turn to fail, or the script has ended.
        """
        self.calls.append(Call(messages, schema, n, temperature, seed, max_tokens, timeout_s))
        if self._delay_s:
            time.sleep(self._delay_s)
        return tuple(
            Reply(self._take(), 0, 0, None, self._delay_s, self.name, messages, seed, temperature) for _ in range(n)
        )

    def _take(self) -> str:
        if self._cycle and self._replies and self._next == len(self._replies):
            self._next = 0
        if self._next >= len(self._replies):
            raise ModelError(Code.MODEL_UNREACHABLE, "the script has no more replies")
        reply = self._replies[self._next]
        self._next += 1
        if isinstance(reply, ModelError):
            raise reply
        return reply


def create(argument: str, settings: Settings) -> Model:
    """Return the back end of ``scripted:/path.json``.

    The file is ``{"replies": [...], "cycle": false}``. A reply is a text, ``{"text": ...}``, ``{"json": ...}`` (sent as
    its JSON text) or ``{"error": "why the model fails here"}``.

    Raises:
        UserError: The file cannot be read or has another shape.
    """
    path = Path(argument)
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(Code.CANNOT_READ, f"cannot read the script {argument!r}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(Code.CANNOT_READ, f"the script {argument} is not JSON: {error}") from None
    replies = cast("dict[str, Any]", document).get("replies") if isinstance(document, dict) else None
    if not isinstance(replies, list):
        raise UserError(Code.CANNOT_READ, f"the script {argument} has no list 'replies'")
    cycle = bool(cast("dict[str, Any]", document).get("cycle", False))
    return Scripted([_reply(item, argument) for item in cast("list[Any]", replies)], cycle=cycle)


def _reply(item: Any, path: str) -> str | ModelError:
    if isinstance(item, str):
        return item
    if isinstance(item, dict) and len(cast("dict[str, Any]", item)) == 1:
        [(key, value)] = cast("dict[str, Any]", item).items()
        if key == "json":
            return json.dumps(value)
        if key == "text" and isinstance(value, str):
            return value
        if key == "error" and isinstance(value, str):
            return ModelError(Code.MODEL_UNREACHABLE, value)
    raise UserError(Code.CANNOT_READ, f"the script {path} holds a reply that is neither text, json nor error")
