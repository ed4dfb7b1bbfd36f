"""Generated source text and the proof, or waiver, that it rests on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.core.legality import Basis, Proved
from loopwright.core.source import Source, Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One version of the user's file.

    Attributes:
        source: The original.
        edits: In textual order, disjoint.
        bases: One per nest that was changed.
    """

    source: Source
    edits: tuple[Edit, ...]
    bases: tuple[Basis, ...]

    @property
    def content(self) -> bytes:
        """Return the bytes of the changed file."""
        content = self.source.content
        for edit in sorted(self.edits, key=lambda edit: edit.span.start, reverse=True):
            replacement = edit.text.encode("utf-8", "surrogateescape")
            content = content[: edit.span.start] + replacement + content[edit.span.end :]
        return content

    @property
    def is_proved(self) -> bool:
        """Return True if every changed nest rests on a proof."""
        return all(isinstance(basis, Proved) for basis in self.bases)


def combine(candidates: tuple[Candidate, ...]) -> Candidate:
    """Return one candidate with the edits of all; raises ValueError if there is none or two edits overlap."""
    if not candidates:
        raise ValueError("nothing to combine")
    edits = sorted((edit for candidate in candidates for edit in candidate.edits), key=lambda edit: edit.span.start)
    for first, second in itertools.pairwise(edits):
        if second.span.start < first.span.end:
            raise ValueError(f"edits overlap at {second.span}")
    bases = tuple(basis for candidate in candidates for basis in candidate.bases)
    return Candidate(candidates[0].source, tuple(edits), bases)


@dataclass(frozen=True, slots=True)
class NotGenerated:
    """No text could be written for a legal plan, and why."""

    code: Code
    reason: str
