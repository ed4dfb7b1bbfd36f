"""All mutants, by the package whose rules or checks they break."""

from __future__ import annotations

from mutation.catalogue import (
    codegen,
    delivery,
    flow,
    harness,
    legality,
    measure,
    openmp,
    poly,
    races,
    rules,
    runtime,
    verify,
)
from mutation.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *poly.MUTANTS,
    *flow.MUTANTS,
    *legality.MUTANTS,
    *rules.MUTANTS,
    *openmp.MUTANTS,
    *races.MUTANTS,
    *codegen.MUTANTS,
    *verify.MUTANTS,
    *harness.MUTANTS,
    *runtime.MUTANTS,
    *measure.MUTANTS,
    *delivery.MUTANTS,
)
