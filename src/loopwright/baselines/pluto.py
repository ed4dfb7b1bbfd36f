"""The baseline ``pluto``: the source-to-source polyhedral parallelizer, driven through its front end ``polycc``.

Each SCoP of the function is marked in a copy of the file of its own and handed to polycc; the code that comes back is
put in the SCoP's place. Map: ``scops`` says what is marked, ``marked`` makes the text to hand over, ``replacement``
takes the code out of what comes back, ``assemble`` puts the file together.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loopwright.baselines.base import Kernel
from loopwright.baselines.compilers import first_error
from loopwright.baselines.screening import OPENMP, build_all, fastest_build
from loopwright.baselines.symbols import SERIAL_UNDER_A_PARALLEL_NAME, threads_in
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind
from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed
from loopwright.core.nest import LoopNest
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant
from loopwright.toolchain.process import Sandbox, run

INSTALL = "build Pluto from https://github.com/bondhugula/pluto and put its polycc on PATH"

_OPTIONS = ("--tile", "--parallel")
_LIMIT_S = 60.0
_MEMORY_BYTES = 4 << 30
# polycc declares the iterators of its code where the SCoP stood: two SCoPs of one block need a block each.
_BEGIN, _END = b"{ /* scop */\n#pragma scop\n", b"\n#pragma endscop\n/* end of scop */ }"
_HEAD_END, _TAIL_START = b"{ /* scop */\n", b"/* end of scop */ }"
_PROBE = b"void f(int n, double a[n][n])\n{\n    for (int i = 0; i < n; i++)\n        a[i][0] = 0.0;\n}\n"
_PROBE_SCOP = (_PROBE.index(b"for"), _PROBE.index(b"\n}"))


@dataclass(frozen=True, slots=True)
class Refused:
    """polycc did not take a SCoP, and what it said."""

    reason: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """What polycc made of one SCoP.

    Attributes:
        prologue: What it wants in front of the file: headers and macros.
        code: What takes the SCoP's place, a block.
    """

    prologue: bytes
    code: bytes


@dataclass(frozen=True, slots=True)
class Pluto:
    """See the module."""

    name: str = "pluto"
    kind: MethodKind = MethodKind.COMPILER
    claims_threads: bool = True

    def missing(self, settings: Settings) -> str | None:
        """Return that polycc is not there, or does not transform a loop that it must."""
        del settings
        path = shutil.which("polycc")
        if path is None:
            return f"polycc is not installed: {INSTALL}"
        probed = transform(path, _PROBE, _PROBE_SCOP)
        return f"{path} fails on a simple loop ({probed.reason}): {INSTALL}" if isinstance(probed, Refused) else None

    def inapplicable(self, kernel: Kernel) -> str | None:
        """Return why no SCoP can be transformed: what our own analysis says, then what polycc says."""
        if kernel.unit.source.language != "c":
            return "polycc takes C only"
        found = scops(kernel.unit.source.content, kernel.function.nests)
        if not found:
            return "no nest is a SCoP: bounds and subscripts must be affine"
        path = shutil.which("polycc")
        if path is None:
            return None  # `missing` says so
        answers = [transform(path, kernel.unit.source.content, scop) for scop in found]
        refusals = [answer.reason for answer in answers if isinstance(answer, Refused)]
        return f"polycc refuses: {refusals[0]}" if len(refusals) == len(answers) else None

    def prepare(
        self, kernel: Kernel, case: Case, threads: int, settings: Settings, *, budget_s: float
    ) -> Entrant | MeasurementFailed:
        """Return the faster one of the builds by gcc and clang; see ``Baseline``.

        SCoPs that polycc refuses stay as they are, and the label says how many it took.
        """
        content = kernel.unit.source.content
        found = scops(content, kernel.function.nests)
        path = shutil.which("polycc")
        if path is None:
            return MeasurementFailed(Code.COMPILER_MISSING, f"polycc is not installed: {INSTALL}")
        answers = [(scop, transform(path, content, scop)) for scop in found]
        taken = [(scop, answer) for scop, answer in answers if isinstance(answer, Replacement)]
        builds, failure = build_all(kernel, assemble(content, taken), settings)
        if not builds:
            return failure or MeasurementFailed(Code.COMPILER_MISSING, f"no compiler takes {' '.join(OPENMP)}")
        chosen = fastest_build(kernel, case, builds, threads, budget_s=budget_s)
        if isinstance(chosen, MeasurementFailed):
            return chosen
        label, build = chosen
        symbols = threads_in(build.binary)
        return Entrant(
            method=self.name,
            kind=self.kind,
            label=f"polycc {' '.join(_OPTIONS)} on {len(taken)} of {len(found)} SCoPs, {label}",
            build=build,
            threads=threads,
            compile_s=sum(item.elapsed_s for _, item in builds),
            claims_threads=self.claims_threads,
            is_threaded=None if symbols is None else bool(symbols),
            objections=(SERIAL_UNDER_A_PARALLEL_NAME,) if threads > 1 and symbols == () else (),
        )


def pluto() -> Pluto:
    """Return the baseline."""
    return Pluto()


def scops(content: bytes, nests: Iterable[LoopNest]) -> tuple[tuple[int, int], ...]:
    """Return the ranges of bytes to mark: nests that are affine throughout; those with nothing between them are one."""
    found: list[tuple[int, int]] = []
    for nest in nests:
        if not _is_affine(nest):
            continue
        start, end = nest.span.start, nest.span.end
        if found and not content[found[-1][1] : start].strip():
            start = found.pop()[0]
        found.append((start, end))
    return tuple(found)


def _is_affine(nest: LoopNest) -> bool:
    return all(statement.exact and all(access.exact for access in statement.accesses) for statement in nest.statements)


def marked(content: bytes, scop: tuple[int, int]) -> bytes:
    """Return the file with one SCoP marked.

    Example:
        >>> print(marked(b"f(); for (;;) g();", (5, 18)).decode())
        f(); { /* scop */
        #pragma scop
        for (;;) g();
        #pragma endscop
        /* end of scop */ }
    """
    start, end = scop
    return content[:start] + _BEGIN + content[start:end] + _END + content[end:]


def replacement(content: bytes, scop: tuple[int, int], output: bytes) -> Replacement | Refused:
    """Return what became of the SCoP, taken out of ``output``, which polycc made of ``marked(content, scop)``."""
    start, end = scop
    head, tail = content[:start] + _HEAD_END, _TAIL_START + content[end:]
    at = output.find(head)
    if at < 0 or not output.rstrip().endswith(tail.rstrip()):
        return Refused("it changed more of the file than was marked")
    code = output[at + len(head) : output.rindex(tail.rstrip())]
    if b"#pragma scop" in code:
        return Refused("it left the code as it was")
    return Replacement(output[:at], b"{\n" + code.strip(b"\n") + b"\n}")


def assemble(content: bytes, replacements: Sequence[tuple[tuple[int, int], Replacement]]) -> bytes:
    """Return the file with each SCoP replaced; the ranges are those of ``scops``, in order."""
    pieces: list[bytes] = []
    prologues: list[bytes] = []
    at = 0
    for (start, end), made in replacements:
        if made.prologue not in prologues:
            prologues.append(made.prologue)
        pieces += [content[at:start], made.code]
        at = end
    return b"".join((*prologues, *pieces, content[at:]))


@functools.lru_cache(maxsize=64)
def transform(path: str, content: bytes, scop: tuple[int, int]) -> Replacement | Refused:
    """Return what the polycc at ``path`` makes of one SCoP of the file; asked once per process."""
    with tempfile.TemporaryDirectory(prefix="loopwright-") as name:
        folder = Path(name)
        (folder / "kernel.c").write_bytes(marked(content, scop))
        output = folder / "kernel.pluto.c"
        try:
            completed = run(
                (path, "kernel.c", *_OPTIONS, "-o", output.name),
                cwd=folder,
                timeout_s=_LIMIT_S,
                memory_bytes=_MEMORY_BYTES,
                sandbox=Sandbox(reads_files=True, writable=(folder,)),
            )
        except OSError as error:
            return Refused(f"it cannot be started: {error}")
        if not completed.ok or not output.is_file():
            return Refused(first_error(completed.output) if completed.output.strip() else completed.describe())
        return replacement(content, scop, output.read_bytes())
