"""Objects of the harness's fixed parts are kept from run to run, and never taken for another's."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness_subjects as subjects
from loopwright.config import Limits, Settings
from loopwright.harness.builder import Builder, Variant
from loopwright.toolchain import sanitizer
from loopwright.toolchain.compiler import Build, require_compilers
from loopwright.toolchain.sanitizer import Sanitizer

pytestmark = pytest.mark.needs("gcc")
TEXT = "void f(int n, const double *a, double *b) { for (int i = 0; i < n; i++) b[i] = a[i]; }\n"
PLAIN = ("-O1",)
CHECKED = sanitizer.flags(Sanitizer.ADDRESS)


def builder(folder: Path, number: int) -> Builder:
    path = folder / "kernel.c"
    path.write_text(TEXT)
    subject = subjects.subject_for(subjects.copy_function(), path, TEXT)
    return Builder(subject, Limits(), folder / f"scratch{number}", folder / "kept")


def kept(folder: Path) -> set[str]:
    return {path.name for path in (folder / "kept").glob("*.o")}


def made(builder: Builder, flags: tuple[str, ...]) -> Build:
    found = builder.build(TEXT.encode(), require_compilers(Settings())[0], flags, Variant.PLAIN)
    assert isinstance(found, Build), found
    return found


def test_equal_parts_are_kept_once_and_other_flags_or_texts_apart(tmp_path: Path) -> None:
    made(builder(tmp_path, 0), PLAIN)
    plain = kept(tmp_path)
    assert len(plain) == 2
    made(builder(tmp_path, 1), PLAIN)
    assert kept(tmp_path) == plain
    made(builder(tmp_path, 2), CHECKED)
    checked = kept(tmp_path) - plain
    assert len(checked) == 2
    later = builder(tmp_path, 3)
    part = tmp_path / "scratch3" / "memory.c"
    part.write_text(part.read_text() + "/* another version */\n")
    made(later, PLAIN)
    assert len(kept(tmp_path) - plain - checked) == 1


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    assert made(builder(tmp_path, 0), PLAIN).binary.is_file()
