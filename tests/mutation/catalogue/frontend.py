"""Faults in what the frontend takes for known of library calls, bounds and the memory behind pointers."""

from __future__ import annotations

from mutation.mutant import Mutant

NESTS = "tests/legality/test_nests.py"

MUTANTS = (
    Mutant(
        "release-without-conflicts",
        "frontend/nests.py",
        "    if effects.releases:\n        _require_own_memory(walk)\n",
        "",
        "an iteration reads what another one has released",
        (f"{NESTS}::test_refuse[release_and_read]", f"{NESTS}::test_refuse[release_in_helper]"),
    ),
    Mutant(
        "released-memory-is-a-parameter",
        "frontend/effects.py",
        "        if effects.releases and isinstance(part, Member | Subscript | Unary) and named_root(part) is None:",
        "        if False:",
        "a value is read in front of the loop, or in each iteration, from memory that the loop releases",
        (f"{NESTS}::test_refuse[release_bound]",),
    ),
    Mutant(
        "release-that-is-no-statement",
        "frontend/collect.py",
        "        if use is MemoryUse.RELEASE and len(self.accesses) == before:",
        "        if False:",
        "a release without accesses is left out of the nest",
        (f"{NESTS}::test_refuse[release_one]",),
    ),
    Mutant(
        "string-read-forgotten",
        "frontend/collect.py",
        "            if use is MemoryUse.READ:",
        "            if False:",
        "a string function reads nothing",
        (f"{NESTS}::test_refuse[string_written]", f"{NESTS}::test_refuse[string_row]"),
    ),
    Mutant(
        "string-of-one-character",
        "frontend/collect.py",
        "replace(step, value=why) if isinstance(step, Index) else step",
        "step",
        "a string function reads the first character alone",
        (f"{NESTS}::test_refuse[string_written]", f"{NESTS}::test_refuse[string_row]"),
    ),
    Mutant(
        "new-memory-holds-anything",
        "frontend/entry.py",
        'return "" if self._reader.is_from_caller(source) else None',
        'return ""',
        "a witness counts on a value that memory which the function has allocated never holds",
        (f"{NESTS}::test_refuse[allocated_bound]",),
    ),
    Mutant(
        "bound-behind-a-pointer-is-fixed",
        "frontend/written.py",
        "        return self.may_write_type(type_) or (",
        "        return (",
        "a store through a pointer is thought not to reach the table that holds a loop's bound",
        (f"{NESTS}::test_refuse[bound_behind_pointer]",),
    ),
    Mutant(
        "bound-in-a-record-is-fixed",
        "frontend/written.py",
        "        return self.may_write_type(type_) or (bool(self.fields) and self.may_write_memory(type_))",
        "        return self.may_write_type(type_)",
        "a store to a member through a pointer is thought not to reach the table that holds a loop's bound",
        (f"{NESTS}::test_refuse[bound_in_record]",),
    ),
)
