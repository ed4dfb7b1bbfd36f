"""What legality says of a plan: proved, refuted or undecided."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.assumption import Assumption
from loopwright.core.codes import Code
from loopwright.core.dependence import Dependence, Witness
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Plan
from loopwright.core.source import Span


@dataclass(frozen=True, slots=True)
class DataEnvironment:
    """The data-sharing clauses that one parallel or simd loop needs, by ``Variable.name``.

    Variables declared inside the loop are private by themselves and are not listed.

    Attributes:
        is_conditional: The clauses are right only where the proof's guards hold, so that the directive must not be
            reached where they do not; an ``if`` clause would come too late.
    """

    loop: str
    private: tuple[str, ...] = ()
    firstprivate: tuple[str, ...] = ()
    lastprivate: tuple[str, ...] = ()
    reductions: tuple[tuple[str, ReductionOperator], ...] = ()
    is_conditional: bool = False


@dataclass(frozen=True, slots=True)
class Proved:
    """The plan is legal, under ``assumptions`` that the code guards or the report states."""

    plan: Plan
    environments: tuple[DataEnvironment, ...]
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuted:
    """The plan is not legal, and ``witness`` shows it.

    ``dependence`` and ``witness`` are None only where the plan contradicts the nest's shape (a step that names
    something that is not there, a band that is not perfect), or asks for what no directive can say (a copy of memory
    behind a pointer, an atomic ``fmax``), which a reader sees without them.
    """

    plan: Plan
    code: Code
    reason: str
    dependence: Dependence | None = None
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither could be shown. ``environments`` and ``assumptions`` are what a ``Waived`` would build on.

    Attributes:
        waivable: A candidate may be generated and go on towards the label ``tested``. False where no code can be
            generated (a blocked loop, a step that needs what is unknown).
        span: The construct in question, where there is one.
    """

    plan: Plan
    code: Code
    reason: str
    span: Span | None = None
    waivable: bool = False
    environments: tuple[DataEnvironment, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


Legality = Proved | Refuted | Undecided


@dataclass(frozen=True, slots=True)
class Waived:
    """An undecided plan that the user allowed to go on, towards the label ``tested``."""

    plan: Plan
    reason: str
    code: Code
    environments: tuple[DataEnvironment, ...]
    assumptions: tuple[Assumption, ...] = ()


Basis = Proved | Waived


def waive(undecided: Undecided) -> Waived:
    """Return the basis on which an undecided plan may go on; raises ValueError if it may not."""
    if not undecided.waivable:
        raise ValueError(f"{undecided.code}: {undecided.reason}")
    return Waived(undecided.plan, undecided.reason, undecided.code, undecided.environments, undecided.assumptions)
