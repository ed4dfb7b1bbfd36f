"""Names -> back ends: our own and plug-ins alike are entry points of the group ``loopwright.models``.

A back end is a function ``create(argument, settings) -> Model``; ``argument`` is what follows the colon of the name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.errors import ModelError, UserError
from loopwright.models.base import NO_MODEL, Model, Progress
from loopwright.models.openai_compatible import OLLAMA_URL, parse_url, served_models
from loopwright.models.weights import SIZE_BYTES, fetch, find_weights

GROUP = "loopwright.models"
EMBEDDED = "embedded"
OPENAI = "openai"
OLLAMA_PRESETS = ("gemma3:1b", "llama3.2:1b", "qwen2.5:1.5b")

Factory = Callable[[str, Settings], Model]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model that can be named.

    Attributes:
        name: What to give to ``--model``.
        description: What it is.
        is_ready: It can be used now, without fetching or starting anything.
        detail: Where it is, or what is missing and what to do.
    """

    name: str
    description: str
    is_ready: bool
    detail: str


def model_name(settings: Settings) -> str:
    """Return the model that ``settings`` asks for: named, or the server behind ``model_url``, or the embedded one."""
    return settings.model or (OPENAI if settings.model_url else EMBEDDED)


def open_model(name: str, settings: Settings, progress: Progress | None = None) -> Model:
    """Return the back end called ``name``; weights that it needs are fetched now, a process starts when it is asked.

    Raises:
        UserError: There is no such back end, or its argument cannot be used.
        ModelError: What it needs cannot be had.
    """
    if name in OLLAMA_PRESETS:
        return _factory(_known()[OPENAI])(name, settings)
    kind, _, argument = name.partition(":")
    known = _known()
    if kind not in known:
        if settings.model_url and name:
            return _factory(known[OPENAI])(name, settings)
        raise UserError(Code.BAD_OPTION, f"no model called {name!r}", f"choose one of {', '.join(_names(known))}")
    if settings.model_url and kind in (EMBEDDED, NO_MODEL, "gguf"):
        raise UserError(Code.BAD_OPTION, f"--model {kind} asks no server, so --model-url has no use", "drop one")
    if kind == EMBEDDED and not argument:
        fetch(settings, progress)
    return _factory(known[kind])(argument, settings)


def check_model(name: str, settings: Settings) -> None:
    """Raise what ``open_model`` would; nothing is fetched, and no server is asked.

    Raises:
        UserError, ModelError: See ``open_model``.
    """
    if name != EMBEDDED or settings.model_url:
        open_model(name, settings).close()


def list_models(settings: Settings) -> tuple[ModelStatus, ...]:
    """Return every model that can be named, with what is missing; asks the model server once, briefly."""
    statuses = [ModelStatus(NO_MODEL, "no model: the built-in heuristic proposes", True, "always there")]
    weights = find_weights(settings)
    statuses.append(
        ModelStatus(
            EMBEDDED,
            "SmolLM2-135M-Instruct, in a process of its own",
            weights is not None,
            str(weights)
            if weights
            else f"{SIZE_BYTES // 10**6} MB, fetched at first use or by 'loopwright models fetch'",
        )
    )
    exchange = parse_url(settings.model_url or OLLAMA_URL, settings.api_key)
    try:
        served, problem = served_models(exchange), ""
    except ModelError as error:
        served, problem = (), error.one_line()
    for preset in OLLAMA_PRESETS:
        missing = problem or f"{exchange.shown} does not have it: ollama pull {preset}"
        is_there = preset in served
        statuses.append(ModelStatus(preset, "Ollama preset", is_there, exchange.shown if is_there else missing))
    statuses += [
        ModelStatus(f"{OPENAI}:{name}", "OpenAI-compatible server", True, exchange.shown)
        for name in served
        if name not in OLLAMA_PRESETS
    ]
    others = sorted(set(_known()) - {NO_MODEL, EMBEDDED, OPENAI})
    statuses += [
        ModelStatus(f"{kind}:...", f"back end {_known()[kind].value}", True, "give its argument") for kind in others
    ]
    return tuple(statuses)


def _known() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _names(known: dict[str, EntryPoint]) -> list[str]:
    with_argument = {OPENAI: "openai:MODEL", "gguf": "gguf:FILE", "scripted": "scripted:FILE", "replay": "replay:FILE"}
    return [with_argument.get(kind, kind) for kind in sorted(known)] + list(OLLAMA_PRESETS)


def _factory(entry: EntryPoint) -> Factory:
    try:
        return cast("Factory", entry.load())
    except (ImportError, AttributeError) as error:
        raise UserError(Code.BAD_OPTION, f"the model back end {entry.name} does not load: {error}") from None
