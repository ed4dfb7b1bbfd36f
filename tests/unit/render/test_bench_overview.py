from __future__ import annotations

import re
from dataclasses import replace

from loopwright.core.campaign import MethodKind
from loopwright.core.metrics import Rate, SpeedUps
from loopwright.core.summary import Cell, CellState, MethodRow, SpeedUpTable, Summary
from loopwright.render.bench_overview import headlines
from loopwright.render.bench_speed import losses_table, roofline_table
from loopwright.render.markdown_report import render_markdown


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


def words(summary: Summary) -> list[str]:
    return [f"{item.figure} {item.words}" for item in headlines(summary)]


def test_where_nothing_is_delivered_it_says_so(summary: Summary) -> None:
    """Every kernel is kept, so a mean of 1.00x and a best kernel would be figures of nothing."""

    def kept(table: SpeedUpTable) -> SpeedUpTable:
        def cells(row: MethodRow) -> tuple[Cell, ...]:
            return tuple(Cell(cell.kernel, cell.method, CellState.KEPT) for cell in row.cells)

        return replace(table, rows=tuple(replace(row, cells=cells(row)) for row in table.rows))

    groups = tuple(replace(item, delivered_correct=Rate(0, 0, 0)) for item in summary.by_model)
    nothing = replace(summary, all_threads=kept(summary.all_threads), by_model=groups, deliveries=())
    said = words(nothing)
    assert "0 nests delivered by 28 plans: every kernel stays as it was" in said
    assert not any("best on" in line or "is right" in line or "geometric mean" in line for line in said)
    assert "## Delivered nests\n\nNothing was delivered: every nest stays as it was.\n" in render_markdown(nothing)
    assert "Nothing was delivered" not in render_markdown(summary)
    untimed = tuple(replace(item, delivered_correct=Rate(0, 3, 0)) for item in summary.by_model)
    assert "0 of 6 deliveries were timed" in words(replace(summary, by_model=untimed))
    assert len(words(replace(summary, counts=replace(summary.counts, plans=0)))) == 3


def test_a_tie_goes_to_the_most_own_wins_and_then_to_the_first_name(summary: Summary) -> None:
    table = summary.all_threads
    tied = ("loopwright:embedded/cot", "loopwright:embedded/few-shot", "loopwright:embedded/tot")
    best = SpeedUps((9.0,) * 4, "matmul")
    rows = tuple(replace(row, everywhere=best) if row.method in tied else row for row in table.rows)
    wins = {"cot": 1, "few-shot": 2, "tot": 2}
    proposers = tuple(
        replace(item, kernel_success=Rate(wins.get(item.strategy, 4), 4, 4)) for item in summary.proposers
    )
    found = words(replace(summary, all_threads=replace(table, rows=rows), proposers=proposers))
    assert "9.00x geometric mean over all kernels with 2 threads, by embedded/few-shot and 2 others" in found
    alone = tuple(replace(row, everywhere=best) if row.method == tied[2] else row for row in table.rows)
    found = words(replace(summary, all_threads=replace(table, rows=alone), proposers=proposers))
    assert "9.00x geometric mean over all kernels with 2 threads, by embedded/tot" in found


def test_one_is_singular(summary: Summary) -> None:
    one = replace(summary, kernels=("bfs",), counts=replace(summary.counts, plans=1, baselines=0))
    assert words(one)[0].startswith("1 evaluation (1 plan, 0 of baselines) on 1 kernel;")
    assert render_markdown(one).startswith("# Bench: 1 kernel on ")


def test_tasks_that_failed_are_among_the_first_things_said(summary: Summary) -> None:
    assert (summary.counts.unfinished, len(summary.unfinished)) == (1, 1)
    last = headlines(summary)[-1]
    assert last.figure == "1"
    assert last.words.startswith("task failed and has no result")
    assert last.is_bad
    none = replace(summary, counts=replace(summary.counts, unfinished=0))
    assert not any("has no result" in item.words for item in headlines(none))


def test_bytes_and_bytes_per_second_are_decimal_in_one_row(summary: Summary) -> None:
    table = roofline_table(summary.roofline)
    assert {row[4].text.split()[1] for row in table.rows} == {"MB"}
    assert {row[7].text.split()[1] for row in table.rows} == {"GB/s"}
    assert "need not be the speed-up exactly" in table.caption
