"""A bounded run of the fuzzer, and checks that it sees what it is there for: broken rules, wrong witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fuzz.__main__ import main
from fuzz.examine import FALSE_WITNESS, WRONG_PROVED, Tally, examine
from loopwright.core.dependence import Witness
from loopwright.legality import check, obstacle

BLOCKS = range(8)
PROGRAMS_PER_BLOCK = 12


@pytest.mark.parametrize("block", BLOCKS)
def test_no_answer_is_wrong(block: int) -> None:
    tally = Tally()
    for seed in range(block * PROGRAMS_PER_BLOCK, (block + 1) * PROGRAMS_PER_BLOCK):
        examine(seed, tally)
    assert not tally.findings, tally.findings[0]
    # Something was really compared.
    assert tally.pairs > 80
    assert tally.affine > 10
    assert tally.verdicts["Proved"] > 5
    assert tally.verdicts["Refuted"] > 20
    assert tally.executions > 10
    assert tally.open_witnesses < tally.verdicts["Refuted"] / 4


def findings(kind: str) -> Iterator[int]:
    """Yield the seeds of programs with a finding of a kind."""
    for seed in range(40):
        tally = Tally()
        examine(seed, tally)
        if tally.count(kind):
            yield seed


def test_a_rule_that_forgets_dependences_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "find_carried", lambda *_: None)
    assert next(findings(WRONG_PROVED), None) is not None


def test_an_order_that_is_not_checked_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "check_order", lambda *_, **__: ())
    assert next(findings(WRONG_PROVED), None) is not None


def test_guards_that_are_lost_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = check.answer_region

    def without_guards(*arguments: object, **options: object) -> object:
        answer = plain(*arguments, **options)  # pyright: ignore[reportArgumentType]
        answer.assumptions.clear()
        return answer

    monkeypatch.setattr(check, "answer_region", without_guards)
    assert next(findings(WRONG_PROVED), None) is not None


def test_a_witness_that_is_turned_round_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = obstacle.find_witness

    def turned(*arguments: object) -> Witness | None:
        found = plain(*arguments)  # pyright: ignore[reportArgumentType]
        return replace(found, source=found.sink, sink=found.source) if found is not None else None

    monkeypatch.setattr(obstacle, "find_witness", turned)
    assert next(findings(FALSE_WITNESS), None) is not None


def test_the_command_ends_with_its_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "fuzz.md"
    options = ["--minutes", "0.2", "--pairs", "60", "--jobs", "1", "--gcc", "", "--seed", "3"]
    assert main([*options, "--findings", str(tmp_path / "found"), "--log", str(page)]) == 0
    last = capfd.readouterr().out.splitlines()[-1]
    fields = dict(field.split("=") for field in last.split())
    assert list(fields) == ["pairs", "wrong_proved", "false_witness", "undecided_affine"]
    assert int(fields["pairs"]) >= 60
    assert fields["wrong_proved"] == fields["false_witness"] == "0"
    assert last in page.read_text(encoding="utf-8")
    assert not list(tmp_path.glob("found/*"))
