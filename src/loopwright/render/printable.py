"""Text from strangers made fit for a terminal: no escape sequences, no invisible direction marks."""

from __future__ import annotations

import unicodedata

_KEPT = frozenset("\n\t")
# Cc control, Cf format (bidirectional overrides, zero width), Cs lone surrogates, Co private, Cn unassigned.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""Return ``text`` with what a terminal would obey, or not show, written as escapes.

    >>> printable("a\x1b[31m = b")
    'a\\x1b[31m = b'
    """
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
