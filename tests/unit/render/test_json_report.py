from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from loopwright.core.codec import decode
from loopwright.core.codes import Code
from loopwright.core.plan import Step
from loopwright.core.report import AnalysisReport, OptimizeReport, VerifyReport
from loopwright.render.json_report import analysis_document, error_document, optimize_document, verify_document

SCHEMAS = Path(__file__).parents[3] / "docs" / "schema"


def check(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """Validate ``document`` as a reader would get it, and return that."""
    text = json.dumps(document, allow_nan=False)
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    read = json.loads(text)
    jsonschema.validate(read, schema, jsonschema.Draft202012Validator)
    return read


def test_analysis_document_keeps_the_contract(analysis_report: AnalysisReport) -> None:
    document = check("analyze", analysis_document(analysis_report))
    nest = document["nests"][0]
    assert (nest["id"], nest["function"], nest["line"]) == ("sweep:2", "sweep", 2)
    i, j, k = nest["loops"]
    assert (i["iterator"], i["line"], i["depth"], i["parallel"], i["code"]) == ("i", 2, 0, "refuted", "LW101")
    assert i["witness"]["text"] == "S0[i=1] (line 2) -> S0[i=2] (line 2) on a[1] with n=3"
    assert i["witness"]["source"] == {"statement": "S0", "iterators": {"i": 1}, "line": 2}
    assert i["witness"]["parameters"] == {"n": 3}
    assert j["parallel"] == "proved"
    assert j["code"] is None
    assert j["reductions"] == [{"variable": "s", "operator": "+"}]
    assert j["privates"] == ["t", "u"]
    assert [item["kind"] for item in j["assumptions"]] == ["no-alias", "reassociation"]
    assert (k["parallel"], k["code"], k["witness"]) == ("undecided", "LW209", None)
    assert document["unsupported"] == [{"function": "main", "line": 30, "code": "LW211", "reason": "a while loop"}]


def test_optimize_document_keeps_the_contract(optimize_report: OptimizeReport) -> None:
    document = check("optimize", optimize_document(optimize_report))
    assert [nest["outcome"] for nest in document["nests"]] == ["delivered", "kept", "refused", "unsupported"]
    assert [nest["label"] for nest in document["nests"]] == ["proved", None, None, None]
    delivered, kept, refused, _ = document["nests"]
    assert delivered["speedup"] == {
        "median": 1.9,
        "low": 1.9 - 0.05,
        "high": 1.9 + 0.05,
        "threads": 2,
        "baseline": "gcc -O3 -march=native",
    }
    assert kept["speedup"]["median"] == 0.97
    assert refused["speedup"] is None
    assert refused["measurement"] == {"failed": {"code": "LW407", "reason": "20 s"}}
    assert [item["legality"] for item in delivered["proposals"]] == ["proved", None, "refuted"]
    assert [item["code"] for item in delivered["proposals"]] == [None, None, "LW101"]
    assert delivered["proposals"][1]["plan"] is None
    assert delivered["proposals"][1]["error"] == "not JSON"
    assert document["patch"] == optimize_report.patch
    assert (document["model"], document["strategy"], document["seed"], document["elapsed_s"]) == (
        "smollm2",
        "zero-shot",
        7,
        12.5,
    )


def test_optimize_document_can_be_replayed(optimize_report: OptimizeReport) -> None:
    delivered = check("optimize", optimize_document(optimize_report))["nests"][0]
    assert delivered["measurement"]["candidate"]["samples_s"] == [0.010, 0.011]
    assert delivered["measurement"]["candidate"]["warmups_s"] == [0.02]
    assert [series["label"] for series in delivered["measurement"]["baselines"]] == ["gcc -O3 -march=native", "clang"]
    assert delivered["measurement"]["seed"] == 7
    reply = delivered["proposals"][0]["replies"][0]
    assert reply["messages"] == [{"role": "user", "content": "loop i ..."}]
    assert (reply["text"], reply["seed"], reply["temperature"]) == ("{}", 7, 0.5)
    assert reply["log_probability"] is None  # minus infinity has no JSON


def test_plan_in_the_document_decodes_to_the_same_steps(optimize_report: OptimizeReport) -> None:
    document = optimize_document(optimize_report)
    basis = optimize_report.nests[0].basis
    assert basis is not None
    assert tuple(decode(Step, step) for step in document["nests"][0]["plan"]) == basis.plan.steps


def test_verify_document_lists_the_findings_of_all_functions(verify_report: VerifyReport) -> None:
    document = check("verify", verify_document(verify_report))
    assert document["accepted"] is False
    assert [(item["function"], item["stage"], item["outcome"]) for item in document["findings"]] == [
        ("sweep", "compile", "pass"),
        ("sweep", "differential", "pass"),
        ("copy", "compile", "pass"),
        ("copy", "differential", "fail"),
    ]
    assert document["findings"][3]["detail"] == "n=7: a[6] is 0, not 3"
    assert [item["accepted"] for item in document["functions"]] == [True, False]


def test_nothing_checked_is_not_accepted(verify_report: VerifyReport) -> None:
    assert verify_document(replace(verify_report, verdicts=()))["accepted"] is False


@pytest.mark.parametrize("key", ["nests", "unsupported", "schema_version"])
def test_schema_refuses_a_document_that_lost_a_key(analysis_report: AnalysisReport, key: str) -> None:
    document = analysis_document(analysis_report)
    del document[key]
    with pytest.raises(jsonschema.ValidationError, match=key):
        check("analyze", document)


def test_schema_refuses_a_delivery_without_label(optimize_report: OptimizeReport) -> None:
    document = optimize_document(optimize_report)
    document["nests"][0]["label"] = None
    with pytest.raises(jsonschema.ValidationError):
        check("optimize", document)


def test_error_document_of_our_own_bug_has_no_code() -> None:
    assert error_document(None, "internal error: boom")["error"]["code"] is None
    assert error_document(Code.CANNOT_READ, "no", "look")["error"] == {"code": "LW901", "message": "no", "hint": "look"}
