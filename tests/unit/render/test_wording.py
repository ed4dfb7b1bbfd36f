from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.legality import DataEnvironment, Proved
from loopwright.core.measurement import Measurement
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Privatize, Reduce, Simd, Step, Tile
from loopwright.core.report import OptimizeReport
from loopwright.render.lines import labelled
from loopwright.render.wording import assumption_lines, duration_text, plan_lines, speedup_text


def lines(*steps: Step, environment: DataEnvironment | None = None) -> tuple[str, ...]:
    return plan_lines(Proved(Plan("f:1", steps), (environment,) if environment else ()))


def test_each_step_has_its_line() -> None:
    assert lines(Interchange(("j", "i")), Tile(("j", "i"), (32, 8)), Parallelize("j_tile"), Simd("i")) == (
        "interchange the loops to j, i",
        "tile the loops j, i by 32 x 8",
        "#pragma omp parallel for  (loop j_tile)",
        "#pragma omp simd  (loop i)",
    )
    assert lines(Atomic("S1", "h")) == ("#pragma omp atomic  (S1, h)",)


def test_reductions_and_privates_are_clauses() -> None:
    add, most = ReductionOperator.ADD, ReductionOperator.MAX
    environment = DataEnvironment("i", ("t", "u"), (), (), (("s", add), ("m", most), ("r", add)))
    assert lines(Parallelize("i"), Reduce("s", add), Privatize("t"), environment=environment) == (
        "#pragma omp parallel for private(t, u) reduction(+:s, r) reduction(max:m)  (loop i)",
    )


def test_assumption_says_how_it_is_held() -> None:
    guarded = Assumption(AssumptionKind.TRIP_COUNT, "n is large", "n > 64", Code.TRIP_COUNT)
    stated = Assumption(AssumptionKind.POSITIVE, "n is positive", "", Code.NO_WRAP)
    assert assumption_lines((guarded, stated)) == (
        "n is large [LW306; checked at run time: n > 64]",
        "n is positive [LW307; stated, not checked]",
    )


def test_assumptions_of_one_kind_share_a_line() -> None:
    pairs = tuple(
        Assumption(AssumptionKind.NO_ALIAS, "", f"{one} <= {other}", Code.ALIAS_GUARDED, (one, other))
        for one, other in (("a", "b"), ("a", "c"))
    )
    (line,) = assumption_lines(pairs)
    assert line.startswith("2 pairs of `a`, `b`, `c` do not overlap [LW301; checked at run time")
    assert "restrict" in line


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.345, "12.3 s"), (0.0123, "12.3 ms"), (4.5e-6, "4.5 us"), (2e-9, "2 ns"), (0.0, "0 ns")]
)
def test_durations_read_in_their_unit(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_counted() -> None:
    assert [counted(number, "nest") for number in (0, 1, 2)] == ["0 nests", "1 nest", "2 nests"]


def test_a_speedup_of_few_pairs_has_no_interval(optimize_report: OptimizeReport) -> None:
    measured = optimize_report.nests[0].measurement
    assert isinstance(measured, Measurement)
    assert speedup_text(measured).startswith("1.90x [1.85, 1.95] on 2 threads")
    one = replace(measured, ratios=(1.9,))
    assert speedup_text(one).startswith("1.90x (of 1 pair, no interval) on 2 threads")


@pytest.mark.parametrize("label", ["kept", "incomplete", "longer than its column"])
def test_a_label_never_touches_its_text(label: str) -> None:
    console = Console(width=80, file=StringIO())
    with console.capture() as capture:
        console.print(labelled(label, "LW902: the file does not parse", 2))
    assert f"{label} " in capture.get()
