"""Which part of an array a nest may touch, as C text over its parameters: the material of alias guards."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import islpy as isl

from loopwright.core.nest import LoopNest
from loopwright.core.variable import ElementKind, Variable
from loopwright.poly.convert import LimitError, PolyError, to_map, translated
from loopwright.poly.nest_sets import NestSets

_PARAM, _DIV, _SET = isl.dim_type.param, isl.dim_type.div, isl.dim_type.set
_NAME = re.compile(r"[A-Za-z_]\w*")

MAX_CANDIDATES = 8
"""More ends than this make a guard that nobody reads."""


@dataclass(frozen=True, slots=True)
class ElementRange:
    """Offsets from a pointer, in its elements, as C text.

    Attributes:
        first: Each no higher than the offset of the first element touched, or the least of them is.
        behind: Each no lower than the offset behind the last element touched, or the greatest of them is.
    """

    first: tuple[str, ...]
    behind: tuple[str, ...]


def element_range(sets: NestSets, variable: Variable) -> ElementRange | None:
    """Return the range of ``variable.base`` that the nest may touch; None if the parameters do not bound it."""
    if variable.rank == 0:
        return ElementRange(("0",), ("1",))
    return sets.remembered(("element range", variable.name), lambda: _range(sets, variable))


def _range(sets: NestSets, variable: Variable) -> ElementRange | None:
    dimensions = range(variable.rank) if variable.strides else range(1)
    if variable.strides and len(variable.strides) != variable.rank:
        return None
    touched = _touched(sets, variable)
    if touched is None:
        return None
    lows: list[tuple[str, ...]] = []
    highs: list[tuple[str, ...]] = []
    for position in dimensions:
        low, high = _ends(sets.nest, touched, position, upper=False), _ends(sets.nest, touched, position, upper=True)
        if not low or not high:
            return None
        lows.append(low)
        highs.append(high)
    if not variable.strides:
        return ElementRange(lows[0], tuple(_plus_one(text) for text in highs[0]))
    first = tuple(_weighted(choice, variable.strides) for choice in itertools.product(*lows))
    behind = tuple(_plus_one(_weighted(choice, variable.strides)) for choice in itertools.product(*highs))
    return ElementRange(first, behind) if max(len(first), len(behind)) <= MAX_CANDIDATES else None


def _touched(sets: NestSets, variable: Variable) -> isl.Set | None:
    """Return all elements of ``variable`` that the nest touches, strides within them left out."""
    result: isl.Set | None = None
    for statement in sets.nest.statements:
        for access in statement.accesses:
            if access.variable == variable.name:
                elements = sets.relation(statement.name, access).range().remove_divs()
                result = elements if result is None else result.union(elements)
    return result.coalesce() if result is not None else None


def _ends(nest: LoopNest, touched: isl.Set, position: int, *, upper: bool) -> tuple[str, ...]:
    """Return C text of the least or greatest subscript: the texts' least (greatest) is what is meant."""
    try:
        with translated():
            end = touched.dim_max(position) if upper else touched.dim_min(position)
            if not _holds(touched, position, end, upper=upper):
                return ()
            domain = end.domain()
            values: list[isl.Aff] = []
            for _, value in end.get_pieces():
                if not any(value.plain_is_equal(other) for other in values):
                    values.append(value)
            bounding = [value for value in values if _is_bound(end, domain, value, upper=upper)]
    except LimitError:
        raise
    except PolyError:
        return ()  # unbounded
    if not values:
        return ("0",) if touched.is_empty() else ()
    # One value that bounds all pieces is enough; the end is then a minimum of such (maximum, for the lower end).
    exact = [value for value in values if _is_bound(end, domain, value, upper=not upper)]
    if len(bounding) > 1 and len(bounding) == len(values) == 2:
        texts = [_text(nest, value, upper=upper) for value in bounding]
        comparison = "<" if upper else ">"
        return ("({0} {2} {1} ? {0} : {1})".format(*(_wide(text) for text in texts), comparison),) if all(texts) else ()
    chosen = values if len(exact) == len(values) else bounding[:1] or values
    texts = [_text(nest, value, upper=upper) for value in chosen]
    return tuple(texts) if all(texts) and len(texts) <= MAX_CANDIDATES else ()


def _holds(touched: isl.Set, position: int, end: isl.PwAff, *, upper: bool) -> bool:
    """Return True if every element lies on the right side of ``end``: isl's optimum is checked, not believed."""
    behind = touched.dim(_SET) - position - 1
    subscripts = touched.project_out(_SET, position + 1, behind).project_out(_SET, 0, position).reset_tuple_id()
    side = to_map("{ [v] -> [x] : x <= v }" if upper else "{ [v] -> [x] : x >= v }")
    return subscripts.is_subset(isl.Set.from_pw_aff(end).apply(side))


def _is_bound(end: isl.PwAff, domain: isl.Set, value: isl.Aff, *, upper: bool) -> bool:
    """Return True if ``value`` is nowhere below (``upper``) or above ``end``."""
    candidate = isl.PwAff.from_aff(value)
    return domain.is_subset(end.le_set(candidate) if upper else end.ge_set(candidate))


def _wide(text: str) -> str:
    return f"(long long)({text})"


def _plus_one(text: str) -> str:
    """Return the text of one more, added to the constant that the text ends in."""
    if re.fullmatch(r"-?\d+", text):
        return str(int(text) + 1)
    shift = re.fullmatch(r"(.*) ([-+]) (\d+)", text)
    if shift is None:
        return f"{text} + 1"
    constant = int(shift[2] + shift[3]) + 1
    if constant:
        return f"{shift[1]} {'+' if constant > 0 else '-'} {abs(constant)}"
    single = re.fullmatch(r"\(long long\)([A-Za-z_]\w*|\([^()]*\))", shift[1])
    return single[1] if single else shift[1]


def _weighted(subscripts: tuple[str, ...], strides: tuple[str, ...]) -> str:
    terms: list[str] = []
    for subscript, stride in zip(subscripts, strides, strict=True):
        if subscript == "0" or stride == "0":
            continue
        # The first factor is made long long, so that no product is computed in int.
        plain = stride if re.fullmatch(r"\w+", stride) else f"((long long){stride})"
        cast = "" if "long long" in subscript else "(long long)"
        if stride == "1":
            terms.append(subscript)
        elif re.fullmatch(r"\d+|\w+", subscript):
            terms.append(f"{cast}{subscript} * {plain}")
        else:
            terms.append(f"{cast}({subscript}) * {plain}")
    return " + ".join(terms) or "0"


def _text(nest: LoopNest, value: isl.Aff, *, upper: bool) -> str:
    """Return C text of ``value``, or of a close bound of it where it holds a rounded division; "" if there is none."""
    if not value.get_denominator_val().is_one():
        return ""
    constant = int(value.get_constant_val().to_python())
    terms: list[tuple[int, str]] = []
    for position in range(value.dim(_PARAM)):
        factor = value.get_coefficient_val(_PARAM, position)
        if not factor.is_zero():
            terms.append((int(factor.to_python()), _parameter(nest, value.get_dim_name(_PARAM, position) or "")))
    if not constant and len(terms) == 1 and terms[0][0] == 1 and not _has_division(value):
        return terms[0][1]
    parts = [(factor, f"(long long){name}" if name else "") for factor, name in terms]
    for position in range(value.dim(_DIV)):
        factor = value.get_coefficient_val(_DIV, position)
        if factor.is_zero():
            continue
        times = int(factor.to_python())
        quotient = _quotient(nest, value.get_div(position), upper=upper == (times > 0))
        parts.append((times, quotient))
    return _sum(parts, constant) if all(text for _, text in parts) else ""


def _has_division(value: isl.Aff) -> bool:
    return any(not value.get_coefficient_val(_DIV, position).is_zero() for position in range(value.dim(_DIV)))


def _quotient(nest: LoopNest, division: isl.Aff, *, upper: bool) -> str:
    """Return C text that is no less (``upper``) or no more than floor(division); C rounds towards zero."""
    divisor = division.get_denominator_val()
    dividend = _text(nest, division.scale_val(divisor), upper=upper)
    if not dividend:
        return ""
    quotient = f"({dividend}) / {divisor.to_python()}"
    return f"({quotient})" if upper else f"({quotient} - 1)"


def _parameter(nest: LoopNest, name: str) -> str:
    for parameter in nest.parameters:
        if parameter.name == name and parameter.is_total and parameter.element.kind is not ElementKind.FLOAT:
            return parameter.expression if _NAME.fullmatch(parameter.expression) else f"({parameter.expression})"
    return ""


def _sum(parts: list[tuple[int, str]], constant: int) -> str:
    """Return ``2 * a - b + 1`` as text."""
    text = ""
    for factor, name in sorted(parts, key=lambda part: part[0] < 0):
        size = abs(factor)
        term = name if size == 1 else f"{size} * {name}"
        if not text:
            text = term if factor > 0 else f"-{term}"
        else:
            text += f" + {term}" if factor > 0 else f" - {term}"
    if not text:
        return str(constant)
    if constant:
        text += f" + {constant}" if constant > 0 else f" - {-constant}"
    return text
