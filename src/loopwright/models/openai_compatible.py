"""Any server with OpenAI's ``/v1/chat/completions``: Ollama, llama.cpp, vLLM, a hosted service."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.proposal import Message, Reply
from loopwright.errors import ModelError, UserError
from loopwright.models.base import MAX_REPLY_CHARACTERS, Closing, JsonSchema, Model
from loopwright.models.http_reply import Answer, Exchange, redact, request

OLLAMA_URL = "http://127.0.0.1:11434/v1"
DEFAULT_TIMEOUT_S = 60.0
_RETRIES = 2
_RETRY_PAUSE_S = 0.5
_GIVE_UP_AFTER = 3
_BUSY = frozenset({408, 429, 502, 503, 504})
_REFUSED = frozenset({400, 415, 422, 501})


class _Token(BaseModel):
    logprob: float


class _LogProbabilities(BaseModel):
    content: list[_Token] | None = None


class _Answer(BaseModel):
    content: str = Field(max_length=MAX_REPLY_CHARACTERS)


class _Choice(BaseModel):
    message: _Answer
    logprobs: _LogProbabilities | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(BaseModel):
    """What we read of a reply; everything else in it is ignored."""

    model_config = ConfigDict(extra="ignore")

    choices: list[_Choice] = Field(min_length=1, max_length=64)
    usage: _Usage | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a schema and the extras are asked for; servers differ in what they refuse.

    Attributes:
        ask: Schema -> the request's fields that enforce it.
        extras: Ask for log-probabilities and several answers at once.
        in_words: The server does not enforce the schema, so the prompt must state it.
    """

    ask: Callable[[JsonSchema], dict[str, Any]]
    extras: bool = True
    in_words: bool = False


def _json_schema(schema: JsonSchema) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}}


def _json_object(schema: JsonSchema) -> dict[str, Any]:
    return {"response_format": {"type": "json_object"}}


def _plain_text(schema: JsonSchema) -> dict[str, Any]:
    return {}


DIALECTS = (
    Dialect(_json_schema),
    Dialect(_json_schema, extras=False),
    Dialect(_json_object, extras=False, in_words=True),
    Dialect(_plain_text, extras=False, in_words=True),
)


class OpenAICompatible(Closing):
    """A model behind HTTP.

    The most exact dialect is tried first, and the one that the server took is kept. After three failures in a row to
    answer at all, further calls fail at once.
    """

    def __init__(
        self,
        exchange: Exchange,
        model: str,
        *,
        name: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        dialects: tuple[Dialect, ...] = DIALECTS,
        most_at_once: int = 4,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name or f"openai:{model}"
        self._exchange = exchange
        self._model = model
        self._timeout_s = timeout_s
        self._dialects = dialects
        self._most_at_once = most_at_once
        self._clock = clock
        self._sleep = sleep
        self._failures = 0
        self._has_answered = False

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
        """Return ``n`` answers; a server that gives fewer at once is asked again with another seed.

        Raises:
            ModelError: The server cannot be reached, refuses, or sends something else.
        """
        deadline = self._clock() + min(timeout_s or self._timeout_s, self._timeout_s)
        replies: list[Reply] = []
        while len(replies) < n:
            wanted = min(n - len(replies), self._most_at_once)
            replies += self._ask(messages, schema, wanted, temperature, seed + len(replies), max_tokens, deadline)
        return tuple(replies[:n])

    def _ask(
        self,
        messages: tuple[Message, ...],
        schema: JsonSchema | None,
        n: int,
        temperature: float,
        seed: int,
        max_tokens: int,
        deadline: float,
    ) -> list[Reply]:
        start = self._clock()
        sent, completion = self._converse(messages, schema, n, temperature, seed, max_tokens, deadline)
        elapsed_s = self._clock() - start
        return [
            Reply(
                text=choice.message.content,
                prompt_tokens=completion.usage.prompt_tokens if completion.usage else 0,
                completion_tokens=_completion_tokens(completion, choice),
                log_probability=_log_probability(choice),
                elapsed_s=elapsed_s,
                model=self.name,
                messages=sent,
                seed=seed,
                temperature=temperature,
            )
            for choice in completion.choices
        ]

    def _converse(
        self,
        messages: tuple[Message, ...],
        schema: JsonSchema | None,
        n: int,
        temperature: float,
        seed: int,
        max_tokens: int,
        deadline: float,
    ) -> tuple[tuple[Message, ...], _Completion]:
        for index, dialect in enumerate(self._dialects):
            sent = _with_schema(messages, schema) if schema is not None and dialect.in_words else messages
            body: dict[str, Any] = {
                "model": self._model,
                "messages": [{"role": message.role, "content": message.content} for message in sent],
                "temperature": temperature,
                "seed": seed,
                "max_tokens": max_tokens,
            }
            if schema is not None:
                body |= dialect.ask(schema)
            if dialect.extras:
                body |= {"n": n, "logprobs": True}
            answer = self._send(body, deadline)
            if answer.status in _REFUSED and index + 1 < len(self._dialects):
                continue
            completion = self._read(answer)
            self._dialects = self._dialects[index:]
            return sent, completion
        raise AssertionError("there is always a dialect")

    def _send(self, body: dict[str, Any], deadline: float) -> Answer:
        if self._failures >= _GIVE_UP_AFTER:
            raise ModelError(
                Code.MODEL_UNREACHABLE, f"{self._exchange.shown} failed {self._failures} times and is not asked again"
            )
        attempt = 0
        while True:
            remaining_s = deadline - self._clock()
            if remaining_s <= 0:
                raise ModelError(Code.MODEL_UNREACHABLE, f"{self._exchange.shown} took too long", retryable=True)
            try:
                answer = request(self._exchange, "POST", "/chat/completions", body, remaining_s)
            except ModelError:
                # That a caller wanted the answer sooner speaks against a server only until it has answered once.
                if not (self._has_answered and self._clock() >= deadline):
                    self._failures += 1
                raise
            self._has_answered = True
            pause_s = _RETRY_PAUSE_S * 2**attempt
            if answer.status not in _BUSY or attempt == _RETRIES or self._clock() + pause_s >= deadline:
                self._failures = self._failures + 1 if answer.status in _BUSY else 0
                return answer
            attempt += 1
            self._sleep(pause_s)

    def _read(self, answer: Answer) -> _Completion:
        shown = self._exchange.shown
        if answer.status in (401, 403):
            raise ModelError(
                Code.MODEL_UNREACHABLE, f"{shown} refused the key ({answer.status})", "set LOOPWRIGHT_API_KEY"
            )
        text = answer.body.decode("utf-8", "replace")
        if answer.status != 200:
            detail = redact(text, self._exchange)
            hint = "does the server have this model?" if answer.status == 404 else ""
            raise ModelError(
                Code.MODEL_UNREACHABLE,
                f"{shown} answered {answer.status}: {detail}",
                hint,
                retryable=answer.status in _BUSY,
            )
        try:
            return _Completion.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            what = redact(f"{place}: {first['msg']}" if place else first["msg"], self._exchange)
            raise ModelError(Code.BAD_REPLY, f"{shown} sent no chat completion: {what}") from None


def _with_schema(messages: tuple[Message, ...], schema: JsonSchema) -> tuple[Message, ...]:
    text = f"Answer with one JSON object and nothing else. It must satisfy this JSON schema: {json.dumps(schema)}"
    last = messages[-1]
    return (*messages[:-1], Message(last.role, f"{last.content}\n\n{text}"))


def _log_probability(choice: _Choice) -> float | None:
    tokens = choice.logprobs.content if choice.logprobs is not None else None
    total = sum(token.logprob for token in tokens) if tokens else math.nan
    return total if math.isfinite(total) else None


def _completion_tokens(completion: _Completion, choice: _Choice) -> int:
    if choice.logprobs is not None and choice.logprobs.content is not None:
        return len(choice.logprobs.content)  # the usage of several choices is not told apart
    return completion.usage.completion_tokens if completion.usage and len(completion.choices) == 1 else 0


def parse_url(url: str, api_key: str = "") -> Exchange:
    """Return where requests go for ``http://host:port`` or ``http://host:port/v1``.

    Raises:
        UserError: It is not an http address.
    """
    try:
        parsed = httpx.URL(url.strip())
        path = parsed.path.rstrip("/")
        usable = parsed.scheme in ("http", "https") and bool(parsed.host)
    except httpx.InvalidURL:
        usable, path, parsed = False, "", httpx.URL("")
    if not usable:
        raise UserError(Code.BAD_OPTION, f"--model-url is not an http address: {url}", "write http://HOST:PORT/v1")
    if not (api_key.isascii() and api_key.isprintable() and api_key == api_key.strip()):
        raise UserError(Code.BAD_OPTION, "LOOPWRIGHT_API_KEY holds characters that no key has", "copy it again")
    base = parsed.copy_with(path=path or "/v1", query=None, fragment=None)
    return Exchange(base, f"the model server at {base.copy_with(username=None, password=None)}", api_key)


def served_models(exchange: Exchange, timeout_s: float = 2.0) -> tuple[str, ...]:
    """Return the names of the models that the server offers.

    Raises:
        ModelError: It does not say.
    """
    answer = request(exchange, "GET", "/models", None, timeout_s)
    try:
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        entries = json.loads(answer.body)["data"]
        names = tuple(str(entry["id"]) for entry in entries)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError(
            Code.BAD_REPLY, f"{exchange.shown} does not list its models: {redact(str(error), exchange)}"
        ) from None
    return names


def create(argument: str, settings: Settings) -> Model:
    """Return the back end of ``openai:MODEL``, or of ``openai`` for the first model that the server lists.

    Raises:
        UserError: The address is not one.
        ModelError: No model was named and the server names none.
    """
    exchange = parse_url(settings.model_url or OLLAMA_URL, settings.api_key)
    model = argument
    if not model:
        names = served_models(exchange)
        if not names:
            raise ModelError(Code.MODEL_UNAVAILABLE, f"{exchange.shown} has no model", "pull one into it first")
        model = names[0]
    return OpenAICompatible(exchange, model)
