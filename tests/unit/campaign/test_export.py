from __future__ import annotations

import csv
import json
import math
import os
import re
import runpy
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from loopwright.campaign import export as exporting
from loopwright.campaign.columns import TABLES, columns_of
from loopwright.campaign.export import FORMATS, export
from loopwright.campaign.store import Store
from loopwright.core.campaign import MethodKind, PlanOutcome, Timing
from loopwright.core.codec import encode
from loopwright.core.codes import Code
from loopwright.core.measurement import Measurement, Series
from loopwright.core.report import OptimizeReport
from loopwright.core.verdict import Finding, Outcome, Stage
from loopwright.errors import ToolchainError, UserError
from loopwright.measure.stats import bootstrap_median, paired_ratios
from stored_values import (
    HOST,
    SIZES,
    make_environment,
    make_outcome,
    make_peaks,
    make_reply,
    make_timing,
    make_timings,
    make_work,
)

PAGE = Path(__file__).parents[3] / "docs" / "bench-export.md"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "results.db") as opened:
        yield opened


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of an exported file, typed as its columns say."""
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()
    kinds = {column.name: column for column in columns_of(path.stem)}

    def typed(name: str, text: str) -> object:
        column = kinds[name]
        if text == "" and column.is_nullable:
            return None
        return {"true": True, "false": False}[text] if column.kind is bool else column.kind(text)

    with path.open(encoding="utf-8", newline="") as file:
        return [{name: typed(name, text) for name, text in row.items()} for row in csv.DictReader(file)]


def tables(store: Store, folder: Path, form: str) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: read(path) for path in export(store, folder, form)}


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_store_gives_tables_without_rows(tmp_path: Path, store: Store, form: str) -> None:
    paths = export(store, tmp_path / "some" / "folder", form)
    assert [path.name for path in paths] == [f"{table}.{form}" for table in TABLES]
    assert all(read(path) == [] for path in paths)


@pytest.mark.parametrize("form", FORMATS)
def test_timings_and_their_samples(tmp_path: Path, store: Store, form: str) -> None:
    store.put_timings("field", HOST, make_timings())
    found = tables(store, tmp_path, form)
    timed, objected, failed, absent = found["timings"]
    assert timed == {
        "key": "field",
        "host": HOST,
        "kernel": "matmul",
        "sizes": "n=1000 m=7",
        "threads": 2,
        "method": "gcc-O3",
        "kind": "serial",
        "label": "gcc -O3 -march=native",
        "baseline": "gcc-O3",
        "speedup": 1.0,
        "speedup_low": None,
        "speedup_high": None,
        "counts": True,
        "median_s": 0.1,
        "least_s": 1e-9,
        "samples": 3,
        "warmups": 1,
        "is_threaded": False,
        "compile_s": 0.25,
        "peak_bytes": 1 << 20,
        "objections": None,
        "failure": None,
        "reason": None,
    }
    assert (objected["counts"], objected["objections"]) == (False, "serial under a parallel name; element 7 differs")
    assert (failed["speedup"], failed["median_s"], failed["failure"]) == (None, None, "LW407")
    assert (absent["failure"], absent["reason"], absent["is_threaded"]) == (None, "icx is not on PATH", None)
    assert [
        (row["method"], row["is_warmup"], row["round"], row["seconds"], row["sizes"]) for row in found["samples"]
    ] == [
        ("gcc-O3", True, 0, 0.5, "n=1000 m=7"),
        ("gcc-O3", False, 0, 0.1, "n=1000 m=7"),
        ("gcc-O3", False, 1, 0.1 + 0.2, "n=1000 m=7"),
        ("gcc-O3", False, 2, 1e-9, "n=1000 m=7"),
        ("polly-parallel", False, 0, 0.05, "n=1000 m=7"),
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_evaluations_with_nests_and_proposals(
    tmp_path: Path, store: Store, form: str, optimize_report: OptimizeReport
) -> None:
    first, *others = optimize_report.nests
    findings = (Finding(Stage.COMPILE, Outcome.PASS, ""), Finding(Stage.RACES, Outcome.FAIL, "", Code.DATA_RACE))
    proposals = (replace(first.proposals[0], findings=findings), *first.proposals[1:])
    report = replace(optimize_report, nests=(replace(first, proposals=proposals), *others))
    outcome = PlanOutcome("heat", "smollm2", "zero-shot", 7, report, b"", peak_bytes=1 << 28)
    store.put_plan("plan", HOST, outcome)
    store.put_plan("small", "other", make_outcome())
    rows = tables(store, tmp_path, form)["plans"]
    records = ["evaluation", "nest", "proposal", "proposal", "proposal", "nest", "nest", "nest", "evaluation", "nest"]
    assert [row["record"] for row in rows] == records
    whole, delivered, proved, unread, refuted, kept, refused, unsupported, small, small_nest = rows
    assert {row["key"] for row in rows[:8]} == {"plan"}
    assert {(row["kernel"], row["method"], row["seed"]) for row in rows[:8]} == {
        ("heat", "loopwright:smollm2/zero-shot", 7)
    }
    assert (whole["is_delivered"], whole["elapsed_s"], whole["peak_bytes"]) == (True, 12.5, 1 << 28)
    # The two proposals of the model share one call: equal prompt, seed, temperature and time.
    assert (whole["replies"], whole["prompt_tokens"], whole["completion_tokens"], whole["response_s"]) == (
        2,
        200,
        80,
        1.5,
    )
    assert (delivered["nest"], delivered["outcome"], delivered["label"]) == ("sweep:2", "delivered", "proved")
    assert (delivered["speedup"], delivered["threads"], delivered["baseline"]) == (1.9, 2, "gcc -O3 -march=native")
    assert (delivered["compile"], delivered["races"], delivered["differential"]) == ("pass", "skipped", None)
    assert (proved["by"], proved["proposal"], proved["legality"]) == ("smollm2/zero-shot", 0, "proved")
    assert (proved["compile"], proved["races"], proved["code"]) == ("pass", "fail", None)
    assert proved["plan"].startswith('[{"step": "parallelize", "loop": "i"')
    assert (unread["plan"], unread["error"], unread["legality"]) == (None, "not JSON", None)
    assert (refuted["by"], refuted["legality"], refuted["code"], refuted["replies"]) == (
        "heuristic",
        "refuted",
        "LW101",
        0,
    )
    assert (kept["outcome"], kept["code"], kept["is_delivered"]) == ("kept", "LW501", False)
    assert (refused["measurement_failed"], refused["speedup"]) == ("LW407", None)
    assert unsupported["reason"] == "a while loop"
    assert (small["is_delivered"], small["peak_bytes"]) == (False, 1 << 28)
    assert (small_nest["loops"], small_nest["true_parallel"]) == (2, "i")
    assert (small_nest["true_reductions"], small_nest["true_privates"]) == ("s:+", "t")


@pytest.mark.parametrize("form", FORMATS)
def test_hosts_works_and_replies(tmp_path: Path, store: Store, form: str) -> None:
    store.put_host(HOST, make_environment(), (make_peaks(1), make_peaks(2)))
    store.put_host("other", replace(make_environment(), l3_bytes=0), ())
    store.put_work(HOST, make_work(flops=None))
    store.put_replies("call", "tiny", (make_reply("one"), replace(make_reply("two"), log_probability=-math.inf)))
    found = tables(store, tmp_path, form)
    assert [(row["host"], row["threads"], row["bytes_per_s"], row["l3_bytes"]) for row in found["hosts"]] == [
        (HOST, 1, 1.25e10, 1 << 25),
        (HOST, 2, 2.5e10, 1 << 25),
        ("other", None, None, None),
    ]
    assert found["hosts"][0]["compilers"] == "gcc 12.2.0"
    assert found["works"] == [
        {
            "host": HOST,
            "kernel": "matmul",
            "sizes": "n=1000 m=7",
            "flops": None,
            "compulsory_bytes": 24_000,
            "source": "isl",
        }
    ]
    assert [(row["reply"], row["text"], row["log_probability"], row["elapsed_s"]) for row in found["replies"]] == [
        (0, "one", -1.5, 0.1 + 0.2),
        (1, "two", -math.inf, 0.1 + 0.2),
    ]
    assert found["replies"][0]["prompt_characters"] == len("plan") + len("which loop?")


@pytest.mark.parametrize("form", FORMATS)
def test_a_speedup_of_too_few_pairs_has_no_bounds(
    tmp_path: Path, store: Store, form: str, optimize_report: OptimizeReport
) -> None:
    first = optimize_report.nests[0]
    assert isinstance(first.measurement, Measurement)
    for pairs in (5, 6):
        measured = replace(first.measurement, ratios=(first.measurement.median,) * pairs)
        report = replace(optimize_report, nests=(replace(first, measurement=measured),))
        store.put_plan(f"plan {pairs}", HOST, PlanOutcome("heat", "m", "tot", pairs, report, b""))
        samples = make_timings()[0]
        assert samples.series is not None
        series = replace(samples.series, samples_s=(0.1,) * pairs)
        store.put_timings(f"field {pairs}", HOST, (replace(samples, series=series),))
    found = tables(store, tmp_path, form)
    few, enough = (row for row in found["plans"] if row["record"] == "nest")
    assert (few["speedup"], few["speedup_low"], few["speedup_high"]) == (1.9, None, None)
    assert (enough["speedup_low"], enough["speedup_high"]) == (first.measurement.low, first.measurement.high)
    few, enough = found["timings"]
    assert (few["speedup"], few["speedup_low"], few["speedup_high"]) == (1.0, None, None)
    assert (enough["speedup_low"], enough["speedup_high"]) == (0.99, 1.01)


def test_a_nests_speedup_says_which_plan_it_is_of(
    tmp_path: Path, store: Store, optimize_report: OptimizeReport
) -> None:
    store.put_plan("plan", HOST, PlanOutcome("heat", "m", "tot", 7, optimize_report, b""))
    rows = [row for row in tables(store, tmp_path, "parquet")["plans"] if row["record"] == "nest"]
    told = [json.loads(row["plan"]) if row["plan"] else None for row in rows]
    bases = [nest.basis for nest in optimize_report.nests]
    assert told == [encode(basis.plan.steps) if basis is not None else None for basis in bases]
    assert told[0][0]["step"] == "parallelize"


NASTY = ['a "quoted", text', "two\nlines\r\n", "nul \0 byte", "byte \udcff", "=1+1", "", "é\U0001f600"]


@pytest.mark.parametrize("form", FORMATS)
def test_foreign_text_stays_in_its_cell(tmp_path: Path, store: Store, form: str) -> None:
    store.put_replies("call", "tiny", tuple(make_reply(text) for text in NASTY))
    texts = [row["text"] for row in tables(store, tmp_path, form)["replies"]]
    assert texts == [text.replace("\udcff", r"\udcff") for text in NASTY]


def test_both_formats_say_the_same(tmp_path: Path, store: Store, optimize_report: OptimizeReport) -> None:
    store.put_plan("plan", HOST, PlanOutcome("heat", "m", "tot", 7, optimize_report, b""))
    store.put_timings("field", HOST, make_timings())
    store.put_host(HOST, make_environment(), (make_peaks(1),))
    store.put_work(HOST, make_work())
    store.put_replies("call", "tiny", (make_reply(),))
    first, second = (tables(store, tmp_path, form) for form in FORMATS)
    assert first == second
    assert all(first.values()), "a table without rows shows nothing"


def test_the_columns_of_a_file_have_the_documented_types(tmp_path: Path, store: Store) -> None:
    names = {str: "string", int: "int64", float: "double", bool: "bool"}
    for path in export(store, tmp_path, "parquet"):
        schema = parquet.read_schema(path)
        expected = [(column.name, names[column.kind], column.is_nullable) for column in columns_of(path.stem)]
        assert [(entry.name, str(entry.type), entry.nullable) for entry in schema] == expected


def test_the_page_documents_every_column() -> None:
    """That it is generated is checked in tests/docs; this reads it as a user does."""
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.M | re.S))
    documented = {table: re.findall(r"^\| `(\w+)` \|", text, re.M) for table, text in sections.items()}
    assert documented == {table: [column.name for column in columns_of(table)] for table in TABLES}


def test_the_pages_script_finds_the_speedups_again(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base, fast = (0.4, 0.5, 0.7, 0.45, 0.41), (0.1, 0.2, 0.15, 0.3, 0.12)
    for key, factor in (("first", 1.0), ("second", 3.0)):
        serial = tuple(factor * seconds for seconds in base)
        timings = [("gcc-O3", MethodKind.SERIAL, serial), ("expert", MethodKind.EXPERT, fast)]
        rows: list[Timing] = []
        for method, kind, samples in timings:
            interval = bootstrap_median(paired_ratios(serial, samples), seed=1)
            series = Series(method, samples, (9.0,))
            bounds = (interval.median, interval.low, interval.high)
            rows.append(Timing("matmul", method, kind, SIZES, 2, series, *bounds, "gcc-O3"))
        rows.append(make_timings()[-1])
        store.put_timings(key, HOST, tuple(rows))
    export(store, tmp_path / "tables", "parquet")
    [script] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    path = tmp_path / "script.py"
    path.write_text(script)
    monkeypatch.setattr(sys, "argv", ["script.py", str(tmp_path / "tables")])
    runpy.run_path(str(path))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[1] for line in lines] == ["gcc-O3", "expert"] * 2
    assert all(line[2] == line[3] for line in lines)
    assert lines[1][2] == repr(0.41 / 0.12)


def test_a_format_that_there_is_not(tmp_path: Path, store: Store) -> None:
    with pytest.raises(UserError, match="no format called 'xlsx'") as caught:
        export(store, tmp_path, "xlsx")
    assert caught.value.code is Code.BAD_OPTION
    assert "parquet, csv" in caught.value.hint


def test_without_pyarrow_there_is_csv(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # what import then does is what it does without the package
    with pytest.raises(UserError, match="needs pyarrow") as caught:
        export(store, tmp_path / "tables", "parquet")
    assert caught.value.code is Code.EXTRA_MISSING
    assert "pip install 'loopwright[bench]'" in caught.value.hint
    assert not (tmp_path / "tables").exists()
    assert export(store, tmp_path / "tables", "csv")


def test_a_number_that_parquet_cannot_hold(tmp_path: Path, store: Store) -> None:
    store.put_replies("call", "tiny", (replace(make_reply(), seed=1 << 70),))
    with pytest.raises(UserError, match="does not fit into Parquet"):
        export(store, tmp_path / "tables", "parquet")
    assert tables(store, tmp_path / "tables", "csv")["replies"][0]["seed"] == 1 << 70


def test_a_second_export_takes_the_place_of_the_first(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "tables"
    export(store, folder, "csv")
    store.put_timings("field", HOST, (make_timing(),))
    assert len(tables(store, folder, "csv")["timings"]) == 1
    assert sorted(entry.name for entry in folder.iterdir()) == sorted(f"{table}.csv" for table in TABLES)


@pytest.mark.parametrize("failing", [1, 3, 6])
def test_an_export_that_fails_leaves_the_first(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    folder = tmp_path / "tables"
    export(store, folder, "csv")
    before = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    store.put_timings("field", HOST, make_timings())
    store.put_work(HOST, make_work())
    write, calls = Path.write_bytes, iter(range(1, 100))

    def write_until_full(path: Path, content: bytes) -> int:
        if next(calls) == failing:
            raise OSError(28, os.strerror(28), str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_until_full)
    with pytest.raises(ToolchainError, match="No space left on device"):
        export(store, folder, "csv")
    assert {entry.name: entry.read_bytes() for entry in folder.iterdir()} == before


def test_a_folder_that_is_a_file(tmp_path: Path, store: Store) -> None:
    (tmp_path / "tables").write_text("x")
    with pytest.raises(ToolchainError, match="cannot write"):
        export(store, tmp_path / "tables", "csv")


def test_all_tables_show_one_state(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put_replies("before", "tiny", (make_reply(),))
    flatten = exporting.flatten

    def flatten_while_another_writes(contents: Store) -> dict[str, tuple[object, ...]]:
        list(contents.plans())
        with Store.open(store.path) as other:
            other.put_replies("meanwhile", "tiny", (make_reply(),))
        return flatten(contents)

    monkeypatch.setattr(exporting, "flatten", flatten_while_another_writes)
    assert [row["call_key"] for row in tables(store, tmp_path, "csv")["replies"]] == ["before"]
    assert len(list(store.all_replies())) == 2
