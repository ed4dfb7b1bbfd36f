"""What all tests share: the ``needs`` marker, ``--update-golden``, and that children can be interrupted."""

from __future__ import annotations

import functools
import glob
import importlib.util
import os
import shutil
from collections.abc import Callable
from functools import partial

import pytest

from browser import find_chromium
from interrupts import restore_interrupt

# Where these are missing on a build machine, whole families of tests would vanish unnoticed.
REQUIRED_IN_CI = frozenset({"gcc", "clang"})


def _has_versioned(name: str, versions: range) -> bool:
    return any(shutil.which(candidate) for candidate in (name, *(f"{name}-{version}" for version in versions)))


def _has_clang() -> bool:
    return _has_versioned("clang", range(22, 13, -1))


def _has_libomp() -> bool:
    return bool(glob.glob("/usr/lib/llvm-*/lib/libomp.so")) or bool(glob.glob("/usr/lib*/libomp.so"))


def _has_archer() -> bool:
    return bool(glob.glob("/usr/lib/llvm-*/lib/libarcher.so")) or bool(glob.glob("/usr/lib*/libarcher.so"))


def _has_weights() -> bool:
    from loopwright.config import from_environment
    from loopwright.models.weights import find_weights

    return find_weights(from_environment()) is not None


def _has_baseline(name: str) -> bool:
    from loopwright.baselines.registry import require_baseline
    from loopwright.config import from_environment

    return require_baseline(name).missing(from_environment()) is None


def _has_target(processor: str) -> bool:
    from loopwright.toolchain.cross import find_targets

    return any(target.processor == processor for target in find_targets())


def _is_embeddable() -> bool:
    from loopwright.baselines.foreign.interpreter import find_interpreter

    return not isinstance(find_interpreter(), str)


TOOLS: dict[str, Callable[[], bool]] = {
    "gcc": lambda: _has_versioned("gcc", range(16, 10, -1)),
    "g++": lambda: _has_versioned("g++", range(16, 10, -1)),
    "clang": _has_clang,
    "libomp": _has_libomp,
    "archer": _has_archer,
    "weights": _has_weights,
    "polycc": lambda: shutil.which("polycc") is not None,
    "chromium": lambda: find_chromium() is not None,
    "patch": lambda: shutil.which("patch") is not None,
    "git": lambda: shutil.which("git") is not None,
    **{name: partial(_has_target, name) for name in ("aarch64", "riscv64")},
    "make": lambda: shutil.which("make") is not None,
    "libpython": _is_embeddable,
    **{name: partial(_has_baseline, name) for name in ("openblas", "torch", "fftw", "scipy", "halide", "tvm")},
    "dask": lambda: all(importlib.util.find_spec(name) for name in ("dask", "distributed", "cryptography")),
}


@functools.cache
def has(tool: str) -> bool:
    """Return True if ``tool`` can be used here; raises KeyError for a name that nobody defined."""
    return TOOLS[tool]()


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew; refused in CI")


def pytest_configure(config: pytest.Config) -> None:
    restore_interrupt()
    if config.getoption("--update-golden") and in_ci():
        raise pytest.UsageError("--update-golden is refused in CI: golden files are changed on purpose, by a person")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("needs"):
            unknown = [tool for tool in marker.args if tool not in TOOLS]
            if unknown or not marker.args:
                raise pytest.UsageError(f"{item.nodeid}: needs() of {unknown or 'nothing'}; known: {', '.join(TOOLS)}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            if has(tool):
                continue
            if in_ci() and tool in REQUIRED_IN_CI:
                pytest.fail(f"{tool} is missing, and CI must have it", pytrace=False)
            pytest.skip(f"needs {tool}, which is not installed here")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True if a golden file is to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))
