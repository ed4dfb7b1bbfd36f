"""Faults in what decides that a candidate is delivered: verdicts, labels, the choice among contenders."""

from __future__ import annotations

from mutation.mutant import Mutant

VALUES = "tests/unit/core/test_values.py"
CHECK = "tests/unit/verify/test_check.py"

MUTANTS = (
    Mutant(
        "accepted-without-findings",
        "core/verdict.py",
        "        return bool(self.required) and set(self.required) <= passed and not failed",
        "        return set(self.required) <= passed and not failed",
        "a candidate that nothing has checked is accepted",
        (VALUES,),
    ),
    Mutant(
        "accepted-without-what-is-required",
        "core/verdict.py",
        "        return bool(self.required) and set(self.required) <= passed and not failed",
        "        return bool(self.required) and not failed",
        "a check that was skipped counts as passed",
        (VALUES,),
    ),
    Mutant(
        "accepted-despite-a-failure",
        "core/verdict.py",
        "        return bool(self.required) and set(self.required) <= passed and not failed",
        "        return bool(self.required) and set(self.required) <= passed",
        "a stage that failed does not matter",
        (VALUES,),
    ),
    Mutant(
        "one-proof-for-all-nests",
        "core/candidate.py",
        "        return all(isinstance(basis, Proved) for basis in self.bases)",
        "        return any(isinstance(basis, Proved) for basis in self.bases)",
        "a candidate with one proof and one waiver is checked as if it were proved",
        (VALUES,),
    ),
    Mutant(
        "faster-by-its-median",
        "core/measurement.py",
        "        return self.low > 1.0",
        "        return self.median > 1.0",
        "a gain that may be noise is delivered",
        (VALUES,),
    ),
)
