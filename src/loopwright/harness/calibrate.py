"""Finds sizes that are worth timing: large enough for the clock and the caches, small enough to repeat."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
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
# A search that found no longer call than this goes on after its budget, up to _PATIENCE times.
_FAIR_S = 0.001
_PATIENCE = 4.0
_CONFIRMING_CALLS = 3
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
        return case if _run(harness, build, case, 1) else None
    names = size_names(harness.subject)
    if not names:
        case = _make(harness, {})
        return case if _run(harness, build, case, 1) else None
    growing = _growing(harness, names)
    fixed = {name: _REPETITIONS for name in names if name not in growing}

    def attempt(size: int) -> tuple[Case, float | None]:
        case = _make(harness, {**fixed, **dict.fromkeys(growing, size)})
        return case, confirmed(partial(_run, harness, build, case)) if _is_possible(harness, case) else None

    start = time.monotonic()
    return search_size(attempt, lambda: (time.monotonic() - start) / budget_s)


def search_size(attempt: Callable[[int], tuple[Case, float | None]], spent: Callable[[], float]) -> Case | None:
    """Return the case whose call takes 20-100 ms, or comes nearest.

    None if no size can be run, or if the time was used up while larger sizes were still to be tried and all calls were
    far too short: what such a call takes says nothing of a larger one.

    Args:
        attempt: Makes the case of a size and times it; None for a size that cannot be run.
        spent: Share of the budget that was used.
    """
    best: tuple[Case, float] | None = None
    low, high, size = 0, 0, _START
    for _ in range(_MOST_STEPS):
        case, took_s = attempt(size)
        if took_s is not None:
            if best is None or took_s <= _LONGEST_S or took_s < best[1]:
                best = (case, took_s)
            if _SHORTEST_S <= took_s <= _LONGEST_S:
                return case
        if took_s is not None and took_s < _SHORTEST_S:
            low = size
        else:
            high = size
        is_fair = best is not None and best[1] >= _FAIR_S
        if spent() > (1.0 if is_fair else _PATIENCE):
            return best[0] if best is not None and is_fair else None
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


def _run(harness: Harness, build: Build, case: Case, calls: int) -> tuple[float, ...]:
    ran = harness.time(build, case, calls=calls)
    return () if isinstance(ran, RunFailed) else ran.samples_s


def confirmed(run: Callable[[int], tuple[float, ...]]) -> float | None:
    """Return the seconds of a call; None if it fails.

    Other programs can only lengthen a call: one that seems long enough has to be so again, in a process of its own,
    and the shortest counts.

    Args:
        run: Times so many calls in one process; empty if that fails.
    """
    first = run(1)
    if not first or first[0] < _SHORTEST_S:
        return first[0] if first else None
    return min((*first, *run(_CONFIRMING_CALLS if first[0] <= _LONGEST_S else 1)))


def case_for(harness: Harness, sizes: Sizes) -> Case:
    """Return the case with these sizes, and the others as for the search; the original is not tried on it."""
    return _make(harness, dict(sizes))
