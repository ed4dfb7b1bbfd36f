from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from loopwright.core.comparison import Change, ChangeKind, Comparison
from loopwright.core.metrics import Rate
from loopwright.core.status import FailedTask, Status
from loopwright.core.summary import Summary
from loopwright.render.bench_json import comparison_document, status_document, summary_document
from loopwright.render.json_report import envelope

SCHEMAS = Path(__file__).parents[3] / "docs" / "schema"


def check(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """Validate ``document`` as a reader would get it, and return that."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    read = json.loads(json.dumps(document, allow_nan=False))
    jsonschema.validate(read, schema, jsonschema.Draft202012Validator)
    return read


@pytest.mark.parametrize("name", ["summary", "hostile_summary"])
def test_summary_document_keeps_the_contract(name: str, request: pytest.FixtureRequest) -> None:
    check("report", summary_document(request.getfixturevalue(name)))


def test_figures_are_those_of_the_summary(summary: Summary) -> None:
    document = check("report", summary_document(summary))
    row = next(item for item in document["tables"]["all_threads"]["methods"] if item["method"] == "polly-parallel")
    known = summary.all_threads.row("polly-parallel")
    assert known is not None
    assert row["where_it_applies"]["geometric_mean"] == known.applicable.geometric_mean
    assert row["all_kernels"]["count"] == len(summary.kernels)
    states = {item["kernel"]: item["state"] for item in row["kernels"]}
    assert states == {"bfs": "objected", "dijkstra": "inapplicable", "matmul": "measured", "maxpool": "failed"}
    bfs = next(item for item in row["kernels"] if item["kernel"] == "bfs")
    assert bfs["speedup"] is None
    assert bfs["reason"].startswith("wrong results")
    assert document["counts"]["evaluations"] == summary.counts.evaluations
    assert document["paper"]["methods"][0]["best"] == 43.25
    assert document["paper"]["note"].startswith("the paper's own claims")


def test_a_rate_has_its_share_of_those_that_were_judged(summary: Summary) -> None:
    first = replace(summary.proposers[0], verified=Rate(2, 8, 4), race_free=Rate(0, 8, 0))
    [told] = check("report", summary_document(replace(summary, proposers=(first,))))["proposers"]
    assert (told["verified"]["share"], told["verified"]["share_of_judged"]) == (0.25, 0.5)
    assert told["race_free"]["share_of_judged"] is None


def test_unknown_memory_is_null(summary: Summary) -> None:
    document = check("report", summary_document(summary))
    told = {item["model"]: item["cost"]["peak_bytes"] for item in document["by_model"]}
    assert told == {"none": None, "embedded": 180 << 20}
    absent = [item for item in document["timings"] if item["series"] is None]
    assert {item["peak_bytes"] for item in absent} == {None}


def test_raw_samples_and_replies_are_there(summary: Summary) -> None:
    document = check("report", summary_document(summary))
    assert all(len(item["series"]["samples_s"]) == 9 for item in document["timings"] if item["series"] is not None)
    replies = [
        reply for item in document["deliveries"] for each in item["nest"]["proposals"] for reply in each["replies"]
    ]
    assert all(reply["messages"] and reply["text"] for reply in replies)
    assert replies


def test_what_is_not_finite_is_null(summary: Summary) -> None:
    table = summary.all_threads
    cell = next(cell for cell in table.rows[0].cells if cell.timing is not None)
    assert cell.timing is not None
    endless = replace(cell, timing=replace(cell.timing, median=math.inf, low=math.nan, high=math.inf))
    row = replace(table.rows[0], cells=(endless,))
    document = check("report", summary_document(replace(summary, all_threads=replace(table, rows=(row,)))))
    told = document["tables"]["all_threads"]["methods"][0]["kernels"][0]
    assert (told["speedup"], told["low"], told["high"]) == (None, None, None)


@pytest.mark.parametrize("key", ["host", "tables", "paper", "deliveries", "timings", "schema_version"])
def test_schema_refuses_a_document_that_lost_a_key(summary: Summary, key: str) -> None:
    document = summary_document(summary)
    del document[key]
    with pytest.raises(jsonschema.ValidationError, match=key):
        check("report", document)


def test_comparison_document_keeps_the_contract() -> None:
    change = Change(ChangeKind.FASTER, "matmul", "polly", (("n", 9),), 2, "1.00x", "2.00x")
    document = check("compare", comparison_document(Comparison("a", "a", (change,), 3)))
    assert document["same_host"] is True
    assert document["changes"][0]["kind"] == "faster"
    assert document["changes"][0]["sizes"] == {"n": 9}


def test_status_document_keeps_the_contract() -> None:
    status = Status(30, 4, 7, 0, ("heat",), ("here",), (FailedTask("heat: m/cot", "no model", 2),))
    document = check("status", {**envelope("bench status"), "store": "x.db", **status_document(status)})
    assert document["evaluations"] == 37
    assert document["failures"] == [{"task": "heat: m/cot", "reason": "no model", "attempts": 2}]


def test_tasks_that_failed_are_counted(summary: Summary) -> None:
    assert check("report", summary_document(summary))["counts"]["unfinished"] == 1
