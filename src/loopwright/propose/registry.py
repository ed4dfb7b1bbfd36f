"""Names -> strategies: our own and plug-ins alike are entry points of the group ``loopwright.strategies``."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import cast

from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.propose.heuristic import Heuristic
from loopwright.propose.strategy import Strategy

GROUP = "loopwright.strategies"


def strategy_names() -> tuple[str, ...]:
    """Return every name that ``require_strategy`` takes."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def model_strategies() -> tuple[str, ...]:
    """Return the names of those that ask a model."""
    return tuple(name for name in strategy_names() if name != Heuristic.name)


def find_strategy(name: str) -> Strategy | None:
    """Return the strategy called ``name``, or None if there is none.

    Raises:
        UserError: A plug-in has that name and does not load.
    """
    for entry in entry_points(group=GROUP, name=name):
        try:
            return cast("Strategy", entry.load()())
        except (ImportError, AttributeError) as error:
            raise UserError(Code.BAD_OPTION, f"the strategy {name} does not load: {error}") from None
    return None


def require_strategy(name: str) -> Strategy:
    """Return the strategy called ``name``.

    Raises:
        UserError: There is none; the hint lists those there are.
    """
    strategy = find_strategy(name)
    if strategy is None:
        raise UserError(
            Code.BAD_OPTION, f"no strategy called {name!r}", f"choose one of {', '.join(model_strategies())}"
        )
    return strategy
