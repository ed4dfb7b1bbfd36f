"""The text of an OpenMP directive as names, clauses and list items; no names are looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FIRST = _words(
    """
    parallel for sections section single master masked critical barrier taskwait taskgroup taskyield task
    taskloop atomic flush ordered simd target teams distribute loop cancel cancellation scan scope threadprivate
    declare end begin requires allocate assumes assume nothing error depobj interop metadirective dispatch tile
    unroll reverse interchange fuse groupprivate allocators
    """
)
# Words that go on a combined construct's name.
_FURTHER = frozenset(
    {"for", "sections", "simd", "loop", "distribute", "parallel", "teams", "taskloop", "masked", "master"}
)
_COMBINED = frozenset({"parallel", "for", "target", "teams", "distribute", "taskloop", "master", "masked", "declare"})
_AFTER_ONE = {
    "data": ("target", "enter", "exit"),
    "enter": ("target",),
    "exit": ("target",),
    "update": ("target",),
    "point": ("cancellation",),
    "declare": ("begin", "end"),
    "target": ("declare", "end"),
    "variant": ("declare",),
    "reduction": ("declare",),
    "mapper": ("declare",),
    "assumes": ("begin", "end"),
}
_DECLARATIVE = frozenset(
    {"threadprivate", "declare", "end", "begin", "requires", "allocate", "assumes", "nothing", "groupprivate"}
)
_STANDALONE = frozenset(
    {
        "barrier",
        "taskwait",
        "taskyield",
        "flush",
        "cancel",
        "cancellation point",
        "target enter data",
        "target exit data",
        "target update",
        "scan",
        "depobj",
        "interop",
        "error",
    }
)
# The clauses whose argument is a list of variables, sections or other lvalues.
LISTS = frozenset(
    {
        "private",
        "firstprivate",
        "lastprivate",
        "shared",
        "copyin",
        "copyprivate",
        "reduction",
        "in_reduction",
        "task_reduction",
        "linear",
        "depend",
        "map",
        "to",
        "from",
    }
)
# The clauses whose argument is one expression that matters here.
EXPRESSIONS = frozenset(
    {
        "if",
        "final",
        "num_threads",
        "num_teams",
        "safelen",
        "collapse",
        "ordered",
        "filter",
        "grainsize",
        "num_tasks",
    }
)
# The clauses that change neither who runs what nor who shares what.
_IGNORED = _words(
    """
    nowait schedule dist_schedule default proc_bind untied mergeable priority device thread_limit aligned
    simdlen nontemporal allocate is_device_ptr use_device_ptr has_device_addr use_device_addr defaultmap nogroup
    read write update capture seq_cst acq_rel release acquire relaxed hint compare weak fail order bind threads
    simd affinity inclusive exclusive parallel for sections taskgroup uses_allocators inbranch notinbranch
    doacross at severity message
    """
)
KNOWN_CLAUSES = LISTS | EXPRESSIONS | _IGNORED
_CLAUSE = re.compile(r"\s*,?\s*([A-Za-z_]\w*)\s*")
_CONSTRUCT_MODIFIER = re.compile(
    r"\s*(parallel|task|taskloop|simd|teams|cancel|target(\s+(data|update|enter\s+data|exit\s+data))?)\s*:(?!:)"
)
_REDUCTION_MODIFIER = re.compile(r"\s*(inscan|task|default)\s*,")


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One clause.

    Attributes:
        name: ``private``, ``schedule`` ...
        argument: What stands in its parentheses; None without them.
    """

    name: str
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class DirectiveText:
    """One directive.

    Attributes:
        name: Its words, single spaces between: ``parallel for``.
        argument: What stands in parentheses behind the name (``critical(name)``, ``flush(a)``); None without them.
        clauses: In order.
    """

    name: str
    argument: str | None
    clauses: tuple[ClauseText, ...]

    @property
    def is_declarative(self) -> bool:
        """True for a directive that stands where a declaration may."""
        return self.name.split(" ")[0] in _DECLARATIVE

    @property
    def is_standalone(self) -> bool:
        """True for a directive that governs no statement."""
        if self.name in _STANDALONE:
            return True
        names = {clause.name for clause in self.clauses}
        return self.name == "ordered" and bool(names & {"depend", "doacross"})


def parse_directive(text: str) -> DirectiveText | None:
    """Return the directive that stands behind ``#pragma omp``; None if the text is not one.

    >>> parse_directive("parallel for private(i, j) nowait").clauses[0]
    ClauseText(name='private', argument='i, j')
    """
    words: list[str] = []
    rest = text.strip()
    while True:
        found = re.match(r"([A-Za-z_]\w*)\s*", rest)
        if found is None or not _continues(words, found.group(1)):
            break
        words.append(found.group(1))
        rest = rest[found.end() :]
    if not words:
        return None
    split = _split_argument(rest)
    if split is None:
        return None
    argument, rest = split
    clauses = _parse_clauses(rest)
    return DirectiveText(" ".join(words), argument, clauses) if clauses is not None else None


def _continues(words: list[str], word: str) -> bool:
    """Return True if ``word`` belongs to the directive's name rather than being its first clause."""
    if not words:
        return word in _FIRST
    if word in _AFTER_ONE:
        return words[-1] in _AFTER_ONE[word]
    return word in _FURTHER and words[0] in _COMBINED


def _parse_clauses(text: str) -> tuple[ClauseText, ...] | None:
    clauses: list[ClauseText] = []
    rest = text.strip()
    while rest:
        found = _CLAUSE.match(rest)
        if found is None:
            return None
        split = _split_argument(rest[found.end() :])
        if split is None:
            return None
        argument, rest = split
        clauses.append(ClauseText(found.group(1), argument))
        rest = rest.strip()
    return tuple(clauses)


def _split_argument(text: str) -> tuple[str | None, str] | None:
    """Return what stands in the parentheses with which ``text`` may start, and the rest; None if they do not close."""
    if not text.startswith("("):
        return None, text
    depth = 0
    for position, letter in enumerate(text):
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if depth == 0:
                return text[1:position].strip(), text[position + 1 :].strip()
    return None


def split_top(text: str, separator: str = ",") -> list[str]:
    """Return the parts of ``text`` between separators that no bracket encloses, blanks stripped.

    >>> split_top("a[i, 1], f(b, c), d")
    ['a[i, 1]', 'f(b, c)', 'd']
    """
    parts: list[str] = []
    depth, start = 0, 0
    for position, letter in enumerate(text):
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == separator and depth == 0 and not _is_colon_of_scope(text, position):
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return parts


def _is_colon_of_scope(text: str, position: int) -> bool:
    return text[position] == ":" and (text[position - 1 : position] == ":" or text[position + 1 : position + 2] == ":")


def split_modifier(clause: ClauseText) -> tuple[str, str]:
    """Return what stands in front of a clause's list (``+`` of ``reduction(+: x)``), and the list."""
    argument = clause.argument or ""
    if clause.name in ("if", "final"):
        found = _CONSTRUCT_MODIFIER.match(argument)
        return (" ".join(found.group(1).split()), argument[found.end() :].strip()) if found else ("", argument)
    if clause.name in ("reduction", "in_reduction", "task_reduction"):
        found = _REDUCTION_MODIFIER.match(argument)
        argument = argument[found.end() :] if found else argument
    if clause.name in EXPRESSIONS or clause.name in ("private", "firstprivate", "shared", "copyin", "copyprivate"):
        parts = split_top(argument, ":")
        if clause.name in ("num_threads", "grainsize", "num_tasks") and len(parts) == 2:
            return parts[0], parts[1]
        return "", argument
    parts = split_top(argument, ":")
    if clause.name == "linear":
        return (parts[1] if len(parts) > 1 else "1"), parts[0]
    if len(parts) == 1:
        return ("source", "") if clause.name == "depend" and parts[0] == "source" else ("", parts[0])
    return " ".join(parts[0].split()), ":".join(parts[1:]).strip()
