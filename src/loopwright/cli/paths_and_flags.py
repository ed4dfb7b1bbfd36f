"""A command of many paths whose compiler flags stand behind ``--``."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

from loopwright.core.codes import Code
from loopwright.errors import UserError

_KEY = "loopwright.flags"


class PathsAndFlags(TyperCommand):
    """Keeps what is behind ``--`` apart; the parser itself would take it for more paths."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what is before ``--``; ``ctx`` is of a class that typer keeps to itself."""
        split = args.index("--") if "--" in args else len(args)
        ctx.meta[_KEY] = tuple(args[split + 1 :])
        return super().parse_args(ctx, args[:split])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words of the usage line."""
        return [*super().collect_usage_pieces(ctx), "[-- FLAGS]"]


def flags_of(context: typer.Context) -> list[str]:
    """Return the compiler flags behind ``--``.

    Raises:
        UserError: The first is no flag.
    """
    flags = list(context.meta.get(_KEY, ()))
    if flags and not flags[0].startswith("-"):
        raise UserError(
            Code.BAD_OPTION, f"unexpected argument {flags[0]}", "compiler flags go behind -- and start with -"
        )
    return flags
