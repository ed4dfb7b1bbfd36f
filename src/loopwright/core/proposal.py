"""A plan that somebody proposed, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.plan import Plan


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a model: role is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered.

    Attributes:
        text: The answer, as it came.
        prompt_tokens, completion_tokens: As the server counted; 0 if it did not.
        log_probability: Sum over the answer's tokens; None if not given.
        elapsed_s: Wall time of the call.
        model: The model's name as the back end gives it.
        messages: The prompt.
        seed, temperature: As asked.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    log_probability: float | None
    elapsed_s: float
    model: str
    messages: tuple[Message, ...] = ()
    seed: int = 0
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan with its origin.

    Attributes:
        by: ``heuristic``, or ``<model>/<strategy>``.
        plan: None if the reply could not be read as a plan; ``error`` then says why.
        replies: The model's replies that led to it.
        error: Why there is no plan; "" if there is one.
    """

    by: str
    plan: Plan | None
    replies: tuple[Reply, ...] = ()
    error: str = ""
