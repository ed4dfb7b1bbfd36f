"""What a kernel's ``library.py`` defines, read without running it."""

from __future__ import annotations

import ast
from pathlib import Path

from loopwright.baselines.base import Kernel

FILE_NAME = "library.py"


def library_path(kernel: Kernel) -> Path:
    """Return where the kernel's Python file is, if it has one."""
    return kernel.path.absolute().parent / FILE_NAME


def undefined(kernel: Kernel, function: str) -> str | None:
    """Return why the kernel's ``library.py`` cannot be asked for ``function``, or None.

    The file is parsed, not imported: to ask is cheap and has no effects.
    """
    path = library_path(kernel)
    try:
        tree = ast.parse(path.read_bytes())
    except FileNotFoundError:
        return f"{kernel.name} has no {FILE_NAME}"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    except (SyntaxError, ValueError) as error:
        return f"{path} is not Python: {error}"
    if any(isinstance(node, ast.FunctionDef) and node.name == function for node in tree.body):
        return None
    return f"{FILE_NAME} of {kernel.name} defines no function {function}()"
