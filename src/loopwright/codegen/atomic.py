"""``atomic``: one update that no other thread can come between."""

from __future__ import annotations

from loopwright.codegen.insert import Directive, insert
from loopwright.codegen.refusal import refuse
from loopwright.core.candidate import Edit
from loopwright.core.codes import Code
from loopwright.core.nest import LoopNest, ReductionOperator
from loopwright.core.plan import Atomic
from loopwright.core.source import Source

_ALLOWED = frozenset(
    {
        ReductionOperator.ADD,
        ReductionOperator.MULTIPLY,
        ReductionOperator.AND,
        ReductionOperator.OR,
        ReductionOperator.XOR,
    }
)


def atomic_edit(source: Source, nest: LoopNest, step: Atomic) -> Edit:
    """Return the edit that puts ``#pragma omp atomic`` in front of the update."""
    statement = nest.statement(step.statement)
    update = statement.update
    if update is None or update.variable != step.variable or not update.is_expression_statement:
        refuse(Code.STEP_DOES_NOT_FIT, f"{statement.name} is not one update of {step.variable}")
    if update.operator not in _ALLOWED:
        refuse(Code.STEP_DOES_NOT_FIT, f"the operator {update.operator.value} has no atomic update in C")
    if not nest.span.contains(statement.span):
        refuse(Code.STEP_DOES_NOT_FIT, f"{statement.name} belongs to a helper function that others may call")
    return insert(source, statement.span, Directive("atomic"))
