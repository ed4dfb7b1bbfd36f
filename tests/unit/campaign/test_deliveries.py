from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from loopwright.campaign.deliveries import original_lines
from loopwright.render.diff import unified_diff

# Lines that look like parts of a patch, and bytes that are not UTF-8.
LINES = st.lists(
    st.sampled_from([b"a;", b"-b;", b"--c;", b"+d;", b"++e;", b"@@ -1 +1 @@", b"", b" f", b"\xff\r", b"\\ g"])
)


@example(before=[b"", b""], after=[b"a;"], ends=False)
@given(before=LINES, after=LINES, ends=st.booleans())
def test_the_original_is_what_the_patch_was_made_from(before: list[bytes], after: list[bytes], ends: bool) -> None:
    end = b"\n" if ends else b""
    first, second = b"\n".join(before) + end, b"\n".join(after) + end
    lines = original_lines(second, unified_diff("k.c", first, second))
    expected = first.decode("utf-8", "surrogateescape").split("\n")
    # Whether a line feed ends the file is not a line of it.
    assert _without_end(list(lines), second) == _without_end(expected, first)


def test_a_patch_that_does_not_fit_gives_nothing() -> None:
    patch = unified_diff("k.c", b"a;\nb;\n", b"a;\nc;\n")
    assert original_lines(b"x;\ny;\n", patch) == ()


def test_a_hunk_without_new_lines_stands_behind_the_line_that_it_names() -> None:
    patch = "--- a/k.c\n+++ b/k.c\n@@ -2,1 +1,0 @@\n-b;\n"
    assert original_lines(b"a;\nc;", patch) == ("a;", "b;", "c;")


def _without_end(lines: list[str], of: bytes) -> list[str]:
    return lines[:-1] if of.endswith(b"\n") or not of else lines
