"""One function's candidates against compilers, checks and the clock."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from loopwright.config import Settings
from loopwright.core.candidate import Candidate, combine
from loopwright.core.codes import Code
from loopwright.core.measurement import Measurement, MeasurementFailed
from loopwright.core.nest import LoopNest
from loopwright.core.verdict import Finding, Verdict
from loopwright.harness.harness import Harness
from loopwright.measure.measure import ENOUGH_PAIRS, measure
from loopwright.pipeline.analysis import Progress
from loopwright.pipeline.proposals import Option
from loopwright.toolchain.clock import computing, timing
from loopwright.verify.check import verify, verify_elsewhere

SCREEN_PAIRS = 3
"""Pairs of runs that rank options; the winner is measured again with all of them."""

SCREEN_S = 3.0
"""Time that one screening may take."""

CONFIRM_S = (3.0, 8.0)
"""Least and most time of the measurement that delivery rests on; in between, what the budget has left."""

SMALL_DIFF_MARGIN = 1.05
"""A rewritten nest must beat directives in the user's own loops by this factor (DESIGN.md, promise 6)."""


@dataclass(slots=True)
class Contender:
    """A nest with the option that screened best (or its only one), and what the clock and the checks said since."""

    nest: LoopNest
    option: Option
    screened: Measurement | None = None
    measurement: Measurement | MeasurementFailed | None = None
    verdict: Verdict | None = None


@dataclass(slots=True)
class Trial:
    """The harness of one function with everything that is tried in it.

    Attributes:
        harness: Runs the function out of the user's file.
        original: Bytes of the user's file.
        settings: Of the run.
        say: Takes progress messages.
        deadline: Of the search, on the monotonic clock.
        screened, measured, verdicts, elsewhere: By candidate, so that nothing is timed or verified twice.
    """

    harness: Harness
    original: bytes
    settings: Settings
    say: Progress
    deadline: float = math.inf
    screened: dict[bytes, Measurement | MeasurementFailed] = field(
        default_factory=dict[bytes, "Measurement | MeasurementFailed"]
    )
    measured: dict[bytes, Measurement | MeasurementFailed] = field(
        default_factory=dict[bytes, "Measurement | MeasurementFailed"]
    )
    verdicts: dict[Candidate, Verdict] = field(default_factory=dict[Candidate, Verdict])
    elsewhere: dict[Candidate, Finding] = field(default_factory=dict[Candidate, Finding])

    def screen(self, candidate: Candidate) -> Measurement | MeasurementFailed:
        """Return a short measurement, good enough to rank."""
        content = candidate.content
        if content not in self.screened:
            with timing(self.settings.cache, self.say):
                self.screened[content] = measure(
                    self.harness, self.original, content, self.settings, pairs=SCREEN_PAIRS, budget_s=SCREEN_S
                )
        return self.screened[content]

    def speedup(self, candidate: Candidate) -> float | None:
        """Return the screened speed-up, or None if it could not be timed."""
        screened = self.screen(candidate)
        return screened.median if isinstance(screened, Measurement) else None

    def best(
        self, nest: LoopNest, options: tuple[Option, ...], deadline: float
    ) -> Contender | MeasurementFailed | None:
        """Return the fastest of ``options``, directives before a rewritten nest of the same speed.

        A single option is not screened. After ``deadline`` no further option is tried. None if there are no options; a
        failure if none could be timed.
        """
        if len(options) == 1:
            return Contender(nest, options[0])
        failure: MeasurementFailed | None = None
        timed: list[Contender] = []
        for option in options:
            if timed and time.monotonic() > deadline:
                break
            self.say(f"timing {nest.id}: {', '.join(type(step).__name__ for step in option.basis.plan.steps)}")
            screened = self.screen(option.candidate)
            if isinstance(screened, Measurement):
                timed.append(Contender(nest, option, screened))
            else:
                failure = screened
        if not timed:
            return failure
        return max(timed, key=_rank)

    def confirm(self, contenders: list[Contender]) -> list[Contender]:
        """Measure each in full, and return those whose gain is certain."""
        for index, contender in enumerate(contenders):
            self.say(f"measuring {contender.nest.id}")
            contender.measurement = self.measure_in_full(contender.option.candidate, len(contenders) - index)
        return [item for item in contenders if isinstance(item.measurement, Measurement) and item.measurement.is_faster]

    def promising(self, contenders: list[Contender]) -> list[Contender]:
        """Return those that the screening did not settle as losses, all of them worth a measurement in full.

        One without a gain in too few pairs is among them while there is time; then its report says that the time was
        used up.
        """
        chosen: list[Contender] = []
        for contender in contenders:
            screened = contender.screened
            if screened is None or screened.median > 1.0:
                chosen.append(contender)
            elif len(screened.ratios) >= SCREEN_PAIRS and max(screened.ratios) < 1.0:
                continue
            elif time.monotonic() < self.deadline:
                chosen.append(contender)
            else:
                reason = f"{screened.median:.2f}x after {len(screened.ratios)} of at least {ENOUGH_PAIRS} pairs"
                contender.measurement = MeasurementFailed(Code.BUDGET_SPENT, f"the time budget was spent: {reason}")
        return chosen

    def measure_in_full(self, candidate: Candidate, left: int = 1) -> Measurement | MeasurementFailed:
        """Return the measurement that delivery rests on; ``left`` candidates share the time that is left."""
        content = candidate.content
        if content not in self.measured:
            least, most = CONFIRM_S
            budget_s = min(most, max(least, (self.deadline - time.monotonic()) / left))
            with timing(self.settings.cache, self.say):
                self.measured[content] = measure(self.harness, self.original, content, self.settings, budget_s=budget_s)
        return self.measured[content]

    def verify(self, contenders: list[Contender]) -> Verdict:
        """Climb the ladder with the candidate that combines ``contenders``."""
        self.say(f"verifying {', '.join(contender.nest.id for contender in contenders)}")
        candidate = combine(tuple(contender.option.candidate for contender in contenders))
        if candidate not in self.verdicts:
            nests = tuple(contender.nest for contender in contenders)
            with computing(self.settings.cache, self.say):
                found = verify(self.harness, self.original, candidate, nests, self.settings, self.say)
            self.verdicts[candidate] = found
        return self.verdicts[candidate]

    def verify_for_delivery(self, contenders: list[Contender]) -> Verdict:
        """Climb the ladder, and let other processors check what is accepted; see ``verify``."""
        verdict = self.verify(contenders)
        candidate = combine(tuple(contender.option.candidate for contender in contenders))
        if verdict.accepted and candidate not in self.elsewhere:
            with computing(self.settings.cache, self.say):
                found = verify_elsewhere(self.harness, self.original, candidate, self.settings, self.say)
            self.elsewhere[candidate] = found
        finding = self.elsewhere.get(candidate)
        return verdict.with_finding(finding) if finding is not None else verdict

    def deliverable(self, contenders: list[Contender]) -> list[Contender]:
        """Return those whose combination is accepted and certainly faster; verdicts are left on every one.

        A combination that is refused is taken apart: the nests that fail alone are dropped, and if none
        does, the one that gains least. One that is slower than its best part is reduced to that part.
        """
        confirmed = self.confirm(contenders)
        confirmed.sort(key=lambda contender: _median(contender.measurement), reverse=True)
        if len(confirmed) > 1:
            together = self.measure_in_full(combine(tuple(contender.option.candidate for contender in confirmed)))
            if _median(together) < _median(confirmed[0].measurement) / SMALL_DIFF_MARGIN:
                confirmed = confirmed[:1]
        while confirmed:
            verdict = self.verify_for_delivery(confirmed)
            for contender in confirmed:
                contender.verdict = verdict
            if verdict.accepted:
                return confirmed
            confirmed = self._without_culprit(confirmed)
        return []

    def _without_culprit(self, contenders: list[Contender]) -> list[Contender]:
        if len(contenders) == 1:
            return []
        for contender in contenders:
            contender.verdict = self.verify_for_delivery([contender])
        accepted = [contender for contender in contenders if contender.verdict and contender.verdict.accepted]
        return accepted if len(accepted) < len(contenders) else accepted[:-1]


def _rank(contender: Contender) -> float:
    handicap = SMALL_DIFF_MARGIN if contender.option.basis.plan.reorders else 1.0
    return _median(contender.screened) / handicap


def _median(measurement: Measurement | MeasurementFailed | None) -> float:
    return measurement.median if isinstance(measurement, Measurement) else 0.0
