"""Parses files with libclang, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from clang import cindex  # pyright: ignore[reportMissingTypeStubs]  # the wheel has none

from loopwright.frontend.bounded import bounded
from loopwright.frontend.clang import Node
from loopwright.frontend.libclang import library, note_main_file, offsets

# CXTranslationUnit_Flags of libclang.
_DETAILED_PREPROCESSING, _KEEP_GOING = 1, 0x200


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message of the parser: severity from 0 (ignored) to 4 (fatal), and the place, macros expanded where they stand.

    ``offset`` counts bytes in the file ``path``, which is empty for a message about no file.
    """

    severity: int
    text: str
    path: str
    line: int
    offset: int


class Parsed:
    """A parsed translation unit; nodes are valid as long as it lives."""

    def __init__(self, unit: Any) -> None:
        self._unit = unit

    def root(self) -> Node:
        """Return the node of the whole unit."""
        return Node(library()["getTranslationUnitCursor"](self._unit.obj))

    def skipped(self, path: str) -> list[tuple[int, int]]:
        """Return the offsets of what the preprocessor left out of a file."""
        functions = library()
        file = functions["getFile"](self._unit.obj, path.encode("utf-8", "surrogateescape"))
        if not file:
            return []
        found = functions["getSkippedRanges"](self._unit.obj, file)
        if not found:
            return []
        try:
            return [offsets(found.contents.ranges[position]) for position in range(found.contents.count)]
        finally:
            functions["disposeSourceRangeList"](found)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Yield the parser's messages in order."""
        for diagnostic in self._unit.diagnostics:
            place = diagnostic.location
            file = place.file
            yield Diagnostic(
                diagnostic.severity, diagnostic.spelling, str(file.name) if file else "", place.line, place.offset
            )

    def headers(self) -> tuple[str, ...]:
        """Return the paths of the files that were included, each once, in order."""
        return tuple(dict.fromkeys(str(each.include.name) for each in self._unit.get_includes()))


def parse(
    path: str,
    content: bytes,
    arguments: tuple[str, ...],
    others: tuple[tuple[str, bytes], ...] = (),
    *,
    goes_on: bool = False,
) -> Parsed | None:
    """Return the parsed unit, or None if the library gives up on it.

    Args:
        path: Of the main file.
        content: What it holds, whatever is on the disk.
        arguments: Of the compiler.
        others: Further files by path, which stand in for those on the disk, or need not be there at all.
        goes_on: A header that is missing does not end the parser's search for meaning.

    Raises:
        UserError: It takes too long or too much memory; see ``bounded``.
    """
    index = cast("Any", cindex.Index).create()
    options = _DETAILED_PREPROCESSING | (_KEEP_GOING if goes_on else 0)
    texts = [(path, content), *others]
    try:
        unit = bounded(lambda: index.parse(path, args=list(arguments), unsaved_files=texts, options=options), path)
    except cast("Any", cindex).TranslationUnitLoadError:
        return None
    note_main_file(unit.obj, path, len(content))
    return Parsed(unit)
