"""A model that remembers what it was asked, so that a campaign can be replayed without it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from loopwright.core.proposal import Message, Reply
from loopwright.errors import ModelError
from loopwright.models.base import Closing, JsonSchema, Model
from loopwright.models.embedded import Embedded
from loopwright.models.replay import call_key
from loopwright.toolchain.clock import computing

Recorded = tuple[str, tuple[Reply, ...]]


class Recorder(Closing):
    """Passes every question on to ``model`` and keeps the answers; asks only while nobody times on this machine.

    The same question gets the answer that it got before, as it would in a replay.

    Attributes:
        calls: Key and replies of every call since ``take``.
    """

    def __init__(self, model: Model, cache: Path) -> None:
        self.name = model.name
        self.calls: list[Recorded] = []
        self._model = model
        self._cache = cache
        self._answers: dict[str, tuple[Reply, ...]] = {}

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
        """Return the model's replies; raises ModelError as it does."""
        key = call_key(self.name, messages, schema, n=n, temperature=temperature, seed=seed, max_tokens=max_tokens)
        if key not in self._answers:
            with computing(self._cache, _ignore):
                self._answers[key] = self._model.complete(
                    messages,
                    schema,
                    n=n,
                    temperature=temperature,
                    seed=seed,
                    max_tokens=max_tokens,
                    timeout_s=timeout_s,
                )
        self.calls.append((key, self._answers[key]))
        return self._answers[key]

    def load(self) -> None:
        """Have a model of our own loaded before the first question; if it cannot be, that shows there."""
        if isinstance(self._model, Embedded):
            with computing(self._cache, _ignore), suppress(ModelError):
                self._model.load()

    def take(self) -> tuple[Recorded, ...]:
        """Return what was recorded since the last time."""
        taken = tuple(self.calls)
        self.calls.clear()
        return taken

    def close(self) -> None:
        """Close the model."""
        self._model.close()


def _ignore(_message: str) -> None:
    """Say nothing: the wait is part of the campaign."""
