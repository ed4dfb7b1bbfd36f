"""Flags from a compile_commands.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loopwright.errors import UserError
from loopwright.frontend.compile_commands import flags_for


def write(folder: Path, entries: object) -> Path:
    database = folder / "compile_commands.json"
    database.write_text(entries if isinstance(entries, str) else json.dumps(entries))
    return database


def test_flags_lose_what_is_not_about_the_file(tmp_path: Path) -> None:
    source = tmp_path / "src" / "kernel.c"
    source.parent.mkdir()
    source.write_text("")
    arguments = [
        "cc",
        "-Iinc",
        "-I",
        "more",
        "-isystem",
        "/usr/x",
        "-DN=3",
        "-O2",
        "-c",
        "-MF",
        "k.d",
        "-MD",
        "-o",
        "k.o",
        "-std=c11",
        "kernel.c",
    ]
    database = write(tmp_path, [{"directory": str(source.parent), "file": "kernel.c", "arguments": arguments}])
    folder = source.parent
    assert flags_for(source, database) == (
        f"-I{folder}/inc", "-I", f"{folder}/more", "-isystem", "/usr/x", "-DN=3", "-O2", "-std=c11",
    )  # fmt: skip
    assert flags_for(source, tmp_path) == flags_for(source, database)


def test_a_command_is_split_as_a_shell_would(tmp_path: Path) -> None:
    source = tmp_path / "k.c"
    source.write_text("")
    entry = {"directory": str(tmp_path), "file": str(source), "command": "gcc '-DNAME=\"a b\"' -ok.o -c k.c"}
    assert flags_for(source, write(tmp_path, [entry])) == ('-DNAME="a b"',)


@pytest.mark.parametrize(
    "content",
    ["", "{", "{}", "3", "[3]", '[{"file": "k.c"}]', '[{"file": "k.c", "directory": "/", "arguments": [1]}]', "[]",
     '[{"file": "k.c", "directory": "/", "command": "cc \'"}]'],
)  # fmt: skip
def test_a_database_that_does_not_serve_is_one_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(UserError) as caught:
        flags_for(Path("/k.c"), write(tmp_path, content))
    assert caught.value.code.name == "BAD_COMPILE_COMMANDS"


def test_a_missing_database_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        flags_for(tmp_path / "k.c", tmp_path / "no.json")
