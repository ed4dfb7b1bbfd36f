"""Parsing of reports as the tools print them (gcc 12, clang 19)."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.core.measurement import CompilerFacts
from loopwright.toolchain import sanitizer
from loopwright.toolchain.compiler import Compiler
from loopwright.toolchain.sanitizer import EXIT_STATUS, Sanitizer, environment, finding, flags, supports

GCC = Compiler(CompilerFacts("gcc", "/usr/bin/gcc", "gcc 12", 12))
CLANG = Compiler(CompilerFacts("clang", "/usr/bin/clang", "clang 19", 19))

RACE = """\
==================
WARNING: ThreadSanitizer: data race (pid=4711)
  Write of size 4 at 0x5581 by main thread:
    #0 main.omp_outlined /tmp/probe.c:7:35 (probe+0xf7)

SUMMARY: ThreadSanitizer: data race /tmp/probe.c:7:35 in main.omp_outlined
==================
"""
OVERFLOW = """\
=================================================================
==12==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602 at pc 0x55 bp 0x7f sp 0x7f
WRITE of size 1 at 0x602 thread T0
SUMMARY: AddressSanitizer: heap-buffer-overflow /tmp/probe.c:5 in main
"""
UNINITIALISED = """\
==12==WARNING: MemorySanitizer: use-of-uninitialized-value
    #0 0x55 in main /tmp/probe.c:8:5
SUMMARY: MemorySanitizer: use-of-uninitialized-value /tmp/probe.c:8:5 in main
"""


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Sanitizer.THREAD, RACE, "data race /tmp/probe.c:7:35 in main.omp_outlined"),
        (Sanitizer.ADDRESS, OVERFLOW, "heap-buffer-overflow /tmp/probe.c:5 in main"),
        (Sanitizer.MEMORY, UNINITIALISED, "use-of-uninitialized-value /tmp/probe.c:8:5 in main"),
        (Sanitizer.ADDRESS, "k.c:3:9: runtime error: index 4 out of bounds\n", "k.c:3:9: index 4 out of bounds"),
        (Sanitizer.THREAD, "WARNING: ThreadSanitizer: data race (pid=1)\n", "data race (pid=1)"),
    ],
)
def test_a_report_becomes_one_clause(kind: Sanitizer, text: str, expected: str) -> None:
    assert finding(kind, text) == expected
    assert finding(kind, text.encode() + b"\xff") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 errors",
        "FATAL: ThreadSanitizer: unexpected memory mapping 0x55-0x56\n",
        "ThreadSanitizer:DEADLYSIGNAL",
        "Warning: please export TSAN_OPTIONS",
    ],
)
@pytest.mark.parametrize("kind", list(Sanitizer))
def test_other_text_is_no_finding(kind: Sanitizer, text: str) -> None:
    assert finding(kind, text) is None


def test_one_tools_report_is_not_anothers_finding() -> None:
    assert finding(Sanitizer.MEMORY, RACE) is None
    assert finding(Sanitizer.THREAD, OVERFLOW) is None


def test_a_finding_is_short() -> None:
    finding_text = finding(Sanitizer.ADDRESS, "k.c:1:1: runtime error: " + "x" * 10_000)
    assert finding_text is not None
    assert len(finding_text) == 300


@pytest.fixture
def _libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitizer, "find_archer", lambda compiler: Path("/lib/libarcher.so"))
    monkeypatch.setattr(sanitizer, "_symbolizer", lambda compiler: None)


@pytest.mark.usefixtures("_libraries")
def test_races_are_never_suppressed_and_archer_is_loaded() -> None:
    variables = environment(CLANG, Sanitizer.THREAD)
    assert variables["OMP_TOOL_LIBRARIES"] == "/lib/libarcher.so"
    assert "ignore_noninstrumented_modules=1" in variables["TSAN_OPTIONS"]
    assert "suppressions" not in variables["TSAN_OPTIONS"]
    assert "OMP_NUM_THREADS" not in variables


@pytest.mark.usefixtures("_libraries")
@pytest.mark.parametrize("kind", list(Sanitizer))
def test_the_first_finding_ends_the_run(kind: Sanitizer) -> None:
    options = [value for name, value in environment(CLANG, kind).items() if name.endswith("SAN_OPTIONS")]
    assert options
    for value in options:
        assert {"halt_on_error=1", f"exitcode={EXIT_STATUS}"} <= set(value.split(":"))


@pytest.mark.usefixtures("_libraries")
def test_leaks_are_looked_for_on_request() -> None:
    assert "detect_leaks=0" in environment(GCC, Sanitizer.ADDRESS)["ASAN_OPTIONS"]
    assert "detect_leaks=1" in environment(GCC, Sanitizer.ADDRESS, leaks=True)["ASAN_OPTIONS"]


@pytest.mark.usefixtures("_libraries")
def test_uninitialised_reads_are_looked_for_on_one_thread() -> None:
    assert environment(CLANG, Sanitizer.MEMORY)["OMP_NUM_THREADS"] == "1"


def test_undefined_behaviour_is_not_survived() -> None:
    assert "-fno-sanitize-recover=all" in flags(Sanitizer.ADDRESS)
    assert any("undefined" in flag for flag in flags(Sanitizer.ADDRESS))


@pytest.mark.parametrize("kind", [Sanitizer.THREAD, Sanitizer.MEMORY])
def test_gcc_is_not_asked_for_races_or_uninitialised_reads(kind: Sanitizer) -> None:
    assert not supports(GCC, kind)
