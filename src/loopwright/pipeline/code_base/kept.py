"""Answers of earlier runs, kept by what went into them: the file, its headers, its flags, and loopwright itself.

An entry is one file that appears whole or not at all, so two runs may use the folder at once; one that cannot be read
or does not fit is as good as none, and is written anew.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
from importlib import metadata
from pathlib import Path
from typing import Any, cast

from loopwright.core.survey import Document, FileAnswer, FileOutcome
from loopwright.pipeline.code_base.files import FileTask
from loopwright.storage.cells import pack, unpack
from loopwright.toolchain.kept import keep
from loopwright.version import __version__

_FORMAT = 1
_PACKAGE = Path(__file__).parents[2]
# What an answer is made by; the rest of the package may change without making it stale.
_MAKERS = ("core", "frontend", "legality", "pipeline", "poly", "render")
_LIBRARIES = ("islpy", "libclang")


class KeptAnswers:
    """The folder of answers.

    Attributes:
        folder: Where; it is made when it is needed, and where it cannot be, nothing is kept.
        choices: What else the answers depend on, as text.
    """

    def __init__(self, folder: Path, choices: tuple[str, ...]) -> None:
        self.folder = folder
        self._base = json.dumps([_FORMAT, __version__, _own_digest(), *choices])
        self._digests: dict[str, str] = {}

    def find(self, task: FileTask) -> FileAnswer | None:
        """Return what is known of the file as it is now; None if it has to be analysed."""
        entry = self._entry(task)
        if entry is None:
            return None
        try:
            content = entry.read_bytes()
            stored: Any = unpack(content.decode("ascii") if content.startswith(b"{") else content)
            headers, absent, document = _checked(stored)
        except (OSError, ValueError):
            return None
        if any(self._digest(path) != digest for path, digest in headers.items()):
            return None
        if any(Path(path).exists() for path in absent):
            return None
        outcome = FileOutcome.ANALYSED if document.get("doubt") is None else FileOutcome.INCOMPLETE
        return FileAnswer(str(task.path), outcome, document, is_cached=True)

    def keep(self, task: FileTask, document: Document, headers: tuple[str, ...]) -> None:
        """Keep a document; that it cannot be written is no failure of the analysis."""
        entry = self._entry(task)
        if entry is None:
            return
        known = {str(Path(path).absolute()): self._digest(path) for path in headers}
        absent = [path for path in _earlier_places(task, tuple(known)) if not Path(path).exists()]
        with contextlib.suppress(ValueError):
            cell = pack({"headers": known, "absent": absent, "document": document})
            keep(cell if isinstance(cell, bytes) else cell.encode("ascii"), entry)

    def _entry(self, task: FileTask) -> Path | None:
        content = self._digest(str(task.path))
        if not content:
            return None
        text = json.dumps([self._base, str(task.path), str(task.path.absolute()), list(task.flags), content])
        digest = hashlib.sha256(text.encode("ascii")).hexdigest()
        return self.folder / digest[:2] / f"{digest[2:40]}.json"

    def _digest(self, path: str) -> str:
        """Return the digest of a file, read once per run; ``""`` if it cannot be read."""
        if path not in self._digests:
            try:
                self._digests[path] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            except OSError:
                self._digests[path] = ""
        return self._digests[path]


def _checked(stored: Any) -> tuple[dict[str, str], list[str], Document]:
    """Return the parts of an entry; raises ValueError if it is none."""
    entry = cast("dict[str, Any]", stored) if isinstance(stored, dict) else {}
    headers, absent, document = (entry.get(key) for key in ("headers", "absent", "document"))
    if not (isinstance(headers, dict) and isinstance(absent, list) and isinstance(document, dict)):
        raise ValueError("it is no entry")
    texts = [*cast("dict[Any, Any]", headers).values(), *cast("list[Any]", absent)]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("it is no entry")
    return cast("dict[str, str]", headers), cast("list[str]", absent), cast("Document", document)


def _earlier_places(task: FileTask, headers: tuple[str, ...]) -> set[str]:
    """Return where a header would be found before the one that was: a file that appears there changes the answer."""
    folders = [str(task.path.absolute().parent), *_folders(task.flags)]
    places: set[str] = set()
    for header in headers:
        for number, folder in enumerate(folders):
            if header.startswith(folder + os.sep):
                name = header[len(folder) + 1 :]
                places.update(os.path.join(earlier, name) for earlier in folders[:number])
                break
        else:
            places.update(os.path.join(folder, os.path.basename(header)) for folder in folders)
    return places - set(headers)


def _folders(flags: tuple[str, ...]) -> list[str]:
    folders: list[str] = []
    for number, flag in enumerate(flags):
        for option in ("-I", "-iquote", "-isystem"):
            if flag == option and number + 1 < len(flags):
                folders.append(flags[number + 1])
            elif flag.startswith(option) and flag != option:
                folders.append(flag[len(option) :])
    return [str(Path(folder).absolute()) for folder in folders]


@functools.cache
def _own_digest() -> str:
    """Return a digest of the code that makes answers, so that a changed loopwright of the same version counts."""
    digest = hashlib.sha256()
    for name in _MAKERS:
        for file in sorted((_PACKAGE / name).rglob("*.py")):
            digest.update(file.read_bytes())
    for library in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            digest.update(metadata.version(library).encode())
    return digest.hexdigest()
