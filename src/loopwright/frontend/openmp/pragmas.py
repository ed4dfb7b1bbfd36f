"""Finds the OpenMP directives of a file and puts probes in their place, so that the parser shows them.

libclang hides what a directive governs. Without ``-fopenmp`` it skips the pragmas, and the statements stand where
they are written. So each directive becomes ``while (PROBE(number, operands...))`` in front of the statement that it
governs, or ``PROBE(number, operands...);`` where it governs none: the parser then looks up the names in its clauses,
expands the macros in them, and leaves out what the preprocessor leaves out. ``while`` binds no ``else``.
``threadprivate``, which may stand outside functions, becomes a static assertion that names its variables. Lines keep
their numbers, and columns change only on the lines of directives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from loopwright.frontend.openmp.clauses import (
    EXPRESSIONS,
    KNOWN_CLAUSES,
    LISTS,
    ClauseText,
    DirectiveText,
    parse_directive,
    split_modifier,
    split_top,
)

PROBE = "loopwright_openmp_probe"
MARK = "loopwright threadprivate"
PRELUDE_PATH = "/loopwright/openmp-probe.h"
PRELUDE = f"""\
#ifdef __cplusplus
extern "C"
#endif
int {PROBE}(int, ...);
""".encode()

# What may stand between the words of a directive; ``#`` has a second and a third spelling.
_GAP = rb"(?:[ \t\f\v]|\\\r?\n|/\*.*?\*/)"
_HASH = rb"(?:\#|%:|\?\?=)"
_TOKEN = re.compile(
    rb"""(?P<pragma>^(?<!\\\n)(?<!\\\r\n)(?P<lead>%(gap)s*+)%(hash)s%(gap)s*+pragma%(gap)s++omp\b
        (?:[^\n\\/]|\\\r?\n|\\.|/(?![/*])|/\*.*?\*/)*)
    |(?P<comment>//(?:[^\n\\]|\\.|\\\r?\n)*|/\*.*?\*/)
    |(?P<raw>\bR"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
    |(?P<text>"(?:[^"\\\n]|\\.|\\\r?\n)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<operator>\b_Pragma\s*\(\s*"\s*omp\b(?P<inner>(?:[^"\\\n]|\\.)*)"\s*\))
    |(?P<attribute>\[\[\s*(?:using\s+)?omp\b|\b_Pragma\b(?!\s*\(\s*"))"""
    % {b"gap": _GAP, b"hash": _HASH},
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_SPLICE = re.compile(rb"\\\r?\n")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ItemText:
    """One item of a clause's list.

    Attributes:
        text: As written.
        slots: Numbers of the probe's operands that hold its address, or for an expression its value.
        sections: Per array section behind it, the operands of its lower bound and length, None where left out.
    """

    text: str
    slot: int
    sections: tuple[tuple[int | None, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseProbe:
    """One clause with the places of its operands in the probe."""

    clause: ClauseText
    modifier: str
    items: tuple[ItemText, ...]


@dataclass(frozen=True, slots=True)
class Pragma:
    """One directive in the text.

    Attributes:
        number: Of its probe, unique in the program.
        line: Of its first line.
        last_line: Of its last, where continued.
        directive: What it says; None if it was not understood.
        clauses: In order.
        text: All of it on one line.
        is_in_macro: It stands in the definition of a macro.
    """

    number: int
    line: int
    last_line: int
    directive: DirectiveText | None
    clauses: tuple[ClauseProbe, ...]
    text: str
    is_in_macro: bool = False

    @property
    def unknown_clause(self) -> str | None:
        """The name of the first clause that is not known, if there is one."""
        if self.directive is None:
            return None
        return next((each.name for each in self.directive.clauses if each.name not in KNOWN_CLAUSES), None)


@dataclass(frozen=True, slots=True)
class Probed:
    """A file with probes.

    Attributes:
        content: The text to parse.
        pragmas: All directives, those that the preprocessor leaves out included.
        has_attributes: Directives are also written in a way that is not read, such as ``[[omp::...]]``.
    """

    content: bytes
    pragmas: tuple[Pragma, ...]
    has_attributes: bool = False


def insert_probes(content: bytes, first_number: int = 0) -> Probed:
    """Return ``content`` with every OpenMP directive replaced by a probe; declarative ones become blank lines."""
    pieces: list[bytes] = []
    pragmas: list[Pragma] = []
    has_attributes = False
    position = line = 0
    last = 0
    for token in _TOKEN.finditer(content):
        if token.lastgroup == "attribute":
            has_attributes = True
        # ``lastgroup`` names the last group that closed, which is the inner one for an operator.
        is_operator = token.group("operator") is not None
        if token.group("pragma") is None and not is_operator:
            continue
        line += content.count(b"\n", position, token.start())
        position = token.start()
        raw = token.group("inner") if is_operator else token.group("pragma")
        text = _plain(raw, is_operator=is_operator)
        first = line + 1 + (token.group("lead") or b"").count(b"\n")
        pragma = _read(text, first_number + len(pragmas), first, line + 1 + token.group().count(b"\n"))
        if is_operator and _is_in_definition(content, token.start()):
            pragma = replace(pragma, is_in_macro=True)
        pragmas.append(pragma)
        pieces += [content[last : token.start()], _probe(pragma), b"\n" * token.group().count(b"\n")]
        last = token.end()
    pieces.append(content[last:])
    # A word of a directive may go on in the next line.
    whole = _TOKEN.finditer(_SPLICE.sub(b"", content))
    has_attributes |= sum(token["pragma"] is not None or token["operator"] is not None for token in whole) > len(
        pragmas
    )
    return Probed(b"".join(pieces), tuple(pragmas), has_attributes)


def _is_in_definition(content: bytes, offset: int) -> bool:
    """Return True if ``offset`` stands on a logical line that defines a macro."""
    start = content.rfind(b"\n", 0, offset) + 1
    while start > 1 and content[:start].rstrip(b"\r\n").endswith(b"\\"):
        start = content.rfind(b"\n", 0, start - 1) + 1
    return content[start:offset].lstrip().lstrip(b"#").lstrip().startswith(b"define")


def _plain(raw: bytes, *, is_operator: bool) -> str:
    """Return what stands behind ``omp``: one line, no comments."""
    text = raw.decode("utf-8", "surrogateescape")
    if is_operator:
        text = re.sub(r"\\(.)", r"\1", text)
    text = re.sub(r"\\\r?\n", " ", text)
    text = _COMMENT.sub(" ", text)
    return re.sub(r"^\s*(?:#|%:|\?\?=)\s*pragma\s+omp\b", "", text).strip()


def _read(text: str, number: int, line: int, last_line: int) -> Pragma:
    directive = parse_directive(text)
    probes: list[ClauseProbe] = []
    operands = _Operands()
    for clause in directive.clauses if directive is not None else ():
        modifier, rest = split_modifier(clause)
        if clause.name in LISTS and clause.argument is not None:
            items = tuple(operands.item(part, modifier) for part in split_top(rest) if part)
        elif clause.name in EXPRESSIONS and clause.argument is not None:
            items = (ItemText(rest, operands.value(rest)),)
        else:
            items = ()
        probes.append(ClauseProbe(clause, modifier, items))
    return Pragma(number, line, last_line, directive, tuple(probes), " ".join(text.split()))


class _Operands:
    """Numbers the operands of one probe."""

    def __init__(self) -> None:
        self.count = 0

    def value(self, _text: str) -> int:
        """Return the number of an operand that is a value."""
        self.count += 1
        return self.count - 1

    def item(self, text: str, modifier: str) -> ItemText:
        """Return a list item with its operands numbered."""
        if modifier.split("(")[0] == "sink":
            return ItemText(text, self.value(text))
        base, sections = split_sections(text)
        slot = self.value(base)
        bounds = tuple(
            (self.value(lower) if lower else None, self.value(length) if length else None) for lower, length in sections
        )
        return ItemText(text, slot, bounds)


def split_sections(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a list item without the array sections behind it, and their lower bounds and lengths.

    >>> split_sections("a[i][0:n]")
    ('a[i]', [('0', 'n')])
    """
    end = len(text)
    sections: list[tuple[str, str]] = []
    while text[:end].rstrip().endswith("]"):
        start = _opening(text, len(text[:end].rstrip()) - 1)
        parts = split_top(text[start + 1 : len(text[:end].rstrip()) - 1], ":")
        if start <= 0 or len(parts) < 2:
            break
        sections.insert(0, (parts[0], parts[1]))
        end = start
    if sections and end < len(text.rstrip()):
        return text[:end].strip(), sections
    return text.strip(), []


def _opening(text: str, closing: int) -> int:
    depth = 0
    for position in range(closing, -1, -1):
        if text[position] in ")]}":
            depth += 1
        elif text[position] in "([{":
            depth -= 1
            if depth == 0:
                return position
    return -1


def _probe(pragma: Pragma) -> bytes:
    directive = pragma.directive
    if directive is not None and directive.name == "threadprivate":
        sizes = " && ".join(f"sizeof(&({name}))" for name in split_top(directive.argument or "") if name)
        return f' _Static_assert({sizes or 1}, "{MARK}"); '.encode("utf-8", "surrogateescape")
    if directive is not None and directive.is_declarative:
        return b""
    operands: list[str] = []
    for probe in pragma.clauses:
        for item in probe.items:
            is_value = probe.clause.name in EXPRESSIONS or probe.modifier.split("(")[0] == "sink"
            base = item.text if is_value else split_sections(item.text)[0]
            operands.append(f"({_expression(probe, base)})" if is_value else f"&({base})")
            operands += [
                f"({bound})" for section in split_sections(item.text)[1] for bound in section if bound and not is_value
            ]
    call = f"{PROBE}({', '.join([str(pragma.number), *operands])})"
    is_statement = directive is None or directive.is_standalone
    text = f" {call}; " if is_statement else f" while ({call}) "
    return text.encode("utf-8", "surrogateescape")


def _expression(probe: ClauseProbe, text: str) -> str:
    return split_modifier(probe.clause)[1] if probe.clause.name in EXPRESSIONS else text
