"""Dependences between statement instances, and the concrete witness of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.assumption import MapText
from loopwright.core.codes import Code
from loopwright.core.source import Span


class DependenceKind(StrEnum):
    """Flow: read after write. Anti: write after read. Output: write after write."""

    FLOW = "flow"
    ANTI = "anti"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Dependence:
    """Pairs of instances that touch one element, at least one writing, in execution order.

    Attributes:
        kind: Flow, anti or output.
        variable: ``Variable.name`` of the element's array.
        source: Name of the statement that runs first.
        sink: Name of the statement that runs later.
        source_span: The source's reference.
        sink_span: The sink's reference.
        carried_by: The loop where the pair first differs; None if it stays within one iteration of all shared loops.
        relation: Source instance -> sink instance, the part carried by ``carried_by``.
        exact: Every pair really conflicts. False if an over-approximation is involved: the pairs may be false.
        code: Why it is not exact; None if it is.
        reason: The same in words.
        distances: Per shared loop, sink minus source in iterations where that is one number, else its sign
            ("+", "-", "*").
    """

    kind: DependenceKind
    variable: str
    source: str
    sink: str
    source_span: Span
    sink_span: Span
    carried_by: str | None
    relation: MapText
    exact: bool
    code: Code | None = None
    reason: str = ""
    distances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instance:
    """One statement instance with concrete iterator values, outermost first, and its line in the source."""

    statement: str
    iterators: tuple[tuple[str, int], ...]
    line: int

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.iterators)
        return f"{self.statement}[{values}] (line {self.line})"


@dataclass(frozen=True, slots=True)
class Witness:
    """Two instances that a reader can check by hand.

    Attributes:
        parameters: Values of the parameters under which the two instances exist.
        source: Runs first in the original program.
        sink: Runs later.
        element: What both touch (``a[3]``).
    """

    parameters: tuple[tuple[str, int], ...]
    source: Instance
    sink: Instance
    element: str

    def __str__(self) -> str:
        given = "".join(f" with {name}={value}" for name, value in self.parameters[:1])
        given += "".join(f", {name}={value}" for name, value in self.parameters[1:])
        return f"{self.source} -> {self.sink} on {self.element}{given}"
