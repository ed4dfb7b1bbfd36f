"""The time below which a run cannot have done its work.

The constants are far beyond any machine, on purpose: the floor must never reject an honest run; it is there for a
candidate that returns without touching its data.
"""

from __future__ import annotations

from statistics import median

# Two 64-byte loads and one 64-byte store in each cycle at 6.3 GHz, all from the first-level cache: no core does more.
BYTES_PER_S_AND_THREAD = 1.2e12
# Four 16-lane float fused multiply-adds per cycle at 7.8 GHz; half the units at 5.7 GHz is the best that exists.
FLOP_PER_S_AND_THREAD = 1.0e12


def floor_s(compulsory_bytes: int, flops: int, threads: int) -> float:
    """Return the roofline floor: the larger of the transfer time and the compute time at generous peaks.

    >>> floor_s(1_200_000_000, 0, 1)
    0.001

    Args:
        compulsory_bytes: That each call must touch at least once; 0 if unknown.
        flops: That each call must do; 0 if unknown.
        threads: That share the work.
    """
    threads = max(threads, 1)
    return max(compulsory_bytes / (BYTES_PER_S_AND_THREAD * threads), flops / (FLOP_PER_S_AND_THREAD * threads))


def trusted_floor_s(floor_of_original_s: float, floor_of_candidate_s: float, original_s: tuple[float, ...]) -> float:
    """Return the candidate's floor, or 0.0 if the original's own times refute the estimate it rests on.

    A footprint counts arrays whole. A kernel that touches few of their elements runs below its floor, original
    and candidate alike, so the floor says nothing of it.
    """
    return floor_of_candidate_s if original_s and median(original_s) > floor_of_original_s else 0.0
