"""Small OpenMP files with a known answer: ``race/`` has one, ``free/`` has none, of ``unknown/`` nothing is shown.

In a file of ``race/`` a comment ``FIRST name`` marks the line of one access and names the variable; ``SECOND`` marks
the other line, where it is another. A file of ``unknown/`` begins with the reason code. The analysis sees the files
without their comments, so that it cannot learn anything from them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.race import ConstructVerdict, RaceVerdict
from loopwright.core.source import Source
from loopwright.frontend.openmp.explore import explore
from loopwright.frontend.openmp.program import load_program
from loopwright.legality.races.decide import decide

HERE = Path(__file__).parent
COMMENT = re.compile(rb"//[^\n]*")


def files(folder: str) -> list[Path]:
    return sorted((HERE / folder).glob("*.c*"))


def verdicts(path: Path) -> tuple[tuple[ConstructVerdict, ...], tuple[Code, str] | None]:
    content = COMMENT.sub(b"", path.read_bytes())
    concurrency = explore(load_program(Source(str(path), content), (), Settings()))
    return decide(concurrency), concurrency.obstacle


@pytest.mark.parametrize("path", files("race"), ids=lambda path: path.stem)
def test_race_is_found_with_its_lines(path: Path) -> None:
    lines = path.read_text().split("\n")
    (first,) = (number for number, line in enumerate(lines, 1) if "// FIRST" in line)
    name = lines[first - 1].split("// FIRST")[1].strip()
    second = next((number for number, line in enumerate(lines, 1) if "// SECOND" in line), first)
    found, _ = verdicts(path)
    races = [race for verdict in found for race in verdict.races]
    assert (min(first, second), max(first, second)) in [race.lines for race in races]
    assert name in {race.variable for race in races}
    assert all(verdict.code is Code.DATA_RACE for verdict in found if verdict.verdict is RaceVerdict.RACE)


@pytest.mark.parametrize("path", files("free"), ids=lambda path: path.stem)
def test_every_construct_is_race_free(path: Path) -> None:
    found, obstacle = verdicts(path)
    assert found
    assert obstacle is None
    assert {verdict.verdict for verdict in found} == {RaceVerdict.FREE}, [verdict.reason for verdict in found]


@pytest.mark.parametrize("path", files("unknown"), ids=lambda path: path.stem)
def test_reason_is_given_where_nothing_is_shown(path: Path) -> None:
    wanted = path.read_text().partition("\n")[0].removeprefix("// CODE ")
    found, obstacle = verdicts(path)
    unknown = {verdict.code for verdict in found if verdict.verdict is RaceVerdict.UNKNOWN}
    assert all(verdict.verdict is not RaceVerdict.RACE for verdict in found)
    assert wanted in {code.value for code in (*unknown, *(obstacle or ())[:1]) if isinstance(code, Code)}
