"""What counts as equal.

Integers must be identical. Floating-point numbers may differ by what another order of the same operations explains: two
orders of summing m terms x_i differ by at most 2 (m - 1) u sum |x_i| to first order, u the unit roundoff (N. J. Higham,
Accuracy and Stability of Numerical Algorithms, 2nd edition, section 4.2). The terms cannot be seen from outside, so
their scale is taken from two sides: the result itself, and its *spread*, the change of the original's own result when
each input moves by one unit in the last place, which is about u sqrt(sum x_i^2) and also covers cancellation:

    |got - reference|  <=  4 m u |reference|  +  8 m spread  (+ what kernel.toml says)

Without reassociation m is a small constant: vector code and fused operations round differently, nothing more.
NaN equals NaN, an infinity only itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loopwright.harness.results import Observation, View, ViewForm, ViewKind

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float64]

PLAIN_TERMS = 16
_MOST_TERMS = 10_000
_ROUNDOFF = {4: 2.0**-24, 8: 2.0**-53, 16: 2.0**-53}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)(?![A-Za-z_])", re.I)
_TEXT_RELATIVE = 1e-9


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far results may be apart.

    Attributes:
        terms: m above.
        relative, absolute: Allowed in any case; the user's.
    """

    terms: int = PLAIN_TERMS
    relative: float = 0.0
    absolute: float = 0.0

    @staticmethod
    def for_terms(terms: int, relative: float | None = None, absolute: float | None = None) -> Tolerance:
        """Return the tolerance for sums of ``terms`` terms in any order."""
        return Tolerance(max(PLAIN_TERMS, min(terms, _MOST_TERMS)), relative or 0.0, absolute or 0.0)


def difference(
    reference: Observation,
    got: Observation,
    tolerance: Tolerance,
    perturbed: Sequence[Observation] = (),
    outputs: Sequence[str] = (),
) -> str | None:
    """Return the first difference in words, or None if ``got`` is as good as ``reference``.

    Args:
        reference: Of the original.
        got: Of the candidate, for the same case.
        tolerance: Allowed differences of floating-point numbers.
        perturbed: Of the original on inputs that differ in the last place; their distance is the spread.
        outputs: Names of the arrays to compare; all if empty.
    """
    if [view.name for view in reference.views] != [view.name for view in got.views]:
        return "other arrays came back than went in"
    for index, (old, new) in enumerate(zip(reference.views, got.views, strict=True)):
        if outputs and old.name not in outputs and old.name != "result":
            continue
        others = [item.views[index] for item in perturbed if len(item.views) == len(reference.views)]
        found = _view_difference(old, new, tolerance, others)
        if found is not None:
            return found
    return None


def _view_difference(old: View, new: View, tolerance: Tolerance, others: Sequence[View]) -> str | None:
    if (old.kind, old.size, old.count) != (new.kind, new.size, new.count):
        return f"{old.name} has {new.count} elements instead of {old.count}"
    if old.data == new.data and old.form is new.form:
        return None
    everything = _align([old, new, *others])
    if everything is None:
        return f"{old.name} cannot be compared"
    positions, (reference, got, *spread_values) = everything
    wrong = reference != got
    if old.kind is ViewKind.FLOAT:
        wrong = _floats_differ(reference, got, spread_values, tolerance, _ROUNDOFF.get(old.size, 2.0**-11))
    where = np.flatnonzero(wrong)
    if where.size == 0:
        return None
    first = int(where[0])
    more = f", and {where.size - 1} more elements" if where.size > 1 else ""
    place = old.name if old.count == 1 else f"{old.name}[{int(positions[first])}]"
    return f"{place} is {_show(got[first].item())} instead of {_show(reference[first].item())}{more}"


def _show(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _floats_differ(
    reference: Array, got: Array, others: Sequence[Array], tolerance: Tolerance, roundoff: float
) -> npt.NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        expected: Floats = reference.astype(np.float64)
        actual: Floats = got.astype(np.float64)
        spread = np.zeros_like(expected)
        for other in others:
            change = np.abs(other.astype(np.float64) - expected)
            spread = np.maximum(spread, np.where(np.isfinite(change), change, 0.0))
        allowed = 4.0 * tolerance.terms * roundoff * np.abs(expected) + 8.0 * tolerance.terms * spread
        allowed = allowed + tolerance.relative * np.abs(expected) + tolerance.absolute
        # Subnormal results lose bits that no bound above accounts for.
        allowed = allowed + (2.0**-140 if roundoff > 1e-10 else 2.0**-1040)
        is_close = np.abs(actual - expected) <= allowed
        both_nan = np.isnan(expected) & np.isnan(actual)
        is_same = (expected == actual) & ~(np.isinf(expected) ^ np.isinf(actual))
        is_finite = np.isfinite(expected) & np.isfinite(actual)
        return ~(is_same | both_nan | (is_finite & is_close))


def _align(views: Sequence[View]) -> tuple[npt.NDArray[np.uint64], list[Array]] | None:
    """Return element positions and the values of each view at them, from whatever forms the views have."""
    dtype = _dtype(views[0])
    if all(view.form is ViewForm.ALL for view in views) or all(view.form is ViewForm.SAMPLED for view in views):
        arrays = [np.frombuffer(view.data, dtype) for view in views]
        if len({array.size for array in arrays}) != 1:
            return None
        return np.arange(arrays[0].size, dtype=np.uint64) * np.uint64(views[0].step), list(arrays)
    if not all(view.form is ViewForm.CHANGED for view in views):
        return None
    record = np.dtype([("at", "<u8"), ("old", dtype), ("new", dtype)])
    tables = [np.frombuffer(view.data, record) for view in views]
    positions = np.unique(np.concatenate([table["at"] for table in tables]))
    # What a run did not change still has its old value, which a run that changed it reports.
    old = np.zeros(positions.size, dtype)
    for table in reversed(tables):
        old[np.searchsorted(positions, table["at"])] = table["old"]
    after: list[Array] = []
    for table in tables:
        values = old.copy()
        values[np.searchsorted(positions, table["at"])] = table["new"]
        after.append(values)
    return positions, after


def _dtype(view: View) -> np.dtype[np.generic]:
    if view.kind is ViewKind.FLOAT:
        names = {2: "<f2", 4: "<f4", 8: "<f8", 16: "<g"}
        return np.dtype(names.get(view.size, f"V{view.size}"))
    if view.size in (1, 2, 4, 8):
        return np.dtype(f"<{'i' if view.kind is ViewKind.SIGNED else 'u'}{view.size}")
    return np.dtype(f"V{view.size}")


def text_difference(reference: bytes, got: bytes, second: bytes, *, reassociates: bool) -> str | None:
    """Return the first difference of two outputs in words, or None.

    Args:
        reference: What the original printed.
        got: What the candidate printed.
        second: What the original printed the second time: numbers that changed there (times, dates) do not count.
        reassociates: Numbers may differ in their last digits.
    """
    if reference == got:
        return None
    old, new, again = (text.decode("utf-8", "replace") for text in (reference, got, second))
    frames = [_NUMBER.sub("#", text).split() for text in (old, new, again)]
    if frames[0] != frames[1]:
        line = next((b for a, b in zip(old.splitlines(), new.splitlines(), strict=False) if a != b), "")
        return f"it prints {line[:80]!r} where the original prints something else"
    numbers = [_NUMBER.findall(text) for text in (old, new, again)]
    is_comparable = frames[0] == frames[2]
    for index, (before, after) in enumerate(zip(numbers[0], numbers[1], strict=True)):
        if before == after or (is_comparable and numbers[2][index] != before):
            continue
        if not (reassociates and _close_numbers(before, after)):
            return f"it prints {after} where the original prints {before}"
    return None


def _close_numbers(before: str, after: str) -> bool:
    if not any(sign in before for sign in ".eE"):
        return False
    mantissa, _, exponent = before.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    last_place = 10.0 ** (int(exponent or 0) - digits)
    reference = float(before)
    return abs(float(after) - reference) <= _TEXT_RELATIVE * abs(reference) + 1.01 * last_place
