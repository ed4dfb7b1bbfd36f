"""``parallel for``: its clauses in the order in which people write them."""

from __future__ import annotations

from loopwright.codegen.guards import conjunction
from loopwright.codegen.insert import Directive
from loopwright.codegen.privatize import first_value, sharing_clauses
from loopwright.codegen.reduce import ReductionClauses
from loopwright.codegen.region import Region
from loopwright.core.plan import Parallelize, Schedule


def parallel_directive(
    step: Parallelize, region: Region, reductions: ReductionClauses, guards: tuple[str, ...], worth: str, *, simd: bool
) -> Directive:
    """Return ``#pragma omp parallel for ...``, with ``simd`` where the same loop is to run in vector lanes too.

    Args:
        step: What was planned.
        region: The loop and what lies in it.
        reductions: Of the region.
        guards: Without which neither threads nor lanes are right.
        worth: Without which threads do not pay; "" for always.
        simd: Combine with ``simd``.
    """
    name = "parallel for simd" if simd else "parallel for"
    clauses: list[str] = []
    if step.collapse > 1:
        clauses.append(f"collapse({step.collapse})")
    if step.schedule is not Schedule.AUTO:
        chunk = f", {step.chunk}" if step.chunk is not None else ""
        clauses.append(f"schedule({step.schedule.value}{chunk})")
    clauses.extend(sharing_clauses(region, name))
    clauses.extend(reductions.clauses)
    condition = conjunction((*guards, worth) if worth else guards)
    if condition and simd:
        clauses.append(f"if(parallel: {condition})")
        if guards:
            clauses.append(f"if(simd: {conjunction(guards)})")
    elif condition:
        clauses.append(f"if({condition})")
    if step.num_threads is not None:
        clauses.append(f"num_threads({step.num_threads})")
    return Directive(name, tuple(clauses), first_value(region))
