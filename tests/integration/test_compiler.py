"""Real compilers, and files that only look like one."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from loopwright.config import Limits, Settings
from loopwright.core.codes import Code
from loopwright.errors import ToolchainError
from loopwright.toolchain import compiler as compiler_module
from loopwright.toolchain.compiler import (
    Build,
    BuildFailed,
    Compiler,
    Language,
    build,
    find_compilers,
    has_openmp,
    require_compilers,
)
from loopwright.toolchain.process import run

LIMITS = Limits()
VERSION = "gcc (Fake 12.2.0) 12.2.0"


def compile_text(
    compiler: Compiler,
    folder: Path,
    text: str,
    flags: tuple[str, ...] = (),
    language: Language = "c",
    limits: Limits = LIMITS,
) -> Build | BuildFailed:
    source = folder / "source.txt"
    source.write_text(text)
    return build(compiler, source, folder / "program", flags, language=language, cwd=folder, limits=limits)


@pytest.fixture
def gcc() -> Compiler:
    return next(compiler for compiler in find_compilers(Settings()) if compiler.facts.family == "gcc")


def fake(folder: Path, script: str) -> str:
    """Return the path of a shell script that poses as a compiler."""
    path = folder / "fake-gcc"
    path.write_text("#!/bin/sh\n" + textwrap.dedent(script))
    path.chmod(0o755)
    return str(path)


@pytest.mark.needs("gcc", "clang")
def test_gcc_comes_first_and_each_says_what_it_is() -> None:
    compilers = find_compilers(Settings())
    assert [compiler.facts.family for compiler in compilers] == ["gcc", "clang"]
    for compiler in compilers:
        assert Path(compiler.facts.path).is_absolute()
        assert str(compiler.facts.major) in compiler.facts.version
        include = compiler.builtin_include()
        assert include is not None
        assert (Path(include) / "stddef.h").is_file()


@pytest.mark.needs("gcc")
def test_only_gcc_is_enough() -> None:
    compilers = require_compilers(Settings(clang="no-such-clang"))
    assert [compiler.facts.family for compiler in compilers] == ["gcc"]


def test_no_compiler_is_one_clear_line() -> None:
    settings = Settings(gcc="no-such-gcc", clang="no-such-clang")
    assert find_compilers(settings) == ()
    with pytest.raises(ToolchainError) as caught:
        require_compilers(settings)
    assert caught.value.code is Code.COMPILER_MISSING
    assert "apt-get install" in caught.value.one_line()


def test_an_empty_path_has_no_compilers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_compilers(Settings()) == ()


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "kill -SEGV $$",
        "head -c 200000 /dev/urandom",
        "printf 'gcc (X) 12.2.0\\033[31m\\n'",
        "yes",
        "echo 'gcc (Fake 4.8.5) 4.8.5'",
        f"echo '{VERSION}'",
        f"case $1 in --version) echo '{VERSION}';; *) exit 1;; esac",
        # Writes something that is not a program.
        f"case $1 in --version) echo '{VERSION}';; *) for last; do :; done; echo hello > probe; chmod +x probe;; esac",
        f"case $1 in --version) echo '{VERSION}';; *) printf '#!/bin/sh\\nexit 3\\n' > probe; chmod +x probe;; esac",
        # Exits well without writing anything.
        f"case $1 in --version) echo '{VERSION}';; *) exit 0;; esac",
    ],
)
def test_what_does_not_compile_is_no_compiler(tmp_path: Path, script: str) -> None:
    assert find_compilers(Settings(gcc=fake(tmp_path, script), clang="no-such-clang")) == ()


def test_a_compiler_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler_module, "_QUESTION_S", 0.5)
    assert find_compilers(Settings(gcc=fake(tmp_path, "sleep 600"), clang="no-such-clang")) == ()


@pytest.mark.needs("gcc")
def test_a_compiler_that_hangs_on_a_program_is_given_up(tmp_path: Path, gcc: Compiler) -> None:
    path = fake(tmp_path, "sleep 600")
    hanging = Compiler(compiler_module.CompilerFacts("gcc", path, VERSION, 12))
    failed = compile_text(hanging, tmp_path, "int main(void) { return 0; }", limits=Limits(build_s=0.5))
    assert isinstance(failed, BuildFailed)
    assert "killed at its time limit" in failed.output


@pytest.mark.needs("gcc")
def test_a_folder_is_no_compiler(tmp_path: Path) -> None:
    assert find_compilers(Settings(gcc=str(tmp_path), clang="")) == find_compilers(Settings(gcc="no-such-gcc"))


@pytest.mark.needs("gcc", "clang")
@pytest.mark.parametrize("language", ["c", "c++"])
def test_both_compilers_build_both_languages(tmp_path: Path, language: Language) -> None:
    text = "#include <math.h>\nint main(int argc, char **argv) { (void)argv; return (int)sqrt((double)argc) - 1; }\n"
    if language == "c++":
        text = "#include <vector>\n" + text
    for compiler in find_compilers(Settings()):
        built = compile_text(compiler, tmp_path, text, ("-O2", "-Wall"), language)
        assert isinstance(built, Build), built
        assert built.warnings == ""
        assert run((built.binary,), cwd=tmp_path, timeout_s=60).ok


@pytest.mark.needs("gcc")
def test_warnings_are_kept(tmp_path: Path, gcc: Compiler) -> None:
    built = compile_text(gcc, tmp_path, "int main(void) { int unused; return 0; }\n", ("-Wall",))
    assert isinstance(built, Build)
    assert "unused" in built.warnings


@pytest.mark.needs("gcc")
def test_an_error_is_an_answer_and_leaves_no_old_binary(tmp_path: Path, gcc: Compiler) -> None:
    (tmp_path / "program").write_text("from the last build")
    failed = compile_text(gcc, tmp_path, "int main(void) { return 0 }\n")
    assert isinstance(failed, BuildFailed)
    assert "expected" in failed.output
    assert failed.command[0] == gcc.facts.path
    assert not (tmp_path / "program").exists()


@pytest.mark.needs("gcc")
def test_libraries_may_stand_anywhere_among_the_flags(tmp_path: Path, gcc: Compiler) -> None:
    text = (
        "#include <pthread.h>\n#include <math.h>\nint main(int argc, char **argv) { return argv && cos(argc) > 2; }\n"
    )
    assert isinstance(compile_text(gcc, tmp_path, text, ("-lm", "-Wl,--as-needed", "-O1")), Build)


@pytest.mark.needs("gcc")
def test_objects_are_made_without_linking(tmp_path: Path, gcc: Compiler) -> None:
    built = compile_text(gcc, tmp_path, "int twice(int x) { return 2 * x; }\n", ("-c", "-Wall"))
    assert isinstance(built, Build)
    assert built.warnings == ""


@pytest.mark.needs("gcc")
def test_a_compiler_that_is_gone_by_now_is_a_failed_build(tmp_path: Path, gcc: Compiler) -> None:
    facts = compiler_module.CompilerFacts("gcc", str(tmp_path / "gcc"), VERSION, 12)
    failed = compile_text(Compiler(facts), tmp_path, "int main(void) { return 0; }\n")
    assert isinstance(failed, BuildFailed)
    assert "cannot start the compiler" in failed.output


def test_a_compiler_that_crashes_is_a_failed_build(tmp_path: Path) -> None:
    facts = compiler_module.CompilerFacts("gcc", fake(tmp_path, "kill -SEGV $$"), VERSION, 12)
    failed = compile_text(Compiler(facts), tmp_path, "int main(void) { return 0; }\n")
    assert isinstance(failed, BuildFailed)
    assert "SIGSEGV" in failed.output


@pytest.mark.needs("gcc")
def test_a_program_that_explodes_in_the_compiler_meets_a_limit(tmp_path: Path, gcc: Compiler) -> None:
    text = "static const char big[1u << 31] = { 1 };\nint main(void) { return big[0]; }\n"
    failed = compile_text(gcc, tmp_path, text, limits=Limits(build_s=60.0, output_bytes=16 << 20))
    assert isinstance(failed, BuildFailed)
    assert not list(tmp_path.glob("program"))


@pytest.mark.needs("gcc", "clang", "libomp")
def test_openmp_is_found_by_running_two_threads() -> None:
    assert all(has_openmp(compiler) for compiler in find_compilers(Settings()))


@pytest.mark.needs("gcc")
def test_a_compiler_without_openmp_is_told(tmp_path: Path, gcc: Compiler) -> None:
    script = (
        f'for word; do case $word in -fopenmp) echo "no libgomp" >&2; exit 1;; esac; done; exec {gcc.facts.path} "$@"'
    )
    facts = compiler_module.CompilerFacts("gcc", fake(tmp_path, script), VERSION, 12)
    assert not has_openmp(Compiler(facts))


@pytest.mark.needs("gcc")
def test_a_version_with_control_characters_is_not_shown(tmp_path: Path, gcc: Compiler) -> None:
    script = rf'case $1 in --version) printf "{VERSION}\033[31m\n";; *) exec {gcc.facts.path} "$@";; esac'
    assert find_compilers(Settings(gcc=fake(tmp_path, script), clang="no-such-clang")) == ()
