"""Text from strangers made fit for a terminal: no escape sequences, no invisible direction marks."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return ``text`` with what a terminal would obey, or not show, written as escapes.

    Line breaks and tabs stay.

    >>> printable("a\x1b[31m = b")
    'a\\x1b[31m = b'
    """
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
