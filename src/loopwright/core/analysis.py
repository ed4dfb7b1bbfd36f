"""What legality finds about a nest before any plan: dependences, and per loop whether it may run in parallel."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.dependence import Dependence
from loopwright.core.legality import Legality, Proved
from loopwright.core.nest import LoopNest, ReductionOperator
from loopwright.core.plan import Privatize, Reduce, Step


@dataclass(frozen=True, slots=True)
class LoopAnalysis:
    """One loop's answer.

    Attributes:
        loop: Its name.
        legality: Of running just this loop in parallel, with the reductions and privates below.
        reductions: Found for this loop: variable and operator.
        privates: Variables that need a private copy (those declared inside the loop not counted).
    """

    loop: str
    legality: Legality
    reductions: tuple[tuple[str, ReductionOperator], ...] = ()
    privates: tuple[str, ...] = ()

    @property
    def is_parallel(self) -> bool:
        """Return True if the loop was proved parallel."""
        return isinstance(self.legality, Proved)


@dataclass(frozen=True, slots=True)
class NestAnalysis:
    """The nest with its dependences and an answer per loop, in the order of ``nest.loops``.

    ``bands`` are groups of perfectly nested loops, outermost first, that form a permutable band of two or more.
    """

    nest: LoopNest
    dependences: tuple[Dependence, ...]
    loops: tuple[LoopAnalysis, ...]
    bands: tuple[tuple[str, ...], ...] = ()

    @property
    def own_loops(self) -> tuple[LoopAnalysis, ...]:
        """Return the answers for the loops that stand in the function; those of helpers are analysed in them as well.

        A loop of a helper that is called from here cannot be changed for this call alone.
        """
        return tuple(answer for answer in self.loops if not self.nest.loop(answer.loop).is_inlined)

    def loop(self, name: str) -> LoopAnalysis:
        """Return the answer for ``name``; raises KeyError if there is no such loop."""
        for loop in self.loops:
            if loop.loop == name:
                return loop
        raise KeyError(name)

    def helper_steps(self, name: str) -> tuple[Step, ...]:
        """Return the reduction and privatization steps that parallelizing ``name`` needs."""
        analysis = self.loop(name)
        return tuple(Reduce(*reduction) for reduction in analysis.reductions) + tuple(
            Privatize(variable) for variable in analysis.privates
        )
