"""The answer of ``verify FILE`` for people and for programs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
from rich.console import Console

from loopwright.core.race import AuditReport
from loopwright.render.audit import audit_document, render_audit

SCHEMA = Path(__file__).parents[3] / "docs" / "schema" / "races.schema.json"


def test_document_has_the_shape_of_its_schema(audit_report: AuditReport) -> None:
    document = audit_document(audit_report)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    racy, free, unknown = document["constructs"]
    assert racy["race"]["first"] == {"file": "", "line": 5, "kind": "write", "text": "tmp"}
    assert racy["fix"]["line"] == 3
    assert (free["race"], free["code"], free["fix"]) == (None, None, None)
    assert unknown["code"] == "LW209"
    assert document["verdict"] == "race"


def test_text_says_what_to_do(audit_report: AuditReport) -> None:
    output = io.StringIO()
    source = tuple(f"line {number}" for number in range(1, 20))
    Console(file=output, width=120).print(render_audit(audit_report, source))
    text = output.getvalue()
    assert "solver.c: race; 3 constructs, 1 with a race" in text
    assert "    5 | line 5" in text
    assert "add private(tmp) at line 3" in text
    assert "LW209" in text
    assert "skipped" in text
