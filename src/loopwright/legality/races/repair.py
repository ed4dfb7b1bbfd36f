"""Changes that may remove a race: a missing private or reduction clause, a missing atomic or critical."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loopwright.core.concurrency import Concurrency, Construct, Region, Touch
from loopwright.core.nest import AccessKind
from loopwright.core.race import ConstructVerdict, Edit, Fix, Race
from loopwright.core.source import Span

_TAKES_REDUCTION = frozenset(
    {"parallel", "for", "sections", "simd", "taskloop", "distribute", "teams", "scope", "loop"}
)
_TAKES_LAST = frozenset({"for", "sections", "simd", "taskloop", "distribute", "loop"})


@dataclass(frozen=True, slots=True)
class _Place:
    """A race with all touches of its memory in one region, in program order, and the constructs around all of them."""

    race: Race
    touches: tuple[Touch, ...]
    around: tuple[Construct, ...]


def propose_fixes(verdict: ConstructVerdict, concurrency: Concurrency, lines: tuple[str, ...]) -> tuple[Fix, ...]:
    """Return changes that may remove the first race of a construct, the most likely first; each is to be checked.

    Args:
        verdict: A construct with a race.
        concurrency: What the file does.
        lines: The file's text.
    """
    place = _find(verdict, concurrency)
    if place is None:
        return ()
    found = (_reduction(place, lines), _private(place, lines), *_atomic(place, lines), _critical(place, lines))
    return tuple(fix for fix in found if fix is not None)


def _find(verdict: ConstructVerdict, concurrency: Concurrency) -> _Place | None:
    for race in verdict.races[:1]:
        for region in concurrency.regions:
            found = _touches(region, race, concurrency.path)
            if found:
                around = tuple(
                    construct
                    for construct in concurrency.constructs
                    if not construct.path
                    and all(construct.line <= touch.span.line <= construct.end_line for touch in found)
                )
                return _Place(race, found, around)
    return None


def _touches(region: Region, race: Race, path: str) -> tuple[Touch, ...]:
    """Return all touches of the memory that a race is about; empty if some are not in the file."""
    lines = (race.first.line, race.second.line)
    objects = {
        touch.object
        for touch in region.touches
        if touch.variable == race.variable and touch.span.line in lines and touch.span.path == path
    }
    found = tuple(touch for touch in region.touches if touch.object in objects and not touch.is_combination)
    return found if all(touch.span.path == path for touch in found) else ()


def _reduction(place: _Place, lines: tuple[str, ...]) -> Fix | None:
    operators = {touch.update for touch in place.touches}
    (operator,) = operators if len(operators) == 1 else (None,)
    construct = _innermost(place, _TAKES_REDUCTION)
    is_scalar = all(touch.text == place.race.variable for touch in place.touches)
    if operator is None or construct is None or not is_scalar or not _is_plain(place.race.variable):
        return None
    clause = f"reduction({operator.value}:{place.race.variable})"
    return Fix("reduction", clause, (_with_clause(construct, clause, lines),))


def _private(place: _Place, lines: tuple[str, ...]) -> Fix | None:
    first = min(place.touches, key=lambda touch: touch.sequence)
    construct = _innermost(place, _TAKES_REDUCTION)
    is_scalar = all(touch.text == place.race.variable for touch in place.touches)
    if (
        first.kind is not AccessKind.WRITE
        or first.is_read_first
        or construct is None
        or not is_scalar
        or not _is_plain(place.race.variable)
    ):
        return None
    is_used = any(_mentions(line, place.race.variable) for line in lines[construct.end_line :])
    kind = "lastprivate" if is_used and _TAKES_LAST & set(construct.directive.split()) else "private"
    clause = f"{kind}({place.race.variable})"
    return Fix(kind, clause, (_with_clause(construct, clause, lines),))


def _atomic(place: _Place, lines: tuple[str, ...]) -> tuple[Fix | None, ...]:
    if any(touch.update is None or touch.is_atomic for touch in place.touches):
        return (None,)
    return (_inserted(place, "atomic", lines),)


def _critical(place: _Place, lines: tuple[str, ...]) -> Fix | None:
    if any(touch.is_atomic for touch in place.touches) or _is_handed_over(place):
        return None
    return _inserted(place, "critical", lines)


def _is_handed_over(place: _Place) -> bool:
    """Return True if a statement reads what only others write: it waits for them, and exclusion is no order."""
    writing = {touch.statement for touch in place.touches if touch.kind is AccessKind.WRITE or touch.update is not None}
    return any(
        touch.kind is AccessKind.READ
        and not any(
            touch.statement == each or _is_inside(touch.statement, each) or _is_inside(each, touch.statement)
            for each in writing
        )
        for touch in place.touches
    )


def _inserted(place: _Place, directive: str, lines: tuple[str, ...]) -> Fix | None:
    """Return the change that puts a directive in front of every statement that touches the memory."""
    statements = {touch.statement for touch in place.touches}
    spans = {
        span.line: span
        for span in statements
        if not any(_is_inside(span, other) for other in statements if other != span)
    }
    text = f"#pragma omp {directive}"
    edits: list[Edit] = []
    for line, span in sorted(spans.items()):
        written = lines[line - 1]
        if written[: span.column - 1].strip() or _is_no_statement(written):
            return None
        indent = written[: len(written) - len(written.lstrip())]
        edits.append(Edit(line, indent + text, True))
    return Fix(directive, text, tuple(edits))


def _is_inside(span: Span, other: Span) -> bool:
    return span.path == other.path and other.start <= span.start and span.end <= other.end


def _is_no_statement(line: str) -> bool:
    """Return True for a line before which no directive may stand alone: a declaration, a jump, a loop header."""
    return (
        re.match(r"\s*(return|break|continue|goto|for|while|do|else|case|default|int|long|float|double)\b", line)
        is not None
    )


def _innermost(place: _Place, words: frozenset[str]) -> Construct | None:
    suited = [each for each in place.around if words & set(each.directive.split())]
    return max(suited, key=lambda each: (each.line, -each.end_line), default=None)


def _with_clause(construct: Construct, clause: str, lines: tuple[str, ...]) -> Edit:
    line = construct.last_line
    written = lines[line - 1]
    code, comment = written, ""
    for mark in ("//", "/*"):
        if mark in code:
            code, comment = code[: code.index(mark)], " " + written[code.index(mark) :]
            break
    return Edit(line, f"{code.rstrip()} {clause}{comment}", False)


def _is_plain(variable: str) -> bool:
    return variable.isidentifier()


def _mentions(line: str, variable: str) -> bool:
    return re.search(rf"\b{re.escape(variable)}\b", line) is not None


def apply_fix(content: bytes, fix: Fix) -> bytes:
    """Return the text with a fix's edits."""
    lines = content.split(b"\n")
    for edit in sorted(fix.edits, key=lambda edit: edit.line, reverse=True):
        text = edit.text.encode("utf-8", "surrogateescape")
        if edit.is_insertion:
            lines.insert(edit.line - 1, text)
        else:
            lines[edit.line - 1] = text
    return b"\n".join(lines)
