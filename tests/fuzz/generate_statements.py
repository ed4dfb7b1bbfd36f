"""Random assignments: plain ones, updates in the forms that C programmers write, and those by way of a temporary."""

from __future__ import annotations

from dataclasses import replace

from fuzz.generate_names import Declarations
from fuzz.generate_terms import Names
from fuzz.program import (
    INT,
    Assign,
    Bin,
    Call,
    Cond,
    Decl,
    Elem,
    If,
    Lit,
    Place,
    Stmt,
    Var,
)


class Statements(Declarations):
    """Makes the statements that stand in loops."""

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
            operator = rng.choice(("+", "+", "-", "^", "|") if self._is_whole() else ("+", "+", "-", "*"))
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

    def _is_whole(self) -> bool:
        """Return True if no operand can be of a floating type, which C has no bits of."""
        return not (self.data.is_float or any(decl.type.is_float for decl in self.accumulators))

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
        if draw < 0.9 and self._is_whole():
            return Assign(self.id(), target, rng.choice("&|^"), operand)
        if draw < 0.94 and not decl.type.is_float:
            test = Bin(rng.choice("<>"), operand, Lit(1, self.data if self.data.is_float else INT))
            return Assign(self.id(), target, "", Bin(rng.choice(("&&", "||")), target, test))
        if draw < 0.97 and not decl.type.is_float:
            return Assign(self.id(), target, "+", Lit(1), "++")
        return Assign(self.id(), target, "+", operand)
