"""Further inputs for the comparison with the original: arrays that overlap, and integers at the ends of their range.

Both are legal wherever the original does not rule them out (by ``restrict``, or because it is not defined on them),
and neither is among the inputs that are made to look like real ones.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from loopwright.core.variable import ElementKind
from loopwright.harness.cases import Case, Flavour, Overlap, integer_range, make_case
from loopwright.harness.results import Run
from loopwright.harness.subject import Slot, SlotKind
from loopwright.harness.wellbehaved import reference_build

if TYPE_CHECKING:
    from loopwright.harness.harness import Harness

# Where the two arrays begin, in elements from the start of the memory that they share.
_STARTS = ((0, 1), (1, 0), (0, 0))
_MOST_PAIRS = 3
_RUN_S = 4.0
_INTEGERS = (ElementKind.SIGNED, ElementKind.UNSIGNED)


def overlapping_cases(harness: Harness) -> tuple[Case, ...]:
    """Return cases in which two arrays of one type share memory, at most three pairs of them in three ways each."""
    base = _base(harness)
    if base is None:
        return ()
    pairs = [
        (first.name, second.name)
        for first, second in itertools.combinations(harness.subject.parameters, 2)
        if _may_overlap(first, second) and first.name in (harness.subject.compared or (first.name,))
    ]
    found: list[Case] = []
    for (first, second), starts in itertools.product(pairs[:_MOST_PAIRS], _STARTS):
        overlap = Overlap(first, second, *starts)
        found.append(_again(harness, base, Flavour.NORMAL, dict(base.sizes), harness.next_index + len(found), overlap))
    return _defined(harness, found)


def extreme_cases(harness: Harness) -> tuple[Case, ...]:
    """Return cases with integers at the ends of their range, where those are data: neither sizes nor subscripts."""
    base = _base(harness)
    if base is None:
        return ()
    free = [slot for slot in harness.subject.parameters if _is_free(harness, slot)]
    has_arrays = any(
        slot.element.kind in _INTEGERS and slot.kind not in (SlotKind.INTEGER, SlotKind.REAL)
        for slot in harness.subject.slots
    )
    found: list[Case] = []
    for end in (0, 1) if free else (0,) if has_arrays else ():
        ends = {slot.name: integer_range(slot.element.kind, slot.element.size_bytes)[end] for slot in free}
        sizes = dict(base.sizes) | ends
        found.append(_again(harness, base, Flavour.EXTREME, sizes, harness.next_index + 100 + len(found), None))
    return _defined(harness, found)


def _base(harness: Harness) -> Case | None:
    """Return the case with the most memory, which has the most iterations."""
    return max(harness.cases(), key=lambda case: case.memory_bytes, default=None) if not harness.is_program else None


def _may_overlap(first: Slot, second: Slot) -> bool:
    return (
        first.kind is SlotKind.ARRAY
        and second.kind is SlotKind.ARRAY
        and first.element.spelling == second.element.spelling
        and not (first.is_const and second.is_const)
        and "restrict" not in first.c_type + second.c_type
    )


def _is_free(harness: Harness, slot: Slot) -> bool:
    is_number = slot.kind is SlotKind.INTEGER and slot.element.kind in _INTEGERS
    is_used = slot.is_size or slot.is_index or slot.is_stride
    return is_number and not is_used and harness.subject.spec.parameter(slot.name) is None


def _again(
    harness: Harness, base: Case, flavour: Flavour, sizes: dict[str, int], index: int, overlap: Overlap | None
) -> Case:
    return make_case(harness.subject, harness.roles, index, sizes, flavour, base.seed, base.level, overlap)


def _defined(harness: Harness, cases: list[Case]) -> tuple[Case, ...]:
    """Return the cases on which the original is defined, as far as the sanitizers can tell."""
    if not cases:
        return ()
    build, environment = reference_build(harness)
    good: list[Case] = []
    waiting = list(cases)
    while waiting and build is not None:
        ran = harness.observe_all(build, waiting, environment=environment, limit_s=_RUN_S)
        done = {item.case for item in ran.observations if not item.damage}
        good += [case for case in waiting if case.index in done]
        if isinstance(ran, Run):
            break
        seen = {item.case for item in ran.observations}
        waiting = [case for case in waiting if case.index not in seen][1:]
    return tuple(good)
