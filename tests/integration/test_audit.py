"""``verify FILE`` on whole programs: the rules and real runs under ThreadSanitizer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from loopwright.config import Settings
from loopwright.core.race import EvidenceKind, RaceVerdict
from loopwright.core.verdict import Outcome
from loopwright.pipeline.audit import audit

OPENMP = Path(__file__).parents[1] / "openmp"
SCRIPT = Path(sys.executable).with_name("loopwright")
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "races.schema.json"
HANDED_ON = """\
#include <stdlib.h>
int main(int argc, char **argv) {
    int n = 200, *where = malloc(n * sizeof *where), *a = calloc(n, sizeof *a);
    for (int i = 0; i < n; i++)
        where[i] = REPEAT ? i / 2 : i;
#pragma omp parallel for schedule(static, 1)
    for (int i = 0; i < n; i++)
        a[where[i]] += i;
    return 0;
}
"""


@pytest.mark.needs("archer")
def test_runs_confirm_what_the_rules_found() -> None:
    report = audit(OPENMP / "race" / "scalar_without_private.c", settings=Settings())
    assert report.verdict is RaceVerdict.RACE
    (construct,) = report.constructs
    assert construct.evidence is EvidenceKind.BOTH
    assert construct.fix is not None
    assert construct.fix.clause == "private(tmp)"


@pytest.mark.needs("archer")
@pytest.mark.parametrize(("repeat", "verdict"), [(1, RaceVerdict.RACE), (0, RaceVerdict.UNKNOWN)])
def test_run_decides_where_the_rules_cannot_but_never_for_race_free(
    tmp_path: Path, repeat: int, verdict: RaceVerdict
) -> None:
    path = tmp_path / "indirect.c"
    path.write_text(HANDED_ON)
    report = audit(path, flags=(f"-DREPEAT={repeat}",), settings=Settings())
    assert report.verdict is verdict
    if verdict is RaceVerdict.RACE:
        assert report.constructs[0].evidence is EvidenceKind.DYNAMIC
        assert report.constructs[0].races[0].lines == (8, 8)
    else:
        assert {finding.outcome for finding in report.findings} == {Outcome.PASS}


@pytest.mark.needs("archer")
def test_program_that_never_ends_is_stopped_and_other_files_are_linked(tmp_path: Path) -> None:
    path, helper = tmp_path / "forever.c", tmp_path / "helper.c"
    helper.write_text("int go_on(void) { return 1; }\n")
    path.write_text("int go_on(void);\nint main(void) {\n#pragma omp parallel\n{}\nwhile (go_on()) ;\nreturn 0;\n}\n")
    settings = Settings(budget_s=3.0)
    report = audit(path, flags=("-O1", str(helper)), settings=settings)
    assert report.verdict is RaceVerdict.FREE
    assert {finding.outcome for finding in report.findings} == {Outcome.SKIPPED}
    assert report.constructs[0].evidence is EvidenceKind.STATIC


def test_command_line_answers_with_the_document(tmp_path: Path) -> None:
    path = tmp_path / "sum.c"
    path.write_text(
        "double f(int n, double *a) {\n double s = 0;\n#pragma omp parallel for\n"
        " for (int i = 0; i < n; i++) s += a[i];\n return s;\n}\n"
    )
    completed = subprocess.run(
        [SCRIPT, "verify", path, "--format", "json", "--", "-DUNUSED"], capture_output=True, text=True, check=False
    )
    assert completed.returncode == 1
    document = json.loads(completed.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    (construct,) = document["constructs"]
    assert (construct["verdict"], construct["evidence"], construct["race"]["variable"]) == ("race", "static", "s")
    assert construct["fix"]["clause"] == "reduction(+:s)"
    path.write_text("int main(void) { return 0; }\n")
    assert subprocess.run([SCRIPT, "verify", path], capture_output=True, check=False).returncode == 0


def test_what_the_linker_misses_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "calls.c"
    path.write_text(
        "double elsewhere(int i);\nint main(void) {\n    double s = 0;\n#pragma omp parallel for reduction(+ : s)\n"
        "    for (int i = 0; i < 9; i++)\n        s += elsewhere(i);\n    return s > 0;\n}\n"
    )
    (finding,) = audit(path, settings=Settings()).findings
    assert "undefined reference to `elsewhere'" in finding.detail
