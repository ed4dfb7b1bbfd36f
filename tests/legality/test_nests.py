"""Small nests with a known answer per loop: ``refuse/`` holds what must not be proved, ``accept/`` what must be.

The header of each file says what to expect:

* ``FUNCTION``: the function that holds the nest; ``FP: strict`` forbids reassociation;
* ``LOOP`` opens the expectations of one loop: its name, ``root`` for a loop without a usable name, or ``other``
  for every loop that is not named. A loop that no line covers must not be proved;
* ``EXPECT``: ``proved``, or a verdict with its code, or several joined by ``or`` where more than one answer is
  right; ``any`` asks nothing. A loop that no nest could be made of is ``undecided`` with the code it was given;
* ``LINES``: the witness's source and sink line; ``VARIABLE``: whose element it is;
* ``REDUCTIONS``, ``PRIVATE``: exactly these (none, if absent); ``ASSUMES``: exactly these kinds, if present.

Every witness is moreover checked against the nest: both instances run, in that order, in different iterations of
the loop, and touch the named element, at least one writing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import islpy as isl
import pytest

from loopwright.config import Settings
from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.assumption import AssumptionKind
from loopwright.core.function import Function
from loopwright.core.legality import Legality, Proved, Refuted, Undecided
from loopwright.core.nest import AccessKind, LoopNest, Statement
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.harness.expression import evaluate
from loopwright.legality.analyze import analyze_nest

HERE = Path(__file__).parent
REFUSE = sorted((HERE / "refuse").glob("*.c*"))
ACCEPT = sorted((HERE / "accept").glob("*.c*"))


@dataclass
class Expectation:
    """What the header says of one loop."""

    verdicts: tuple[str, ...] = ("any",)
    lines: tuple[tuple[int, int], ...] = ()
    variable: str = ""
    reductions: frozenset[str] = frozenset()
    privates: frozenset[str] = frozenset()
    assumes: frozenset[str] | None = None


@dataclass
class Case:
    """The header of one file."""

    path: Path
    function: str = ""
    fp_strict: bool = False
    loops: dict[str, Expectation] = field(default_factory=dict[str, Expectation])


def names(text: str) -> frozenset[str]:
    return frozenset(name for name in text.replace(",", " ").split() if name != "none")


def read_case(path: Path) -> Case:
    case = Case(path)
    current = Expectation()
    for line in path.read_text().splitlines():
        if not line.startswith("// "):
            break
        key, _, value = line.removeprefix("// ").partition(": ")
        match key:
            case "WHY":
                pass
            case "FUNCTION":
                case.function = value
            case "FP":
                case.fp_strict = value == "strict"
            case "LOOP":
                current = case.loops.setdefault(value, Expectation())
            case "EXPECT":
                current.verdicts = tuple(value.split(" or "))
            case "LINES":
                pairs = (pair.split(" -> ") for pair in value.split(" or "))
                current.lines = tuple((int(source), int(sink)) for source, sink in pairs)
            case "VARIABLE":
                current.variable = value
            case "REDUCTIONS":
                current.reductions = names(value)
            case "PRIVATE":
                current.privates = names(value)
            case "ASSUMES":
                current.assumes = names(value)
            case _:
                raise ValueError(f"{path.name}: unknown header line {line!r}")
    return case


def spell(legality: Legality) -> str:
    match legality:
        case Proved():
            return "proved"
        case Refuted():
            return f"refuted {legality.code}"
        case Undecided():
            return f"undecided {legality.code}"


def extract_function(case: Case) -> Function:
    source = Source(str(case.path), case.path.read_bytes())
    function = extract(source, Settings(), case.function).function(case.function)
    assert function is not None
    return function


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", expression))


def is_sum_or_product(expression: str) -> bool:
    return re.fullmatch(r"[\w\s()*+-]*", expression) is not None


def execution(statement: Statement, nest: LoopNest, values: dict[str, int]) -> isl.Set:
    """Return the instances of ``statement`` at ``values``, for the parameters in ``values``."""
    constraints = " and ".join(f"{name} = {value}" for name, value in values.items())
    parameters = ", ".join(parameter.name for parameter in nest.parameters)
    dimensions = ", ".join(statement.loops)
    chosen = isl.Set(f"[{parameters}] -> {{ {statement.name}[{dimensions}] : {constraints or 'true'} }}")
    return isl.Set(statement.domain).intersect(chosen)


def touched(instance: isl.Set, statement: Statement, variable: str, *, writing: bool) -> isl.UnionSet:
    elements = isl.UnionSet.empty(instance.get_space().params())
    for access in statement.accesses:
        if access.variable == variable and (access.kind is AccessKind.WRITE or not writing):
            elements = elements.union(isl.UnionSet.from_set(instance.apply(isl.Map(access.relation))))
    return elements


def check_witness(nest: LoopNest, loop: str, refuted: Refuted) -> None:
    """Check by enumeration that the witness shows what it says."""
    witness, dependence = refuted.witness, refuted.dependence
    assert witness is not None
    assert dependence is not None
    parameters = {parameter.name: parameter.expression for parameter in nest.parameters}
    fixed = {name: value for name, value in witness.parameters if name in parameters}
    for name, expression in parameters.items():
        expression = expression.replace("(long long)", "")
        if name in fixed and is_sum_or_product(expression) and names_in(expression) <= set(fixed):
            assert evaluate(expression, fixed) == fixed[name], f"{name} is {expression}, which is not {fixed[name]}"
    ends: list[tuple[Statement, dict[str, int], isl.Set]] = []
    for instance in (witness.source, witness.sink):
        statement = nest.statement(instance.statement)
        iterators = dict(zip(statement.loops, (value for _, value in instance.iterators), strict=True))
        runs = execution(statement, nest, fixed | iterators)
        assert not runs.is_empty(), f"{instance} does not run"
        ends.append((statement, iterators, runs))
    (source, source_at, source_runs), (sink, sink_at, sink_runs) = ends
    times = [runs.apply(isl.Map(statement.schedule)) for statement, _, runs in ends]
    assert not times[0].lex_lt_set(times[1]).is_empty(), "the source does not run before the sink"
    assert source_at[loop] != sink_at[loop], "both ends lie in one iteration of the loop"
    for outer in source.loops[: source.loops.index(loop)]:
        assert source_at[outer] == sink_at[outer], f"the dependence is carried by {outer}, not by {loop}"
    by_source = touched(source_runs, source, dependence.variable, writing=False)
    by_sink = touched(sink_runs, sink, dependence.variable, writing=False)
    written = touched(source_runs, source, dependence.variable, writing=True).union(
        touched(sink_runs, sink, dependence.variable, writing=True)
    )
    assert not by_source.intersect(by_sink).intersect(written).is_empty(), "the two instances share no written element"


def check_loop(case: Case, analysis: NestAnalysis, answer: LoopAnalysis, expected: Expectation) -> None:
    legality = answer.legality
    if isinstance(legality, Refuted):
        check_witness(analysis.nest, answer.loop, legality)
    if "any" in expected.verdicts:
        return
    said = spell(legality)
    reason = "" if isinstance(legality, Proved) else legality.reason
    assert said in expected.verdicts, f"{case.path.name}, loop {answer.loop}: {said}: {reason}"
    if isinstance(legality, Refuted):
        witness = legality.witness
        assert witness is not None
        assert not expected.lines or (witness.source.line, witness.sink.line) in expected.lines, str(witness)
        assert witness.element.startswith(expected.variable), str(witness)
    if isinstance(legality, Proved):
        iterators = {loop.iterator for loop in analysis.nest.loops}
        assert {f"{name}:{operator}" for name, operator in answer.reductions} == expected.reductions
        assert set(answer.privates) - iterators == expected.privates
        kinds = {assumption.kind for assumption in legality.assumptions} - {AssumptionKind.TRIP_COUNT}
        assert expected.assumes is None or kinds == expected.assumes, [str(item) for item in legality.assumptions]


def check_case(path: Path) -> None:
    case = read_case(path)
    function = extract_function(case)
    unsupported = {f"undecided {item.code}" for item in function.unsupported}
    assert len(function.nests) <= 1, "one nest per file"
    assert function.nests or unsupported, "neither a nest nor a reason"
    nest = function.nests[0] if function.nests else None
    loops = [loop.name for loop in nest.loops] if nest else []
    for name, expected in case.loops.items():
        if name not in loops and name != "other" and (name != "root" or nest is None):
            assert unsupported & set(expected.verdicts), f"{path.name}: no loop {name} but {loops}, {unsupported}"
    if nest is None:
        return
    analysis = analyze_nest(nest, fp_strict=case.fp_strict)
    for position, answer in enumerate(analysis.loops):
        expected = case.loops.get(answer.loop) or (case.loops.get("root") if position == 0 else None)
        expected = expected or case.loops.get("other")
        if expected is None:
            assert not answer.is_parallel, f"{path.name}: nobody claims loop {answer.loop}"
        else:
            check_loop(case, analysis, answer, expected)


@pytest.mark.parametrize("path", REFUSE, ids=lambda path: path.stem)
def test_refuse(path: Path) -> None:
    check_case(path)


@pytest.mark.parametrize("path", ACCEPT, ids=lambda path: path.stem)
def test_accept(path: Path) -> None:
    check_case(path)


def test_every_file_states_what_its_folder_says() -> None:
    for path in REFUSE:
        verdicts = [expected.verdicts for expected in read_case(path).loops.values()]
        assert any("proved" not in expected and "any" not in expected for expected in verdicts), path.name
    for path in ACCEPT:
        assert any("proved" in expected.verdicts for expected in read_case(path).loops.values()), path.name
    assert len(REFUSE) >= 30
    assert len(ACCEPT) >= 25
