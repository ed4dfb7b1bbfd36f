"""``measure_field`` with the real harness: every lie is flagged, no honest method is. Nothing depends on speed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from loopwright.config import Limits, Settings
from loopwright.core.campaign import MethodKind, Timing
from loopwright.core.codes import Code
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.harness.entrant import Entrant
from loopwright.harness.harness import Harness
from loopwright.harness.spec import parse_spec
from loopwright.harness.subject import Subject, make_subject
from loopwright.measure.field import measure_field
from loopwright.toolchain.compiler import Build, require_compilers

pytestmark = pytest.mark.needs("gcc")
KERNEL = """\
double scale(int n, double *restrict a, const double *restrict b)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        a[i] = b[i] * b[i] + 1.0 / (b[i] + 4.0);
        sum += a[i] * (b[i] - 1.25);
    }
    return sum;
}
"""
LOOP = "    for (int i = 0; i < n; i++) {\n"
PARALLEL = KERNEL.replace(LOOP, "#pragma omp parallel for reduction(+ : sum)\n" + LOOP)
ZEROS = """\
double scale(int n, double *restrict a, const double *restrict b)
{
    for (int i = 0; i < n; i++)
        a[i] = 0.0 * b[i];
    return 0.0;
}
"""
CACHED = (
    KERNEL.replace("scale", "compute").replace("double compute", "static double compute")
    + """\
double scale(int n, double *restrict a, const double *restrict b)
{
    static double kept[300000], sum;
    static int has_kept;
    if (!has_kept) {
        sum = compute(n, a, b);
        for (int i = 0; i < n; i++)
            kept[i] = a[i];
        has_kept = 1;
    } else {
        for (int i = 0; i < n; i++)
            a[i] = kept[i];
    }
    return sum;
}
"""
)
OVERRUN = KERNEL.replace("    return sum;", "    if (n > 1000) a[n] = sum;\n    return sum;")
CRASH = KERNEL.replace(LOOP, "    if (n > 1000) __builtin_trap();\n" + LOOP)
HANG = KERNEL.replace(LOOP, '    while (n > 1000) __asm__ volatile("");\n' + LOOP)
# A process may take this long; only the one that hangs does.
SETTINGS = Settings(clang="no-such-clang", limits=Limits(run_s=4.0))
SERIAL_FLAGS = ("-O2", "-march=native")


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Harness:
    folder = tmp_path_factory.mktemp("field")
    unit = extract(Source(str(folder / "kernel.c"), KERNEL.encode()), SETTINGS)
    spec = parse_spec(b"[sizes]\nmeasure = { n = 200000 }\ntest = [{ n = 8 }]")
    subject = make_subject(unit, unit.functions[0], spec)
    assert isinstance(subject, Subject)
    return Harness(subject, SETTINGS, folder / "scratch")


def entrant(harness: Harness, method: str, text: str, *flags: str, threads: int = 2, claims: bool = False) -> Entrant:
    build = harness.build(text.encode(), require_compilers(SETTINGS)[0], (*SERIAL_FLAGS, *flags))
    assert isinstance(build, Build), build
    kind = MethodKind.SERIAL if threads == 1 else MethodKind.COMPILER
    return Entrant(method, kind, " ".join(("gcc", *flags)), build, threads, claims_threads=claims)


def go(harness: Harness, *others: Entrant, rounds: int = 3) -> Mapping[str, Timing]:
    case = harness.timing_case()
    assert case is not None
    entrants = (entrant(harness, "serial", KERNEL, threads=1), *others)
    timings = measure_field(harness, case, entrants, rounds=rounds, budget_s=300.0, seed=11)
    return {timing.method: timing for timing in timings}


def test_honest_methods_have_no_objection(harness: Harness) -> None:
    timings = go(
        harness,
        entrant(harness, "fast-math", KERNEL, "-O3", "-ffast-math"),
        entrant(harness, "openmp", PARALLEL, "-fopenmp", claims=True),
    )
    for timing in timings.values():
        assert timing.counts, timing.objections
        assert timing.series is not None
        assert len(timing.series.samples_s) == len(timing.series.warmups_s) == 3
        assert timing.baseline == "serial"
        assert 0.0 < timing.low <= timing.median <= timing.high
        assert dict(timing.sizes)["n"] == 200000
        assert timing.peak_bytes > 200000 * 16
    assert timings["serial"].median == 1.0
    assert timings["openmp"].is_threaded is True
    assert timings["fast-math"].is_threaded is False


@pytest.mark.parametrize(("method", "text"), [("zeros", ZEROS), ("cached", CACHED), ("overrun", OVERRUN)])
def test_wrong_results_are_flagged(harness: Harness, method: str, text: str) -> None:
    timings = go(harness, entrant(harness, method, text))
    (objection,) = timings[method].objections
    assert objection.startswith("wrong results: ")
    assert not timings[method].counts
    assert timings["serial"].counts
    if method == "overrun":
        assert "behind a" in objection


def test_a_cached_result_is_right_for_the_first_call(harness: Harness) -> None:
    # So it is the fresh inputs of the second call that catch it, and not a mistake in the cache.
    first = CACHED.replace("if (!has_kept)", "if (1)")
    assert go(harness, entrant(harness, "first", first))["first"].counts


@pytest.mark.parametrize(("text", "flags"), [(KERNEL, ()), (KERNEL, ("-fopenmp",)), (PARALLEL, ())])
def test_a_serial_build_under_a_parallel_name_is_flagged(harness: Harness, text: str, flags: tuple[str, ...]) -> None:
    timing = go(harness, entrant(harness, "autopar", text, *flags, "-Wno-unknown-pragmas", claims=True))["autopar"]
    assert timing.objections == ("serial under a parallel name: one thread",)
    assert timing.is_threaded is False
    assert not timing.counts


def test_a_crash_and_a_hang_leave_the_others_alone(harness: Harness) -> None:
    timings = go(harness, entrant(harness, "crash", CRASH), entrant(harness, "hang", HANG), rounds=1)
    assert timings["crash"].failure is Code.CRASHED
    assert timings["hang"].failure is Code.TIMED_OUT
    for name in ("crash", "hang"):
        assert timings[name].series is None
        assert timings[name].reason
    assert timings["serial"].counts


def test_a_method_that_does_nothing_is_wrong_and_impossible(harness: Harness) -> None:
    nothing = KERNEL.replace(LOOP, "    if (n > 1000) return 0.0;\n" + LOOP)
    timing = go(harness, entrant(harness, "nothing", nothing))["nothing"]
    assert [objection.split(":")[0] for objection in timing.objections] == ["wrong results", "impossible time"]


def test_further_variables_and_memory_reach_the_process(harness: Harness) -> None:
    # Without its variable it is wrong, without the memory it is wrong, too.
    wants = KERNEL.replace(
        "    double sum = 0.0;\n",
        "    char *more = n > 1000 ? malloc(2ul << 30) : 0;\n"
        '    double sum = n > 1000 && (!getenv("LW_TEST") || !more) ? 1e9 : 0.0;\n    free(more);\n',
    )
    made = entrant(harness, "wants", "#include <stdlib.h>\n" + wants, "-fno-builtin-malloc")
    given = Entrant(
        "given", made.kind, made.label, made.build, 2, environment=(("LW_TEST", "1"),), memory_bytes=4 << 30
    )
    timings = go(harness, made, given, rounds=1)
    assert timings["given"].counts, timings["given"].objections
    assert not timings["wants"].counts
