from __future__ import annotations

from loopwright.verify.build import new_warnings

BEFORE = "/k.c:3:5: warning: unused variable 'x' [-Wunused-variable]\n    3 | int x;\n"


def test_a_warning_that_moved_is_not_new() -> None:
    assert new_warnings(BEFORE, BEFORE.replace(":3:", ":7:")) == []


def test_a_new_warning_is_reported() -> None:
    after = BEFORE + "/k.c:9:1: warning: comparison is always true [-Wtype-limits]\n"
    assert new_warnings(BEFORE, after) == ["/k.c:9:1: warning: comparison is always true [-Wtype-limits]"]
