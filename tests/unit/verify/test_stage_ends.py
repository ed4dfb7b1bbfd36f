"""How each stage takes what a run or a build comes to; the runs are told beforehand, so that every end is seen."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.verdict import Finding, Outcome
from loopwright.harness.cases import Case, Flavour
from loopwright.harness.results import Observation, Regions, Run, RunFailed, TimedRun, View, ViewForm, ViewKind
from loopwright.harness.tolerance import Tolerance
from loopwright.toolchain.compiler import Build, BuildFailed, require_compilers
from loopwright.verify.addresses import check_addresses
from loopwright.verify.conflicts import check_conflicts
from loopwright.verify.differential import check_differential, check_timed_size, compare_runs
from loopwright.verify.ladder import Climb, Evidence, Reference
from loopwright.verify.races import check_races
from loopwright.verify.uninitialised import check_uninitialised

BUILT = Build(Path("/nowhere/harness"), "", 0.0)
REFUSED = BuildFailed((), "k.c:1:1: error: no", 0.0)
CASE = Case(0, (("n", 4),), Flavour.NORMAL, 1, 0, (), 0)
ORIGINAL, CANDIDATE = b"original", b"candidate"
LATE = RunFailed(Code.TIMED_OUT, "did not end", 0)
CRASH = RunFailed(Code.CRASHED, "was killed", 0)
needs_sanitizers = pytest.mark.needs("gcc", "clang", "archer")


def ran(value: float = 1.0, **facts: Any) -> Run:
    view = View("a", ViewKind.FLOAT, 8, 1, ViewForm.ALL, 1, struct.pack("<d", value))
    return Run((Observation(0, (view,), **facts),), b"", 0, 0.0)


@dataclass
class Told:
    """Stands where a harness does: builds and runs end as they are told to, one answer after the other."""

    original: list[Any] = field(default_factory=list)
    candidate: list[Any] = field(default_factory=list)
    is_program: bool = False
    unbuilt: tuple[bytes, ...] = ()
    notes: tuple[str, ...] = ()
    subject: Any = field(default_factory=lambda: SimpleNamespace(compared=()))

    def cases(self) -> tuple[Case, ...]:
        return (CASE,)

    def build(self, content: bytes, *_: Any, **__: Any) -> Build | BuildFailed:
        return REFUSED if content in self.unbuilt else Build(Path(content.decode()), "", 0.0)

    def observe_all(self, build: Build, *_: Any, **__: Any) -> Any:
        answers = self.original if build.binary.name == "original" else self.candidate
        return answers.pop(0) if len(answers) > 1 else answers[0]

    time = observe_all


def climb(told: Told, *, compilers: bool = True, reference: Run | None = None) -> Climb:
    made = Climb(
        told,  # type: ignore[arg-type]
        ORIGINAL,
        CANDIDATE,
        Settings(),
        require_compilers(Settings()) if compilers else (),
        Evidence(),
        Tolerance(),
        lambda _: None,
    )
    return made if reference is None else replace(made, reference=Reference(reference, reference, ()))


def is_skipped(finding: Finding, *words: str) -> None:
    assert (finding.outcome, finding.code) == (Outcome.SKIPPED, Code.CHECK_UNAVAILABLE)
    assert all(word in finding.detail for word in words), finding.detail


def has_failed(finding: Finding | None, code: Code, *words: str) -> None:
    assert finding is not None
    assert (finding.outcome, finding.code) == (Outcome.FAIL, code)
    assert all(word in finding.detail for word in words), finding.detail


STAGES = (check_races, check_addresses, check_uninitialised, check_conflicts)


@pytest.mark.parametrize("stage", STAGES)
def test_a_check_whose_tool_is_missing_is_skipped_and_says_what_is_missing(stage: Any) -> None:
    is_skipped(stage(climb(Told(candidate=[ran()]), compilers=False)), "missing")


@needs_sanitizers
@pytest.mark.parametrize("stage", STAGES)
def test_what_a_check_cannot_build_is_not_checked(stage: Any) -> None:
    is_skipped(stage(climb(Told(candidate=[ran()], unbuilt=(CANDIDATE,)))), "k.c:1:1: error: no")


@needs_sanitizers
@pytest.mark.parametrize("stage", STAGES)
def test_a_program_may_take_too_long_under_a_check_but_a_function_may_not(stage: Any) -> None:
    is_skipped(stage(climb(Told(candidate=[LATE], is_program=True))), "takes too long")
    has_failed(stage(climb(Told(candidate=[LATE]))), Code.TIMED_OUT, "did not end")


@needs_sanitizers
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("is_program", [False, True])
def test_a_candidate_that_crashes_under_a_check_has_failed(stage: Any, is_program: bool) -> None:
    has_failed(stage(climb(Told(candidate=[CRASH], is_program=is_program))), Code.CRASHED, "was killed")


@needs_sanitizers
def test_a_race_in_either_run_is_one_and_the_tools_own_trouble_is_none() -> None:
    race = replace(
        CRASH, stderr=b"WARNING: ThreadSanitizer: data race\nSUMMARY: ThreadSanitizer: data race k.c:3 in f\n"
    )
    has_failed(check_races(climb(Told(candidate=[ran(), race]))), Code.DATA_RACE, "k.c:3", "3 threads")
    trouble = replace(CRASH, stderr=b"FATAL: ThreadSanitizer: unexpected memory mapping\n")
    is_skipped(check_races(climb(Told(candidate=[trouble]))), "cannot run on this system")


BEHIND = replace(
    CRASH, stderr=b"ERROR: AddressSanitizer: heap-buffer-overflow\nSUMMARY: AddressSanitizer: k.c:3 in f\n"
)


@needs_sanitizers
def test_a_bad_address_that_a_program_had_before_teaches_nothing() -> None:
    both = Told([BEHIND], [BEHIND], is_program=True)
    is_skipped(check_addresses(climb(both)), "the original has the same finding")
    has_failed(check_addresses(climb(replace(both, original=[ran()]))), Code.BAD_ADDRESS, "k.c:3")
    has_failed(check_addresses(climb(replace(both, unbuilt=(ORIGINAL,)))), Code.BAD_ADDRESS)
    has_failed(check_addresses(climb(Told([BEHIND], [BEHIND]))), Code.BAD_ADDRESS, "with n=4")


@needs_sanitizers
def test_undefined_behaviour_is_told_from_a_bad_address() -> None:
    overflow = replace(CRASH, stderr=b"k.c:3:9: runtime error: signed integer overflow: 1 + 1\n")
    has_failed(check_addresses(climb(Told(candidate=[overflow]))), Code.UNDEFINED_BEHAVIOUR, "signed integer overflow")


UNSET = replace(
    CRASH, stderr=b"WARNING: MemorySanitizer: use-of-uninitialized-value\nSUMMARY: MemorySanitizer: k.c:3\n"
)


@needs_sanitizers
def test_uninitialised_memory_counts_unless_the_original_uses_it_too() -> None:
    is_skipped(check_uninitialised(climb(Told([UNSET], [UNSET]))), "the original has such a finding, too", "k.c:3")
    is_skipped(check_uninitialised(climb(Told([ran()], [UNSET], unbuilt=(ORIGINAL,)))), "k.c:3")
    has_failed(check_uninitialised(climb(Told([ran()], [UNSET]))), Code.UNINITIALISED_READ, "k.c:3")
    partly = ran(uninitialised=("a 2 3",))
    has_failed(check_uninitialised(climb(Told([ran()], [partly]))), Code.UNINITIALISED_READ, "a[2] and 2 more")
    same = climb(Told([partly], [partly]))
    assert check_uninitialised(same).outcome is Outcome.PASS
    assert same.notes == ["as in the original, a[2] and 2 more elements derive from uninitialised memory"]


@needs_sanitizers
def test_what_virtual_threads_cannot_run_is_not_a_crash() -> None:
    trouble = replace(CRASH, stderr=b"loopwright harness: error: too many threads\n")
    is_skipped(check_conflicts(climb(Told(candidate=[trouble]))), "virtual threads cannot run it", "too many threads")


# --- differential


def test_an_original_that_does_not_survive_its_own_inputs_is_said() -> None:
    for answers in ([CRASH], [ran(), CRASH]):
        found = check_differential(climb(Told(answers, [ran()])), (CASE,))
        has_failed(found, Code.ORIGINAL_FAILS, "the original was killed")
    has_failed(check_differential(climb(Told([ran()], [ran()], unbuilt=(ORIGINAL,))), (CASE,)), Code.ORIGINAL_FAILS)
    has_failed(check_differential(climb(Told(notes=("why",))), ()), Code.ORIGINAL_FAILS, "cannot be run: why")


def test_a_perturbed_input_that_the_original_does_not_survive_is_left_out() -> None:
    way = climb(Told([ran(), ran(), CRASH], [ran()]))
    found = check_differential(way, (CASE,))
    assert found.outcome is Outcome.PASS
    assert "over 1 input with" in found.detail
    assert way.reference is not None
    assert way.reference.perturbed == ()


def test_a_compiler_that_does_not_take_the_candidate_compares_nothing() -> None:
    found = check_differential(climb(Told([ran()], [ran(2.0)], unbuilt=(CANDIDATE,))), (CASE,))
    assert found.outcome is Outcome.PASS
    assert found.detail.startswith("0 runs")


def test_results_are_compared_only_where_the_original_agrees_with_itself() -> None:
    way = climb(Told(), compilers=False)
    assert compare_runs(way, (CASE,), ran(2.0)) is None
    way.reference = Reference(ran(1.0), ran(1.0), ())
    found = compare_runs(way, (CASE,), ran(2.0))
    assert found is not None
    assert found[0] is Code.RESULTS_DIFFER
    way.reference = Reference(ran(1.0), ran(3.0), ())
    assert compare_runs(way, (CASE,), ran(2.0)) is None
    assert compare_runs(way, (CASE, replace(CASE, index=7)), ran(2.0)) is None


def test_nothing_is_learnt_at_the_timed_size_where_the_original_does_not_run() -> None:
    time = TimedRun((0.1,), (0.1,), 0, ran().observations[0])
    assert check_timed_size(climb(Told([CRASH], [CRASH])), CASE) is None
    assert check_timed_size(climb(Told([time], [CRASH], unbuilt=(ORIGINAL,))), CASE) is None
    has_failed(check_timed_size(climb(Told([time], [CRASH])), CASE), Code.CRASHED, "with n=4")
    damaged = replace(time, sample=replace(time.sample, damage=("wrote behind a",)))
    has_failed(check_timed_size(climb(Told([time], [damaged])), CASE), Code.BAD_ADDRESS, "wrote behind a")
    other = replace(time, sample=ran(2.0).observations[0])
    has_failed(check_timed_size(climb(Told([time], [other])), CASE), Code.RESULTS_DIFFER)
    assert check_timed_size(climb(Told([time], [time])), CASE) is None


def test_damage_that_the_original_does_not_do_is_a_difference() -> None:
    way = climb(Told(), compilers=False, reference=ran())
    for damage, code in (("wrote behind a", Code.BAD_ADDRESS), ("left a process", Code.RESULTS_DIFFER)):
        found = compare_runs(way, (CASE,), ran(damage=(damage,)))
        assert found is not None
        assert found[0] is code
        assert damage in found[1]
    way.reference = Reference(ran(damage=("left a process",)), ran(damage=("left a process",)), ())
    assert compare_runs(way, (CASE,), ran(damage=("left a process",))) is None


@needs_sanitizers
def test_iterations_must_not_conflict_and_must_give_the_results_and_must_have_run() -> None:
    conflict = ran(regions=Regions(1, 0, 1, "iteration 1 writes a[0]"))
    has_failed(check_conflicts(climb(Told(candidate=[conflict]))), Code.CONFLICT_RECORDED, "a[0], with n=4")
    other = climb(Told(candidate=[ran(2.0, regions=Regions(1, 0, 1, ""))]), reference=ran())
    has_failed(check_conflicts(other), Code.RESULTS_DIFFER, "one thread per iteration")
    alone = climb(Told(candidate=[ran(regions=Regions(0, 1, 0, ""))]))
    is_skipped(check_conflicts(alone), "no OpenMP directive")
    is_skipped(check_conflicts(replace(alone, content=b"#pragma omp parallel for\n")), "reach 0 of 1")
    assert check_conflicts(climb(Told(candidate=[ran(regions=Regions(1, 0, 1, ""))]))).outcome is Outcome.PASS
