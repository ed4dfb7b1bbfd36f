"""docs/security.md: each line of the threat model names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
LINES = [line for line in PAGE.splitlines() if line.startswith(("| can ", "| cannot "))]
NAMED = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")


def test_every_line_names_a_test_that_exists() -> None:
    assert len(LINES) > 40
    for line in LINES:
        named = NAMED.findall(line.rpartition("|")[0].rpartition("|")[2])
        assert named, f"names no test: {line}"
        for path, name in named:
            assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), f"{path} has no {name}"


def test_every_door_has_a_table_of_both_kinds() -> None:
    for title in ("A source file", "A model or its server", "A store", "kernel.toml", "compile_commands.json"):
        section = PAGE.partition(f"## {title}")[2].partition("\n## ")[0]
        assert "| cannot |" in section, title
        assert "| can |" in section, title
    assert "## A plan file" in PAGE
