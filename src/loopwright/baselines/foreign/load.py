"""Runs a kernel's ``library.py`` as a module."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

_NAME = "loopwright_kernel_library"


def load_library(path: Path) -> ModuleType:
    """Return the Python file ``path``, run; it is not entered into ``sys.modules``."""
    spec = importlib.util.spec_from_file_location(_NAME, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
