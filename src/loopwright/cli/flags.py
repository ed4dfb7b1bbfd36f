"""The compiler flags of a file: those after ``--`` and those of a compilation database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from loopwright.core.codes import Code
from loopwright.errors import UserError

DATABASE = "compile_commands.json"


def compiler_flags(
    path: Path, given: list[str] | None, database: Path | None, say: Callable[[str], None]
) -> tuple[str, ...]:
    """Return the flags for ``path``: the database's, then those ``given`` after ``--``, which so win.

    A database that lies beside the file but does not know it is passed over, and ``say`` tells so; one
    that was named has to know it.

    Raises:
        UserError: An argument is no flag, or the named database cannot be used.
    """
    flags = tuple(given or ())
    if flags and not flags[0].startswith("-"):
        raise UserError(
            Code.BAD_OPTION,
            f"unexpected argument {flags[0]}",
            "name one file; compiler flags go behind -- and start with -",
        )
    beside = path.parent / DATABASE
    if database is None and not beside.is_file():
        return flags
    # Loaded here: most runs have no database, and the frontend is slow to load.
    from loopwright.frontend.compile_commands import flags_for

    if database is not None:
        return (*flags_for(path, database), *flags)
    try:
        return (*flags_for(path, beside), *flags)
    except UserError as error:
        say(f"warning: {beside} is not used: {error.one_line()}")
        return flags
