"""Judges timed runs by a run of the original on the same inputs, as far as the original agrees with itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from loopwright.harness.results import Observation, RunFailed, TimedRun
from loopwright.harness.tolerance import Tolerance, difference

PERTURBATIONS = (1.0, 3.0)
"""Changes of the inputs, in units of their precision, under which the original shows its spread."""


class TimedReference:
    """The results of one timed run of the original.

    The original runs again, for the spread of its own, only when a result differs by more than rounding explains
    without it; then once for all results that it judges.
    """

    def __init__(
        self,
        sample: Observation,
        again: Callable[[float], TimedRun | RunFailed],
        tolerance: Tolerance,
        outputs: Sequence[str],
    ) -> None:
        """Make a reference.

        Args:
            sample: Of the original.
            again: Repeats the run with inputs perturbed by so many units of their precision.
            tolerance: Allowed differences of floating-point numbers.
            outputs: Names of the arrays to compare; all if empty.
        """
        self.sample = sample
        self._again = again
        self._tolerance = tolerance
        self._outputs = tuple(outputs)

    def difference(self, got: Observation) -> str | None:
        """Return the first difference in words; None if there is none, or if the original differs from itself."""
        found = difference(self.sample, got, self._tolerance, (), self._outputs)
        if found is None or not self._is_steady:
            return None
        return difference(self.sample, got, self._tolerance, self._perturbed, self._outputs)

    @cached_property
    def _is_steady(self) -> bool:
        again = self._again(0.0)
        return not isinstance(again, RunFailed) and difference(self.sample, again.sample, self._tolerance) is None

    @cached_property
    def _perturbed(self) -> tuple[Observation, ...]:
        shaken = [self._again(size) for size in PERTURBATIONS]
        return tuple(run.sample for run in shaken if not isinstance(run, RunFailed))
