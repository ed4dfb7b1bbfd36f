"""The edits of one nest while they are put together, from the innermost loop outwards."""

from __future__ import annotations

from loopwright.codegen.duplicate import two_versions
from loopwright.codegen.guards import (
    assumption_guards,
    check_not_shadowed,
    clause_conditions,
    conjunction,
    work_guard,
)
from loopwright.codegen.insert import Directive, apply, check_line_above, in_block, insert
from loopwright.codegen.parallelize import parallel_directive
from loopwright.codegen.reduce import ReductionClauses, reduction_clauses
from loopwright.codegen.refusal import refuse
from loopwright.codegen.region import Region, descendants
from loopwright.codegen.simd import simd_directive
from loopwright.codegen.text import (
    indentation,
    indentation_unit,
    line_before,
    line_ending,
    lines_of,
    literal,
    reindent,
    words,
)
from loopwright.core.candidate import Edit
from loopwright.core.codes import Code
from loopwright.core.legality import Basis, DataEnvironment, Proved
from loopwright.core.nest import Loop, LoopNest
from loopwright.core.plan import Parallelize, Schedule, Simd
from loopwright.core.source import Source, Span
from loopwright.core.variable import ElementKind


class Draft:
    """Collects the edits of one nest.

    An edit that replaces text swallows those made inside that text before, so loops are handled innermost first.
    """

    def __init__(self, source: Source, nest: LoopNest, basis: Basis) -> None:
        self.source = source
        self.nest = nest
        self.basis = basis
        self._edits: list[Edit] = []
        self._parallel = {step.loop: step for step in basis.plan.steps if isinstance(step, Parallelize)}
        self._simd = {step.loop for step in basis.plan.steps if isinstance(step, Simd)}

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Return the edits so far, in textual order."""
        return tuple(sorted(self._edits, key=lambda edit: edit.span.start))

    def add(self, edit: Edit) -> None:
        """Take an edit that overlaps no other."""
        self._edits.append(edit)

    def text(self, span: Span) -> str:
        """Return the text of ``span`` with the edits made inside it."""
        return apply(self.source, span, self._inside(span))

    def _inside(self, span: Span) -> tuple[Edit, ...]:
        return tuple(edit for edit in self._edits if span.contains(edit.span))

    def indent(self, span: Span, unit: str) -> str:
        """Return the indentation for text that replaces the statement at ``span``.

        A statement that shares its line with the ``if`` or loop whose body it is moves one level in.
        """
        prefix = line_before(self.source.content, span.start)
        is_body = prefix.strip() != "" and not in_block(self.source.content, span.start)
        return indentation(prefix) + (unit if is_body else "")

    def replace(self, span: Span, lines: list[str], unit: str, *, one_statement: bool) -> None:
        """Replace the statement at ``span``, with all edits inside, by ``lines`` in its own indentation.

        Args:
            span: The statement.
            lines: The new text; lines are indented as the statement is.
            unit: One level of indentation.
            one_statement: The lines are one statement that no ``else`` behind them can attach itself to.
        """
        content = self.source.content
        check_line_above(content, span)
        ending = line_ending(content, span.start)
        prefix = line_before(content, span.start)
        indent = self.indent(span, unit)
        if not one_statement and not in_block(content, span.start):
            lines = [f"{indent}{{", *(unit + line if line.strip() else line for line in lines), f"{indent}}}"]
        gap = 0
        text = ending.join(lines)
        if prefix.strip():
            gap = len(prefix) - len(prefix.rstrip(" \t"))
            text = ending + text
        else:
            text = text.removeprefix(indent)
        for edit in self._inside(span):
            self._edits.remove(edit)
        self.add(Edit(Span(span.path, span.start - gap, span.end, span.line, span.column - gap, span.end_line), text))

    def names(self, loop: str) -> bool:
        """Return True if the plan wants a directive in front of ``loop``."""
        return loop in self._parallel or loop in self._simd

    def collapse(self, loop: str) -> int:
        """Return the number of loops that the directive of ``loop`` takes together."""
        step = self._parallel.get(loop)
        return step.collapse if step is not None else 1

    def environment(self, loop: str) -> DataEnvironment:
        """Return the clauses that legality asked for."""
        found = next((found for found in self.basis.environments if found.loop == loop), None)
        return found or DataEnvironment(loop)

    def check_inner_collapsed(self, inner: tuple[str, ...]) -> None:
        """Refuse if a loop inside a collapsed one has a directive of its own: nothing may stand between them."""
        for loop in inner:
            if self.names(loop):
                refuse(Code.STEP_DOES_NOT_FIT, f"loop {loop} is collapsed with the loop around it")

    def directive(
        self, region: Region, reductions: ReductionClauses, guards: tuple[str, ...], worth: str
    ) -> Directive | None:
        """Return the directive that the plan wants in front of the region; None if there is none."""
        step, simd = self._parallel.get(region.loop), region.loop in self._simd
        if step is not None:
            return parallel_directive(step, region, reductions, guards, worth, simd=simd)
        return simd_directive(region, reductions, guards) if simd else None

    def annotate(self, loop: Loop) -> None:
        """Put the directive that the plan wants in front of one of the user's own loops."""
        if not self.names(loop.name):
            return
        collapsed = self._collapsed(loop)
        for one in collapsed:
            self._check_header(one)
            self._check_schedule(loop.name, one)
        inside = descendants(self.nest, loop.name)
        region = Region(
            self.nest,
            loop.name,
            loop.parent,
            tuple(one.name for one in collapsed),
            inside,
            inside,
            self.environment(loop.name),
            is_proved=isinstance(self.basis, Proved),
        )
        self._check_nesting(loop)
        conditions = clause_conditions(self.basis.assumptions, region.environment, collapsed)
        guards = assumption_guards(self.nest, self.basis.assumptions, loop)
        guards = tuple(guard for guard in guards if guard not in conditions)
        worth = work_guard(self.nest, collapsed, collapsed[-1].name, loop.parent)
        reductions = reduction_clauses(region)
        directive = self.directive(region, reductions, guards, worth)
        if directive is None:
            return
        conditions += reductions.conditions
        if conditions:
            self._insert_two_versions(loop, directive, conditions)
        else:
            self.add(insert(self.source, loop.span, directive, loop.body))

    def _insert_two_versions(self, loop: Loop, directive: Directive, conditions: tuple[str, ...]) -> None:
        content = self.source.content
        check_not_shadowed(self.nest, conditions, loop.parent)
        unit = indentation_unit(content, loop.span, loop.body)
        old = indentation(line_before(content, loop.span.start))
        indent = self.indent(loop.span, unit)
        deeper = indent + unit
        if directive.before:
            refuse(Code.LAST_VALUE_USED, f"the last value of {loop.iterator} is used after the loop")
        fast = [*directive.lines(deeper), *lines_of(deeper + reindent(self.text(loop.span), old, deeper))]
        lines = two_versions(conjunction(conditions), fast, self.source.text(loop.span), indent, unit, old)
        self.replace(loop.span, lines, unit, one_statement=True)

    def _collapsed(self, loop: Loop) -> tuple[Loop, ...]:
        loops = [loop]
        for _ in range(self.collapse(loop.name) - 1):
            child = loops[-1].perfect_child
            if child is None:
                refuse(Code.STEP_DOES_NOT_FIT, f"loop {loops[-1].name} holds more than one loop")
            inner = self.nest.loop(child)
            # A bound that is no single term, such as a minimum, stands in the text alone.
            header = f"{inner.lower} {inner.upper} {inner.step} {self.source.text(inner.header)}"
            if words(header) & {outer.iterator for outer in loops}:
                refuse(Code.STEP_DOES_NOT_FIT, f"the bounds of loop {child} change with the loops around it")
            loops.append(inner)
        self.check_inner_collapsed(tuple(inner.name for inner in loops[1:]))
        return tuple(loops)

    def _check_header(self, loop: Loop) -> None:
        if loop.is_in_macro:
            refuse(Code.MACRO_HEADER, f"the header of loop {loop.name} comes out of a macro")
        if loop.is_inlined or not self.nest.span.contains(loop.span):
            refuse(Code.STEP_DOES_NOT_FIT, f"loop {loop.name} belongs to a helper function that others may call")
        if not loop.is_canonical:
            refuse(Code.STEP_DOES_NOT_FIT, f"OpenMP does not take the header of loop {loop.name}")
        if not self.source.text(loop.span).startswith("for"):
            refuse(Code.MACRO_HEADER, f"the text of loop {loop.name} is not where the loop is")

    def _check_schedule(self, directive: str, loop: Loop) -> None:
        """Refuse what gcc (up to 12 at least) runs no iteration of: ``for (unsigned i = n; i > 0; i--)``, dynamic."""
        step = self._parallel.get(directive)
        is_dynamic = step is not None and step.schedule in (Schedule.DYNAMIC, Schedule.GUIDED)
        kind = loop.iterator_type
        is_narrow = kind.kind is ElementKind.UNSIGNED and kind.size_bytes < 8
        if is_dynamic and is_narrow and (literal(loop.step) or -1) < 0:
            refuse(Code.STEP_DOES_NOT_FIT, f"gcc skips a loop that counts an unsigned {loop.iterator} down in chunks")

    def _check_nesting(self, loop: Loop) -> None:
        parent = loop.parent
        while parent is not None:
            if parent in self._simd and loop.name in self._parallel:
                refuse(Code.STEP_DOES_NOT_FIT, f"threads cannot be started inside the simd loop {parent}")
            parent = self.nest.loop(parent).parent
