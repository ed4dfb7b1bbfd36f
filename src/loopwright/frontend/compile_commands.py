"""The flags of one file from a compile_commands.json, as build systems write it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, cast

from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.toolchain.flags import harmless

# Flags that say what to make of the file, not what is in it; the second group takes a value.
_DROPPED = frozenset({"-c", "-S", "-E", "-M", "-MM", "-MD", "-MMD", "-MP", "-MG", "-fsyntax-only", "-pipe"})
_DROPPED_WITH_VALUE = frozenset({"-o", "-MF", "-MT", "-MQ"})
_FOLDERS = ("-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros")
DATABASE = "compile_commands.json"
_LARGEST_BYTES = 1 << 28


def flags_for(path: Path, database: Path) -> tuple[str, ...]:
    """Return the flags with which ``database`` compiles ``path``, folders made absolute.

    Args:
        path: The source file.
        database: A compile_commands.json, or the folder that holds one.

    Raises:
        UserError: The database cannot be read, is not one, or does not name the file.
    """
    file = _file(database)
    for entry in _entries(file):
        folder = Path(entry["directory"])
        if _resolved(folder, entry["file"]) == path.resolve():
            return _cleaned(_arguments(entry, file), folder, path)
    raise UserError(
        Code.BAD_COMPILE_COMMANDS, f"{file} does not say how {path} is compiled", "pass the flags behind --"
    )


def read_database(database: Path) -> dict[Path, tuple[str, ...]]:
    """Return the flags of every file of ``database`` by its resolved path; the first command for a file counts.

    Raises:
        UserError: The database cannot be read or is not one.
    """
    file = _file(database)
    flags: dict[Path, tuple[str, ...]] = {}
    for entry in _entries(file):
        folder = Path(entry["directory"])
        path = _resolved(folder, entry["file"])
        if path not in flags:
            flags[path] = _cleaned(_arguments(entry, file), folder, path)
    return flags


def _file(database: Path) -> Path:
    return database / DATABASE if database.is_dir() else database


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        if file.stat().st_size > _LARGEST_BYTES:
            raise UserError(Code.BAD_COMPILE_COMMANDS, f"{file} is too large")
        document: Any = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UserError(Code.BAD_COMPILE_COMMANDS, f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(Code.BAD_COMPILE_COMMANDS, f"{file} is not JSON: {error}") from None
    entries = cast("list[Any]", document) if isinstance(document, list) else None
    if entries is None or not all(_is_entry(entry) for entry in entries):
        raise UserError(Code.BAD_COMPILE_COMMANDS, f"{file} is not a list of compile commands")
    return cast("list[dict[str, Any]]", entries)


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    values = cast("dict[str, object]", entry)
    if not all(isinstance(values.get(name), str) for name in ("file", "directory")):
        return False
    arguments = values.get("arguments")
    if isinstance(arguments, list):
        return all(isinstance(each, str) for each in cast("list[object]", arguments))
    return isinstance(values.get("command"), str)


def _resolved(folder: Path, name: str) -> Path:
    try:
        return (folder / name).resolve()
    except (OSError, ValueError, RuntimeError):
        return folder / name


def _arguments(entry: dict[str, Any], file: Path) -> list[str]:
    if isinstance(entry.get("arguments"), list):
        return list(entry["arguments"])
    try:
        return shlex.split(entry["command"])
    except ValueError as error:
        raise UserError(Code.BAD_COMPILE_COMMANDS, f"{file} holds a command that cannot be read: {error}") from None


def _cleaned(arguments: list[str], folder: Path, path: Path) -> tuple[str, ...]:
    flags: list[str] = []
    rest = iter(harmless(tuple(arguments[1:])))
    for argument in rest:
        if argument in _DROPPED_WITH_VALUE:
            next(rest, None)
        elif (
            argument in _DROPPED
            or argument == "--"
            or any(argument.startswith(flag) and argument != flag for flag in _DROPPED_WITH_VALUE)
        ):
            continue
        elif argument in _FOLDERS:
            flags += [argument, str(folder / next(rest, ""))]
        elif not argument.startswith("-"):
            if _resolved(folder, argument) != path.resolve():
                flags.append(argument)
        else:
            joined = next((flag for flag in _FOLDERS if argument.startswith(flag)), None)
            flags.append(f"{joined}{folder / argument[len(joined) :]}" if joined else argument)
    return tuple(flags)
