"""Cross compilers, and the emulators that run what they build: other processors for a check of results.

``find_targets`` first: it returns only targets for which an OpenMP program was built, and ran on two threads.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from loopwright.config import Limits
from loopwright.toolchain.compiler import BuildFailed, Compiler, build, identify, is_recent
from loopwright.toolchain.process import Sandbox, run

# Static, so that the emulator needs no libraries of the target. The target's own fused multiply-add would round
# differently in two versions of one sum.
FLAGS = ("-O2", "-fopenmp", "-static", "-ffp-contract=off")

# Processor -> packages beside the emulator's; Debian's name of the C library is that of its own port.
_PROCESSORS = {
    "aarch64": ("gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"),
    "riscv64": ("gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross"),
}
_PROBE_LIMITS = Limits(build_s=30.0)
_PROBE_S = 20.0
_PROBE = """\
#include <omp.h>
int main(void) {
    int seen = 0;
#pragma omp parallel num_threads(2) reduction(+ : seen)
    seen += 1 + omp_get_thread_num();
    return seen == 3 ? 0 : 1;
}
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A processor that is not this machine's.

    Attributes:
        processor: Its name: ``aarch64``.
        compiler: That builds for it.
        emulator: Program that runs what it builds.
    """

    processor: str
    compiler: Compiler
    emulator: str


@functools.cache
def find_targets() -> tuple[Target, ...]:
    """Return the targets that work here; takes about a second for each, once per process."""
    return tuple(target for name in _PROCESSORS if (target := _find(name)) is not None)


def missing_targets() -> tuple[str, ...]:
    """Return the processors that cannot be checked here."""
    found = {target.processor for target in find_targets()}
    return tuple(name for name in _PROCESSORS if name not in found)


def install_command(processors: tuple[str, ...]) -> str:
    """Return the command that installs what ``processors`` need."""
    return " ".join(("apt-get install qemu-user", *(package for name in processors for package in _PROCESSORS[name])))


def _find(processor: str) -> Target | None:
    path, emulator = shutil.which(f"{processor}-linux-gnu-gcc"), shutil.which(f"qemu-{processor}")
    compiler = identify(path) if path else None
    if compiler is None or emulator is None or not is_recent(compiler):
        return None
    target = Target(processor, compiler, emulator)
    return target if _works(target) else None


def _works(target: Target) -> bool:
    with tempfile.TemporaryDirectory(prefix="loopwright-") as name:
        folder = Path(name)
        source = folder / "probe.c"
        source.write_text(_PROBE)
        built = build(target.compiler, source, folder / "probe", FLAGS, language="c", cwd=folder, limits=_PROBE_LIMITS)
        if isinstance(built, BuildFailed):
            return False
        sandbox = Sandbox(readable=(built.binary,))
        try:
            return run((target.emulator, built.binary), cwd=folder, timeout_s=_PROBE_S, sandbox=sandbox).ok
        except OSError:
            return False
