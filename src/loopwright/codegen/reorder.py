"""A band of loops in a new order: the text that replaces it.

::

    for (i = 0; i < n; i++)            for (long long i_tile = 0; i_tile < n; i_tile += 32)
        for (j = 0; j < m; j++)   ->       for (long long j_tile = 0; j_tile < m; j_tile += 32)
            body                               for (i = i_tile; i < (n < i_tile + 32 ? n : i_tile + 32); i++)
                                                   for (j = j_tile; j < (m < j_tile + 32 ? m : j_tile + 32); j++)
                                                       body

Point loops count in the user's iterators, of the user's types, so that the body means what it meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from loopwright.codegen.band import BandLoop
from loopwright.codegen.print_c import WIDE, Printer, Symbol, affine_values
from loopwright.codegen.refusal import refuse
from loopwright.codegen.region import ancestors
from loopwright.codegen.text import has_call, is_identifier, literal, tokens, words
from loopwright.core.assumption import SetText
from loopwright.core.codes import Code
from loopwright.core.nest import Loop, LoopNest
from loopwright.core.source import Source
from loopwright.core.variable import ElementKind, ElementType
from loopwright.poly.ast import Axis, NoScan, ScheduledLoop, scan_band
from loopwright.poly.loops import Affine, Branch, ForLoop, Leaf, Name, Node


@dataclass(frozen=True, slots=True)
class Layout:
    """A reordered band, ready to print.

    Attributes:
        root: The new loops.
        printer: Prints them.
        values: Axis and statement that gives the user's iterator its value at the top of the body, for those axes
            whose iterator no loop of the tree counts in.
    """

    root: Node
    printer: Printer
    values: tuple[tuple[str, str], ...]

    def loops(self) -> tuple[ForLoop, ...]:
        """Return the loops of the tree, outermost first."""
        return tuple(node for node in chain(self.root) if isinstance(node, ForLoop))


def chain(node: Node) -> Iterator[Node]:
    """Yield the nodes of a tree, which is a chain, outermost first."""
    yield node
    match node:
        case ForLoop():
            yield from chain(node.body)
        case Branch():
            yield from chain(node.then)
        case Leaf():
            return


def lay_out(source: Source, nest: LoopNest, band: tuple[Loop, ...], order: tuple[BandLoop, ...], unit: str) -> Layout:
    """Return the loops that run ``band`` in ``order``; refuse if they cannot be written."""
    root = _scan(nest, band, order)
    used = frozenset[str]().union(*(value.names() for value in affine_values(root)))
    taken = frozenset(re.findall(r"[^\W\d]\w*", source.content.decode("utf-8", "surrogateescape")))
    verbatim = frozenset(re.sub(r"\s", "", text) for loop in band for text in (loop.lower, loop.upper))
    outside = _outside_symbols(nest, band, used)
    descending = any((literal(loop.step) or 0) < 0 for loop in band)
    # First try the user's unsigned type throughout; it works if nothing is subtracted.
    symbols = {**outside, **_loop_symbols(source, band, order, taken, frozenset(), unsigned=True)}
    constants = _named_constants(band)
    printer = Printer(symbols, verbatim, unsigned=True, unit=unit, constants=constants)
    named = [symbols[name] for name in (*used, *(loop.name for loop in order))]
    unsigned = all(symbol.is_unsigned and symbol.type.size_bytes >= 8 for symbol in named) and not descending
    if not unsigned or any(printer.needs_sign(value) for value in affine_values(root)):
        counted = _counted_apart(printer, root, band, named)
        symbols = {**outside, **_loop_symbols(source, band, order, taken, counted, unsigned=False)}
        printer = Printer(symbols, verbatim, unsigned=False, unit=unit, constants=constants)
    return Layout(root, printer, tuple(_values(source, nest, band, root, printer, symbols)))


def _named_constants(band: tuple[Loop, ...]) -> dict[int, str]:
    """Return values of upper bounds that the user spells with a name (``N - 1``), by value.

    The value follows from the first value and the trip count, where both are known numbers.
    """
    constants: dict[int, str] = {}
    for loop in band:
        step, lower, count = literal(loop.step), literal(loop.lower), literal(loop.trip_count)
        plain = re.fullmatch(r"[\w\s+\-*()]*[^\W\d]\w*[\w\s+\-*()]*", loop.upper) and not has_call(loop.upper)
        if step == 1 and lower is not None and count and plain and lower + count > 1 and "sizeof" not in loop.upper:
            constants.setdefault(lower + count, loop.upper)
    return constants


def _scan(nest: LoopNest, band: tuple[Loop, ...], order: tuple[BandLoop, ...]) -> Node:
    inside = nest.inside(band[-1].name)
    steps = {loop.name: literal(loop.step) for loop in band}
    scheduled = tuple(ScheduledLoop(loop.name, loop.axis, loop.size * abs(steps[loop.axis] or 1)) for loop in order)
    scan = scan_band(
        tuple(statement.domain for statement in inside if statement.exact),
        tuple(statement.domain for statement in inside if not statement.exact),
        band[0].depth,
        tuple(Axis(loop.name, (steps[loop.name] or 1) < 0) for loop in band),
        scheduled,
        _known_around(nest, band[0]),
        _headers(nest, band),
    )
    if isinstance(scan, NoScan):
        refuse(Code.STEP_DOES_NOT_FIT, scan.reason)
    return scan.root


def _headers(nest: LoopNest, band: tuple[Loop, ...]) -> SetText | None:
    """Return the iterations that the band's headers give; None unless they are plain signed arithmetic.

    Unsigned arithmetic and conversions are left to the domains of the statements, which know about them.
    """
    names = {parameter.expression: parameter.name for parameter in nest.parameters if _is_signed(parameter.element)}
    around = ancestors(nest, band[0].parent)
    for loop in (*(nest.loop(name) for name in around), *band):
        if not _is_signed(loop.iterator_type) or literal(loop.step) is None:
            return None
        names[loop.iterator] = loop.name
    constraints: list[str] = []
    for loop in band:
        lower, upper = (_affine_text(text, names) for text in (loop.lower, loop.upper))
        step = literal(loop.step) or 0
        if lower is None or upper is None or step == 0:
            return None
        down = step < 0
        constraints.append(
            f"{loop.name} {'<=' if down else '>='} {lower} and {loop.name} {'>' if down else '<'} {upper}"
        )
        constraints.append(f"({loop.name} - ({lower})) mod {abs(step)} = 0")
    parameters = ", ".join([*(parameter.name for parameter in nest.parameters), *around])
    dimensions = ", ".join(loop.name for loop in band)
    return SetText(f"[{parameters}] -> {{ B[{dimensions}] : {' and '.join(constraints)} }}")


def _is_signed(kind: ElementType) -> bool:
    return kind.kind is ElementKind.SIGNED


def _affine_text(text: str, names: dict[str, str]) -> str | None:
    """Return C text as isl text; None if it holds more than names, decimal literals, sums and products."""
    spelled: list[str] = []
    for token in tokens(text):
        if token.kind == "word" and token.text in names:
            spelled.append(names[token.text])
        elif (token.kind == "number" and re.fullmatch(r"0|[1-9]\d*", token.text)) or token.text in "+-*()":
            spelled.append(token.text)
        else:
            return None
    return f"({' '.join(spelled)})" if spelled else None


def _known_around(nest: LoopNest, root: Loop) -> tuple[SetText, ...]:
    """Return the nest's context, and what the headers of the loops around ``root`` say where that is plain.

    As for ``_headers``, unsigned arithmetic says nothing.
    """
    names = {parameter.expression: parameter.name for parameter in nest.parameters if _is_signed(parameter.element)}
    facts: list[str] = []
    around = ancestors(nest, root.parent)
    for name in reversed(around):
        loop = nest.loop(name)
        step = literal(loop.step)
        if step is None or not _is_signed(loop.iterator_type):
            continue
        low, high, count = (_affine_text(text, names) for text in (loop.lower, loop.upper, loop.trip_count))
        if high is None and step == 1 and low is not None and count is not None:
            high = f"{low} + {count}"
        names[loop.iterator] = name
        if low is not None:
            facts.append(f"{name} {'>=' if step > 0 else '<='} {low}")
        if high is not None:
            facts.append(f"{name} {'<' if step > 0 else '>'} {high}")
    if not facts:
        return (nest.context,)
    parameters = ", ".join([*(parameter.name for parameter in nest.parameters), *reversed(around)])
    return nest.context, SetText(f"[{parameters}] -> {{ : {' and '.join(facts)} }}")


def _outside_symbols(nest: LoopNest, band: tuple[Loop, ...], used: frozenset[str]) -> dict[str, Symbol]:
    symbols: dict[str, Symbol] = {}
    for parameter in nest.parameters:
        if parameter.name in used and not parameter.is_total and not _is_in_header(band[0], parameter.expression):
            refuse(
                Code.STEP_DOES_NOT_FIT, f"{parameter.expression} cannot be evaluated in front of loop {band[0].name}"
            )
        plain = is_identifier(parameter.expression) or re.fullmatch(r"\w+((\.|->)\w+)+", parameter.expression)
        symbols[parameter.name] = Symbol(
            parameter.expression if plain else f"({parameter.expression})", parameter.element
        )
    for name in ancestors(nest, band[0].parent):
        loop = nest.loop(name)
        if name in used and literal(loop.step) is None:
            refuse(Code.STEP_DOES_NOT_FIT, f"the bounds depend on loop {name}, whose step is not a constant")
        symbols[name] = Symbol(loop.iterator, loop.iterator_type)
    return symbols


def _is_in_header(loop: Loop, expression: str) -> bool:
    return any(expression in text for text in (loop.lower, loop.upper, loop.trip_count))


def _loop_symbols(
    source: Source,
    band: tuple[Loop, ...],
    order: tuple[BandLoop, ...],
    taken: frozenset[str],
    counted_apart: frozenset[str],
    *,
    unsigned: bool,
) -> dict[str, Symbol]:
    loops = {loop.name: loop for loop in band}
    symbols: dict[str, Symbol] = {}
    for new in order:
        loop = loops[new.axis]
        spelling = iterator_type(source, loop)
        own_type = unsigned or (loop.iterator_type.kind is ElementKind.SIGNED and loop.iterator_type.size_bytes >= 8)
        if new.size or new.name in counted_apart:
            name = _fresh(f"{loop.iterator}_{'tile' if new.size else 'count'}", taken)
            kind = loop.iterator_type if own_type else WIDE
            symbols[new.name] = Symbol(name, kind, spelling if own_type else WIDE.spelling, is_iterator=True)
        else:
            declare = spelling if loop.declares_iterator else ""
            symbols[new.name] = Symbol(loop.iterator, loop.iterator_type, declare, is_iterator=True)
    return symbols


def _counted_apart(printer: Printer, root: Node, band: tuple[Loop, ...], named: list[Symbol]) -> frozenset[str]:
    """Return the loops that cannot count in the user's iterator, because it is unsigned and bounds are not."""
    loops = {loop.name: loop for loop in band}
    apart: set[str] = {loop.name for loop in band if literal(loop.step) is None}
    for node in chain(root):
        if not isinstance(node, ForLoop) or node.name not in loops:
            continue
        kind = loops[node.name].iterator_type
        if kind.kind is ElementKind.UNSIGNED:
            signed = printer.needs_sign(node.start) or printer.needs_sign(node.bound) or node.step < 0
            if signed or kind.size_bytes >= 8:
                apart.add(node.name)
    return frozenset(apart)


def _fresh(name: str, taken: frozenset[str]) -> str:
    number, fresh = 1, name
    while fresh in taken:
        number += 1
        fresh = f"{name}_{number}"
    return fresh


def iterator_type(source: Source, loop: Loop) -> str:
    """Return the iterator's type as the user spells it in the header, or its canonical spelling."""
    header = source.text(loop.header)
    match = re.match(r"for\s*\(\s*((?:[\w:]+\s+)*?[\w:]+)\s+" + re.escape(loop.iterator) + r"\b", header)
    unusable = {"auto", "register", "const", "volatile", "static", "constexpr"}
    if not loop.declares_iterator or match is None or unusable & words(match[1]):
        return loop.iterator_type.spelling
    return match[1]


def _values(
    source: Source, nest: LoopNest, band: tuple[Loop, ...], root: Node, printer: Printer, symbols: dict[str, Symbol]
) -> Iterator[tuple[str, str]]:
    leaf = next(node for node in chain(root) if isinstance(node, Leaf))
    scanned = {node.name for node in chain(root) if isinstance(node, ForLoop)}
    for loop, (_, value) in zip(band, leaf.values, strict=True):
        direct = value == Affine(((Name(loop.name), 1),)) and loop.name in scanned
        if direct and symbols[loop.name].text == loop.iterator:
            continue
        text = printer.value(value)
        if literal(loop.step) is None:
            text = f"({loop.lower}) + {text} * ({loop.step})"
        declare = f"{iterator_type(source, loop)} " if loop.declares_iterator else ""
        yield loop.name, f"{declare}{loop.iterator} = {text};"
