from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest

from loopwright.core.source import Source
from loopwright.frontend.compile_commands import flags_for
from loopwright.frontend.unit import parser_arguments
from loopwright.harness.builder import user_flags
from loopwright.toolchain import flags

HARMFUL = (
    *(("-fplugin=./evil.so",), ("-fpass-plugin=./evil.so",), ("-Xclang", "-load"), ("-wrapper", "./evil,-x")),
    *(("-specs=evil.specs",), ("-specs", "evil.specs"), ("--config", "evil.cfg"), ("--config=evil.cfg",)),
    *(("-B", "evil"), ("-Bevil",), ("--prefix=evil",), ("--ld-path=./evil",), ("-fuse-ld=./evil",), ("@evil",)),
    *(("-Wl,-plugin,./evil.so",), ("-Wl,@evil",), ("-Xlinker", "-plugin"), ("-Wp,-fplugin=./evil.so",)),
    *(("-Wa,@evil",), ("-Xpreprocessor", "-fplugin=./evil.so"), ("-mllvm", "-load=./evil.so")),
    *(("-aux-info", "/etc/passwd"), ("-fdump-tree-all=/evil",), ("-save-temps=obj",)),
)


@pytest.mark.parametrize("harmful", HARMFUL, ids=" ".join)
def test_what_runs_a_program_or_writes_a_file_inside_the_compiler_is_left_out(
    tmp_path: Path, harmful: tuple[str, ...]
) -> None:
    given = ("-O2", *harmful, "-DN=1")
    source = Source(str(tmp_path / "user.c"), b"", given)
    assert user_flags(given, tmp_path) == ("-O2", "-DN=1")
    assert not [word for word in parser_arguments(source, None) if "evil" in word or "load" in word]
    (tmp_path / "user.c").write_text("")
    entry = {"directory": str(tmp_path), "file": "user.c", "arguments": ["gcc", *given, "-c", "user.c"]}
    (tmp_path / "compile_commands.json").write_text(json.dumps([entry]))
    assert flags_for(tmp_path / "user.c", tmp_path) == ("-O2", "-DN=1")


def test_what_is_said_of_libraries_and_dialects_stays() -> None:
    kept = ("-std=gnu11", "-fopenmp", "-fuse-ld=lld", "-Wl,-rpath,/opt/x", "-Wall", "-lm", "-march=native")
    assert flags.harmless(kept) == kept


def test_the_example() -> None:
    assert doctest.testmod(flags).failed == 0
