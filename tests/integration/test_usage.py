"""What a timed call says of the processors that it took. No assertion depends on how fast anything is."""

from __future__ import annotations

import pytest

from loopwright.config import Settings
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.harness.harness import Harness
from loopwright.harness.results import TimedRun
from loopwright.harness.spec import parse_spec
from loopwright.harness.subject import Subject, make_subject
from loopwright.toolchain.compiler import Build, require_compilers

pytestmark = pytest.mark.needs("gcc")
SETTINGS = Settings(clang="no-such-clang")
SERIAL = """\
void f(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = a[i] * a[i] + 1.0 / (a[i] + 4.0);
}
"""
OPENMP = SERIAL.replace("    for", "#pragma omp parallel for\n    for")
# Its threads have ended when the call does.
JOINED = """\
#include <pthread.h>
struct part { int n; double *a; };
static void *work(void *given)
{
    struct part *part = given;
    for (int i = 0; i < part->n; i++)
        part->a[i] = part->a[i] * part->a[i] + 1.0 / (part->a[i] + 4.0);
    return 0;
}
void f(int n, double *a)
{
    struct part first = {n / 2, a}, second = {n - n / 2, a + n / 2};
    pthread_t thread;
    pthread_create(&thread, 0, work, &first);
    work(&second);
    pthread_join(thread, 0);
}
"""


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Harness:
    folder = tmp_path_factory.mktemp("usage")
    unit = extract(Source(str(folder / "kernel.c"), SERIAL.encode()), SETTINGS)
    spec = parse_spec(b"[sizes]\nmeasure = { n = 400000 }\ntest = [{ n = 8 }]")
    subject = make_subject(unit, unit.functions[0], spec)
    assert isinstance(subject, Subject)
    return Harness(subject, SETTINGS, folder / "scratch")


def timed(harness: Harness, text: str, *flags: str, calls: int = 2) -> TimedRun:
    case = harness.timing_case()
    assert case is not None
    build = harness.build(text.encode(), require_compilers(SETTINGS)[0], ("-O2", *flags))
    assert isinstance(build, Build), build
    run = harness.time(build, case, threads=2, calls=calls)
    assert isinstance(run, TimedRun), run
    return run


def test_a_serial_call_is_one_thread(harness: Harness) -> None:
    run = timed(harness, SERIAL, calls=3)
    assert len(run.sample.usages) == len(run.samples_s) + len(run.warmups_s) == 4
    for usage in run.sample.usages:
        assert usage.tasks == 1
        assert usage.cpu_s > 0.0
        assert usage.other_s < 0.01 * usage.cpu_s


def test_the_threads_of_openmp_stay(harness: Harness) -> None:
    for usage in timed(harness, OPENMP, "-fopenmp").sample.usages:
        assert usage.tasks == 2
        assert 0.0 < usage.other_s < usage.cpu_s


def test_threads_that_have_ended_leave_their_time(harness: Harness) -> None:
    for usage in timed(harness, JOINED, "-pthread").sample.usages:
        assert usage.tasks == 1
        assert usage.other_s > 0.1 * usage.cpu_s
