"""The loop that a directive stands before, seen from OpenMP: its own iterators, what lies inside, what it may name."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.codegen.refusal import refuse
from loopwright.codegen.text import is_identifier
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment
from loopwright.core.nest import Loop, LoopKind, LoopNest
from loopwright.core.variable import Variable


@dataclass(frozen=True, slots=True)
class Region:
    """What one directive governs.

    Attributes:
        nest: The nest.
        loop: Name of the loop that the directive stands before (``i_tile`` for one that a step made).
        around: Name of the original loop in whose body the directive stands; None in front of the nest.
        associated: The original loops whose iterators the directive makes private by itself.
        inside: Names of the original loops that run inside, ``associated`` included.
        scopes: Names of the original loops whose bodies' declarations lie inside.
        environment: The clauses that legality asked for.
        is_partial: Loops of the same reordered band run around it.
        is_proved: Legality has proved the clauses, last values included.
    """

    nest: LoopNest
    loop: str
    around: str | None
    associated: tuple[str, ...]
    inside: frozenset[str]
    scopes: frozenset[str]
    environment: DataEnvironment
    is_partial: bool = False
    is_proved: bool = False

    def is_inside(self, variable: Variable) -> bool:
        """Return True if ``variable`` is declared inside, so that no clause may or need name it."""
        return variable.scope is not None and variable.scope in self.scopes

    @property
    def own_iterators(self) -> frozenset[str]:
        """Return the C names of the iterators that the directive makes private by itself."""
        return frozenset(self.nest.loop(name).iterator for name in self.associated)

    def assigned_iterators(self) -> tuple[Variable, ...]:
        """Return the variables declared outside the region that loops inside it, its own left out, count in."""
        found: dict[str, Variable] = {}
        for loop in self.nest.loops:
            if loop.name not in self.inside or loop.name in self.associated or loop.declares_iterator:
                continue
            if loop.kind is not LoopKind.COUNTED or not loop.iterator:
                continue  # what such a loop assigns are statements, whose variables legality has answered for
            variable = require_iterator(self.nest, loop)
            if not self.is_inside(variable) and variable.identifier not in self.own_iterators:
                found[variable.name] = variable
        return tuple(found.values())

    def clause_name(self, variable: Variable) -> str:
        """Return the identifier that a clause must say for ``variable``; refuse if none means just that variable."""
        if not is_identifier(variable.identifier) or is_field(variable):
            refuse(Code.STEP_DOES_NOT_FIT, f"{variable.name} is not a variable that an OpenMP clause can name")
        if is_inlined_local(self.nest, variable):
            refuse(Code.STEP_DOES_NOT_FIT, f"{variable.name} belongs to a helper function, so no clause can name it")
        visible = visible_variable(self.nest, self.around, variable.identifier)
        if visible is not None and visible.scope != variable.scope:
            refuse(Code.STEP_DOES_NOT_FIT, f"{variable.identifier} means another variable in front of the loop")
        return variable.identifier


def ancestors(nest: LoopNest, loop: str | None) -> tuple[str, ...]:
    """Return ``loop`` and the loops around it, innermost first."""
    chain: list[str] = []
    while loop is not None:
        chain.append(loop)
        loop = nest.loop(loop).parent
    return tuple(chain)


def descendants(nest: LoopNest, loop: str) -> frozenset[str]:
    """Return ``loop`` and the loops inside it."""
    return frozenset(other.name for other in nest.loops if loop in ancestors(nest, other.name))


def visible_variable(nest: LoopNest, loop: str | None, identifier: str) -> Variable | None:
    """Return the nest's variable that ``identifier`` means in the body of ``loop``; None if it knows of none."""
    chain: tuple[str | None, ...] = (*ancestors(nest, loop), None)
    for scope in chain:
        for variable in nest.variables:
            if variable.identifier == identifier and variable.scope == scope and not is_field(variable):
                return variable
    return None


def require_iterator(nest: LoopNest, loop: Loop) -> Variable:
    """Return the variable that ``loop`` counts in where it is declared outside the loop's header."""
    variable = visible_variable(nest, loop.parent, loop.iterator)
    if variable is None or variable.rank != 0:
        refuse(Code.LAST_VALUE_USED, f"it is not known where {loop.iterator} is declared and used")
    return variable


def is_field(variable: Variable) -> bool:
    """Return True if ``variable`` is one member of a record."""
    same_size = variable.base_element_size_bytes in (0, variable.element.size_bytes)
    return "." in variable.name or "->" in variable.name or not same_size


def is_inlined_local(nest: LoopNest, variable: Variable) -> bool:
    """Return True if ``variable`` is declared inside the body of a helper that was inlined."""
    declared = variable.declaration
    if declared is None or variable.scope is None:
        return False
    return not nest.span.contains(declared)


def is_reached_through_pointer(variable: Variable) -> bool:
    """Return True if the memory is not the named object itself but what a pointer leads to."""
    return variable.is_pointer
