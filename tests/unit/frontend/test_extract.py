"""The entry: errors, warnings, functions, spans."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend.extract import extract
from snippets import SETTINGS, function_of, nest_of, unit_of


def error_of(code: str, *flags: str, function: str | None = None) -> UserError:
    with pytest.raises(UserError) as caught:
        extract(Source("/snippet/kernel.c", code.encode(), flags), SETTINGS, function)
    return caught.value


def test_a_missing_header_is_named() -> None:
    error = error_of('#include "grid_that_is_not_there.h"\nint x;')
    assert error.code.name == "HEADER_MISSING"
    assert "grid_that_is_not_there.h" in error.one_line()
    assert "/snippet/kernel.c:1" in error.one_line()


def test_a_file_that_does_not_parse_is_one_line() -> None:
    error = error_of("void f(int n) { for (int i = 0; i < n; i++ { } }")
    assert error.code.name == "DOES_NOT_PARSE"
    assert "/snippet/kernel.c:1" in error.one_line()
    assert "\n" not in error.one_line()


def test_an_unknown_function_lists_those_there_are() -> None:
    error = error_of("void solve(void) { } void init(void) { }", function="sovle")
    assert error.code.name == "NO_SUCH_FUNCTION"
    assert "solve" in error.hint
    assert "init" in error.hint


def test_flags_that_make_no_sense_are_an_error() -> None:
    assert error_of("int x;", "-std=no-such-standard").code.name == "DOES_NOT_PARSE"


def test_one_function_can_be_asked_for() -> None:
    code = b"void f(double *a) { for (int i = 0; i < 3; i++) a[i] = 0; } void g(double *a) { f(a); }"
    unit = extract(Source("/snippet/kernel.c", code), SETTINGS, "f")
    assert [function.name for function in unit.functions] == ["f"]


def test_the_users_flags_are_used(tmp_path: Path) -> None:
    (tmp_path / "size.h").write_text("#define SIZE 12\n")
    code = '#include "size.h"\nvoid f(double *a) { for (int i = 0; i < SIZE * WIDTH; i++) a[i] = 0; }'
    nest = nest_of(code, f"-I{tmp_path}", "-DWIDTH=2")
    assert nest.loops[0].upper == "24"


@pytest.mark.parametrize("code", ["", "\n", "// nothing\n", "int x;", "#define A 1\n", "\ufeffint x;"])
def test_files_without_functions(code: str) -> None:
    assert unit_of(code).functions == ()


def test_compiler_warnings_are_passed_on() -> None:
    unit = unit_of("int f(void) { }\nint g(int n) { n == 3; return 1; }")
    assert unit.warnings
    assert all(warning.startswith("/snippet/kernel.c:") for warning in unit.warnings)


def text_of(code: bytes, path: str = "/snippet/kernel.c") -> dict[str, str]:
    source = Source(path, code)
    nest = nest_of(code, path=path)
    loop = nest.loops[0]
    texts = {"span": loop.span, "header": loop.header, "body": loop.body, "nest": nest.span}
    texts["statement"] = nest.statements[0].span
    texts["access"] = next(each for each in nest.statements[0].accesses if each.kind.value == "write").span
    return {name: source.text(span) for name, span in texts.items()}


def test_spans_are_the_text() -> None:
    code = b"void f(int n, double *a) {\n  for (int i = 0; i < n; i++) {\n    a[i] = 0 ;\n  }\n}\n"
    texts = text_of(code)
    assert texts == {
        "span": "for (int i = 0; i < n; i++) {\n    a[i] = 0 ;\n  }",
        "nest": "for (int i = 0; i < n; i++) {\n    a[i] = 0 ;\n  }",
        "header": "for (int i = 0; i < n; i++)",
        "body": "{\n    a[i] = 0 ;\n  }",
        "statement": "a[i] = 0 ;",
        "access": "a[i]",
    }
    span = nest_of(code).loops[0].span
    assert (span.line, span.column, span.end_line) == (2, 3, 4)


@pytest.mark.parametrize(
    "before",
    [
        "/* ключ \u2603 \U0001f600 */".encode(),
        b"/* \xff\xfe\x80 */",
        b"\xef\xbb\xbf",
        b"\r\n\r\n// dos\r\n",
        b"#define LONG \\\r\n  3\r\n",
        b'static const char *s = "); for (;;) {";\n',
    ],
)
def test_odd_bytes_do_not_shift_spans(before: bytes) -> None:
    code = (
        before + b"void f(int n, double *a) {\r\n  for (int i = 0; /* ; ) */ i < n; i++) // {\r\n    a[i] = 0;\r\n}\r\n"
    )
    texts = text_of(code)
    assert texts["header"] == "for (int i = 0; /* ; ) */ i < n; i++)"
    assert texts["body"] == "a[i] = 0;"
    assert texts["span"].endswith("a[i] = 0;")
    assert texts["access"] == "a[i]"


def test_a_body_that_is_an_if_or_a_loop_ends_with_its_last_semicolon() -> None:
    code = b"void f(int n, double *a) { for (int i = 0; i < n; i++) if (i > 3) a[i] = 0; else a[i] = 1; }"
    assert text_of(code)["body"] == "if (i > 3) a[i] = 0; else a[i] = 1;"
    nested = b"void f(int n, double *a) { for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) a[j] = 0\n ; }"
    assert text_of(nested)["body"] == "for (int j = 0; j < n; j++) a[j] = 0\n ;"


def test_headers_that_macros_write_are_marked() -> None:
    code = """#define EACH(i, n) for (int i = 0; i < n; i++)
        #define UP(i) i++
        #define ZERO(a, n) for (int q = 0; q < n; q++) a[q] = 0
        void f(int n, double *a) {
          EACH(i, n) a[i] = 0;
          for (int j = 0; j < n; UP(j)) a[j] = 0;
          ZERO(a, n);
        }"""
    function = function_of(code)
    assert [nest.loops[0].is_in_macro for nest in function.nests] == [True, False, True]
    assert [nest.loops[0].is_canonical for nest in function.nests] == [False, True, False]
    assert [nest.span.line for nest in function.nests] == [5, 6, 7]


def test_a_loop_inside_a_macros_argument_is_in_the_macro() -> None:
    code = "#define DO(x) x\nvoid f(int n, double *a) { DO(for (int i = 0; i < n; i++) a[i] = 0;) }"
    assert nest_of(code).loops[0].is_in_macro


def test_what_a_macro_writes_has_the_span_of_its_use() -> None:
    code = (
        b"#define SET(x) x = 0\n#define AT a[i]\nvoid f(int n, double *a) { for (int i = 0; i < n; i++) { SET(AT); } }"
    )
    texts = text_of(code)
    assert texts["statement"] == "SET(AT);"
    assert texts["access"] == "SET(AT)"


def test_unsupported_spans_are_one_line() -> None:
    code = "void f(int n, double *a) {\n  while (n)\n  {\n    a[n--] = 0;\n  }\n}"
    function = function_of(code)
    span = function.unsupported[0].span
    assert code[span.start : span.end] == "while (n)"
    assert span.line == 2


def test_nests_of_one_line_have_ids_of_their_own() -> None:
    code = "void f(double *a) { for (int i = 0; i < 3; i++) a[i] = 0; for (int i = 0; i < 3; i++) a[i] = 0; }"
    assert [nest.id for nest in function_of(code).nests] == ["f:1", "f:1_2"]
