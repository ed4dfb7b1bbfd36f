"""Where a directive goes: whole lines in front of a loop, or a line break where the loop does not start its line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loopwright.codegen.refusal import refuse
from loopwright.codegen.text import indentation, indentation_unit, line_before, line_ending, line_start, tokens
from loopwright.core.candidate import Edit
from loopwright.core.codes import Code
from loopwright.core.source import Source, Span

_COLUMNS = 100
_OPENMP_PRAGMA = re.compile(r"\s*#\s*pragma\s+omp\b")
_LOOP_PRAGMA = re.compile(
    r"\s*(#\s*pragma|_Pragma\s*\()\W*(GCC\s+(ivdep|unroll)|clang\s+loop|ivdep|(no)?unroll|simd|omp)\b"
)


@dataclass(frozen=True, slots=True)
class Directive:
    """An OpenMP directive: its name, its clauses in order, and a statement that must run in front of it, or ""."""

    name: str
    clauses: tuple[str, ...] = ()
    before: str = ""

    def lines(self, indent: str) -> tuple[str, ...]:
        """Return the lines, continued with a backslash where the directive is longer than 100 columns."""
        lines = [f"{indent}{self.before}"] if self.before else []
        pieces = (f"#pragma omp {self.name}", *self.clauses)
        wrapped = wrap(pieces, indent, indent + " " * 8, _COLUMNS - 2)
        return (*lines, *(f"{line} \\" for line in wrapped[:-1]), wrapped[-1])


def wrap(pieces: tuple[str, ...], indent: str, deeper: str, columns: int = _COLUMNS) -> list[str]:
    """Return the pieces on lines of at most ``columns`` where that can be; long ones are broken behind && and ||."""
    lines = [indent]
    for piece in pieces:
        fits = len(lines[-1]) + 1 + len(piece) <= columns
        if not fits and lines[-1].strip():
            lines.append(deeper)
        for part in [piece] if fits else re.split(r"(?<=&&|\|\|) ", piece):
            if lines[-1].strip() and len(lines[-1]) + 1 + len(part) > columns:
                lines.append(deeper)
            lines[-1] += part if not lines[-1].strip() else f" {part}"
    return lines


def insert(source: Source, loop: Span, directive: Directive, inner: Span | None = None) -> Edit:
    """Return the edit that puts ``directive`` in front of the statement at ``loop``.

    A statement that starts its line gets the directive's lines above it, in its own indentation. Any other
    (``if (x) for ...``, two loops in one line) is moved to a line of its own first, because a directive
    must stand alone on its line.

    Args:
        source: The file.
        loop: The statement.
        directive: What to insert.
        inner: The loop's body, to learn the user's indentation from.
    """
    content = source.content
    ending = line_ending(content, loop.start)
    prefix = line_before(content, loop.start)
    check_line_above(content, loop)
    if directive.before and not in_block(content, loop.start):
        refuse(Code.LAST_VALUE_USED, "the loop is the body of another statement, and its iterator is used after it")
    if not prefix.strip(" \t") and not _is_continued(content, loop.start):
        start = loop.start - len(prefix)
        text = "".join(line + ending for line in directive.lines(prefix))
        return Edit(Span(loop.path, start, start, loop.line, 1, loop.line), text)
    indent = indentation(prefix)
    if prefix.strip(" \t") and not in_block(content, loop.start):
        indent += indentation_unit(content, loop, inner or loop)
    gap = len(prefix) - len(prefix.rstrip(" \t"))
    span = Span(loop.path, loop.start - gap, loop.start, loop.line, loop.column - gap, loop.line)
    return Edit(span, ending + "".join(line + ending for line in directive.lines(indent)) + indent)


def in_block(content: bytes, offset: int) -> bool:
    """Return True if the statement at ``offset`` follows ``{``, ``}`` or ``;``, so that another may precede it.

    Anything else in front of it (``)``, ``else``, a label) may make it the body of another statement.
    """
    before = [token for token in tokens(_directives_blanked(content[:offset])) if token.kind != "comment"]
    return bool(before) and before[-1].text in ("{", "}", ";")


def _directives_blanked(content: bytes) -> str:
    text = content.decode("utf-8", "surrogateescape")
    return re.sub(r"^[ \t]*#(?:\\\r?\n|[^\n])*", "", text, flags=re.MULTILINE)


def _is_continued(content: bytes, offset: int) -> bool:
    return content[: line_start(content, offset)].endswith((b"\\\n", b"\\\r\n"))


def check_line_above(content: bytes, loop: Span) -> None:
    """Refuse if the line above is a directive that must be followed by the loop itself."""
    end = line_start(content, loop.start)
    lines = content[max(0, end - 4096) : end].decode("utf-8", "surrogateescape").split("\n")
    above = next((line for line in reversed(lines) if line.strip()), "")
    if _LOOP_PRAGMA.match(above) or _LOOP_PRAGMA.match(line_before(content, loop.start)):
        code = Code.ALREADY_PARALLEL if _OPENMP_PRAGMA.match(above) else Code.UNKNOWN_CONSTRUCT
        refuse(code, f"the directive {above.strip()!r} must stand directly in front of the loop")


def apply(source: Source, span: Span, edits: tuple[Edit, ...]) -> str:
    """Return the text of ``span`` with the edits inside it done."""
    content = source.content[span.start : span.end]
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        start, end = edit.span.start - span.start, edit.span.end - span.start
        content = content[:start] + edit.text.encode("utf-8", "surrogateescape") + content[end:]
    return content.decode("utf-8", "surrogateescape")
