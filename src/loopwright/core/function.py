"""A function of the user's file: its signature, its nests, and what could not be analysed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.codes import Code
from loopwright.core.nest import LoopNest, Statement, Unsupported
from loopwright.core.source import Source, Span
from loopwright.core.variable import ElementType, Variable


class ParameterShape(StrEnum):
    """What the harness must make for one function parameter."""

    INTEGER = "integer"
    REAL = "real"
    ARRAY = "array"
    RECORD = "record"
    ROWS = "rows"
    VECTOR = "vector"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a record: its name, its C type as spelt, and the same facts as for a parameter."""

    name: str
    c_type: str
    shape: ParameterShape
    element: ElementType
    fixed_extents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionParameter:
    """One parameter of a function.

    Attributes:
        name: As spelt; ``""`` if it has none.
        c_type: Canonical C type (``double *``, ``const struct grid *``, ``double (*)[64]``).
        shape: INTEGER or REAL scalar; ARRAY (pointer to or array of scalars, C arrays of arrays included); RECORD
            (pointer to a record, ``element`` is the record's type); ROWS (``T **``); VECTOR (``std::vector<T> &``);
            OPAQUE (function pointers, ``void *``, ``FILE *``: no harness can be generated).
        element: Element type behind the pointers, or of the scalar.
        is_const: What it points to is const.
        inner_extents: C text of the extents after the first, for arrays of arrays (``double a[][M]``: ``("M",)``).
        fields: Of a RECORD.
        is_reference: C++ reference.
    """

    name: str
    c_type: str
    shape: ParameterShape
    element: ElementType
    is_const: bool = False
    inner_extents: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    is_reference: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One function definition.

    Attributes:
        name: Its name as it is called.
        span: From the return type to the closing brace.
        return_type: Canonical; ``"void"`` if none.
        return_element: Element type of a scalar result, None for ``void`` and everything else.
        parameters: In order.
        globals: File-scope and static variables that it (or a helper it calls) touches.
        nests: Its analysable nests in textual order; none share text.
        straight_line: Statements outside every nest that touch memory, with ``loops == ()``; over-approximated. They
            matter to the extents of arrays only.
        unsupported: Loops that no nest was made of.
        pointer_aliases: Pairs of pointer variables of which one was assigned or initialised from the other
            (``row = a + i*n``, ``swap(a, b)``): memory behind one is memory behind the other.
        calls: Names of the functions that it calls.
        outside_calls: Names of those called outside every nest, but for functions of their arguments alone and helpers
            of one line: they may do work that no nest shows.
    """

    name: str
    span: Span
    return_type: str
    return_element: ElementType | None
    parameters: tuple[FunctionParameter, ...]
    globals: tuple[Variable, ...] = ()
    nests: tuple[LoopNest, ...] = ()
    straight_line: tuple[Statement, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    pointer_aliases: tuple[tuple[str, str], ...] = ()
    calls: tuple[str, ...] = ()
    outside_calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """All that the frontend found in one file; ``functions`` holds those of the main file only."""

    source: Source
    functions: tuple[Function, ...]
    warnings: tuple[str, ...] = ()

    def function(self, name: str) -> Function | None:
        """Return the function called ``name``, or None."""
        return next((function for function in self.functions if function.name == name), None)

    @property
    def nests(self) -> tuple[LoopNest, ...]:
        """Return the nests of all functions, in textual order."""
        return tuple(nest for function in self.functions for nest in function.nests)


@dataclass(frozen=True, slots=True)
class FileDoubt:
    """Why not all of a file was understood, so that nothing can be proved of what is left."""

    code: Code
    reason: str


@dataclass(frozen=True, slots=True)
class LoopSurvey:
    """The loops of one file, without what only a harness must know of its functions.

    Attributes:
        source: The file.
        functions: How many it defines.
        nests: In textual order.
        unsupported: Loops that no nest was made of, and functions whose text could not be parsed whole.
        doubt: Why there may be more in the file than was understood; None if all of it was.
        headers: Paths of the files that it includes.
        warnings: Of the parser.
    """

    source: Source
    functions: int
    nests: tuple[LoopNest, ...]
    unsupported: tuple[Unsupported, ...]
    doubt: FileDoubt | None = None
    headers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
