from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from loopwright.cli import files
from loopwright.cli.files import replace_with_backup, require_writable, write_whole
from loopwright.core.codes import Code
from loopwright.errors import ToolchainError


def entries(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def full_disk(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_write_whole_makes_the_folder_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b" / "x.patch", b"text")
    assert (tmp_path / "a" / "b" / "x.patch").read_bytes() == b"text"
    assert entries(tmp_path / "a" / "b") == {"x.patch"}


def test_write_whole_respects_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_whole(tmp_path / "x", b"")
    finally:
        os.umask(old)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_text("old")
    monkeypatch.setattr(files.os, "fsync", full_disk)
    with pytest.raises(ToolchainError, match="No space left") as caught:
        write_whole(tmp_path / "x", b"new")
    assert caught.value.code is Code.CANNOT_WRITE
    assert (tmp_path / "x").read_text() == "old"
    assert entries(tmp_path) == {"x"}


def test_an_interrupt_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "x").write_text("old")
    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_with_backup(tmp_path / "x", b"old", b"new")
    assert (tmp_path / "x").read_text() == "old"
    assert entries(tmp_path) == {"x"}


def test_replace_keeps_mode_and_backup(tmp_path: Path) -> None:
    path = tmp_path / "x.c"
    path.write_bytes(b"old\r\n")
    path.chmod(0o754)
    backup = replace_with_backup(path, b"old\r\n", b"new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert path.stat().st_mode & 0o777 == 0o754
    assert backup == tmp_path / "x.c.orig"
    assert backup.read_bytes() == b"old\r\n"
    assert backup.stat().st_mode & 0o777 == 0o754


def test_backups_are_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.c"
    path.write_text("0")
    for number in range(3):
        replace_with_backup(path, str(number).encode(), str(number + 1).encode())
    assert path.read_text() == "3"
    assert {name: (tmp_path / name).read_text() for name in entries(tmp_path) - {"x.c"}} == {
        "x.c.orig": "0",
        "x.c.orig.1": "1",
        "x.c.orig.2": "2",
    }


def test_a_backup_that_is_a_dangling_link_is_kept(tmp_path: Path) -> None:
    (tmp_path / "x.c").write_text("old")
    (tmp_path / "x.c.orig").symlink_to(tmp_path / "elsewhere")
    assert replace_with_backup(tmp_path / "x.c", b"old", b"new").name == "x.c.orig.1"
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "x.c"
    real.write_text("old")
    link = tmp_path / "x.c"
    link.symlink_to(real)
    backup = replace_with_backup(link, b"old", b"new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert backup == tmp_path / "real" / "x.c.orig"


def test_an_edit_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "x.c"
    path.write_text("edited")
    with pytest.raises(ToolchainError, match="changed while") as caught:
        replace_with_backup(path, b"old", b"new")
    assert caught.value.code is Code.CANNOT_WRITE
    assert entries(tmp_path) == {"x.c"}
    assert path.read_text() == "edited"


def test_require_writable_leaves_nothing(tmp_path: Path) -> None:
    require_writable(tmp_path / "a" / "b")
    assert entries(tmp_path) == set()


def test_require_writable_refuses_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    for folder in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(ToolchainError, match="not a folder"):
            require_writable(folder)


def test_require_writable_refuses_where_no_file_can_be_made() -> None:
    with pytest.raises(ToolchainError, match="cannot write /proc"):
        require_writable(Path("/proc/loopwright"))
