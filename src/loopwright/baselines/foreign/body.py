"""Where the body of a function is in the user's text, so that another one can take its place."""

from __future__ import annotations

import re

from loopwright.core.source import Span

# What may hold a brace that is none. A number comes before a character: 1'000 is one number in C++.
_TOKEN = re.compile(
    rb"""
      //(?:\\\r?\n|[^\n])*                                          # comment to the end of the line
    | /\*.*?(?:\*/|\Z)                                              # comment
    | (?:u8|[uUL])?R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"       # raw string
    | \.?[0-9](?:[eEpP][+-]|'[0-9A-Za-z_]|[0-9A-Za-z_.])*           # number
    | [A-Za-z_]\w*                                                  # word
    | "(?:\\.|[^"\\\n])*"                                           # string
    | '(?:\\.|[^'\\\n])*'                                           # character
    | (?P<brace>[{}])
    """,
    re.VERBOSE | re.DOTALL,
)


def find_body(content: bytes, function: Span) -> tuple[int, int] | None:
    """Return the offsets of a function's opening brace and of what follows its closing one.

    None if the braces of the text do not match, as they may where a macro or an ``#else`` holds one.

    Args:
        content: Of the file.
        function: From the return type to the closing brace, which is the last brace in it. The body opens where that
            one's partner is, whatever other braces the return type or the parameters hold.

    >>> text = b"int f(void) { return '}'; }"
    >>> find_body(text, Span("f.c", 0, len(text), 1, 1, 1))
    (12, 27)
    """
    open_at: list[int] = []
    found: tuple[int, int] | None = None
    for token in _TOKEN.finditer(content, function.start, function.end):
        if token["brace"] == b"{":
            open_at.append(token.start())
        elif token["brace"] == b"}":
            if not open_at:
                return None
            found = open_at.pop(), token.end()
    return None if open_at else found


def replace_body(content: bytes, function: Span, body: bytes) -> bytes | None:
    """Return the file with ``body``, braces included, in place of the function's own; None as for ``find_body``.

    What follows the function keeps its line numbers if ``body`` has no more lines than the old one.
    """
    found = find_body(content, function)
    if found is None:
        return None
    start, end = found
    lines = content.count(b"\n", start, end) - body.count(b"\n")
    return content[:start] + body + b"\n" * max(lines, 0) + content[end:]
