"""Files of the cache: whole or not there, whoever else writes them, whenever the writer is killed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def keep(content: bytes, place: Path) -> None:
    """Put a file with ``content`` at ``place``; where that cannot be done, nothing is left, and it is made again."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        # Apart, under a name that no other thread or process has, then moved.
        descriptor, name = tempfile.mkstemp(prefix=f"{place.name}.", dir=place.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.replace(name, place)
        except BaseException:
            os.unlink(name)
            raise
