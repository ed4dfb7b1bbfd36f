from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.measurement import CompilerFacts
from loopwright.toolchain import doctor
from loopwright.toolchain.compiler import Build, Compiler
from loopwright.toolchain.completed import Completed, Ended
from loopwright.toolchain.doctor import Check, Severity, check_environment
from loopwright.toolchain.sandbox import Fence, Level
from loopwright.toolchain.sanitizer import Sanitizer

GCC = Compiler(CompilerFacts("gcc", "/usr/bin/gcc", "gcc (GCC) 12.2.0", 12))
CLANG = Compiler(CompilerFacts("clang", "/usr/bin/clang", "clang version 19.1.7", 19))


def _examine(
    monkeypatch: pytest.MonkeyPatch,
    cache: Path,
    compilers: tuple[Compiler, ...],
    *,
    openmp: bool = True,
    sanitizers: bool = True,
    child: Completed | None = None,
    fenced: Level = Level.BUBBLEWRAP,
) -> dict[str, Check]:
    child = child or Completed(("python",), 0, b"1.2.3\n", b"", 0.1, Ended.EXITED)
    monkeypatch.setattr(doctor, "find_compilers", lambda settings: compilers)
    monkeypatch.setattr(doctor, "has_openmp", lambda compiler: openmp)
    monkeypatch.setattr(doctor, "supports", lambda compiler, kind: sanitizers and _can(compiler, kind))
    monkeypatch.setattr(doctor, "find_archer", lambda compiler: None)
    monkeypatch.setattr(doctor, "build", lambda *arguments, **options: Build(Path("/x"), "", 0.0))
    monkeypatch.setattr(doctor, "run", lambda *arguments, **options: child)
    monkeypatch.setattr(doctor, "find_targets", lambda: ())
    monkeypatch.setattr(doctor, "missing_targets", lambda: ("aarch64", "riscv64"))
    monkeypatch.setattr(doctor, "fence", lambda: Fence(fenced))
    seen: list[Check] = []
    settings = Settings(cache=cache, gcc="no-such-gcc", clang="no-such-clang")
    checks = check_environment(settings, seen.append)
    assert tuple(seen) == checks
    assert len({check.name for check in checks}) == len(checks)
    for check in checks:
        assert check.detail
        assert check.ok or check.remedy
        assert "\n" not in check.detail + check.remedy
    return {check.name: check for check in checks}


def _can(compiler: Compiler, kind: Sanitizer) -> bool:
    return kind is Sanitizer.ADDRESS or compiler is CLANG


def test_a_complete_machine_has_no_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = _examine(monkeypatch, tmp_path, (GCC, CLANG))
    assert [name for name, check in checks.items() if not check.ok and check.severity is not Severity.NOTE] == []
    assert "gcc 12 and clang 19" in checks["bad addresses (AddressSanitizer, UBSan)"].detail


def test_gcc_alone_is_enough_and_what_is_weaker_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = _examine(monkeypatch, tmp_path, (GCC,))
    assert {name for name, check in checks.items() if not check.ok and check.severity is Severity.ERROR} == set()
    races = checks["data races (ThreadSanitizer, archer)"]
    assert (races.ok, races.severity) == (False, Severity.WARNING)
    assert races.remedy.startswith("apt-get install clang-19 libomp-19-dev")
    assert "not found on PATH" in checks["clang"].detail


def test_no_compiler_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = _examine(monkeypatch, tmp_path, ())
    assert (checks["gcc"].ok, checks["gcc"].severity) == (False, Severity.ERROR)


def test_a_broken_wheel_is_an_error_with_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = Completed(("python",), 1, b"", b"Traceback\nImportError: no isl\n", 0.1, Ended.EXITED)
    checks = _examine(monkeypatch, tmp_path, (GCC,), child=child)
    assert (checks["isl"].detail, checks["isl"].severity) == ("ImportError: no isl", Severity.ERROR)
    assert checks["isl"].remedy == "pip install --force-reinstall islpy"


def test_a_wheel_that_crashes_is_told_from_one_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = Completed(("python",), -11, b"", b"", 0.1, Ended.SIGNALLED)
    assert _examine(monkeypatch, tmp_path, (GCC,), child=child)["libclang"].detail == "was ended by SIGSEGV"


def test_missing_openmp_and_archer_name_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = _examine(monkeypatch, tmp_path, (CLANG,), openmp=False, sanitizers=False)
    assert checks["OpenMP with clang"].remedy == "apt-get install libomp-19-dev"
    assert "libarcher.so" in checks["data races (ThreadSanitizer, archer)"].detail


def test_a_cache_below_a_file_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    check = _examine(monkeypatch, tmp_path / "file" / "cache", (GCC,))["cache"]
    assert not check.ok
    assert "LOOPWRIGHT_CACHE" in check.remedy


def test_weights_are_found_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _examine(monkeypatch, tmp_path, (GCC,))["model weights"].ok
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small.gguf").write_bytes(b"GGUF")
    assert _examine(monkeypatch, tmp_path, (GCC,))["model weights"].ok


def test_one_core_is_worth_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "cores", lambda: 1)
    check = _examine(monkeypatch, tmp_path, (GCC,))["cores"]
    assert (check.ok, check.severity) == (False, Severity.WARNING)


@pytest.mark.parametrize("level", list(Level))
def test_how_far_tested_code_is_fenced_in_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: Level
) -> None:
    check = _examine(monkeypatch, tmp_path, (GCC, CLANG), fenced=level)["sandbox of tested code"]
    assert check.ok is (level is Level.BUBBLEWRAP)
    assert level.value in check.detail
