"""The machine's peaks, measured by small C probes once per host and compiler: the roof of a roofline."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import tempfile
from importlib import resources
from pathlib import Path
from statistics import median

from loopwright.config import Settings
from loopwright.core.campaign import Peaks
from loopwright.core.codec import decode, encode
from loopwright.core.measurement import Environment
from loopwright.toolchain.compiler import BuildFailed, Compiler, build, find_compilers, has_openmp
from loopwright.toolchain.host import describe_host
from loopwright.toolchain.kept import keep
from loopwright.toolchain.process import run

_REPEATS = 9
_RUN_S = 60.0
# STREAM's rule: each array four times as large as the last cache.
_TIMES_CACHE = 4
_LEAST_BYTES = 64 << 20
_SPARE_BYTES = 1 << 30
_THREAD_BYTES = 160 << 20
# Below it the threads were kept waiting for a processor that should have been theirs.
_UNDISTURBED = 0.9


def measure_peaks(settings: Settings, threads: tuple[int, ...]) -> tuple[Peaks, ...]:
    """Return the peaks for each number of threads, ascending; from the cache where this host was measured before.

    Takes about a second per number of threads the first time. Figures taken while others used the processors are
    returned and not kept. Without a compiler that has OpenMP there is only one thread; without any, or where the probe
    does not run, there is nothing.

    Args:
        settings: Compilers, limits, cache.
        threads: Numbers of threads, each at least 1.
    """
    compilers = find_compilers(settings)
    compiler = next((each for each in compilers if has_openmp(each)), compilers[0] if compilers else None)
    if compiler is None:
        return ()
    is_parallel = has_openmp(compiler)
    wanted = [count for count in sorted(set(threads)) if count == 1 or is_parallel]
    host = describe_host(settings)
    probe = (resources.files("loopwright.measure") / "peaks.c").read_bytes()
    found: list[Peaks] = []
    with contextlib.ExitStack() as stack:
        binary: Path | None = None
        for count in wanted:
            place = settings.cache / "peaks" / f"{_key(host, compiler, probe, count)}.json"
            known = _read(place, count)
            if known is None:
                if binary is None:
                    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                    binary = _build(compiler, probe, folder, settings, is_parallel=is_parallel)
                known = None if binary is None else _measure(binary, compiler, host, count, place)
            if known is not None:
                found.append(known)
    return tuple(found)


def _key(host: Environment, compiler: Compiler, probe: bytes, threads: int) -> str:
    facts = (host.cpu, host.cores, host.l1d_bytes, host.l2_bytes, host.l3_bytes, host.memory_bytes, host.system)
    parts = (*facts, compiler.facts.path, compiler.facts.version, threads)
    digest = hashlib.sha256("\0".join(str(part) for part in parts).encode())
    digest.update(probe)
    return digest.hexdigest()[:24]


def _read(place: Path, threads: int) -> Peaks | None:
    try:
        peaks = decode(Peaks, json.loads(place.read_bytes()))
    except (OSError, ValueError):
        return None
    return peaks if peaks.threads == threads and _is_sound(peaks) else None


def _is_sound(peaks: Peaks) -> bool:
    figures = (peaks.bytes_per_s, peaks.double_flop_per_s, peaks.single_flop_per_s)
    return all(math.isfinite(figure) and figure > 0.0 for figure in figures)


def _build(compiler: Compiler, probe: bytes, folder: Path, settings: Settings, *, is_parallel: bool) -> Path | None:
    source = folder / "peaks.c"
    source.write_bytes(probe)
    flags = ("-O3", "-march=native", *(("-fopenmp",) if is_parallel else ()))
    made = build(compiler, source, folder / "peaks", flags, language="c", cwd=folder, limits=settings.limits)
    return None if isinstance(made, BuildFailed) else made.binary


def _measure(binary: Path, compiler: Compiler, host: Environment, threads: int, place: Path) -> Peaks | None:
    array_bytes = min(max(_TIMES_CACHE * host.l3_bytes, _LEAST_BYTES), max(host.memory_bytes // 16, 1 << 20))
    done = run(
        (binary, str(array_bytes // 8), str(_REPEATS)),
        cwd=binary.parent,
        timeout_s=_RUN_S,
        memory_bytes=3 * array_bytes + _SPARE_BYTES + threads * _THREAD_BYTES,
        environment={"OMP_NUM_THREADS": str(threads), "OMP_DYNAMIC": "false"},
        sandbox=compiler.sandbox,
    )
    lines = [line.split() for line in done.stdout.decode("ascii", "replace").splitlines()]
    try:
        values = {words[0]: tuple(float(word) for word in words[1:]) for words in lines if words}
        triad, double, single = (values[name][0] / median(values[name][1:]) for name in ("triad", "double", "single"))
        (share,) = values["share"]
    except (KeyError, ValueError, ZeroDivisionError, IndexError):
        return None
    peaks = Peaks(threads, triad, double, single)
    if not done.ok or not _is_sound(peaks):
        return None
    if share * threads >= _UNDISTURBED * min(threads, host.cores):
        keep(json.dumps(encode(peaks)).encode(), place)
    return peaks
