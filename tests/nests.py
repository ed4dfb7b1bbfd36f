"""Nests without a frontend: a few lines of text become a ``LoopNest``.

``nest("n", For("i", "1", "n", "a[i] = a[i-1] b[i]"))`` is the loop ``for (i = 1; i < n; i++) a[i] = a[i-1] + b[i]``:
what is written stands left, what is read right. ``s += a[i]`` is an update. ``h[?]`` is a subscript that is not known,
``If("?", ...)`` a condition that depends on data, ``Read("c[i]")`` a statement that only reads. Every statement is on a
line of its own, from 1, the headers of loops included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from loopwright.core.assumption import Assumption, MapText, SetText
from loopwright.core.codes import Code
from loopwright.core.nest import (
    Access,
    AccessKind,
    Loop,
    LoopKind,
    LoopNest,
    ReductionOperator,
    Statement,
    Update,
)
from loopwright.core.source import Span
from loopwright.core.variable import ElementKind, ElementType, Parameter, Storage, Variable

DOUBLE = ElementType("double", ElementKind.FLOAT, 8)
INT = ElementType("int", ElementKind.SIGNED, 4)
SIZE = ElementType("unsigned long", ElementKind.UNSIGNED, 8)

_REFERENCE = re.compile(r"([A-Za-z_][\w.]*)((?:\[[^\]]*\])*)")
_UPDATE = re.compile(r"^(.*?)\s*(min|max|&&|\|\||[-+*&|^])=\s*(.*)$")


@dataclass(frozen=True)
class For:
    """A loop: ``step`` may be negative, then ``upper`` is the bound below; ``facts`` replace fields of ``Loop``."""

    name: str
    lower: str
    upper: str
    body: Any
    step: int = 1
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class If:
    """A condition: an affine constraint, or ``?`` for one that depends on data, which may have an ``else``.

    ``?name`` lets the statements inside know their conditions.
    """

    condition: str
    body: Any
    otherwise: Any = ()


@dataclass(frozen=True)
class Read:
    """A statement that only reads."""

    text: str


@dataclass
class _Build:
    variables: dict[str, Variable]
    parameters: tuple[str, ...]
    loops: list[Loop] = field(default_factory=list)
    statements: list[tuple[Statement, list[str]]] = field(default_factory=list)
    line: int = 0
    conditions: tuple[str, ...] = ()

    def span(self) -> Span:
        return Span("k.c", 100 * self.line, 100 * self.line + 50, self.line, 1, self.line)


def nest(
    parameters: str,
    root: For,
    *variables: Variable,
    context: str = ":",
    assumptions: tuple[Assumption, ...] = (),
    **facts: Any,
) -> LoopNest:
    """Return the nest of ``root``.

    ``variables`` are those that differ from the rule: an array is a ``restrict`` parameter of doubles, a scalar a local
    double that is dead after the nest.
    """
    names = tuple(parameters.split())
    build = _Build({variable.name: variable for variable in variables}, names)
    _walk(build, root, (), [], [], None)
    depth = max([len(statement.loops) for statement, _ in build.statements] or [len(build.loops)])
    statements = tuple(
        replace(statement, schedule=_schedule(statement, times, depth, names)) for statement, times in build.statements
    )
    head = _head(names)
    span = Span("k.c", 0, 100 * (build.line + 1), 1, 1, build.line)
    return LoopNest(
        "f:1",
        "f",
        span,
        tuple(build.loops),
        statements,
        tuple(build.variables.values()),
        tuple(Parameter(name, name, INT) for name in names),
        SetText(f"{head}{{ {context} }}"),
        assumptions,
        **facts,
    )


def array(name: str, rank: int = 1, **facts: Any) -> Variable:
    """Return a parameter ``double *restrict name`` (``facts`` replace fields)."""
    defaults: dict[str, Any] = {
        "identifier": name,
        "element": DOUBLE,
        "extents": ("",) * rank,
        "storage": Storage.PARAMETER,
        "is_pointer": True,
        "is_restrict": True,
        "base": name,
        "base_element_size_bytes": 8,
    }
    return Variable(name=name, isl_name=_isl(name), rank=rank, **{**defaults, **facts})


def scalar(name: str, **facts: Any) -> Variable:
    """Return a local ``double name`` that is dead after the nest."""
    defaults: dict[str, Any] = {"identifier": name, "element": DOUBLE, "live_out": False, "live_in": False}
    return Variable(name=name, isl_name=_isl(name), rank=0, **{**defaults, **facts})


def local_array(name: str, *extents: str, **facts: Any) -> Variable:
    """Return a local ``double name[extents]`` that is dead after the nest."""
    defaults: dict[str, Any] = {
        "identifier": name,
        "element": DOUBLE,
        "extents": extents,
        "base": name,
        "live_out": False,
        "live_in": False,
    }
    return Variable(name=name, isl_name=_isl(name), rank=len(extents), **{**defaults, **facts})


def _isl(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _head(parameters: tuple[str, ...]) -> str:
    return f"[{', '.join(parameters)}] -> "


def _schedule(statement: Statement, times: list[str], depth: int, parameters: tuple[str, ...]) -> MapText:
    padded = times + ["0"] * (2 * depth + 1 - len(times))
    return MapText(f"{_head(parameters)}{{ {statement.name}[{', '.join(statement.loops)}] -> [{', '.join(padded)}] }}")


def _walk(
    build: _Build, item: Any, loops: tuple[str, ...], constraints: list[str], times: list[str], doubt: Code | None
) -> None:
    items = item if isinstance(item, list) else [item]
    position = 0
    for entry in items:
        position = _place(build, entry, loops, constraints, times, doubt, position)


def _place(
    build: _Build,
    entry: Any,
    loops: tuple[str, ...],
    constraints: list[str],
    times: list[str],
    doubt: Code | None,
    position: int,
) -> int:
    """Build ``entry`` at the textual ``position``; return the next one."""
    at = [*times, str(position)]
    match entry:
        case For():
            _loop(build, entry, loops, constraints, at, doubt)
        case If(condition, body, otherwise) if condition.startswith("?"):
            outer, name = build.conditions, condition.removeprefix("?")
            for sign, branch in (("", body), ("!", otherwise)):
                build.conditions = (*outer, sign + name) if name else ()
                for part in branch if isinstance(branch, list | tuple) else [branch]:
                    position = _place(build, part, loops, constraints, times, Code.NON_AFFINE_CONDITION, position)
            build.conditions = outer
            return position
        case If(condition, body):
            for part in body if isinstance(body, list) else [body]:
                position = _place(build, part, loops, [*constraints, condition], times, doubt, position)
            return position
        case Read(text):
            _statement(build, "", text, None, loops, constraints, at, doubt)
        case str():
            update = _UPDATE.match(entry)
            if update is not None:
                _statement(build, update[1], update[3], update[2], loops, constraints, at, doubt)
            else:
                left, right = entry.split("=")
                _statement(build, left, right, None, loops, constraints, at, doubt)
        case _:
            raise TypeError(entry)
    return position + 1


def _loop(
    build: _Build, entry: For, loops: tuple[str, ...], constraints: list[str], times: list[str], doubt: Code | None
) -> None:
    build.line += 1
    index = len(build.loops)
    start, header_line = 100 * build.line, build.line
    header = Span("k.c", start, start + 20, header_line, 1, header_line)
    body = entry.body if isinstance(entry.body, list) else [entry.body]
    inner = body[0].name if len(body) == 1 and isinstance(body[0], For) else None
    build.loops.append(
        Loop(
            name=entry.name,
            iterator=entry.name,
            kind=LoopKind.COUNTED,
            parent=loops[-1] if loops else None,
            depth=len(loops),
            span=header,
            header=header,
            body=header,
            step=str(entry.step),
            lower=entry.lower,
            upper=entry.upper,
            trip_count=f"{entry.upper} - ({entry.lower})",
            iterator_type=INT,
            declares_iterator=True,
            is_canonical=True,
            perfect_child=inner,
        )
    )
    name, step = entry.name, entry.step
    inside = f"{entry.lower} <= {name} < {entry.upper}" if step > 0 else f"{entry.upper} < {name} <= {entry.lower}"
    stride = [f"({name} - ({entry.lower})) mod {abs(step)} = 0"] if abs(step) > 1 else []
    time = name if step > 0 else f"-{name}"
    _walk(build, entry.body, (*loops, name), [*constraints, inside, *stride], [*times, time], doubt)
    span = Span("k.c", start, 100 * build.line + 99, header_line, 1, build.line)
    build.loops[index] = replace(build.loops[index], **{"span": span, "body": span, **entry.facts})


def _statement(
    build: _Build,
    left: str,
    right: str,
    operator: str | None,
    loops: tuple[str, ...],
    constraints: list[str],
    times: list[str],
    doubt: Code | None,
) -> None:
    build.line += 1
    name = f"S{len(build.statements)}"
    head = _head(build.parameters)
    accesses: list[Access] = []
    for text, kind in ((left, AccessKind.WRITE), (right, AccessKind.READ)):
        accesses += [_access(build, name, loops, match, kind) for match in _REFERENCE.finditer(text)]
    update = None
    if operator is not None:
        target = accesses[0]
        accesses[0] = replace(target, is_update=True)
        accesses.append(replace(target, is_update=True, kind=AccessKind.READ))
        element = build.variables[target.variable].element
        sign = "+" if operator == "-" else operator
        update = Update(target.variable, ReductionOperator(sign), element.kind is ElementKind.FLOAT, True)
    condition = f" : {' and '.join(constraints)}" if constraints else ""
    statement = Statement(
        name,
        build.span(),
        loops,
        SetText(f"{head}{{ {name}[{', '.join(loops)}]{condition} }}"),
        doubt is None,
        MapText(""),
        tuple(accesses),
        doubt,
        "a condition depends on data" if doubt else "",
        update,
        build.conditions,
    )
    build.statements.append((statement, times))


def _access(build: _Build, statement: str, loops: tuple[str, ...], match: re.Match[str], kind: AccessKind) -> Access:
    name, subscripts = match[1], re.findall(r"\[([^\]]*)\]", match[2])
    if name not in build.variables:
        build.variables[name] = array(name, len(subscripts)) if subscripts else scalar(name)
    unknown = any("?" in subscript for subscript in subscripts)
    elements = [f"e{index}" if "?" in text else text for index, text in enumerate(subscripts)]
    relation = f"{{ {statement}[{', '.join(loops)}] -> {_isl(name)}[{', '.join(elements)}] }}"
    return Access(
        name,
        kind,
        MapText(_head(build.parameters) + relation),
        not unknown,
        build.span(),
        Code.INDIRECT_SUBSCRIPT if unknown else None,
        "the subscript comes out of memory" if unknown else "",
    )
