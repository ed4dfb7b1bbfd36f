from __future__ import annotations

import resource
from pathlib import Path

from loopwright.toolchain.kept import keep


def test_a_file_is_kept_in_a_folder_that_was_not_there(tmp_path: Path) -> None:
    place = tmp_path / "new" / "a.o"
    keep(b"whole", place)
    assert place.read_bytes() == b"whole"
    assert list(place.parent.iterdir()) == [place]


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "a.o"
    keep(b"old", place)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        keep(bytes(4000), place)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert place.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]


def test_where_nothing_can_be_kept_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    keep(b"whole", tmp_path / "file" / "a.o")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
