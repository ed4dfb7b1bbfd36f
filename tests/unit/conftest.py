"""Reports for the tests of rendering and of the command line: one of each kind, built by hand."""

from __future__ import annotations

import pytest

from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.assumption import Assumption, AssumptionKind, MapText, SetText
from loopwright.core.codes import Code
from loopwright.core.dependence import Dependence, DependenceKind, Instance, Witness
from loopwright.core.legality import DataEnvironment, Proved, Refuted, Undecided, Waived
from loopwright.core.measurement import CompilerFacts, Environment, Measurement, MeasurementFailed, Series
from loopwright.core.nest import AccessKind, Loop, LoopKind, LoopNest, ReductionOperator, Unsupported
from loopwright.core.plan import Parallelize, Plan, Reduce, Schedule
from loopwright.core.proposal import Message, Proposal, Reply
from loopwright.core.race import (
    AuditReport,
    ConstructVerdict,
    Edit,
    EvidenceKind,
    Fix,
    Race,
    RaceAccess,
    RaceVerdict,
)
from loopwright.core.report import (
    AnalysisReport,
    Label,
    NestOutcome,
    NestReport,
    OptimizeReport,
    ProposalReport,
    VerifyReport,
)
from loopwright.core.source import Span
from loopwright.core.variable import ElementKind, ElementType
from loopwright.core.verdict import Finding, Outcome, Stage, Verdict

INT = ElementType("int", ElementKind.SIGNED, 4)


def span(line: int) -> Span:
    return Span("solver.c", 10 * line, 10 * line + 9, line, 1, line)


def make_loop(name: str, line: int, depth: int, parent: str | None) -> Loop:
    where = span(line)
    return Loop(
        name=name,
        iterator=name,
        kind=LoopKind.COUNTED,
        parent=parent,
        depth=depth,
        span=where,
        header=where,
        body=where,
        step="1",
        lower="1",
        upper="n",
        trip_count="n - 1",
        iterator_type=INT,
        declares_iterator=True,
        is_canonical=True,
    )


ALIAS = Assumption(
    AssumptionKind.NO_ALIAS,
    "a and b do not overlap",
    "a + n <= b || b + n <= a",
    Code.ALIAS_GUARDED,
    ("a", "b"),
)
ROUNDING = Assumption(AssumptionKind.REASSOCIATION, "the sum s may be formed in any order", "", Code.REASSOCIATION)
WITNESS = Witness(
    (("n", 3),),
    Instance("S0", (("i", 1),), 2),
    Instance("S0", (("i", 2),), 2),
    "a[1]",
)


@pytest.fixture
def analysis_report() -> AnalysisReport:
    """A nest of three loops: refuted, proved with a reduction, undecided; and a loop that is not analysed."""
    plan = Plan("sweep:2")
    dependence = Dependence(
        DependenceKind.FLOW,
        "a",
        "S0",
        "S0",
        span(3),
        span(3),
        "i",
        MapText("{ S0[i] -> S0[i + 1] }"),
        True,
        None,
        "",
        ("1",),
    )
    nest = LoopNest(
        id="sweep:2",
        function="sweep",
        span=span(2),
        loops=(make_loop("i", 2, 0, None), make_loop("j", 3, 1, "i"), make_loop("k", 4, 2, "j")),
        statements=(),
        variables=(),
        parameters=(),
        context=SetText("{ : }"),
    )
    loops = (
        LoopAnalysis("i", Refuted(plan, Code.FLOW_DEPENDENCE, "an iteration reads a[i - 1]", dependence, WITNESS)),
        LoopAnalysis("j", Proved(plan, (), (ALIAS, ROUNDING)), (("s", ReductionOperator.ADD),), ("t", "u")),
        LoopAnalysis("k", Undecided(plan, Code.INDIRECT_SUBSCRIPT, "col[k] is not known", assumptions=(ALIAS,))),
    )
    unsupported = Unsupported("main", span(30), Code.UNCOUNTED_LOOP, "a while loop")
    analysis = NestAnalysis(nest, (dependence,), loops, (("i", "j"),))
    return AnalysisReport("solver.c", (analysis,), (unsupported,), ("a macro was redefined",), 0.25)


def make_host() -> Environment:
    gcc = CompilerFacts("gcc", "/usr/bin/gcc", "gcc 12.2.0", 12)
    return Environment(
        "Zen 5", 2, 49152, 1 << 20, 1 << 25, 1 << 34, "Linux 6.1", (gcc,), ("clang: apt-get install clang-19",)
    )


def make_measurement(median: float) -> Measurement:
    return Measurement(
        median=median,
        low=median - 0.05,
        high=median + 0.05,
        threads=2,
        baseline="gcc -O3 -march=native",
        candidate=Series("candidate", (0.010, 0.011), (0.02,)),
        baselines=(Series("gcc -O3 -march=native", (0.020, 0.021), (0.03,)), Series("clang", (0.03, 0.04), ())),
        sizes=(("n", 1000),),
        ratios=(median,) * 7,
        floor_s=1e-6,
        seed=7,
    )


PATCH = """\
--- a/solver.c
+++ b/solver.c
@@ -1,2 +1,3 @@
 void sweep(void) {
+#pragma omp parallel for
 }
"""


@pytest.fixture
def optimize_report() -> OptimizeReport:
    """One nest of each outcome, with everything that a report can hold."""
    plan = Plan("sweep:2", (Parallelize("i", Schedule.STATIC, 4, 2, 8), Reduce("s", ReductionOperator.ADD)))
    environment = DataEnvironment("i", ("t",), ("x",), ("y",), (("s", ReductionOperator.ADD),))
    proved = Proved(plan, (environment,), (ALIAS, ROUNDING))
    reply = Reply(
        "{}", 200, 40, float("-inf"), 1.5, "smollm2", (Message("user", "loop i ..."),), seed=7, temperature=0.5
    )
    proposals = (
        ProposalReport(Proposal("smollm2/zero-shot", plan, (reply,)), proved, make_measurement(1.9)),
        ProposalReport(Proposal("smollm2/zero-shot", None, (reply,), "not JSON"), None),
        ProposalReport(
            Proposal("heuristic", plan), Refuted(plan, Code.FLOW_DEPENDENCE, "it reads a[i - 1]", witness=WITNESS)
        ),
    )
    findings = (
        Finding(Stage.COMPILE, Outcome.PASS, "gcc 12, clang 19", elapsed_s=0.5),
        Finding(Stage.RACES, Outcome.SKIPPED, "no clang", Code.CHECK_UNAVAILABLE),
    )
    nests = (
        NestReport(
            "sweep:2",
            "sweep",
            2,
            NestOutcome.DELIVERED,
            Label.PROVED,
            basis=proved,
            proposals=proposals,
            findings=findings,
            measurement=make_measurement(1.9),
        ),
        NestReport(
            "copy:9",
            "copy",
            9,
            NestOutcome.KEPT,
            code=Code.NOT_FASTER,
            reason="0.97x",
            basis=Waived(plan, "indirect", Code.INDIRECT_SUBSCRIPT, (environment,)),
            measurement=make_measurement(0.97),
        ),
        NestReport(
            "scan:12",
            "scan",
            12,
            NestOutcome.REFUSED,
            code=Code.FLOW_DEPENDENCE,
            reason="it reads a[i - 1]",
            witness=WITNESS,
            measurement=MeasurementFailed(Code.TIMED_OUT, "20 s"),
        ),
        NestReport("main:30", "main", 30, NestOutcome.UNSUPPORTED, code=Code.UNCOUNTED_LOOP, reason="a while loop"),
    )
    return OptimizeReport(
        "solver.c",
        nests,
        PATCH,
        make_host(),
        "smollm2",
        "zero-shot",
        7,
        12.5,
        ("no clang",),
        (("fp", "reassociation"),),
    )


@pytest.fixture
def verify_report() -> VerifyReport:
    """Two functions: one accepted, one caught by the differential stage."""
    required = (Stage.COMPILE, Stage.DIFFERENTIAL)
    passed = Finding(Stage.COMPILE, Outcome.PASS, "gcc 12")
    good = Verdict((passed, Finding(Stage.DIFFERENTIAL, Outcome.PASS, "30 cases")), required)
    bad = Verdict(
        (passed, Finding(Stage.DIFFERENTIAL, Outcome.FAIL, "n=7: a[6] is 0, not 3", Code.RESULTS_DIFFER)), required
    )
    return VerifyReport("a.c", "b.c", (("sweep", good), ("copy", bad)), 3.0, ("a warning",))


@pytest.fixture
def audit_report() -> AuditReport:
    """A construct of each verdict, with a fix and findings of runs."""
    write, read = RaceAccess(5, AccessKind.WRITE, "tmp"), RaceAccess(6, AccessKind.READ, "tmp")
    race = Race("tmp", write, read, "tmp (line 5, thread = 0) and tmp (line 6, thread = 1)")
    fix = Fix("private", "private(tmp)", (Edit(3, "#pragma omp parallel for private(tmp)", False),))
    constructs = (
        ConstructVerdict(
            "sweep:3",
            "sweep",
            3,
            "parallel for",
            RaceVerdict.RACE,
            EvidenceKind.BOTH,
            (race,),
            Code.DATA_RACE,
            "'tmp': write at line 5 and read at line 6 are not ordered",
            fix,
        ),
        ConstructVerdict("sweep:9", "sweep", 9, "parallel for", RaceVerdict.FREE, EvidenceKind.STATIC),
        ConstructVerdict(
            "sweep:14",
            "sweep",
            14,
            "task",
            RaceVerdict.UNKNOWN,
            EvidenceKind.STATIC,
            (),
            Code.INDIRECT_SUBSCRIPT,
            "'a[k]' at line 15 and 'a[k]' at line 15 may meet: the value is read from memory",
        ),
    )
    findings = (
        Finding(Stage.RACES, Outcome.FAIL, "2 threads, static: 1 report of a data race", Code.DATA_RACE, 0.3),
        Finding(Stage.RACES, Outcome.SKIPPED, "3 threads, dynamic,1: the time was used up", Code.BUDGET_SPENT),
    )
    return AuditReport("solver.c", RaceVerdict.RACE, constructs, findings, warnings=("a warning",), elapsed_s=0.5)
