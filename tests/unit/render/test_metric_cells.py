from __future__ import annotations

import re
from pathlib import Path

import pytest

from loopwright.campaign.columns import columns_of
from loopwright.core.campaign import MethodKind
from loopwright.core.metrics import Rate
from loopwright.render.metric_cells import KINDS, method_cell, promise_cell, rate_cell


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


def test_kinds_are_called_the_same_everywhere() -> None:
    page = (Path(__file__).parents[3] / "docs" / "bench-baselines.md").read_text(encoding="utf-8")
    [table] = re.findall(r"^\| kind \| who makes the code \|\n(.*?)\n\n", page, re.MULTILINE | re.DOTALL)
    documented = re.findall(r"^\| (\w+) \|", table, re.MULTILINE)
    exported = next(column.meaning for column in columns_of("timings") if column.name == "kind")
    for kind in MethodKind:
        assert method_cell("m", kind).detail == kind.value
        assert kind.value in documented
        assert f"`{kind.value}`" in exported
        assert f"{kind.value}, " in KINDS
    methods = page[: page.index("| kind | who makes the code |")]
    assert set(re.findall(r"^\| `[^|]*\| (\w+) \|", methods, re.MULTILINE)) < set(documented)
