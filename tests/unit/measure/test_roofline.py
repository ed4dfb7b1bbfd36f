from __future__ import annotations

import pytest

from loopwright.measure.roofline import floor_s, trusted_floor_s


def test_the_slower_of_memory_and_arithmetic_is_the_floor() -> None:
    assert floor_s(1_200_000_000_000, 0, 1) == pytest.approx(1.0)
    assert floor_s(0, 2_000_000_000_000, 1) == pytest.approx(2.0)
    assert floor_s(1_200_000_000_000, 2_000_000_000_000, 1) == pytest.approx(2.0)


def test_threads_share_the_work() -> None:
    assert floor_s(1_200_000_000_000, 0, 4) == pytest.approx(0.25)
    assert floor_s(1_200_000_000_000, 0, 0) == pytest.approx(1.0)


def test_nothing_known_is_no_floor() -> None:
    assert floor_s(0, 0, 8) == 0.0


# Best times of FACTS.md by hand-written code on two cores: bytes of all arrays, operations, seconds.
@pytest.mark.parametrize(
    ("footprint_bytes", "flops", "best_s"),
    [
        (3 * 1024 * 1024 * 8, 2 * 1024**3, 0.2957 / 29),
        (2 * 2048 * 2048 * 8, 20 * 4 * 2048 * 2048, 0.0542 / 3.7),
        (2 * 64 * 56 * 56 * 4, 2 * 64 * 64 * 9 * 56 * 56, 0.01267 / 24),
        (1_000_000 * 8, 0, 0.0002 / 2),
    ],
)
def test_the_best_known_code_is_far_above_its_floor(footprint_bytes: int, flops: int, best_s: float) -> None:
    assert floor_s(footprint_bytes, flops, 2) < best_s / 2


def test_a_floor_that_the_original_breaks_too_is_not_trusted() -> None:
    assert trusted_floor_s(1e-4, 5e-5, (2e-5, 3e-5, 2e-5)) == 0.0
    assert trusted_floor_s(1e-4, 5e-5, (2e-3, 3e-3, 2e-5)) == 5e-5
    assert trusted_floor_s(1e-4, 5e-5, ()) == 0.0
