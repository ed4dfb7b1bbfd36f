"""The generated pages are what their generator would write now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from loopwright.core.codes import Code

ROOT = Path(__file__).parents[2]


def test_generated_pages_are_up_to_date() -> None:
    command = [sys.executable, "scripts/generate_docs.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}run `make docs`"


def test_every_code_has_an_anchor() -> None:
    headings = {
        line.removeprefix("### ").strip()
        for line in (ROOT / "docs" / "codes.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("### ")
    }
    assert headings == {code.value for code in Code}
