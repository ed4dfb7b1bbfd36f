from __future__ import annotations

import struct

import pytest

from loopwright.harness.results import Observation, View, ViewForm, ViewKind
from loopwright.harness.tolerance import Tolerance, difference, text_difference


def doubles(*values: float, name: str = "a") -> Observation:
    data = struct.pack(f"<{len(values)}d", *values)
    return Observation(0, (View(name, ViewKind.FLOAT, 8, len(values), ViewForm.ALL, 1, data),))


def floats(*values: float) -> Observation:
    data = struct.pack(f"<{len(values)}f", *values)
    return Observation(0, (View("a", ViewKind.FLOAT, 4, len(values), ViewForm.ALL, 1, data),))


def ints(*values: int) -> Observation:
    data = struct.pack(f"<{len(values)}i", *values)
    return Observation(0, (View("a", ViewKind.SIGNED, 4, len(values), ViewForm.ALL, 1, data),))


NAN, INF = float("nan"), float("inf")
STRICT = Tolerance()
LOOSE = Tolerance.for_terms(1000)


def test_equal_is_equal() -> None:
    assert difference(doubles(1.0, NAN, INF, -0.0), doubles(1.0, NAN, INF, 0.0), STRICT) is None


@pytest.mark.parametrize(
    ("old", "new"), [(1.0, NAN), (NAN, 1.0), (INF, -INF), (INF, 1e308), (1.0, INF), (1.0, 0.0), (0.0, 1e-300)]
)
def test_these_differ(old: float, new: float) -> None:
    assert difference(doubles(old), doubles(new), LOOSE) is not None


def test_an_infinity_is_no_rounding_of_a_huge_number_whatever_is_allowed() -> None:
    generous = Tolerance(absolute=INF)
    assert difference(doubles(1.0), doubles(2.0), generous) is None
    for old, new in ((1e308, INF), (INF, 1e308), (INF, -INF), (1.0, NAN)):
        assert difference(doubles(old), doubles(new), generous) is not None


def test_every_array_counts_and_all_of_it() -> None:
    first, second = doubles(1.0), doubles(2.0, name="b")
    both = Observation(0, first.views + second.views)
    other = Observation(0, first.views + doubles(3.0, name="b").views)
    assert difference(both, both, STRICT) is None
    assert difference(both, other, STRICT) == "b is 3 instead of 2"
    assert difference(doubles(1.0, 2.0), doubles(1.0), STRICT) == "a has 1 elements instead of 2"
    floats_of_ints = Observation(0, (View("a", ViewKind.FLOAT, 4, 2, ViewForm.ALL, 1, ints(1, 2).views[0].data),))
    assert difference(ints(1, 2), floats_of_ints, STRICT) is not None


def test_integers_are_exact() -> None:
    assert difference(ints(1, 2), ints(1, 3), Tolerance(10_000, 0.5, 5.0)) == "a[1] is 3 instead of 2"


def test_rounding_is_allowed_and_more_is_not() -> None:
    assert difference(doubles(1.0), doubles(1.0 + 1e-15), STRICT) is None
    assert difference(doubles(1.0), doubles(1.0 + 1e-13), STRICT) is not None
    assert difference(doubles(1.0), doubles(1.0 + 1e-13), LOOSE) is None
    assert difference(doubles(1.0), doubles(1.0 + 1e-10), LOOSE) is not None


def test_floats_have_their_own_precision() -> None:
    assert difference(floats(1.0), floats(1.0 + 2e-6), STRICT) is None
    assert difference(floats(1.0), floats(1.001), STRICT) is not None


def test_cancellation_is_known_from_the_spread() -> None:
    # A sum near 0 of large terms: inputs that move in the last place move it by 1e-9.
    perturbed = [doubles(1e-12 + 1e-9), doubles(1e-12 - 2e-9)]
    assert difference(doubles(1e-12), doubles(3e-9), STRICT, perturbed) is None
    assert difference(doubles(1e-12), doubles(3e-9), STRICT) is not None
    assert difference(doubles(1e-12), doubles(1e-3), STRICT, perturbed) is not None


def test_the_users_tolerance_adds() -> None:
    assert difference(doubles(1.0), doubles(1.01), Tolerance(relative=0.02)) is None
    assert difference(doubles(0.0), doubles(0.01), Tolerance(absolute=0.02)) is None


def test_only_outputs_are_compared_where_they_are_named() -> None:
    assert difference(doubles(1.0), doubles(2.0), STRICT, outputs=("b",)) is None
    assert difference(doubles(1.0), doubles(2.0), STRICT, outputs=("a",)) is not None
    assert difference(doubles(1.0, name="result"), doubles(2.0, name="result"), STRICT, outputs=("b",)) is not None


def changed(*items: tuple[int, float, float], count: int = 100) -> Observation:
    data = b"".join(struct.pack("<Qdd", *item) for item in items)
    return Observation(0, (View("a", ViewKind.FLOAT, 8, count, ViewForm.CHANGED, 1, data),))


def test_an_element_that_only_one_side_changed() -> None:
    reference = changed((3, 0.0, 1.0), (7, 5.0, 6.0))
    assert difference(reference, changed((3, 0.0, 1.0), (7, 5.0, 6.0)), STRICT) is None
    assert difference(reference, changed((3, 0.0, 1.0)), STRICT) == "a[7] is 5 instead of 6"
    extra = changed((3, 0.0, 1.0), (7, 5.0, 6.0), (90, 2.0, 2.5))
    assert difference(reference, extra, STRICT) == "a[90] is 2.5 instead of 2"


def test_nothing_changed_on_either_side() -> None:
    assert difference(changed(), changed(), STRICT) is None


def test_other_lengths_differ() -> None:
    assert difference(doubles(1.0), doubles(1.0, 2.0), STRICT) is not None


def test_text_that_is_the_same_but_for_times_is_the_same() -> None:
    assert (
        text_difference(b"took 1.5 s\nsum 3\n", b"took 9.5 s\nsum 3\n", b"took 1.6 s\nsum 3\n", reassociates=False)
        is None
    )
    assert text_difference(b"took 1.5 s\nsum 3\n", b"took 9.5 s\nsum 4\n", b"took 1.6 s\nsum 3\n", reassociates=False)


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        (b"sum 1.234567\n", b"sum 1.234568\n", True),
        (b"sum 1.234567\n", b"sum 1.234667\n", False),
        (b"sum 1.5e10\n", b"sum 1.6e10\n", True),
        (b"count 100\n", b"count 101\n", False),
        (b"ok\n", b"ok PASS\n", False),
        (b"x nan\n", b"x 1.0\n", False),
    ],
)
def test_last_digits_may_differ_where_sums_were_reordered(old: bytes, new: bytes, is_same: bool) -> None:
    assert (text_difference(old, new, old, reassociates=True) is None) is is_same
    assert text_difference(old, new, old, reassociates=False) is not None
