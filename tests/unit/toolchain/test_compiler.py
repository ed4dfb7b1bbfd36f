from __future__ import annotations

import pytest

from loopwright.core.measurement import CompilerFacts
from loopwright.toolchain import compiler as compiler_module
from loopwright.toolchain.compiler import Compiler, identify, is_recent


@pytest.mark.parametrize(
    ("family", "path", "expected"),
    [
        ("gcc", "/usr/bin/gcc", "/usr/bin/g++"),
        ("gcc", "/usr/bin/gcc-12", "/usr/bin/g++-12"),
        ("gcc", "/opt/gcc-14/bin/x86_64-linux-gnu-gcc-14", "/opt/gcc-14/bin/x86_64-linux-gnu-g++-14"),
        ("gcc", "/opt/gcc/bin/cc", "/opt/gcc/bin/cc"),
        ("clang", "/usr/bin/clang-19", "/usr/bin/clang++-19"),
        ("clang", "/opt/clang/bin/clang", "/opt/clang/bin/clang++"),
    ],
)
def test_the_driver_of_cxx_is_beside_that_of_c(family: str, path: str, expected: str) -> None:
    compiler = Compiler(CompilerFacts(family, path, "", 19))
    assert compiler.command_for("c++") == expected
    assert compiler.command_for("c") == path


@pytest.mark.parametrize(
    ("line", "family", "major"),
    [
        ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", "gcc", 12),
        ("gcc (GCC) 11.4.1 20230605 (Red Hat 11.4.1-2)", "gcc", 11),
        ("cc (Ubuntu 13.2.0-4ubuntu3) 13.2.0", "gcc", 13),
        ("Debian clang version 19.1.7 (3~deb12u1)", "clang", 19),
        ("Ubuntu clang version 14.0.0-1ubuntu1", "clang", 14),
        ("clang version 18.1.8 (https://github.com/llvm/llvm-project 3b5b5c1)", "clang", 18),
        ("Apple clang version 15.0.0 (clang-1500.3.9.4)", "clang", 15),
    ],
)
def test_a_compiler_is_known_by_what_it_says(
    monkeypatch: pytest.MonkeyPatch, line: str, family: str, major: int
) -> None:
    monkeypatch.setattr(compiler_module, "_ask", lambda path, question: line)
    compiler = identify("/x/y")
    assert compiler is not None
    assert (compiler.facts.family, compiler.facts.major, compiler.facts.version) == (family, major, line)


@pytest.mark.parametrize("line", [None, "hello", "tcc version 0.9.27 (x86_64 Linux)", "icc (ICC) nonsense"])
def test_anything_else_is_no_compiler(monkeypatch: pytest.MonkeyPatch, line: str | None) -> None:
    monkeypatch.setattr(compiler_module, "_ask", lambda path, question: line)
    assert identify("/x/y") is None


@pytest.mark.parametrize(
    ("family", "major", "recent"), [("gcc", 10, False), ("gcc", 11, True), ("clang", 13, False), ("clang", 14, True)]
)
def test_old_compilers_are_left_out(family: str, major: int, recent: bool) -> None:
    assert is_recent(Compiler(CompilerFacts(family, "/x", "", major))) is recent
