"""What a guest process says of itself after its first call: which BLAS it has loaded, and how threads are set.

The guest writes, the parent reads; both halves are here so that they cannot drift.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

# Prefix and suffix of the names in the builds that numpy, scipy and Debian ship.
_NAMES = tuple((prefix, suffix) for prefix in ("scipy_openblas_", "openblas_") for suffix in ("64_", "", "_64"))


@dataclass(frozen=True, slots=True)
class Blas:
    """An OpenBLAS in the process: file name, version, name of the core that its kernels are for, threads."""

    file: str
    version: str
    core: str
    threads: int


@dataclass(frozen=True, slots=True)
class Report:
    """One process after its first call.

    Attributes:
        blas: Every OpenBLAS that is loaded.
        torch_threads: Of torch's pool; 0 if torch is not loaded.
    """

    blas: tuple[Blas, ...] = ()
    torch_threads: int = 0


def write_report(path: Path) -> None:
    """Write the facts of this process; nothing if the place cannot be written, which the parent will notice."""
    report = Report(_loaded_blas(), _torch_threads())
    with contextlib.suppress(OSError):
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.write_text(json.dumps(asdict(report)), encoding="utf-8")
        part.replace(path)


def read_report(path: Path) -> Report | None:
    """Return what a process wrote; None if it did not."""
    try:
        values = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        blas = tuple(
            Blas(str(item["file"]), str(item["version"]), str(item["core"]), int(item["threads"]))
            for item in values["blas"]
        )
        return Report(blas, int(values["torch_threads"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _torch_threads() -> int:
    torch = sys.modules.get("torch")
    return int(torch.get_num_threads()) if torch is not None else 0


def _loaded_blas() -> tuple[Blas, ...]:
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ()
    paths = {line.split(maxsplit=5)[5] for line in maps.splitlines() if "openblas" in line and "/" in line}
    found: list[Blas] = []
    for path in sorted(paths):
        with contextlib.suppress(OSError):
            described = _describe(ctypes.CDLL(path), Path(path).name)
            if described is not None:
                found.append(described)
    return tuple(found)


def _describe(library: ctypes.CDLL, file: str) -> Blas | None:
    for prefix, suffix in _NAMES:
        try:
            config, core, threads = (
                library[f"{prefix}get_{question}{suffix}"] for question in ("config", "corename", "num_threads")
            )
        except AttributeError:
            continue
        config.restype = core.restype = ctypes.c_char_p
        threads.restype = ctypes.c_int
        # "OpenBLAS 0.3.31  USE64BITINT DYNAMIC_ARCH ..."
        version = " ".join(cast("bytes", config()).decode("ascii", "replace").split()[:2])
        return Blas(file, version, cast("bytes", core()).decode("ascii", "replace"), int(threads()))
    return None
