"""What is known at one point of the walk: enclosing loops, conditions on the path, values of names."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from loopwright.core.assumption import Assumption, AssumptionKind, SetText
from loopwright.core.codes import Code
from loopwright.frontend.affine import NotAffine, Poly, Value, conjunction, negation
from loopwright.frontend.effects import EffectsFinder
from loopwright.frontend.parameters import NameTable, ParameterTable
from loopwright.frontend.places import Place
from loopwright.frontend.syntax import Declaration, Expression, Extent
from loopwright.frontend.types import CType, FieldType
from loopwright.frontend.written import Effects
from loopwright.poly.implication import is_empty, region_where


class Refusal(Exception):  # noqa: N818  # an answer to the caller, not an error
    """The construct at ``extent`` keeps the loop from being the root of a nest; never leaves the frontend."""

    def __init__(self, code: Code, reason: str, extent: Extent) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.extent = extent


@dataclass(slots=True)
class Frame:
    """One enclosing loop.

    Attributes:
        name: Its dimension.
        formula: Constraints on the dimension; ``""`` for none.
        is_descending: The dimension runs downwards in time.
        upper: Bound that the dimension stays below, where it is known; for proofs about products.
    """

    name: str
    formula: str
    is_descending: bool = False
    upper: Poly | None = None
    inexact: NotAffine | None = None


Binding = Value | Place | NotAffine


@dataclass(slots=True, eq=False)
class Known:
    """What an integer variable was last assigned, with the state in which that is to be read.

    ``value`` is found when it is first asked for: to read an expression may take assumptions.
    """

    expression: Expression
    frames: tuple[Frame, ...]
    conditions: tuple[str, ...]
    bindings: dict[int, Binding]
    known: dict[int, Known]
    value: Value | NotAffine | None = None


@dataclass(slots=True)
class Scope:
    """The state of the walk through one nest.

    Attributes:
        effects: Of the whole nest.
        finder: Answers what may change.
        names: All identifiers of the nest.
        parameters: Found so far.
        frames: Enclosing loops, outermost first.
        conditions: Formulas of the conditions on the path.
        inexact: Why the instances on the path are not known exactly, outermost first.
        bindings: Values of variables: iterators, substituted locals, arguments of inlined helpers.
        known: What variables hold that are assigned in the nest, where it is known.
        assumptions: Taken so far; their context formulas count as known.
        assumed: Formulas of the assumptions.
        can_assume: Assumptions may be taken (not outside nests).
        whole: Effects of the whole function.
        fields: Members of a record type.
        visible: A variable can be named by its own name in front of the nest.
        evaluated: Texts of fixed expressions that may trap and are evaluated in front of the nest in any case.
    """

    effects: Effects
    finder: EffectsFinder
    names: NameTable
    parameters: ParameterTable
    frames: list[Frame] = field(default_factory=list[Frame])
    conditions: list[str] = field(default_factory=list[str])
    inexact: list[NotAffine] = field(default_factory=list[NotAffine])
    bindings: dict[int, Binding] = field(default_factory=dict[int, Binding])
    known: dict[int, Known] = field(default_factory=dict[int, Known])
    assumptions: list[Assumption] = field(default_factory=list[Assumption])
    assumed: list[str] = field(default_factory=list[str])
    can_assume: bool = True
    whole: Effects = field(default_factory=Effects)
    fields: Callable[[CType], tuple[FieldType, ...] | None] = lambda record: None
    visible: Callable[[Declaration], bool] = lambda declaration: True
    evaluated: set[str] = field(default_factory=set[str])

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the enclosing loops."""
        return tuple(frame.name for frame in self.frames)

    def formula(self) -> str:
        """Return the formula of the instances that reach this point."""
        return conjunction(*(frame.formula for frame in self.frames), *self.conditions)

    @contextmanager
    def under(self, formula: str, inexact: NotAffine | None = None) -> Generator[None]:
        """Walk with one more condition on the path."""
        self.conditions.append(formula)
        if inexact is not None:
            self.inexact.append(inexact)
        try:
            yield
        finally:
            self.conditions.pop()
            if inexact is not None:
                self.inexact.pop()

    @contextmanager
    def back_at(self, known: Known) -> Generator[None]:
        """Look from the point of an assignment."""
        saved = self.bindings, self.known
        self.bindings, self.known = dict(known.bindings), known.known
        try:
            with self.at(known.frames, known.conditions):
                yield
        finally:
            self.bindings, self.known = saved

    @contextmanager
    def at(self, frames: tuple[Frame, ...], conditions: tuple[str, ...]) -> Generator[None]:
        """Look from another point of the nest."""
        saved = self.frames, self.conditions
        self.frames, self.conditions = list(frames), list(conditions)
        try:
            yield
        finally:
            self.frames, self.conditions = saved

    def set_text(self, formula: str, name: str = "") -> SetText:
        """Return the set of instances with ``formula``."""
        dimensions = ", ".join(self.dimensions)
        return SetText(f"{self.parameters.prefix()}{{ {name}[{dimensions}] : {formula or 'true'} }}")

    def facts(self) -> str:
        """Return what holds for the parameters, types and assumptions considered."""
        return conjunction(self.parameters.ranges(), *self.assumed)

    def prove(self, formula: str, given: str = "") -> bool:
        """Return True if every instance that gets here satisfies ``formula``."""
        return is_empty(self.set_text(conjunction(self.facts(), self.formula(), given, negation(formula))))

    def require(self, formula: str, kind: AssumptionKind, code: Code, text: str, given: str = "") -> bool:
        """Prove ``formula``, or assume what it takes under a guard; False if neither can be done."""
        if self.prove(formula, given):
            return True
        if not self.can_assume:
            return False
        instances = self.set_text(conjunction(self.facts(), self.formula(), given))
        known = self.parameters.context(self.facts() or "true")
        region = region_where(instances, self.set_text(formula), known)
        guard = self.parameters.guard(region) if region is not None else None
        if region is None or guard is None:
            return False
        inside = str(region.text).split(":", 1)[1].rsplit("}", 1)[0].strip() if ":" in region.text else ""
        if inside:
            self.assumed.append(inside)
        self.assumptions.append(Assumption(kind, f"{text}: {guard}", guard, code, (), region.text))
        return True


def constant_upper(poly: Poly, frames: list[Frame], parameters: ParameterTable) -> Poly | None:
    """Return a bound of ``poly`` over parameters alone, if all its terms grow with its non-negative symbols."""
    bounds = {frame.name: frame.upper for frame in frames}
    for _ in range(len(frames) + 1):
        inner = [name for name in poly.symbols if name not in parameters]
        if not inner:
            return poly
        if any(coefficient < 0 for _, coefficient in poly.terms):
            return None
        values = {name: bounds.get(name) for name in inner}
        if any(value is None for value in values.values()):
            return None
        poly = poly.replaced({name: value for name, value in values.items() if value is not None})
    return None
