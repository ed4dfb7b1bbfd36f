"""Finds sizes that are worth timing: large enough for the clock and the caches, small enough to repeat."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from loopwright.harness.cases import Case, Flavour, complete_sizes, make_case, size_names
from loopwright.harness.extents import find_extents, fits
from loopwright.harness.results import RunFailed
from loopwright.harness.spec import Sizes
from loopwright.toolchain.compiler import Build, require_compilers

if TYPE_CHECKING:
    from loopwright.harness.harness import Harness

_SHORTEST_S = 0.020
_LONGEST_S = 0.100
_START = 32
_REPETITIONS = 8
_MOST_BYTES = 1 << 30
_MOST_STEPS = 24


def find_timing_case(harness: Harness, budget_s: float) -> Case | None:
    """Return the case at which one call of the original takes 20-100 ms, as near as the sizes allow.

    Sizes that the user names for ``measure`` are taken as they are. Sizes that no array depends on (a number of
    sweeps) stay small, so that the arrays grow instead.
    """
    compiler = require_compilers(harness.settings)[0]
    build = harness.build(harness.subject.source.content, compiler, ("-O3", "-march=native"))
    if not isinstance(build, Build):
        return None
    if harness.subject.spec.measure:
        case = _make(harness, dict(harness.subject.spec.measure))
        return case if isinstance(_time(harness, build, case), float) else None
    names = size_names(harness.subject)
    if not names:
        case = _make(harness, {})
        return case if isinstance(_time(harness, build, case), float) else None
    growing = _growing(harness, names)
    fixed = {name: _REPETITIONS for name in names if name not in growing}
    return _search(harness, build, growing, fixed, time.monotonic() + budget_s)


def _search(
    harness: Harness, build: Build, growing: tuple[str, ...], fixed: dict[str, int], deadline: float
) -> Case | None:
    best: tuple[Case, float] | None = None
    low, high, size = 0, 0, _START
    for _ in range(_MOST_STEPS):
        case = _make(harness, {**fixed, **dict.fromkeys(growing, size)})
        took_s = _time(harness, build, case) if _is_possible(harness, case) else None
        if took_s is not None:
            if best is None or took_s <= _LONGEST_S or took_s < best[1]:
                best = (case, took_s)
            if _SHORTEST_S <= took_s <= _LONGEST_S:
                return case
        if took_s is not None and took_s < _SHORTEST_S:
            low = size
        else:
            high = size
        if time.monotonic() > deadline:
            break
        # Powers of two first: some algorithms work on nothing else. Then halves of what lies between.
        following = (low + high) // 2 if high else 4 * size if (took_s or 0.0) < _SHORTEST_S / 100 else 2 * size
        if high and low and high - low <= max(low // 8, 1):
            break
        if following in (size, 0):
            break
        size = following
    return best[0] if best else None


def _growing(harness: Harness, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sizes on which an array extent depends; all of them if none does."""

    def memory(sizes: dict[str, int]) -> tuple[tuple[int, int], ...]:
        complete = complete_sizes(harness.subject, sizes, 0)
        found = find_extents(harness.subject, harness.roles, complete)
        return tuple((extent.count, extent.columns) for extent in found.values() if not extent.is_guess)

    middle = dict.fromkeys(names, _START)
    # A little more of one size alone: guesses follow the largest size, exact extents follow their own.
    found = tuple(name for name in names if memory({**middle, name: _START + 8}) != memory(middle))
    return found or names


def _make(harness: Harness, chosen: dict[str, int]) -> Case:
    sizes = complete_sizes(harness.subject, chosen, 1)
    level = max((case.level for case in harness.cases()), default=0)
    case = make_case(
        harness.subject, harness.roles, 0, sizes, Flavour.POSITIVE, harness.settings.seed + 15485863, level
    )
    return replace(case, index=0)


def _is_possible(harness: Harness, case: Case) -> bool:
    limit = min(_MOST_BYTES, harness.settings.limits.memory_bytes // 4)
    return case.memory_bytes <= limit and fits(harness.subject, dict(case.sizes))


def _time(harness: Harness, build: Build, case: Case) -> float | None:
    ran = harness.time(build, case, calls=1)
    return None if isinstance(ran, RunFailed) else ran.samples_s[0]


def case_for(harness: Harness, sizes: Sizes) -> Case:
    """Return the case with these sizes, and the others as for the search; the original is not tried on it."""
    return _make(harness, dict(sizes))
