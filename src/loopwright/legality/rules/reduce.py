"""Reduce(variable, operator): the updates of a variable may be done on private copies and joined at the end."""

from __future__ import annotations

from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.codes import Code
from loopwright.core.nest import Access, ReductionOperator, Statement
from loopwright.core.plan import Reduce
from loopwright.legality.obstacle import Obstacle, from_edge
from loopwright.legality.state import Region, clause_obstacle
from loopwright.poly.dependences import Edge

_NAMES = {ReductionOperator.ADD: "additions to", ReductionOperator.MULTIPLY: "multiplications of"}


def check_reduce(region: Region, step: Reduce, *, fp_strict: bool) -> tuple[Assumption, ...] | Obstacle:
    """Return what the reduction assumes in ``region``, or why it is not one.

    The variable must have no other use there: neither a read of the running value nor another operator.

    Example:
        ``for i: s += a[i];`` becomes ``#pragma omp parallel for reduction(+: s)``. In
        ``for i: { s += a[i]; b[i] = s; }`` the running value escapes into ``b``.
    """
    # reduction(x, op, L) = for all references (S, r) to x in L: r in update(S) and update(S) = (x, op)
    variable = region.state.nest.variable(step.variable)
    obstacle = clause_obstacle(region, variable)
    if obstacle is not None:
        return obstacle
    references = tuple(region.references(variable.name))
    others = [item for item in references if not is_update_of(item, step)]
    if others:
        return escape(region, step, others)
    if any(statement.update is not None and statement.update.reassociates for statement, _ in references):
        return reassociation(region, variable.name, step.operator, fp_strict=fp_strict)
    return ()


def is_update_of(reference: tuple[Statement, Access], step: Reduce) -> bool:
    """Return True if the reference belongs to an update of the step's variable by its operator."""
    statement, access = reference
    update = statement.update
    return (
        access.is_update
        and update is not None
        and update.variable == step.variable
        and update.operator == step.operator
    )


def reassociation(
    region: Region, variable: str, operator: ReductionOperator, *, fp_strict: bool
) -> tuple[Assumption, ...] | Obstacle:
    """Return the assumption that the order of floating-point updates does not matter, or why it may not be made."""
    if not fp_strict:
        return (reassociation_of(variable, operator),)
    edge = _carried_edge(region, variable)
    updates = _NAMES.get(operator, "updates of")
    reason = f"reordering the {updates} `{variable}` may change rounding, which --fp strict forbids"
    if edge is None:
        return Obstacle(Code.STRICT_FP, reason)
    return Obstacle(Code.STRICT_FP, reason, refutes=edge.exact, edge=edge, pairs=region.carried(edge))


def reassociation_of(variable: str, operator: ReductionOperator) -> Assumption:
    """Return the assumption that the order of floating-point updates of ``variable`` does not matter."""
    return Assumption(
        AssumptionKind.REASSOCIATION,
        f"the order of the floating-point {_NAMES.get(operator, 'updates of')} `{variable}` does not matter",
        "",
        Code.REASSOCIATION,
        (variable,),
    )


def _carried_edge(region: Region, variable: str) -> Edge | None:
    edges = [edge for edge in region.facts.edges if edge.variable.name == variable and region.carried(edge) is not None]
    return min(edges, key=lambda edge: not edge.exact, default=None)


def escape(region: Region, step: Reduce, others: list[tuple[Statement, Access]]) -> Obstacle:
    """Return the obstacle that the references ``others``, which are no such updates, are."""
    name, operator = step.variable, step.operator
    updates = [statement.update for statement, _ in region.references(name) if statement.update is not None]
    if not any(update.variable == name for update in updates):
        code, reason = Code.REDUCTION_NOT_ASSOCIATIVE, f"`{name}` is not updated in the form `x = x {operator} e`"
    elif any(update.variable == name and update.operator != operator for update in updates):
        code, reason = Code.REDUCTION_NOT_ASSOCIATIVE, f"`{name}` is not updated by `{operator}` alone"
    else:
        code, reason = Code.REDUCTION_ESCAPES, f"`{name}` is used in the loop other than in its updates"
    edges = carried_by_references(region, name, others)
    kinds = ["flow", "anti", "output"]
    edge = min(edges, key=lambda item: (not item.exact, kinds.index(item.kind)), default=None)
    if edge is None or not edge.exact:
        # The clause stands for updates that are not there, which needs no instances to show it.
        return Obstacle(code, reason, refutes=True, span=others[0][1].span)
    return from_edge(code, reason, edge, region.carried(edge))


def carried_by_references(region: Region, name: str, references: list[tuple[Statement, Access]]) -> list[Edge]:
    """Return the dependences on the variable that the region carries and that one of ``references`` has part in."""
    spans = {access.span for _, access in references}
    return [
        edge
        for edge in region.facts.edges
        if edge.variable.name == name
        and region.carried(edge) is not None
        and (edge.source_access.span in spans or edge.sink_access.span in spans)
    ]
