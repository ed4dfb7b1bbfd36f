"""``measure_field`` on a harness that knows times and results: no process, no clock."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import harness_subjects as subjects
from loopwright.core.campaign import MethodKind, Timing
from loopwright.core.codes import Code
from loopwright.harness.cases import Case, Flavour
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import Observation, RunFailed, TimedRun, Usage, View, ViewForm, ViewKind
from loopwright.harness.spec import KernelSpec
from loopwright.harness.subject import Subject
from loopwright.measure.contest import round_seed
from loopwright.measure.field import ENOUGH_ROUNDS, ROUNDS, measure_field
from loopwright.toolchain.compiler import Build

CASE = Case(0, (("n", 100),), Flavour.POSITIVE, 1, 0, (), 1600)
SERIAL_USAGE = Usage(0.02, 0.0, 1)
SHARED_USAGE = Usage(0.02, 0.01, 2)


def views(*values: float, name: str = "b") -> tuple[View, ...]:
    return (View(name, ViewKind.FLOAT, 8, len(values), ViewForm.ALL, 1, struct.pack(f"<{len(values)}d", *values)),)


@dataclass
class Method:
    """What a fake entrant does: seconds by round, or a failure in some round; results by seed and perturbation."""

    seconds: float | Callable[[int], float] = 0.010
    fails: Mapping[int, Code] = field(default_factory=dict)
    results: Callable[[int, float], tuple[View, ...]] = lambda seed, perturbation: views(float(seed), 1.0)
    usage: Usage | None = None  # one thread, busy all the time
    damage: tuple[str, ...] = ()
    peak_bytes: int = 0
    kind: MethodKind = MethodKind.COMPILER
    threads: int = 2
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Harness:
    methods: Mapping[str, Method]
    subject: Subject
    run_s: float = 1.0
    now: float = 0.0
    runs: list[tuple[str, int, float]] = field(default_factory=list)
    arguments: list[dict[str, Any]] = field(default_factory=list)

    def time(
        self, build: Build, case: Case, *, threads: int, calls: int, seed: int, perturbation: float = 0.0, **others: Any
    ) -> TimedRun | RunFailed:
        name = build.binary.name
        method = self.methods[name]
        number = len({old for _, old, _ in self.runs} | {seed}) - 1
        self.runs.append((name, seed, perturbation))
        self.arguments.append({"name": name, "threads": threads, "calls": calls, **others})
        self.now += self.run_s
        if number in method.fails:
            return RunFailed(method.fails[number], f"failed in round {number}")
        seconds = method.seconds(number) if callable(method.seconds) else method.seconds
        sample = Observation(
            0,
            method.results(seed, perturbation),
            (9.0, seconds),
            method.damage,
            usages=(SHARED_USAGE, method.usage or Usage(seconds, 0.0, 1)),
        )
        return TimedRun((9.0,), (seconds,), method.peak_bytes + number, sample)

    def clock(self) -> float:
        return self.now

    def played(self, name: str) -> int:
        return sum(each == name and perturbation == 0.0 for each, _, perturbation in self.runs)


SERIAL = {"kind": MethodKind.SERIAL, "threads": 1}


def harness_of(spec: KernelSpec | None = None, **methods: Method) -> Harness:
    subject = subjects.subject_for(subjects.copy_function(), Path("kernel.c"), "", spec)
    return Harness(methods, subject)


def go(harness: Harness, **options: Any) -> dict[str, Timing]:
    entrants = [
        Entrant(name, method.kind, f"label of {name}", Build(Path(name), "", 0.0), method.threads, **method.facts)
        for name, method in harness.methods.items()
    ]
    arguments: dict[str, Any] = {"rounds": ROUNDS, "budget_s": 1e9, "seed": 3, "clock": harness.clock, **options}
    timings = measure_field(harness, CASE, entrants, **arguments)  # type: ignore[arg-type]
    assert [timing.method for timing in timings] == list(harness.methods)
    return {timing.method: timing for timing in timings}


def test_speed_ups_are_over_the_best_serial_build() -> None:
    harness = harness_of(gcc=Method(0.030, **SERIAL), clang=Method(0.020, **SERIAL), polly=Method(0.010))
    timings = go(harness)
    assert {name: timing.median for name, timing in timings.items()} == pytest.approx(
        {"gcc": 2 / 3, "clang": 1.0, "polly": 2.0}
    )
    for timing in timings.values():
        assert (timing.baseline, timing.kernel, timing.sizes, timing.threads) == ("clang", "f", (("n", 100),), 2)
        assert timing.counts
        assert timing.low == pytest.approx(timing.median) == pytest.approx(timing.high)
        assert timing.series is not None
        assert len(timing.series.samples_s) == ROUNDS
        assert timing.series.warmups_s == (9.0,) * ROUNDS
        assert timing.series.label == timing.label == f"label of {timing.method}"


def test_ratios_are_taken_within_a_round() -> None:
    # The machine slows down tenfold: times of different rounds say nothing of one another.
    drift = Method(lambda number: 0.010 * (1 + 3 * number), **SERIAL)
    harness = harness_of(gcc=drift, tvm=Method(lambda number: 0.005 * (1 + 3 * number)))
    timing = go(harness)["tvm"]
    assert (timing.median, timing.low, timing.high) == pytest.approx((2.0, 2.0, 2.0))


def test_the_order_alternates_and_a_round_shares_its_inputs() -> None:
    harness = harness_of(gcc=Method(**SERIAL), a=Method(), b=Method())
    go(harness)
    names = [name for name, _, _ in harness.runs]
    assert names[:6] == ["gcc", "a", "b", "b", "a", "gcc"]
    seeds = [seed for _, seed, _ in harness.runs]
    assert [seeds[at] for at in range(0, 15, 3)] == [round_seed(3, number) for number in range(5)]
    assert all(len(set(seeds[at : at + 3])) == 1 for at in range(0, 15, 3))


def test_an_entrant_runs_as_it_wants_to() -> None:
    facts = {"environment": (("A", "1"),), "memory_bytes": 77}
    harness = harness_of(gcc=Method(**SERIAL), torch=Method(facts=facts))
    go(harness)
    of_torch = [each for each in harness.arguments if each["name"] == "torch"]
    expected = {
        "name": "torch",
        "threads": 2,
        "calls": 1,
        "environment": {"A": "1"},
        "memory_bytes": 77,
        "sandbox": None,
    }
    assert of_torch == [expected] * ROUNDS
    assert {each["threads"] for each in harness.arguments if each["name"] == "gcc"} == {1}


def test_what_is_known_of_an_entrant_arrives() -> None:
    facts = {"compile_s": 12.0, "objections": ("a stale tuning log",), "is_threaded": False}
    timing = go(harness_of(gcc=Method(**SERIAL), tvm=Method(peak_bytes=500, usage=SHARED_USAGE, facts=facts)))["tvm"]
    assert (timing.compile_s, timing.peak_bytes, timing.objections) == (12.0, 504, ("a stale tuning log",))
    assert timing.is_threaded is True  # seen at run time
    assert not timing.counts


@pytest.mark.parametrize("code", [Code.CRASHED, Code.TIMED_OUT, Code.OUT_OF_MEMORY])
@pytest.mark.parametrize("number", [0, 2])
def test_a_failure_ends_nobody_else(code: Code, number: int) -> None:
    harness = harness_of(gcc=Method(**SERIAL), bad=Method(fails={number: code}), good=Method(0.005))
    timings = go(harness)
    bad = timings["bad"]
    assert (bad.failure, bad.series, bad.median, bad.baseline) == (code, None, 0.0, "")
    assert bad.reason == f"failed in round {number}"
    assert harness.played("bad") == number + 1
    assert timings["good"].median == pytest.approx(2.0)
    assert harness.played("good") == ROUNDS


def test_a_time_that_no_clock_gives_is_a_failure() -> None:
    timing = go(harness_of(gcc=Method(**SERIAL), bad=Method(0.0)))["bad"]
    assert timing.failure is Code.IMPOSSIBLE_TIME


def test_wrong_results_in_one_round_are_an_objection() -> None:
    third = round_seed(3, 2)
    wrong = Method(0.001, results=lambda seed, _: views(0.0 if seed == third else float(seed), 1.0))
    timings = go(harness_of(gcc=Method(**SERIAL), wrong=wrong, right=Method()))
    (objection,) = timings["wrong"].objections
    assert objection == f"wrong results: b[0] is 0 instead of {third}"
    assert not timings["wrong"].counts
    assert timings["wrong"].series is not None
    assert timings["right"].counts
    assert timings["gcc"].counts


def test_an_entrant_that_is_wrong_all_the_time_has_one_objection() -> None:
    timing = go(harness_of(gcc=Method(**SERIAL), wrong=Method(results=lambda seed, _: views(0.0, 0.0))))["wrong"]
    assert len(timing.objections) == 1


def test_writing_where_it_may_not_is_wrong_too() -> None:
    timing = go(harness_of(gcc=Method(**SERIAL), wild=Method(damage=("wrote behind b",))))["wild"]
    assert timing.objections == ("wrong results: wrote behind b",)


def test_rounding_is_forgiven_and_the_spread_is_taken_once_for_a_round() -> None:
    # A sum that cancels: the original's own result moves by 1e-9 with the last place of its inputs.
    exact = Method(results=lambda seed, size: views(1e-6 * (1 + 1e-6 * size)), **SERIAL)
    other = Method(results=lambda seed, _: views(1e-6 * (1 + 1e-5)))
    harness = harness_of(gcc=exact, a=other, b=other)
    timings = go(harness)
    assert timings["a"].counts
    assert timings["b"].counts
    again = [perturbation for name, _, perturbation in harness.runs if name == "gcc"]
    assert again.count(1.0) == again.count(3.0) == ROUNDS
    assert again.count(0.0) == 2 * ROUNDS


def test_equal_results_cost_no_further_run() -> None:
    harness = harness_of(gcc=Method(**SERIAL), a=Method())
    go(harness)
    assert len(harness.runs) == 2 * ROUNDS


def test_a_user_may_allow_more_and_name_the_outputs() -> None:
    off = Method(results=lambda seed, _: (*views(float(seed) * 1.001), *views(5.0, name="scratch")))
    exact = Method(results=lambda seed, _: (*views(float(seed)), *views(6.0, name="scratch")), **SERIAL)
    assert not go(harness_of(KernelSpec(outputs=("b",)), gcc=exact, off=off))["off"].counts
    assert not go(harness_of(KernelSpec(relative=1e-2), gcc=exact, off=off))["off"].counts
    harness = harness_of(KernelSpec(outputs=("b",), relative=1e-2), gcc=exact, off=off)
    assert go(harness)["off"].counts
    assert len(harness.runs) == 2 * ROUNDS


def test_an_original_that_differs_from_itself_accuses_nobody() -> None:
    counter = iter(range(1000))
    harness = harness_of(gcc=Method(results=lambda seed, _: views(float(next(counter))), **SERIAL), a=Method())
    assert go(harness)["a"].counts


def test_the_reference_is_the_first_serial_build_that_nothing_speaks_against() -> None:
    wrong = Method(results=lambda seed, _: views(0.0, 0.0), **SERIAL)
    right = Method(**SERIAL)
    accused = Method(results=wrong.results, facts={"objections": ("built without optimisation",)}, **SERIAL)
    timings = go(harness_of(accused=accused, right=right, a=Method()))
    assert timings["a"].counts
    assert timings["a"].baseline == "right"
    timings = go(harness_of(right=right, wrong=wrong, a=Method()))
    assert timings["a"].counts
    assert not timings["wrong"].counts


def test_when_the_reference_fails_the_next_serial_build_takes_over() -> None:
    wrong = Method(results=lambda seed, _: views(float(seed) if seed != round_seed(3, 4) else 0.0, 1.0))
    timings = go(harness_of(gcc=Method(fails={1: Code.CRASHED}, **SERIAL), clang=Method(0.020, **SERIAL), wrong=wrong))
    assert timings["wrong"].objections
    assert timings["wrong"].baseline == "clang"
    assert timings["gcc"].failure is Code.CRASHED


def test_without_a_serial_build_there_is_no_speed_up_and_nothing_counts() -> None:
    for methods in ({"a": Method()}, {"gcc": Method(fails={0: Code.CRASHED}, **SERIAL), "a": Method()}):
        timing = go(harness_of(**methods))["a"]
        assert timing.series is not None
        assert (timing.median, timing.baseline) == (0.0, "")
        assert timing.objections == ("not compared: no serial build gave results to compare with",)


def test_a_call_that_leaves_nothing_behind_cannot_be_compared() -> None:
    nothing = Method(results=lambda seed, _: (), **SERIAL)
    assert not go(harness_of(gcc=nothing, a=Method(results=nothing.results)))["a"].counts


def test_a_serial_build_that_is_wrong_is_no_baseline() -> None:
    fast = Method(0.001, results=lambda seed, _: views(0.0, 0.0), **SERIAL)
    timings = go(harness_of(gcc=Method(0.010, **SERIAL), fast=fast, a=Method(0.005)))
    assert timings["a"].baseline == "gcc"


def test_a_hopeless_entrant_rests_and_a_slow_one_plays_on() -> None:
    harness = harness_of(gcc=Method(0.010, **SERIAL), hopeless=Method(0.21), slow=Method(0.19), fast=Method(0.0004))
    timings = go(harness)
    assert harness.played("hopeless") == ENOUGH_ROUNDS
    # However fast the others are: without the baseline there is no ratio.
    assert harness.played("gcc") == harness.played("slow") == harness.played("fast") == ROUNDS
    assert timings["hopeless"].median == pytest.approx(0.010 / 0.21)
    assert timings["hopeless"].counts


def test_a_serial_build_that_rests_does_not_take_the_others_rounds() -> None:
    harness = harness_of(gcc=Method(0.010, **SERIAL), clang=Method(0.30, **SERIAL), a=Method(0.005))
    timings = go(harness)
    assert harness.played("clang") == ENOUGH_ROUNDS
    assert timings["a"].baseline == "gcc"
    assert timings["a"].series is not None
    assert len(timings["a"].series.samples_s) == ROUNDS


def test_the_best_serial_build_is_chosen_over_the_rounds_that_all_have_played() -> None:
    # clang rests after three rounds, in which it was the slower one; what gcc does later must not count against it.
    gcc = Method(lambda number: 0.010 if number < ENOUGH_ROUNDS else 9.0, **SERIAL)
    clang = Method(lambda number: 0.21 if number == 0 else 0.020, **SERIAL)
    assert go(harness_of(gcc=gcc, clang=clang), rounds=9)["gcc"].baseline == "gcc"


@pytest.mark.parametrize(("budget_s", "expected"), [(1.0, 3), (8.5, 5), (1e9, 7)])
def test_the_budget_is_looked_at_between_rounds(budget_s: float, expected: int) -> None:
    # A round takes two seconds.
    harness = harness_of(gcc=Method(**SERIAL), a=Method())
    go(harness, rounds=7, budget_s=budget_s)
    assert harness.played("gcc") == harness.played("a") == expected


def test_fewer_rounds_may_be_asked_for() -> None:
    harness = harness_of(gcc=Method(**SERIAL), a=Method())
    assert go(harness, rounds=1)["a"].counts
    assert harness.played("a") == 1


def test_a_field_of_failures_ends() -> None:
    harness = harness_of(gcc=Method(fails={0: Code.CRASHED}, **SERIAL), a=Method(fails={1: Code.TIMED_OUT}))
    timings = go(harness, rounds=1000)
    assert {timing.failure for timing in timings.values()} == {Code.CRASHED, Code.TIMED_OUT}
    assert len(harness.runs) == 3


CLAIMS = {"claims_threads": True}


@pytest.mark.parametrize(
    ("usage", "threads", "is_threaded", "objection"),
    [
        (Usage(0.02, 0.01, 2), 2, True, ""),
        (Usage(0.02, 0.01, 1), 2, True, ""),  # its threads have ended
        (Usage(0.02, 0.0, 1), 2, False, "serial under a parallel name: one thread"),
        (Usage(0.02, 0.0001, 8), 2, False, "serial under a parallel name: one of 8 threads did all the work"),
        (Usage(0.0001, 0.0, 2), 2, True, ""),  # too short to say more than that there are threads
        (Usage(0.0001, 0.0, 1), 2, False, "serial under a parallel name: one thread"),
        (Usage(0.01, 0.0, 1), 1, None, ""),
    ],
)
def test_a_parallel_name_needs_threads(usage: Usage, threads: int, is_threaded: bool | None, objection: str) -> None:
    harness = harness_of(gcc=Method(**SERIAL), autopar=Method(usage=usage, threads=threads, facts=CLAIMS))
    timing = go(harness)["autopar"]
    assert timing.is_threaded is is_threaded
    assert timing.objections == ((objection,) if objection else ())


def test_what_the_binary_has_shown_is_not_said_twice() -> None:
    facts = {**CLAIMS, "objections": ("serial under a parallel name: no OpenMP call in the binary",)}
    timing = go(harness_of(gcc=Method(**SERIAL), autopar=Method(facts=facts)))["autopar"]
    assert timing.objections == facts["objections"]


def test_a_serial_name_may_be_serial() -> None:
    timing = go(harness_of(gcc=Method(**SERIAL), polly=Method()))["polly"]
    assert timing.counts
    assert timing.is_threaded is False


def test_a_time_too_short_for_the_data_is_an_objection() -> None:
    # 1600 bytes at 1.2 TB/s and two threads: 0.67 ns.
    timings = go(harness_of(gcc=Method(0.010, **SERIAL), fast=Method(0.5e-9), honest=Method(1e-9)))
    (objection,) = timings["fast"].objections
    assert objection.startswith("impossible time: 5e-10 s")
    assert timings["honest"].counts


def test_a_baseline_too_short_to_time_gives_no_speed_up() -> None:
    timings = go(harness_of(gcc=Method(0.5e-6, **SERIAL), a=Method(0.4e-6)))
    assert timings["a"].objections == ("no speed-up: a call of the best serial build is too short to time",)
    assert timings["a"].median == 0.0


def test_two_entrants_of_one_name_are_a_mistake() -> None:
    harness = harness_of(gcc=Method(**SERIAL))
    entrant = Entrant("gcc", MethodKind.SERIAL, "", Build(Path("gcc"), "", 0.0), 1)
    with pytest.raises(ValueError, match="one name"):
        measure_field(harness, CASE, [entrant, entrant], budget_s=1.0, seed=0)  # type: ignore[arg-type]


def test_progress_says_who_runs() -> None:
    said: list[str] = []
    go(harness_of(gcc=Method(**SERIAL), a=Method()), rounds=2, progress=said.append)
    assert said[:2] == ["timing gcc, round 1 of 2", "timing a, round 1 of 2"]
    assert said[-1] == "timing gcc, round 2 of 2"


def test_the_same_seed_gives_the_same_intervals() -> None:
    def noisy(number: int) -> float:
        return 0.010 * (1 + 0.1 * (number * 7 % 5))

    methods = {"gcc": Method(**SERIAL), "a": Method(noisy)}
    first, second = go(harness_of(**methods))["a"], go(harness_of(**methods))["a"]
    assert (first.low, first.high) == (second.low, second.high)
    assert first.low < first.median < first.high


@pytest.mark.parametrize(("threads", "cpu_s", "is_fair"), [(1, 0.019, False), (1, 0.011, True), (2, 0.020, True)])
def test_more_threads_than_the_field_has_are_objected_to(threads: int, cpu_s: float, is_fair: bool) -> None:
    """A hand-written ``num_threads(2)`` has no place in the table of one thread."""
    method = Method(0.010, usage=Usage(cpu_s, cpu_s / 2, 2), threads=threads)
    timing = go(harness_of(gcc=Method(0.020, **SERIAL), expert=method))["expert"]
    assert timing.counts == is_fair
    assert (timing.objections == ()) == is_fair
    assert is_fair or timing.objections[0].startswith("more threads than the field has")
