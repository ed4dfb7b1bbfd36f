"""What holds for the tree as a whole."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src" / "loopwright").rglob("*.py"))
MAX_LINES = 400


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_say_what_they_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES, "split it by meaning"
    assert ast.get_docstring(ast.parse(text)), "a module opens with a sentence on what it owns"


def test_only_config_reads_the_environment() -> None:
    readers = {path.name for path in MODULES if "os.environ" in path.read_text(encoding="utf-8")}
    assert readers <= {"config.py"}


def test_version_has_one_place() -> None:
    version = (ROOT / "src" / "loopwright" / "version.py").read_text(encoding="utf-8").split('"')[-2]
    others = [ROOT / "pyproject.toml", ROOT / "CITATION.cff", *(path for path in MODULES if path.name != "version.py")]
    assert not [path for path in others if f'"{version}"' in path.read_text(encoding="utf-8")]
