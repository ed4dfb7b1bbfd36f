"""Finds the running Python's headers and shared library: what a process needs to hold an interpreter of its own."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that can be embedded.

    Attributes:
        executable: Of the environment whose packages are to be used; its prefix is found from it.
        include: Folder of ``Python.h``.
        library: The shared libpython.
        root: Folder from which ``loopwright`` is imported.
    """

    executable: Path
    include: Path
    library: Path
    root: Path


def find_interpreter() -> Interpreter | str:
    """Return the running interpreter, or what it lacks and how to get it; takes no time."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    is_packaged = Path(sys.base_prefix) == Path("/usr")
    hint = f"apt-get install libpython{version}-dev" if is_packaged else "build Python with --enable-shared"
    include = Path(sysconfig.get_path("include"))
    if not (include / "Python.h").is_file():
        return f"Python.h of Python {version}: {hint}"
    library = _library()
    if library is None:
        return f"the shared library of Python {version}: {hint}"
    return Interpreter(Path(sys.executable), include, library, package_root())


def package_root() -> Path:
    """Return the folder from which ``loopwright`` is imported."""
    return Path(__file__).parents[3]


def python_folders() -> tuple[Path, ...]:
    """Return the folders that an interpreter with this one's packages reads."""
    prefix = Path(sys.prefix)
    return tuple(dict.fromkeys((prefix, prefix.resolve(), Path(sys.base_prefix), package_root())))


def _library() -> Path | None:
    values = sysconfig.get_config_vars()
    # LDLIBRARY may be the static archive; INSTSONAME is what a program is linked to at run time.
    names = [str(values[key]) for key in ("INSTSONAME", "LDLIBRARY") if ".so" in str(values.get(key, ""))]
    folders = [Path(str(values[key])) for key in ("LIBDIR", "LIBPL") if values.get(key)]
    multiarch = values.get("MULTIARCH")
    if multiarch and values.get("LIBDIR"):
        folders.append(Path(str(values["LIBDIR"])) / str(multiarch))
    return next((folder / name for name in names for folder in folders if (folder / name).is_file()), None)
