from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from loopwright.propose.subscripts import Stride, stride_of


@pytest.mark.parametrize(
    ("relation", "stride"),
    [
        ("{ S0[i, j] -> a[i, j] }", Stride.UNIT),
        ("{ S0[i, j] -> a[i, -1 + j] : 0 <= i < n }", Stride.UNIT),
        ("[n] -> { S0[i, j] -> a[i, 1 + j] }", Stride.UNIT),
        ("{ S0[i, j] -> a[j, i] }", Stride.LONG),
        ("{ S0[i, j] -> a[j, j] }", Stride.LONG),
        ("{ S0[i, j] -> a[i, 2j] }", Stride.LONG),
        ("{ S0[i, j] -> a[i, 3 * j + 1] }", Stride.LONG),
        ("{ S0[i, j] -> a[i, jj] }", Stride.ZERO),
        ("{ S0[i, j] -> a[i] : 0 <= i < n }", Stride.ZERO),
        ("{ S0[i, j] -> s[] }", Stride.ZERO),
        ("{ S0[i, j] -> a[o0] : 2o0 = j }", Stride.UNKNOWN),
    ],
)
def test_strides_along_j(samples: SimpleNamespace, relation: str, stride: Stride) -> None:
    access = replace(samples.matmul.nest.statements[0].accesses[0], relation=relation)
    assert stride_of(access, "j") is stride


def test_an_access_that_is_not_exact_moves_in_an_unknown_way(samples: SimpleNamespace) -> None:
    access = samples.histogram.nest.statements[0].accesses[0]
    assert stride_of(access, "i") is Stride.UNKNOWN
