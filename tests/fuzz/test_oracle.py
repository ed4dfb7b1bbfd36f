"""The oracle is tested harder than the prover: answers that are wrong on purpose must be seen."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from fuzz.compiled import HEAD, expectation_test
from fuzz.examine import FALSE_WITNESS, WRONG_PROVED, NestCheck, Subject, Tally, nests_of, subject_of
from fuzz.generate import random_program
from fuzz.nests import NestMap
from fuzz.program import (
    DOUBLE,
    INT,
    Assign,
    Bin,
    Decl,
    Declare,
    Elem,
    Expr,
    For,
    Form,
    If,
    Jump,
    Lit,
    Program,
    Stmt,
    Storage,
    Var,
)
from loopwright.core.analysis import NestAnalysis
from loopwright.core.dependence import DependenceKind
from loopwright.core.legality import DataEnvironment, Legality, Proved, Refuted
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Step, Tile
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan
from loopwright.toolchain.process import run

N = Decl("n", INT, storage=Storage.PARAMETER)
M = Decl("m", INT, storage=Storage.PARAMETER)
A = Decl("a", DOUBLE, Form.POINTER, Storage.PARAMETER)
B = Decl("b", DOUBLE, Form.POINTER, Storage.PARAMETER)
C = Decl("c", DOUBLE, Form.POINTER, Storage.PARAMETER, (12,))
S = Declare(90, Decl("s", DOUBLE), Lit(0, DOUBLE))
T = Declare(91, Decl("t", DOUBLE), Lit(0, DOUBLE))
AT_I, AT_J = Var("i"), Var("j")


INPUT_SEEDS = range(6)


def at(name: str, *subscripts: Expr) -> Elem:
    return Elem(name, subscripts)


def loop(identity: int, name: str, *body: Stmt, lower: int = 0) -> For:
    return For(identity, Decl(name, INT), True, Lit(lower), "<", Var("n"), 1, body)


def program(*body: Stmt, result: str = "") -> Program:
    end = (Jump(99, "return", Var(result)),) if result else ()
    parameters = (N, M, A, B, C)
    return Program("f0", parameters, (*body, *end), DOUBLE if result else None)


def checked(of: Program, seed: int = 3) -> tuple[Subject, NestMap, NestAnalysis, NestCheck]:
    subject = subject_of(of, random.Random(seed))
    assert subject is not None
    ((nest, nests),) = list(nests_of(subject))
    assert nests is not None
    analysis = analyze_nest(nest)
    return subject, nests, analysis, NestCheck(subject, nests)


def fault(of: Program, steps: tuple[Step, ...], *environments: DataEnvironment) -> str:
    """Return what the oracle says of a proof that nobody made, over several draws of inputs."""
    for seed in INPUT_SEEDS:
        _, _, analysis, checker = checked(of, seed)
        found = checker.check(Proved(Plan(analysis.nest.id, steps), environments), random.Random(1), Tally())
        if found is not None:
            assert found[0] == WRONG_PROVED
            return found[1]
    return ""


def verdict(of: Program, *steps: Step) -> Legality:
    _, _, analysis, _ = checked(of)
    return check_plan(analysis, Plan(analysis.nest.id, steps))


RECURRENCE = program(loop(1, "i", Assign(2, at("a", AT_I), "", at("a", Bin("-", AT_I, Lit(1)))), lower=1))
ANTI = program(loop(1, "i", Assign(2, at("a", AT_I), "", at("a", Bin("+", AT_I, Lit(1))))))
ONE_CELL = program(loop(1, "i", Assign(2, at("a", Lit(0)), "", Lit(5, DOUBLE))))
SUM = program(S, loop(1, "i", Assign(2, Var("s"), "+", at("a", AT_I))), result="s")
TEMPORARY = program(
    T, loop(1, "i", Assign(2, Var("t"), "", at("a", AT_I)), Assign(3, at("b", AT_I), "", Bin("+", Var("t"), Var("t"))))
)
LAST = program(T, loop(1, "i", Assign(2, Var("t"), "", at("a", AT_I))), result="t")
COPY = program(loop(1, "i", Assign(2, at("b", AT_I), "", at("a", AT_I))))
SKEWED = program(
    loop(
        1,
        "i",
        For(
            2,
            Decl("j", INT),
            True,
            Lit(0),
            "<",
            Var("n"),
            1,
            (Assign(3, at("c", AT_I, AT_J), "", at("c", Bin("-", AT_I, Lit(1)), Bin("+", AT_J, Lit(1)))),),
        ),
        lower=1,
    )
)
PARALLEL = (Parallelize("i"),)


@pytest.mark.parametrize(
    ("of", "steps", "environments"),
    [
        (RECURRENCE, PARALLEL, ()),
        (ANTI, PARALLEL, ()),
        (ONE_CELL, PARALLEL, ()),
        (SUM, PARALLEL, ()),
        (TEMPORARY, PARALLEL, ()),
        (LAST, PARALLEL, (DataEnvironment("i", private=("t",)),)),
        (SUM, PARALLEL, (DataEnvironment("i", private=("s",)),)),
        (SUM, PARALLEL, (DataEnvironment("i", reductions=(("s", ReductionOperator.MAX),)),)),
        (SUM, PARALLEL, (DataEnvironment("i", lastprivate=("s",)),)),
        (COPY, PARALLEL, ()),
        (SKEWED, (Interchange(("j", "i")),), ()),
        (SKEWED, (Tile(("i", "j"), (2, 2)),), ()),
        (SKEWED, (Parallelize("i", collapse=2),), ()),
    ],
    ids=[
        "recurrence",
        "anti",
        "one-cell",
        "shared-sum",
        "shared-temporary",
        "last-value-lost",
        "sum-lost",
        "other-operator",
        "sum-of-one-thread",
        "overlap-without-guard",
        "interchange",
        "tile",
        "collapse",
    ],
)
def test_a_wrong_proof_is_seen(of: Program, steps: tuple[Step, ...], environments: tuple[DataEnvironment, ...]) -> None:
    assert fault(of, steps, *environments)


@pytest.mark.parametrize(
    ("of", "steps", "environments"),
    [
        (SUM, PARALLEL, (DataEnvironment("i", reductions=(("s", ReductionOperator.ADD),)),)),
        (SUM, (*PARALLEL, Atomic("S0", "s")), ()),
        (TEMPORARY, PARALLEL, (DataEnvironment("i", private=("t",)),)),
        (SKEWED, (Parallelize("j"),), ()),
        (SKEWED, (Tile(("i", "j"), (1, 1)),), ()),
    ],
    ids=["reduction", "atomic", "private", "inner", "tiles-of-one"],
)
def test_a_right_proof_passes(of: Program, steps: tuple[Step, ...], environments: tuple[DataEnvironment, ...]) -> None:
    # Without guards: the two pointers must not overlap.
    parameters = tuple(replace(decl, is_restrict=decl.form is Form.POINTER) for decl in of.parameters)
    assert not fault(replace(of, parameters=parameters), steps, *environments)


def test_a_guard_is_believed_only_where_it_holds() -> None:
    legality = verdict(COPY, *PARALLEL)
    assert isinstance(legality, Proved)
    assert [item.guard for item in legality.assumptions] == ["(a + n <= b || b + n <= a)"]
    checkers = [checked(COPY, seed)[3] for seed in INPUT_SEEDS]
    unguarded = replace(legality, assumptions=())
    assert all(checker.check(legality, random.Random(1), Tally()) is None for checker in checkers)
    assert any(checker.check(unguarded, random.Random(1), Tally()) is not None for checker in checkers)


def test_a_witness_must_run_in_order_and_meet() -> None:
    legality = verdict(RECURRENCE, *PARALLEL)
    assert isinstance(legality, Refuted)
    assert legality.witness is not None
    assert legality.dependence is not None
    _, _, _, checker = checked(RECURRENCE)
    assert checker.check(legality, random.Random(1), Tally()) is None
    witness, dependence = legality.witness, legality.dependence
    source, sink = witness.source, witness.sink
    late = replace(sink, iterators=(("i", 77),))
    for wrong in (
        replace(legality, witness=replace(witness, sink=late)),
        replace(legality, witness=replace(witness, source=sink, sink=source)),
        replace(legality, witness=replace(witness, sink=replace(sink, iterators=(("i", sink.iterators[0][1] + 1),)))),
        replace(legality, witness=replace(witness, element="a[9]")),
        replace(legality, witness=replace(witness, parameters=(("n", 1),))),
        replace(legality, dependence=replace(dependence, kind=DependenceKind.ANTI)),
        replace(legality, dependence=replace(dependence, carried_by="j")),
    ):
        found = checker.check(wrong, random.Random(1), Tally())
        assert found is not None, wrong
        assert found[0] == FALSE_WITNESS


def test_a_witness_needs_parameters_that_occur() -> None:
    step = Assign(2, at("a", AT_I), "", at("a", Bin("-", AT_I, Lit(1))))
    size = Declare(80, Decl("k", INT), Bin("+", Var("n"), Lit(5)))
    header = For(1, Decl("i", INT), True, Lit(1), "<", Var("k"), 1, (step,))
    inside = If(81, Bin("<", Var("n"), Lit(0)), (header,))
    legality = verdict(program(header.__class__(1, Decl("i", INT), True, Lit(1), "<", Var("n"), 1, (step,))), *PARALLEL)
    assert isinstance(legality, Refuted)
    _, _, analysis, checker = checked(program(size, inside))
    honest = check_plan(analysis, Plan(analysis.nest.id, PARALLEL))
    assert isinstance(honest, Refuted)
    assert honest.witness is not None
    assert checker.check(honest, random.Random(1), Tally()) is None
    values = dict(honest.witness.parameters)
    wrong = replace(honest, witness=replace(honest.witness, parameters=tuple((name, 9) for name in values)))
    found = checker.check(wrong, random.Random(1), Tally())
    assert found is not None
    assert "never entered" in found[1]


@pytest.mark.needs("gcc")
def test_the_interpreter_computes_what_gcc_does(tmp_path: Path) -> None:
    parts: list[str] = []
    count = 0
    seed = 0
    while count < 60:
        seed += 1
        of = random_program(seed)
        subject = subject_of(of, random.Random(seed))
        if subject is None:
            continue
        for serial in subject.runs[:2]:
            text = expectation_test(subject.program, subject.printed.text, serial, count)
            if text is not None:
                parts.append(text)
                count += 1
                break
    calls = "\n".join(f"    expect{number}();" for number in range(count))
    source = "\n".join((HEAD, *parts, f'int main(void) {{\n{calls}\n    printf("done\\n");\n    return 0;\n}}\n'))
    (tmp_path / "expect.c").write_text(source)
    built = run(["gcc", "-O0", "-w", "expect.c", "-o", "expect", "-lm"], cwd=tmp_path, timeout_s=120)
    assert built.ok, built.stderr.decode()
    assert run(["./expect"], cwd=tmp_path, timeout_s=60).stdout == b"done\n"
