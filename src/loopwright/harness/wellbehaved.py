"""Finds inputs on which the original runs cleanly: what breaks the original says nothing about a candidate.

The original runs under AddressSanitizer and UndefinedBehaviorSanitizer with guessed extents; where it leaves an array
whose extent was a guess, the guess grows; what still fails is dropped, and noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from loopwright.core.codes import Code
from loopwright.harness.cases import Case, Flavour, complete_sizes, make_case, size_names, sizes_to_try
from loopwright.harness.extents import estimate_work, find_extents, fits
from loopwright.harness.results import Run
from loopwright.toolchain import sanitizer
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler, require_compilers
from loopwright.toolchain.sanitizer import Sanitizer

if TYPE_CHECKING:
    from loopwright.harness.harness import Harness

_MOST_CASES = 12
_MOST_WORK = 1_500_000
_MOST_WORK_OF_LARGER = 20_000_000
_MOST_BYTES = 48 << 20
_MOST_LEVEL = 2
_MOST_RUNS = 30
_MOST_TIMEOUTS = 2
_RUN_S = 4.0
_FLAVOURS = (Flavour.NORMAL, Flavour.WILD, Flavour.POSITIVE)


def find_cases(harness: Harness, tiles: Iterable[int]) -> tuple[Case, ...]:
    """Return the cases of ``sizes_to_try`` on which the original is well-behaved, numbered from 0."""
    chosen = _affordable(harness, sizes_to_try(harness.subject, tiles))
    if len(chosen) == 1:
        chosen = chosen * len(_FLAVOURS)
    cases = [
        make_case(harness.subject, harness.roles, at, sizes, _FLAVOURS[at % 3], harness.settings.seed + 7919 * (at + 1))
        for at, sizes in enumerate(chosen[:_MOST_CASES])
    ]
    if not cases:
        harness.notes.append("no sizes fit the arrays of fixed length")
        return ()
    small = [case for case in cases if case.memory_bytes <= _MOST_BYTES]
    return check_cases(harness, small or [min(cases, key=lambda case: case.memory_bytes)])


def larger_cases(harness: Harness, size: int, first: int) -> tuple[Case, ...]:
    """Return cases with every size at ``size``, numbered from ``first``: for guards that need more work than usual."""
    sizes = complete_sizes(harness.subject, dict.fromkeys(size_names(harness.subject), size), 1)
    if not size_names(harness.subject) or not fits(harness.subject, sizes):
        return ()
    cases = [
        make_case(
            harness.subject, harness.roles, first + at, sizes, flavour, harness.settings.seed + 104729 * (at + size)
        )
        for at, flavour in enumerate((Flavour.NORMAL, Flavour.POSITIVE))
    ]
    if estimate_work(harness.subject, sizes) > _MOST_WORK_OF_LARGER:
        return ()
    return check_cases(harness, [case for case in cases if case.memory_bytes <= 4 * _MOST_BYTES])


def check_cases(harness: Harness, cases: Iterable[Case]) -> tuple[Case, ...]:
    """Return those of ``cases`` that the original passes under AddressSanitizer, with extents that hold."""
    build, environment = reference_build(harness)
    if build is None:
        return ()
    waiting: list[Case] = list(cases)
    good: list[Case] = []
    timeouts = 0
    for _ in range(_MOST_RUNS):
        if not waiting:
            break
        ran = harness.observe_all(build, waiting, environment=environment, limit_s=_RUN_S)
        done = {item.case: item for item in ran.observations}
        good += [case for case in waiting if case.index in done and not done[case.index].damage]
        if isinstance(ran, Run):
            break
        left: list[Case] = [case for case in waiting if case.index not in done]
        failed, rest = left[0], left[1:]
        retry = _more_generous(harness, failed, failed.level + 1)
        if retry is not None:
            # What was too small here will be too small for the rest.
            waiting = [retry, *(_more_generous(harness, case, retry.level) or case for case in rest)]
            continue
        waiting = rest
        timeouts += ran.code is Code.TIMED_OUT
        if timeouts == _MOST_TIMEOUTS:
            break
        report = sanitizer.finding(Sanitizer.ADDRESS, ran.stderr) or ran.reason
        harness.notes.append(f"the original fails with {failed.label}: {report}")
    return tuple(sorted(good, key=lambda case: case.index))


def reference_build(harness: Harness) -> tuple[Build | None, Mapping[str, str]]:
    """Return the original's build with the best checks that there are."""
    compilers = require_compilers(harness.settings)
    checked = next((item for item in compilers if sanitizer.supports(item, Sanitizer.ADDRESS)), None)
    compiler: Compiler = checked or compilers[0]
    flags = sanitizer.flags(Sanitizer.ADDRESS) if checked else ("-O1", "-g")
    build = harness.build(harness.subject.source.content, compiler, flags)
    if isinstance(build, BuildFailed):
        lines = [line for line in build.output.splitlines() if "error" in line or "undefined" in line]
        harness.notes.append(
            f"the harness does not build: {' '.join((lines or build.output.splitlines() or [''])[0].split())}"
        )
        return None, {}
    environment = sanitizer.environment(compiler, Sanitizer.ADDRESS) if checked else {}
    if checked:  # looking up symbols takes longer than the run
        environment["ASAN_OPTIONS"] += ":symbolize=0"
    return build, environment


def _affordable(harness: Harness, chosen: Iterable[dict[str, int]]) -> list[dict[str, int]]:
    costs = [(sizes, estimate_work(harness.subject, sizes)) for sizes in chosen if fits(harness.subject, sizes)]
    good = [sizes for sizes, work in costs if work <= _MOST_WORK]
    if not good and costs:
        good = [min(costs, key=lambda item: item[1])[0]]
    return good


def _more_generous(harness: Harness, case: Case, level: int) -> Case | None:
    sizes = dict(case.sizes)
    has_guess = any(item.is_guess for item in find_extents(harness.subject, harness.roles, sizes, case.level).values())
    if not has_guess or level > _MOST_LEVEL or level <= case.level:
        return None
    return make_case(harness.subject, harness.roles, case.index, sizes, case.flavour, case.seed, level)
