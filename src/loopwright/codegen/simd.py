"""``simd``: the iterations of one loop in vector lanes, on one thread."""

from __future__ import annotations

from loopwright.codegen.guards import conjunction
from loopwright.codegen.insert import Directive
from loopwright.codegen.privatize import first_value, sharing_clauses
from loopwright.codegen.reduce import ReductionClauses
from loopwright.codegen.region import Region


def simd_directive(region: Region, reductions: ReductionClauses, guards: tuple[str, ...]) -> Directive:
    """Return ``#pragma omp simd ...``; the ``if`` clause (OpenMP 5.0) turns the lanes off where a guard fails."""
    clauses = [*sharing_clauses(region, "simd"), *reductions.clauses]
    if guards:
        clauses.append(f"if({conjunction(guards)})")
    return Directive("simd", tuple(clauses), first_value(region))
