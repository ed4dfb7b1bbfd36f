"""The text that hands a call over to Python, and the kernels that it cannot be made for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from baseline_kernels import kernel_of
from loopwright.baselines.base import Kernel
from loopwright.baselines.foreign.guest import Request
from loopwright.baselines.foreign.interpreter import Interpreter, find_interpreter
from loopwright.baselines.foreign.shim import c_string, guest_text, unsuitable
from loopwright.config import Settings

SETTINGS = Settings()
REQUEST = Request('/a "folder"/library.py', "torch", 2, "/cache", "/cache/report")
INTERPRETER = Interpreter(Path("/bin/python3"), Path("/include"), Path("/lib/libpython.so"), Path("/src"))


def kernel_in(folder: Path, text: str, name: str = "kernel.c") -> Kernel:
    (folder / name).write_text(text)
    return kernel_of(folder / name, folder / "scratch", SETTINGS, "f")


def test_every_argument_is_handed_over_with_its_type(tmp_path: Path) -> None:
    kernel = kernel_in(
        tmp_path,
        "int f(int n, double s, const float *restrict a, unsigned char b[], double c[n][n])\n"
        "{\n    for (int i = 0; i < n; i++)\n        c[0][i] = a[i] * b[i] * s;\n    return n;\n}\nint after;\n",
    )
    assert unsuitable(kernel) is None
    text = guest_text(kernel, INTERPRETER, REQUEST).decode()
    for line in (
        'lw_guest_integer("n", (long long)n);',
        'lw_guest_real("s", (double)s);',
        'lw_guest_array("a", "f4", a);',
        'lw_guest_array("b", "u1", b);',
        'lw_guest_array("c", "f8", c);',
        "return (int)lw_guest_call_integer();",
    ):
        assert line in text
    assert "for (int i" not in text
    # Behind the header, the user's own line numbers.
    own = text[text.index("#line 1 ") :].splitlines()[1:]
    assert own.index("int after;") == kernel.unit.source.content.decode().splitlines().index("int after;")
    assert c_string(json.dumps(asdict(REQUEST))) in text


def test_a_vector_is_handed_over_by_its_data(tmp_path: Path) -> None:
    text = (
        "#include <vector>\n"
        "void f(std::vector<double> &v, double &total) {\n"
        "    for (unsigned i = 0; i < v.size(); i++) total += v[i];\n}\n"
    )
    kernel = kernel_in(tmp_path, text, "kernel.cpp")
    made = guest_text(kernel, INTERPRETER, REQUEST).decode()
    assert 'lw_guest_array("v", "f8", v.data());' in made
    assert 'lw_guest_array("total", "f8", &total);' in made
    assert "lw_guest_call(); }" in made


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "struct grid { int n; double *a; };\n"
            "void f(struct grid *g) { for (int i = 0; i < g->n; i++) g->a[i] = 0; }\n",
            "parameter g of type struct grid *",
        ),
        ("void f(int n, double **r) { for (int i = 0; i < n; i++) r[i][0] = 0; }\n", "parameter r"),
        ("int *f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = 0; return a; }\n", "a result of type int *"),
        (
            "#define END }\nvoid f(int n, int *a) { for (int i = 0; i < n; i++) { a[i] = 0; END }\n",
            "the body of the function could not be found",
        ),
    ],
)
def test_what_cannot_be_handed_over_is_said(text: str, reason: str, tmp_path: Path) -> None:
    assert reason in (unsuitable(kernel_in(tmp_path, text)) or "")


def test_a_string_means_in_c_what_it_is() -> None:
    assert c_string("plain") == '"plain"'
    # Neither escapes nor trigraphs: everything else is in octal, three digits.
    assert c_string('a\\n"??/\né\x01') == '"a\\134n\\042\\077\\077/\\012\\303\\251\\001"'


def test_this_interpreter_says_what_it_lacks_or_is_complete() -> None:
    found = find_interpreter()
    if isinstance(found, str):
        assert "Python" in found
        return
    assert (found.include / "Python.h").is_file()
    assert found.library.is_file()
    assert (found.root / "loopwright" / "version.py").is_file()
