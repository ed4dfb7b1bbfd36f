"""isl's AST build: loops that scan a band of perfectly nested loops in a new order.

``scan_band`` is the entry.  It takes the band's iteration domain as isl text and the order in which the
iterations shall run, and returns a tree of ``poly.loops`` values; nothing in the tree belongs to isl, so
that ``codegen`` can print it as C.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import islpy as isl

from loopwright.core.assumption import SetText
from loopwright.poly.loops import (
    Affine,
    Branch,
    Compare,
    Condition,
    Division,
    Extreme,
    ForLoop,
    Leaf,
    Logic,
    Name,
    Node,
)

_MAX_OPERATIONS = 20_000_000
_PARAM, _SET = isl.dim_type.param, isl.dim_type.set
_LOGIC = {"and": "&&", "and_then": "&&", "or": "||", "or_else": "||"}
_COMPARE = {"le": "<=", "lt": "<", "ge": ">=", "gt": ">", "eq": "=="}


@dataclass(frozen=True, slots=True)
class Axis:
    """One loop of the original band: its dimension's name, and whether it runs downwards."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ScheduledLoop:
    """One loop of the new order: a point loop over ``axis``, or a loop over its tiles.

    Attributes:
        name: Of the new loop.
        axis: Name of the axis.
        extent: Length of a tile in values of the axis (its size times the step); 0 for a point loop.
    """

    name: str
    axis: str
    extent: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """The loops in their new order."""

    root: Node


@dataclass(frozen=True, slots=True)
class NoScan:
    """No tree with one copy of the body could be built, and why."""

    reason: str


class _CannotConvertError(Exception):
    """isl's tree holds something that has no form here."""


def scan_band(
    exact: tuple[SetText, ...],
    inexact: tuple[SetText, ...],
    outer: int,
    axes: tuple[Axis, ...],
    order: tuple[ScheduledLoop, ...],
    contexts: tuple[SetText, ...],
    headers: SetText | None = None,
) -> Scan | NoScan:
    """Return loops that run the band's iterations in the lexicographic order of ``order``.

    An iteration is run if an instance of a statement with an exact domain runs in it; iterations without one
    have no effect.  A statement whose domain is over-approximated must not reach beyond that: its domain may
    then hold iterations that do not exist.

    Args:
        exact: Domains of the statements in the band whose domain is exact; at least one.
        inexact: Domains of the other statements in the band.
        outer: Number of loops around the band; their dimensions become parameters.
        axes: The loops of the band, outermost first.
        order: The new loops, outermost first. Tile loops count in the axis' own values, ``i_tile = 0, 32, 64``.
        contexts: What is known of the parameters and the loops around the band.
        headers: The band's iterations as its loop headers alone give them, ``{ B[i, j] : ... }`` with the loops around
            as parameters, where the statements' domains need not say the same because of an ``if`` in the body. Used
            only where the statements' domain is not convex, for the sake of the bounds.
    """
    local = isl.Context()
    local.set_max_operations(_MAX_OPERATIONS)
    try:
        domain = _band_domain(local, exact, outer, axes)
        if domain is None:
            return NoScan("no statement of the band has an exactly known domain")
        beyond = _band_domain(local, inexact, outer, axes)
        if beyond is not None and not beyond.is_subset(domain):
            return NoScan("the iterations of the band are not known exactly")
        if headers is not None and domain.n_basic_set() > 1:
            simpler = isl.Set(headers, local)
            domain = simpler if domain.is_subset(simpler) else domain
        for index in range(len(axes)):
            if not (domain.dim_has_lower_bound(_SET, index) and domain.dim_has_upper_bound(_SET, index)):
                return NoScan(f"the bounds of loop {axes[index].name} are not affine")
        parameters = isl.Set("{ : }", local).params()
        for context in contexts:
            parameters = parameters.intersect(isl.Set(context, local).params())
        schedule = _schedule(domain, axes, order)
        node = _build(local, schedule, order, parameters)
        return Scan(_Converter(axes, order).node(node))
    except isl.Error as error:
        return NoScan(f"the loops could not be built: {' '.join(str(error).split())[:120]}")
    except _CannotConvertError as error:
        return NoScan(f"the loops would not be readable: {error}")


def _band_domain(
    context: isl.Context, domains: tuple[SetText, ...], outer: int, axes: tuple[Axis, ...]
) -> isl.Set | None:
    result: isl.Set | None = None
    for text in domains:
        piece = isl.Set(text, context)
        names = _names(piece, _SET)
        wanted = [axis.name for axis in axes]
        if names[outer : outer + len(axes)] != wanted:
            raise _CannotConvertError(f"the domain {text} does not name the loops {', '.join(wanted)}")
        deeper = outer + len(axes)
        piece = piece.project_out(_SET, deeper, piece.dim(_SET) - deeper)
        piece = piece.move_dims(_PARAM, piece.dim(_PARAM), _SET, 0, outer)
        for index in range(outer):
            piece = piece.set_dim_name(_PARAM, piece.dim(_PARAM) - outer + index, names[index])
        for index, axis in enumerate(axes):
            piece = piece.set_dim_name(_SET, index, axis.name)
        piece = piece.set_tuple_name("B")
        result = piece if result is None else result.union(piece)
    return result.coalesce() if result is not None else None


def _names(domain: isl.Set, kind: isl.dim_type) -> list[str]:
    return [domain.get_dim_name(kind, index) or "" for index in range(domain.dim(kind))]


def _origin(domain: isl.Set, index: int, descending: bool) -> str:
    """Return, as text over parameters, the value at which the first tile starts; "0" if there is no simple one."""
    bounds = (domain.dim_max(index) if descending else domain.dim_min(index)).coalesce()
    pieces = bounds.get_pieces()
    if len(pieces) != 1:
        return "0"
    bound = pieces[0][1]
    if bound.dim(isl.dim_type.div) or not bound.get_denominator_val().is_one():
        return "0"
    sign = -1 if descending else 1
    terms = [str(sign * int(str(bound.get_constant_val())))]
    for position in range(bound.dim(_PARAM)):
        factor = sign * int(str(bound.get_coefficient_val(_PARAM, position)))
        if factor:
            terms.append(f"{factor} * {bound.get_dim_name(_PARAM, position)}")
    return " + ".join(terms)


def _schedule(domain: isl.Set, axes: tuple[Axis, ...], order: tuple[ScheduledLoop, ...]) -> isl.Map:
    # A loop that runs downwards has the coordinate -x; tiles of extent T start at the first coordinate o:
    #   tile(x) = o + T * floor((x - o) / T)
    positions = {axis.name: index for index, axis in enumerate(axes)}
    outputs: list[str] = []
    for loop in order:
        index = positions[loop.axis]
        coordinate = f"-x{index}'" if axes[index].descending else f"x{index}'"
        if loop.extent:
            origin = _origin(domain, index, axes[index].descending)
            coordinate = f"({origin}) + {loop.extent} * floor(({coordinate} - ({origin})) / {loop.extent})"
        outputs.append(coordinate)
    names = ", ".join(f"x{index}'" for index in range(len(axes)))
    parameters = ", ".join(_names(domain, _PARAM))
    text = f"[{parameters}] -> {{ B[{names}] -> [{', '.join(outputs)}] }}"
    return isl.Map(text, domain.get_ctx()).intersect_domain(domain)


def _build(
    context: isl.Context, schedule: isl.Map, order: tuple[ScheduledLoop, ...], parameters: isl.Set
) -> isl.AstNode:
    identifiers = isl.IdList.alloc(context, len(order))
    for loop in order:
        identifiers = identifiers.add(isl.Id(f"@{loop.name}", None, context))
    dimensions = ", ".join(f"c{index}" for index in range(len(order)))
    # "atomic": one loop per dimension, so that the body is written once; conditions stay inside.
    options = isl.UnionMap(f"{{ [{dimensions}] -> atomic[x] : 0 <= x < {len(order)} }}", context)
    build = isl.AstBuild.from_context(parameters).set_iterators(identifiers).set_options(options)
    return build.node_from_schedule_map(isl.UnionMap.from_map(schedule))


class _Converter:
    """Turns isl's tree into ours; loops that run downwards are turned around on the way."""

    def __init__(self, axes: tuple[Axis, ...], order: tuple[ScheduledLoop, ...]) -> None:
        descending = {axis.name for axis in axes if axis.descending}
        self._axes = axes
        self._sign = {loop.name: -1 if loop.axis in descending else 1 for loop in order}

    def node(self, node: isl.AstNode) -> Node:
        kind = _member(node.get_type())
        if kind == "for":
            return self._loop(node)
        if kind == "if":
            if node.if_has_else_node():
                raise _CannotConvertError("it would take two copies of the body")
            return Branch(self._condition(node.if_get_cond()), self.node(node.if_get_then_node()))
        if kind == "user":
            call = node.user_get_expr()
            values = [self._affine(call.get_op_arg(index + 1)) for index in range(len(self._axes))]
            return Leaf(tuple((axis.name, value) for axis, value in zip(self._axes, values, strict=True)))
        raise _CannotConvertError("it would take two copies of the body")

    def _loop(self, node: isl.AstNode) -> ForLoop:
        name = node.for_get_iterator().get_id().get_name()[1:]
        sign = self._sign[name]
        start = self._affine(node.for_get_init()).times(sign)
        body = self.node(node.for_get_body())
        if node.for_is_degenerate():
            return ForLoop(name, start, start, True, sign, body)
        step = int(str(node.for_get_inc().get_val())) * sign
        condition = node.for_get_cond()
        op = _member(condition.get_op_type()) if condition.get_type() == isl.ast_expr_type.op else ""
        if op not in ("le", "lt") or condition.get_op_arg(0).get_type() != isl.ast_expr_type.id:
            raise _CannotConvertError("a loop's condition is not a comparison with its iterator")
        bound = self._affine(condition.get_op_arg(1)).times(sign)
        inclusive = op == "le"
        if inclusive and not _reads_well_inclusive(bound, sign):
            bound, inclusive = bound.shifted(sign), False
        return ForLoop(name, start, bound, inclusive, step, body)

    def _condition(self, expression: isl.AstExpr) -> Condition:
        if expression.get_type() != isl.ast_expr_type.op:
            raise _CannotConvertError("a condition is not a comparison")
        op = _member(expression.get_op_type())
        arguments = [expression.get_op_arg(index) for index in range(expression.get_op_n_arg())]
        if op in _LOGIC:
            return Logic(_LOGIC[op], tuple(self._condition(argument) for argument in arguments))
        if op in _COMPARE:
            return Compare(_COMPARE[op], self._affine(arguments[0]), self._affine(arguments[1]))
        raise _CannotConvertError("a condition is not a comparison")

    def _affine(self, expression: isl.AstExpr) -> Affine:
        kind = expression.get_type()
        if kind == isl.ast_expr_type.int:
            return Affine((), int(str(expression.get_val())))
        if kind == isl.ast_expr_type.id:
            name = expression.get_id().get_name()
            if name.startswith("@"):
                return Affine(((Name(name[1:]), self._sign[name[1:]]),))
            return Affine(((Name(name), 1),))
        arguments = tuple(self._affine(expression.get_op_arg(index)) for index in range(expression.get_op_n_arg()))
        convert = _OPERATIONS.get(_member(expression.get_op_type()))
        if convert is None:
            raise _CannotConvertError("a bound is not affine")
        return convert(arguments)


def _member(value: object) -> str:
    """Return the name of an isl enumeration's member, as the isl manual spells it."""
    return str(value).rpartition(".")[2].rstrip("_")


def _reads_well_inclusive(bound: Affine, sign: int) -> bool:
    """Return True if ``<=`` reads better than ``<`` with one more, as for ``<= n`` and ``>= 0``."""
    extreme = bound.extreme
    values = extreme.arguments if extreme is not None else (bound,)
    if sign < 0 and Affine(()) in values:
        return True
    return all(value.constant == 0 and value.terms for value in values)


def _product(arguments: tuple[Affine, ...]) -> Affine:
    left, right = arguments
    if left.terms and right.terms:
        raise _CannotConvertError("a bound is not affine")
    return right.times(left.constant) if not left.terms else left.times(right.constant)


def _division(kind: str) -> Callable[[tuple[Affine, ...]], Affine]:
    def divide(arguments: tuple[Affine, ...]) -> Affine:
        dividend, divisor = arguments
        if divisor.terms or divisor.constant <= 0:
            raise _CannotConvertError("a division is not by a positive number")
        return Affine(((Division(kind, dividend, divisor.constant), 1),))

    return divide


def _extreme(kind: str) -> Callable[[tuple[Affine, ...]], Affine]:
    def choose(arguments: tuple[Affine, ...]) -> Affine:
        flat: list[Affine] = []
        for argument in arguments:
            inner = argument.extreme
            flat.extend(inner.arguments if inner is not None and inner.kind == kind else (argument,))
        return Affine(((Extreme(kind, tuple(dict.fromkeys(flat))), 1),))

    return choose


_OPERATIONS: dict[str, Callable[[tuple[Affine, ...]], Affine]] = {
    "add": lambda arguments: arguments[0].plus(arguments[1]),
    "sub": lambda arguments: arguments[0].plus(arguments[1], -1),
    "minus": lambda arguments: arguments[0].times(-1),
    "mul": _product,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "div": _division("quotient"),
    "pdiv_q": _division("quotient"),
    "pdiv_r": _division("remainder"),
    "zdiv_r": _division("remainder"),
    "fdiv_q": _division("floor"),
}
