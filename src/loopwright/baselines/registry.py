"""Names -> baselines: our own and plug-ins alike are entry points of the group ``loopwright.baselines``.

An entry point is a function without arguments that returns a ``Baseline``; its name is the baseline's.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import cast

from loopwright.baselines.base import Baseline
from loopwright.core.codes import Code
from loopwright.errors import UserError

GROUP = "loopwright.baselines"


def baseline_names() -> tuple[str, ...]:
    """Return every name that ``require_baseline`` takes."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def require_baseline(name: str) -> Baseline:
    """Return the baseline called ``name``.

    Raises:
        UserError: There is none, or it does not load; the hint lists those there are.
    """
    for entry in entry_points(group=GROUP, name=name):
        try:
            return cast("Baseline", entry.load()())
        except (ImportError, AttributeError) as error:
            raise UserError(Code.BAD_OPTION, f"the baseline {name} does not load: {error}") from None
    raise UserError(Code.BAD_OPTION, f"no baseline called {name!r}", f"choose among {', '.join(baseline_names())}")
