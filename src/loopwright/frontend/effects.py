"""What a piece of code may write, call or do to control flow, without regard to subscripts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from loopwright.core.codes import Code
from loopwright.frontend.addresses import AddressFinder, named_root
from loopwright.frontend.library import MemoryUse, is_pure_library_call, memory_use
from loopwright.frontend.problems import Problem, statement_problem
from loopwright.frontend.syntax import (
    Aggregate,
    Assignment,
    Binary,
    Call,
    Cast,
    Constant,
    Declaration,
    DeclarationKind,
    DeclareStmt,
    Expression,
    FunctionName,
    FunctionSyntax,
    Increment,
    Integer,
    Member,
    Name,
    Stmt,
    Subscript,
    Unary,
    UnknownExpression,
)
from loopwright.frontend.tree import own_expressions, strip_casts, sub_expressions, walk_expression, walk_statements
from loopwright.frontend.types import TypeKind
from loopwright.frontend.written import ANYTHING, Dialect, Effects, type_name

_WITHOUT_EFFECT = (Integer, Constant, FunctionName, Binary, Cast)
_CHANGING = (Assignment, Increment, UnknownExpression, Aggregate, Call, Name, Member, Subscript, Unary)


class EffectsFinder(AddressFinder):
    """Computes effects; helpers defined in the unit are looked into."""

    def __init__(self, function: Callable[[int], FunctionSyntax | None], dialect: Dialect) -> None:
        super().__init__(function, is_cxx=dialect.is_cxx)
        self.dialect = dialect
        self._of_statement: dict[Stmt, Effects] = {}
        self._owns: dict[int, tuple[Effects, tuple[FunctionSyntax, ...]]] = {}
        self._of_calls: dict[int, Effects] = {}
        self._recursive: dict[int, bool] = {}
        self._parts: dict[Expression, tuple[Expression, ...]] = {}

    def of(self, statement: Stmt) -> Effects:
        """Return the effects of a statement with everything in it."""
        found = self._of_statement.get(statement)
        if found is None:
            found = self._fresh()
            for call in self._collect(statement, found):
                self._call(call, found)
            # Noted when it is complete: what is broken off half-way must not be taken for all of it.
            self._of_statement[statement] = found
        return found

    def of_all(self, statements: Iterable[Stmt]) -> Effects:
        """Return the effects of several statements together, in a value of their own."""
        into = self._fresh()
        for statement in statements:
            found = self.of(statement)
            _add(found, into)
            into.problems += found.problems
            for key, times in found.writes.items():
                into.writes[key] = into.writes.get(key, 0) + times
        return into

    def is_set_somewhere(self, declaration: Declaration) -> bool:
        """Return True if some function may give a variable that outlives the function another value."""
        if not declaration.is_internal or declaration.key in self.address_taken:
            return True
        functions = (self._function(key) for key in self._scanned)
        return any(declaration.key in self.of(each.body).written for each in functions if each is not None)

    def _fresh(self) -> Effects:
        return Effects(is_strict_aliasing=self.dialect.is_strict_aliasing)

    def _collect(self, statement: Stmt, into: Effects) -> list[Call]:
        """Add the effects of a statement but for those of the helpers that it calls; return these calls."""
        helpers: list[Call] = []
        for part in walk_statements(statement):
            into.statements += 1
            problem = statement_problem(part)
            if problem is not None:
                into.problems.append(problem)
            if isinstance(part, DeclareStmt):
                self._declare(part, into)
            for expression in own_expressions(part):
                self._collect_expression(expression, into, helpers)
        return helpers

    def _declare(self, statement: DeclareStmt, into: Effects) -> None:
        for declaration in statement.declarations:
            if declaration.kind is not DeclarationKind.LOCAL:
                continue
            into.declared.add(declaration.key)
            into.declared_at[declaration.key] = into.statements
            if declaration.initializer is not None:
                into.writes[declaration.key] = into.writes.get(declaration.key, 0) + 1
                into.last_written_at[declaration.key] = into.statements
            if declaration.type.is_volatile:
                into.problems.append(Problem(Code.VOLATILE, f"'{declaration.name}' is volatile", declaration.extent))

    def _collect_expression(self, expression: Expression, into: Effects, helpers: list[Call]) -> None:
        for part in walk_expression(expression):
            if isinstance(part, _WITHOUT_EFFECT):
                continue
            match part:
                case Assignment(left=left):
                    self._write(left, into)
                case Increment(operand=operand):
                    self._write(operand, into)
                case Call():
                    if self._note_call(part, into):
                        helpers.append(part)
                case UnknownExpression(what=what):
                    into.problems.append(Problem(Code.UNKNOWN_CONSTRUCT, f"{what} is not analysed", part.extent))
                case Name(declaration=declaration):
                    if declaration.outlives_function:
                        into.touched[declaration.key] = declaration
                    if declaration.is_thread_local:
                        reason = f"each thread has a '{declaration.name}' of its own"
                        into.problems.append(Problem(Code.UNKNOWN_CONSTRUCT, reason, part.extent))
                case _:
                    pass
            if part.type.is_volatile and isinstance(part, Name | Member | Subscript | Unary):
                into.problems.append(Problem(Code.VOLATILE, "a volatile object is accessed", part.extent))

    def _write(self, target: Expression, into: Effects) -> None:
        target = strip_casts(target)
        if isinstance(target, Binary) and target.operator == ",":
            target = strip_casts(target.right)
        if not self._is_hidden(target):
            into.all_types.add(type_name(target.type) if target.type.is_scalar else ANYTHING)
        if _is_in_union(target):
            into.types.add(ANYTHING)
        if isinstance(target, Member):
            into.fields.add((target.base.type.unqualified.rstrip("* "), target.name))
        root = named_root(target)
        if isinstance(target, Name) and target.declaration.type.kind is not TypeKind.REFERENCE:
            key = target.declaration.key
            into.written.add(key)
            into.writes[key] = into.writes.get(key, 0) + 1
            into.last_written_at[key] = into.statements
            if target.type.kind is TypeKind.POINTER:
                reason = f"the pointer '{target.declaration.name}' is assigned in the loop"
                into.problems.append(Problem(Code.POINTER_REASSIGNED, reason, target.extent))
        elif root is not None:
            into.written.add(root.key)
        elif target.type.kind in (TypeKind.RECORD, TypeKind.UNION, TypeKind.OTHER):
            into.types.add(ANYTHING)
        elif not isinstance(target, Member):
            into.types.add(type_name(target.type))

    def _is_hidden(self, target: Expression) -> bool:
        """Return True for a local variable that no pointer reaches."""
        if not isinstance(target, Name) or target.declaration.type.kind is TypeKind.REFERENCE:
            return False
        return not target.declaration.outlives_function and target.declaration.key not in self.address_taken

    def _note_call(self, call: Call, into: Effects) -> bool:
        """Note a call by name; return True if it is to a helper, whose effects count as well."""
        into.called[call.name or "a function pointer"] = None
        if self.is_pure(call):
            return False
        use = self.memory_use(call)
        if use is not None:
            into.library.add(use)
            return False
        if call.target is None or self._function(call.target) is None:
            name = f"'{call.name}'" if call.name else "a function through a pointer"
            into.problems.append(Problem(Code.UNKNOWN_CALL, f"the effects of {name} are not known", call.extent))
            return False
        return True

    def _call(self, call: Call, into: Effects) -> None:
        """Add the effects of a helper and of all that it calls in turn."""
        callee = self._function(call.target) if call.target is not None else None
        if callee is None:
            return
        inner = self._of_call(callee)
        _add(inner, into)
        for problem in inner.problems[:1]:
            reason = f"'{call.name}' cannot be looked into: {problem.reason}"
            code = problem.code if problem.code in (Code.RECURSION, Code.VOLATILE) else Code.UNKNOWN_CALL
            into.problems.append(Problem(code, reason, call.extent))

    def _of_call(self, function: FunctionSyntax) -> Effects:
        """Return the effects of a helper and of every helper that it may reach."""
        found = self._of_calls.get(function.key)
        if found is not None:
            return found
        found = self._fresh()
        seen, waiting = {function.key}, [function]
        while waiting:
            each = waiting.pop()
            own, callees = self._own(each)
            _add(own, found)
            found.declared |= {parameter.key for parameter in each.parameters}
            found.problems += own.problems[:1]
            if self._is_recursive(each):
                found.problems.insert(0, Problem(Code.RECURSION, f"'{each.name}' calls itself", each.extent))
            new = [callee for callee in callees if callee.key not in seen]
            seen.update(callee.key for callee in new)
            waiting += reversed(new)
        self._of_calls[function.key] = found
        return found

    def _is_recursive(self, function: FunctionSyntax) -> bool:
        """Return True if the function may reach itself."""
        found = self._recursive.get(function.key)
        if found is None:
            seen: set[int] = set()
            waiting = [function]
            while waiting:
                new = [callee for callee in self._own(waiting.pop())[1] if callee.key not in seen]
                seen.update(callee.key for callee in new)
                waiting += new
            found = self._recursive[function.key] = function.key in seen
        return found

    def _own(self, function: FunctionSyntax) -> tuple[Effects, tuple[FunctionSyntax, ...]]:
        """Return the effects of a helper's own text, and the helpers that it calls."""
        found = self._owns.get(function.key)
        if found is None:
            own = self._fresh()
            targets = dict.fromkeys(call.target for call in self._collect(function.body, own))
            callees = [self._function(target) for target in targets if target is not None]
            found = self._owns[function.key] = own, tuple(each for each in callees if each is not None)
        return found

    def is_pure(self, call: Call) -> bool:
        """Return True if the call neither reads nor writes memory and depends on its arguments alone."""
        return is_pure_library_call(call)

    def memory_use(self, call: Call) -> MemoryUse | None:
        """Return what a known function of the C library that this unit does not define does to memory."""
        if call.target is not None and self._function(call.target) is not None:
            return None
        return memory_use(call)

    def function(self, key: int) -> FunctionSyntax | None:
        """Return the function with this key if its definition is in the unit."""
        return self._function(key)

    def is_fixed(self, expression: Expression, effects: Effects) -> bool:
        """Return True if the value of ``expression`` cannot change while code with ``effects`` runs."""
        return self.is_fixed_but_for(expression, effects, ())

    def is_fixed_but_for(self, expression: Expression, effects: Effects, bound: Collection[int]) -> bool:
        """Return the same, leaving aside the variables with the keys ``bound``."""
        return all(
            (isinstance(part, Name) and part.declaration.key in bound) or self._is_fixed_part(part, effects)
            for part in self._changing_parts(expression)
        )

    def _changing_parts(self, expression: Expression) -> tuple[Expression, ...]:
        """Return the parts of an expression whose value other code may change."""
        found = self._parts.get(expression)
        if found is None:
            parts = [part for each in sub_expressions(expression) for part in self._changing_parts(each)]
            if isinstance(expression, _CHANGING):
                parts.append(expression)
            found = self._parts[expression] = tuple(parts)
        return found

    def _is_fixed_part(self, part: Expression, effects: Effects) -> bool:
        if effects.releases and isinstance(part, Member | Subscript | Unary) and named_root(part) is None:
            return False  # it may be read only before it is released
        match part:
            case Assignment() | Increment() | UnknownExpression() | Aggregate():
                return False
            case Call():
                return self.is_pure(part)
            case Name(declaration=declaration):
                return self.is_fixed_variable(declaration, effects)
            case Member() if effects.types and _is_in_union(part):
                # A write through a pointer to any member of it is seen through all of them.
                return False
            case Member(base=base, name=name):
                changed = (base.type.unqualified.rstrip("* "), name) in effects.fields
                return not changed and not (part.type.is_scalar and effects.may_write_type(part.type))
            case Subscript() | Unary(operator="*"):
                return not part.type.is_scalar or self._is_fixed_memory(part, effects)
            case _:
                return True

    def is_fixed_variable(self, declaration: Declaration, effects: Effects) -> bool:
        """Return True if the variable's own value cannot change while code with ``effects`` runs."""
        if declaration.key in effects.written or declaration.key in effects.declared:
            return False
        type_ = declaration.type
        if not type_.is_scalar and type_.kind is not TypeKind.REFERENCE:
            return True
        target = type_.element if type_.kind is TypeKind.REFERENCE and type_.element else type_
        exposed = declaration.key in self.address_taken or not declaration.is_internal
        if type_.kind is TypeKind.REFERENCE:
            if effects.releases:
                return False
            exposed = not target.is_memory
        return not (exposed and effects.may_write_type(target))

    def keeps_since(self, expression: Expression, declaration: Declaration, whole: Effects) -> bool:
        """Return True if ``expression`` has its value of the declaration wherever what that declares is seen.

        An array of variable length has the extents of the moment when it was declared. Code behind its declaration is
        not reached again without passing it, so what is written by textually earlier code alone has not changed since.

        Args:
            expression: Of variables and constants.
            declaration: Of a local variable.
            whole: Effects of the whole function.
        """
        place = whole.declared_at.get(declaration.key)
        if place is None:
            return self.is_fixed(expression, whole)
        return all(
            self._is_fixed_part(part, whole)
            or (isinstance(part, Name) and self._is_settled(part.declaration, place, whole))
            for part in self._changing_parts(expression)
        )

    def _is_settled(self, declaration: Declaration, place: int, whole: Effects) -> bool:
        """Return True if a variable that only its own function sees is written in front of a place alone."""
        if declaration.outlives_function or not declaration.type.is_integer or declaration.key in self.address_taken:
            return False
        return whole.last_written_at.get(declaration.key, 0) < place

    def _is_fixed_memory(self, part: Expression, effects: Effects) -> bool:
        root = named_root(part)
        if root is None:
            return not effects.may_write_memory(part.type)
        if root.key in effects.written or root.key in effects.declared:
            return False
        exposed = root.key in self.address_taken or root.outlives_function or root.type.kind is TypeKind.ARRAY
        return not (exposed and effects.may_write_behind_pointer(part.type))


def _add(inner: Effects, into: Effects) -> None:
    """Add what ``inner`` reads and writes; not its problems, nor how often variables are assigned."""
    into.declared |= inner.declared
    into.written |= inner.written
    into.fields |= inner.fields
    into.types |= inner.types
    into.all_types |= inner.all_types
    into.called.update(inner.called)
    into.touched.update(inner.touched)
    into.library |= inner.library


def _is_in_union(target: Expression) -> bool:
    while isinstance(target, Member | Subscript | Cast):
        if isinstance(target, Member) and target.base.type.scalar.kind is TypeKind.UNION:
            return True
        target = target.operand if isinstance(target, Cast) else target.base
    return False
