"""Atomic(statement, variable): updates that may meet on one element are made one at a time."""

from __future__ import annotations

from loopwright.core.assumption import Assumption
from loopwright.core.codes import Code
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Atomic, Reduce
from loopwright.legality.obstacle import Obstacle, from_edge, misfit, unfit
from loopwright.legality.rules.reduce import carried_by_references, escape, is_update_of, reassociation
from loopwright.legality.state import Region

OPERATORS = frozenset(
    {
        ReductionOperator.ADD,
        ReductionOperator.MULTIPLY,
        ReductionOperator.AND,
        ReductionOperator.OR,
        ReductionOperator.XOR,
    }
)
"""Operators of ``omp atomic update`` that we use (OpenMP 5.2, section 15.8.4)."""


def check_shape(region: Region, step: Atomic) -> Obstacle | None:
    """Return why no directive can stand before the step's statement, or None."""
    nest = region.state.nest
    statement = next((item for item in nest.statements if item.name == step.statement), None)
    if statement is None or not any(item.name == step.variable for item in nest.variables):
        return misfit(f"there is no statement `{step.statement}` that updates `{step.variable}`")
    update = statement.update
    if update is None or update.variable != step.variable:
        return misfit(f"{step.statement} does not update `{step.variable}`")
    if update.operator not in OPERATORS or not update.is_expression_statement:
        return misfit(f"{step.statement} does not have a form that `omp atomic` takes")
    if any(nest.loop(loop).is_inlined for loop in statement.loops) or not nest.span.contains(statement.span):
        return misfit(f"{step.statement} stands in the body of a helper function, which is left as it is")
    return None


def check_atomic(
    region: Region, variable: str, steps: tuple[Atomic, ...], *, fp_strict: bool
) -> tuple[Assumption, ...] | Obstacle:
    """Return what the atomic updates of ``variable`` in ``region`` assume, or why they do not suffice.

    ``steps`` are all of the plan that name the variable. Each element then gets all its updates, in some order,
    whatever the subscript: ``h[b[i]] += 1``.
    """
    # atomic(x, L) = there is one op so that for all references (S, r) to x in L:
    #                r in update(S), update(S) = (x, op), Atomic(S, x) in the plan,
    #                or L carries no dependence that r has part in
    references = tuple(region.references(variable))
    named = {step.statement for step in steps}
    operators = {
        statement.update.operator for statement, _ in references if statement.update and statement.name in named
    }
    if len(operators) != 1:
        return Obstacle(
            Code.REDUCTION_NOT_ASSOCIATIVE,
            f"`{variable}` is updated by several operators, whose order matters",
            span=references[0][1].span if references else None,
        )
    operator = operators.pop()
    update = Reduce(variable, operator)
    others = [item for item in references if not is_update_of(item, update)]
    carried = carried_by_references(region, variable, others)
    if any(edge.exact for edge in carried):
        return escape(region, update, others)
    if carried:
        reason = f"`{variable}` is used in the loop other than in its updates"
        return from_edge(Code.REDUCTION_ESCAPES, reason, carried[0], region.carried(carried[0]))
    for statement, access in references:
        if statement.name not in named and is_update_of((statement, access), update):
            return unfit(f"the update of `{variable}` in {statement.name} is not atomic", access.span)
    if any(statement.update is not None and statement.update.reassociates for statement, _ in references):
        return reassociation(region, variable, operator, fp_strict=fp_strict)
    return ()
