from __future__ import annotations

import re

import pytest

from loopwright.core.code_pages import PAGES, page, remedy
from loopwright.core.codes import Code


def test_every_code_has_a_page_and_no_page_is_left_over() -> None:
    assert set(PAGES) == set(Code)


@pytest.mark.parametrize("code", list(Code))
def test_pages_say_what_it_means_and_what_to_do(code: Code) -> None:
    text = page(code)
    assert text.meaning.endswith((".", ")"))
    assert text.example.strip()
    assert remedy(code)
    assert not remedy(code).endswith("."), "a remedy is a clause: reports put it behind others"
    assert "\n" not in remedy(code)


def test_numbers_are_of_a_known_family() -> None:
    assert all(re.fullmatch(r"LW[123459]\d\d", code.value) for code in Code)
    assert len({code.value for code in Code}) == len(Code)
