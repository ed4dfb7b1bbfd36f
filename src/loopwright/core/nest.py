"""A loop nest as the analysis sees it: loops, statements, accesses, variables, parameters.

Sets and maps are isl text, so that every value can be hashed, compared, sent to a worker
and read in a diff; ``poly`` alone turns the text into isl objects. The spelling is fixed:

* a statement's tuple is its name and its loops' dimensions, outermost first: ``S0[i, j]``;
* dimension names are the loops' names (unique in the nest);
* an access maps a statement instance to an array element: ``{ S0[i, j] -> A[i, j + 1] }``;
  a scalar has rank 0: ``{ S0[i] -> s[] }``. A tuple name is an isl identifier, so a variable
  whose name holds other characters (``p.x``) appears as its ``isl_name``;
* a loop dimension counts in the user's iterator where the step is a constant
  (``i = 2, 4, 6`` has dimension ``i``, with a stride constraint), and counts iterations from 0
  where the step is symbolic or the loop is not countable;
* the original schedule maps every instance into one 2d+1 space, padded with zeros:
  ``{ S1[i, j] -> [0, i, 1, j, 0] }``. A loop that runs downwards has its dimension negated there.

What cannot be described exactly is over-approximated, never left out: ``Statement.exact`` is False
where the domain holds more instances than run, ``Access.exact`` is False where the relation holds
more elements than are touched. A dependence that rests on either may be false, and only
``Undecided`` can follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.assumption import Assumption, MapText, SetText
from loopwright.core.codes import Code
from loopwright.core.source import Span
from loopwright.core.variable import ElementType, Parameter, Variable


class AccessKind(StrEnum):
    """Read or write. An update such as ``x += e`` is two accesses."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Access:
    """One reference to a variable in one statement.

    Attributes:
        variable: ``Variable.name``.
        kind: Read or write.
        relation: Statement instance -> element, over-approximated if not ``exact``.
        exact: The relation holds exactly the element that the instance touches, when it runs.
        span: The reference in the source.
        code: Why it is not exact; None if it is.
        reason: The same in words.
        index_variables: Variables whose values steer the subscript (``col`` in ``x[col[k]]``).
        is_update: It belongs to the statement's ``update`` and not to its operand.
    """

    variable: str
    kind: AccessKind
    relation: MapText
    exact: bool
    span: Span
    code: Code | None = None
    reason: str = ""
    index_variables: tuple[str, ...] = ()
    is_update: bool = False


class ReductionOperator(StrEnum):
    """The operators of OpenMP's reduction clause that we use; ``-=`` counts as ``+``."""

    ADD = "+"
    MULTIPLY = "*"
    MIN = "min"
    MAX = "max"
    AND = "&"
    OR = "|"
    XOR = "^"
    LOGICAL_AND = "&&"
    LOGICAL_OR = "||"


@dataclass(frozen=True, slots=True)
class Update:
    """A statement of the form ``x = x op e`` where ``e`` does not read ``x``.

    Attributes:
        variable: ``x``.
        operator: ``op``, treated as associative and commutative.
        reassociates: True if reordering may change the rounding or the NaN seen (floating point).
        is_expression_statement: True if the text is one C update that ``omp atomic`` may stand before.
    """

    variable: str
    operator: ReductionOperator
    reassociates: bool
    is_expression_statement: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, or the condition of an ``if``, with its instances and accesses.

    Attributes:
        name: ``S0``, ``S1`` ... in textual order.
        span: Its text in the source (in the helper's body if it was inlined from there).
        loops: Names of the enclosing loops, outermost first.
        domain: The instances that run, or more (see ``exact``).
        exact: The domain is exact.
        code: Why it is not; None if it is.
        reason: The same in words.
        schedule: Instance -> time in the original program.
        accesses: In no particular order.
        update: Set if the statement has the form of a reduction.
        conditions: Where ``exact`` is False only because conditions depend on data: all of them, one name per ``if``
            that is unique in the nest, with ``!`` in front for its other branch (``("c0", "!c1")``; the statements
            behind ``if (..) continue;`` have ``!c``). In one iteration of the loops around that ``if``, statements
            with the same names run together or not at all. Empty if not known.
        operations: Floating-point operations of one instance as the source has them: ``+ - * /`` and calls of
            mathematical functions, one each. Comparisons, negations and conversions are none, nor are ``fabs``,
            ``fmin``, ``fmax`` and the like. Of the two branches of ``?:`` the longer counts.
    """

    name: str
    span: Span
    loops: tuple[str, ...]
    domain: SetText
    exact: bool
    schedule: MapText
    accesses: tuple[Access, ...]
    code: Code | None = None
    reason: str = ""
    update: Update | None = None
    conditions: tuple[str, ...] = ()
    operations: int = 0


class LoopKind(StrEnum):
    """``for`` with a known step, or any other loop, which never runs in parallel."""

    COUNTED = "counted"
    UNCOUNTED = "uncounted"


@dataclass(frozen=True, slots=True)
class Blocker:
    """A construct that keeps a loop from running in parallel whatever its dependences say."""

    code: Code
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop of a nest.

    Attributes:
        name: Unique in the nest and an isl identifier: the iterator, or ``i_2`` for its second use. Loops made by a
            plan step get ``i_tile``.
        iterator: The C variable.
        kind: Counted or not.
        parent: Name of the enclosing loop in the nest; None for the root.
        depth: 0 for the root.
        span: The whole statement, from ``for`` to the end of the body.
        header: From ``for`` to the closing parenthesis.
        body: The body, with its braces if it has them.
        step: Change of the iterator per iteration as C text ("1", "-2", "len").
        lower: First value as C text.
        upper: The bound that the iterator stays strictly below (above for a negative step) as C text, where there
            is one; else "".
        trip_count: Number of iterations as a C expression over values known in front of the loop; else "".
        iterator_type: Type of the iterator.
        declares_iterator: ``for (int i = ...``.
        is_canonical: Satisfies OpenMP 5.2, section 4.4.1, so that a directive may stand before it.
        is_inlined: Belongs to a helper's body; analysed, never transformed.
        is_in_macro: The header comes out of a macro, so no directive can be put before it.
        blockers: Reasons against running it in parallel.
        perfect_child: Name of the loop that is the whole body; None if there is other text.
        domain: Exactly the iterations of this loop for each iteration of the loops around it
            (``[n] -> { [i, j] : 0 <= i < n and i <= j < n }``), conditions between the loops not counted; ``""`` if
            not given (legality then reads ``lower``, ``upper`` and ``step`` where they are affine).
    """

    name: str
    iterator: str
    kind: LoopKind
    parent: str | None
    depth: int
    span: Span
    header: Span
    body: Span
    step: str
    lower: str
    upper: str
    trip_count: str
    iterator_type: ElementType
    declares_iterator: bool
    is_canonical: bool
    is_inlined: bool = False
    is_in_macro: bool = False
    blockers: tuple[Blocker, ...] = ()
    perfect_child: str | None = None
    domain: SetText = SetText("")


@dataclass(frozen=True, slots=True)
class LoopNest:
    """A root loop with everything inside it.

    Attributes:
        id: ``function:line`` of the root loop; unique in the file.
        function: Name of the function.
        span: The root loop.
        loops: In textual order; the root is first.
        statements: In textual order.
        variables: Everything that is read or written, scalars and iterators included.
        parameters: Symbols fixed in the nest.
        context: What the code implies about the parameters without any assumption: every value that occurs is in it.
        assumptions: What the extraction itself took for granted (delinearization, no unsigned wrap).
        pointer_aliases: Pairs of pointer variables (``Variable.name``) of which one was assigned or initialised from
            the other in the function: ``restrict`` says nothing about such a pair.
        strict_aliasing: The language's effective type rule holds (no ``-fno-strict-aliasing`` among the flags).
        occurring: Values of the parameters, each of which some call of the function brings to the nest; there may be
            more. ``""`` for all of ``context``.
        unknown_parameters: Names of those that ``occurring`` does not speak of: it is not known how their values come
            about, so a pair of instances that depends on them may never exist.
        is_conditional: It stands in a branch of an ``if`` or in a ``switch``, so that a call may pass it by.
    """

    id: str
    function: str
    span: Span
    loops: tuple[Loop, ...]
    statements: tuple[Statement, ...]
    variables: tuple[Variable, ...]
    parameters: tuple[Parameter, ...]
    context: SetText
    assumptions: tuple[Assumption, ...] = ()
    pointer_aliases: tuple[tuple[str, str], ...] = ()
    strict_aliasing: bool = True
    occurring: SetText = SetText("")
    unknown_parameters: tuple[str, ...] = ()
    is_conditional: bool = False

    def loop(self, name: str) -> Loop:
        """Return the loop called ``name``; raises KeyError if there is none."""
        for loop in self.loops:
            if loop.name == name:
                return loop
        raise KeyError(name)

    def variable(self, name: str) -> Variable:
        """Return the variable called ``name``; raises KeyError if there is none."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)

    def can_evaluate(self, text: str) -> bool:
        """Return True if all parameters in the C expression ``text`` may be evaluated in front of the nest."""
        return all(parameter.is_total or parameter.expression not in text for parameter in self.parameters)

    def statement(self, name: str) -> Statement:
        """Return the statement called ``name``; raises KeyError if there is none."""
        for statement in self.statements:
            if statement.name == name:
                return statement
        raise KeyError(name)

    def inside(self, loop: str) -> tuple[Statement, ...]:
        """Return the statements that ``loop`` encloses, in textual order."""
        return tuple(statement for statement in self.statements if loop in statement.loops)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A loop or construct that no nest could be made of.

    Attributes:
        function: Where it is.
        span: The loop's first line.
        code: Why.
        reason: The same in words, with what to change where that is known.
    """

    function: str
    span: Span
    code: Code
    reason: str
