"""The whole of ``measure`` on a harness that knows its times: no process, no clock."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.measurement import CompilerFacts, Measurement, MeasurementFailed
from loopwright.measure import measure as measure_module
from loopwright.measure.contest import round_seed
from loopwright.measure.measure import ENOUGH_PAIRS, PATIENCE, measure
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler

GCC = Compiler(CompilerFacts("gcc", "/bin/gcc", "gcc 12", 12))
CLANG = Compiler(CompilerFacts("clang", "/bin/clang", "clang 19", 19))
SETTINGS = Settings(threads=4, seed=3)


@dataclass(frozen=True)
class Case:
    sizes: tuple[tuple[str, int], ...] = (("n", 1000),)
    memory_bytes: int = 0


@dataclass(frozen=True)
class TimedRun:
    warmups_s: tuple[float, ...]
    samples_s: tuple[float, ...]
    peak_bytes: int = 0


@dataclass(frozen=True)
class RunFailed:
    code: Code
    reason: str


@dataclass
class Harness:
    """Knows the seconds of a call by (content, compiler), noise added; a run takes ``run_s`` of the clock.

    A tuple holds the seconds of one run after the other; the last are those of all that follow.
    """

    seconds: dict[tuple[bytes, str], float | tuple[float, ...] | RunFailed | BuildFailed]
    noise: float = 0.0
    run_s: float = 0.0
    case: Case | None = Case()
    now: float = 0.0
    runs: list[tuple[str, int, int]] = field(default_factory=list)
    drift: float = 0.0

    def build(self, content: bytes, compiler: Compiler, flags: tuple[str, ...]) -> Build | BuildFailed:
        key = (content, compiler.facts.family)
        taken = self.seconds[key]
        assert ("-fopenmp" in flags) is (content == b"new")
        return taken if isinstance(taken, BuildFailed) else Build(Path(f"{content.decode()}-{key[1]}"), "", 0.0)

    def timing_case(self, budget_s: float) -> Case | None:
        assert budget_s > 0
        return self.case

    def time(self, build: Build, case: Case, *, threads: int, calls: int, seed: int) -> TimedRun | RunFailed:
        content, _, family = build.binary.name.partition("-")
        taken = self.seconds[(content.encode(), family)]
        if isinstance(taken, tuple):
            taken = taken[min(sum(name == build.binary.name for name, _, _ in self.runs), len(taken) - 1)]
        self.runs.append((build.binary.name, threads, seed))
        self.now += self.run_s
        if isinstance(taken, RunFailed):
            return taken
        assert isinstance(taken, float)
        generator = random.Random(f"{build.binary.name}/{seed}")
        slowdown = 1.0 + self.drift * len(self.runs)
        samples = tuple(taken * slowdown * (1.0 + self.noise * generator.random()) for _ in range(calls))
        return TimedRun((taken * 10.0,), samples)

    def clock(self) -> float:
        return self.now


def go(harness: Harness, **options: object) -> Measurement | MeasurementFailed:
    arguments: dict[str, object] = {"compilers": (GCC, CLANG), "clock": harness.clock, "budget_s": 1e6, **options}
    return measure(harness, b"old", b"new", SETTINGS, **arguments)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _openmp_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_module, "has_openmp", lambda compiler: True)


def times(old_gcc: object, old_clang: object, new_gcc: object, new_clang: object) -> dict[tuple[bytes, str], object]:
    return {
        (b"old", "gcc"): old_gcc,
        (b"old", "clang"): old_clang,
        (b"new", "gcc"): new_gcc,
        (b"new", "clang"): new_clang,
    }


def harness_of(*seconds: object, **options: object) -> Harness:
    return Harness(times(*seconds), **options)  # type: ignore[arg-type]


def test_the_baseline_is_the_fastest_serial_build() -> None:
    measurement = go(harness_of(0.030, 0.020, 0.010, 0.015))
    assert isinstance(measurement, Measurement)
    assert measurement.baseline == "clang -O3 -march=native"
    assert measurement.candidate.label == "gcc -O3 -march=native -fopenmp"
    assert (measurement.median, measurement.low, measurement.high) == pytest.approx((2.0, 2.0, 2.0))
    assert measurement.is_faster
    assert [series.label for series in measurement.baselines] == ["clang -O3 -march=native", "gcc -O3 -march=native"]
    assert measurement.threads == 4
    assert measurement.sizes == (("n", 1000),)
    assert measurement.seed == 3


def test_slower_than_the_other_compilers_original_is_not_faster() -> None:
    measurement = go(harness_of(0.040, 0.010, 0.020, 0.020))
    assert isinstance(measurement, Measurement)
    assert not measurement.is_faster
    assert measurement.median == pytest.approx(0.5)


def test_equal_times_are_not_faster() -> None:
    measurement = go(harness_of(0.010, 0.010, 0.010, 0.010))
    assert isinstance(measurement, Measurement)
    assert not measurement.is_faster


def test_noise_around_equal_times_is_rarely_taken_for_a_gain() -> None:
    wrong = 0
    for seed in range(20):
        harness = harness_of(0.010, 0.030, 0.010, 0.030, noise=0.2)
        settings = Settings(threads=2, seed=seed)
        measurement = measure(
            harness, b"old", b"new", settings, compilers=(GCC, CLANG), clock=harness.clock, budget_s=1e6
        )
        assert isinstance(measurement, Measurement)
        wrong += measurement.is_faster
    assert wrong <= 2


def test_a_drifting_machine_does_not_make_a_gain() -> None:
    # Everything gets slower all the time: with a fixed order the side that runs first would win every pair.
    measurement = go(harness_of(0.010, 0.030, 0.010, 0.030, drift=0.02))
    assert isinstance(measurement, Measurement)
    assert measurement.low < 1.0 < measurement.high


def test_sides_alternate_and_share_the_seed_of_their_round() -> None:
    harness = harness_of(0.010, 0.030, 0.010, 0.030)
    go(harness, pairs=10)
    final = harness.runs[-20:]
    order = [name for name, _, _ in final]
    assert order[:4] in (["old-gcc", "new-gcc", "new-gcc", "old-gcc"], ["new-gcc", "old-gcc", "old-gcc", "new-gcc"])
    seeds = [(final[index][2], final[index + 1][2]) for index in range(0, 20, 2)]
    assert all(first == second for first, second in seeds)
    assert len({first for first, _ in seeds}) == 10
    assert {seed for seed, _ in seeds}.isdisjoint(seed for _, _, seed in harness.runs[:-20])


def test_the_original_runs_on_one_thread_and_the_candidate_on_all() -> None:
    harness = harness_of(0.020, 0.021, 0.010, 0.011)
    go(harness)
    assert {threads for name, threads, _ in harness.runs if name.startswith("old")} == {1}
    assert {threads for name, threads, _ in harness.runs if name.startswith("new")} == {4}


def test_a_clear_answer_stops_early_and_an_unclear_one_does_not() -> None:
    clear = go(harness_of(0.030, 0.090, 0.010, 0.090, noise=0.1))
    unclear = go(harness_of(0.010, 0.030, 0.010, 0.030, noise=0.1))
    assert isinstance(clear, Measurement)
    assert isinstance(unclear, Measurement)
    assert len(clear.ratios) == ENOUGH_PAIRS
    assert len(unclear.ratios) > ENOUGH_PAIRS


def test_noise_is_no_reason_to_stop_early() -> None:
    for seed in range(10):
        harness = harness_of(0.010, 0.030, 0.010, 0.030, noise=1.0)
        settings = Settings(threads=2, seed=seed)
        measurement = measure(
            harness, b"old", b"new", settings, compilers=(GCC, CLANG), clock=harness.clock, budget_s=1e6
        )
        assert isinstance(measurement, Measurement)
        assert len(measurement.ratios) > ENOUGH_PAIRS


def test_raw_samples_are_kept_apart_from_warmups_and_from_the_screening() -> None:
    measurement = go(harness_of(0.020, 0.090, 0.010, 0.090))
    assert isinstance(measurement, Measurement)
    assert measurement.candidate.samples_s == (0.010,) * ENOUGH_PAIRS
    assert measurement.candidate.warmups_s == (0.1,) * ENOUGH_PAIRS
    assert len(measurement.baselines[0].samples_s) == ENOUGH_PAIRS
    # Dropped after the screening.
    assert len(measurement.baselines[1].samples_s) == 2


def test_close_baselines_run_on_and_the_faster_at_the_end_counts() -> None:
    harness = harness_of(0.0200, 0.0202, 0.010, 0.090)
    measurement = go(harness)
    assert isinstance(measurement, Measurement)
    assert [len(series.samples_s) for series in measurement.baselines] == [ENOUGH_PAIRS] * 2
    assert measurement.baseline == "gcc -O3 -march=native"


def test_a_serial_build_that_a_load_slowed_in_the_screening_is_still_the_time_to_beat() -> None:
    loaded = (0.0505, 0.0480, 0.0265)
    measurement = go(harness_of(0.0436, loaded, 0.0205, 0.0400))
    assert isinstance(measurement, Measurement)
    assert measurement.baseline == "clang -O3 -march=native"
    assert measurement.median == pytest.approx(0.0265 / 0.0205)
    assert {len(series.samples_s) for series in measurement.baselines} == {ENOUGH_PAIRS}


def test_one_slow_round_drops_no_serial_build_of_a_short_screening() -> None:
    measurement = go(harness_of(0.040, (0.090, 0.020), 0.030, 0.030), pairs=3)
    assert isinstance(measurement, Measurement)
    assert measurement.baseline == "clang -O3 -march=native"
    assert not measurement.is_faster


@pytest.mark.parametrize("pairs", [3, 25])
@pytest.mark.parametrize("seed", range(20))
def test_no_serial_build_of_a_report_is_faster_than_its_baseline(pairs: int, seed: int) -> None:
    generator = random.Random(seed)
    sides = [tuple(generator.uniform(0.02, 0.08) for _ in range(30)) for _ in range(4)]
    measurement = go(harness_of(*sides), pairs=pairs)
    if isinstance(measurement, Measurement):
        assert measurement.baseline == min(measurement.baselines, key=lambda series: series.median_s).label
        assert not measurement.is_faster or measurement.candidate.median_s < measurement.baselines[0].median_s
    else:
        assert measurement.code is Code.TOO_NOISY


def test_a_dropped_build_whose_times_are_the_best_after_all_leaves_the_answer_open() -> None:
    measurement = go(harness_of((0.02, 0.02, 0.2), 0.09, 0.01, 0.01))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.TOO_NOISY
    assert "clang -O3 -march=native was timed too few times" in measurement.reason


def test_pairs_that_contradict_the_medians_of_the_times_are_no_gain() -> None:
    screening = (0.002, 0.002)
    old = (*screening, 0.002, 0.010, 0.002, 0.010, 0.002, 0.010, 0.0019)
    new = (*screening, 0.001, 0.009, 0.001, 0.009, 0.001, 0.009, 0.0090)
    measurement = go(harness_of(old, None, new, None), compilers=(GCC,), pairs=7)
    assert measurement == MeasurementFailed(Code.TOO_NOISY, "the pairs show a gain and the medians of the times do not")


def test_one_compiler_is_enough() -> None:
    harness = harness_of(0.02, None, 0.01, None)
    measurement = go(harness, compilers=(GCC,))
    assert isinstance(measurement, Measurement)
    assert len(measurement.baselines) == 1


def test_a_compiler_that_fails_on_one_side_is_left_out_there() -> None:
    failed = BuildFailed(("clang",), "unknown flag", 0.1)
    measurement = go(harness_of(0.02, failed, 0.01, failed))
    assert isinstance(measurement, Measurement)
    assert len(measurement.baselines) == 1


def test_a_side_that_no_compiler_builds_is_a_failure() -> None:
    failed = BuildFailed(("gcc",), "k.c:3: error: nope", 0.1)
    measurement = go(harness_of(0.02, 0.02, failed, failed))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.BUILD_FAILED
    assert "k.c:3: error: nope" in measurement.reason


def test_no_compiler_is_a_failure() -> None:
    assert go(harness_of(1.0, 1.0, 1.0, 1.0), compilers=()) == MeasurementFailed(
        Code.COMPILER_MISSING, "no compiler to build with"
    )


def test_no_inputs_are_a_failure() -> None:
    measurement = go(harness_of(0.02, 0.02, 0.01, 0.01, case=None))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.NO_HARNESS


@pytest.mark.parametrize(
    ("index", "code"), [(0, Code.ORIGINAL_FAILS), (1, Code.ORIGINAL_FAILS), (2, Code.CRASHED), (3, Code.CRASHED)]
)
def test_a_run_that_fails_is_a_failure_that_says_whose(index: int, code: Code) -> None:
    seconds: list[object] = [0.02, 0.02, 0.01, 0.01]
    seconds[index] = RunFailed(Code.CRASHED, "ended by SIGSEGV")
    measurement = go(harness_of(*seconds))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is code
    assert "ended by SIGSEGV" in measurement.reason
    assert ("original" in measurement.reason) is (index < 2)


@pytest.mark.parametrize("index", [0, 1])
def test_a_baseline_too_slow_for_the_limit_is_not_the_fastest(index: int) -> None:
    seconds: list[object] = [0.02, 0.02, 0.01, 0.01]
    seconds[index] = RunFailed(Code.TIMED_OUT, "killed at its time limit")
    measurement = go(harness_of(*seconds))
    assert isinstance(measurement, Measurement)
    assert [series.label.split()[0] for series in measurement.baselines] == [("clang", "gcc")[index]]


def test_an_original_that_is_too_slow_with_every_compiler_fails() -> None:
    slow = RunFailed(Code.TIMED_OUT, "killed at its time limit")
    measurement = go(harness_of(slow, slow, 0.01, 0.01))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.ORIGINAL_FAILS


@pytest.mark.parametrize("index", [2, 3])
def test_a_candidate_that_hangs_with_one_compiler_fails(index: int) -> None:
    seconds: list[object] = [0.02, 0.02, 0.01, 0.01]
    seconds[index] = RunFailed(Code.TIMED_OUT, "killed at its time limit")
    measurement = go(harness_of(*seconds))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.TIMED_OUT


@pytest.mark.parametrize("nonsense", [0.0, -1.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_impossible(nonsense: float) -> None:
    measurement = go(harness_of(0.02, 0.02, nonsense, 0.01))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.IMPOSSIBLE_TIME


def test_a_candidate_that_does_not_touch_its_data_is_impossible() -> None:
    measurement = go(harness_of(0.02, 0.02, 2e-7, 2e-7, case=Case(memory_bytes=16 << 20)))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.IMPOSSIBLE_TIME


def test_a_footprint_that_the_original_does_not_touch_rejects_nobody() -> None:
    measurement = go(harness_of(2e-5, 2e-5, 1e-5, 1e-5, case=Case(memory_bytes=1 << 30)))
    assert isinstance(measurement, Measurement)
    assert measurement.is_faster
    assert measurement.floor_s == 0.0


def test_a_call_shorter_than_the_clock_can_tell_is_not_judged() -> None:
    measurement = go(harness_of(3e-8, 3e-8, 1e-8, 1e-8))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.TOO_SHORT


def test_an_interval_that_says_nothing_is_too_noisy() -> None:
    measurement = go(harness_of(0.010, 0.090, 0.010, 0.090, noise=30.0))
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.TOO_NOISY


def test_the_budget_ends_the_pairs() -> None:
    # Unclear on purpose; 8 screening runs, then three runs a pair: the budget is spent in the tenth pair.
    harness = harness_of(0.010, 0.0115, 0.010, 0.0115, noise=0.1, run_s=1.0)
    measurement = go(harness, budget_s=36.0)
    assert isinstance(measurement, Measurement)
    assert ENOUGH_PAIRS <= len(measurement.ratios) <= 10


def test_the_pairs_that_any_answer_needs_may_overrun_the_budget() -> None:
    # 7 screening runs (a build of the candidate is dropped after the first round) and 14 of the pairs.
    measurement = go(harness_of(0.020, 0.090, 0.010, 0.090, run_s=1.0), budget_s=20.5 / PATIENCE)
    assert isinstance(measurement, Measurement)
    assert len(measurement.ratios) == ENOUGH_PAIRS


def test_a_budget_spent_too_early_is_a_failure() -> None:
    measurement = go(harness_of(0.020, 0.090, 0.010, 0.090, run_s=1.0), budget_s=18.5 / PATIENCE)
    assert isinstance(measurement, MeasurementFailed)
    assert measurement.code is Code.BUDGET_SPENT


def test_screening_ranks_with_few_runs() -> None:
    harness = harness_of(0.020, 0.090, 0.010, 0.090)
    measurement = go(harness, pairs=3)
    assert isinstance(measurement, Measurement)
    assert measurement.median == pytest.approx(2.0)
    assert len(measurement.ratios) == 3
    assert len(harness.runs) == 4 + 3 + 2


def test_screening_answers_within_any_budget() -> None:
    measurement = go(harness_of(0.020, 0.090, 0.010, 0.090, run_s=1.0), pairs=3, budget_s=0.5)
    assert isinstance(measurement, Measurement)
    assert len(measurement.ratios) == 1


def test_rounds_have_distinct_seeds_that_fit_31_bits() -> None:
    seeds = [round_seed(seed, number) for seed in range(20) for number in range(60)]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 1 << 31 for seed in seeds)
