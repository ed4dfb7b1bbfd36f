"""Says whether Polly changed a file's code at all: it is silent about what it could not improve."""

from __future__ import annotations

import tempfile
from pathlib import Path

from loopwright.config import Limits
from loopwright.core.source import Source
from loopwright.harness.builder import user_flags
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler, build

CHANGED = "Polly changed the code"
UNCHANGED = "same code as without Polly"
UNKNOWN = "what Polly did is not known"

# What a compiler says about itself, not about the code.
_NO_CODE = (".file", ".ident", "#", ".addrsig", ".section\t.note")


def polly_effect(
    source: Source, compiler: Compiler, flags: tuple[str, ...], reference: tuple[str, ...], limits: Limits
) -> str:
    """Return one of the three texts above, by comparing the assembly of the user's file with and without Polly.

    Remarks (``-Rpass-analysis=polly``) tell what Polly looked at; only the code tells what it did. Assembly and not the
    linked binary is compared, because a library more shifts every address there.

    Args:
        source: The user's file, with his flags.
        compiler: Which clang.
        flags: With Polly.
        reference: Without.
        limits: Of a build.
    """
    with tempfile.TemporaryDirectory(prefix="loopwright-") as name:
        folder = Path(name)
        first, second = (_assembly(source, compiler, chosen, folder, limits) for chosen in (flags, reference))
    if first is None or second is None:
        return UNKNOWN
    return UNCHANGED if first == second else CHANGED


def _assembly(
    source: Source, compiler: Compiler, flags: tuple[str, ...], folder: Path, limits: Limits
) -> tuple[str, ...] | None:
    file, output = folder / "user", folder / "user.s"
    file.write_bytes(source.content)
    home = Path(source.path).parent
    chosen = ("-iquote", str(home), *user_flags(source.flags, home), *flags, "-S")
    made: Build | BuildFailed = build(
        compiler, file, output, chosen, language=source.language, cwd=folder, limits=limits
    )
    if isinstance(made, BuildFailed):
        return None
    lines = (line.partition("#")[0].strip() for line in output.read_text(errors="replace").splitlines())
    return tuple(line for line in lines if line and not line.startswith(_NO_CODE))
