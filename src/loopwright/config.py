"""Settings, read once from the environment and the command line, validated, and passed down.

No other module reads ``os.environ``. Tests pass a ``Settings`` of their own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from platformdirs import user_cache_path

from loopwright.core.codes import Code
from loopwright.errors import UserError


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child process may use.

    Attributes:
        run_s: Wall time of one run of a candidate or of the original.
        build_s: Wall time of one compilation.
        memory_bytes: Address space of a run (not applied under sanitizers, which reserve terabytes).
        output_bytes: Captured output and files.
        nest_s: About the time of the analysis of one nest.
        file_s: Processor time of the analysis of one file where there are many.
    """

    run_s: float = 20.0
    build_s: float = 60.0
    memory_bytes: int = 8 << 30
    output_bytes: int = 1 << 30
    nest_s: float = 10.0
    file_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a run depends on and the source does not say.

    Attributes:
        cache: Folder for model weights and builds.
        gcc, clang: Compilers to use: a path, or a name to look up.
        threads: Threads of a candidate when it is timed; 0 for all cores.
        seed: Of inputs, models and bootstrap.
        budget_s: Time that ``optimize`` may spend per file.
        fp_strict: Forbid reassociation of floating-point sums.
        accept_tested: Deliver what is only tested.
        limits: For child processes.
        model, model_url, strategy: Who proposes. ``model`` is None if the user did not name one.
        api_key: Of the model server; never stored or shown.
    """

    cache: Path = field(default_factory=lambda: user_cache_path("loopwright"))
    gcc: str = "gcc"
    clang: str = ""
    threads: int = 0
    seed: int = 0
    budget_s: float = 30.0
    fp_strict: bool = False
    accept_tested: bool = False
    limits: Limits = Limits()
    model: str | None = None
    model_url: str | None = None
    strategy: str = "zero-shot"
    api_key: str = field(default="", repr=False)


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Return settings from ``LOOPWRIGHT_CACHE``, ``LOOPWRIGHT_GCC``, ``LOOPWRIGHT_CLANG`` and ``LOOPWRIGHT_API_KEY``.

    Raises:
        UserError: A value cannot be used.
    """
    values = os.environ if environ is None else environ
    settings = Settings(
        gcc=values.get("LOOPWRIGHT_GCC", "gcc"),
        clang=values.get("LOOPWRIGHT_CLANG", ""),
        api_key=values.get("LOOPWRIGHT_API_KEY", ""),
    )
    cache = values.get("LOOPWRIGHT_CACHE")
    if cache is None:
        return settings
    if not Path(cache).is_absolute():
        raise UserError(Code.BAD_OPTION, f"LOOPWRIGHT_CACHE is not an absolute path: {cache}")
    return replace(settings, cache=Path(cache))


def parse_duration(text: str) -> float:
    """Return the seconds that ``30s``, ``2m``, ``1h`` or a plain number stand for.

    Raises:
        UserError: It is none of these, or not positive.
    """
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
    try:
        seconds = float(number) * units[unit]
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds < 1e7:
        raise UserError(Code.BAD_OPTION, f"not a duration: {text!r}", "write it as 30s, 2m or 1h")
    return seconds
