"""All that is known at the end: of a file, of each nest, of each proposal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.analysis import NestAnalysis
from loopwright.core.codes import Code
from loopwright.core.dependence import Witness
from loopwright.core.function import FileDoubt
from loopwright.core.legality import Basis, Legality
from loopwright.core.measurement import Environment, Measurement, MeasurementFailed
from loopwright.core.nest import Unsupported
from loopwright.core.proposal import Proposal
from loopwright.core.verdict import Finding, Verdict


class NestOutcome(StrEnum):
    """What became of a nest.

    DELIVERED: in the patch. KEPT: nothing measured faster. REFUSED: no plan was legal, or a check failed.
    UNSUPPORTED: no nest could be made of the loop.
    """

    DELIVERED = "delivered"
    KEPT = "kept"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"


class Label(StrEnum):
    """The evidence behind a delivered nest."""

    PROVED = "proved"
    TESTED = "tested"


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """The answer of ``analyze``: nests with an answer per loop, and what was not analysed.

    Attributes:
        path: As the user named it.
        nests: With an answer per loop. Nothing is proved or refuted where there is a ``doubt``.
        unsupported: Loops and functions that were not analysed.
        warnings: For people.
        elapsed_s: Wall time.
        functions: How many the file defines.
        doubt: Why the file was not understood whole.
        headers: Paths of the files that it includes.
    """

    path: str
    nests: tuple[NestAnalysis, ...]
    unsupported: tuple[Unsupported, ...]
    warnings: tuple[str, ...] = ()
    elapsed_s: float = 0.0
    functions: int = 0
    doubt: FileDoubt | None = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposalReport:
    """A proposal, what legality said of it, and its measurement if it came so far.

    ``findings`` are those of a climb of its own; what was found of the plan that a nest ended with is in the nest.
    """

    proposal: Proposal
    legality: Legality | None
    measurement: Measurement | MeasurementFailed | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class NestReport:
    """One nest's outcome with its evidence.

    ``code``, ``reason`` and ``witness`` say why the nest is not in the patch; ``basis``, ``findings`` and
    ``measurement`` belong to what was delivered, or to the best that was tried. ``last_line`` is 0 if unknown.
    """

    id: str
    function: str
    line: int
    outcome: NestOutcome
    label: Label | None = None
    code: Code | None = None
    reason: str = ""
    witness: Witness | None = None
    basis: Basis | None = None
    proposals: tuple[ProposalReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    measurement: Measurement | MeasurementFailed | None = None
    last_line: int = 0


@dataclass(frozen=True, slots=True)
class OptimizeReport:
    """The answer of ``optimize``: one per file."""

    path: str
    nests: tuple[NestReport, ...]
    patch: str
    host: Environment
    model: str
    strategy: str
    seed: int
    elapsed_s: float
    warnings: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The answer of ``verify ORIGINAL CANDIDATE``: a verdict per function that differs."""

    original: str
    candidate: str
    verdicts: tuple[tuple[str, Verdict], ...]
    elapsed_s: float
    warnings: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Return True if at least one function was checked and every one was accepted."""
        return bool(self.verdicts) and all(verdict.accepted for _, verdict in self.verdicts)
