"""Two versions of a loop behind one C ``if``: the transformed one and the user's own."""

from __future__ import annotations

import itertools

from loopwright.codegen.insert import wrap
from loopwright.codegen.refusal import refuse
from loopwright.codegen.text import lines_of, may_reindent, reindent, tokens
from loopwright.core.codes import Code


def two_versions(
    condition: str, fast: list[str], original: str, indent: str, unit: str, original_indent: str
) -> list[str]:
    """Return ``if (condition) { fast } else { original }``.

    Args:
        condition: What the fast version needs.
        fast: Its lines, indented one level deeper than ``indent``.
        original: The user's text, starting at its first character.
        indent: Of the ``if``.
        unit: One level.
        original_indent: Indentation of the line where ``original`` starts.
    """
    check_may_duplicate(original)
    second = lines_of(indent + unit + reindent(original, original_indent, indent + unit))
    head = wrap((f"if ({condition}) {{",), indent, indent + " " * 4)
    return [*head, *fast, f"{indent}}} else {{", *second, f"{indent}}}"]


def check_may_duplicate(text: str) -> None:
    """Refuse if two copies of ``text`` would not mean twice the same: labels, static variables, assembly."""
    significant = [token for token in tokens(text) if token.kind != "comment"]
    for token in significant:
        if token.kind == "word" and token.text in ("static", "asm", "__asm__", "thread_local", "_Thread_local"):
            refuse(Code.UNKNOWN_CONSTRUCT, f"the loop holds {token.text!r}, so that it cannot be written twice")
    for before, word, colon, after in zip(
        [None, *significant], significant, significant[1:], [*significant[2:], None], strict=False
    ):
        begins = before is None or before.text in ("{", "}", ";", ")")
        scoped = after is not None and after.text == ":"
        if begins and word.kind == "word" and colon.text == ":" and not scoped and word.text != "default":
            refuse(Code.GOTO, f"the loop holds the label {word.text!r}, so that it cannot be written twice")
    if not may_reindent(text) and any(token.kind == "raw" for token in significant):
        refuse(Code.UNKNOWN_CONSTRUCT, "the loop holds a raw string, so that it cannot be moved")


def comments_between(text: str) -> tuple[str, ...]:
    """Return the comments in ``text``, which holds loop headers and braces; refuse preprocessor lines."""
    found = tokens(text)
    for first, second in itertools.pairwise((*found, *found[-1:])):
        if first.text == "#" and second.kind == "word":
            refuse(Code.UNKNOWN_CONSTRUCT, f"a #{second.text} stands between the loops of the band")
    return tuple(token.text for token in found if token.kind == "comment")
