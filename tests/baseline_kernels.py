"""Makes the ``Kernel`` that baselines are given, from a C text or from a folder of kernels/."""

from __future__ import annotations

from pathlib import Path

from loopwright.baselines.base import Kernel
from loopwright.config import Settings
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.harness.harness import Harness
from loopwright.harness.spec import load_spec
from loopwright.harness.subject import Subject, make_subject

KERNELS = Path(__file__).parents[1] / "kernels"


def kernel_of(path: Path, scratch: Path, settings: Settings, name: str = "") -> Kernel:
    """Return the kernel in ``path``: the function that kernel.toml beside it names, else ``name``."""
    spec = load_spec(path)
    unit = extract(Source(str(path), path.read_bytes()), settings)
    function = unit.function(spec.function or name)
    assert function is not None
    subject = make_subject(unit, function, spec)
    assert isinstance(subject, Subject), subject
    return Kernel(path.parent.name, path, unit, function, Harness(subject, settings, scratch))
