"""Random small C functions with one or two loop nests: what ``random_program`` returns is decided by its seed alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from fuzz.generate_statements import Statements
from fuzz.generate_terms import Names, plus
from fuzz.program import (
    DOUBLE,
    INT,
    LONG,
    Assign,
    Bin,
    Cond,
    CType,
    Decl,
    Declare,
    Elem,
    Expr,
    For,
    Form,
    If,
    Jump,
    Lit,
    Point,
    Program,
    Stmt,
    Storage,
    Swap,
    Var,
    While,
)


def random_program(seed: int) -> Program:
    """Return the program of ``seed``."""
    return _Maker(random.Random(seed), seed).program()


def depth_of(program: Program) -> int:
    """Return the number of loops around the innermost statement."""

    def visit(body: tuple[Stmt, ...]) -> int:
        found = 0
        for item in body:
            match item:
                case For(body=inner) | While(body=inner):
                    found = max(found, 1 + visit(inner))
                case If(then=then, otherwise=otherwise):
                    found = max(found, visit(then), visit(otherwise))
                case _:
                    pass
        return found

    return max(1, visit(program.body))


class _Maker(Statements):
    def program(self) -> Program:
        """Return the program."""
        rng = self.rng
        self._declare_sizes()
        self._declare_arrays()
        helpers = self._helpers()
        self._declare_scalars()
        result = rng.choice((None, DOUBLE if self.data.is_float else LONG))
        self.names = Names(
            tuple(self.sizes),
            (),
            tuple(self.arrays),
            tuple(self.rows),
            tuple(decl.name for decl in self.accumulators if rng.random() < 0.3),
            tuple(self.indices),
        )
        self.terms.helpers = helpers
        self.terms.decls = {decl.name: decl for decl in self.arrays}
        before, wrap = self._prologue(result)
        self.names = replace(self.names, sizes=tuple(self.sizes))
        deepest = rng.choice((1, 1, 2, 2, 2, 3, 3, 4))
        nests: list[Stmt] = []
        for number in range(rng.choice((1, 1, 1, 2))):
            if number:
                deepest = rng.choice((1, 2))
            nests.append(self.loop(self.names, deepest))
            if rng.random() < 0.15:
                nests.append(self._store(self.names))
        body = (*before, *wrap(tuple(nests)), *self._epilogue(result))
        starts = tuple(self.head)
        name = f"f{self.suffix}"
        return Program(name, tuple(self.parameters), (*starts, *body), result, tuple(self.globals), helpers)

    # --- around the nests ---

    def _prologue(self, result: CType | None):  # type: ignore[no-untyped-def]
        """Return what stands in front of the nests, and a function that puts something around them."""
        rng = self.rng
        before: list[Stmt] = []
        conditions: list[Expr] = []
        if rng.random() < 0.45:
            before += self._derived_size()
        if rng.random() < 0.15:
            value = Lit(0, result) if result is not None else None
            test = self._size_test()
            before.append(If(self.id(), test, (Jump(self.id(), "return", value),)))
        if rng.random() < 0.15:
            conditions.append(self._size_test())
        if rng.random() < 0.08:
            before.append(self._local_pointer(self.names, Var(rng.choice(self.sizes))))
        swaps = self._swapped() if rng.random() < 0.04 else None

        def wrap(nests: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
            for condition in conditions:
                other = (self._store(self.names),) if rng.random() < 0.2 else ()
                nests = (If(self.id(), condition, nests, other),)
            if swaps is not None:
                counter = Decl("time", INT)
                step = Swap(self.id(), *swaps)
                nests = (For(self.id(), counter, True, Lit(0), "<", Lit(rng.choice((2, 3))), 1, (*nests, step)),)
            return nests

        return before, wrap

    def _swapped(self) -> tuple[str, str] | None:
        same = [
            decl
            for decl in self.arrays
            if decl.form is Form.POINTER and decl.record is None and not decl.extents and not decl.is_restrict
        ]
        return (same[0].name, same[1].name) if len(same) > 1 else None

    def _size_test(self) -> Expr:
        rng = self.rng
        name = Var(rng.choice(self.sizes))
        if len(self.sizes) > 1 and rng.random() < 0.4:
            first, second = rng.sample(self.sizes, 2)
            return Bin(rng.choice(("<", ">", "<=", "==", "!=")), Var(first), Var(second))
        return Bin(rng.choice(("<", "<=", ">", ">=", "==")), name, Lit(rng.choice((1, 2, 3, 5))))

    def _derived_size(self) -> list[Stmt]:
        """Return statements that compute another size from those that there are."""
        rng = self.rng
        name, source = self.fresh("w"), Var(rng.choice(self.sizes))
        type_ = self.parameters[0].type if rng.random() < 0.7 else INT
        decl = Decl(name, type_)
        other = Var(rng.choice(self.sizes))
        draw = rng.random()
        found: list[Stmt]
        if draw < 0.3:
            value = rng.choice(
                (
                    plus(source, rng.choice((1, -1, -2, 2))),
                    Bin("*", Lit(2), source),
                    Bin("/", source, Lit(2)),
                    Bin("-", source, other),
                    Bin("+", source, other),
                    Cond(Bin("<", source, other), source, other),
                )
            )
            found = [Declare(self.id(), decl, value)]
        elif draw < 0.55:
            found = [
                Declare(self.id(), decl, source),
                Assign(self.id(), Var(name), rng.choice("+-"), Lit(rng.choice((1, 2)))),
            ]
        elif draw < 0.65:
            found = [
                Declare(self.id(), decl, source),
                If(self.id(), Bin(rng.choice("<>"), Var(name), other), (Assign(self.id(), Var(name), "", other),)),
            ]
        elif draw < 0.75:
            found = [
                Declare(self.id(), decl, Lit(1)),
                While(self.id(), Bin("<", Var(name), source), (Assign(self.id(), Var(name), "+", Var(name)),)),
            ]
        elif draw < 0.85:
            found = [
                Declare(self.id(), decl),
                Assign(self.id(), Var(name), "", Bin("-", source, Lit(1))),
            ]
        else:
            pointer = Decl("len", INT, Form.POINTER, Storage.PARAMETER, is_const=True, is_restrict=self.restricted)
            if all(item.name != "len" for item in self.parameters):
                self.parameters.append(pointer)
            place = Elem("len", (Lit(rng.choice((0, 1))),))
            if rng.random() < 0.5:
                found = [Declare(self.id(), decl, place)]
            else:
                found = [Declare(self.id(), decl, Bin("+", place, Lit(1)))]
        self.sizes.append(name)
        if rng.random() < 0.6:
            self.sizes.reverse()
        return found

    def _local_pointer(self, names: Names, offset: Expr) -> Stmt:
        """Return the declaration of a pointer into another array."""
        bases = [
            decl for decl in names.arrays if decl.form is Form.POINTER and decl.record is None and not decl.extents
        ]
        if not bases:
            return self._store(names)
        base = self.rng.choice(bases)
        decl = Decl(self.fresh("p"), base.type, Form.POINTER)
        self.arrays.append(decl)
        self.terms.decls[decl.name] = decl
        self.names = replace(self.names, arrays=(*self.names.arrays, decl))
        return Declare(self.id(), decl, Point(base.name, offset))

    def _store(self, names: Names) -> Stmt:
        return Assign(self.id(), self._target(names), "", self.terms.value(names, 1))

    def _epilogue(self, result: CType | None) -> Iterator[Stmt]:
        """Yield what uses the values that the nests leave."""
        rng = self.rng
        kept = [decl for decl in self.accumulators if rng.random() < 0.85]
        kept += [decl for decl in (*self.temporaries, *self.counters) if rng.random() < 0.25]
        outs = [decl for decl in self.arrays if decl.storage is not Storage.LOCAL]
        total: Expr | None = None
        for decl in kept:
            if (result is None or rng.random() < 0.4) and outs:
                out = rng.choice(outs)
                place = self.terms.element(out, replace(self.names, iterators=(), rows=()))
                yield Assign(self.id(), place, "", Var(decl.name))
            else:
                total = Var(decl.name) if total is None else Bin("+", total, Var(decl.name))
        if result is not None:
            yield Jump(self.id(), "return", total if total is not None else Lit(0, result))

    # --- loops ---

    def loop(self, names: Names, deepest: int) -> For:
        """Return a loop with at most ``deepest`` levels."""
        rng = self.rng
        identity = self.id()
        counter, declares = self._counter(names)
        lower, relation, upper, step = self._header(names)
        inner = replace(names, iterators=(*names.iterators, counter.name))
        body = self._body(inner, deepest - 1)
        flipped = rng.random() < 0.05
        return For(identity, counter, declares, lower, relation, upper, step, body, flipped)

    def _counter(self, names: Names) -> tuple[Decl, bool]:
        free = [decl for decl in self.counters if decl.name not in names.iterators]
        if free and self.rng.random() < 0.6:
            return self.rng.choice(free), False
        self.loops += 1
        stem = "xyzvhl"[len(names.iterators) % 6]
        return Decl(f"{stem}{self.loops}", self.counter_type), True

    def _header(self, names: Names) -> tuple[Expr, str, Expr, int | Expr]:
        rng, terms = self.rng, self.terms
        draw = rng.random()
        lower, upper = terms.first(names), terms.bound(names)
        if draw < 0.68:
            return lower, rng.choice(("<", "<", "<", "<", "<=")), upper, 1
        if draw < 0.73 and self.counter_type.is_signed:
            return Lit(0), "!=", upper, 1
        if draw < 0.85:
            return lower, rng.choice(("<", "<=")), upper, rng.choice((2, 2, 3, 4))
        if draw < 0.97:
            step = rng.choice((-1, -1, -1, -2, -3))
            first = plus(upper, rng.choice((-1, -1, 0)))
            if self.counter_type.is_signed:
                return first, rng.choice((">=", ">=", ">")), lower, step
            return first, ">", Lit(0), -1
        return lower, "<", upper, Var(rng.choice(names.sizes))

    def _body(self, names: Names, deeper: int) -> tuple[Stmt, ...]:
        rng = self.rng
        if deeper and rng.random() < 0.55:
            return (self.loop(names, deeper),)
        body: list[Stmt] = []
        local = names
        if rng.random() < 0.12:
            decl = Decl(self.fresh("e"), self.data)
            body.append(Declare(self.id(), decl, self.terms.value(names, 1)))
            local = replace(local, scalars=(*local.scalars, decl.name))
        elif rng.random() < 0.04 and len(names.iterators) == 1:
            offset = Bin("*", Var(names.iterators[-1]), Var(names.sizes[0]))
            saved = self.names, list(self.arrays)
            pointer = self._local_pointer(names, offset)
            body.append(pointer)
            if isinstance(pointer, Declare):
                local = replace(local, arrays=(*local.arrays, pointer.decl))
            self.names, self.arrays = saved[0], saved[1]
        for _ in range(rng.choice((1, 1, 2, 2, 3))):
            body += self._entry(local, deeper)
        return tuple(body)

    def _entry(self, names: Names, deeper: int) -> list[Stmt]:
        rng = self.rng
        draw = rng.random()
        if deeper and draw < 0.3:
            return [self.loop(names, deeper)]
        if draw < 0.42:
            then = tuple(self._simple(names))
            otherwise = tuple(self._simple(names)) if rng.random() < 0.3 else ()
            return [If(self.id(), self.terms.condition(names), then, otherwise)]
        if draw < 0.44:
            return [If(self.id(), self.terms.condition(names), (Jump(self.id(), "continue"),)), *self._simple(names)]
        if draw < 0.445:
            return [If(self.id(), self.terms.condition(names), (Jump(self.id(), "break"),))]
        return self._simple(names)
