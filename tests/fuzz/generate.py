"""Random small C functions with one or two loop nests: what ``random_program`` returns is decided by its seed alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from fuzz.generate_terms import Names, Terms, plus
from fuzz.program import (
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    SHORT,
    UCHAR,
    UINT,
    ULONG,
    USHORT,
    Assign,
    Bin,
    Call,
    Cond,
    CType,
    Decl,
    Declare,
    Elem,
    Expr,
    For,
    Form,
    Helper,
    If,
    Jump,
    Lit,
    Place,
    Point,
    Program,
    Record,
    Stmt,
    Storage,
    Swap,
    Var,
    While,
)

_DATA = (DOUBLE,) * 10 + (INT,) * 5 + (FLOAT, FLOAT, LONG, UINT, UINT, SHORT, USHORT, UCHAR)
_SIZES = (INT,) * 16 + (LONG, ULONG, UINT, SHORT, UCHAR)


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


class _Maker:
    def __init__(self, rng: random.Random, seed: int) -> None:
        self.rng = rng
        self.suffix = seed
        self.is_tame = rng.random() < 0.75
        self.data: CType = rng.choice(_DATA)
        self.terms = Terms(rng, 0.0 if self.is_tame else rng.choice((0.1, 0.25, 0.4)), self.data)
        self.restricted = rng.random() < 0.55
        self.old_style = rng.random() < 0.25
        self.count = 0
        self.loops = 0
        self.parameters: list[Decl] = []
        self.globals: list[Decl] = []
        self.head: list[Stmt] = []
        self.rows: list[tuple[str, str]] = []
        self.accumulators: list[Decl] = []
        self.temporaries: list[Decl] = []
        self.arrays: list[Decl] = []
        self.indices: list[str] = []
        self.counters: list[Decl] = []
        self.sizes: list[str] = []
        self.names = Names(())
        self.extra = 0

    def id(self) -> int:
        self.count += 1
        return self.count

    def fresh(self, stem: str) -> str:
        self.extra += 1
        return f"{stem}{self.extra}"

    # --- the whole ---

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

    def _declare_sizes(self) -> None:
        rng = self.rng
        type_ = rng.choice(_SIZES)
        for name in ("n", *(["m"] if rng.random() < 0.6 else []), *(["k"] if rng.random() < 0.25 else [])):
            self.parameters.append(Decl(name, type_, storage=Storage.PARAMETER))
            self.sizes.append(name)
        self.counter_type = type_ if rng.random() < 0.9 else rng.choice(_SIZES)

    def _declare_arrays(self) -> None:
        rng = self.rng
        for name in rng.sample(("a", "b", "c", "d"), rng.choice((1, 2, 2, 3))):
            decl = self._array(name)
            self.arrays.append(decl)
            if decl.storage is Storage.PARAMETER:
                self.parameters.append(decl)
            elif decl.storage is Storage.GLOBAL:
                self.globals.append(decl)
            else:
                initial = Lit(0) if rng.random() < 0.75 else None
                self.head.append(Declare(self.id(), decl, initial))
        if not self.is_tame:
            decl = Decl("idx", INT, Form.POINTER, Storage.PARAMETER, is_const=True, is_restrict=self.restricted)
            self.parameters.append(decl)
            self.indices.append("idx")

    def _array(self, name: str) -> Decl:
        rng = self.rng
        restrict = self.restricted if rng.random() < 0.9 else not self.restricted
        pointer = Decl(name, self.data, Form.POINTER, Storage.PARAMETER, is_restrict=restrict)
        draw = rng.random()
        if draw < 0.42:
            return pointer
        if draw < 0.57:
            self.rows.append((name, rng.choice(self.sizes)))
            return pointer
        if draw < 0.68:
            return replace(pointer, extents=(rng.choice((8, 12, 16)),))
        if draw < 0.74:
            return replace(pointer, extents=(Var(rng.choice(self.sizes)),))
        if draw < 0.77:
            return replace(pointer, extents=(rng.choice((6, 8)), rng.choice((6, 8))))
        if draw < 0.84:
            record = Record(f"pt{self.suffix}", (("x", self.data), ("y", self.data), ("tag", INT)))
            return replace(pointer, record=record)
        if draw < 0.92:
            shape = rng.choice(((96,), (96,), (96,), (24, 24), (16, 12)))
            return Decl(f"g{self.suffix}{name}", self.data, Form.ARRAY, Storage.GLOBAL, shape)
        return Decl(name, self.data, Form.ARRAY, Storage.LOCAL, rng.choice(((96,), (64,), (24, 16))))

    def _helpers(self) -> tuple[Helper, ...]:
        if self.rng.random() < 0.85:
            return ()
        x, y = Decl("x", self.data, storage=Storage.PARAMETER), Decl("y", self.data, storage=Storage.PARAMETER)
        value = self.rng.choice(
            (
                Bin("+", Bin("*", Var("x"), Lit(2)), Var("y")),
                Cond(Bin("<", Var("x"), Var("y")), Var("x"), Var("y")),
                Bin("-", Var("x"), Var("y")),
            )
        )
        return (Helper(f"mix{self.suffix}", self.data, (x, y), value),)

    def _declare_scalars(self) -> None:
        rng = self.rng
        for name in ("s", *(["q"] if rng.random() < 0.3 else [])):
            type_ = self.data if rng.random() < 0.7 else rng.choice((INT, UINT, LONG, DOUBLE, SHORT, UCHAR, ULONG))
            decl = Decl(name, type_)
            if rng.random() < 0.08:
                decl = Decl(f"g{self.suffix}{name}", type_, storage=Storage.GLOBAL)
                self.globals.append(decl)
                self.accumulators.append(decl)
                continue
            self.accumulators.append(decl)
            self.head.append(Declare(self.id(), decl, Lit(rng.choice((0, 0, 1)), type_)))
        for name in ("t", *(["u"] if rng.random() < 0.3 else [])):
            decl = Decl(name, self.data)
            self.temporaries.append(decl)
            initial = Lit(rng.choice((0, 1)), self.data) if rng.random() < 0.4 else None
            self.head.append(Declare(self.id(), decl, initial))
        if self.old_style:
            for name in ("i", "j"):
                decl = Decl(name, self.counter_type)
                self.counters.append(decl)
                self.head.append(Declare(self.id(), decl))

    # --- around the nests ---

    def _prologue(self, result: CType | None):  # type: ignore[no-untyped-def]  # noqa: ANN202
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
        bases = [decl for decl in names.arrays if decl.form is Form.POINTER and decl.record is None and not decl.extents]
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

    # --- statements ---

    def _simple(self, names: Names) -> list[Stmt]:
        rng = self.rng
        draw = rng.random()
        if draw < 0.45:
            return [Assign(self.id(), self._target(names), "", self.terms.value(names))]
        if draw < 0.6 and self.accumulators:
            return [self._update(names, rng.choice(self.accumulators))]
        if draw < 0.78:
            target = self._target(names)
            if isinstance(target, Elem) and rng.random() < 0.3:
                return [Assign(self.id(), target, "+", Lit(1), "++")]
            operator = rng.choice(("+", "+", "-", "*")) if self.data.is_float else rng.choice(("+", "+", "-", "^", "|"))
            return [Assign(self.id(), target, operator, self.terms.value(names, 1))]
        if draw < 0.95 and self.temporaries:
            return self._through_temporary(names)
        if self.accumulators and rng.random() < 0.5:
            decl = rng.choice(self.accumulators)
            return [Assign(self.id(), Var(decl.name), "", self.terms.value(names, 1))]
        return [Assign(self.id(), self._target(names), "", self.terms.value(names, 1))]

    def _through_temporary(self, names: Names) -> list[Stmt]:
        rng = self.rng
        decl = rng.choice(self.temporaries)
        with_it = replace(names, scalars=(*names.scalars, decl.name, decl.name))
        set_it: Stmt = Assign(self.id(), Var(decl.name), "", self.terms.value(names, 1))
        use_it: Stmt = Assign(
            self.id(), self._target(names), "", Bin("+", self.terms.value(with_it, 1), Var(decl.name))
        )
        if rng.random() < 0.15:
            set_it = If(self.id(), self.terms.condition(names), (set_it,))
        draw = rng.random()
        if draw < 0.78:
            return [set_it, use_it]
        return [use_it, set_it] if draw < 0.88 else [set_it]

    def _target(self, names: Names) -> Place:
        rng = self.rng
        arrays = [decl for decl in names.arrays if not decl.is_const]
        if not arrays:
            return Var(self.accumulators[0].name) if self.accumulators else Var(self.temporaries[0].name)
        if self.temporaries and rng.random() < 0.04:
            return Var(rng.choice(self.temporaries).name)
        return self.terms.element(rng.choice(arrays), names)

    def _update(self, names: Names, decl: Decl) -> Stmt:
        """Return an update of a scalar in one of the forms that C programmers write."""
        rng = self.rng
        target, operand = Var(decl.name), self.terms.value(names, 1)
        draw = rng.random()
        if draw < 0.4:
            return Assign(self.id(), target, rng.choice("++-"), operand)
        if draw < 0.55:
            left, right = (target, operand) if rng.random() < 0.6 else (operand, target)
            return Assign(self.id(), target, "", Bin(rng.choice("++-"), left, right))
        if draw < 0.65:
            relation = rng.choice("<>")
            if rng.random() < 0.5:
                return If(self.id(), Bin(relation, operand, target), (Assign(self.id(), target, "", operand),))
            return Assign(self.id(), target, "", Cond(Bin(relation, target, operand), target, operand))
        if draw < 0.7 and decl.type.is_float:
            return Assign(self.id(), target, "", Call(rng.choice(("fmax", "fmin")), (target, operand)))
        if draw < 0.78 and (decl.type.is_float or not decl.type.is_signed):
            return Assign(self.id(), target, "*", operand)
        if draw < 0.9 and not decl.type.is_float and not self.data.is_float:
            return Assign(self.id(), target, rng.choice("&|^"), operand)
        if draw < 0.94 and not decl.type.is_float:
            test = Bin(rng.choice("<>"), operand, Lit(1, self.data if self.data.is_float else INT))
            return Assign(self.id(), target, "", Bin(rng.choice(("&&", "||")), target, test))
        if draw < 0.97 and not decl.type.is_float:
            return Assign(self.id(), target, "+", Lit(1), "++")
        return Assign(self.id(), target, "+", operand)
