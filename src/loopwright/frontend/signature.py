"""What a harness must know of a function: its parameters, the globals it touches, pointers that name one memory."""

from __future__ import annotations

from loopwright.core.function import Field, FunctionParameter, ParameterShape
from loopwright.core.variable import Storage, Variable
from loopwright.frontend.clang import Node
from loopwright.frontend.effects import EffectsFinder
from loopwright.frontend.lower_statements import Lowering
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Cast,
    Conditional,
    Declaration,
    DeclarationKind,
    DeclareStmt,
    Expression,
    FunctionSyntax,
    Integer,
    Member,
    Name,
    Subscript,
    Unary,
)
from loopwright.frontend.tree import all_expressions, strip_casts, walk_statements
from loopwright.frontend.types import Container, CType, TypeKind
from loopwright.frontend.written import Effects

_FIELD = 6
_STORAGE = {DeclarationKind.GLOBAL: Storage.GLOBAL, DeclarationKind.STATIC: Storage.STATIC}


class Signatures:
    """Describes functions of one translation unit."""

    def __init__(self, lowering: Lowering, finder: EffectsFinder) -> None:
        self._lowering = lowering
        self._finder = finder

    def parameters(self, node: Node, syntax: FunctionSyntax) -> tuple[FunctionParameter, ...]:
        """Return the parameters of a function."""
        nodes = {child.key: child for child in node.children() if child.kind == 10}
        return tuple(self._parameter(each, nodes.get(each.key)) for each in syntax.parameters)

    def _parameter(self, declaration: Declaration, node: Node | None) -> FunctionParameter:
        type_ = declaration.type
        is_reference = type_.kind is TypeKind.REFERENCE
        seen = type_.element if is_reference and type_.element is not None else type_
        shape, element, inner = _shape(seen)
        fields: tuple[Field, ...] = ()
        if shape is ParameterShape.RECORD and node is not None:
            fields = self._fields(node)
        if shape is ParameterShape.RECORD and (not fields or (seen is type_ and type_.kind is not TypeKind.POINTER)):
            shape, fields = ParameterShape.OPAQUE, ()
        target = seen.element if seen.kind is TypeKind.POINTER and seen.element is not None else seen
        extents = tuple(self._extent_text(declaration, depth, count) for depth, count in enumerate(reversed(inner)))
        return FunctionParameter(
            declaration.name,
            type_.spelling if node is None else node.type.canonical().spelling,
            shape,
            element.element_type(),
            target.scalar.is_const if shape is ParameterShape.ARRAY else target.is_const,
            tuple(reversed(extents)),
            fields,
            is_reference,
        )

    def _extent_text(self, declaration: Declaration, depth: int, count: int | None) -> str:
        """Return the extent of a dimension counted from the innermost."""
        if count is not None:
            return str(count)
        if depth < len(declaration.sizes):
            size = declaration.sizes[depth]
            if isinstance(size, Integer):
                return str(size.value)
            return self._lowering.text_of(size.extent.file).slice(size.extent.start, size.extent.end)
        return ""

    def _fields(self, parameter: Node) -> tuple[Field, ...]:
        pointee = parameter.type.canonical().pointee().canonical()
        record = pointee.declaration().definition()
        if record is None:
            return ()
        fields: list[Field] = []
        for child in record.children():
            if child.kind != _FIELD:
                continue
            type_ = self._lowering.type_of(child)
            extents: list[int] = []
            while type_.kind is TypeKind.ARRAY and type_.element is not None:
                extents.append(type_.count or 0)
                type_ = type_.element
            shape, element, inner = _shape(type_)
            if extents:
                shape = ParameterShape.ARRAY if type_.is_scalar and type_.element is None else ParameterShape.OPAQUE
            if shape is ParameterShape.RECORD or inner or child.is_bit_field:
                shape = ParameterShape.OPAQUE
            spelling = child.type.canonical().spelling
            fields.append(Field(child.spelling, spelling, shape, element.element_type(), tuple(extents)))
        return tuple(fields)

    def globals(self, effects: Effects) -> tuple[Variable, ...]:
        """Return the file-scope and static variables that code touches, through helpers too."""
        found = sorted(effects.touched.values(), key=lambda each: (each.extent.file, each.extent.start, each.name))
        return tuple(self._global(each) for each in found)

    def _global(self, declaration: Declaration) -> Variable:
        type_, extents = declaration.type, list[str]()
        while type_.kind is TypeKind.ARRAY and type_.element is not None:
            extents.append(str(type_.count) if type_.count is not None else "")
            type_ = type_.element
        is_pointer = type_.kind is TypeKind.POINTER and not extents
        if is_pointer and type_.element is not None:
            is_restrict, type_ = type_.is_restrict, type_.element
            extents = [""]
        else:
            is_restrict = False
        text = self._lowering.text_of(declaration.extent.file)
        isl_name = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in declaration.name)
        return Variable(
            declaration.name,
            isl_name,
            declaration.name,
            type_.element_type(),
            len(extents),
            tuple(extents),
            storage=_STORAGE.get(declaration.kind, Storage.GLOBAL),
            is_pointer=is_pointer,
            is_restrict=is_restrict,
            is_const=type_.is_const,
            base=declaration.name,
            base_element_size_bytes=max(type_.size_bytes, 0),
            declaration=text.span(declaration.extent.start, declaration.extent.end),
        )

    def pointer_aliases(self, syntax: FunctionSyntax) -> tuple[tuple[PointerName, PointerName], ...]:
        """Return the pairs of pointers of which one is assigned from the other."""
        pairs: dict[tuple[PointerName, PointerName], None] = {}
        for statement in walk_statements(syntax.body):
            if isinstance(statement, DeclareStmt):
                for declaration in statement.declarations:
                    if declaration.type.is_memory and declaration.initializer is not None:
                        mine = PointerName(declaration.key, declaration.name)
                        pairs.update({(mine, other): None for other in pointer_roots(declaration.initializer)})
        for expression in all_expressions(syntax.body):
            if isinstance(expression, Assignment) and expression.left.type.kind is TypeKind.POINTER:
                for mine in pointer_roots(expression.left):
                    pairs.update({(mine, other): None for other in pointer_roots(expression.right)})
        return tuple(pair for pair in pairs if pair[0] != pair[1])


class PointerName(tuple[object, str]):
    """Identity and name of a pointer: a variable's key, or ``("text", "s->a")``."""

    __slots__ = ()

    def __new__(cls, key: object, name: str) -> PointerName:
        """Make one."""
        return super().__new__(cls, (key, name))

    @property
    def key(self) -> object:
        """Identity."""
        return self[0]

    @property
    def name(self) -> str:
        """As spelt."""
        return self[1]


def pointer_roots(expression: Expression) -> list[PointerName]:
    """Return the pointers and arrays that a pointer expression is based on."""
    plain = strip_casts(expression)
    match plain:
        case Name(declaration=declaration):
            return [PointerName(declaration.key, declaration.name)] if declaration.type.is_memory else []
        case Binary(left=left, right=right):
            return [*pointer_roots(left), *pointer_roots(right)] if plain.type.kind is TypeKind.POINTER else []
        case Unary(operator="&", operand=operand):
            return _lvalue_roots(operand)
        case Conditional(then=then, otherwise=otherwise):
            return [*pointer_roots(then), *pointer_roots(otherwise)]
        case Member() if plain.type.kind in (TypeKind.POINTER, TypeKind.ARRAY):
            text = _member_text(plain)
            return [PointerName(("text", text), text)] if text else []
        case Subscript() if plain.type.kind in (TypeKind.POINTER, TypeKind.ARRAY):
            return pointer_roots(plain.base)
        case Assignment(right=right):
            return pointer_roots(right)
        case _:
            return []


def _lvalue_roots(expression: Expression) -> list[PointerName]:
    plain = strip_casts(expression)
    match plain:
        case Subscript(base=base):
            return pointer_roots(base)
        case Unary(operator="*", operand=operand):
            return pointer_roots(operand)
        case Member(base=base, is_arrow=is_arrow):
            return pointer_roots(base) if is_arrow else _lvalue_roots(base)
        case Name(declaration=declaration):
            return [PointerName(declaration.key, declaration.name)]
        case _:
            return []


def _member_text(expression: Expression) -> str:
    match strip_casts(expression):
        case Member(base=base, name=name, is_arrow=is_arrow):
            while isinstance(base, Member) and not base.name:
                base, is_arrow = base.base, base.is_arrow
            inner = _member_text(base)
            return f"{inner}{'->' if is_arrow else '.'}{name}" if inner else ""
        case Name(declaration=declaration):
            return declaration.name
        case Cast(operand=operand):
            return _member_text(operand)
        case _:
            return ""


def _shape(type_: CType) -> tuple[ParameterShape, CType, list[int | None]]:
    """Return the shape of a parameter, its element and the extents of inner arrays, outermost first."""
    if type_.is_integer:
        return ParameterShape.INTEGER, type_, []
    if type_.kind is TypeKind.FLOAT:
        return ParameterShape.REAL, type_, []
    if type_.container is Container.VECTOR and type_.element is not None and _is_number(type_.element):
        return ParameterShape.VECTOR, type_.element, []
    if type_.kind is TypeKind.RECORD and type_.container is None:
        return ParameterShape.RECORD, type_, []
    if type_.kind is not TypeKind.POINTER or type_.element is None:
        return ParameterShape.OPAQUE, type_, []
    target, inner = type_.element, list[int | None]()
    while target.kind is TypeKind.ARRAY and target.element is not None:
        inner.append(target.count)
        target = target.element
    if _is_number(target):
        return ParameterShape.ARRAY, target, inner
    if target.kind is TypeKind.POINTER and target.element is not None and _is_number(target.element) and not inner:
        return ParameterShape.ROWS, target.element, []
    if target.kind is TypeKind.RECORD and not inner and target.size_bytes > 0 and target.container is None:
        return ParameterShape.RECORD, target, []
    return ParameterShape.OPAQUE, target, []


def _is_number(type_: CType) -> bool:
    return type_.is_integer or type_.kind is TypeKind.FLOAT
