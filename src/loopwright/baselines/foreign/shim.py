"""Makes the harness around a function whose body is one call into Python: the bridge, and the text that calls it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict
from importlib import resources
from pathlib import Path

from loopwright.baselines.base import Kernel
from loopwright.baselines.foreign.body import replace_body
from loopwright.baselines.foreign.guest import Request
from loopwright.baselines.foreign.interpreter import Interpreter
from loopwright.config import Settings
from loopwright.core.function import FunctionParameter, ParameterShape
from loopwright.core.variable import ElementKind
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler, build, require_compilers

_PACKAGE = "loopwright.baselines.foreign"
_NAME = "loopwright_bridge"
_TYPES = {ElementKind.FLOAT: "f", ElementKind.SIGNED: "i", ElementKind.UNSIGNED: "u", ElementKind.BOOL: "b"}
_FLAGS = ("-O2", "-march=native")


def unsuitable(kernel: Kernel) -> str | None:
    """Return why a call of the kernel cannot be handed over, or None."""
    for parameter in kernel.function.parameters:
        if _hand_over(parameter) is None:
            return f"parameter {parameter.name} of type {parameter.c_type} cannot be handed to Python"
    if kernel.function.return_type != "void" and _return_call(kernel) is None:
        return f"a result of type {kernel.function.return_type} cannot be taken from Python"
    if replace_body(kernel.unit.source.content, kernel.function.span, b"{}") is None:
        return "the body of the function could not be found: its braces do not match"
    return None


def build_guest(kernel: Kernel, interpreter: Interpreter, request: Request, settings: Settings) -> Build | BuildFailed:
    """Compile the kernel's harness with a call into Python as the function's body; ``unsuitable`` is None."""
    compiler = require_compilers(settings)[0]
    bridge = _build_bridge(compiler, interpreter, settings)
    if isinstance(bridge, BuildFailed):
        return bridge
    folder = str(bridge.binary.parent)
    flags = (*_FLAGS, f"-L{folder}", f"-l{_NAME}", f"-Wl,-rpath,{folder}")
    return kernel.harness.build(guest_text(kernel, interpreter, request), compiler, flags)


def guest_text(kernel: Kernel, interpreter: Interpreter, request: Request) -> bytes:
    """Return the kernel's file with a call into Python in place of the function's body."""
    source, function = kernel.unit.source, kernel.function
    words = (str(interpreter.executable), str(interpreter.root), json.dumps(asdict(request)))
    lines = [f"lw_guest_open({', '.join(c_string(word) for word in words)});"]
    lines += [text for parameter in function.parameters if (text := _hand_over(parameter))]
    lines.append(_return_call(kernel) or "lw_guest_call();")
    text = replace_body(source.content, function.span, f"{{ {' '.join(lines)} }}".encode())
    if text is None:
        raise ValueError(f"{function.name}: no body")
    header = (resources.files(_PACKAGE) / "bridge.h").read_bytes()
    return header + b"#line 1 " + c_string(source.path).encode() + b"\n" + text


def _hand_over(parameter: FunctionParameter) -> str | None:
    """Return the statement that hands over one argument; "" for one without a name, which the body cannot use."""
    name = parameter.name
    if not name:
        return ""
    kind = _TYPES.get(parameter.element.kind)
    if kind is None or parameter.element.size_bytes not in (1, 2, 4, 8):
        return None
    numpy_type = f"{kind}{parameter.element.size_bytes}"
    match parameter.shape:
        case ParameterShape.INTEGER | ParameterShape.REAL if parameter.is_reference:
            return f'lw_guest_array("{name}", "{numpy_type}", &{name});'
        case ParameterShape.INTEGER:
            return f'lw_guest_integer("{name}", (long long){name});'
        case ParameterShape.REAL:
            return f'lw_guest_real("{name}", (double){name});'
        case ParameterShape.ARRAY:
            return f'lw_guest_array("{name}", "{numpy_type}", {name});'
        case ParameterShape.VECTOR:
            return f'lw_guest_array("{name}", "{numpy_type}", {name}.data());'
        case _:
            return None


def _return_call(kernel: Kernel) -> str | None:
    element = kernel.function.return_element
    if element is None:
        return None
    call = "lw_guest_call_real()" if element.kind is ElementKind.FLOAT else "lw_guest_call_integer()"
    return f"return ({element.spelling}){call};" if element.kind in _TYPES else None


def c_string(text: str) -> str:
    """Return ``text`` as a C string literal.

    >>> print(c_string('a "b" ?'))
    "a \\042b\\042 \\077"
    """
    plain = set(range(32, 127)) - set(b'"\\?')
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in os.fsencode(text)) + '"'


def bridge_folder(settings: Settings) -> Path:
    """Return the folder below which the bridges are kept."""
    return settings.cache / "foreign"


def _build_bridge(compiler: Compiler, interpreter: Interpreter, settings: Settings) -> Build | BuildFailed:
    """Return the bridge as a shared library; it is kept for all kernels and runs."""
    names = ("bridge.h", "bridge.c")
    texts = {name: (resources.files(_PACKAGE) / name).read_bytes() for name in names}
    library = interpreter.library
    flags = (
        *("-O2", "-shared", "-fPIC", f"-I{interpreter.include}", f"-L{library.parent}"),
        *(f"-l:{library.name}", f"-Wl,-rpath,{library.parent}"),
    )
    digest = hashlib.sha256("\0".join((compiler.facts.path, compiler.facts.version, *flags)).encode())
    for name in names:
        digest.update(texts[name])
    folder = bridge_folder(settings) / digest.hexdigest()[:24]
    kept = folder / f"lib{_NAME}.so"
    if kept.is_file():
        return Build(kept, "", 0.0)
    # Another process may do the same: made apart, then moved.
    work = folder / f"make-{os.getpid()}"
    work.mkdir(parents=True, exist_ok=True)
    for name in names:
        (work / name).write_bytes(texts[name])
    made = build(compiler, work / "bridge.c", work / kept.name, flags, language="c", cwd=work, limits=settings.limits)
    if isinstance(made, BuildFailed):
        return made
    made.binary.replace(kept)
    shutil.rmtree(work, ignore_errors=True)
    return Build(kept, made.warnings, made.elapsed_s)
