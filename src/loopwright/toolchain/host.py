"""Describes the machine: processor, cores that may be used, caches, memory, compilers."""

from __future__ import annotations

import contextlib
import math
import os
import platform
from pathlib import Path

import psutil

from loopwright.config import Settings
from loopwright.core.measurement import Environment
from loopwright.toolchain.compiler import INSTALL_CLANG, INSTALL_GCC, find_compilers
from loopwright.toolchain.sanitizer import find_archer

_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def describe_host(settings: Settings) -> Environment:
    """Return the facts of this machine, as far as it tells them; never raises."""
    compilers = find_compilers(settings)
    families = {compiler.facts.family: compiler for compiler in compilers}
    missing: list[str] = []
    if "gcc" not in families:
        missing.append(f"gcc 11 or newer: {INSTALL_GCC}")
    if "clang" not in families:
        missing.append(f"clang 14 or newer, for race checks and a second baseline: {INSTALL_CLANG}")
    elif find_archer(families["clang"]) is None:
        missing.append(f"libarcher.so, for race checks: {INSTALL_CLANG}")
    caches = _caches(Path("/sys/devices/system/cpu"))
    return Environment(
        cpu=_cpu(Path("/proc/cpuinfo")),
        cores=cores(),
        l1d_bytes=caches.get(1, 0),
        l2_bytes=caches.get(2, 0),
        l3_bytes=caches.get(3, 0),
        memory_bytes=_memory_bytes(),
        system=_system(),
        compilers=tuple(compiler.facts for compiler in compilers),
        missing=tuple(missing),
    )


def cores(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Return the processors that this process may use: its affinity, cut by the container's quota."""
    allowed = len(os.sched_getaffinity(0))
    quota, _, period = _read(cgroup / "cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit() and int(period) > 0:
        allowed = min(allowed, math.ceil(int(quota) / int(period)))
    return max(allowed, 1)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _cpu(cpuinfo: Path) -> str:
    for line in _read(cpuinfo).splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model", "uarch", "cpu model") and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()


def _caches(folder: Path) -> dict[int, int]:
    """Return level -> bytes of the data caches of one processor that may be used."""
    first = min(os.sched_getaffinity(0))
    sizes: dict[int, int] = {}
    for index in sorted((folder / f"cpu{first}" / "cache").glob("index*")):
        level, size = _read(index / "level"), _read(index / "size")
        if level.isdigit() and _read(index / "type") in ("Data", "Unified"):
            number, unit = (size[:-1], _UNITS.get(size[-1:], 0)) if size[-1:] in _UNITS else (size, 1)
            sizes[int(level)] = int(number) * unit if number.isdigit() else 0
    return sizes


def _memory_bytes(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    total = psutil.virtual_memory().total
    limit = _read(cgroup / "memory.max")
    return min(total, int(limit)) if limit.isdigit() else total


def _system() -> str:
    distribution = ""
    with contextlib.suppress(OSError):
        distribution = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    kernel = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"{kernel}, {distribution}" if distribution else kernel
