"""Smaller programs and plans with the same fault: takes a predicate, tries simpler trees until none is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from fuzz.program import (
    DOUBLE,
    INT,
    Assign,
    Bin,
    Call,
    Cast,
    Cond,
    CType,
    Decl,
    Declare,
    Elem,
    Expr,
    For,
    Form,
    If,
    Lit,
    Program,
    Record,
    Stmt,
    Storage,
    Un,
    Var,
    While,
    declarations,
    expressions,
    parts_of,
    statements,
    substituted,
)
from loopwright.core.plan import Interchange, Parallelize, Schedule, Step, Tile

Case = tuple[Program, tuple[Step, ...]]
Predicate = Callable[[Program, tuple[Step, ...]], bool]


def shrink(case: Case, fails: Predicate, *, budget_s: float, clock: Callable[[], float] = time.monotonic) -> Case:
    """Return a case no larger than ``case`` for which ``fails`` is still true."""
    end = clock() + budget_s
    changed = True
    while changed:
        changed = False
        for candidate in _simpler(case):
            if clock() > end:
                return case
            if _is_smaller(candidate, case) and fails(*candidate):
                case, changed = candidate, True
                break
    return case


def _is_smaller(candidate: Case, case: Case) -> bool:
    return _weight(candidate) < _weight(case)


def _weight(case: Case) -> tuple[int, int]:
    program, steps = case
    count = sum(1 for _ in statements(program)) * 4 + len(program.parameters) + len(program.globals)
    size = sum(3 if isinstance(item, Cond | Call | Cast) else 1 for item in expressions(program.body))
    details = sum(item.value not in (0, 1) for item in expressions(program.body) if isinstance(item, Lit))
    details += sum(decl.type not in (INT, DOUBLE) for decl in declarations(program).values())
    details += sum(bool(decl.extents) + (decl.record is not None) for decl in declarations(program).values())
    details += sum(
        (item.relation != "<") + (item.step != 1) + item.is_flipped + (not item.declares)
        for item in statements(program)
        if isinstance(item, For)
    )
    plan = sum(10 + len(str(step)) for step in steps)
    return count * 10 + size * 3 + plan, details


def _simpler(case: Case) -> Iterator[Case]:
    program, steps = case
    for place, step in enumerate(steps):
        yield program, steps[:place] + steps[place + 1 :]
        for smaller in _simpler_steps(step):
            yield program, (*steps[:place], smaller, *steps[place + 1 :])
    for body in _simpler_bodies(program.body):
        yield _pruned(replace(program, body=body)), steps
    for body in _simpler_expressions(program.body):
        yield _pruned(replace(program, body=body)), steps
    yield from ((simpler, steps) for simpler in _simpler_declarations(program))


def _simpler_steps(step: Step) -> Iterator[Step]:
    match step:
        case Parallelize(loop=loop):
            if step != Parallelize(loop):
                yield Parallelize(loop)
                yield replace(step, schedule=Schedule.AUTO, chunk=None, num_threads=None)
                yield replace(step, collapse=1)
        case Tile(band=band, sizes=sizes):
            yield from (Tile(band, (*sizes[:at], 2, *sizes[at + 1 :])) for at, size in enumerate(sizes) if size > 2)
            if len(band) > 1:
                yield Tile(band[:1], sizes[:1])
                yield Tile(band[1:], sizes[1:])
        case Interchange(order=order):
            if len(order) > 2:
                yield Interchange(order[:2])
                yield Interchange(order[1:])
        case _:
            return


def _simpler_bodies(body: tuple[Stmt, ...]) -> Iterator[tuple[Stmt, ...]]:
    for place, statement in enumerate(body):
        head, tail = body[:place], body[place + 1 :]
        yield (*head, *tail)
        match statement:
            case If(then=then, otherwise=otherwise):
                yield (*head, *then, *tail)
                if otherwise:
                    yield (*head, *otherwise, *tail)
                    yield (*head, replace(statement, otherwise=()), *tail)
            case For(body=inner, iterator=iterator, lower=lower):
                if not isinstance(inner, tuple) or not _sets(inner, iterator.name):
                    yield (*head, *substituted(inner, iterator.name, lower), *tail)
            case While(body=inner):
                yield (*head, *inner, *tail)
            case _:
                pass
        for number, part in enumerate(parts_of(statement)):
            for smaller in _simpler_bodies(part):
                yield (*head, _with_part(statement, number, smaller), *tail)


def _sets(body: tuple[Stmt, ...], name: str) -> bool:
    return any(isinstance(item, Assign) and item.target == Var(name) for part in body for item in _walk(part))


def _walk(statement: Stmt) -> Iterator[Stmt]:
    yield statement
    for part in parts_of(statement):
        for inner in part:
            yield from _walk(inner)


def _with_part(statement: Stmt, number: int, part: tuple[Stmt, ...]) -> Stmt:
    match statement:
        case If():
            return replace(statement, then=part) if number == 0 else replace(statement, otherwise=part)
        case For() | While():
            return replace(statement, body=part)
        case _:
            raise TypeError(statement)


def _simpler_expressions(tree: Any) -> Iterator[Any]:
    """Yield the tree with one expression in it, or one loop's header, made simpler."""
    if isinstance(tree, tuple):
        for place, item in enumerate(tree):
            for simpler in _simpler_expressions(item):
                yield (*tree[:place], simpler, *tree[place + 1 :])
        return
    if isinstance(tree, Bin | Un | Cast | Cond | Call | Elem | Lit | Var):
        yield from _simpler_values(tree)
    if isinstance(tree, For):
        yield from _simpler_headers(tree)
    if isinstance(tree, Assign) and tree.operator == "" and tree.spelled == "":
        yield replace(tree, value=Lit(1))
    if is_dataclass(tree) and not isinstance(tree, type | CType | Record | Decl):
        for field in fields(tree):
            for simpler in _simpler_expressions(getattr(tree, field.name)):
                # What is assigned must stay a place.
                if not (field.name == "target" and not isinstance(simpler, Var | Elem)):
                    yield replace(tree, **{field.name: simpler})


def _simpler_values(item: Expr) -> Iterator[Expr]:
    match item:
        case Bin(operator=operator, left=left, right=right):
            yield left
            yield right
            if operator not in ("&&", "||", "+", "<"):
                yield replace(item, operator="+" if operator not in (">", "<=", ">=", "==", "!=") else "<")
        case Un(operand=operand) | Cast(operand=operand):
            yield operand
        case Cond(condition=condition, then=then, otherwise=otherwise):
            yield from (then, otherwise, condition)
        case Call(arguments=arguments):
            yield from arguments
        case Elem(subscripts=subscripts):
            yield Lit(1)
            yield from subscripts
        case Lit(value=value) if value not in (0, 1):
            yield Lit(1, item.type)
            yield Lit(0, item.type)
        case Var():
            yield Lit(1)
        case _:
            return


def _simpler_headers(loop: For) -> Iterator[For]:
    if loop.is_flipped:
        yield replace(loop, is_flipped=False)
    if not loop.declares:
        yield replace(loop, declares=True)
    if loop.step != 1 or loop.relation != "<":
        yield replace(loop, lower=Lit(0), relation="<", upper=Var("n"), step=1)
    if loop.upper != Var("n"):
        yield replace(loop, upper=Var("n"))
    if loop.lower != Lit(0):
        yield replace(loop, lower=Lit(0))


def _simpler_declarations(program: Program) -> Iterator[Program]:
    for name, decl in declarations(program).items():
        plain = DOUBLE if decl.type.is_float else INT
        if decl.type != plain:
            yield redeclared(program, name, replace(decl, type=plain))
        if decl.record is not None:
            yield redeclared(program, name, replace(decl, record=None))
        if decl.form is Form.POINTER and decl.extents:
            yield redeclared(program, name, replace(decl, extents=decl.extents[1:]))
        if decl.storage is Storage.GLOBAL and decl.form is Form.SCALAR:
            continue
    if program.result is not None:
        yield replace(
            program, result=None, body=tuple(item for item in program.body if getattr(item, "kind", "") != "return")
        )


def redeclared(tree: Any, name: str, decl: Decl) -> Any:
    """Return the tree with another declaration for ``name``; subscripts that it has no use for are dropped."""
    if isinstance(tree, Decl):
        return decl if tree.name == name else tree
    if isinstance(tree, Elem) and tree.name == name:
        rank = len(decl.extents) + (decl.form is Form.POINTER)
        kept = tuple(redeclared(item, name, decl) for item in tree.subscripts[-rank:])
        return Elem(name, kept, tree.member if decl.record is not None else "")
    if isinstance(tree, tuple):
        return tuple(redeclared(item, name, decl) for item in tree)
    if is_dataclass(tree) and not isinstance(tree, type | CType | Record):
        return replace(
            tree, **{field.name: redeclared(getattr(tree, field.name), name, decl) for field in fields(tree)}
        )
    return tree


def _pruned(program: Program) -> Program:
    """Return the program without declarations that nothing uses."""
    used = {item.name for item in expressions(program.body) if isinstance(item, Var | Elem | Call)}
    bases = {getattr(item.initial, "base", "") for item in statements(program) if isinstance(item, Declare)}
    used |= bases | {getattr(item, name, "") for item in statements(program) for name in ("first", "second")}
    used |= {item.iterator.name for item in statements(program) if isinstance(item, For) and not item.declares}
    parameters = [decl for decl in program.parameters if decl.name in used or decl.name == "n"]
    used |= {item.name for decl in parameters for item in expressions(decl.extents) if isinstance(item, Var)}
    return replace(
        program,
        body=_without_unused(program.body, used),
        parameters=tuple(decl for decl in program.parameters if decl.name in used or decl.name == "n"),
        globals=tuple(decl for decl in program.globals if decl.name in used),
        helpers=tuple(helper for helper in program.helpers if helper.name in used),
    )


def _without_unused(body: tuple[Stmt, ...], used: set[str]) -> tuple[Stmt, ...]:
    return tuple(item for item in body if not (isinstance(item, Declare) and item.decl.name not in used))
