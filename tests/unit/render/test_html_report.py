from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from loopwright.core.codes import Code
from loopwright.core.summary import Summary
from loopwright.errors import UserError
from loopwright.render import html_report
from loopwright.render.html_report import SECTIONS, render_html

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """What a browser would make of a document: elements with their attributes, their text, and how they nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append((attributes, ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        elif not self.open or self.open[-1] != "style":
            self.text.append(data)

    def with_class(self, name: str) -> list[tuple[str, dict[str, str]]]:
        return [item for item in self.elements if name in item[1].get("class", "").split()]


@pytest.fixture(scope="module")
def text(summary: Summary) -> str:
    return render_html(summary)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


@pytest.fixture(scope="module")
def hostile_page(hostile_summary: Summary) -> Page:
    return Page(render_html(hostile_summary))


def policy_of(page: Page) -> str:
    return next(
        attributes["content"]
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )


def test_is_one_well_formed_file_of_reasonable_size(text: str, page: Page) -> None:
    assert not page.open
    assert len(text.encode()) < 8_000_000
    assert text.startswith("<!doctype html>")
    assert text.count("plotly.js v") == 1


def test_is_the_same_text_for_the_same_summary(text: str, summary: Summary) -> None:
    assert render_html(summary) == text


def test_policy_allows_its_own_scripts_and_no_connection(page: Page) -> None:
    policy = policy_of(page)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src" not in policy
    assert "unsafe-eval" not in policy
    run = [text for attributes, text in page.scripts if "type" not in attributes]
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in run]
    script_src = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert script_src.split()[1:] == [f"'sha256-{value}'" for value in hashes]


@pytest.mark.parametrize("name", ["page", "hostile_page"])
def test_asks_for_nothing_outside_itself(name: str, request: pytest.FixtureRequest) -> None:
    checked: Page = request.getfixturevalue(name)
    for tag, attributes in checked.elements:
        for attribute in ("src", "srcset", "data", "action", "background", "poster"):
            assert attribute not in attributes, f"{tag} {attribute}"
        assert attributes.get("href", "#").startswith("#")
        assert not [key for key in attributes if key.startswith("on")]
        assert "url(" not in attributes.get("style", "")


def test_hostile_text_stays_text(page: Page, hostile_page: Page) -> None:
    allowed = {tag for tag, _ in page.elements}
    assert {tag for tag, _ in hostile_page.elements} <= allowed
    assert len(hostile_page.scripts) == 3
    shown = "".join(hostile_page.text)
    # As text, and with what no reader sees written out.
    assert "</script><img src=x onerror=alert(1)>" in shown
    assert "\\u202e\\udcff" in shown
    assert not re.search("[\u202e\ud800-\udfff]", shown)


def test_figures_are_data_that_no_browser_takes_for_tags(hostile_page: Page) -> None:
    [(_, data)] = [item for item in hostile_page.scripts if item[0].get("type") == "application/json"]
    assert "<" not in data
    figures = json.loads(data)
    names = [tick for figure in figures.values() for tick in figure["layout"].get("yaxis", {}).get("categoryarray", [])]
    assert any("&lt;/script&gt;&lt;img" in name for name in names)
    assert not any("<img" in value for figure in figures.values() for value in strings(figure))


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def test_every_plot_has_its_figure_and_words(page: Page) -> None:
    [(_, data)] = [item for item in page.scripts if item[0].get("type") == "application/json"]
    figures = json.loads(data)
    plots = page.with_class("plot")
    assert [attributes["id"] for _, attributes in plots] == list(figures)
    assert all(attributes["role"] == "img" and len(attributes["aria-label"]) > 40 for _, attributes in plots)
    assert {"chart-means", "chart-heat-speed", "chart-heat-success", "chart-roofline"} <= set(figures)
    assert sum(name.startswith("chart-kernel-") for name in figures) == 4
    assert sum(name.startswith("chart-size-") for name in figures) == 4
    assert sum(name.startswith("chart-threads-") for name in figures) == 4


def test_every_table_can_be_read_and_sorted(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.elements if tag == "th")
    tables = len(page.with_class("sortable"))
    assert tables >= 15
    assert sum(tag == "thead" for tag, _ in page.elements) >= tables
    for _, attributes in page.with_class("scroll"):
        assert (attributes["tabindex"], attributes["role"]) == ("0", "region")
        assert attributes["aria-label"]


def test_sections_and_links_agree(page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    links = [attributes["href"].removeprefix("#") for tag, attributes in page.elements if tag == "a"]
    assert {name for name, _ in SECTIONS} <= set(links)
    assert set(links) <= ids


def test_says_whose_figures_they_are_and_hides_no_loss(page: Page) -> None:
    shown = " ".join(" ".join(page.text).split())
    assert "paper's claim" in shown
    assert "43.25x" in shown
    assert "wrong results: level[17] is 3, not 2" in shown
    assert "the compiler was killed after 60 s" in shown
    assert "icx is not installed" in shown
    assert "the worker died" in shown
    assert "▼ 0.8" in shown
    assert "AMD EPYC 9B45" in shown
    assert "gcc (Debian 12.2.0-14) 12.2.0" in shown


def test_deliveries_show_source_patch_and_evidence(page: Page) -> None:
    assert len(page.with_class("delivery")) >= 3
    shown = "".join(page.text)
    assert "for (size_t i = 0; i < n; i++) {" in shown
    assert "+    #pragma omp parallel for schedule(static) if (n > 128)" in shown
    assert "a and b do not overlap" in shown
    assert "no race in 12 runs with 2 and 3 threads" in shown


def test_a_summary_without_anything_still_renders(summary: Summary) -> None:
    bare = replace(
        summary,
        host=replace(summary.host, environment=None, peaks=()),
        kernels=(),
        proposers=(),
        by_model=(),
        by_strategy=(),
        all_threads=replace(summary.all_threads, fields=(), rows=()),
        one_thread=None,
        size_curves=(),
        thread_curves=(),
        roofline=(),
        deliveries=(),
        timings=(),
        unfinished=(),
    )
    assert not Page(render_html(bare)).open


def test_without_plotly_says_what_to_install(monkeypatch: pytest.MonkeyPatch, summary: Summary) -> None:
    real = html_report.resources.files

    def files(package: str) -> Any:
        if package == "plotly":
            raise ModuleNotFoundError(package)
        return real(package)

    html_report._plotly_script.cache_clear()
    monkeypatch.setattr(html_report.resources, "files", files)
    with pytest.raises(UserError, match="plotly") as caught:
        render_html(summary)
    assert caught.value.code is Code.EXTRA_MISSING
    assert "loopwright[bench]" in caught.value.hint
