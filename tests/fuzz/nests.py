"""Which loop, statement and variable of a program each name in loopwright's nest stands for, by lines and spelling."""

from __future__ import annotations

from dataclasses import dataclass

from fuzz.expressions import Code
from fuzz.interpret import Machine
from fuzz.print_c import Printed
from fuzz.program import For, Stmt, While, parts_of, statements
from loopwright.core.nest import LoopNest


@dataclass(frozen=True, slots=True)
class NestMap:
    """A nest and what its names mean in the program.

    Attributes:
        nest: As the frontend found it.
        machine: The program, ready to run.
        root: The root loop.
        loops: Loop name -> the program's loop.
        statements: Statement name -> ids of what stands on its lines.
        depth: Number of loops around the root that are not of the nest.
    """

    nest: LoopNest
    machine: Machine
    root: For
    loops: dict[str, For]
    statements: dict[str, frozenset[int]]
    depth: int

    def code(self, loop: For) -> Code:
        """Return the code of a loop."""
        return self.machine.codes[loop.id]

    def identifier(self, variable: str) -> str:
        """Return the program's name of a variable of the nest."""
        return self.nest.variable(variable).identifier.partition(".")[0]

    def chain(self, name: str) -> list[str]:
        """Return a loop and the loops that are perfectly nested in it, by the program's own text."""
        names = {loop.id: each for each, loop in self.loops.items()}
        chain = [name]
        while True:
            body = self.loops[chain[-1]].body
            if len(body) != 1 or not isinstance(body[0], For) or body[0].id not in names:
                return chain
            chain.append(names[body[0].id])

    def chains(self) -> list[tuple[str, ...]]:
        """Return the longest chains of perfectly nested loops; every loop is in one."""
        chains = [self.chain(name) for name in self.loops]
        inner = {name for chain in chains for name in chain[1:]}
        return [tuple(chain) for chain in chains if chain[0] not in inner]


class MapError(Exception):
    """The nest speaks of something that the program does not have."""


def map_nest(nest: LoopNest, machine: Machine, printed: Printed) -> NestMap:
    """Return what the nest's names stand for.

    Raises:
        MapError: A loop or statement of the nest stands where the program has none.
    """
    at: dict[int, list[int]] = {}
    for identity, line in printed.lines.items():
        at.setdefault(line, []).append(identity)
    fors = {item.id: item for item in statements(machine.program) if isinstance(item, For)}
    loops: dict[str, For] = {}
    for loop in nest.loops:
        found = [fors[identity] for identity in at.get(loop.span.line, ()) if identity in fors]
        if len(found) == 1:
            loops[loop.name] = found[0]
        elif loop.iterator:
            raise MapError(f"loop {loop.name} stands on line {loop.span.line}")
    named: dict[str, frozenset[int]] = {}
    for statement in nest.statements:
        rows = range(statement.span.line, statement.span.end_line + 1)
        named[statement.name] = frozenset(identity for row in rows for identity in at.get(row, ()))
        if not named[statement.name]:
            raise MapError(f"statement {statement.name} stands on line {statement.span.line}")
    root = loops.get(nest.loops[0].name)
    if root is None:
        raise MapError("the root is not a counted loop")
    return NestMap(nest, machine, root, loops, named, _loops_around(machine.program.body, root.id) or 0)


def _loops_around(body: tuple[Stmt, ...], loop: int) -> int | None:
    for statement in body:
        if statement.id == loop:
            return 0
        for part in parts_of(statement):
            found = _loops_around(part, loop)
            if found is not None:
                return found + isinstance(statement, For | While)
    return None
