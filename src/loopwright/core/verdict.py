"""What the checks said of a candidate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.codes import Code


class Stage(StrEnum):
    """The verification ladder, in the order in which it is climbed; ELSEWHERE only by what is about to be delivered."""

    COMPILE = "compile"
    DIFFERENTIAL = "differential"
    RACES = "races"
    ADDRESSES = "addresses"
    UNINITIALISED = "uninitialised"
    CONFLICTS = "conflicts"
    ELSEWHERE = "elsewhere"


class Outcome(StrEnum):
    """How one stage ended. SKIPPED always says what was missing."""

    PASS = "pass"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One stage's result.

    Attributes:
        stage: Which.
        outcome: How it ended.
        detail: For people: what was run, or what went wrong with the first example of it.
        code: Why it failed or was skipped; None for a pass.
        elapsed_s: Wall time.
    """

    stage: Stage
    outcome: Outcome
    detail: str
    code: Code | None = None
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings of one candidate, and the stages without which it is not accepted."""

    findings: tuple[Finding, ...]
    required: tuple[Stage, ...]

    @property
    def accepted(self) -> bool:
        """Return True only if each required stage is there and passed, and none failed."""
        passed = {finding.stage for finding in self.findings if finding.outcome is Outcome.PASS}
        failed = any(finding.outcome is Outcome.FAIL for finding in self.findings)
        return bool(self.required) and set(self.required) <= passed and not failed

    def with_finding(self, finding: Finding) -> Verdict:
        """Return this verdict with one more finding, which is required unless it was skipped."""
        required = self.required if finding.outcome is Outcome.SKIPPED else (*self.required, finding.stage)
        return Verdict((*self.findings, finding), required)

    @property
    def failure(self) -> Finding | None:
        """Return the first finding that failed, or None."""
        return next((finding for finding in self.findings if finding.outcome is Outcome.FAIL), None)
