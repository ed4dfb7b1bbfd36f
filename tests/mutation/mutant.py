"""One deliberate fault, as a value, and how it is put into a copy of the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path("src") / "loopwright"
"""Where ``Mutant.file`` lies, from the root of the checkout."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault.

    Attributes:
        name: Unique.
        file: Path below ``src/loopwright``.
        old: Text that occurs exactly once in the file.
        new: What stands there instead.
        why: What goes wrong with it, for people.
        tests: pytest node ids, with or without parameters; at least one must go red.
    """

    name: str
    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]


def is_stale(mutant: Mutant, root: Path) -> bool:
    """Return True if the file below ``root`` does not hold the old text exactly once."""
    path = root / SOURCE / mutant.file
    return not path.is_file() or path.read_text(encoding="utf-8").count(mutant.old) != 1


def mutated(mutant: Mutant, root: Path) -> str:
    """Return the file's text with the fault in it; the mutant is not stale."""
    return (root / SOURCE / mutant.file).read_text(encoding="utf-8").replace(mutant.old, mutant.new)


def missing_tests(mutant: Mutant, root: Path) -> list[str]:
    """Return those of the mutant's tests that do not exist below ``root``."""
    return [name for name in mutant.tests if not _exists(name, root)]


def _exists(name: str, root: Path) -> bool:
    file, *parts = name.partition("[")[0].split("::")
    path = root / file
    if not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    return all(re.search(rf"^ *(?:class|def) {re.escape(part)}\b", text, re.MULTILINE) for part in parts)
