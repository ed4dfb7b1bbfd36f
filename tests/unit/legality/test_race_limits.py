"""What the race rules say where they could not look at everything, and of several races in one construct."""

from __future__ import annotations

import pytest

from loopwright.config import Settings
from loopwright.core.assumption import MapText, SetText
from loopwright.core.codes import Code
from loopwright.core.concurrency import Concurrency
from loopwright.core.race import RaceVerdict
from loopwright.core.source import Source
from loopwright.frontend.openmp.explore import explore
from loopwright.frontend.openmp.program import load_program
from loopwright.legality.races.decide import decide
from loopwright.legality.races.repair import propose_fixes
from loopwright.poly.pairs import Example, Instances, Question, TooHard, are_equal, find_pair

SHIFTED = "void f(int n, int *restrict a) {\n#pragma omp parallel for\nfor (int i = 0; i < n; i++)\na[i] = a[i + 1];\n}"


def explored(text: str) -> Concurrency:
    return explore(load_program(Source("/nowhere/a.c", text.encode()), (), Settings()))


def test_what_was_not_looked_at_in_time_is_not_known() -> None:
    (verdict,) = decide(explored(SHIFTED), is_over=lambda: True)
    assert (verdict.verdict, verdict.code) == (RaceVerdict.UNKNOWN, Code.ANALYSIS_LIMIT)


def test_what_isl_cannot_say_in_time_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    concurrency = explored(SHIFTED)
    monkeypatch.setattr("loopwright.poly.pairs._MOST_OPERATIONS", 1)
    (verdict,) = decide(concurrency)
    assert (verdict.verdict, verdict.code) == (RaceVerdict.UNKNOWN, Code.ANALYSIS_LIMIT)


def test_a_question_that_is_too_hard_has_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    touch = Instances(SetText("{ [i] : 0 <= i < 9 }"), MapText("{ [i] -> [i] }"))
    question = Question(touch, touch, (MapText("{ [x0] -> [y0] : x0 = y0 }"),), SetText("{ : }"))
    assert isinstance(find_pair(question), Example)
    one, same = MapText("{ [i] -> [i] }"), MapText("{ [i] -> [e] : e = i }")
    assert are_equal(one, same, SetText("{ : }"))
    monkeypatch.setattr("loopwright.poly.pairs._MOST_OPERATIONS", 1)
    assert isinstance(find_pair(question), TooHard)
    assert not are_equal(one, same, SetText("{ : }"))


def test_each_of_several_orders_counts() -> None:
    touch = Instances(SetText("{ [i] : 0 <= i < 9 }"), MapText("{ [i] -> [0] }"))
    apart, never = MapText("{ [x0] -> [y0] : x0 != y0 }"), MapText("{ [x0] -> [y0] : 1 = 0 }")
    for orders in ((apart, never), (never, apart)):
        assert isinstance(find_pair(Question(touch, touch, orders, SetText("{ : }"))), Example)


def test_every_race_of_a_construct_is_named_beside_what_is_not_known() -> None:
    text = """\
extern int g(void);
int x, y;
int main(void) {
#pragma omp parallel
{
x = 1;
y = 2;
x = 3;
g();
}
return 0;
}"""
    (verdict,) = decide(explored(text))
    assert verdict.verdict is RaceVerdict.RACE
    assert {race.variable for race in verdict.races} == {"x", "y"}
    assert {race.lines for race in verdict.races if race.variable == "x"} == {(6, 6), (6, 8), (8, 8)}


def test_a_race_between_two_constructs_is_a_race_of_both() -> None:
    text = """\
int a[9], s;
int main(void) {
#pragma omp parallel
{
#pragma omp for nowait
for (int i = 0; i < 9; i++)
a[i] = i;
#pragma omp for nowait
for (int i = 0; i < 9; i++)
a[8 - i] += 1;
}
return 0;
}"""
    found = {verdict.line: verdict.verdict for verdict in decide(explored(text))}
    assert found == {3: RaceVerdict.RACE, 5: RaceVerdict.RACE, 8: RaceVerdict.RACE}


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("#pragma omp parallel for\nfor (int i = 0; i < 9; i++) {\ns += i;\ns *= 2;\n}", ["atomic", "critical"]),
        ("#pragma omp parallel for\nfor (int i = 0; i < 9; i++) {\na[i] = t;\nt = i;\n}", []),
        ("#pragma omp parallel for\nfor (int i = 0; i < 9; i++)\nif (i > 3) { int k = s; s = k + 1; }", []),
        ("#pragma omp parallel\n{\n#pragma omp atomic\ns++;\ns = s / 2;\n}", []),
        ("#pragma omp parallel for\nfor (int i = 0; i < 9; i++) {\nint k = s++;\na[i] = k;\n}", []),
    ],
)
def test_only_changes_that_could_help_are_proposed(body: str, kinds: list[str]) -> None:
    text = f"int a[10], s, t;\nint main(void) {{\n{body}\nreturn s;\n}}"
    concurrency = explored(text)
    racy = next(each for each in decide(concurrency) if each.verdict is RaceVerdict.RACE)
    assert [fix.kind for fix in propose_fixes(racy, concurrency, tuple(text.split("\n")))] == kinds
