"""Verdicts in detail: the two instances of a race, conditions, and the changes that are proposed."""

from __future__ import annotations

import pytest

from loopwright.config import Settings
from loopwright.core.concurrency import Concurrency
from loopwright.core.race import ConstructVerdict, RaceVerdict
from loopwright.core.source import Source
from loopwright.frontend.openmp.explore import explore
from loopwright.frontend.openmp.program import load_program
from loopwright.legality.races.decide import decide
from loopwright.legality.races.repair import apply_fix, propose_fixes


def analysed(text: str) -> tuple[Concurrency, tuple[ConstructVerdict, ...]]:
    concurrency = explore(load_program(Source("/nowhere/a.c", text.encode()), (), Settings()))
    return concurrency, decide(concurrency)


def verdicts(text: str) -> list[tuple[int, str]]:
    return [(each.line, each.verdict.value) for each in analysed(text)[1]]


def test_witness_names_two_instances() -> None:
    _, (verdict,) = analysed(
        "void f(int n, double *restrict a) {\n#pragma omp parallel for\n"
        "for (int i = 0; i < n; i++)\na[i] = a[i + 3];\n}"
    )
    (race,) = verdict.races
    assert (race.variable, race.lines, race.first.kind.value, race.second.kind.value) == ("a", (4, 4), "write", "read")
    assert "line 4, thread" in race.witness
    assert verdict.id == "f:2"
    assert not race.is_conditional


def test_only_the_construct_with_the_race_has_it() -> None:
    text = """\
int a[10], b[10], x;
int main(void) {
#pragma omp parallel
{
#pragma omp for
for (int i = 0; i < 10; i++) a[i] = i;
#pragma omp for
for (int i = 0; i < 10; i++) x = i;
}
return 0;
}"""
    assert verdicts(text) == [(3, "race"), (5, "race-free"), (7, "race")]


def test_condition_on_data_is_named() -> None:
    text = """\
int a[10], x;
int main(void) {
#pragma omp parallel for
for (int i = 0; i < 10; i++)
if (a[i])
x = i;
return 0;
}"""
    _, (verdict,) = analysed(text)
    assert verdict.races[0].is_conditional
    assert "if the conditions" in verdict.reason


def test_construct_behind_a_false_condition_never_runs() -> None:
    text = """\
static const int wanted = 0;
int x;
int main(void) {
if (wanted) {
#pragma omp parallel
x++;
}
return 0;
}"""
    _, (verdict,) = analysed(text)
    assert (verdict.verdict, verdict.reason) == (RaceVerdict.FREE, "it never runs")


def test_every_case_of_a_switch_is_looked_at() -> None:
    text = """\
int x;
int main(int argc, char **argv) {
switch (argc) {
case 1:
break;
default:
#pragma omp parallel
x++;
}
return 0;
}"""
    assert verdicts(text) == [(7, "race")]


def test_one_thread_has_no_race() -> None:
    text = "int x;\nint main(void) {\n#pragma omp parallel %s\nx++;\nreturn x;\n}"
    assert verdicts(text % "num_threads(1)") == [(3, "race-free")]
    assert verdicts(text % "if (0)") == [(3, "race-free")]
    assert verdicts(text % "num_threads(2)") == [(3, "race")]


@pytest.mark.parametrize(
    ("body", "kind", "clause"),
    [
        (
            "#pragma omp parallel for\nfor (int i = 0; i < 9; i++) {\nt = a[i];\na[i] = t + 1;\n}",
            "private",
            "private(t)",
        ),
        ("#pragma omp parallel for\nfor (int i = 0; i < 9; i++)\ns += a[i];", "reduction", "reduction(+:s)"),
        ("#pragma omp parallel for\nfor (int i = 0; i < 9; i++)\na[i % 2] += i;", "atomic", "#pragma omp atomic"),
        (
            "#pragma omp parallel for\nfor (int i = 0; i < 9; i++)\nif (a[i] > s)\ns = s / 2 + a[i];",
            "critical",
            "#pragma omp critical",
        ),
        (
            "#pragma omp parallel\n{\ns = s / 2 + 1;\n}",
            "critical",
            "#pragma omp critical",
        ),
    ],
)
def test_fix_removes_the_race(body: str, kind: str, clause: str) -> None:
    text = f"int a[10], s, t;\nint main(void) {{\n{body}\nreturn s;\n}}"
    concurrency, found = analysed(text)
    racy = next(each for each in found if each.verdict is RaceVerdict.RACE)
    fixes = propose_fixes(racy, concurrency, tuple(text.split("\n")))
    works = [
        fix
        for fix in fixes
        if all(each.verdict is RaceVerdict.FREE for each in analysed(apply_fix(text.encode(), fix).decode())[1])
    ]
    assert [(fix.kind, fix.clause, len(fix.edits)) for fix in works[:1]] == [(kind, clause, 1)]


def test_value_used_behind_the_loop_is_lastprivate() -> None:
    text = (
        "int x;\nint main(void) {\n#pragma omp parallel for // why\nfor (int i = 0; i < 9; i++)\nx = i;\nreturn x;\n}"
    )
    concurrency, (racy,) = analysed(text)
    fix = propose_fixes(racy, concurrency, tuple(text.split("\n")))[0]
    assert fix.edits[0].text == "#pragma omp parallel for lastprivate(x) // why"
