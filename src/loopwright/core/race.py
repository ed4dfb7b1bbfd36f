"""What was found of the OpenMP constructs of a file: a verdict each, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind
from loopwright.core.verdict import Finding


class RaceVerdict(StrEnum):
    """RACE: two threads, tasks or lanes meet. FREE: none do, in any execution. UNKNOWN: neither is shown."""

    RACE = "race"
    FREE = "race-free"
    UNKNOWN = "unknown"


class EvidenceKind(StrEnum):
    """Who decided: the race rules, a run under a race detector, or both."""

    STATIC = "static"
    DYNAMIC = "dynamic"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class RaceAccess:
    """One side of a race; ``path`` is the file that ``line`` counts in, empty for the file asked about."""

    line: int
    kind: AccessKind
    text: str = ""
    column: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class Race:
    """Two accesses to one memory location that nothing orders, at least one of them writing.

    Attributes:
        variable: The memory.
        first, second: The accesses, a write first.
        witness: Two instances that meet, in words; empty for what a detector reported.
        is_conditional: They meet if conditions on data hold of which nothing is known.
    """

    variable: str
    first: RaceAccess
    second: RaceAccess
    witness: str = ""
    is_conditional: bool = False

    @property
    def lines(self) -> tuple[int, int]:
        """The two lines, the smaller one first."""
        return min(self.first.line, self.second.line), max(self.first.line, self.second.line)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Why a construct is not shown to be free of races."""

    code: Code
    reason: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Edit:
    """One changed line, or one line put in front of another (``is_insertion``)."""

    line: int
    text: str
    is_insertion: bool


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that removes a race; the changed text was analysed again.

    Attributes:
        kind: ``private``, ``lastprivate``, ``reduction``, ``atomic`` or ``critical``.
        clause: What is added: ``private(tmp)``, ``#pragma omp atomic``.
        edits: Where, in the order of lines.
        patch: The same as a unified diff.
    """

    kind: str
    clause: str
    edits: tuple[Edit, ...]
    patch: str = ""


@dataclass(frozen=True, slots=True)
class ConstructVerdict:
    """The answer about one directive.

    Attributes:
        id: ``function:line``.
        function: Where it is.
        line: Of the directive.
        directive: Its name.
        verdict: The answer.
        evidence: Who decided.
        races: All that were found; empty unless the answer is RACE.
        code: Of the answer, where it is not FREE.
        reason: The same in words.
        fix: A change that removes the first race.
        path: The file that the directive stands in; empty for the file asked about.
    """

    id: str
    function: str
    line: int
    directive: str
    verdict: RaceVerdict
    evidence: EvidenceKind
    races: tuple[Race, ...] = ()
    code: Code | None = None
    reason: str = ""
    fix: Fix | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """What runs under a race detector showed.

    Attributes:
        races: All that were reported, each once.
        findings: One per run, and what kept others from being made.
        is_complete: The program was run with several numbers of threads, and every run ended by itself.
    """

    races: tuple[Race, ...]
    findings: tuple[Finding, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The answer of ``verify FILE``.

    Attributes:
        path: The file.
        verdict: RACE if any construct has one; FREE if all are; else UNKNOWN.
        constructs: In textual order.
        findings: Of the runs under a race detector.
        code, reason: Why the verdict is UNKNOWN although no construct is.
        warnings: For the user.
        elapsed_s: Wall time.
        patch: A unified diff with all fixes that do not change the same line; empty if there are none.
    """

    path: str
    verdict: RaceVerdict
    constructs: tuple[ConstructVerdict, ...]
    findings: tuple[Finding, ...]
    code: Code | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    elapsed_s: float = 0.0
    patch: str = ""
