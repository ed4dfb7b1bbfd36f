"""``reduction``: each thread accumulates for itself, the sums are joined at the end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loopwright.codegen.privatize import MAX_COPY_BYTES
from loopwright.codegen.refusal import refuse
from loopwright.codegen.region import Region, is_field, is_reached_through_pointer
from loopwright.codegen.text import is_identifier, literal
from loopwright.core.codes import Code
from loopwright.core.nest import ReductionOperator
from loopwright.core.variable import Variable
from loopwright.poly.loops import Affine, Name
from loopwright.poly.section import Section, accessed_section


@dataclass(frozen=True, slots=True)
class ReductionClauses:
    """The clauses of a region, and what must hold in front of it.

    Attributes:
        clauses: In the order of the environment, one per operator.
        conditions: C conditions without which the clauses must not be reached: compilers do not take an array
            section without elements, and private copies live on the stack.
    """

    clauses: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


def reduction_clauses(region: Region) -> ReductionClauses:
    """Return the reduction clauses of ``region``."""
    items: dict[ReductionOperator, list[str]] = {}
    conditions: dict[str, None] = {}
    for name, operator in region.environment.reductions:
        variable = region.nest.variable(name)
        if region.is_inside(variable):
            continue
        item, needed = _item(region, variable)
        items.setdefault(operator, []).append(item)
        conditions.update(dict.fromkeys(needed))
    clauses = tuple(f"reduction({operator.value}:{', '.join(names)})" for operator, names in items.items())
    return ReductionClauses(clauses, tuple(conditions))


def _item(region: Region, variable: Variable) -> tuple[str, tuple[str, ...]]:
    if is_field(variable):
        refuse(Code.STEP_DOES_NOT_FIT, f"a reduction clause cannot name {variable.name}, a member of a record")
    if is_reached_through_pointer(variable):
        return _section_item(region, variable)
    name = region.clause_name(variable)
    if variable.rank == 0:
        return name, ()
    lengths = [_extent(region, extent) for extent in variable.extents]
    _check_size(variable, [literal(length) or 0 for length in lengths])
    return name + "".join(f"[0:{length}]" for length in lengths), ()


def _extent(region: Region, extent: str) -> str:
    """Return an extent, which is text over parameters, as C."""
    expressions = _expressions(region)

    def spelled(match: re.Match[str]) -> str:
        expression = expressions.get(match[0], match[0])
        return expression if is_identifier(expression) else f"({expression})"

    return re.sub(r"[^\W\d]\w*", spelled, extent)


def _expressions(region: Region) -> dict[str, str]:
    """Return the C expressions that a clause may evaluate, by parameter."""
    return {parameter.name: parameter.expression for parameter in region.nest.parameters if parameter.is_total}


def _check_size(variable: Variable, lengths: list[int]) -> None:
    size = variable.element.size_bytes
    for length in lengths:
        size *= length
    if not 0 < size <= MAX_COPY_BYTES:
        refuse(Code.STEP_DOES_NOT_FIT, f"a copy of {variable.name} per thread is too large, or its size is not known")


def _section_item(region: Region, variable: Variable) -> tuple[str, tuple[str, ...]]:
    """Return ``y[low:length]`` for just the elements that the region touches behind a pointer."""
    if not is_identifier(variable.base) or variable.strides or variable.rank != 1 or region.is_partial:
        refuse(Code.STEP_DOES_NOT_FIT, f"a reduction clause cannot name the elements of {variable.name}")
    statements = [
        statement
        for statement in region.nest.statements
        if region.scopes.intersection(statement.loops)
        and any(access.variable == variable.name for access in statement.accesses)
    ]
    accesses = [access for statement in statements for access in statement.accesses if access.variable == variable.name]
    outer = region.nest.loop(region.around).depth + 1 if region.around is not None else 0
    section: Section | None = None
    if all(access.exact for access in accesses) and all(statement.exact for statement in statements):
        domains = tuple(
            statement.domain
            for statement in statements
            for access in statement.accesses
            if access.variable == variable.name
        )
        section = accessed_section(domains, tuple(access.relation for access in accesses), outer, region.nest.context)
    if section is None:
        refuse(Code.STEP_DOES_NOT_FIT, f"it is not known which elements of {variable.name} the loop adds to")
    low, length = _spell(region, section.low), _spell(region, section.length)
    conditions = [_not_negative(region, condition) for condition in section.conditions]
    size = literal(length)
    if size is None:
        conditions.append(f"{length} <= {MAX_COPY_BYTES // variable.element.size_bytes}")
    else:
        _check_size(variable, [size])
    return f"{variable.base}[{low}:{length}]", tuple(conditions)


def _not_negative(region: Region, condition: Affine) -> str:
    left = _spell(region, Affine(condition.terms))
    return f"{left} > 0" if condition.constant == -1 else f"{left} >= {-condition.constant}"


def _spell(region: Region, value: Affine) -> str:
    expressions = _expressions(region)
    expressions.update({loop.name: loop.iterator for loop in region.nest.loops if literal(loop.step) is not None})
    text = ""
    for operand, factor in value.terms:
        if not isinstance(operand, Name) or operand.name not in expressions:
            refuse(Code.STEP_DOES_NOT_FIT, "the elements that a reduction adds to have no simple bounds")
        expression = expressions[operand.name]
        expression = expression if is_identifier(expression) else f"({expression})"
        sign = "-" if factor < 0 else "+" if text else ""
        text += f" {sign} " if text else sign
        text += expression if abs(factor) == 1 else f"{abs(factor)} * {expression}"
    if value.constant or not text:
        text += (f" {'-' if value.constant < 0 else '+'} {abs(value.constant)}") if text else str(value.constant)
    return text
