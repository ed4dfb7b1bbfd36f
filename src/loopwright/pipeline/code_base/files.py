"""Which files a command line means, and with which flags each is compiled."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.frontend.compile_commands import DATABASE, read_database

SUFFIXES = frozenset({".c", ".cc", ".cpp", ".cxx", ".c++", ".C"})


@dataclass(frozen=True, slots=True)
class FileTask:
    """One file to analyse, and the flags that it needs."""

    path: Path
    flags: tuple[str, ...]


def find_tasks(
    paths: Sequence[Path], given: tuple[str, ...], database: Path | None, say: Callable[[str], None]
) -> tuple[FileTask, ...]:
    """Return the files to analyse, each once, with the database's flags and then those ``given``.

    Args:
        paths: Files, and folders, whose C and C++ files count, headers aside. Without any, all of the database.
        given: Flags for every file.
        database: A compile_commands.json or its folder; without one, that beside a file or at the top of a folder.
        say: Is told of what is passed over.

    Raises:
        UserError: A path does not exist, or the database cannot be read, or there is nothing to analyse.
    """
    known = read_database(database) if database is not None else {}
    files: dict[Path, Path] = {}
    for path in paths or sorted(known):
        if path.is_dir():
            before = len(files)
            for file in _files_below(path):
                files.setdefault(file.resolve(), file)
            if len(files) == before:
                say(f"warning: {path} holds no C or C++ file")
            if database is None:
                known = {**_beside(path, say), **known}
        elif path.exists() or not paths:
            files.setdefault(path.resolve(), path)
            if database is None:
                known = {**_beside(path.parent, say), **known}
        else:
            raise UserError(Code.CANNOT_READ, f"cannot read {path}: No such file or directory", "check the path")
    if not files:
        raise UserError(Code.CANNOT_READ, "there is no C or C++ file to analyse", "name files, folders or a database")
    tasks = tuple(FileTask(file, (*known.get(target, ()), *given)) for target, file in files.items())
    strange = [file for target, file in files.items() if target not in known]
    if database is not None and strange:
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        say(f"warning: {database} does not say how {strange[0]}{more} is compiled")
    return tasks


def _beside(folder: Path, say: Callable[[str], None]) -> dict[Path, tuple[str, ...]]:
    file = folder / DATABASE
    if not file.is_file():
        return {}
    try:
        return read_database(file)
    except UserError as error:
        say(f"warning: {file} is not used: {error.one_line()}")
        return {}


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the source files in ``folder``, links to folders and hidden folders aside, in order."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(place, name)
            if file.suffix in SUFFIXES and file.is_file():
                yield file
