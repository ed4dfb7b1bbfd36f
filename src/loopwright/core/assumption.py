"""What a proof takes for granted, and the isl text types that the values share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from loopwright.core.codes import Code

SetText = NewType("SetText", str)
MapText = NewType("MapText", str)


class AssumptionKind(StrEnum):
    """What a proof may rest on beyond the language's own rules."""

    NO_ALIAS = "no-alias"
    REASSOCIATION = "reassociation"
    SUBSCRIPT_BOUNDS = "subscript-bounds"
    NO_WRAP = "no-wrap"
    POSITIVE = "positive"
    TRIP_COUNT = "trip-count"


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that a proof takes for granted and that the code guards or the report states.

    Attributes:
        kind: Its family.
        text: One clause for people.
        guard: C expression, free of side effects and valid in front of the nest, that is true when the assumption
            holds; ``""`` if it can only be stated.
        code: The reason code whose page explains it.
        variables: Names of the variables concerned.
        context: The same as constraints on parameters (``[n] -> { : n >= 1 }``), or ``""`` if it has no such form.
    """

    kind: AssumptionKind
    text: str
    guard: str
    code: Code
    variables: tuple[str, ...] = ()
    context: SetText = SetText("")
