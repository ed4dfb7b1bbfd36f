from __future__ import annotations

import re
from dataclasses import replace

from loopwright.core.campaign import MethodKind
from loopwright.core.summary import SpeedUpTable, Summary
from loopwright.render.bench_overview import headlines
from loopwright.render.bench_speed import losses_table


def own_losses(table: SpeedUpTable | None) -> int:
    assert table is not None
    return sum(cell.is_loss for row in table.rows if row.kind is MethodKind.LOOPWRIGHT for cell in row.cells)


def test_the_losses_of_the_headline_are_those_that_the_page_lists(summary: Summary) -> None:
    """With one thread the made-up campaign loses more often than with all."""
    with_all, with_one = own_losses(summary.all_threads), own_losses(summary.one_thread)
    assert with_all > 0
    assert with_one > with_all
    last = headlines(summary)[-2]
    assert last.figure == str(with_all + with_one) == str(len(losses_table(summary).emphasised))
    assert last.is_bad
    assert "results of loopwright with 2 threads and 1 thread" in last.words
    alone = headlines(replace(summary, one_thread=None))[-2]
    assert alone.figure == str(with_all)
    assert "results of loopwright with 2 threads;" in alone.words


def test_results_that_were_not_tried_are_none(summary: Summary) -> None:
    """With one thread only deliveries that were timed have a cell."""
    found = re.search(r"among (\d+) results", headlines(summary)[-2].words)
    assert found is not None
    tried = [
        cell
        for table in (summary.all_threads, summary.one_thread)
        if table is not None
        for row in table.rows
        if row.kind is MethodKind.LOOPWRIGHT
        for cell in row.cells
        if cell.state != "missing"
    ]
    assert int(found[1]) == len(tried)


def test_tasks_that_failed_are_among_the_first_things_said(summary: Summary) -> None:
    assert (summary.counts.unfinished, len(summary.unfinished)) == (1, 1)
    last = headlines(summary)[-1]
    assert last.figure == "1"
    assert last.words.startswith("task failed and has no result")
    assert last.is_bad
    none = replace(summary, counts=replace(summary.counts, unfinished=0))
    assert not any("has no result" in item.words for item in headlines(none))
