"""C text as a sequence of tokens and lines: what codegen must know of it without parsing it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from loopwright.core.source import Span

_TOKEN = re.compile(
    r"""
    (?P<comment>//(?:\\\r?\n|[^\n])*|/\*.*?\*/)
  | (?P<raw>(?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)")
  | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"|(?:u8|[uUL])?'(?:\\.|[^'\\\n])*')
  | (?P<number>\.?\d(?:[eEpP][+-]|'?[\w.])*)
  | (?P<word>[^\W\d]\w*)
  | (?P<punctuation>\S)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``kind`` is comment, raw, string, number, word or punctuation; offsets are in the text."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of ``text``, comments included, white space left out."""
    return tuple(
        Token("punctuation" if match.lastgroup is None else _kind(match), match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(text)
    )


def _kind(match: re.Match[str]) -> str:
    return next(
        kind for kind in ("comment", "raw", "string", "number", "word", "punctuation") if match[kind] is not None
    )


def words(text: str) -> frozenset[str]:
    """Return the identifiers and keywords in ``text``, those in comments and strings left out."""
    return frozenset(token.text for token in tokens(text) if token.kind == "word")


def has_call(text: str) -> bool:
    """Return True if ``text`` may have an effect: a call, an assignment, an increment."""
    significant = [token for token in tokens(text) if token.kind != "comment"]
    for first, second in itertools.pairwise(significant):
        if first.kind == "word" and second.text == "(" and first.text != "sizeof":
            return True
        if first.text == second.text and first.text in "+-" and first.end == second.start:
            return True
        if first.text not in ("=", "<", ">", "!") and second.text == "=" and not _is_comparison(significant, second):
            return True
    return False


def _is_comparison(significant: list[Token], equals: Token) -> bool:
    position = significant.index(equals)
    follows = significant[position + 1] if position + 1 < len(significant) else None
    return follows is not None and follows.text == "=" and follows.start == equals.end


def is_identifier(text: str) -> bool:
    """Return True if ``text`` is one identifier."""
    return re.fullmatch(r"[^\W\d]\w*", text) is not None


def literal(text: str) -> int | None:
    """Return the value of a decimal integer literal, with sign, suffix and parentheses; else None."""
    bare = text.strip()
    while bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1].strip()
    match = re.fullmatch(r"([+-]?)\s*(0|[1-9]\d*)[uUlL]{0,3}", bare)
    return int(match[1] + match[2]) if match else None


def line_ending(content: bytes, offset: int) -> str:
    """Return the line ending used around ``offset``."""
    end = content.find(b"\n", offset)
    if end < 0:
        end = content.rfind(b"\n", 0, offset)
    return "\r\n" if end > 0 and content[end - 1 : end] == b"\r" else "\n"


def line_start(content: bytes, offset: int) -> int:
    """Return the offset of the first byte of the line that holds ``offset``."""
    return content.rfind(b"\n", 0, offset) + 1


def line_before(content: bytes, offset: int) -> str:
    """Return the text between the start of the line and ``offset``."""
    return content[line_start(content, offset) : offset].decode("utf-8", "surrogateescape")


def indentation(text: str) -> str:
    """Return the white space that ``text`` starts with."""
    return text[: len(text) - len(text.lstrip(" \t"))]


def indentation_unit(content: bytes, outer: Span, inner: Span) -> str:
    """Return one level of indentation as the user writes it, seen between a loop and its body."""
    first = indentation(line_before(content, outer.start))
    if first.endswith("\t"):
        return "\t"
    second = indentation(line_before(content, inner.start))
    if inner.line != outer.line and second.startswith(first) and 0 < len(second) - len(first) <= 8:
        return second[len(first) :]
    text = content[inner.start : inner.end].decode("utf-8", "surrogateescape")
    for line in lines_of(text)[1:]:
        deeper = indentation(line)
        if line.strip() and deeper.startswith(first) and 0 < len(deeper) - len(first) <= 8:
            return deeper[len(first) :]
    return "    "


def may_reindent(text: str) -> bool:
    """Return False if a change of white space at the start of a line could change the meaning."""
    return "\\\n" not in text and "\\\r\n" not in text and all(token.kind != "raw" for token in tokens(text))


def reindent(text: str, old: str, new: str) -> str:
    """Return ``text`` with its lines after the first moved from indentation ``old`` to ``new``.

    Lines that are indented less than ``old`` and preprocessor lines stay where they are.
    """
    if old == new or not may_reindent(text):
        return text
    lines = text.split("\n")
    moved = [new + line[len(old) :] if line.startswith(old) and _moves(line) else line for line in lines[1:]]
    return "\n".join(lines[:1] + moved)


def lines_of(text: str) -> list[str]:
    """Return the lines of ``text`` without their endings; only line feeds end a line, as in C."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def _moves(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")
