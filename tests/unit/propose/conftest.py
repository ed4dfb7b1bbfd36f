"""Hand-built nests with their analysis, and tools that judge a plan by it; no compiler, no isl, no model."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.assumption import MapText, SetText
from loopwright.core.codes import Code
from loopwright.core.dependence import Dependence, DependenceKind, Instance, Witness
from loopwright.core.legality import Legality, Proved, Refuted, Undecided
from loopwright.core.measurement import Environment
from loopwright.core.nest import (
    Access,
    AccessKind,
    Loop,
    LoopKind,
    LoopNest,
    ReductionOperator,
    Statement,
    Update,
)
from loopwright.core.plan import Atomic, Parallelize, Plan, Privatize, Reduce, Simd, Tile, tile_loop_name
from loopwright.core.source import Span
from loopwright.core.variable import ElementKind, ElementType, Parameter, Storage, Variable
from loopwright.propose.cost import estimate

SPAN = Span("k.c", 0, 1, 1, 1, 1)
INT = ElementType("int", ElementKind.SIGNED, 4)
DOUBLE = ElementType("double", ElementKind.FLOAT, 8)
ADD = ReductionOperator.ADD
HOST = Environment("test", 4, 48 << 10, 1 << 20, 32 << 20, 8 << 30, "linux", ())


def loop(name: str, upper: str, parent: Loop | None = None, *, lower: str = "0", perfect: str | None = None) -> Loop:
    return Loop(
        name=name,
        iterator=name,
        kind=LoopKind.COUNTED,
        parent=parent.name if parent else None,
        depth=parent.depth + 1 if parent else 0,
        span=SPAN,
        header=SPAN,
        body=SPAN,
        step="1",
        lower=lower,
        upper=upper,
        trip_count=upper if lower == "0" else f"{upper} - {lower}",
        iterator_type=INT,
        declares_iterator=True,
        is_canonical=True,
        perfect_child=perfect,
    )


def array(name: str, rank: int, *, scope: str | None = None, element: ElementType = DOUBLE) -> Variable:
    return Variable(
        name, name, name, element, rank, ("",) * rank, storage=Storage.PARAMETER, is_pointer=rank > 0, scope=scope
    )


def access(
    kind: str, statement: str, variable: str, subscripts: str, *, exact: bool = True, update: bool = False, by: str = ""
) -> Access:
    return Access(
        variable,
        AccessKind(kind),
        MapText(f"{{ {statement} -> {variable}[{subscripts}] }}"),
        exact,
        SPAN,
        code=None if exact else Code.INDIRECT_SUBSCRIPT,
        index_variables=(by,) if by else (),
        is_update=update,
    )


def statement(name: str, loops: tuple[str, ...], accesses: list[Access], update: str = "") -> Statement:
    return Statement(
        name,
        SPAN,
        loops,
        SetText(f"{{ {name}[{', '.join(loops)}] }}"),
        True,
        MapText("{ }"),
        tuple(accesses),
        update=Update(update, ADD, True, True) if update else None,
    )


def nest(identity: str, loops: list[Loop], statements: list[Statement], variables: list[Variable]) -> LoopNest:
    parameters = tuple(Parameter(name, name, INT) for name in ("n", "m"))
    return LoopNest(
        identity,
        identity.partition(":")[0],
        SPAN,
        tuple(loops),
        tuple(statements),
        tuple(variables),
        parameters,
        SetText("[n, m] -> { : }"),
    )


def dependence(
    kind: str, variable: str, carried: str, *, exact: bool = True, source: str = "S0", sink: str = "S0"
) -> Dependence:
    return Dependence(
        DependenceKind(kind), variable, source, sink, SPAN, SPAN, carried, MapText("{ }"), exact, distances=("1",)
    )


def proved(identity: str, name: str, reduce: str = "", private: str = "") -> LoopAnalysis:
    reductions = ((reduce, ADD),) if reduce else ()
    privates = (private,) if private else ()
    return LoopAnalysis(name, Proved(Plan(identity, (Parallelize(name),)), ()), reductions, privates)


def matmul() -> NestAnalysis:
    """``C[i][j] += A[i][k] * B[k][j]``: three perfect loops, the inner one strides through B."""
    i = loop("i", "n", perfect="j")
    j = loop("j", "n", i, perfect="k")
    k = loop("k", "n", j)
    at = "S0[i, j, k]"
    accesses = [
        access("write", at, "C", "i, j", update=True),
        access("read", at, "C", "i, j", update=True),
        access("read", at, "A", "i, k"),
        access("read", at, "B", "k, j"),
    ]
    body = statement("S0", ("i", "j", "k"), accesses, update="C")
    identity = "matmul:3"
    return NestAnalysis(
        nest(identity, [i, j, k], [body], [array("C", 2), array("A", 2), array("B", 2)]),
        tuple(dependence(kind, "C", "k") for kind in ("flow", "anti", "output")),
        (proved(identity, "i"), proved(identity, "j"), proved(identity, "k", reduce="C")),
        (("i", "j", "k"),),
    )


def row_sums() -> NestAnalysis:
    """``s = 0; for j: s += a[i][j]; b[i] = s`` with ``s`` declared outside both loops."""
    i = loop("i", "n")
    j = loop("j", "m", i)
    identity = "rows:7"
    statements = [
        statement("S0", ("i",), [access("write", "S0[i]", "s", "")]),
        statement(
            "S1",
            ("i", "j"),
            [
                access("write", "S1[i, j]", "s", "", update=True),
                access("read", "S1[i, j]", "s", "", update=True),
                access("read", "S1[i, j]", "a", "i, j"),
            ],
            update="s",
        ),
        statement("S2", ("i",), [access("write", "S2[i]", "b", "i"), access("read", "S2[i]", "s", "")]),
    ]
    return NestAnalysis(
        nest(identity, [i, j], statements, [array("s", 0), array("a", 2), array("b", 1)]),
        (
            dependence("output", "s", "i"),
            dependence("anti", "s", "i", source="S2"),
            dependence("flow", "s", "j", source="S1", sink="S1"),
        ),
        (proved(identity, "i", private="s"), proved(identity, "j", reduce="s")),
    )


def recurrence() -> NestAnalysis:
    """``a[i] = a[i-1] + b[i]``: refuted."""
    i = loop("i", "n", lower="1")
    identity = "scan:2"
    accesses = [
        access("write", "S0[i]", "a", "i"),
        access("read", "S0[i]", "a", "i - 1"),
        access("read", "S0[i]", "b", "i"),
    ]
    found = dependence("flow", "a", "i")
    witness = Witness((("n", 3),), Instance("S0", (("i", 1),), 3), Instance("S0", (("i", 2),), 3), "a[1]")
    refuted = Refuted(
        Plan(identity, (Parallelize("i"),)), Code.FLOW_DEPENDENCE, "i carries a flow dependence", found, witness
    )
    return NestAnalysis(
        nest(identity, [i], [statement("S0", ("i",), accesses)], [array("a", 1), array("b", 1)]),
        (found,),
        (LoopAnalysis("i", refuted),),
    )


def histogram() -> NestAnalysis:
    """``count[key[i]] += 1``: undecided as it is, legal with an atomic update."""
    i = loop("i", "n")
    identity = "histogram:4"
    accesses = [
        access("write", "S0[i]", "count", "o0", exact=False, update=True, by="key"),
        access("read", "S0[i]", "count", "o0", exact=False, update=True, by="key"),
        access("read", "S0[i]", "key", "i"),
    ]
    undecided = Undecided(
        Plan(identity, (Parallelize("i"),)), Code.INDIRECT_SUBSCRIPT, "key may hold a value twice", waivable=True
    )
    return NestAnalysis(
        nest(
            identity,
            [i],
            [statement("S0", ("i",), accesses, update="count")],
            [array("count", 1, element=INT), array("key", 1, element=INT)],
        ),
        tuple(dependence(kind, "count", "i", exact=False) for kind in ("flow", "anti", "output")),
        (LoopAnalysis("i", undecided),),
    )


def sweeps() -> NestAnalysis:
    """A serial time loop around two parallel sweeps, as in Jacobi."""
    t = loop("t", "m")
    i = loop("i", "n", t)
    k = loop("k", "n", t)
    identity = "jacobi:9"
    statements = [
        statement("S0", ("t", "i"), [access("write", "S0[t, i]", "v", "i"), access("read", "S0[t, i]", "u", "i - 1")]),
        statement("S1", ("t", "k"), [access("write", "S1[t, k]", "u", "k"), access("read", "S1[t, k]", "v", "k")]),
    ]
    found = dependence("flow", "v", "t", sink="S1")
    refuted = Refuted(Plan(identity, (Parallelize("t"),)), Code.FLOW_DEPENDENCE, "t carries a dependence", found)
    return NestAnalysis(
        nest(identity, [t, i, k], statements, [array("u", 1), array("v", 1)]),
        (found,),
        (LoopAnalysis("t", refuted), proved(identity, "i"), proved(identity, "k")),
    )


class Judge:
    """Tools that answer from the analysis: a plan is proved if each of its loops is, with the helpers that it needs."""

    def __init__(self, analysis: NestAnalysis, speedup: float | None = None) -> None:
        self.analysis = analysis
        self.checked: list[Plan] = []
        self.measured: list[Plan] = []
        self._speedup = speedup

    def check(self, plan: Plan) -> Legality:
        self.checked.append(plan)
        points = {tile_loop_name(name): name for step in plan.steps if isinstance(step, Tile) for name in step.band}
        helped = {step.variable for step in plan.steps if isinstance(step, Reduce | Privatize | Atomic)}
        for step in plan.steps:
            if not isinstance(step, Parallelize | Simd):
                continue
            answer = self.analysis.loop(points.get(step.loop, step.loop))
            needed = {getattr(helper, "variable", "") for helper in self.analysis.helper_steps(answer.loop)}
            carried = {found.variable for found in self.analysis.dependences if found.carried_by == answer.loop}
            if isinstance(answer.legality, Proved) and needed <= helped:
                continue
            if not isinstance(answer.legality, Proved) and carried <= helped:
                continue
            if isinstance(answer.legality, Undecided):
                return Undecided(plan, answer.legality.code, answer.legality.reason, waivable=answer.legality.waivable)
            witness = answer.legality.witness if isinstance(answer.legality, Refuted) else None
            return Refuted(plan, Code.FLOW_DEPENDENCE, f"{step.loop} carries a dependence", None, witness)
        return Proved(plan, ())

    def cost(self, plan: Plan) -> float:
        return estimate(self.analysis, plan)

    def measure(self, plan: Plan) -> float | None:
        self.measured.append(plan)
        return self._speedup


NESTS: dict[str, Callable[[], NestAnalysis]] = {
    make.__name__: make for make in (matmul, row_sums, recurrence, histogram, sweeps)
}


@pytest.fixture(scope="session")
def samples() -> SimpleNamespace:
    """The sample nests by name, the ``Judge`` of one, and the host."""
    return SimpleNamespace(**{name: make() for name, make in NESTS.items()}, judge=Judge, host=HOST, loop=loop)
