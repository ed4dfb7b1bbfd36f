"""Numbers of things in messages and reports."""

from __future__ import annotations


def counted(number: int, noun: str, nouns: str = "") -> str:
    """Return ``1 nest`` or ``2 nests``; ``nouns`` is a plural that has more than an s."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"
