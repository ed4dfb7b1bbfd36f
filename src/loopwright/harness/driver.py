"""The generated half of a harness: C or C++ that includes the user's text and makes one call to the subject.

Its calls into runtime.c read the values of a case in the order of ``request.call_values``; the two belong together.
"""

from __future__ import annotations

from pathlib import Path

from loopwright.core.source import Source
from loopwright.core.variable import ElementKind
from loopwright.harness.subject import Member, Slot, SlotKind, Subject

_KINDS = {
    ElementKind.FLOAT: "LW_FLOAT",
    ElementKind.SIGNED: "LW_SIGNED",
    ElementKind.UNSIGNED: "LW_UNSIGNED",
    ElementKind.BOOL: "LW_BOOL",
}


def user_text(source: Source, content: bytes) -> bytes:
    """Return ``content`` so that the compiler speaks of the user's own file and lines."""
    path = source.path.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "surrogateescape")
    return b'#line 1 "' + path + b'"\n' + content + b"\n"


def driver_text(subject: Subject, included: str, runtime: Path) -> str:
    """Return the text of the harness around the file ``included``, in the same folder; ``runtime`` is runtime.h."""
    body = _program_body(subject) if subject.function is None else _call_body(subject, subject.function.name)
    lines = [f'#include "{included}"', '#line 1 "harness"', f'#include "{runtime}"', ""]
    if subject.function is None:
        linkage = 'extern "C" ' if subject.source.language == "c++" else "extern "
        lines += [f"{linkage}int __real_main(int, char **);", ""]
    return "\n".join([*lines, "void lw_subject(void)", "{", *(f"    {line}" for line in body), "}", ""])


def _program_body(subject: Subject) -> list[str]:
    return [
        'static char lw_name[] = "program";',
        "char *lw_arguments[2] = {lw_name, 0};",
        "int lw_status;",
        "lw_start();",
        "lw_status = __real_main(1, lw_arguments);",
        "lw_stop();",
        "lw_exit(lw_status);",
    ]


def _call_body(subject: Subject, name: str) -> list[str]:
    is_cxx = subject.source.language == "c++"
    before: list[str] = []
    arguments: list[str] = []
    after: list[str] = []
    for slot in subject.globals:
        before += _global(slot)
    for position, slot in enumerate(subject.parameters):
        place = f"lw_p{position}"
        before += _parameter(slot, place)
        arguments.append(_argument(slot, place, is_cxx))
        if slot.kind is SlotKind.VECTOR:
            after.append(f'lw_reseat("{slot.name}", (void *){place}->data(), {place}->size());')
    call = f"lw_call({', '.join(arguments)})"
    returned = subject.function.return_element if subject.function else None
    if returned is not None and returned.kind in _KINDS:
        call = f"{returned.spelling} lw_value = {call};"
        after.append(f"lw_result({_KINDS[returned.kind]}, (const void *)&lw_value, sizeof lw_value);")
    else:
        call = f"(void){call};" if subject.function and subject.function.return_type != "void" else f"{call};"
    # Through a volatile pointer: the compiler may not fold the call's values into the subject.
    return [*before, f"__typeof__({name}) *volatile lw_call = {name};", "lw_start();", call, "lw_stop();", *after]


def _kind(slot: Slot) -> str:
    return _KINDS[slot.element.kind]


def _array(slot: Slot) -> str:
    return f'lw_array("{slot.name}", {_kind(slot)}, sizeof({slot.element.spelling}))'


def _parameter(slot: Slot, place: str) -> list[str]:
    element = slot.element.spelling
    match slot.kind:
        case SlotKind.INTEGER | SlotKind.REAL if slot.is_reference:
            return [f"{element} *{place} = ({element} *){_array(slot)};"]
        case SlotKind.INTEGER:
            return [f"long long {place} = lw_integer();"]
        case SlotKind.REAL:
            return [f"double {place} = lw_real();"]
        case SlotKind.ARRAY:
            return [f"void *{place} = {_array(slot)};"]
        case SlotKind.ROWS:
            return [f'void *{place} = lw_rows("{slot.name}", {_kind(slot)}, sizeof({element}));']
        case SlotKind.VECTOR:
            # It must outlive the call, for the comparison; the next call takes its place.
            return [
                f"static std::vector<{element}> *{place};",
                f"delete {place};",
                f"{place} = new std::vector<{element}>(lw_count());",
                f'lw_bind("{slot.name}", (void *){place}->data(), {_kind(slot)}, sizeof({element}),'
                f" {place}->size() * sizeof({element}));",
            ]
        case SlotKind.RECORDS:
            lines = [f"{element} *{place} = ({element} *)lw_records(sizeof({element}));"]
            return lines + [line for member in slot.members for line in _member(member, place, element)]
        case _:
            return []


def _member(member: Member, place: str, element: str) -> list[str]:
    slot, field = member.slot, member.field
    if slot is None:
        return []
    if slot.kind is SlotKind.ARRAY:
        return [f"{place}->{field.name} = ({field.c_type}){_array(slot)};"]
    if slot.kind is SlotKind.ROWS:
        rows = f'lw_rows("{slot.name}", {_kind(slot)}, sizeof({slot.element.spelling}))'
        return [f"{place}->{field.name} = ({field.c_type}){rows};"]
    repeat = 1
    for extent in field.fixed_extents:
        repeat *= extent
    return [
        f'lw_member("{slot.name}", {place}, sizeof({element}), __builtin_offsetof({element}, {field.name}),'
        f" {_kind(slot)}, sizeof({slot.element.spelling}), {repeat});"
    ]


def _argument(slot: Slot, place: str, is_cxx: bool) -> str:
    match slot.kind:
        case SlotKind.INTEGER | SlotKind.REAL if slot.is_reference:
            return f"*{place}"
        case SlotKind.INTEGER | SlotKind.REAL:
            return f"({slot.c_type}){place}"
        case SlotKind.VECTOR:
            return f"*{place}"
        case SlotKind.NOTHING:
            return "0"
        case SlotKind.RECORDS if "*" not in slot.c_type and "[" not in slot.c_type:
            return f"*{place}"
        case SlotKind.RECORDS:
            return place
        case _:
            return f"({slot.c_type}){place}" if is_cxx else place


def _global(slot: Slot) -> list[str]:
    size = f"sizeof({slot.element.spelling})"
    match slot.kind:
        case SlotKind.GLOBAL_POINTER:
            return [f"{slot.lvalue} = (__typeof__({slot.lvalue})){_array(slot)};"]
        case SlotKind.GLOBAL_MEMBER:
            variable = next(item for item in slot.variables)
            field = slot.name.removeprefix(f"{slot.lvalue}.")
            first = slot.lvalue + "[0]" * variable.rank
            return [
                f'lw_bind_member("{slot.name}", (void *)&{slot.lvalue}, sizeof({slot.lvalue}),'
                f" {variable.base_element_size_bytes},"
                f" (unsigned long)((char *)&{first}.{field} - (char *)&{slot.lvalue}), {_kind(slot)}, {size}, 1);"
            ]
        case _:
            return [f'lw_bind("{slot.name}", (void *)&{slot.lvalue}, {_kind(slot)}, {size}, sizeof({slot.lvalue}));']
