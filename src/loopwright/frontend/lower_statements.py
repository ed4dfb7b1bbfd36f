"""Statements and functions of the parser, lowered to the tree of ``syntax``."""

from __future__ import annotations

from loopwright.frontend.clang import Node
from loopwright.frontend.lower import ExpressionLowering, is_expression
from loopwright.frontend.syntax import (
    Block,
    BreakStmt,
    CaseStmt,
    ContinueStmt,
    DeclareStmt,
    DirectiveStmt,
    ExpressionStmt,
    Extent,
    ForStmt,
    FunctionSyntax,
    IfStmt,
    JumpStmt,
    NullStmt,
    ReturnStmt,
    Stmt,
    SwitchStmt,
    UnknownExpression,
    UnknownStmt,
    WhileStmt,
)
from loopwright.frontend.text import Text
from loopwright.frontend.types import VOID

_BLOCK, _RETURN, _NULL, _DECLARE = 202, 214, 230, 231
_SIMPLE = {212: ContinueStmt, 213: BreakStmt, _NULL: NullStmt}
_JUMPS = frozenset({201, 210, 211})
_OPENMP = range(232, 400)
_VARIABLE, _PARAMETER = 9, 10
_TYPE_NAMES = frozenset({20, 36})
_METHODS = frozenset({21, 24, 25, 26})
_NAMESPACE = 22
_UNEXPOSED = 200
_UNEXPOSED_DECLARATION = 1
_RECORDS = frozenset({2, 3, 4})
RANGE_LOOP = "a loop over a range"
_UNKNOWN = {215: "inline assembly", 224: "try", 223: "catch", 225: RANGE_LOOP, 206: "switch", 205: "if"}


def is_statement(node: Node) -> bool:
    """Return True for nodes that are statements, expressions included."""
    return 100 <= node.kind < 300 or node.kind in _OPENMP


class Lowering(ExpressionLowering):
    """Turns the parser's statements and functions into ours."""

    def __init__(self, text: Text, macro_uses: list[tuple[int, int]]) -> None:
        super().__init__(text, macro_uses)
        self._functions: dict[int, FunctionSyntax | None] = {}

    def function(self, key: int) -> FunctionSyntax | None:
        """Return the function with this key if its definition is in the unit."""
        if key not in self._functions:
            self._functions[key] = None
            node = self.function_nodes.get(key)
            definition = node.definition() if node is not None else None
            self._functions[key] = self._function(definition, key) if definition is not None else None
        return self._functions[key]

    def withhold(self, node: Node) -> None:
        """Take the function for one without a definition here: its body is not what its author wrote."""
        self._functions[self.note_function(node)] = None

    def _function(self, node: Node, key: int) -> FunctionSyntax | None:
        children = node.children()
        body = next((child for child in children if child.kind == _BLOCK), None)
        if body is None:
            return None
        outer, self.current_file = self.current_file, self.file_of(node)
        try:
            parameters = tuple(self.declaration(child) for child in children if child.kind == _PARAMETER)
            block = self.statement(body)
            if not isinstance(block, Block):
                return None
            result = self.types.convert(node.type.canonical().result())
            return FunctionSyntax(
                key, qualified_name(node), result, parameters, block, self.extent(node), node.kind in _METHODS
            )
        finally:
            self.current_file = outer

    def statement(self, node: Node) -> Stmt:
        """Return the statement of ``node``."""
        try:
            self.enter()
            return self._statement(node)
        finally:
            self.leave()

    def _statement(self, node: Node) -> Stmt:
        kind = node.kind
        extent = self.extent(node)
        if is_expression(node):
            return ExpressionStmt(self._with_semicolon(extent), self.expression(node))
        if kind in _SIMPLE:
            return _SIMPLE[kind](self._with_semicolon(extent))
        children = node.children()
        if kind == _BLOCK:
            return Block(extent, tuple(self.statement(child) for child in children if is_statement(child)))
        if kind == _DECLARE:
            return self._declare_stmt(extent, children)
        if kind == _RETURN:
            values = [child for child in children if is_expression(child)]
            return ReturnStmt(self._with_semicolon(extent), self.expression(values[0]) if values else None)
        if kind in _JUMPS:
            bodies = [child for child in children if is_statement(child)] if kind == 201 else []
            return JumpStmt(extent, self.statement(bodies[-1]) if bodies else None)
        if kind in _OPENMP:
            governed = [child for child in children if is_statement(child) and not is_expression(child)]
            return DirectiveStmt(extent, tuple(self._region(child) for child in governed))
        return self._control(node, extent, children)

    def _declare_stmt(self, extent: Extent, children: list[Node]) -> Stmt:
        if any(self._is_not_understood(child) for child in children):
            what = "a declaration that is not understood"
            names = tuple(name for child in children for name in self.names_inside(child))
            return UnknownStmt(extent, what, (), (UnknownExpression(VOID, extent, what, names),))
        if any(child.kind in _TYPE_NAMES and self.names_inside(child) for child in children):
            # The size of an array type is computed where the type gets its name.
            sizes = [part for child in children for part in child.children() if is_expression(part)]
            return Block(extent, tuple(ExpressionStmt(extent, self.expression(part)) for part in sizes))
        variables = [self.declaration(child) for child in children if child.kind == _VARIABLE]
        return DeclareStmt(extent, tuple(variables)) if variables else NullStmt(extent)

    def _is_not_understood(self, node: Node) -> bool:
        """Return True for a declaration that does more than it shows.

        That is one which the parser does not expose (``auto [a, b] = ...``) and that uses names, and a variable for
        which a function is called at the end of its life.
        """
        if node.kind == _UNEXPOSED_DECLARATION:
            return bool(self.names_inside(node))
        return node.kind not in _DECLARATIONS or (node.kind == _VARIABLE and node.has_attribute("cleanup"))

    def _control(self, node: Node, extent: Extent, children: list[Node]) -> Stmt:
        kind = node.kind
        if any(child.kind == _VARIABLE for child in children):
            return self._unknown(extent, node)  # a variable declared in the condition
        children = [child for child in children if is_statement(child)]
        if kind == 209:
            return self._for(node, extent, children)
        if kind in (207, 208) and len(children) == 2:
            return self._while(extent, children, is_do=kind == 208)
        if kind == 205 and len(children) in (2, 3) and is_expression(children[0]):
            then = self.statement(children[1])
            otherwise = self.statement(children[2]) if len(children) == 3 else None
            whole = self._up_to(extent, otherwise or then)
            return IfStmt(whole, self.expression(children[0]), then, otherwise)
        if kind == 206 and len(children) == 2 and is_expression(children[0]):
            return SwitchStmt(extent, self.expression(children[0]), self.statement(children[1]))
        if kind in (203, 204) and children:
            body = self.statement(children[-1])
            return CaseStmt(self._up_to(extent, body), body)
        if kind == _UNEXPOSED and len(children) == 1:
            return self.statement(children[0])
        return self._unknown(extent, node)

    def _region(self, node: Node) -> Stmt:
        """Return the statement that a directive governs; the parser shows of it the variables that it captures."""
        if node.kind != _UNEXPOSED:
            return self.statement(node)
        extent = self.extent(node)
        parts = tuple(self.expression(child) for child in node.children() if is_expression(child))
        whole = UnknownExpression(VOID, extent, "an OpenMP region", parts)
        return UnknownStmt(extent, "an OpenMP region", (), (whole,))

    def _unknown(self, extent: Extent, node: Node) -> Stmt:
        what = _UNKNOWN.get(node.kind, "a statement that is not understood")
        inner = [child for child in node.children() if is_statement(child) and not is_expression(child)]
        names = UnknownExpression(VOID, extent, what, self.names_inside(node))
        return UnknownStmt(extent, what, tuple(self.statement(child) for child in inner), (names,))

    def _while(self, extent: Extent, children: list[Node], *, is_do: bool) -> Stmt:
        condition = children[1] if is_do else children[0]
        body = self.statement(children[0] if is_do else children[1])
        whole = self._with_semicolon(extent) if is_do else self._up_to(extent, body)
        header = self._header(extent, "do" if is_do else "while")
        found = header or Extent(extent.start, extent.start, extent.file)
        return WhileStmt(whole, self.expression(condition), body, found, is_do, header is None)

    def _for(self, node: Node, extent: Extent, children: list[Node]) -> Stmt:
        header = self._header(extent, "for")
        parts: list[Node | None] = [None, None, None]
        if not children:
            return self._unknown(extent, node)
        if header is not None:
            found = self.text_of(extent.file).parenthesis(extent.start + 3)
            semicolons = found[1] if found else []
            if len(semicolons) == 2:
                for child in children[:-1]:
                    start = child.extent()[0]
                    place = 0 if start < semicolons[0] else 1 if start < semicolons[1] else 2
                    if parts[place] is not None:
                        return self._unknown(extent, node)
                    parts[place] = child
            else:
                header = None
        if header is None:
            if len(children) != 4:
                return self._unknown(extent, node)
            parts = [children[0], children[1], children[2]]
        body = self.statement(children[-1])
        init, condition, increment = parts
        return ForStmt(
            self._up_to(extent, body),
            self.statement(init) if init is not None else None,
            self.expression(condition) if condition is not None else None,
            self.expression(increment) if increment is not None else None,
            body,
            header or Extent(extent.start, extent.start, extent.file),
            header is None,
            self.text_of(extent.file).pragma_before(extent.start) if extent.file == 0 else "",
        )

    def _header(self, extent: Extent, keyword: str) -> Extent | None:
        text = self.text_of(extent.file)
        if text.word_at(extent.start) != keyword:
            return None
        if keyword == "do":
            return Extent(extent.start, extent.start + 2, extent.file)
        found = text.parenthesis(extent.start + len(keyword))
        return Extent(extent.start, found[0], extent.file) if found else None

    def _with_semicolon(self, extent: Extent) -> Extent:
        return Extent(extent.start, self.text_of(extent.file).behind_semicolon(extent.end), extent.file)

    def _up_to(self, extent: Extent, last: Stmt) -> Extent:
        return Extent(extent.start, max(extent.end, last.extent.end), extent.file)


_DECLARATIONS = frozenset({2, 3, 4, 5, 8, 9, 20, 36, 35, 34, 33, 1, 602})


def qualified_name(node: Node) -> str:
    """Return a function's name with the namespaces and classes around it."""
    names = [node.spelling]
    outer = node.parent()
    while outer.kind == _NAMESPACE or outer.kind in _RECORDS:
        if outer.spelling and not outer.spelling.startswith("("):
            names.append(outer.spelling)
        outer = outer.parent()
    return "::".join(reversed(names))
