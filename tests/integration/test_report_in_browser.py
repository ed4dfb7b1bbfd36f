"""The HTML report in a real browser: it draws, sorts and prints, asks for nothing, and runs nobody else's script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import synthetic_campaign
from browser import Browser
from loopwright.campaign.store import Store
from loopwright.campaign.summary import summarise
from loopwright.core.summary import Summary
from loopwright.render.html_report import render_html

pytestmark = pytest.mark.needs("chromium")

HOSTILE = "</script><img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    with Store.open(tmp_path_factory.mktemp("report") / "results.db") as store:
        synthetic_campaign.fill(store, kernels=("bfs", "matmul", "maxpool"))
        found = summarise(store)
    hostile = [replace(delivery, kernel=HOSTILE, source=(HOSTILE,)) for delivery in found.deliveries]
    return replace(
        found,
        all_threads=replace(
            found.all_threads,
            fields=tuple(replace(field, kernel=HOSTILE) for field in found.all_threads.fields),
            rows=tuple(
                replace(row, method=HOSTILE) if row.method == "expert" else row for row in found.all_threads.rows
            ),
        ),
        deliveries=tuple(hostile),
        notes=(HOSTILE,),
    )


@pytest.fixture(scope="module")
def path(summary: Summary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(summary), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def desktop(browser: Browser, path: Path) -> Browser:
    """The report as a desktop shows it; a test leaves it as it was."""
    browser.open(path, width=1400)
    return browser


def test_there_are_no_errors_and_no_requests(desktop: Browser, path: Path) -> None:
    assert desktop.errors == []
    # Plotly draws heat maps as images that it has in hand.
    assert [url for url in desktop.requests if not url.startswith("data:")] == [path.as_uri()]


def test_hostile_names_do_nothing(desktop: Browser) -> None:
    assert "loopwright bench" in desktop.evaluate("document.title")
    assert desktop.evaluate("document.querySelectorAll('img, iframe, object, embed').length") == 0
    assert desktop.evaluate("document.querySelectorAll('script').length") == 3
    # It is there, as text: in the tables, in the plots.
    assert desktop.evaluate("document.body.innerText.includes('onerror=')")
    assert desktop.evaluate("document.querySelector('#chart-means svg').textContent.includes('</script><img s...')")


def test_every_plot_is_drawn(desktop: Browser) -> None:
    drawn = desktop.evaluate(
        """[...document.querySelectorAll('.plot')].map(plot => [
            plot.id, plot.querySelectorAll('.main-svg').length,
            plot.querySelectorAll('.bars path, .scatterlayer path, .hm image').length,
            plot.getBoundingClientRect().width])"""
    )
    assert len(drawn) == 2 + 1 + 3 + 1 + 3 + 3
    assert all(layers > 0 and shapes > 0 and width > 100 for _, layers, shapes, width in drawn), drawn


def test_labels_of_plots_are_not_cut_off(desktop: Browser) -> None:
    outside = desktop.evaluate(
        """[...document.querySelectorAll('.plot')].flatMap(plot => {
            const box = plot.getBoundingClientRect();
            return [...plot.querySelectorAll('.xtick text, .ytick text, .legendtext, .g-xtitle text, .g-ytitle text')]
                .map(text => [text.textContent, text.getBoundingClientRect()])
                .filter(([, label]) => label.left < box.left - 1 || label.right > box.right + 1
                    || label.top < box.top - 1 || label.bottom > box.bottom + 1)
                .map(([words]) => [plot.id, words]);
        })"""
    )
    assert outside == []


def column(browser: Browser, table: str, index: int) -> list[str]:
    words = f"row.cells[{index}].firstChild.textContent.trim()"
    return browser.evaluate(f"[...document.querySelectorAll('#{table} tbody tr')].map(row => {words})")


def click(browser: Browser, table: str, index: int) -> str:
    heading = f"document.querySelectorAll('#{table} thead th')[{index}]"
    browser.evaluate(f"{heading}.querySelector('button').click()")
    return browser.evaluate(f"{heading}.getAttribute('aria-sort')")


def numbers(texts: list[str]) -> list[float]:
    return [float(text.strip("▲▼ x")) for text in texts if text.strip("▲▼ x").replace(".", "").isdigit()]


def test_a_click_on_a_heading_sorts(desktop: Browser) -> None:
    table = "table-speedups-2"
    before = column(desktop, table, 0)
    # Numbers begin with the largest; what has none stands last, whichever way.
    assert click(desktop, table, 1) == "descending"
    means = column(desktop, table, 1)
    assert numbers(means) == sorted(numbers(means), reverse=True)
    assert means[-1] == "-"
    assert click(desktop, table, 1) == "ascending"
    means = column(desktop, table, 1)
    assert numbers(means) == sorted(numbers(means))
    assert means[-1] == "-"
    # Words begin with the first of the alphabet.
    assert click(desktop, table, 0) == "ascending"
    assert column(desktop, table, 0) == sorted(before, key=str.lower)
    assert desktop.evaluate(f"document.querySelectorAll('#{table} [aria-sort]').length") == 1


def test_a_heading_can_be_clicked_where_it_stands(desktop: Browser) -> None:
    hit = desktop.evaluate(
        """(() => {
            const heading = document.querySelector('#table-models thead th');
            heading.scrollIntoView({block: 'center'});
            const box = heading.getBoundingClientRect();
            return document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2).tagName;
        })()"""
    )
    assert hit == "BUTTON"


def test_paper_shows_everything_and_the_screen_is_as_before(desktop: Browser, tmp_path: Path) -> None:
    desktop.evaluate(
        """void addEventListener('beforeprint', () => {
            window.printed = [document.querySelectorAll('details:not([open], .replies)').length,
                Math.max(...[...document.querySelectorAll('.plot svg')].map(svg => svg.getBoundingClientRect().width))];
        }, {once: true})"""
    )
    closed = desktop.evaluate("document.querySelectorAll('details:not([open])').length")
    assert closed > 3
    desktop.print_pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    still_closed, widest = desktop.evaluate("window.printed")
    assert still_closed == 0
    assert widest <= 700
    assert desktop.evaluate("document.querySelectorAll('details:not([open])').length") == closed
    assert desktop.errors == []


def test_a_phone_scrolls_tables_not_the_page(browser: Browser, path: Path) -> None:
    browser.open(path, width=390, height=844, dark=True)
    assert browser.evaluate("document.documentElement.scrollWidth") <= 390
    assert (
        browser.evaluate("Math.max(...[...document.querySelectorAll('.plot svg')].map(svg => svg.clientWidth))") <= 390
    )
    assert browser.evaluate("getComputedStyle(document.querySelector('#table-speedups-2 .scroll')).overflowX") == "auto"
    # Dark, and the plots with it.
    dark = "rgb(20, 23, 28)"
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    ink = "getComputedStyle(document.querySelector('#chart-means .ytick text')).fill"
    assert browser.evaluate(ink) == "rgb(232, 230, 225)"
    whisker = "getComputedStyle(document.querySelector('#chart-kernel-0 .errorbar path')).stroke"
    assert browser.evaluate(whisker) == "rgb(232, 230, 225)"
    assert browser.errors == []
    # Comes last: the policy refuses with an error on the console.
    refused = browser.evaluate("fetch('https://example.invalid/').then(() => 'sent', () => 'refused')")
    assert refused == "refused"
    browser.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert browser.evaluate("typeof window.ran") == "undefined"
    assert any("Content Security Policy" in error for error in browser.errors)
