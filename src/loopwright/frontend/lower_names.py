"""Declarations, types and extents of the parser's nodes, each looked up once; and how deep they may be nested."""

from __future__ import annotations

import bisect
import re
import sys
from pathlib import Path

from loopwright.frontend.clang import Node
from loopwright.frontend.syntax import Declaration, DeclarationKind, Expression, Extent
from loopwright.frontend.text import Text
from loopwright.frontend.types import CType, TypeKind, TypeTable

_PARAMETER = 10
_EXPRESSIONS = range(100, 200)
_MACRO_USE = 502
# Levels of nesting, and Python frames, of which no walk needs more than some for a level.
_DEEPEST, _FRAMES = 1000, 20_000


class Names:
    """What the lowering of one translation unit has seen so far."""

    def __init__(self, text: Text, macro_uses: list[tuple[int, int]]) -> None:
        self.text = text
        self.types = TypeTable()
        self.function_nodes: dict[int, Node] = {}
        self._macro_uses = sorted(macro_uses)
        self._declarations: dict[int, Declaration] = {}
        self._files: dict[str, int] = {text.path: 0}
        self._texts: dict[int, Text] = {0: text}
        self.current_file = 0
        self._depth = 0
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))

    def enter(self) -> None:
        """Go one level deeper into an expression or statement; ``leave`` comes back, whatever happened.

        Raises:
            RecursionError: It is nested deeper than the walks over the tree can follow. Python's own limit would come
                too late: an exception in a function that the library calls is lost, and with it a part of the tree.
        """
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RecursionError("nested too deeply")

    def leave(self) -> None:
        """Come back from one level of nesting."""
        self._depth -= 1

    def expression(self, node: Node) -> Expression:
        """Return the expression of ``node``."""
        raise NotImplementedError

    def type_of(self, node: Node) -> CType:
        """Return the canonical type of a node."""
        return self.types.convert(node.type)

    def extent(self, node: Node) -> Extent:
        """Return where the node is written; a macro's use where a macro wrote it."""
        start, end = node.extent()
        if end <= start and self.current_file == 0:
            use = self.macro_use(start)
            end = use[1] if use else start
        return Extent(start, end, self.current_file)

    def macro_use(self, offset: int) -> tuple[int, int] | None:
        """Return the outermost macro use that holds ``offset``."""
        index = bisect.bisect_right(self._macro_uses, (offset, 1 << 62)) - 1
        if index < 0:
            return None
        start, end = self._macro_uses[index]
        return (start, end) if start <= offset < end else None

    def file_of(self, node: Node) -> int:
        """Return the number of the file that holds the node; 0 is the main file."""
        if node.is_in_main_file:
            return 0
        path = node.file()
        return self._files.setdefault(path, len(self._files))

    def text_of(self, file: int) -> Text:
        """Return the bytes of a file by number; empty if it cannot be read."""
        if file not in self._texts:
            path = next(name for name, number in self._files.items() if number == file)
            try:
                content = Path(path).read_bytes()
            except OSError:
                content = b""
            self._texts[file] = Text(path, content)
        return self._texts[file]

    def note_function(self, node: Node) -> int:
        """Remember the node of a function that is used; returns its key."""
        key = node.key
        self.function_nodes.setdefault(key, node)
        return key

    def declaration(self, node: Node) -> Declaration:
        """Return the variable that ``node`` declares."""
        key = node.key
        found = self._declarations.get(key)
        if found is None:
            # An initializer may name its own variable; it then sees a declaration without one.
            self._declarations[key] = self._declare(node, key, None, ())
            found = self._declarations[key] = self._declare(node, key, self._initial_value(node), self._sizes(node))
        return found

    def _declare(self, node: Node, key: int, initial: Expression | None, sizes: tuple[Expression, ...]) -> Declaration:
        type_ = self.type_of(node)
        if node.kind == _PARAMETER:
            kind = DeclarationKind.PARAMETER
            type_ = _adjusted(type_)
        elif not node.has_global_storage:
            kind = DeclarationKind.LOCAL
        else:
            kind = DeclarationKind.GLOBAL if self._is_at_file_scope(node) else DeclarationKind.STATIC
        is_internal = kind is not DeclarationKind.GLOBAL or node.is_static
        extent = self.extent(node)
        if kind is DeclarationKind.GLOBAL:
            extent = Extent(extent.start, extent.end, self.file_of(node))
        return Declaration(key, node.spelling, type_, kind, extent, initial, sizes, is_internal, node.is_thread_local)

    def _initial_value(self, node: Node) -> Expression | None:
        if node.kind == _PARAMETER or self._is_large_table(node):
            return None
        value = node.initializer()
        return self.expression(value) if value is not None and value.kind in _EXPRESSIONS else None

    def _is_large_table(self, node: Node) -> bool:
        """Return True for what holds so much at file scope that it is not worth reading."""
        type_ = self.type_of(node)
        is_small = 0 < type_.size_bytes <= _MOST_TABLE_BYTES
        return type_.kind in _TABLES and not is_small and self._is_at_file_scope(node)

    def _is_at_file_scope(self, node: Node) -> bool:
        return node.has_global_storage and node.parent().kind not in _FUNCTION_KINDS

    def _sizes(self, node: Node) -> tuple[Expression, ...]:
        type_ = self.type_of(node)
        is_array = type_.kind in (TypeKind.ARRAY, TypeKind.POINTER) and "[" in type_.spelling
        if not is_array:
            return ()
        parts = [child for child in node.children() if child.kind in _EXPRESSIONS]
        if node.initializer() is not None and parts and node.kind != _PARAMETER:
            parts = parts[:-1]
        return tuple(self.expression(part) for part in parts)


_MOST_TABLE_BYTES = 1 << 12
_TABLES = frozenset({TypeKind.ARRAY, TypeKind.RECORD, TypeKind.UNION})
_FUNCTION_KINDS = frozenset({8, 21, 24, 25, 26, 30, 144})


def _adjusted(type_: CType) -> CType:
    """Return the type of a parameter: an array there is a pointer."""
    if type_.kind is not TypeKind.ARRAY or type_.element is None:
        return type_
    is_restrict = re.search(r"\[[^]]*\brestrict\b", type_.spelling.partition("]")[0] + "]") is not None
    return CType(TypeKind.POINTER, type_.spelling, 8, element=type_.element, is_const=False, is_restrict=is_restrict)
