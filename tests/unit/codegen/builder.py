"""Nests for codegen's tests, read off simple C text: what the frontend would make of it, without the frontend."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from loopwright.core.assumption import Assumption, MapText, SetText
from loopwright.core.legality import DataEnvironment, Proved
from loopwright.core.nest import Access, AccessKind, Loop, LoopKind, LoopNest, Statement, Update
from loopwright.core.plan import Plan, Step
from loopwright.core.source import Source, Span
from loopwright.core.variable import ElementKind, ElementType, Parameter, Variable

INT = ElementType("int", ElementKind.SIGNED, 4)
UNSIGNED = ElementType("unsigned int", ElementKind.UNSIGNED, 4)
SIZE = ElementType("unsigned long", ElementKind.UNSIGNED, 8)
LONG = ElementType("long", ElementKind.SIGNED, 8)
DOUBLE = ElementType("double", ElementKind.FLOAT, 8)

_HEADER = re.compile(r"for\s*\(\s*(?P<type>(?:\w+\s+)+)?(?P<name>\w+)\s*=\s*(?P<lower>[^;]*);(?P<condition>[^;]*);")


@dataclass
class Nest:
    """A nest in the making: call ``loop`` and ``statement`` in textual order, then ``build``."""

    text: str
    path: str = "kernel.c"
    iterator_type: ElementType = INT
    parameters: tuple[Parameter, ...] = (Parameter("n", "n", INT), Parameter("m", "m", INT))
    context: str = "{ : }"
    _loops: list[Loop] = field(default_factory=list)
    _statements: list[Statement] = field(default_factory=list)
    _variables: dict[str, Variable] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        return Source(self.path, self.text.encode("utf-8", "surrogateescape"))

    def span(self, start: int, end: int) -> Span:
        content = self.source.content
        line = content[:start].count(b"\n") + 1
        column = start - content.rfind(b"\n", 0, start)
        return Span(self.path, start, end, line, column, content[:end].count(b"\n") + 1)

    def loop(self, name: str, step: str = "1", trip_count: str | None = None, **changes: Any) -> Nest:
        """Add the first ``for`` behind the last loop's header."""
        text = self.text
        start = re.compile(r"\bfor\s*\(").search(text, self._loops[-1].header.end if self._loops else 0).start()
        header_end = _closing(text, text.index("(", start), "()")
        found = _HEADER.match(text, start)
        condition = re.match(r"\s*\w+\s*(<=|>=|<|>|!=)\s*(.*)", found["condition"])
        upper = condition[2].strip() + {"<=": " + 1", ">=": " - 1"}.get(condition[1], "")
        body_start = re.compile(r"(\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL).match(text, header_end).end()
        end = _statement_end(text, body_start)
        parent = next((loop for loop in reversed(self._loops) if loop.span.start < start < loop.span.end), None)
        if trip_count is None:
            lower = found["lower"].strip()
            trip_count = upper if lower == "0" and step == "1" else f"({upper} - ({lower})) / ({step})"
        loop = Loop(
            name=name,
            iterator=found["name"],
            kind=LoopKind.COUNTED,
            parent=parent.name if parent else None,
            depth=parent.depth + 1 if parent else 0,
            span=self.span(start, end),
            header=self.span(start, header_end),
            body=self.span(body_start, end),
            step=step,
            lower=found["lower"].strip(),
            upper=upper,
            trip_count=trip_count,
            iterator_type=self.iterator_type,
            declares_iterator=found["type"] is not None,
            is_canonical=True,
        )
        self._loops.append(replace(loop, **changes))
        return self

    def statement(
        self,
        text: str,
        domain: str,
        accesses: tuple[tuple[str, str, str], ...] = (),
        update: Update | None = None,
        exact: bool = True,
    ) -> Nest:
        """Add a statement: text, domain (``[n] -> { S0[i] : ... }``), accesses as (variable, r or w, relation)."""
        start = self.text.index(text)
        name = f"S{len(self._statements)}"
        span = self.span(start, start + len(text))
        kinds = {"r": AccessKind.READ, "w": AccessKind.WRITE}
        dimensions = re.search(r"\w+\[(.*?)\]\s*:", domain.partition("{")[2])[1]
        loops = tuple(one.strip() for one in dimensions.split(","))
        self._statements.append(
            Statement(
                name,
                span,
                loops,
                SetText(domain),
                exact,
                MapText("{ : }"),
                tuple(
                    Access(variable, kinds[kind], MapText(relation), True, span)
                    for variable, kind, relation in accesses
                ),
                update=update,
            )
        )
        return self

    def variable(self, name: str, **fields: Any) -> Nest:
        given = {"name": name, "isl_name": name, "identifier": name, "element": DOUBLE, "rank": 0, **fields}
        self._variables[name] = Variable(**given)
        return self

    def build(self) -> LoopNest:
        loops = tuple(replace(loop, perfect_child=self._perfect_child(loop)) for loop in self._loops)
        return LoopNest(
            f"f:{loops[0].span.line}",
            "f",
            loops[0].span,
            loops,
            tuple(self._statements),
            tuple(self._variables.values()),
            self.parameters,
            SetText(self.context),
        )

    def _perfect_child(self, loop: Loop) -> str | None:
        children = [child for child in self._loops if child.parent == loop.name]
        if len(children) != 1:
            return None
        body = self.text[loop.body.start : loop.body.end]
        child = self.text[children[0].span.start : children[0].span.end]
        rest = re.sub(r"//[^\n]*|/\*.*?\*/", "", body.replace(child, ""), flags=re.DOTALL)
        return children[0].name if rest.strip(" \t\r\n{}") == "" else None


def proved(
    nest: LoopNest,
    *steps: Step,
    environments: tuple[DataEnvironment, ...] = (),
    assumptions: tuple[Assumption, ...] = (),
) -> Proved:
    return Proved(Plan(nest.id, steps), environments, assumptions)


def _closing(text: str, start: int, pair: str) -> int:
    depth = 0
    for index in range(start, len(text)):
        depth += {pair[0]: 1, pair[1]: -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    raise ValueError("unbalanced")


def _statement_end(text: str, start: int) -> int:
    if text[start] == "{":
        return _closing(text, start, "{}")
    keyword = re.match(r"(for|if)\s*(?=\()", text[start:])
    if keyword:
        inner = _closing(text, start + keyword.end(), "()")
        return _statement_end(text, re.compile(r"\s*").match(text, inner).end())
    return text.index(";", start) + 1
