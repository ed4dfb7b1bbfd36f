"""Each reason for an uncovered line is about a line that exists; `make coverage` says if it is still uncovered."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[3]


def load() -> ModuleType:
    specification = importlib.util.spec_from_file_location("measure_coverage", ROOT / "scripts" / "measure_coverage.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_reasons_are_about_lines_that_exist() -> None:
    script = load()
    reasons = script.read_reasons()
    assert all(reason.strip() for reason in reasons.values())
    for file, text in reasons:
        lines = [line.strip() for line in (script.SOURCE / file).read_text(encoding="utf-8").splitlines()]
        assert text in lines, f"{file}: {text}"


def test_what_has_no_reason_and_a_reason_for_nothing_are_problems() -> None:
    script = load()
    totals = {"legality": (100, 1), "codegen": (100, 6), "verify": (100, 5)}
    missing = {("legality/a.py", "one"): [3, 9], ("legality/a.py", "two"): [4]}
    reasons = {("legality/a.py", "one"): "because", ("codegen/b.py", "gone"): "because"}
    found = script.problems(totals, missing, reasons)
    assert len(found) == 3
    assert any(problem.startswith("codegen is covered to 94.0%") for problem in found)
    assert any("no reason given: two" in problem for problem in found)
    assert any("covered or gone: gone" in problem for problem in found)
    text = script.page(totals, missing, reasons)
    assert "| legality/a.py:3, legality/a.py:9 | `one` | because |" in text
    assert "**none given**" in text
