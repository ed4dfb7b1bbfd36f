"""Which Python packages are installed, without importing them."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version


@dataclass(frozen=True, slots=True)
class Package:
    """A package that a method needs.

    Attributes:
        module: What is imported.
        distribution: What is installed, as pip spells it.
        pin: Version that must be there; "" for any.
    """

    module: str
    distribution: str
    pin: str = ""

    @property
    def requirement(self) -> str:
        """Return what to tell pip."""
        return f"{self.distribution}=={self.pin}" if self.pin else self.distribution

    @property
    def version(self) -> str:
        """Return the installed version; "" if it does not say."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return ""


def missing_packages(packages: tuple[Package, ...]) -> str | None:
    """Return those of ``packages`` that are not there, with the command that installs them, or None."""
    lacking = [package for package in packages if not _is_there(package)]
    if not lacking:
        return None
    words = " ".join(package.requirement for package in lacking)
    return f"{', '.join(package.requirement for package in lacking)}: pip install {words}"


def _is_there(package: Package) -> bool:
    if importlib.util.find_spec(package.module) is None:
        return False
    # "2.13.0+cpu" is 2.13.0
    return not package.pin or package.version.partition("+")[0] == package.pin
