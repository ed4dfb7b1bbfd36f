"""Summaries for the tests of reports: a realistic one, and one full of strings that want to break out."""

from __future__ import annotations

from dataclasses import replace

import pytest

import synthetic_campaign
from loopwright.campaign.store import Store
from loopwright.campaign.summary import summarise
from loopwright.core.codes import Code
from loopwright.core.legality import Refuted
from loopwright.core.plan import Plan
from loopwright.core.proposal import Proposal
from loopwright.core.report import ProposalReport
from loopwright.core.summary import Summary

HOSTILE = "</script><img src=x onerror=alert(1)>|`[a](javascript:alert(2))\u202e\udcff"


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """A campaign of four kernels: wins, losses, objections, failures, kept originals."""
    with Store.open(tmp_path_factory.mktemp("summary") / "results.db") as store:
        synthetic_campaign.fill(store, kernels=("bfs", "dijkstra", "matmul", "maxpool"))
        return summarise(store)


@pytest.fixture(scope="session")
def hostile_summary(summary: Summary) -> Summary:
    """The same with a hostile name, reason or reply wherever a stranger may write."""
    kernel = f"k{HOSTILE}"
    method = f"loopwright:{HOSTILE}/tot"

    table = summary.all_threads
    rows = tuple(
        replace(
            row,
            method=method if row.method == "loopwright:embedded/tot" else row.method,
            label=HOSTILE,
            cells=tuple(
                replace(
                    cell,
                    kernel=kernel if cell.kernel == "matmul" else cell.kernel,
                    method=method if cell.method == "loopwright:embedded/tot" else cell.method,
                    timing=replace(cell.timing, reason=HOSTILE, objections=cell.timing.objections and (HOSTILE,))
                    if cell.timing is not None
                    else None,
                )
                for cell in row.cells
            ),
        )
        for row in table.rows
    )
    fields = tuple(
        replace(field, kernel=kernel, sizes=((HOSTILE, 7),), baseline=HOSTILE) if field.kernel == "matmul" else field
        for field in table.fields
    )
    plan = Plan(HOSTILE)
    reply = synthetic_campaign.make_reply(f"{HOSTILE} {HOSTILE}", 1.0, synthetic_campaign.dice("reply"))
    proposals = (
        ProposalReport(Proposal(HOSTILE, plan, (reply,)), Refuted(plan, Code.FLOW_DEPENDENCE, HOSTILE)),
        ProposalReport(Proposal(HOSTILE, None, (reply,), HOSTILE), None),
    )
    deliveries = tuple(
        replace(
            delivery,
            kernel=kernel,
            methods=(method,),
            source=(HOSTILE, "", "  x"),
            patch=f"--- a\n+++ b\n@@ -1 +1 @@\n-{HOSTILE}\n+```{HOSTILE}\n",
            elsewhere=(HOSTILE,),
            report=replace(
                delivery.report,
                id=HOSTILE,
                function=HOSTILE,
                proposals=proposals,
                findings=tuple(replace(finding, detail=HOSTILE) for finding in delivery.report.findings),
            ),
        )
        for delivery in summary.deliveries[:1]
    )
    machine = summary.host.environment
    assert machine is not None
    return replace(
        summary,
        host=replace(summary.host, id=HOSTILE, environment=replace(machine, cpu=HOSTILE, missing=(HOSTILE,))),
        kernels=tuple(kernel if name == "matmul" else name for name in summary.kernels),
        all_threads=replace(table, fields=fields, rows=rows),
        proposers=tuple(replace(item, model=HOSTILE, faults=((HOSTILE, 3),)) for item in summary.proposers),
        by_model=tuple(replace(item, model=HOSTILE) for item in summary.by_model),
        size_curves=tuple(replace(curve, kernel=kernel) for curve in summary.size_curves if curve.kernel == "matmul"),
        roofline=tuple(replace(point, kernel=kernel) for point in summary.roofline if point.kernel == "matmul"),
        deliveries=deliveries,
        timings=tuple(
            replace(timing, kernel=kernel, objections=timing.objections and (HOSTILE,), reason=HOSTILE)
            for timing in summary.timings
        ),
        unfinished=((HOSTILE, HOSTILE),),
        notes=(HOSTILE,),
    )
