"""The order of the stages: the only place that knows it.

Start with ``analyze``, ``optimize`` and ``verify_files``; each takes a path and returns a report.
"""

from loopwright.pipeline.analyze import analyze
from loopwright.pipeline.optimize import optimize
from loopwright.pipeline.verify import verify_files

__all__ = ["analyze", "optimize", "verify_files"]
