"""The options that several commands share, and the settings that they make."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from loopwright.config import Settings, from_environment, parse_duration
from loopwright.core.codes import Code
from loopwright.errors import UserError


class Format(StrEnum):
    """How a result is written to standard output."""

    TEXT = "text"
    JSON = "json"


class Accept(StrEnum):
    """What may be delivered besides what is proved."""

    TESTED = "tested"


class FloatingPoint(StrEnum):
    """How rounding is treated; without the option, sums may be reassociated."""

    STRICT = "strict"


def nameable(path: Path) -> Path:
    """Return ``path``; raises UserError if its name is not text, which libclang could not be told."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise UserError(Code.CANNOT_READ, f"the name {path} is not UTF-8", "rename the file") from None
    return path


FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="C or C++ file.", show_default=False, callback=nameable)
]
FlagsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="-- FLAGS", help="Compiler flags that the file needs.", show_default=False),
]
FormatOption = Annotated[
    Format, typer.Option("--format", metavar="text|json", help="Text for people or JSON for programs.")
]
FunctionOption = Annotated[
    str | None, typer.Option("--function", metavar="NAME", help="Look at this function alone.", show_default=False)
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Who proposes: embedded, none, openai:NAME, gguf:FILE, or a plug-in's name. "
        "Default: embedded, or none where it cannot be had.",
        show_default=False,
    ),
]
ModelUrlOption = Annotated[
    str | None,
    typer.Option(
        "--model-url", metavar="URL", help="Address of an OpenAI-compatible server (.../v1).", show_default=False
    ),
]
StrategyOption = Annotated[
    str,
    typer.Option(
        "--strategy", metavar="NAME", help="How the model is asked: zero-shot, few-shot, step-by-step, cot, tot, react."
    ),
]
AcceptOption = Annotated[
    Accept | None,
    typer.Option("--accept", metavar="tested", help="Also deliver what is tested but not proved.", show_default=False),
]
FloatingPointOption = Annotated[
    FloatingPoint | None,
    typer.Option("--fp", metavar="strict", help="Forbid what changes the rounding of a sum.", show_default=False),
]
ThreadsOption = Annotated[
    int, typer.Option("--threads", metavar="N", min=0, max=4096, help="Threads of the candidate; 0 for all cores.")
]
BudgetOption = Annotated[str, typer.Option("--budget", metavar="TIME", help="Time to spend on the file: 30s, 2m, 1h.")]
SeedOption = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, max=2**31 - 1, help="Of inputs, models and statistics.")
]
DatabaseOption = Annotated[
    Path | None,
    typer.Option(
        "-p",
        "--compile-commands",
        metavar="PATH",
        help="compile_commands.json, or its folder; one beside the file is found without this.",
        show_default=False,
    ),
]

DEFAULTS = Settings()
DEFAULT_BUDGET = f"{DEFAULTS.budget_s:g}s"


def make_settings(
    *,
    threads: int = DEFAULTS.threads,
    seed: int = DEFAULTS.seed,
    budget: str = DEFAULT_BUDGET,
    floating_point: FloatingPoint | None = None,
    accept: Accept | None = None,
    model: str | None = None,
    model_url: str | None = None,
    strategy: str = DEFAULTS.strategy,
) -> Settings:
    """Return the settings that the options and the environment ask for.

    Raises:
        UserError: A value cannot be used.
    """
    return replace(
        from_environment(),
        threads=threads,
        seed=seed,
        budget_s=parse_duration(budget),
        fp_strict=floating_point is FloatingPoint.STRICT,
        accept_tested=accept is Accept.TESTED,
        model=model,
        model_url=model_url,
        strategy=strategy,
    )
