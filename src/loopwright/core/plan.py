"""A parallelization plan: an ordered tuple of steps over named loops.

Steps that reorder loops come first; ``Parallelize`` and ``Simd`` then speak of the loops as they are
after them. ``Reduce`` and ``Privatize`` hold for every parallel and simd loop of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.nest import ReductionOperator


class Schedule(StrEnum):
    """OpenMP's loop schedules that a plan may ask for; AUTO leaves the clause out."""

    AUTO = "auto"
    STATIC = "static"
    DYNAMIC = "dynamic"
    GUIDED = "guided"


@dataclass(frozen=True, slots=True)
class Parallelize:
    """Run the iterations of ``loop`` on several threads.

    Attributes:
        loop: The outermost loop concerned.
        schedule: How iterations are handed out.
        chunk: Iterations handed out at once; None leaves it to the run time.
        collapse: Number of perfectly nested loops, from ``loop`` inwards, run as one; 1 for just ``loop``.
        num_threads: Fixed number of threads; None for the user's OMP_NUM_THREADS.
    """

    loop: str
    schedule: Schedule = Schedule.AUTO
    chunk: int | None = None
    collapse: int = 1
    num_threads: int | None = None


@dataclass(frozen=True, slots=True)
class Simd:
    """Run iterations of ``loop`` in vector lanes."""

    loop: str


@dataclass(frozen=True, slots=True)
class Reduce:
    """Treat the updates of ``variable`` as a reduction by ``operator``."""

    variable: str
    operator: ReductionOperator


@dataclass(frozen=True, slots=True)
class Privatize:
    """Give each thread its own ``variable``; legality finds which of private, firstprivate, lastprivate it takes."""

    variable: str


@dataclass(frozen=True, slots=True)
class Atomic:
    """Make the update in ``statement`` of ``variable`` atomic."""

    statement: str
    variable: str


@dataclass(frozen=True, slots=True)
class Interchange:
    """Put the perfectly nested loops of a band into ``order``, outermost first."""

    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """Cut a band of perfectly nested loops into tiles.

    ``for i: for j`` becomes ``for i_tile: for j_tile: for i: for j``.

    Attributes:
        band: The loops, outermost first.
        sizes: Iterations per tile, one per loop of the band.
    """

    band: tuple[str, ...]
    sizes: tuple[int, ...]


Step = Parallelize | Simd | Reduce | Privatize | Atomic | Interchange | Tile


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with one nest. A plan without steps keeps the original."""

    nest: str
    steps: tuple[Step, ...] = ()

    @property
    def reorders(self) -> bool:
        """Return True if the loop order changes, so that the nest must be generated anew."""
        return any(isinstance(step, Interchange | Tile) for step in self.steps)


def tile_loop_name(loop: str) -> str:
    """Return the name of the tile loop that ``Tile`` puts around ``loop``."""
    return f"{loop}_tile"
