"""The text that replaces a reordered band: new loops, directives, the user's body, and the guard around it."""

from __future__ import annotations

from loopwright.codegen.band import BandLoop
from loopwright.codegen.draft import Draft
from loopwright.codegen.duplicate import comments_between, two_versions
from loopwright.codegen.guards import assumption_guards, check_not_shadowed, conjunction, work_guard
from loopwright.codegen.insert import Directive
from loopwright.codegen.interchange import interchange
from loopwright.codegen.reduce import reduction_clauses
from loopwright.codegen.refusal import refuse
from loopwright.codegen.region import Region, descendants, require_iterator
from loopwright.codegen.reorder import Layout, chain, lay_out
from loopwright.codegen.text import indentation, indentation_unit, line_before, lines_of, reindent
from loopwright.codegen.tile import tile
from loopwright.core.codes import Code
from loopwright.core.legality import Proved
from loopwright.core.nest import Loop
from loopwright.core.plan import Interchange, Parallelize, Plan, Simd, Step, Tile, tile_loop_name
from loopwright.core.source import Span
from loopwright.poly.loops import ForLoop, Leaf


def rewrite_band(draft: Draft, band: tuple[Loop, ...]) -> None:
    """Replace the loops of ``band`` by loops in the order that the plan asks for."""
    nest, source = draft.nest, draft.source
    root = band[0]
    for loop in band:
        if not loop.declares_iterator and require_iterator(nest, loop).live_out:
            refuse(Code.LAST_VALUE_USED, f"the last value of {loop.iterator} is used after the loops")
    order = _order(band, draft.basis.plan)
    unit = indentation_unit(source.content, root.span, root.body)
    layout = lay_out(source, nest, band, order, unit)
    inside = descendants(nest, root.name) - {root.name}
    moved = [f"{loop.lower} {loop.upper}" for loop in nest.loops if loop.name in inside]
    guards = assumption_guards(nest, draft.basis.assumptions, root, moved)
    directives, conditions = _directives(draft, band, order, layout)
    check_not_shadowed(nest, conditions, root.parent)
    condition = conjunction((*guards, *conditions))
    old = indentation(line_before(source.content, root.span.start))
    indent = draft.indent(root.span, unit)
    deeper = indent + unit if condition else indent
    innermost = band[-1]

    def body(_: Leaf, at: str) -> list[str]:
        return _body_lines(draft, innermost, tuple(text for _, text in layout.values), at, unit)

    loops = layout.printer.lines(layout.root, deeper, directives, body)
    if condition:
        loops = two_versions(condition, loops, source.text(root.span), indent, unit, old)
    comments = [comment for text in _gaps(draft, band) for comment in comments_between(text)]
    head = [line for comment in comments for line in lines_of(f"{indent}{comment}")]
    lines = [*head, f"{indent}/* loopwright: {_describe(draft, band)} */", *loops]
    draft.replace(root.span, lines, unit, one_statement=bool(condition) or isinstance(layout.root, ForLoop))


def _order(band: tuple[Loop, ...], plan: Plan) -> tuple[BandLoop, ...]:
    names = {loop.name for loop in band}
    order = tuple(BandLoop(loop.name, loop.name) for loop in band)
    for step in plan.steps:
        if isinstance(step, Interchange) and {loop.name for loop in order} & set(step.order):
            order = interchange(order, step)
        elif isinstance(step, Tile) and names & set(step.band):
            order = tile(order, step)
    return order


def _directives(
    draft: Draft, band: tuple[Loop, ...], order: tuple[BandLoop, ...], layout: Layout
) -> tuple[dict[str, Directive], tuple[str, ...]]:
    """Return the directives of the new loops, and the conditions that their reductions need."""
    directives: dict[str, Directive] = {}
    conditions: list[str] = []
    loops = {loop.name: loop for loop in band}
    below = descendants(draft.nest, band[-1].name) - {band[-1].name}
    assigned = {axis for axis, _ in layout.values}
    names = [loop.name for loop in order]
    scanned = [loop.name for loop in layout.loops()]
    for position, new in enumerate(order):
        if not draft.names(new.name):
            continue
        if new.name not in scanned:
            refuse(Code.STEP_DOES_NOT_FIT, f"loop {new.name} would run at most once")
        count = draft.collapse(new.name)
        together = _collapsed(draft, layout, names[position : position + count], count)
        points = [loop.axis for loop in order[position:] if not loop.size]
        own = tuple(loop for loop in together if loop in loops and loop not in assigned)
        region = Region(
            draft.nest,
            new.name,
            band[0].parent,
            own,
            frozenset(points) | assigned | below,
            frozenset(loops) | below,
            draft.environment(new.name),
            is_partial=position > 0,
            is_proved=isinstance(draft.basis, Proved),
        )
        counted = dict.fromkeys(loop.axis for loop in order[position:])
        worth = work_guard(draft.nest, tuple(loops[axis] for axis in counted), band[-1].name, band[0].parent)
        reductions = reduction_clauses(region)
        conditions.extend(reductions.conditions)
        directive = draft.directive(region, reductions, (), worth)
        if directive is not None:
            directives[new.name] = directive
    return directives, tuple(conditions)


def _collapsed(draft: Draft, layout: Layout, names: list[str], count: int) -> tuple[str, ...]:
    """Return the loops that a directive takes together; they must follow one another and be rectangular."""
    nodes = list(chain(layout.root))
    start = next(index for index, node in enumerate(nodes) if isinstance(node, ForLoop) and node.name == names[0])
    taken: list[str] = []
    for node in nodes[start : start + count]:
        if not isinstance(node, ForLoop) or node.name not in names:
            refuse(Code.STEP_DOES_NOT_FIT, f"the loops {', '.join(names)} cannot be collapsed")
        if (node.start.names() | node.bound.names()) & set(taken):
            refuse(Code.STEP_DOES_NOT_FIT, f"the bounds of loop {node.name} change with the loops around it")
        taken.append(node.name)
    if len(taken) != count:
        refuse(Code.STEP_DOES_NOT_FIT, f"there are not {count} loops to collapse at {names[0]}")
    draft.check_inner_collapsed(tuple(taken[1:]))
    return tuple(taken)


def _body_lines(draft: Draft, innermost: Loop, values: tuple[str, ...], indent: str, unit: str) -> list[str]:
    """Return the user's innermost body as a block, its iterators given their values first where need be."""
    content = draft.source.content
    text = draft.text(innermost.body)
    assignments = [f"{indent}{unit}{value}" for value in values]
    if text.startswith("{"):
        before = line_before(content, innermost.body.start)
        own_line = not before.strip()
        old = indentation(before if own_line else line_before(content, innermost.span.start))
        lines = lines_of(reindent(text, old, indent))
        if not assignments:
            return [f"{indent}{lines[0]}", *lines[1:]]
        rest = lines[0][1:].strip()
        return [f"{indent}{{", *assignments, *([f"{indent}{unit}{rest}"] if rest else []), *lines[1:]]
    old = indentation(line_before(content, innermost.body.start))
    return [f"{indent}{{", *assignments, *lines_of(indent + unit + reindent(text, old, indent + unit)), f"{indent}}}"]


def _gaps(draft: Draft, band: tuple[Loop, ...]) -> tuple[str, ...]:
    """Return the text of the band that is neither a header nor the innermost body."""
    source, root, innermost = draft.source, band[0], band[-1]
    ends = [loop.header.end for loop in band]
    starts = [*(loop.header.start for loop in band[1:]), innermost.body.start]
    pieces = [source.text(_span(root, end, start)) for end, start in zip(ends, starts, strict=True)]
    headers = [source.text(loop.header) for loop in band]
    return (*headers, *pieces, source.text(_span(root, innermost.body.end, root.span.end)))


def _span(loop: Loop, start: int, end: int) -> Span:
    return Span(loop.span.path, start, end, loop.span.line, 1, loop.span.end_line)


def _describe(draft: Draft, band: tuple[Loop, ...]) -> str:
    """Return the plan's steps that concern the band, in words that fit one comment line."""
    loops = descendants(draft.nest, band[0].name)
    named = loops | {tile_loop_name(loop) for loop in loops}
    words = [_step_words(step) for step in draft.basis.plan.steps if _loops_of(step) & named]
    return "; ".join(words)


def _loops_of(step: Step) -> set[str]:
    match step:
        case Interchange(order):
            return set(order)
        case Tile(band):
            return set(band)
        case Parallelize() | Simd():
            return {step.loop}
        case _:
            return set()


def _step_words(step: Step) -> str:
    match step:
        case Interchange(order):
            return f"interchange to {', '.join(order)}"
        case Tile(band, sizes):
            return f"tile {', '.join(band)} by {', '.join(str(size) for size in sizes)}"
        case Parallelize():
            return f"parallel {step.loop}"
        case Simd():
            return f"simd {step.loop}"
        case _:
            return ""
