"""What every language-model back end is: the ``Model`` protocol, and the types around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from loopwright.core.proposal import Message, Reply

JsonSchema = Mapping[str, Any]
Progress = Callable[[str], None]

NO_MODEL = "none"
MAX_REPLY_CHARACTERS = 1 << 16


class Model(Protocol):
    """Something that answers prompts. It is slow, may fail, and its words are never trusted."""

    @property
    def name(self) -> str:
        """The name that proposals and reports carry."""
        ...

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
        """Return ``n`` answers to one prompt.

        Args:
            messages: The conversation so far.
            schema: JSON schema that the answer should satisfy; a back end may not be able to enforce it, so
                the answer is decoded with suspicion all the same. None asks for plain text.
            n: Number of answers; at temperature 0 they may be equal.
            temperature: 0 for the likeliest answer.
            seed: Makes sampling repeatable, as far as the back end allows.
            max_tokens: Per answer; a longer one is cut.
            timeout_s: Time for the whole call; None for the back end's own limit.

        Raises:
            ModelError: There is no usable answer.
        """
        ...

    def close(self) -> None:
        """Let go of processes and connections; a second call does nothing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Closing:
    """Gives a back end the context manager that closes it, and a ``close`` with nothing to do."""

    def close(self) -> None:
        """Let go of everything; the default has nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def is_no_model(model: Model) -> bool:
    """Return True for the back end that never answers, so that strategies can be skipped."""
    return model.name == NO_MODEL


def silent(_message: str) -> None:
    """Report progress to nobody."""


def printable(text: str, limit: int = 200) -> str:
    """Return foreign ``text`` on one line without control characters, cut at ``limit``."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * limit]).split())
    return flat if len(flat) <= limit else flat[: limit - 3] + "..."
