"""Directives with their names looked up, and the statements that carry them."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.frontend.syntax import Block, DirectiveStmt, Expression, UnknownExpression


@dataclass(frozen=True, slots=True, eq=False)
class ArraySection:
    """``[lower:length]`` behind a list item; None where a bound was left out."""

    lower: Expression | None
    length: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class ListItem:
    """One variable, element or array section in a clause.

    Attributes:
        text: As written.
        expression: The lvalue without the sections behind it (the value, for ``sink``).
        sections: The sections.
    """

    text: str
    expression: Expression
    sections: tuple[ArraySection, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """One clause.

    Attributes:
        name: ``reduction``, ``num_threads`` ...
        argument: What stands in its parentheses, as written; None without them.
        modifier: ``+`` of ``reduction(+: x)``, ``in`` of ``depend(in: x)``, the step of ``linear(x: 2)``.
        items: Of its list.
        value: Of a clause with one expression.
    """

    name: str
    argument: str | None = None
    modifier: str = ""
    items: tuple[ListItem, ...] = ()
    value: Expression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Directive:
    """One directive where it is used.

    Attributes:
        name: Its words; ``""`` if it was not understood.
        argument: What stands in parentheses behind the name.
        clauses: In order.
        line: Of its first line.
        last_line: Of its last line.
        text: What stands behind ``omp``, on one line.
        unknown_clause: A clause of which it is not known what it does.
        number: Of its pragma in the program.
        path: The file that it stands in.
        end_line: Last line of what it governs.
    """

    name: str
    argument: str | None
    clauses: tuple[Clause, ...]
    line: int
    last_line: int
    text: str
    unknown_clause: str | None = None
    number: int = -1
    path: str = ""
    end_line: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the name."""
        return tuple(self.name.split())

    def has(self, name: str) -> bool:
        """Return True if a clause of this name is there."""
        return any(clause.name == name for clause in self.clauses)

    def named(self, *names: str) -> tuple[Clause, ...]:
        """Return the clauses of these names, in order."""
        return tuple(clause for clause in self.clauses if clause.name in names)

    def value(self, name: str) -> Expression | None:
        """Return the expression of the first clause of this name that has one."""
        return next((clause.value for clause in self.named(name) if clause.value is not None), None)


@dataclass(frozen=True, slots=True, eq=False)
class OpenMPStmt(DirectiveStmt):
    """A directive with the statement that it governs, if it governs one."""

    directive: Directive


@dataclass(frozen=True, slots=True, eq=False)
class StatementExpression(UnknownExpression):
    """``({ ... })``: the value is that of the last statement."""

    body: Block
