"""Snippets of C as nests, and comparisons of isl text, for the tests of the frontend."""

from __future__ import annotations

import islpy as isl

from loopwright.config import Settings
from loopwright.core.function import Function, TranslationUnit
from loopwright.core.nest import Access, LoopNest, Statement
from loopwright.core.source import Source
from loopwright.frontend.extract import extract

# No compiler is looked for: snippets include nothing.
SETTINGS = Settings(gcc="no-such-compiler", clang="no-such-compiler")


def unit_of(code: str | bytes, *flags: str, path: str = "/snippet/kernel.c") -> TranslationUnit:
    content = code if isinstance(code, bytes) else code.encode()
    return extract(Source(path, content, flags), SETTINGS)


def function_of(code: str | bytes, *flags: str, path: str = "/snippet/kernel.c") -> Function:
    return unit_of(code, *flags, path=path).functions[-1]


def nest_of(code: str | bytes, *flags: str, path: str = "/snippet/kernel.c") -> LoopNest:
    """Return the only nest of the last function."""
    function = function_of(code, *flags, path=path)
    assert len(function.nests) == 1, (function.nests, function.unsupported)
    return function.nests[0]


def cxx_nest_of(code: str, *flags: str) -> LoopNest:
    return nest_of(code, "-std=c++17", *flags, path="/snippet/kernel.cpp")


def refusals_of(code: str, *flags: str, path: str = "/snippet/kernel.c") -> list[str]:
    return [each.code.name for each in function_of(code, *flags, path=path).unsupported]


def same_set(first: str, second: str) -> bool:
    return bool(isl.Set(first).is_equal(isl.Set(second)))


def relates(statement: Statement, access: Access, expected: str) -> bool:
    """Return True if the access relates the statement's instances to the elements that ``expected`` names."""
    domain = isl.Set(statement.domain)
    return bool(isl.Map(access.relation).intersect_domain(domain).is_equal(isl.Map(expected).intersect_domain(domain)))


def access_of(statement: Statement, variable: str, kind: str) -> Access:
    found = [each for each in statement.accesses if each.variable == variable and each.kind.value == kind]
    assert len(found) == 1, [(each.variable, each.kind.value, each.relation) for each in statement.accesses]
    return found[0]


def guards_of(nest: LoopNest) -> list[str]:
    return [assumption.guard for assumption in nest.assumptions]
