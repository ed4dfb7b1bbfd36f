from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.core.summary import Summary
from loopwright.render.markdown_report import escaped, render_markdown


def tables(text: str) -> list[list[str]]:
    return [block.splitlines() for block in text.split("\n\n") if block.startswith("| ")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a | b_c <img>", "a &#124; b\\_c &lt;img&gt;"),
        ("- item", "\\- item"),
        ("1. first", "1\\. first"),
        ("# heading", "\\# heading"),
        ("12.3x", "12.3x"),
        ("-", "-"),
        ("two\nlines\t here", "two lines here"),
        ("[a](b) `c` *d* \\", "\\[a](b) \\`c\\` \\*d\\* \\\\"),
        ("&amp; ~~x~~", "&amp;amp; &#126;&#126;x&#126;&#126;"),
        ("\u202eabc\udcff", "\\\\u202eabc\\\\udcff"),
    ],
)
def test_escaped_text_is_shown_as_it_is(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_is_the_same_text_for_the_same_summary(summary: Summary) -> None:
    assert render_markdown(summary) == render_markdown(summary)


@pytest.mark.parametrize("name", ["summary", "hostile_summary"])
def test_every_row_has_the_columns_of_its_table(name: str, request: pytest.FixtureRequest) -> None:
    found = tables(render_markdown(request.getfixturevalue(name)))
    assert len(found) >= 15
    for rows in found:
        assert {row.count("|") for row in rows} == {rows[0].count("|")}


def test_hostile_text_makes_no_markup(hostile_summary: Summary) -> None:
    text = render_markdown(hostile_summary)
    text.encode()  # no half characters
    outside = re.sub(r"^(`{3,})diff\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "<" not in outside
    assert "\u202e" not in text
    # A bracket that could begin a link has a backslash before it.
    assert not re.search(r"(?<!\\)\[", outside)
    # The patch holds a fence of its own, so its fence is longer.
    assert "````diff\n" in text


def test_says_what_the_page_says(summary: Summary) -> None:
    text = render_markdown(summary)
    assert "paper's claim" in text
    assert "43.25x" in text
    assert "| bfs | polly-parallel | n=1000000 | 2 | objected | wrong results: level\\[17] is 3, not 2;" in text
    assert "▼ 0.8" in text
    assert "+    #pragma omp parallel for schedule(static) if (n > 128)" in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_a_report_can_be_committed(tmp_path: Path, summary: Summary) -> None:
    path = tmp_path / "report.md"
    path.write_text(render_markdown(summary), encoding="utf-8")
    # Times of the report itself, paths of this machine and the like would change with every run.
    other = replace(summary, notes=summary.notes)
    assert render_markdown(other) == path.read_text(encoding="utf-8")
    assert str(tmp_path) not in path.read_text(encoding="utf-8")
