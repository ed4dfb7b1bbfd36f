from __future__ import annotations

import math
from typing import Any

import pytest

from loopwright.campaign.keys import content_key
from loopwright.core.plan import Parallelize, Plan


def test_the_key_is_the_hash_of_canonical_json() -> None:
    # sha256sum of {"kernel":"matmul","sizes":[["n",8]]}
    assert content_key(sizes=(("n", 8),), kernel="matmul") == content_key(kernel="matmul", sizes=[["n", 8]])
    assert content_key() == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of {}


@pytest.mark.parametrize(
    "parts",
    [
        {"kernel": "matmul", "seed": 1},
        {"kernel": "matmul", "seed": 0.0},
        {"kernel": "matmul", "seed": None},
        {"kernel": "matmul", "seed": False},
        {"kernel": "matmul"},
        {"kernel": "matmul", "seed": 0, "host": ""},
        {"kernels": "matmul", "seed": 0},
        {"kernel": "matmul\0", "seed": 0},
        {"kernel": ["matmul"], "seed": 0},
    ],
)
def test_whatever_differs_changes_the_key(parts: dict[str, Any]) -> None:
    assert content_key(**parts) != content_key(kernel="matmul", seed=0)


def test_our_own_values_are_parts() -> None:
    plan = Plan("f:1", (Parallelize("i"),))
    assert content_key(plan=plan) == content_key(plan=Plan("f:1", (Parallelize("i"),)))
    assert content_key(plan=plan) != content_key(plan=Plan("f:1", (Parallelize("j"),)))
    assert content_key(source=b"\xff") != content_key(source=b"\xfe")


def test_parts_without_a_canonical_form() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        content_key(budget=math.nan)
    with pytest.raises(TypeError, match="no JSON form"):
        content_key(source=object())
