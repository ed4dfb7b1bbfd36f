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


def reads_environment(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # os.environ[NAME] = VALUE is not a read.
    written = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    }
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and id(node) not in written
        for node in ast.walk(tree)
    )


def test_only_config_reads_the_environment() -> None:
    assert [path.name for path in MODULES if reads_environment(path)] == ["config.py"]


def test_version_has_one_place() -> None:
    version = (ROOT / "src" / "loopwright" / "version.py").read_text(encoding="utf-8").split('"')[-2]
    others = [ROOT / "pyproject.toml", ROOT / "CITATION.cff", *(path for path in MODULES if path.name != "version.py")]
    assert not [path for path in others if f'"{version}"' in path.read_text(encoding="utf-8")]
