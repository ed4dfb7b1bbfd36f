from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from loopwright.config import Settings, from_environment, parse_duration
from loopwright.core.codes import Code
from loopwright.errors import UserError


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30.0), ("2m", 120.0), ("1h", 3600.0), ("45", 45.0), ("0.5s", 0.5), ("1.5m", 90.0)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "0", "0s", "-1s", "nan", "inf", "1e9h", "soon", "1d", "1 2", "١s\x00"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="not a duration") as caught:
        parse_duration(text)
    assert caught.value.code is Code.BAD_OPTION


def test_environment_is_read_once_and_only_what_is_named() -> None:
    settings = from_environment(
        {"LOOPWRIGHT_CACHE": "/tmp/cache", "LOOPWRIGHT_GCC": "gcc-13", "LOOPWRIGHT_CLANG": "clang-19", "THREADS": "9"}
    )
    assert (settings.cache, settings.gcc, settings.clang, settings.threads) == (
        Path("/tmp/cache"),
        "gcc-13",
        "clang-19",
        0,
    )


def test_without_environment_the_defaults_hold() -> None:
    settings = from_environment({})
    assert dataclasses.replace(settings, cache=Settings().cache) == Settings()
    assert settings.cache.is_absolute()


def test_a_relative_cache_is_refused() -> None:
    with pytest.raises(UserError, match="not an absolute path"):
        from_environment({"LOOPWRIGHT_CACHE": "cache"})


def test_the_key_is_never_shown() -> None:
    assert "secret" not in repr(from_environment({"LOOPWRIGHT_API_KEY": "secret"}))
