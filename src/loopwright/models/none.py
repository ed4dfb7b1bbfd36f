"""The back end without a model: strategies skip it, and the heuristic proposes alone."""

from __future__ import annotations

from typing import NoReturn

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.proposal import Message
from loopwright.errors import ModelError
from loopwright.models.base import NO_MODEL, Closing, JsonSchema, Model


class NoModel(Closing):
    """Never answers."""

    name = NO_MODEL

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
    ) -> NoReturn:
        """Raise ModelError: nobody is there to ask."""
        raise ModelError(Code.MODEL_UNAVAILABLE, "the run has no model", "choose one with --model")


def create(argument: str, settings: Settings) -> Model:
    """Return the back end; it takes no argument and no setting."""
    return NoModel()
