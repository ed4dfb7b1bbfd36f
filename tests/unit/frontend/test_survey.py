"""The short way to a file's loops: the same nests as the long one, and what is left of a file that does not parse."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.core.function import LoopSurvey
from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend.survey import survey
from snippets import unit_of

SCALE = "void scale(int n, double *a) { for (int i = 0; i < n; i++) a[i] = 2 * a[i]; }\n"


def survey_of(code: str, *flags: str, function: str | None = None, path: str = "/snippet/kernel.c") -> LoopSurvey:
    return survey(Source(path, code.encode(), flags), None, function, goes_on=True)


def names(found: LoopSurvey) -> list[str]:
    return [nest.function for nest in found.nests]


@pytest.mark.parametrize(
    "code",
    [
        SCALE,
        "static int n = 9; int *where(void) { return &n; }\nvoid f(int *p) { for (int i = 0; i < n; i++) p[i] = 1; }",
        "static double t[8]; static double g(int k) { return t[k]; }\n"
        "void f(double *a) { for (int i = 0; i < 8; i++) a[i] = g(i); }\nvoid h(void) { t[3] = 1; }",
        "void f(int n, double *a);\n"
        + SCALE
        + "void f(int n, double *a) { for (int i = 1; i < n; i++) a[i] = a[i-1]; }",
        "void f(int n, int *a) { while (n--) a[n] = 0; do { a[n]++; } while (n++ < 4); }",
        "struct s { int n; }; void f(struct s *s, int *a) { for (int i = 0; i < s->n; i++) a[i] = s->n; }",
    ],
)
def test_the_short_way_finds_what_the_long_one_does(code: str) -> None:
    long, short = unit_of(code), survey_of(code)
    assert short.nests == long.nests
    assert short.unsupported == tuple(item for function in long.functions for item in function.unsupported)
    assert short.doubt is None


def test_a_function_that_is_declared_first_counts_once() -> None:
    code = "void scale(int n, double *a);\n" + SCALE
    assert survey_of(code).functions == 1
    assert [function.name for function in unit_of(code).functions] == ["scale"]


def test_the_address_that_a_function_without_loops_takes_counts() -> None:
    code = (
        "static int n = 9; int *where(void) { return &n; }\nvoid f(int *p) { for (int i = 0; i < n; i++) p[i] = 1; }\n"
    )
    assert [item.code.name for item in survey_of(code).unsupported] == ["UNCOUNTED_LOOP"]
    alone = survey_of(code, function="f")
    assert [item.code.name for item in alone.unsupported] == ["UNCOUNTED_LOOP"]


@pytest.mark.parametrize(
    "declarations",
    [
        "static int n = 9; static int *p = &n;",
        "static int n = 9; static struct { double d; int *q; } s = {1.5, &n}; static int *p;",
        "static int n[3]; static int *p[] = {0, n};",
        "static int n = 9; static int *const p[2] = {[1] = &n};",
    ],
)
def test_the_address_in_a_first_value_at_file_scope_counts(declarations: str) -> None:
    place = "p[0]" if "*p[]" in declarations or "p[2]" in declarations else "p"
    bound = "n[0]" if "n[3]" in declarations else "n"
    code = f"{declarations}\nvoid f(void) {{ for (int i = 0; i < {bound}; i++) {place}[i] = 7; }}"
    # p[0] may be the bound itself: the loop does not count.
    assert [item.code.name for item in survey_of(code).unsupported] == ["UNCOUNTED_LOOP"]
    assert not unit_of(code).nests


def test_a_table_of_numbers_takes_no_address() -> None:
    code = (
        "static int n = 9; static double t[] = {1, 2.5e-3, 0x1F, -3}; double *p;\n"
        "void f(void) { for (int i = 0; i < n; i++) p[i] = t[i]; }"
    )
    assert names(survey_of(code)) == ["f"]


def test_a_missing_header_is_a_doubt_and_the_rest_is_looked_at() -> None:
    code = '#include "grid_that_is_not_there.h"\n' + SCALE + "void f(grid *g) { for (int i = 0; i < 3; i++) g[i] = 0; }"
    found = survey_of(code)
    assert found.doubt is not None
    assert found.doubt.code.name == "HEADER_MISSING"
    assert "grid_that_is_not_there.h" in found.doubt.reason
    assert names(found) == ["scale"]
    with pytest.raises(UserError):
        survey(Source("/snippet/kernel.c", code.encode()), None)


def test_a_function_with_an_error_is_unsupported_as_a_whole() -> None:
    code = "void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = nowhere; }\n" + SCALE
    found = survey_of(code)
    assert names(found) == ["scale"]
    (refused,) = found.unsupported
    assert (refused.function, refused.code.name) == ("f", "DOES_NOT_PARSE")
    assert "nowhere" in refused.reason


def test_a_function_over_a_declaration_with_an_error_is_unsupported() -> None:
    code = "static grid table[9];\nvoid f(int n) { for (int i = 0; i < n; i++) table[i] = 0; }\n" + SCALE
    found = survey_of(code)
    assert names(found) == ["scale"]
    assert "table" in found.unsupported[0].reason


def test_a_helper_with_an_error_is_not_looked_into() -> None:
    code = (
        "static double half(double x) { return x / 2 + nowhere; }\n"
        "void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] = half(a[i]); }"
    )
    found = survey_of(code)
    assert not found.nests
    assert {(item.function, item.code.name) for item in found.unsupported} == {
        ("half", "DOES_NOT_PARSE"),
        ("f", "UNKNOWN_CALL"),
    }


def test_every_error_is_seen_however_many_there_are() -> None:
    broken = "".join(f"void f{i}(void) {{ nowhere{i}(); for (;;) x{i}++; }}\n" for i in range(60))
    found = survey_of(broken + SCALE)
    assert names(found) == ["scale"]
    assert len(found.unsupported) == 60


def test_a_nest_that_takes_too_long_is_refused_and_the_file_goes_on() -> None:
    found = survey(Source("/snippet/kernel.c", (SCALE + SCALE.replace("scale", "again")).encode()), None, nest_s=0.0)
    assert [(item.function, item.code.name) for item in found.unsupported] == [
        ("scale", "ANALYSIS_LIMIT"),
        ("again", "ANALYSIS_LIMIT"),
    ]


def test_an_expression_that_is_nested_too_deeply_is_a_doubt() -> None:
    deep = f"double f(double x) {{ for (int i = 0; i < 3; i++) x = {'x + ' * 4000}x; return x; }}\n"
    found = survey_of(deep + SCALE)
    assert found.doubt is not None
    assert found.doubt.code.name == "ANALYSIS_LIMIT"
    assert not found.nests
    with pytest.raises(UserError, match="nested too deeply"):
        unit_of(deep)


def test_old_c_that_gcc_takes_with_a_warning_is_whole() -> None:
    found = survey_of("count = 0;\nvoid f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = i; puts2(a); }")
    assert (found.doubt, names(found)) == (None, ["f"])
    assert any("puts2" in warning for warning in found.warnings)


def test_an_attribute_that_only_gcc_knows_is_left_out_of_its_own_headers(tmp_path: Path) -> None:
    header = "void put(void *);\nvoid *get(int) __attribute__((__malloc__(put, 1)));\n"
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other):
        folder.mkdir()
        (folder / "get.h").write_text(header)
    source = Source("/snippet/kernel.c", ("#include <get.h>\n" + SCALE).encode())
    assert survey(source, str(own)).doubt is None
    flags = (f"-isystem{other}",)
    assert survey(Source(source.path, source.content, flags), None, goes_on=True).doubt is not None
