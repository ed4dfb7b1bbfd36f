"""The deliberate faults stay applicable: no old text has gone, no test has been renamed, and the runner tells apart."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from mutation.catalogue import MUTANTS
from mutation.mutant import Mutant, is_stale, missing_tests, mutated
from mutation.runner import Outcome, Result, append, key_of, read_store, run_all, run_mutant
from mutation.summary import counts, page

ROOT = Path(__file__).parents[3]
BROKEN_PACKAGES = (
    "frontend/openmp",
    "poly",
    "legality",
    "legality/races",
    "legality/rules",
    "codegen",
    "verify",
    "harness",
    "measure",
    "pipeline",
)
CHEAPEST = (
    "drop-anti-dependences",
    "tile-bound-off-by-one",
    "accepted-without-findings",
    "pairs-in-one-lock-meet",
    "results-not-compared",
)
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


def test_names_are_unique_and_say_what_goes_wrong() -> None:
    assert len(BY_NAME) == len(MUTANTS)
    assert all(mutant.why and mutant.tests for mutant in MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_no_mutant_is_stale(mutant: Mutant) -> None:
    assert not is_stale(mutant, ROOT), f"{mutant.file} no longer holds this text exactly once:\n{mutant.old}"
    assert mutant.old != mutant.new
    assert missing_tests(mutant, ROOT) == []
    if mutant.file.endswith(".py"):
        ast.parse(mutated(mutant, ROOT))


def test_every_package_that_decides_is_broken_somewhere() -> None:
    assert {str(Path(mutant.file).parent) for mutant in MUTANTS} >= set(BROKEN_PACKAGES)


@pytest.mark.parametrize("name", CHEAPEST)
def test_these_are_killed(name: str) -> None:
    result = run_mutant(BY_NAME[name], ROOT)
    assert result.outcome is Outcome.KILLED, result


def test_a_change_that_nobody_notices_survives_and_is_not_remembered_as_killed(tmp_path: Path) -> None:
    same = BY_NAME["accepted-without-findings"]
    harmless = replace(same, name="harmless", new=f"{same.old}  # as before")
    store = tmp_path / "results.jsonl"
    told: list[Result] = []
    for _ in range(2):
        (result,) = run_all((harmless,), ROOT, store, jobs=1, told=told.append)
        assert result.outcome is Outcome.SURVIVED
    assert len(told) == 2


def test_what_cannot_be_applied_or_collected_is_no_kill(tmp_path: Path) -> None:
    mutant = BY_NAME["accepted-without-findings"]
    assert run_mutant(replace(mutant, old="no such text"), ROOT).outcome is Outcome.STALE
    assert run_mutant(replace(mutant, new="raise ImportError\n"), ROOT).outcome is Outcome.BROKEN
    store = tmp_path / "results.jsonl"
    store.write_text('{"key": "cut o')
    (result,) = run_all((replace(mutant, old="no such text"),), ROOT, store, jobs=1)
    assert result.outcome is Outcome.STALE


def test_what_killed_it_before_is_tried_first(tmp_path: Path) -> None:
    mutant = BY_NAME["accepted-without-findings"]
    before = run_mutant(mutant, ROOT)
    assert before.outcome is Outcome.KILLED
    other = replace(mutant, tests=("tests/unit/core/test_codec.py", before.killer.partition("::")[0]))
    store = tmp_path / "results.jsonl"
    append(store, "of another state of the source", before)
    (result,) = run_all((other,), ROOT, store, jobs=1)
    assert result.killer == before.killer
    # A test that is green again is no kill: the others follow.
    assert run_mutant(other, ROOT, first="tests/unit/core/test_codec.py").outcome is Outcome.KILLED


def test_what_was_killed_is_not_run_again(tmp_path: Path) -> None:
    mutant = BY_NAME["accepted-without-findings"]
    store = tmp_path / "results.jsonl"
    key = key_of(mutant, ROOT)
    append(store, key, Result(mutant.name, Outcome.KILLED, "tests/unit/core/test_values.py::test_x", 1.0))
    assert read_store(store)[key].outcome is Outcome.KILLED
    told: list[Result] = []
    (result,) = run_all((mutant,), ROOT, store, jobs=1, told=told.append)
    assert result.outcome is Outcome.KILLED
    assert told == []
    assert key_of(replace(mutant, why="other"), ROOT) != key


def test_the_summary_counts_what_was_not_killed_as_survived() -> None:
    first, second, third, *_ = MUTANTS
    results = (
        Result(first.name, Outcome.KILLED, "tests/unit/a/test_b.py::test_c[d]"),
        Result(second.name, Outcome.TIMED_OUT),
        Result(third.name, Outcome.STALE),
    )
    assert counts(results) == "mutants=3 killed=1 survived=2"
    text = page((first, second, third), results, 4)
    assert "This run was of 3 of the 4 faults" in text
    assert "`unit/a/test_b.py` test_c |" in text
    assert "**timed out**" in text
