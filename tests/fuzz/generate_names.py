"""Random declarations of a program, and what is known of them while it is made."""

from __future__ import annotations

import random
from dataclasses import replace

from fuzz.generate_terms import Names, Terms
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
    Bin,
    Cond,
    CType,
    Decl,
    Declare,
    Form,
    Helper,
    Lit,
    Record,
    Stmt,
    Storage,
    Var,
)

_DATA = (DOUBLE,) * 10 + (INT,) * 5 + (FLOAT, FLOAT, LONG, UINT, UINT, SHORT, USHORT, UCHAR)
_SIZES = (INT,) * 16 + (LONG, ULONG, UINT, SHORT, UCHAR)


class Declarations:
    """Declares the names of one program: sizes, arrays, scalars, helpers."""

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

    def _declare_sizes(self) -> None:
        rng = self.rng
        type_ = rng.choice(_SIZES)
        # Names that isl's own texts use must mean nothing special.
        second, third = rng.sample(("x0", "y0", "o0", "e0", "c0", "p0", "i0"), 2) if rng.random() < 0.15 else ("m", "k")
        for name in ("n", *([second] if rng.random() < 0.6 else []), *([third] if rng.random() < 0.25 else [])):
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
