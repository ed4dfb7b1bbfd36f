from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from loopwright.core.analysis import NestAnalysis
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Privatize, Reduce, Schedule, Simd, Tile
from loopwright.core.proposal import Proposal
from loopwright.models.none import NoModel
from loopwright.propose.heuristic import Heuristic
from loopwright.propose.strategy import Task

ADD = ReductionOperator.ADD


def plans_for(samples: SimpleNamespace, analysis: NestAnalysis) -> list[Plan]:
    found = list(Heuristic().propose(Task(analysis, samples.host), NoModel(), samples.judge(analysis)))
    assert all(proposal == Proposal("heuristic", proposal.plan) for proposal in found)
    return [proposal.plan for proposal in found if proposal.plan is not None]


def test_matmul_is_interchanged_to_walk_rows_and_run_in_parallel(samples: SimpleNamespace) -> None:
    plans = plans_for(samples, samples.matmul)
    assert plans[0].steps in (
        (Interchange(("i", "k", "j")), Parallelize("i")),
        (Interchange(("i", "k", "j")), Tile(("i", "k", "j"), (32, 32, 128)), Parallelize("i_tile")),
    )
    assert (Interchange(("i", "k", "j")), Parallelize("i")) in [plan.steps for plan in plans]
    assert (Parallelize("i"),) in [plan.steps for plan in plans]


def test_the_outermost_loop_comes_with_its_private_scalar(samples: SimpleNamespace) -> None:
    plans = plans_for(samples, samples.row_sums)
    assert Parallelize("i") in plans[0].steps
    assert Privatize("s") in plans[0].steps
    assert (Parallelize("i"), Privatize("s")) in [plan.steps for plan in plans]
    assert (Parallelize("i"), Simd("j"), Privatize("s"), Reduce("s", ADD)) in [plan.steps for plan in plans]


def test_a_serial_outer_loop_leaves_every_sweep_inside_parallel(samples: SimpleNamespace) -> None:
    plans = plans_for(samples, samples.sweeps)
    assert plans[0].steps == (Parallelize("i"), Parallelize("k"))
    assert (Parallelize("i"),) in [plan.steps for plan in plans]
    assert (Parallelize("k"),) in [plan.steps for plan in plans]


def test_scattered_updates_are_reduced_or_atomic(samples: SimpleNamespace) -> None:
    plans = [plan.steps for plan in plans_for(samples, samples.histogram)]
    assert (Parallelize("i"), Reduce("count", ADD)) in plans
    assert (Parallelize("i"), Atomic("S0", "count")) in plans
    assert plans.index((Parallelize("i"), Reduce("count", ADD))) < plans.index(
        (Parallelize("i"), Atomic("S0", "count"))
    )


def test_an_undecided_plan_comes_after_the_proved_ones(samples: SimpleNamespace) -> None:
    plans = [plan.steps for plan in plans_for(samples, samples.histogram)]
    assert plans[-1] == (Parallelize("i"),)


def test_a_nest_without_a_parallel_loop_yields_the_refused_plan(samples: SimpleNamespace) -> None:
    assert [plan.steps for plan in plans_for(samples, samples.recurrence)] == [(Parallelize("i"),)]


def test_uneven_iterations_are_handed_out_dynamically(samples: SimpleNamespace) -> None:
    analysis = samples.row_sums
    i, j = analysis.nest.loops
    triangular = replace(analysis, nest=replace(analysis.nest, loops=(i, replace(j, upper="i + 1", trip_count=""))))
    plans = plans_for(samples, triangular)
    assert Parallelize("i", Schedule.DYNAMIC, 32) in plans[0].steps


def test_few_outer_iterations_are_collapsed(samples: SimpleNamespace) -> None:
    analysis = samples.matmul
    i, j, k = analysis.nest.loops
    short = replace(analysis.nest, loops=(replace(i, upper="3", trip_count="3"), j, k))
    plans = [plan.steps for plan in plans_for(samples, replace(analysis, nest=short, bands=()))]
    assert plans[0] == (Parallelize("j"),)
    assert plans.index((Parallelize("i", collapse=2),)) < plans.index((Parallelize("i"),))


def test_a_stencil_is_not_tiled_without_reuse(samples: SimpleNamespace) -> None:
    analysis = samples.matmul
    accesses = tuple(
        replace(
            item,
            relation=item.relation.replace("[i, k]", "[j, k]")
            .replace("[k, j]", "[i, j, k]")
            .replace("C[i, j]", "C[i, j, k]"),
        )
        for item in analysis.nest.statements[0].accesses
    )
    nest = replace(analysis.nest, statements=(replace(analysis.nest.statements[0], accesses=accesses),))
    streaming = replace(analysis, nest=nest, bands=(("j", "k"),))
    assert not any(
        isinstance(step, Tile | Interchange) for plan in plans_for(samples, streaming) for step in plan.steps
    )


def test_a_plan_in_place_is_among_the_first_two(samples: SimpleNamespace) -> None:
    plans = plans_for(samples, samples.matmul)
    assert any(not plan.reorders for plan in plans[:2])
    assert any(plan.reorders for plan in plans[:2])


def test_no_plan_twice_and_not_too_many(samples: SimpleNamespace) -> None:
    for name in ("matmul", "row_sums", "recurrence", "histogram", "sweeps"):
        plans = plans_for(samples, getattr(samples, name))
        assert 1 <= len(plans) == len(set(plans)) <= 9
