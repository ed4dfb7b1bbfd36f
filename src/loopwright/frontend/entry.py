"""What is known of a nest's parameters where it begins: what the function computes and asks before it.

``k = n; k += 1;`` in front of a loop over ``k`` ties ``k`` to ``n``, and ``if (n < 3) return;`` bounds ``n``. Two walks
go from the start of the function to the nest. The first keeps every way there and says what holds on each, which a
proof may use. The second keeps only those on which every condition and value is understood, so that each value of the
parameters that it finds occurs in some call, which is what a witness needs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from loopwright.core.assumption import SetText
from loopwright.frontend.affine import NotAffine, Poly, Value, conjunction, disjunction
from loopwright.frontend.entry_values import NO_VALUE, EntryValues, has_effect
from loopwright.frontend.parameters import NameTable, ParameterTable
from loopwright.frontend.scope import Scope
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Block,
    Cast,
    Declaration,
    DeclarationKind,
    DeclareStmt,
    DirectiveStmt,
    Expression,
    ExpressionStmt,
    ForStmt,
    FunctionSyntax,
    IfStmt,
    Increment,
    Integer,
    JumpStmt,
    Name,
    NullStmt,
    ReturnStmt,
    Stmt,
    SwitchStmt,
    Unary,
    UnknownStmt,
    WhileStmt,
)
from loopwright.frontend.tree import all_expressions, strip_casts, sub_statements, walk_statements
from loopwright.frontend.types import INT, TypeKind
from loopwright.frontend.written import ANYTHING, Effects

_MOST_PATHS = 8
_MOST_STATEMENTS = 4000


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known in front of a nest.

    Attributes:
        holds: Formula of the parameters that is true whenever the nest is reached; ``""`` for nothing.
        occurring: See ``LoopNest.occurring``.
        unknown: See ``LoopNest.unknown_parameters``.
    """

    holds: str
    occurring: SetText
    unknown: tuple[str, ...]


def entry_of(function: FunctionSyntax, root: Stmt, scope: Scope) -> Entry:
    """Return what is known of the parameters of ``scope`` in front of ``root``."""
    prefix = scope.parameters.prefix()
    parts = list(walk_statements(function.body))
    if len(parts) > _MOST_STATEMENTS or any(isinstance(part, JumpStmt | UnknownStmt) for part in parts):
        return Entry("", SetText(f"{prefix}{{ : false }}"), ())
    holds, _ = _Walk(function, root, scope, every=True).result()
    occurring, unknown = _Walk(function, root, scope, every=False).result()
    return Entry(holds, SetText(f"{prefix}{{ : {occurring or 'true'} }}"), unknown)


@dataclass(frozen=True, slots=True)
class _Path:
    """One way to a point.

    Attributes:
        conditions: What holds of the values at the start of the function.
        values: Of the variables that were assigned.
        asked: Variables of conditions that are not affine: each can be true or false, but not twice.
    """

    conditions: tuple[str, ...]
    values: dict[int, Value | NotAffine]
    asked: frozenset[int] = frozenset()


class _Walk:
    """Walks from the start of one function to one of its nests, along ``every`` path or those that are understood."""

    def __init__(self, function: FunctionSyntax, root: Stmt, scope: Scope, *, every: bool) -> None:
        self._function = function
        self._root = root
        self._every = every
        self._nest = scope.parameters
        self._around = _enclosing(function.body, root)
        names = NameTable()
        for name in self._nest.names:
            names.take(name)
        self._table = ParameterTable(names)
        before = self._before(scope)
        own = Scope(before, scope.finder, names, self._table, whole=scope.whole, fields=scope.fields)
        own.visible = scope.visible
        own.can_assume = not every
        self._reader = EntryValues(own, may_restrict=not every, calls_unknown=bool(before.problems or before.library))
        self._found: list[_Path] = []
        self._uses = {
            part.declaration.key: part
            for part in all_expressions(function.body)
            if isinstance(part, Name) and part.type.is_integer
        }

    def _before(self, scope: Scope) -> Effects:
        """Return the effects of all that may run before the nest."""
        before: list[Stmt] = []
        for outer, inner in zip(self._around, (*self._around[1:], self._root), strict=True):
            if isinstance(outer, Block):
                before += outer.body[: outer.body.index(inner)]
            elif isinstance(outer, ForStmt | WhileStmt):
                before.append(outer)
        effects = scope.finder.of_all(before)
        # What new memory holds, or a string function returns, no value at the start of the function tells.
        if effects.problems or effects.library:
            effects.types.add(ANYTHING)
            effects.all_types.add(ANYTHING)
        return effects

    def result(self) -> tuple[str, tuple[str, ...]]:
        """Return the formula of the nest's parameters, and those whose values it does not tell on some path."""
        self._descend(self._function.body, [_Path((), self._first_values())])
        found = [self._settled(path) for path in self._found]
        unknown = {name for _, names in found for name in names}
        if not found:
            return "false", ()
        ranges = self._table.implied() if self._every else self._table.ranges()
        cases = disjunction(*(conjunction(ranges, formula) for formula, _ in found))
        names = ", ".join(self._table.names)
        return f"exists ({names} : {cases})" if names and cases else cases, tuple(sorted(unknown))

    def _first_values(self) -> dict[int, Value | NotAffine]:
        """Return the values at the start of the function's parameters that change later."""
        values: dict[int, Value | NotAffine] = {}
        written = self._reader.scope.effects.written
        for declaration in self._function.parameters:
            if declaration.key in written and declaration.type.is_integer and not declaration.type.is_volatile:
                symbol = self._table.symbol(declaration.key, declaration.name, declaration.name, declaration.type)
                values[declaration.key] = Value.of(symbol)
        return values

    # --- the way to the nest ---

    def _descend(self, statement: Stmt, paths: list[_Path]) -> None:
        """Go through ``statement``, which is the root or holds it."""
        if statement is self._root:
            self._found += paths
            return
        match statement:
            case Block(body=body):
                for part in body:
                    if self._is_on_the_way(part):
                        self._descend(part, paths)
                        return
                    paths = self._after(part, paths)
            case IfStmt(condition=condition, then=then, otherwise=otherwise):
                holds = self._is_on_the_way(then)
                branch = then if holds else otherwise
                if branch is not None:
                    self._descend(branch, self._assume(condition, holds, paths))
            case ForStmt(init=init, condition=condition, body=body):
                paths = self._after(init, paths) if init is not None else paths
                # The first iteration is one that occurs; of every one, little is known.
                paths = [self._forgotten(statement, path) for path in paths] if self._every else paths
                self._descend(body, self._assume(condition, True, paths) if condition is not None else paths)
            case WhileStmt(condition=condition, body=body, is_do=is_do):
                paths = [self._forgotten(statement, path) for path in paths] if self._every else paths
                self._descend(body, paths if is_do else self._assume(condition, True, paths))
            case _ if self._every:
                self._found.append(_Path((), dict.fromkeys(self._reader.scope.finder.of(statement).written, NO_VALUE)))
            case _:
                return

    def _is_on_the_way(self, statement: Stmt) -> bool:
        return statement is self._root or any(statement is outer for outer in self._around)

    def _after(self, statement: Stmt, paths: list[_Path]) -> list[_Path]:
        """Return the paths behind a statement that does not hold the nest."""
        match statement:
            case Block(body=body):
                for part in body:
                    paths = self._after(part, paths)
                return paths
            case DeclareStmt():
                return [self._declared(statement, path) for path in paths]
            case ExpressionStmt(expression=expression):
                return [self._evaluated(statement, expression, path) for path in paths]
            case IfStmt(condition=condition, then=then, otherwise=otherwise):
                first = self._after(then, self._assume(condition, True, paths))
                second = self._assume(condition, False, paths)
                second = self._after(otherwise, second) if otherwise is not None else second
                return self._few([*first, *second], statement)
            case NullStmt():
                return paths
            case ForStmt() | WhileStmt() | SwitchStmt() | DirectiveStmt():
                leaves = any(isinstance(part, ReturnStmt) for part in walk_statements(statement))
                return [] if leaves and not self._every else [self._forgotten(statement, path) for path in paths]
            case _:
                return []  # a jump: what follows is not reached

    def _few(self, paths: list[_Path], statement: Stmt) -> list[_Path]:
        """Return no more paths than are followed."""
        if len(paths) <= _MOST_PATHS:
            return paths
        if not self._every:
            return paths[:_MOST_PATHS]
        keys = {key for path in paths for key in path.values}
        return [self._forgotten(statement, _Path((), dict.fromkeys(keys, NO_VALUE)))]

    # --- values ---

    def _declared(self, statement: DeclareStmt, path: _Path) -> _Path:
        path = self._forgotten(statement, path)
        for declaration in statement.declarations:
            if declaration.kind is not DeclarationKind.LOCAL or not declaration.type.is_integer:
                continue
            initial = declaration.initializer
            if initial is None or has_effect(initial):
                path = _with(path, declaration.key, NO_VALUE)
            else:
                path = self._set(path, declaration, Cast(declaration.type, initial.extent, initial))
        return path

    def _evaluated(self, statement: Stmt, expression: Expression, path: _Path) -> _Path:
        expression = strip_casts(expression)
        match expression:
            case Assignment(left=Name(declaration=declaration) as left, operator=operator, right=right) if (
                left.type.is_integer and not has_effect(right)
            ):
                computed = _combined(left, operator, right) if operator else right
                if computed is not None:
                    return self._set(path, declaration, Cast(left.type, right.extent, computed))
            case Increment(operand=Name(declaration=declaration) as target, by=by) if target.type.is_integer:
                changed = _combined(target, "+" if by > 0 else "-", Integer(INT, target.extent, 1))
                if changed is not None:
                    return self._set(path, declaration, Cast(target.type, target.extent, changed))
            case _:
                pass
        return self._forgotten(statement, path)

    def _set(self, path: _Path, declaration: Declaration, expression: Expression) -> _Path:
        """Return the path with another value of a variable; others than plain locals are not followed."""
        is_reached = declaration.outlives_function or declaration.key in self._reader.scope.finder.address_taken
        if is_reached or not declaration.type.is_integer or declaration.type.is_volatile:
            return _with(path, declaration.key, NO_VALUE)
        value, needed = self._reader.read(expression, path.conditions, path.values)
        return _with(replace(path, conditions=(*path.conditions, *needed)), declaration.key, value)

    def _forgotten(self, statement: Stmt, path: _Path) -> _Path:
        """Return the path with the variables that ``statement`` writes unknown."""
        written = self._reader.scope.finder.of(statement).written
        return replace(path, values=path.values | dict.fromkeys(written, NO_VALUE)) if written else path

    # --- conditions ---

    def _assume(self, condition: Expression, wanted: bool, paths: list[_Path]) -> list[_Path]:
        """Return the paths on which the condition is ``wanted``, as far as that is understood."""
        if has_effect(condition):
            keys = self._reader.written_by(condition)
            forgotten = [replace(path, values=path.values | dict.fromkeys(keys, NO_VALUE)) for path in paths]
            return forgotten if self._every else []
        condition = self._reader.truth_of(condition)
        match condition:
            case Unary(operator="!", operand=operand):
                return self._assume(operand, not wanted, paths)
            case Binary(operator="&&" | "||" as operator, left=left, right=right):
                first = self._assume(left, wanted, paths)
                if (operator == "&&") == wanted:
                    return self._assume(right, wanted, first)
                second = self._assume(right, wanted, self._assume(left, not wanted, paths))
                both = [*first, *second]
                return both if len(both) <= _MOST_PATHS else paths if self._every else both[:_MOST_PATHS]
            case _:
                found = [self._asked(condition, wanted, path) for path in paths]
                return [path for path in found if path is not None]

    def _asked(self, condition: Expression, wanted: bool, path: _Path) -> _Path | None:
        formula, needed = self._reader.formula(condition, wanted, path.conditions, path.values)
        if formula is not None:
            return replace(path, conditions=(*path.conditions, *needed, *((formula,) if formula else ())))
        if self._every:
            return path
        names = self._reader.independent(condition)
        return None if names is None or names & path.asked else replace(path, asked=path.asked | names)

    # --- the nest's parameters ---

    def _settled(self, path: _Path) -> tuple[str, set[str]]:
        """Return the formula of the nest's parameters on one path, and those whose values it does not tell."""
        formulas: list[str] = list(path.conditions)
        unknown: set[str] = set()
        for name, key, source in self._nest.sources():
            value = source if source is not None else self._uses.get(key) if isinstance(key, int) else None
            if value is None and not isinstance(key, int):
                continue  # computed from other parameters
            formula = self._formula_of(name, value, path)
            if formula is None:
                unknown.add(name)
            else:
                formulas.append(formula)
        return conjunction(*formulas), unknown

    def _formula_of(self, name: str, source: Expression | None, path: _Path) -> str | None:
        """Return what a parameter is; ``""`` if it is computed from others, None if it is not known."""
        if source is None:
            return None
        if not self._reader.is_place(source):
            return "" if self._reader.is_from_caller(source) else None
        value, needed = self._reader.read(source, path.conditions, path.values)
        if isinstance(value, NotAffine):
            return None
        cases: list[str] = []
        for piece in value.pieces:
            text = self._reader.isl(Poly.symbol(name) - piece.poly)
            if text is None:
                return None
            cases.append(conjunction(piece.formula, f"{text} = 0"))
        return conjunction(*needed, disjunction(*cases))


def _with(path: _Path, key: int, value: Value | NotAffine) -> _Path:
    return replace(path, values=path.values | {key: value})


def _enclosing(body: Stmt, root: Stmt) -> list[Stmt]:
    """Return the statements around ``root``, outermost first."""

    def visit(statement: Stmt) -> list[Stmt] | None:
        if statement is root:
            return []
        for part in sub_statements(statement):
            found = visit(part)
            if found is not None:
                return [statement, *found]
        return None

    return visit(body) or []


def _combined(left: Name, operator: str, right: Expression) -> Expression | None:
    """Return ``left operator right`` as an expression of its own; None if its type is not plain."""
    types = (left.type, right.type)
    if not all(each.kind is TypeKind.INTEGER for each in types):
        return None
    narrow = [each.size_bytes < 4 for each in types]
    if all(each.is_signed or small for each, small in zip(types, narrow, strict=True)):
        # Narrow unsigned types are computed in int (C11 6.3.1.1).
        wide = [each for each, small in zip(types, narrow, strict=True) if not small]
        type_ = max((*wide, INT), key=lambda each: each.size_bytes)
    elif left.type.unqualified == right.type.unqualified:
        type_ = left.type
    elif isinstance(strip_casts(right), Integer) and right.type.is_signed and left.type.size_bytes >= 4:
        type_ = left.type
        right = Cast(type_, right.extent, right)
    else:
        return None
    return Binary(type_, right.extent, operator, left, right)
