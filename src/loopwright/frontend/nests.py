"""Puts one nest together from what the walk has found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from loopwright.config import Limits
from loopwright.core.assumption import MapText, SetText
from loopwright.core.codes import Code
from loopwright.core.nest import Access, Blocker, Loop, LoopNest, Statement, Update
from loopwright.core.source import Span
from loopwright.core.variable import Variable
from loopwright.frontend.access import ArrayShape, RelationBuilder
from loopwright.frontend.affine import Poly, conjunction
from loopwright.frontend.collect import RawAccess
from loopwright.frontend.effects import EffectsFinder
from loopwright.frontend.entry import entry_of
from loopwright.frontend.headers import exit_doubt
from loopwright.frontend.liveness import Liveness, exposed_iterators
from loopwright.frontend.parameters import NameTable, ParameterTable
from loopwright.frontend.places import Place
from loopwright.frontend.proofs import without_implied
from loopwright.frontend.scope import Refusal, Scope
from loopwright.frontend.statements import NestWalk, RawLoop, RawStatement
from loopwright.frontend.syntax import (
    Block,
    Declaration,
    DeclarationKind,
    Extent,
    FunctionSyntax,
    Name,
    Stmt,
)
from loopwright.frontend.syntax import (
    Loop as LoopSyntax,
)
from loopwright.frontend.text import Text
from loopwright.frontend.types import INT, CType, FieldType
from loopwright.frontend.variables import VariableBuilder, VariableNames, is_overlay, variable_key
from loopwright.poly.convert import Deadline


@dataclass(frozen=True, slots=True)
class FunctionView:
    """What the nests of one function share.

    Attributes:
        syntax: The function.
        finder: Answers about effects.
        liveness: Of its variables.
        text_of: Bytes of a file by number.
        fields: Members of a record type.
        related: Pairs of pointers of which one is assigned from the other, by identity.
        own: Keys of the variables that the function itself declares.
        own_names: Their names.
        nest_s: Time that reading one nest may take.
    """

    syntax: FunctionSyntax
    finder: EffectsFinder
    liveness: Liveness
    text_of: Callable[[int], Text]
    fields: Callable[[CType], tuple[FieldType, ...] | None]
    related: tuple[tuple[object, object], ...]
    own: frozenset[int]
    own_names: frozenset[str]
    nest_s: float = Limits().nest_s

    def is_visible(self, declaration: Declaration) -> bool:
        """Return True if the variable can be named by its own name in front of the function's loops."""
        if declaration.kind is not DeclarationKind.GLOBAL:
            return declaration.key in self.own
        is_earlier = declaration.extent.file != 0 or declaration.extent.start < self.syntax.extent.start
        return is_earlier and declaration.name not in self.own_names

    def span(self, extent: Extent) -> Span:
        """Return the span of an extent."""
        return self.text_of(extent.file).span(extent.start, extent.end)


def build_nest(view: FunctionView, root: LoopSyntax, identity: str) -> LoopNest:
    """Return the nest of ``root``.

    Raises:
        Refusal: The loop cannot be the root of a nest.
        LimitError: It takes longer than it may.
    """
    effects = view.finder.of(root)
    for problem in effects.problems:
        raise Refusal(problem.code, problem.reason, problem.extent)
    names = NameTable()
    scope = Scope(
        effects, view.finder, names, ParameterTable(names), whole=view.finder.of(view.syntax.body), fields=view.fields
    )
    scope.visible = view.is_visible
    walk = NestWalk(scope, Deadline(view.nest_s))
    walk.exposed = exposed_iterators(root, view.liveness)
    walk.walk(root)
    if not walk.statements:
        raise Refusal(Code.UNKNOWN_CONSTRUCT, "the loop reads and writes nothing", root.extent)
    if effects.releases:
        _require_own_memory(walk)
    return _NestBuilder(view, walk, root, identity).build()


def _require_own_memory(walk: NestWalk) -> None:
    """Refuse a nest that releases memory if it accesses any that could be released, which no declared object can.

    No two iterations release the same memory in a valid program, so a release conflicts with accesses alone.
    """
    for access in (access for statement in walk.statements for access in statement.accesses):
        if access.place.root.is_pointer or not access.place.root.is_known:
            reason = f"the loop releases memory, which '{access.place.root.name}' may point to"
            raise Refusal(Code.UNKNOWN_CALL, reason, access.place.extent)


def settle_statements(view: FunctionView, walk: NestWalk) -> tuple[Statement, ...]:
    """Return the statements of a walk outside any nest."""
    return _NestBuilder(view, walk, view.syntax.body, "").statements()


class _NestBuilder:
    def __init__(self, view: FunctionView, walk: NestWalk, root: Stmt, identity: str) -> None:
        self._view = view
        self._walk = walk
        self._root = root
        self._identity = identity
        self._scope = walk.scope
        self._names = VariableNames()
        self._relations = RelationBuilder(walk)
        self._shapes: dict[object, ArrayShape] = {}

    def statements(self) -> tuple[Statement, ...]:
        """Return the statements with their relations settled."""
        groups = self._groups()
        self._settle(groups)
        found = [(raw, self._accesses(raw, groups)) for raw in self._walk.statements]
        depth = max((len(each.schedule) for each in self._walk.statements), default=1)
        statements = tuple(self._statement(raw, accesses, depth) for raw, accesses in found)
        # Relations are written while parameters are still being found: give all the same prefix.
        prefix = self._scope.parameters.prefix()
        return tuple(_with_prefix(statement, prefix) for statement in statements)

    def _settle(self, groups: dict[object, list[RawAccess]]) -> None:
        for key, accesses in groups.items():
            self._shapes[key] = ArrayShape() if is_overlay(accesses[0].place) else self._relations.shape(accesses)
            self._names.of(accesses[0].place)

    def build(self) -> LoopNest:
        """Return the nest."""
        groups = self._groups()
        statements = self.statements()
        loops = tuple(self._loop(raw) for raw in self._walk.loops)
        parameters = self._scope.parameters
        prefix = parameters.prefix()
        entry = entry_of(self._view.syntax, self._root, self._scope)
        implied = conjunction(parameters.implied(), entry.holds)
        context = SetText(f"{prefix}{{ : {implied} }}" if implied else f"{prefix}{{ : }}")
        return LoopNest(
            self._identity,
            self._view.syntax.name,
            self._view.span(self._root.extent),
            loops,
            statements,
            self._variables(groups),
            parameters.values(),
            context,
            without_implied(self._scope.assumptions),
            self._aliases(groups),
            self._view.finder.dialect.is_strict_aliasing,
            entry.occurring,
            entry.unknown,
        )

    def _groups(self) -> dict[object, list[RawAccess]]:
        groups: dict[object, list[RawAccess]] = {}
        for statement in self._walk.statements:
            for access in statement.accesses:
                groups.setdefault(variable_key(access.place), []).append(access)
        return groups

    def _accesses(self, raw: RawStatement, groups: dict[object, list[RawAccess]]) -> tuple[Access, ...]:
        accesses: list[Access] = []
        self._walk.deadline.check()
        for access in raw.accesses:
            accesses.append(self._access(raw, access, access.place))
            if is_overlay(access.place):
                for others in groups.values():
                    place = others[0].place
                    if place.root.key == access.place.root.key and not is_overlay(place):
                        accesses.append(self._whole(raw, access, place))
        return tuple(accesses)

    def _access(self, raw: RawStatement, access: RawAccess, place: Place) -> Access:
        naming = self._names.of(place)
        steering = tuple(self._names.of(each).name for each in access.index_places)
        span = self._view.span(place.extent)
        shape = self._shapes[variable_key(place)]
        return self._relations.relation(access, shape, raw.name, naming.isl_name, naming.name, span, steering)

    def _whole(self, raw: RawStatement, access: RawAccess, place: Place) -> Access:
        """Return the access as one to all of another variable over the same memory."""
        naming, shape = self._names.of(place), self._shapes[variable_key(place)]
        free = ", ".join(f"o{number}'" for number in range(shape.rank))
        dimensions = ", ".join(frame.name for frame in raw.frames)
        text = MapText(f"[] -> {{ {raw.name}[{dimensions}] -> {naming.isl_name}[{free}] }}")
        span = self._view.span(access.place.extent)
        return Access(naming.name, access.kind, text, False, span, Code.REINTERPRETED_MEMORY, access.place.reason)

    def _statement(self, raw: RawStatement, accesses: tuple[Access, ...], depth: int) -> Statement:
        loops = tuple(frame.name for frame in raw.frames)
        dimensions = ", ".join(loops)
        formula = f" : {raw.formula}" if raw.formula else ""
        times = ", ".join([*raw.schedule, *["0"] * (depth - len(raw.schedule))])
        update = None
        if raw.update is not None:
            update = Update(
                self._names.of(raw.update.place).name,
                raw.update.operator,
                raw.update.reassociates,
                raw.update.is_expression_statement,
            )
        return Statement(
            raw.name,
            self._view.span(raw.extent),
            loops,
            SetText(f"[] -> {{ {raw.name}[{dimensions}]{formula} }}"),
            raw.inexact is None,
            MapText(f"[] -> {{ {raw.name}[{dimensions}] -> [{times}] }}"),
            accesses,
            raw.inexact.code if raw.inexact is not None else None,
            raw.inexact.reason if raw.inexact is not None else "",
            update,
            raw.conditions,
            raw.operations,
        )

    def _loop(self, raw: RawLoop) -> Loop:
        syntax, header, counting = raw.syntax, raw.header, raw.counting
        span = self._view.span
        iterator = header.iterator if header is not None else None
        step = lower = upper = trip = ""
        if header is not None and counting is not None:
            by = header.step_expression
            step = str(header.step) if header.step is not None else self._source(by.extent if by else None)
            lower = self._c_text(counting.lower) or self._source(header.init.extent)
            upper = self._c_text(counting.upper)
            trip = counting.trip_count
        blockers = tuple(Blocker(each.code, each.reason, span(each.extent)) for each in raw.blockers)
        is_macro = syntax.is_in_macro
        return Loop(
            raw.name,
            iterator.name if iterator is not None else "",
            raw.kind,
            raw.parent,
            raw.depth,
            span(syntax.extent),
            span(syntax.header),
            span(syntax.body.extent),
            step,
            lower,
            upper,
            trip,
            iterator.type.element_type() if iterator is not None else INT.element_type(),
            header.declares if header is not None else False,
            counting.is_canonical and not is_macro if counting is not None else False,
            raw.is_inlined,
            is_macro,
            blockers,
            self._perfect_child(raw),
            self._domain(raw),
        )

    def _domain(self, raw: RawLoop) -> SetText:
        """Return the iterations that the loop's header and those around it give; ``""`` if they are not exact."""
        chain = [raw]
        while chain[0].parent is not None:
            chain.insert(0, next(each for each in self._walk.loops if each.name == chain[0].parent))
        formulas: list[str] = []
        for each in chain:
            if each.counting is None or each.counting.inexact is not None or exit_doubt(each.syntax) is not None:
                return SetText("")
            formulas.append(each.counting.formula)
        dimensions = ", ".join(each.name for each in chain)
        return SetText(f"{self._scope.parameters.prefix()}{{ [{dimensions}] : {conjunction(*formulas) or 'true'} }}")

    def _c_text(self, poly: Poly | None) -> str:
        return self._scope.parameters.c_text(poly) if poly is not None else ""

    def _source(self, extent: Extent | None) -> str:
        return self._view.text_of(extent.file).slice(extent.start, extent.end) if extent is not None else ""

    def _perfect_child(self, raw: RawLoop) -> str | None:
        body = raw.syntax.body
        while isinstance(body, Block):
            if len(body.body) != 1:
                return None
            body = body.body[0]
        return next((loop.name for loop in self._walk.loops if loop.syntax is body and loop.parent == raw.name), None)

    def _variables(self, groups: dict[object, list[RawAccess]]) -> tuple[Variable, ...]:
        files = {
            access.place.root.declaration.extent.file
            for group in groups.values()
            for access in group
            if access.place.root.declaration
        }
        files |= {0}
        builder = VariableBuilder(
            self._view.liveness,
            self._root,
            self._walk.declared,
            self._view.finder.address_taken,
            {file: self._view.text_of(file) for file in files},
        )
        doubtful = self._doubtful({accesses[0].place.root.key for accesses in groups.values()})
        variables = {
            key: builder.build(
                accesses[0],
                self._shapes[key],
                self._names.of(accesses[0].place),
                accesses[0].place.root.key in doubtful,
            )
            for key, accesses in groups.items()
        }
        for raw in self._walk.loops:
            if raw.header is None:
                continue
            declaration = raw.header.iterator
            key = (declaration.key, ())
            if key not in variables:
                place = self._walk.lvalue(Name(declaration.type, declaration.extent, declaration))
                variables[key] = builder.iterator(declaration, self._names.of(place))
        return tuple(variables.values())

    def _related(self) -> dict[object, set[object]]:
        """Return, for each pointer that the function assigns, all that it is linked to by assignments."""
        groups: dict[object, set[object]] = {}
        for first, second in self._view.related:
            joined = groups.get(first, {first}) | groups.get(second, {second})
            groups.update(dict.fromkeys(joined, joined))
        return groups

    def _doubtful(self, roots: set[object]) -> set[object]:
        """Return the pointers that share their memory's origin with another root of the nest, whatever they declare."""
        groups = self._related()
        return {root for root in roots if len(groups.get(root, {root}) & roots) > 1}

    def _aliases(self, groups: dict[object, list[RawAccess]]) -> tuple[tuple[str, str], ...]:
        """Return the pairs of variables whose pointers are linked by assignments."""
        related = self._related()
        places = [accesses[0].place for accesses in groups.values()]
        pairs: list[tuple[str, str]] = []
        for number, first in enumerate(places):
            for second in places[number + 1 :]:
                if first.root.key != second.root.key and second.root.key in related.get(first.root.key, ()):
                    pairs.append((self._names.of(first).name, self._names.of(second).name))
        return tuple(pairs)


def _with_prefix(statement: Statement, prefix: str) -> Statement:
    def change(text: str) -> str:
        return prefix + text.split("-> ", 1)[1] if text.startswith("[") else text

    accesses = tuple(replace(each, relation=MapText(change(each.relation))) for each in statement.accesses)
    return replace(
        statement,
        domain=SetText(change(statement.domain)),
        schedule=MapText(change(statement.schedule)),
        accesses=accesses,
    )
