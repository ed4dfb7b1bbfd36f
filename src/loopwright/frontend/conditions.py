"""Conditions of C as formulas over instances, over-approximated on each side where they are not affine."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.frontend.affine import conjunction, disjunction, negation


@dataclass(frozen=True, slots=True)
class Condition:
    """The instances for which a condition is true, and those for which it is false.

    Attributes:
        when_true: Formula that holds at least wherever the condition is true; ``""`` for everywhere.
        when_false: The same for false.
        is_exact: Both formulas are exact, so each is the other's opposite.
        code: Why not.
        reason: The same in words.
    """

    when_true: str
    when_false: str
    is_exact: bool = True
    code: Code | None = None
    reason: str = ""

    @staticmethod
    def exact(formula: str) -> Condition:
        """Return the condition that is true exactly where ``formula`` holds."""
        return Condition(formula, negation(formula))

    @staticmethod
    def unknown(code: Code, reason: str) -> Condition:
        """Return a condition of which nothing is known."""
        return Condition("", "", False, code, reason)

    def negated(self) -> Condition:
        """Return the opposite."""
        return Condition(self.when_false, self.when_true, self.is_exact, self.code, self.reason)

    def both(self, other: Condition) -> Condition:
        """Return the condition that both are true."""
        if self.is_exact and other.is_exact:
            return Condition.exact(conjunction(self.when_true, other.when_true) or "true")
        inexact = other if self.is_exact else self
        false = disjunction(self.when_false, other.when_false)
        return Condition(conjunction(self.when_true, other.when_true), false, False, inexact.code, inexact.reason)

    def either(self, other: Condition) -> Condition:
        """Return the condition that one of the two is true."""
        return self.negated().both(other.negated()).negated()
