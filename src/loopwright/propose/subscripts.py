"""How an access moves through memory as a loop advances, read off its relation's text."""

from __future__ import annotations

import re
from enum import Enum

from loopwright.core.nest import Access


class Stride(Enum):
    """Distance between the elements that two consecutive iterations of a loop touch."""

    ZERO = "zero"
    UNIT = "unit"
    LONG = "long"
    UNKNOWN = "unknown"


def stride_of(access: Access, loop: str) -> Stride:
    """Return the stride of ``access`` along ``loop``.

    A relation that is not exact moves in an unknown way, unless it does not depend on anything.
    """
    if not access.exact:
        return Stride.UNKNOWN
    _, _, image = access.relation.rpartition("-> ")
    inner, _, constraints = image.partition("[")[2].partition("]")
    if re.search(rf"\b{re.escape(loop)}\b", constraints):  # subscripts given by constraints: no simple form
        return Stride.UNKNOWN
    subscripts = inner.split(",") if inner.strip() else []
    holding = [index for index, text in enumerate(subscripts) if re.search(rf"(?<![A-Za-z_]){re.escape(loop)}\b", text)]
    if not holding:
        return Stride.ZERO
    if holding != [len(subscripts) - 1]:
        return Stride.LONG
    return Stride.LONG if re.search(rf"\d\s*\*?\s*{re.escape(loop)}\b", subscripts[-1]) else Stride.UNIT
