"""Expressions and statements of the parser, lowered to the tree of ``syntax``."""

from __future__ import annotations

import re

from loopwright.frontend.clang import Node
from loopwright.frontend.lower_names import Names
from loopwright.frontend.syntax import (
    Aggregate,
    Assignment,
    Binary,
    Call,
    Cast,
    Conditional,
    Constant,
    Expression,
    Extent,
    FunctionName,
    Increment,
    Integer,
    Member,
    Name,
    Subscript,
    This,
    Unary,
    UnknownExpression,
)
from loopwright.frontend.types import RECORDS, CType, TypeKind, bit_storage

_INTEGER_TEXT = re.compile(rb"(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)[uUlL]*\Z")
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_CASTS = frozenset({117, 124, 125, 126, 127, 128})
_CONSTANTS = frozenset({107, 108, 109, 123, 131})
_DECLARED_VARIABLES = frozenset({9, 10})
_FUNCTIONS = frozenset({8, 21, 24, 25, 26, 30})
_ENUM_CONSTANT = 7
_PARENTHESIS = 111
_PARAMETERS = frozenset({10})
_NUMBERS = frozenset({TypeKind.BOOL, TypeKind.INTEGER, TypeKind.FLOAT})


def is_expression(node: Node) -> bool:
    """Return True for nodes that are expressions."""
    return 100 <= node.kind < 200


class ExpressionLowering(Names):
    """Turns the parser's expressions into ours."""

    def expression(self, node: Node) -> Expression:
        """Return the expression of ``node``."""
        try:
            self.enter()
            return self._expression(node)
        finally:
            self.leave()

    def _expression(self, node: Node) -> Expression:
        kind = node.kind
        if kind in (100, 111):
            return self._wrapped(node)
        if kind == 101:
            return self._name(node)
        if kind == 102:
            return self._member(node)
        if kind == 103:
            return self._call(node)
        if kind in (106, 110, 130, 136):
            return self._integer(node)
        type_ = self.type_of(node)
        if kind in _CONSTANTS:
            return Constant(type_, self.extent(node))
        parts = [child for child in node.children() if is_expression(child)]
        if kind == 132:
            return This(type_, self.extent(node))
        if kind in _CASTS and len(parts) == 1:
            return Cast(type_, self.extent(node), self.expression(parts[0]))
        if kind == 119:
            return Aggregate(type_, self.extent(node), tuple(self.expression(part) for part in parts))
        return self._operation(node, type_, parts)

    def names_inside(self, node: Node) -> tuple[Expression, ...]:
        """Return every use of a variable in a construct that is not understood: all it may read or change."""
        if node.kind == 101:
            name = self._name(node)
            return (name,) if isinstance(name, Name) else ()
        return tuple(name for child in node.children() for name in self.names_inside(child))

    def _operation(self, node: Node, type_: CType, parts: list[Node]) -> Expression:
        kind, extent = node.kind, self.extent(node)
        if kind in _OPAQUE:
            return UnknownExpression(type_, extent, _WHAT[kind], self.names_inside(node))
        operands = tuple(self.expression(part) for part in parts)
        if kind == 113 and len(operands) == 2:
            first, second = operands
            if first.type.is_integer and not second.type.is_integer:
                first, second = second, first
            return Subscript(type_, extent, first, second)
        if kind == 112 and len(operands) == 1:
            return self._unary(node.unary_operator, type_, operands[0], node)
        if kind in (114, 115) and len(operands) == 2:
            operator = node.binary_operator
            if operator.endswith("=") and operator not in _COMPARISONS:
                return Assignment(type_, extent, operator[:-1], operands[0], operands[1])
            if operator and operator not in (".*", "->*", "<=>"):
                return Binary(type_, extent, operator, operands[0], operands[1])
        if kind == 116 and len(operands) == 3:
            return Conditional(type_, extent, *operands)
        return UnknownExpression(type_, extent, _WHAT.get(kind, "an expression that is not understood"), operands)

    def _unary(self, operator: str, type_: CType, operand: Expression, node: Node) -> Expression:
        extent = self.extent(node)
        if operator in ("x++", "x--", "++x", "--x"):
            return Increment(type_, extent, operand, 1 if "+" in operator else -1, operator.endswith("x"))
        if operator == "__extension__":
            return operand
        if operator in ("&", "*", "+", "-", "~", "!"):
            return Unary(type_, extent, operator, operand)
        return UnknownExpression(type_, extent, f"the operator {operator}", (operand,))

    def _wrapped(self, node: Node) -> Expression:
        parts = [child for child in node.children() if is_expression(child)]
        if len(parts) != 1:
            operands = tuple(self.expression(part) for part in parts)
            return UnknownExpression(self.type_of(node), self.extent(node), "an expression extension", operands)
        inner = self.expression(parts[0])
        type_ = self.type_of(node)
        is_parenthesis = node.kind == _PARENTHESIS
        if not is_parenthesis and (node.extent() != parts[0].extent() or not _is_implicit(inner.type, type_)):
            # ``va_arg``, ``__builtin_bit_cast``, ``noexcept``: what the parser inserts by itself is written nowhere.
            return UnknownExpression(type_, self.extent(node), "an expression extension", (inner,))
        if type_ is inner.type or _same_value(type_, inner.type):
            return inner
        return Cast(type_, self.extent(node), inner)

    def _name(self, node: Node) -> Expression:
        target = node.referenced()
        type_, extent = self.type_of(node), self.extent(node)
        if target is not None:
            if target.kind == _ENUM_CONSTANT:
                return Integer(type_, extent, target.enum_value)
            if target.kind in _DECLARED_VARIABLES and target.has_attribute("alias"):
                return UnknownExpression(type_, extent, "a second name of a variable", ())
            if target.kind in _DECLARED_VARIABLES:
                declaration = self.declaration(target)
                if declaration.type.kind is TypeKind.REFERENCE and declaration.type.element is not None:
                    type_ = declaration.type.element
                elif declaration.type.kind is TypeKind.POINTER:
                    type_ = declaration.type
                return Name(type_, extent, declaration)
            if target.kind in _FUNCTIONS:
                return FunctionName(type_, extent, target.spelling, self.note_function(target))
        return UnknownExpression(type_, extent, "a name that is not a variable", ())

    def _member(self, node: Node) -> Expression:
        type_, extent = self.type_of(node), self.extent(node)
        parts = [child for child in node.children() if is_expression(child)]
        target = node.referenced()
        if target is not None and target.kind in _DECLARED_VARIABLES:
            return Name(type_, extent, self.declaration(target))
        base = self.expression(parts[0]) if parts else self._this(target, extent)
        if target is not None and self.types.convert(target.type).kind is TypeKind.REFERENCE:
            return UnknownExpression(type_, extent, "a member that is a reference", (base,))
        union = self._hidden_union(target, base) if target is not None else None
        if union is not None:
            base = Member(union, extent, base, "", base.type.kind is TypeKind.POINTER)
        storage = bit_storage(target) if target is not None else ""
        return Member(type_, extent, base, node.spelling, base.type.kind is TypeKind.POINTER, storage)

    def _this(self, field: Node | None, extent: Extent) -> This:
        """Return the object whose member is named without it."""
        holder = field.parent() if field is not None else None
        while holder is not None and _is_anonymous(holder) and holder.parent().kind in RECORDS:
            holder = holder.parent()
        record = self.types.convert(holder.type) if holder is not None else CType(TypeKind.OTHER, "")
        return This(CType(TypeKind.POINTER, f"{record.spelling} *", 8, element=record), extent)

    def _hidden_union(self, field: Node, base: Expression) -> CType | None:
        """Return the outermost union without a name between an object and its member, which the parser leaves out."""
        held = base.type.element if base.type.kind is TypeKind.POINTER else base.type
        found: CType | None = None
        holder = field.parent()
        while holder.kind in RECORDS and _is_anonymous(holder):
            record = self.types.convert(holder.type)
            if held is not None and record.unqualified == held.unqualified:
                break
            found = record if record.kind is TypeKind.UNION else found
            holder = holder.parent()
        return found

    def _integer(self, node: Node) -> Expression:
        extent, type_ = self.extent(node), self.type_of(node)
        found = _INTEGER_TEXT.match(self.text.content[extent.start : extent.end]) if extent.file == 0 else None
        if found is not None:
            digits = found.group(1)
            is_octal = len(digits) > 1 and digits[:1] == b"0" and digits.isdigit()
            return Integer(type_, extent, int(digits, 8) if is_octal else int(digits, 0))
        value = node.integer()
        if value is None:
            return UnknownExpression(type_, extent, "a constant without a value", ())
        return Integer(type_, extent, value)

    def _call(self, node: Node) -> Expression:
        type_, extent = self.type_of(node), self.extent(node)
        parts = [child for child in node.children() if is_expression(child)]
        target = node.referenced()
        is_known = target is not None and target.kind in _FUNCTIONS and not target.is_virtual
        key = self.note_function(target) if target is not None and is_known else None
        name = node.spelling
        lowered = [self.expression(part) for part in parts]
        if name.startswith("operator") and not name[8:9].isalnum():
            return self._operator_call(node, type_, key, lowered)
        if target is not None and target.kind == 24:
            is_copy = len(lowered) == 1 and lowered[0].type.unqualified == type_.unqualified
            if is_copy and self.types.is_plain(type_):
                return lowered[0]
            return Call(type_, extent, f"constructor of {name}", None, tuple(lowered))
        callee = lowered[0] if lowered else None
        arguments = tuple(lowered[1:])
        definition = target.definition() if target is not None and key is not None else None
        is_ours = definition is not None and not definition.is_in_system_header and not _is_library(definition)
        is_ours = is_ours or (target is not None and not self._is_of_numbers(target))
        if isinstance(callee, Member):
            return Call(type_, extent, name or callee.name, key, arguments, callee.base, is_ours)
        while isinstance(callee, Cast):
            callee = callee.operand
        if isinstance(callee, FunctionName):
            name = _qualified(target, callee.name) if target is not None else callee.name
            return Call(type_, extent, name, callee.key, arguments, None, is_ours)
        return Call(type_, extent, "", None, tuple(lowered))

    def _is_of_numbers(self, function: Node) -> bool:
        """Return False for a function that cannot be one of ``<math.h>``: it is handed memory or objects."""
        if _is_library(function) or function.is_in_system_header or function.spelling.startswith("__builtin_"):
            return True
        parameters = function.children_of_kind(_PARAMETERS)
        return all(self.types.convert(each.type).kind in _NUMBERS for each in parameters)

    def is_user_defined(self, call: Node) -> bool:
        """Return True if the function called has a body that somebody wrote."""
        target = call.referenced()
        definition = target.definition() if target is not None else None
        return definition is not None and any(child.kind == 202 for child in definition.children())

    def _operator_call(self, node: Node, type_: CType, key: int | None, lowered: list[Expression]) -> Expression:
        extent, name = self.extent(node), node.spelling
        operands = [part for part in lowered if not _is_operator_name(part)]
        if operands and name == "operator[]" and len(operands) == 2 and operands[0].type.container is not None:
            return Subscript(type_, extent, operands[0], operands[1])
        is_plain = bool(operands) and operands[0].type.kind is TypeKind.RECORD and operands[0].type.container is None
        is_generated = key is None or not self.is_user_defined(node)
        if is_plain and name == "operator=" and len(operands) == 2 and is_generated:
            return Assignment(type_, extent, "", operands[0], operands[1])
        target = node.referenced()
        if operands and operands[0].type.spelling.startswith("(lambda"):
            # Its captures may hold values that the variables have no longer.
            return Call(type_, extent, "a lambda", None, tuple(operands[1:]))
        if operands and target is not None and target.kind == 21:
            return Call(type_, extent, name, key, tuple(operands[1:]), operands[0])
        return Call(type_, extent, name, key, tuple(operands))


def _is_anonymous(record: Node) -> bool:
    return "(anonymous" in record.spelling


_WHAT = {
    118: "a compound literal",
    121: "a statement expression",
    122: "a generic selection",
    129: "typeid",
    133: "throw",
    134: "new",
    135: "delete",
    144: "a lambda",
}


_OPAQUE = frozenset({121, 144})


_NAMESPACE = 22
_HOLDERS = frozenset({2, 4, _NAMESPACE, 31, 32})


def _is_library(function: Node) -> bool:
    outer = function.parent()
    while outer.kind in _HOLDERS:
        if outer.kind == _NAMESPACE and outer.spelling == "std":
            return True
        outer = outer.parent()
    return False


def _qualified(function: Node, name: str) -> str:
    """Return the name with ``std::`` or the namespace or class that holds it, so that ``my::exp`` is not ``exp``."""
    if _is_library(function):
        return f"std::{name}"
    outer = function.parent()
    return f"{outer.spelling}::{name}" if outer.kind in _HOLDERS else name


def _is_operator_name(expression: Expression) -> bool:
    while isinstance(expression, Cast):
        expression = expression.operand
    return isinstance(expression, FunctionName)


def _is_implicit(given: CType, wanted: CType) -> bool:
    """Return True if a conversion between the types may be one that nobody has written."""
    if given.kind is TypeKind.ARRAY:
        return wanted.kind in (TypeKind.ARRAY, TypeKind.POINTER, TypeKind.REFERENCE)
    if given.kind in (TypeKind.RECORD, TypeKind.UNION):
        return not wanted.is_scalar
    return True


def _same_value(wanted: CType, given: CType) -> bool:
    """Return True if a conversion between the types keeps value and meaning."""
    if wanted.kind is not given.kind or wanted.kind is TypeKind.POINTER:
        return False
    return wanted.unqualified == given.unqualified
