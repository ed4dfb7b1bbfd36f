from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loopwright.render.printable import printable


@given(st.text())
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    shown = printable(text).replace("\n", "").replace("\t", "")
    assert shown.isprintable()
    shown.encode("utf-8")


def test_ordinary_text_is_kept() -> None:
    assert printable("a = é + 1;\n\tb") == "a = é + 1;\n\tb"


def test_lone_surrogates_and_controls_are_escaped() -> None:
    assert printable("\udcff\x1b[0m\x7f\u200b") == r"\udcff\x1b[0m\x7f\u200b"
