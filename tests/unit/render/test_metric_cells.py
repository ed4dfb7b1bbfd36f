from __future__ import annotations

import pytest

from loopwright.core.metrics import Rate
from loopwright.render.metric_cells import promise_cell, rate_cell


@pytest.mark.parametrize(
    ("rate", "text", "detail"),
    [
        (Rate(0, 0, 0), "-", ""),
        (Rate(0, 11, 0), "-", "0 of 11 judged"),
        (Rate(0, 11, 3), "0%", "0 of 11; 0% of 3 judged"),
        (Rate(10, 55, 10), "18%", "10 of 55; 100% of 10 judged"),
        (Rate(10, 55, 55), "18%", "10 of 55"),
    ],
)
def test_what_was_never_judged_does_not_read_as_wrong(rate: Rate, text: str, detail: str) -> None:
    cell = rate_cell(rate)
    assert (cell.text, cell.detail) == (text, detail)
    assert (cell.sort is None) == (text == "-")


@pytest.mark.parametrize(
    ("rate", "text", "detail"),
    [
        (Rate(0, 0, 0), "-", ""),
        (Rate(0, 3, 0), "-", "0 of 3 timed"),
        (Rate(2, 3, 2), "100%", "2 of 2, 1 not timed"),
        (Rate(1, 3, 3), "33%", "1 of 3"),
    ],
)
def test_a_promise_is_of_what_was_timed(rate: Rate, text: str, detail: str) -> None:
    cell = promise_cell(rate)
    assert (cell.text, cell.detail) == (text, detail)
