"""Placeholder."""

from __future__ import annotations

from mutation.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = ()
