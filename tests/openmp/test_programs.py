"""Programs as people write them: with headers and arguments, without ``main``, in C++, for devices.

``programs/racy`` have a race, ``programs/clean`` have none. The first line says what the rules find: they may not know,
but may never be wrong.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.race import RaceVerdict
from loopwright.core.source import Source
from loopwright.frontend.openmp.explore import explore
from loopwright.frontend.openmp.program import load_program
from loopwright.legality.races.decide import decide
from loopwright.pipeline.audit import file_verdict

PROGRAMS = Path(__file__).parent / "programs"


def files(folder: str) -> list[Path]:
    return sorted((PROGRAMS / folder).glob("*.c*"))


def check(path: Path) -> tuple[RaceVerdict, RaceVerdict]:
    """Return the verdict on a program, and the one that its first line names."""
    wanted, _, text = path.read_text().partition("\n")
    # The comment is not shown to the rules, and keeps its line.
    source = Source(str(path), f"\n{text}".encode())
    concurrency = explore(load_program(source, (), Settings()))
    return file_verdict(concurrency, decide(concurrency)), RaceVerdict(wanted.removeprefix("// VERDICT "))


@pytest.mark.parametrize("path", files("racy"), ids=lambda path: path.name)
def test_racy_program_is_never_called_race_free(path: Path) -> None:
    found, wanted = check(path)
    assert found is not RaceVerdict.FREE
    assert found is wanted


@pytest.mark.parametrize("path", files("clean"), ids=lambda path: path.name)
def test_clean_program_is_never_called_racy(path: Path) -> None:
    found, wanted = check(path)
    assert found is not RaceVerdict.RACE
    assert found is wanted
