"""The order of the stages: the only place that knows it.

Start with ``analyze``, ``analyze_files``, ``optimize``, ``verify_files`` and ``audit``; each takes paths and returns a
report. They load on first use, so that ``analyze`` does not wait for what only ``optimize`` needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loopwright.pipeline.analysis import analyze
    from loopwright.pipeline.audit import audit
    from loopwright.pipeline.code_base.survey import analyze_files
    from loopwright.pipeline.optimization import optimize
    from loopwright.pipeline.verify import verify_files

__all__ = ["analyze", "analyze_files", "audit", "optimize", "verify_files"]

_HOMES = {
    "analyze": "analysis",
    "analyze_files": "code_base.survey",
    "audit": "audit",
    "optimize": "optimization",
    "verify_files": "verify",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
