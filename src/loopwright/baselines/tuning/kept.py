"""Programs that earlier runs tuned, by everything that they depend on: a second run does not tune again."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from loopwright.baselines.base import Kernel
from loopwright.baselines.foreign.definitions import library_path
from loopwright.baselines.foreign.prepare import make_folder
from loopwright.baselines.foreign.processor import processor_flags
from loopwright.config import Settings
from loopwright.toolchain.kept import keep
from loopwright.version import __version__

_RECORD = "tuned.json"
# A program that was searched for half as long is near enough: else a budget that varies a little would tune anew.
_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Tuned:
    """A program that is ready.

    Attributes:
        program: Its folder.
        label: What made it, for people.
        compile_s: Seconds that went into it.
        budget_s: Seconds that it was given.
    """

    program: str
    label: str
    compile_s: float
    budget_s: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """The place of one kernel's programs at one set of sizes, on one host, by one version of one tuner."""

    folder: Path

    def find(self, budget_s: float) -> Tuned | None:
        """Return the program that is there, unless it was given much less time than ``budget_s``."""
        try:
            values = cast("dict[str, Any]", json.loads((self.folder / _RECORD).read_text(encoding="utf-8")))
            tuned = Tuned(
                str(values["program"]), str(values["label"]), float(values["compile_s"]), float(values["budget_s"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return tuned if Path(tuned.program).is_dir() and tuned.budget_s >= _ENOUGH * budget_s else None

    def new_folder(self) -> Path:
        """Return an empty folder for one attempt; runs side by side do not meet in it."""
        return make_folder(self.folder / f"{os.getpid()}-{secrets.token_hex(4)}")

    def put(self, tuned: Tuned) -> None:
        """Keep ``tuned`` for later runs."""
        keep(json.dumps(asdict(tuned)).encode("ascii"), self.folder / _RECORD)


def shelf_for(
    kernel: Kernel, sizes: tuple[tuple[str, int], ...], threads: int, settings: Settings, tuner: tuple[str, ...]
) -> Shelf:
    """Return where the programs of ``tuner`` (its name and versions) for this kernel, these sizes and this host are."""
    parts = (*tuner, __version__, kernel.name, repr(sizes), str(threads), _processor())
    digest = hashlib.sha256("\0".join(parts).encode())
    digest.update(hashlib.sha256(kernel.unit.source.content).digest())
    digest.update(hashlib.sha256(library_path(kernel).read_bytes()).digest())
    return Shelf(settings.cache / "tuned" / f"{tuner[0]}-{kernel.name}-{digest.hexdigest()[:24]}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    models = {line for line in lines if line.startswith(("model name", "CPU part"))}
    return "\n".join((*sorted(models), *sorted(processor_flags())))
