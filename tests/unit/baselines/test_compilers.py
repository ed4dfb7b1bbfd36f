"""Compiler baselines as values: what they are called, what they claim, which flags they build with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loopwright.baselines import compilers
from loopwright.baselines.base import Baseline
from loopwright.baselines.compilers import CompilerBaseline
from loopwright.baselines.registry import require_baseline
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind
from loopwright.errors import UserError

NAMES = (
    "gcc-O3",
    "clang-O3",
    "gcc-fast-math",
    "gcc-autopar",
    "gcc-graphite",
    "gcc-graphite-parallel",
    "polly",
    "polly-parallel",
    "icx",
)


def baseline(name: str) -> CompilerBaseline:
    found = require_baseline(name)
    assert isinstance(found, CompilerBaseline)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_entry_points_return_baselines_of_their_name(name: str) -> None:
    found: Baseline = baseline(name)
    assert found.name == name
    assert (found.kind is MethodKind.SERIAL) == (name in ("gcc-O3", "clang-O3"))
    assert found.claims_threads == name.endswith(("autopar", "parallel"))


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(UserError) as caught:
        require_baseline("gcc-O9")
    assert "gcc-O3" in (caught.value.hint or "")


@pytest.mark.parametrize("name", NAMES)
def test_every_build_is_for_this_machine(name: str) -> None:
    assert baseline(name).flags_for(3)[:2] == ("-O3", "-march=native")


def test_the_number_of_threads_is_part_of_the_flags() -> None:
    assert "-ftree-parallelize-loops=3" in baseline("gcc-autopar").flags_for(3)
    assert baseline("gcc-autopar").flags_for(1) == ("-O3", "-march=native")
    assert "-polly-parallel" not in baseline("polly-parallel").flags_for(1)


def test_a_compiler_that_is_not_there_is_missing() -> None:
    settings = Settings(gcc="no-such-gcc", clang="no-such-clang")
    for name in NAMES:
        message = baseline(name).missing(settings)
        if name != "icx":
            assert message is not None
            assert "is not installed" in message
            assert "apt-get install" in message


def test_a_compiler_in_another_family_is_not_found() -> None:
    assert compilers.find_family(Settings(), "no-such-family") is None
    assert replace(baseline("gcc-O3"), family="no-such-family").missing(Settings()) is not None


def test_the_error_is_taken_from_the_output() -> None:
    output = "a.c: In function f:\na.c:1:2: error: expected ';'\n 1 | int\n"
    assert compilers.first_error(output) == "a.c:1:2: error: expected ';'"
    assert compilers.first_error("") == "no output"
