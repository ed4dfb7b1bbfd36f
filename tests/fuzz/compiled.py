"""Candidates that the code generator wrote, compiled with ``gcc -fopenmp`` and run against the original.

Many pairs go into one C file: the original, the candidate under other names, and a function that calls both with equal
memory and compares what they leave.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fuzz.inputs import Inputs, SerialRun, owners
from fuzz.memory import OBJECT_BITS
from fuzz.print_c import Printed
from fuzz.program import CType, Decl, Form, Program, Storage
from loopwright.codegen import guards
from loopwright.codegen.generate import generate
from loopwright.core.assumption import AssumptionKind
from loopwright.core.candidate import NotGenerated
from loopwright.core.legality import Proved
from loopwright.core.nest import LoopNest
from loopwright.core.source import Source
from loopwright.toolchain.process import run as run_process

CELLS = 1 << 13
"""Bytes on each side of where a pointer points; inputs that reach further are left out."""

REPEATS = 3
BUILD_S, RUN_S = 300.0, 60.0

EXACT = 1 << 22
"""Numbers up to this size are the same in ``float``, ``double`` and the interpreter."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One candidate to run: ``runs`` say for which inputs."""

    program: Program
    printed: Printed
    nest: LoopNest
    proved: Proved
    source: Source
    runs: tuple[SerialRun, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch.

    Attributes:
        failures: Pair and inputs whose results differ, with what was printed.
        ran: Number of comparisons.
        not_generated: Reasons why no text could be written.
        error: The compiler's or the program's complaint, if the batch did not run.
    """

    failures: tuple[tuple[Pair, Inputs, str], ...]
    ran: int
    not_generated: tuple[str, ...]
    error: str = ""


@contextlib.contextmanager
def always_worthwhile() -> Iterator[None]:
    """Generate directives without the condition that there is work enough for threads."""
    saved = guards.WORTHWHILE_ITERATIONS
    guards.WORTHWHILE_ITERATIONS = 0
    try:
        yield
    finally:
        guards.WORTHWHILE_ITERATIONS = saved


def run_batch(pairs: Sequence[Pair], folder: Path, *, gcc: str = "gcc") -> Outcome:
    """Build and run the pairs in ``folder``."""
    parts: list[str] = [HEAD]
    tests: list[tuple[Pair, Inputs]] = []
    not_generated: list[str] = []
    for number, pair in enumerate(pairs):
        with always_worthwhile():
            candidate = generate(pair.source, pair.nest, pair.proved)
        if isinstance(candidate, NotGenerated):
            not_generated.append(f"{candidate.code}: {candidate.reason}")
            continue
        suitable = [run for run in pair.runs if _fits(run, pair.program)]
        if not suitable:
            continue
        parts.append(_both(pair.program, pair.printed.text, candidate.content.decode(), number))
        is_exact = all(item.kind is not AssumptionKind.REASSOCIATION for item in pair.proved.assumptions)
        for run in suitable:
            parts.append(_test(pair.program, run, number, len(tests), is_exact))
            tests.append((pair, run.inputs))
    if not tests:
        return Outcome((), 0, tuple(not_generated))
    parts.append(_main(len(tests)))
    source = folder / "batch.c"
    source.write_text("\n".join(parts))
    built = run_process([gcc, "-O1", "-w", "-fopenmp", "batch.c", "-o", "batch", "-lm"], cwd=folder, timeout_s=BUILD_S)
    if not built.ok:
        return Outcome((), 0, tuple(not_generated), built.stderr.decode(errors="replace")[:2000])
    failures = _failures(folder, len(tests))
    return Outcome(tuple((*tests[number], text) for number, text in failures), len(tests), tuple(not_generated))


def _failures(folder: Path, count: int) -> list[tuple[int, str]]:
    """Run all tests; one that ends the process is noted, and the others go on after it."""
    found: dict[int, str] = {}
    first = 0
    while first < count:
        done = run_process(["./batch", str(first)], cwd=folder, timeout_s=RUN_S, environment={"OMP_NUM_THREADS": "3"})
        lines = done.stdout.decode(errors="replace").splitlines()
        for line in lines:
            number, _, text = line.partition(" ")
            if number.isdigit() and text not in ("original", "candidate"):
                found.setdefault(int(number), text)
        if lines and lines[-1] == "done":
            break
        number, _, part = (lines[-1] if lines else f"{first} original").partition(" ")
        # Where the original itself ends the process there is nothing to compare.
        if part == "candidate":
            found.setdefault(int(number), f"the candidate's process {done.describe()}")
        first = int(number) + 1
    return sorted(found.items())


def _fits(run: SerialRun, program: Program) -> bool:
    """Return True if all that the run touches lies in the memory that the driver makes, and in its own rows."""
    if run.memory.leaves_row:
        return False
    known = owners(program)
    for address, _, _, _ in run.log:
        number = ((address + (1 << (OBJECT_BITS - 1))) >> OBJECT_BITS) - 1
        if 0 <= number < len(known) and not -CELLS < address - ((number + 1) << OBJECT_BITS) < CELLS - 16:
            return False
    return True


def _renamed(program: Program, number: int) -> list[tuple[str, str]]:
    names = [program.name, *(decl.name for decl in program.globals), *(helper.name for helper in program.helpers)]
    names += [record.name for record in program.records]
    return [(name, f"{name}_{number}") for name in names]


def _both(program: Program, original: str, candidate: str, number: int) -> str:
    first, second = _renamed(program, 2 * number), _renamed(program, 2 * number + 1)
    return "\n".join(
        (
            *(f"#define {name} {new}" for name, new in first),
            original,
            *(f"#undef {name}" for name, _ in first),
            *(f"#define {name} {new}" for name, new in second),
            candidate,
            *(f"#undef {name}" for name, _ in second),
        )
    )


HEAD = f"""#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#define CELLS {CELLS}
static long value_at(unsigned long address, int is_float, int size, unsigned long seed, int style) {{
    if (style == 1 && !is_float) return (((address & 0xFFFFFFFFul) / size) & 0xFF) % 100;
    unsigned long place = style == 2 && !is_float ? address >> 32 : address;
    unsigned long mixed = (place + 1) * 0x9E3779B97F4A7C15ul + seed * 0xD1B54A32D192ED03ul;
    mixed ^= mixed >> 29;
    mixed *= 0xBF58476D1CE4E5B9ul;
    mixed ^= mixed >> 32;
    return is_float ? (long)(mixed % 15) - 5 : (long)(mixed % 7);
}}
static int differ(double x, double y, int exact, double far) {{
    if (x == y || (x != x && y != y)) return 0;
    if (exact) return 1;
    return !(fabs(x - y) <= far * (fabs(x) + fabs(y) + 1e3));
}}
"""


def _members(decl: Decl) -> tuple[tuple[str, CType], ...]:
    return decl.record.members if decl.record is not None else (("", decl.type),)


def _fill_code(target: str, offset: str, decl: Decl, number: int, run: SerialRun) -> list[str]:
    """Return the lines that give an object's memory the values that the interpreter's has."""
    style = {"mixed": 0, "rising": 1, "constant": 2}[run.inputs.fill.style]
    seed = run.inputs.fill.seed
    lines: list[str] = []
    for name, type_ in _members(decl):
        place, _ = decl.record.member(name) if decl.record is not None else (0, type_)
        lines.append(
            f"for (long at = {offset}; at + {decl.element_size} <= end; at += {decl.element_size}) "
            f"*({type_.name} *)({target} + at + {place}) = ({type_.name})value_at(({number + 1}ul << 32) + "
            f"at + {place}, {int(type_.is_float)}, {type_.size}, {seed}ul, {style});"
        )
    return lines


def _test(program: Program, run: SerialRun, number: int, test: int, is_exact: bool) -> str:
    lines = [f"static void test{test}(void) {{"]
    known = owners(program)
    aliased = {name: (owner, offset) for name, owner, offset in run.inputs.pointers}
    for side in (0, 1):
        lines += _setup(program, run, known, aliased, 2 * number + side, side)
    for side, part in enumerate(("original", "candidate")):
        lines.append(f'    printf("{test} {part}\\n"); fflush(stdout);')
        call = f"{program.name}_{2 * number + side}({_arguments(program, run, side)})"
        lines.append(f"    {f'double r{side} = ' if run.result is not None else ''}{call};")
    if run.result is not None:
        far = 1e-5
        lines.append(f'    if (differ(r0, r1, {int(is_exact)}, {far})) printf("{test} result %g %g\\n", r0, r1);')
    for decl in known:
        lines += _comparison(decl, number, test, is_exact)
    lines.append("}")
    return "\n".join(lines)


def _arguments(program: Program, run: SerialRun, side: int) -> str:
    values = dict(run.inputs.numbers)
    return ", ".join(
        str(values[decl.name]) if decl.form is Form.SCALAR else f"(void *)p{side}_{decl.name}"
        for decl in program.parameters
    )


def _setup(
    program: Program,
    run: SerialRun,
    known: list[Decl],
    aliased: dict[str, tuple[str, int]],
    copy: int,
    side: int,
) -> list[str]:
    lines: list[str] = []
    for place, decl in enumerate(known):
        pointer = f"p{side}_{decl.name}"
        if decl.storage is Storage.GLOBAL:
            sign = "&" if decl.form is Form.SCALAR else ""
            lines.append(f"    char *{pointer} = (char *){sign}{decl.name}_{copy};")
            lines.append(f"    {{ long end = sizeof {decl.name}_{copy};")
            body = _fill_code(pointer, "0", decl, place, run)
        else:
            lines.append(f"    static char m{side}_{decl.name}[2 * CELLS] __attribute__((aligned(64)));")
            lines.append(f"    char *{pointer} = m{side}_{decl.name} + CELLS;")
            lines.append("    { long end = CELLS;")
            first = f"-(CELLS / {decl.element_size} * {decl.element_size})"
            body = _fill_code(pointer, first, decl, place, run)
        lines += [f"      {line}" for line in body]
        lines.append("    }")
    for name, (owner, offset) in aliased.items():
        lines.append(f"    p{side}_{name} = p{side}_{owner} + ({offset});")
    for name, offset, value in run.inputs.cells:
        lines.append(f"    *(int *)(p{side}_{name} + {offset}) = {value};")
    return lines


def _comparison(decl: Decl, number: int, test: int, is_exact: bool) -> list[str]:
    lines: list[str] = []
    for name, type_ in _members(decl):
        place, _ = decl.record.member(name) if decl.record is not None else (0, type_)
        if decl.storage is Storage.GLOBAL:
            bounds = f"long at = 0, end = sizeof {decl.name}_{2 * number}"
            bases = [f"(char *)&{decl.name}_{2 * number + side}" for side in (0, 1)]
        else:
            first = f"-(CELLS / {decl.element_size} * {decl.element_size})"
            bounds = f"long at = {first}, end = CELLS"
            bases = [f"m{side}_{decl.name} + CELLS" for side in (0, 1)]
        exact = int(is_exact or not type_.is_float)
        reads = [f"*({type_.name} *)({base} + at + {place})" for base in bases]
        far = 1e-2 if type_.size == 4 else 1e-5
        lines.append(
            f"    for ({bounds}; at + {decl.element_size} <= end; at += {decl.element_size}) "
            f"if (differ({reads[0]}, {reads[1]}, {exact}, {far})) "
            f'{{ printf("{test} {decl.name} byte %ld: %g %g\\n", at, '
            f"(double){reads[0]}, (double){reads[1]}); return; }}"
        )
    return lines


def _main(tests: int) -> str:
    calls = "\n".join(f"        if (first <= {number}) test{number}();" for number in range(tests))
    return (
        "int main(int count, char **arguments) {\n    int first = count > 1 ? atoi(arguments[1]) : 0;\n"
        f"    for (int repeat = 0; repeat < {REPEATS}; repeat++) {{\n{calls}\n    }}\n"
        '    printf("done\\n");\n    return 0;\n}\n'
    )


def expectation_test(program: Program, text: str, run: SerialRun, number: int) -> str | None:
    """Return a C function ``expectN`` that stops the process unless the program does what the interpreter did.

    None if the run cannot be had in C: it leaves the driver's memory, or a number is one that ``float`` may round.
    """
    known = owners(program)
    outcome = [value for value in (*run.memory.cells.values(), run.result) if value is not None]
    if not _fits(run, program) or run.inputs.pointers or any(abs(value) > EXACT for value in outcome):
        return None
    call = f"{program.name}_{2 * number}({_arguments(program, run, 0)})"
    lines = _setup(program, run, known, {}, 2 * number, 0)
    lines.append(f"    {'double result = ' if run.result is not None else ''}{call};")
    checks = [f"result == {run.result}"] if run.result is not None else []
    for address, value in run.memory.cells.items():
        place = ((address + (1 << (OBJECT_BITS - 1))) >> OBJECT_BITS) - 1
        if value is None or not 0 <= place < len(known):
            continue
        decl, offset = known[place], address - ((place + 1) << OBJECT_BITS)
        type_ = _type_at(decl, offset % decl.element_size)
        checks.append(f"*({type_.name} *)(p0_{decl.name} + ({offset})) == {value}")
    lines += [f'    if (!({check})) {{ printf("{number}: {check}\\n"); exit(1); }}' for check in checks]
    names = _renamed(program, 2 * number)
    return "\n".join(
        (
            *(f"#define {name} {new}" for name, new in names),
            text,
            *(f"#undef {name}" for name, _ in names),
            f"static void expect{number}(void) {{",
            *lines,
            "}",
        )
    )


def _type_at(decl: Decl, offset: int) -> CType:
    if decl.record is None:
        return decl.type
    return next(type_ for name, type_ in decl.record.members if decl.record.member(name)[0] == offset)
