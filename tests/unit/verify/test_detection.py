"""What the detector says of programs that do not build, end badly, or are read before they are written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind
from loopwright.core.race import Detection
from loopwright.core.source import Source
from loopwright.core.verdict import Outcome
from loopwright.verify.detection import detect_races

pytestmark = pytest.mark.needs("clang", "archer")


def detected(folder: Path, text: str, settings: Settings = Settings(), *others: str) -> Detection:  # noqa: B008
    sources: list[Source] = []
    for number, each in enumerate((text, *others)):
        path = folder / f"part{number}.c"
        path.write_text(each)
        sources.append(Source(str(path), each.encode()))
    scratch = folder / "scratch"
    scratch.mkdir()
    return detect_races(sources[0], tuple(sources[1:]), settings, scratch, progress=lambda _: None)


def test_without_clang_nothing_was_looked_for(tmp_path: Path) -> None:
    found = detected(tmp_path, "int main(void) { return 0; }", replace(Settings(), clang="no-such-clang"))
    assert (found.races, found.is_complete) == ((), False)
    assert found.findings[0].code is Code.CHECK_UNAVAILABLE
    assert "clang with archer is missing" in found.findings[0].detail


@pytest.mark.parametrize("others", [(), ("int g(void) { return missing; }",)])
def test_what_does_not_build_was_not_run(others: tuple[str, ...], tmp_path: Path) -> None:
    text = "int g(void); int main(void) { return g(); }"
    found = detected(tmp_path, text, Settings(), *others)
    assert not found.is_complete
    assert "does not build it as a program" in found.findings[0].detail


@pytest.mark.parametrize(
    ("ending", "outcome", "code", "is_complete"),
    [("return 3;", Outcome.PASS, None, True), ("abort();", Outcome.SKIPPED, Code.CRASHED, False)],
)
def test_a_program_that_ends_badly_has_still_run(
    ending: str, outcome: Outcome, code: Code | None, is_complete: bool, tmp_path: Path
) -> None:
    found = detected(tmp_path, f"#include <stdlib.h>\nint main(void) {{ {ending} }}")
    assert {(finding.outcome, finding.code) for finding in found.findings} == {(outcome, code)}
    assert (found.races, found.is_complete) == ((), is_complete)


def test_the_write_of_a_race_comes_first_and_another_files_race_is_where_it_is_called(tmp_path: Path) -> None:
    text = """\
#include <omp.h>
int x, y;
void other(void);
int main(void) {
#pragma omp parallel num_threads(2)
{
if (omp_get_thread_num())
x = 1;
else
y = x;
other();
}
return 0;
}"""
    found = detected(tmp_path, text, Settings(), "int z;\nvoid other(void) { z++; }\n")
    assert {(race.variable, race.lines) for race in found.races} == {("x", (8, 10)), ("other", (11, 11))}
    assert {race.first.kind for race in found.races} == {AccessKind.WRITE}
