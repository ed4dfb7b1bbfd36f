from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from loopwright.render.diff import unified_diff

LONG = b"".join(b"line %d\n" % number for number in range(40))
CASES = {
    "insertion": (b"a;\nb;\n", b"a;\n#pragma omp simd\nb;\n"),
    "two hunks": (LONG, LONG.replace(b"line 5\n", b"five\n").replace(b"line 30\n", b"")),
    "no newline before": (b"a;\nb;", b"a;\nb;\nc;\n"),
    "no newline after": (b"a;\nb;\n", b"a;\nc;"),
    "no newline on both sides": (b"a;\nb;", b"x;\na;\nb;"),
    "CRLF": (b"a;\r\nb;\r\n", b"a;\r\n#pragma omp simd\r\nb;\r\n"),
    "not UTF-8": (b"/* caf\xe9 */\na;\n", b"/* caf\xe9 */\nb;\n"),
    "form feeds and line separators": (b"a\x0cb;\n\xe2\x80\xa8c;\x85d\n", b"a\x0cb;\n\xe2\x80\xa8c;\x85e\n"),
    "from an empty file": (b"", b"a;\n"),
    "to an empty file": (b"a;\n", b""),
}


def test_no_change_is_no_patch() -> None:
    assert unified_diff("k.c", b"a\n", b"a\n") == ""


def test_paths_are_relative_and_named_as_git_does() -> None:
    assert unified_diff("/src/k.c", b"a\n", b"b\n").splitlines()[:2] == ["--- a/src/k.c", "+++ b/src/k.c"]


def test_a_missing_newline_is_said() -> None:
    text = unified_diff("k.c", b"a;", b"b;")
    assert text.endswith("-a;\n\\ No newline at end of file\n+b;\n\\ No newline at end of file\n")


@pytest.mark.needs("git", "patch")
@pytest.mark.parametrize("name", ["k.c", "two words.c", "caf\u00e9.c"])
@pytest.mark.parametrize("case", CASES)
def test_git_and_patch_take_it(case: str, name: str, tmp_path: Path) -> None:
    before, after = CASES[case]
    patch = unified_diff(f"sub/{name}", before, after).encode("utf-8", "surrogateescape")
    for tool in (["git", "apply", "-"], ["patch", "-p1", "--binary", "--no-backup-if-mismatch"]):
        folder = tmp_path / tool[0]
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / name).write_bytes(before)
        done = subprocess.run(tool, cwd=folder, input=patch, capture_output=True, check=False)
        assert done.returncode == 0, (tool, done.stdout, done.stderr)
        result = folder / "sub" / name
        # patch removes a file that has become empty
        assert (result.read_bytes() if result.exists() else b"") == after, tool
