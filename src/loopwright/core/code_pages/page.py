"""The shape of a reason code's page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodePage:
    """What a user reads about one code.

    Attributes:
        meaning: What it says, in a sentence or two.
        example: A few lines of C, or of a terminal, that lead to it.
        remedy: What to do, as a clause that also stands in reports.
    """

    meaning: str
    example: str
    remedy: str
