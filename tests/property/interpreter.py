"""Runs the nests of ``nests.py`` without isl: instances in program order, memory, and any other order."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nests import For, If, Read

PRIME = 1_000_003

Element = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Touch:
    """One access of one instance."""

    element: Element
    is_write: bool


@dataclass(frozen=True)
class Run:
    """One statement instance: loops around it with their values, textual positions in between, and accesses."""

    statement: str
    loops: tuple[str, ...]
    values: tuple[int, ...]
    time: tuple[int, ...]
    target: Element | None
    operands: tuple[Element, ...]
    is_update: bool

    @property
    def touches(self) -> tuple[Touch, ...]:
        """Return the accesses."""
        reads = tuple(Touch(element, False) for element in self.operands)
        if self.target is None:
            return reads
        own = (Touch(self.target, False),) if self.is_update else ()
        return (*reads, *own, Touch(self.target, True))


@dataclass
class _Walk:
    parameters: dict[str, int]
    runs: list[Run] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    iterations: dict[tuple[str, tuple[int, ...]], list[int]] = field(default_factory=dict)


def runs_of(root: For, parameters: dict[str, int]) -> _Walk:
    """Return all instances in program order, and the iterations of every loop for each iteration around it."""
    walk = _Walk(parameters)
    _name_statements(walk, root)
    _walk(walk, root, (), (), (0,))
    return walk


def _entries(item: Any) -> list[Any]:
    """Return the entries of a body with their conditions, flattened the way ``nests.py`` numbers them."""
    return item if isinstance(item, list) else [item]


def _name_statements(walk: _Walk, item: Any) -> None:
    for entry in _entries(item):
        if isinstance(entry, For | If):
            _name_statements(walk, entry.body)
        else:
            walk.names[id(entry)] = f"S{len(walk.names)}"


def _walk(walk: _Walk, item: Any, loops: tuple[str, ...], values: tuple[int, ...], time: tuple[int, ...]) -> int:
    scope = walk.parameters | dict(zip(loops, values, strict=True))
    for entry in _entries(item):
        match entry:
            case For(name, lower, upper, body, step):
                values_of = range(evaluate(lower, scope), evaluate(upper, scope), step)
                walk.iterations[name, values] = list(values_of)
                for value in values_of:
                    when = value if step > 0 else -value
                    _walk(walk, body, (*loops, name), (*values, value), (*time, when, 0))
            case If(condition, body):
                if condition == "?" or evaluate(condition, scope):
                    time = (*time[:-1], _walk(walk, body, loops, values, time))
                else:
                    time = (*time[:-1], time[-1] + _length(body))
                continue
            case Read(text):
                _instance(walk, entry, "", text, False, loops, values, time, scope)
            case _:
                update = re.match(r"^(.*?)\s*[-+*]=\s*(.*)$", entry)
                left, right = update.groups() if update else entry.split("=")
                _instance(walk, entry, left, right, update is not None, loops, values, time, scope)
        time = (*time[:-1], time[-1] + 1)
    return time[-1]


def _length(item: Any) -> int:
    return sum(_length(entry.body) if isinstance(entry, If) else 1 for entry in _entries(item))


def _instance(
    walk: _Walk,
    entry: Any,
    left: str,
    right: str,
    is_update: bool,
    loops: tuple[str, ...],
    values: tuple[int, ...],
    time: tuple[int, ...],
    scope: dict[str, int],
) -> None:
    targets, operands = _elements(left, scope), _elements(right, scope)
    target = targets[0] if targets else None
    walk.runs.append(Run(walk.names[id(entry)], loops, values, time, target, tuple(operands), is_update))


def _elements(text: str, scope: dict[str, int]) -> list[Element]:
    found: list[Element] = []
    for match in re.finditer(r"([A-Za-z_]\w*)((?:\[[^\]]*\])*)", text):
        subscripts = re.findall(r"\[([^\]]*)\]", match[2])
        found.append((match[1], tuple(evaluate(subscript, scope) for subscript in subscripts)))
    return found


def evaluate(text: str, scope: dict[str, int]) -> int:
    """Return the value of affine text or of a comparison."""
    return int(_value(ast.parse(text.replace(" mod ", " % ").replace(" = ", " == "), mode="eval").body, scope))


def _value(node: ast.expr, scope: dict[str, int]) -> int:
    match node:
        case ast.Constant(int(value)):
            return value
        case ast.Name(name):
            return scope[name]
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, scope)
        case ast.BinOp(left, operator, right):
            operators: dict[type, Callable[[int, int], int]] = {
                ast.Add: lambda x, y: x + y,
                ast.Sub: lambda x, y: x - y,
                ast.Mult: lambda x, y: x * y,
                ast.Mod: lambda x, y: x % y,
            }
            return operators[type(operator)](_value(left, scope), _value(right, scope))
        case ast.Compare(left, [operator], [right]):
            comparisons: dict[type, Callable[[int, int], bool]] = {
                ast.LtE: lambda x, y: x <= y,
                ast.Lt: lambda x, y: x < y,
                ast.GtE: lambda x, y: x >= y,
                ast.Eq: lambda x, y: x == y,
            }
            return comparisons[type(operator)](_value(left, scope), _value(right, scope))
        case _:
            raise ValueError(ast.dump(node))


def initial(element: Element) -> int:
    """Return what memory holds before the nest."""
    return (sum(map(ord, element[0])) * 7919 + _mix(element[1])) % PRIME


def _mix(values: tuple[int, ...]) -> int:
    result = 17
    for value in values:
        result = (result * 31 + value + 1000) % PRIME
    return result


class Memory:
    """Elements with values; ``place`` says where an instance finds an element (its copy, or the shared one)."""

    def __init__(self, place: Callable[[Run, Element], tuple[Any, ...]] | None = None) -> None:
        self.place = place or (lambda _run, element: ("shared", element))
        self.cells: dict[tuple[Any, ...], int] = {}

    def load(self, run: Run, element: Element) -> int:
        """Return the element's value; a private copy that was not written holds nonsense of its own."""
        cell = self.place(run, element)
        if cell not in self.cells:
            if cell[0] == "shared":
                return initial(element)
            if cell[0] == "sum":
                return 0
            return (_mix(tuple(map(_number, cell))) * 131 + 7) % PRIME
        return self.cells[cell]

    def store(self, run: Run, element: Element, value: int) -> None:
        """Write the element."""
        self.cells[self.place(run, element)] = value


def _number(part: Any) -> int:
    return part if isinstance(part, int) else sum(map(ord, str(part)))


def execute(runs: Iterator[Run] | list[Run], memory: Memory) -> Memory:
    """Run the instances in the given order; each writes a value that depends on all that it reads."""
    for run in runs:
        mixed = _mix((*map(ord, run.statement), *run.values))
        for index, element in enumerate(run.operands):
            mixed = (mixed * 37 + (index + 2) * memory.load(run, element)) % PRIME
        if run.target is not None:
            value = (memory.load(run, run.target) + mixed) % PRIME if run.is_update else mixed
            memory.store(run, run.target, value)
    return memory
