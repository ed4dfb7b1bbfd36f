"""How the two kinds of evidence on races are joined, and which flags are files."""

from __future__ import annotations

import pytest

from loopwright.core.assumption import SetText
from loopwright.core.codes import Code
from loopwright.core.concurrency import Concurrency, Construct, Context, ContextKind, Region
from loopwright.core.nest import AccessKind
from loopwright.core.race import (
    ConstructVerdict,
    Detection,
    EvidenceKind,
    Race,
    RaceAccess,
    RaceVerdict,
)
from loopwright.pipeline.audit import join_evidence, split_sources

CONSTRUCTS = (
    Construct(0, "main", 10, 10, "parallel", "parallel", 30),
    Construct(1, "main", 12, 12, "for", "for", 16),
    Construct(2, "main", 20, 20, "for", "for", 24),
)
CONCURRENCY = Concurrency("a.c", CONSTRUCTS, (), (), (), None, True)
SEEN = Race("x", RaceAccess(14, AccessKind.WRITE), RaceAccess(15, AccessKind.READ))


def verdict(number: int, kind: RaceVerdict, races: tuple[Race, ...] = ()) -> ConstructVerdict:
    construct = CONSTRUCTS[number]
    code = None if kind is RaceVerdict.FREE else Code.DATA_RACE
    return ConstructVerdict(
        f"main:{construct.line}", "main", construct.line, construct.directive, kind, EvidenceKind.STATIC, races, code
    )


FREE = tuple(verdict(number, RaceVerdict.FREE) for number in range(3))
UNKNOWN = tuple(verdict(number, RaceVerdict.UNKNOWN) for number in range(3))


def summary(verdicts: tuple[ConstructVerdict, ...]) -> list[tuple[str, str]]:
    return [(each.verdict.value, each.evidence.value) for each in verdicts]


def test_reported_race_decides_against_the_rules() -> None:
    joined = join_evidence(FREE, Detection((SEEN,), (), True), CONCURRENCY)
    assert summary(joined) == [("race", "dynamic"), ("race", "dynamic"), ("race-free", "static")]
    assert joined[1].races == (SEEN,)
    assert joined[1].code is Code.DATA_RACE


def test_clean_runs_decide_nothing() -> None:
    clean = Detection((), (), True)
    assert summary(join_evidence(UNKNOWN, clean, CONCURRENCY)) == [("unknown", "static")] * 3
    assert summary(join_evidence(FREE, clean, CONCURRENCY)) == [("race-free", "both")] * 3
    cut_off = Detection((), (), False)
    assert summary(join_evidence(FREE, cut_off, CONCURRENCY)) == [("race-free", "static")] * 3


def test_clean_runs_do_not_take_a_race_back() -> None:
    racy = (verdict(0, RaceVerdict.RACE, (SEEN,)), *FREE[1:])
    assert summary(join_evidence(racy, Detection((), (), True), CONCURRENCY))[0] == ("race", "static")


def test_race_that_both_see_is_there_once() -> None:
    racy = (verdict(0, RaceVerdict.RACE, (SEEN,)), *FREE[1:])
    joined = join_evidence(racy, Detection((SEEN,), (), True), CONCURRENCY)
    assert summary(joined)[0] == ("race", "both")
    assert joined[0].races == (SEEN,)
    other = Race("y", RaceAccess(13, AccessKind.WRITE), RaceAccess(13, AccessKind.WRITE))
    assert join_evidence(racy, Detection((other,), (), True), CONCURRENCY)[0].races == (SEEN, other)


def test_race_outside_every_construct_is_nobodys_but_not_lost() -> None:
    outside = Race("x", RaceAccess(3, AccessKind.WRITE), RaceAccess(4, AccessKind.READ))
    joined = join_evidence((FREE[0], UNKNOWN[1], FREE[2]), Detection((outside,), (), True), CONCURRENCY)
    assert [each.verdict.value for each in joined] == ["race-free", "race", "race-free"]
    joined = join_evidence(FREE, Detection((outside,), (), True), CONCURRENCY)
    assert joined[0].verdict is RaceVerdict.RACE


def test_regions_without_a_construct_of_the_file_are_passed_over() -> None:
    context = Context(0, ContextKind.TEAM, -1, 1, ("thread",))
    region = Region(-1, "f", (context,), (), (), (), (), SetText("{ : }"), ())
    concurrency = Concurrency("a.c", CONSTRUCTS, (region,), (), (), None, True)
    outside = Race("x", RaceAccess(3, AccessKind.WRITE), RaceAccess(4, AccessKind.READ))
    assert join_evidence(FREE, Detection((outside,), (), True), concurrency)[0].verdict is RaceVerdict.RACE


@pytest.mark.parametrize(
    ("flags", "own", "sources"),
    [
        (("-Iinc", "helper.c", "-DN=2"), ("-Iinc", "-DN=2"), ("helper.c",)),
        (("-include", "config.c", "a.cpp"), ("-include", "config.c"), ("a.cpp",)),
        (("-I", "src.c", "-x", "c"), ("-I", "src.c", "-x", "c"), ()),
        ((), (), ()),
    ],
)
def test_source_files_among_the_flags(flags: tuple[str, ...], own: tuple[str, ...], sources: tuple[str, ...]) -> None:
    assert split_sources(flags) == (own, sources)
