"""All mutants, by the package whose rules or checks they break."""

from __future__ import annotations

from mutation.catalogue import (
    codegen,
    delivery,
    flow,
    frontend,
    harness,
    last_value,
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
    *frontend.MUTANTS,
    *poly.MUTANTS,
    *flow.MUTANTS,
    *legality.MUTANTS,
    *rules.MUTANTS,
    *last_value.MUTANTS,
    *openmp.MUTANTS,
    *races.MUTANTS,
    *codegen.MUTANTS,
    *verify.MUTANTS,
    *harness.MUTANTS,
    *runtime.MUTANTS,
    *measure.MUTANTS,
    *delivery.MUTANTS,
)
