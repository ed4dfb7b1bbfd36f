from __future__ import annotations

from pathlib import Path

from loopwright.core.source import Source
from loopwright.harness.builder import library_folders, user_flags
from loopwright.harness.driver import user_text


def test_what_makes_another_kind_of_output_goes(tmp_path: Path) -> None:
    flags = ("-c", "-O2", "-o", "k.o", "-MD", "-MF", "k.d", "-Werror", "-DN=3", "-x", "c++", "-fopenmp")
    assert user_flags(flags, tmp_path) == ("-O2", "-DN=3", "-fopenmp")


def test_folders_become_absolute(tmp_path: Path) -> None:
    (tmp_path / "inc").mkdir()
    found = user_flags(("-Iinc", "-isystem", "inc", "-I", "/usr/include", "-Imissing"), tmp_path)
    inc = str(tmp_path / "inc")
    assert found == (f"-I{inc}", "-isystem", inc, "-I", "/usr/include", "-Imissing")


def test_the_compiler_speaks_of_the_users_file() -> None:
    text = user_text(Source('/a "b"/k.c', b""), b"int x;")
    assert text == b'#line 1 "/a \\"b\\"/k.c"\nint x;\n'


def test_folders_that_a_program_loads_libraries_from(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    flags = ("-L", "lib", "-L/opt/x/lib", "-lm", "-Wl,-rpath,/srv/a:/srv/b", "-Wl,-rpath=/srv/c")
    found = library_folders(flags, tmp_path)
    assert found == [Path("/opt/x/lib"), tmp_path / "lib", *(Path(f"/srv/{name}") for name in "abc")]
    assert library_folders((), tmp_path) == []
