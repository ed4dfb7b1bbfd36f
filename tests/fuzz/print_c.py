"""A program as C text, one statement a line, and the lines that its statements stand on."""

from __future__ import annotations

from dataclasses import dataclass, field

from fuzz.program import (
    DOUBLE,
    FLOAT,
    Assign,
    Bin,
    Call,
    Cast,
    Cond,
    CType,
    Decl,
    Declare,
    Elem,
    Expr,
    For,
    Form,
    Helper,
    If,
    Jump,
    Lit,
    Point,
    Program,
    Stmt,
    Storage,
    Swap,
    Un,
    Var,
    While,
    declarations,
    expressions,
)

_UNIT = "    "


@dataclass(frozen=True, slots=True)
class Printed:
    """C text with the line (from 1) of every statement by its id; loops and branches are at their headers."""

    text: str
    lines: dict[int, int]


@dataclass(slots=True)
class _Printer:
    decls: dict[str, Decl]
    rows: list[str] = field(default_factory=list[str])
    lines: dict[int, int] = field(default_factory=dict[int, int])

    def row(self, depth: int, text: str) -> None:
        self.rows.append(_UNIT * depth + text)

    def body(self, statements: tuple[Stmt, ...], depth: int) -> None:
        for statement in statements:
            self.statement(statement, depth)

    def statement(self, statement: Stmt, depth: int) -> None:
        self.lines[statement.id] = len(self.rows) + 1
        match statement:
            case Assign():
                self.row(depth, f"{_assignment(statement, self.decls)};")
            case Declare(decl=decl, initial=initial):
                value = " = {0}" if decl.form is Form.ARRAY and initial is not None else _initial(initial, self.decls)
                self.row(depth, f"{declared(decl, self.decls)}{value};")
            case If(condition=condition, then=then, otherwise=otherwise):
                self.row(depth, f"if ({expression(condition, self.decls)}) {{")
                self.body(then, depth + 1)
                if otherwise:
                    self.row(depth, "} else {")
                    self.body(otherwise, depth + 1)
                self.row(depth, "}")
            case For():
                self.row(depth, f"{_header(statement, self.decls)} {{")
                self.body(statement.body, depth + 1)
                self.row(depth, "}")
            case While(condition=condition, body=body):
                self.row(depth, f"while ({expression(condition, self.decls)}) {{")
                self.body(body, depth + 1)
                self.row(depth, "}")
            case Jump(kind=kind, value=value):
                self.row(depth, f"{kind}{f' {expression(value, self.decls)}' if value is not None else ''};")
            case Swap(first=first, second=second):
                type_ = declared(self.decls[first], self.decls).rpartition("*")[0]
                self.row(depth, f"{{ {type_}*swapped = {first}; {first} = {second}; {second} = swapped; }}")


def print_c(program: Program) -> Printed:
    """Return the text of ``program``."""
    decls = declarations(program)
    printer = _Printer(decls)
    for record in program.records:
        members = " ".join(f"{type_.name} {name};" for name, type_ in record.members)
        printer.row(0, f"struct {record.name} {{ {members} }};")
    for decl in program.globals:
        printer.row(0, f"{declared(decl, decls)};")
    names = {call.name for call in _calls(program)}
    printer.rows += [f"double {name}(double, double);" for name in ("fmax", "fmin") if name in names]
    printer.rows += ["int abs(int);"] if "abs" in names else []
    for helper in program.helpers:
        printer.row(0, _helper(helper))
    result = program.result.name if program.result is not None else "void"
    parameters = ", ".join(declared(decl, decls) for decl in program.parameters)
    printer.row(0, f"{result} {program.name}({parameters or 'void'})")
    printer.row(0, "{")
    printer.body(program.body, 1)
    printer.row(0, "}")
    return Printed("\n".join(printer.rows) + "\n", printer.lines)


def _calls(program: Program) -> list[Call]:
    return [item for item in expressions((program.body, program.helpers)) if isinstance(item, Call)]


def _helper(helper: Helper) -> str:
    parameters = ", ".join(declared(decl, {}) for decl in helper.parameters)
    value = expression(helper.value, {decl.name: decl for decl in helper.parameters})
    return f"static {helper.type.name} {helper.name}({parameters}) {{ return {value}; }}"


def declared(decl: Decl, decls: dict[str, Decl]) -> str:
    """Return the declaration of a variable without its initializer."""
    type_ = f"struct {decl.record.name}" if decl.record is not None else decl.type.name
    const = "const " if decl.is_const else ""
    extents = [str(item) if isinstance(item, int) else expression(item, decls) for item in decl.extents]
    rows = "".join(f"[{text}]" for text in extents)
    match decl.form:
        case Form.SCALAR:
            return f"{'static ' if decl.storage is Storage.GLOBAL else ''}{const}{type_} {decl.name}"
        case Form.ARRAY:
            return f"{'static ' if decl.storage is Storage.GLOBAL else ''}{const}{type_} {decl.name}{rows}"
        case Form.POINTER:
            restrict = "restrict " if decl.is_restrict else ""
            if not extents:
                return f"{const}{type_} *{restrict}{decl.name}"
            if decl.storage is Storage.PARAMETER:
                return f"{const}{type_} {decl.name}[{restrict.strip()}]{rows}"
            return f"{const}{type_} (*{restrict}{decl.name}){rows}"


def _initial(initial: Expr | Point | None, decls: dict[str, Decl]) -> str:
    if initial is None:
        return ""
    if isinstance(initial, Point):
        if initial.offset == Lit(0):
            return f" = {initial.base}"
        return f" = {initial.base} + {_operand(initial.offset, decls)}"
    return f" = {expression(initial, decls)}"


def _assignment(statement: Assign, decls: dict[str, Decl]) -> str:
    target = expression(statement.target, decls)
    if statement.spelled:
        return f"{target}{statement.spelled}"
    return f"{target} {statement.operator}= {expression(statement.value, decls)}"


def _header(loop: For, decls: dict[str, Decl]) -> str:
    name = loop.iterator.name
    first = f"{loop.iterator.type.name} {name}" if loop.declares else name
    upper = _operand(loop.upper, decls) if isinstance(loop.upper, Cond) else expression(loop.upper, decls)
    mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}[loop.relation]
    condition = f"{upper} {mirrored} {name}" if loop.is_flipped else f"{name} {loop.relation} {upper}"
    return f"for ({first} = {expression(loop.lower, decls)}; {condition}; {_change(loop, decls)})"


def _change(loop: For, decls: dict[str, Decl]) -> str:
    name = loop.iterator.name
    if not isinstance(loop.step, int):
        return f"{name} += {expression(loop.step, decls)}"
    if abs(loop.step) == 1:
        return f"{name}{'++' if loop.step > 0 else '--'}"
    if loop.is_flipped:
        return f"{name} = {name} {'+' if loop.step > 0 else '-'} {abs(loop.step)}"
    return f"{name} {'+' if loop.step > 0 else '-'}= {abs(loop.step)}"


_TIGHT = Lit | Var | Elem | Call


def _operand(item: Expr, decls: dict[str, Decl]) -> str:
    text = expression(item, decls)
    is_negative = isinstance(item, Lit) and item.value < 0
    return text if isinstance(item, _TIGHT) and not is_negative else f"({text})"


def expression(item: Expr, decls: dict[str, Decl]) -> str:
    """Return the text of an expression, without parentheses around it."""
    match item:
        case Lit(value=value, type=type_):
            return _literal(value, type_)
        case Var(name=name):
            return name
        case Elem(name=name, subscripts=subscripts, member=member):
            places = "".join(f"[{expression(each, decls)}]" for each in subscripts)
            if not member:
                return f"{name}{places}"
            is_arrow = not subscripts and name in decls and decls[name].form is Form.POINTER
            return f"{name}{places}{'->' if is_arrow else '.'}{member}"
        case Bin(operator=operator, left=left, right=right):
            return f"{_operand(left, decls)} {operator} {_operand(right, decls)}"
        case Un(operator=operator, operand=operand):
            return f"{operator}{_operand(operand, decls)}"
        case Cast(type=type_, operand=operand):
            return f"({type_.name}){_operand(operand, decls)}"
        case Cond(condition=condition, then=then, otherwise=otherwise):
            return f"{_operand(condition, decls)} ? {_operand(then, decls)} : {_operand(otherwise, decls)}"
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(expression(each, decls) for each in arguments)})"


def _literal(value: int, type_: CType) -> str:
    if type_ in (FLOAT, DOUBLE):
        return f"{value}.0{'f' if type_ is FLOAT else ''}"
    suffix = {"unsigned": "u", "unsigned long": "ul", "long": "l"}.get(type_.name, "")
    return f"{value}{suffix}"
