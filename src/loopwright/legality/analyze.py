"""LoopNest -> NestAnalysis: the dependences, and for each loop whether it may run in parallel.

Start with ``analyze_nest``. It chooses the reductions and private variables that a loop needs and then asks
``check`` like any other plan, so that the proof has one home.
"""

from __future__ import annotations

from dataclasses import replace

from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.codes import Code
from loopwright.core.legality import Refuted, Undecided
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Parallelize, Plan, Privatize, Reduce, Step
from loopwright.core.variable import Variable
from loopwright.legality.check import check
from loopwright.legality.facts import Facts, facts_of
from loopwright.legality.obstacle import Obstacle, to_legality
from loopwright.legality.overlap import is_behind_pointer
from loopwright.legality.reorder import is_permutable
from loopwright.legality.rules.parallelize import parallel_region
from loopwright.legality.rules.privatize import Clause, check_privatize
from loopwright.legality.rules.reduce import check_reduce
from loopwright.legality.state import Region, initial_state
from loopwright.poly.convert import PolyError, limited
from loopwright.poly.dependences import to_dependence


def analyze_nest(nest: LoopNest, *, fp_strict: bool = False, time_limit_s: float = 10.0) -> NestAnalysis:
    """Return the nest's dependences, an answer per loop, and its permutable bands.

    A nest that takes longer than ``time_limit_s`` is undecided as a whole.
    """
    try:
        with limited(time_limit_s):
            facts = facts_of(nest, time_limit_s)
            loops = tuple(_analyze_loop(facts, loop.name, fp_strict=fp_strict) for loop in nest.loops)
            dependences = tuple(to_dependence(facts.sets, edge) for edge in facts.edges)
            return NestAnalysis(nest, dependences, loops, _find_bands(facts, fp_strict=fp_strict))
    except PolyError as error:
        return NestAnalysis(nest, (), tuple(_limit(nest, loop.name, str(error)) for loop in nest.loops))


def _limit(nest: LoopNest, loop: str, reason: str) -> LoopAnalysis:
    plan = Plan(nest.id, (Parallelize(loop),))
    return LoopAnalysis(loop, Undecided(plan, Code.ANALYSIS_LIMIT, reason, nest.loop(loop).header))


def _analyze_loop(facts: Facts, loop: str, *, fp_strict: bool) -> LoopAnalysis:
    state = initial_state(facts)
    parallelize = Parallelize(loop)
    region = parallel_region(state, parallelize)
    if isinstance(region, Obstacle):
        return LoopAnalysis(loop, to_legality(facts, Plan(facts.nest.id, (parallelize,)), [region]))
    steps: list[Step] = []
    failures: dict[str, Obstacle] = {}
    for variable in _conflicting(region):
        found = _lift(region, variable, fp_strict=fp_strict)
        if isinstance(found, Obstacle):
            failures[variable.name] = found
        else:
            steps.append(found)
    plan = Plan(facts.nest.id, (parallelize, *steps))
    legality = check(facts, plan, fp_strict=fp_strict)
    if isinstance(legality, Refuted | Undecided):
        legality = _explained(facts, plan, legality, failures)
    return LoopAnalysis(
        loop,
        legality,
        tuple((step.variable, step.operator) for step in steps if isinstance(step, Reduce)),
        tuple(step.variable for step in steps if isinstance(step, Privatize)),
    )


def _conflicting(region: Region) -> list[Variable]:
    """Return the variables on which the region carries a dependence, in the nest's order."""
    names: set[str] = set()
    for edge in region.facts.edges:
        if edge.variable.name not in names and region.carried(edge) is not None:
            names.add(edge.variable.name)
    return [variable for variable in region.state.nest.variables if variable.name in names]


def _lift(region: Region, variable: Variable, *, fp_strict: bool) -> Step | Obstacle:
    """Return the step that lifts the region's dependences on ``variable``, or the best reason why none does."""
    updates = [statement.update for statement, _ in region.references(variable.name) if statement.update is not None]
    update = next((update for update in updates if update.variable == variable.name), None)
    privatized = check_privatize(region, variable.name)
    if privatized in (Clause.PRIVATE, Clause.FIRSTPRIVATE, Clause.LASTPRIVATE):
        return Privatize(variable.name)
    if update is not None:
        step = Reduce(variable.name, update.operator)
        reduced = check_reduce(region, step, fp_strict=fp_strict)
        if not isinstance(reduced, Obstacle):
            return step
        if isinstance(privatized, Obstacle) and privatized.code is Code.LAST_VALUE_USED:
            return privatized
        return reduced
    return privatized if isinstance(privatized, Obstacle) else Obstacle(Code.STEP_DOES_NOT_FIT, "not written")


def _explained(
    facts: Facts, plan: Plan, legality: Refuted | Undecided, failures: dict[str, Obstacle]
) -> Refuted | Undecided:
    """Return the answer in terms of what was tried on a scalar, which says more than the bare dependence."""
    if isinstance(legality, Undecided):
        for name, failure in failures.items():
            variable = facts.nest.variable(name)
            if not (variable.rank or variable.is_pointer or failure.refutes):
                waivable = legality.waivable and failure.waivable
                return replace(legality, code=failure.code, reason=failure.reason, span=failure.span, waivable=waivable)
        return legality
    name = legality.dependence.variable if legality.dependence is not None else ""
    failure = failures.get(name)
    if failure is None or is_behind_pointer(facts.nest.variable(name)) or failure.code is Code.STEP_DOES_NOT_FIT:
        return legality
    is_scalar = not facts.nest.variable(name).rank
    if failure.edge is None and (is_scalar or failure.code is Code.LAST_VALUE_USED):
        return replace(legality, code=failure.code, reason=failure.reason)
    if failure.refutes and (is_scalar or failure.code is Code.REDUCTION_ESCAPES):
        explained = to_legality(facts, plan, [failure])
        return explained if isinstance(explained, Refuted) else legality
    return legality


def _find_bands(facts: Facts, *, fp_strict: bool) -> tuple[tuple[str, ...], ...]:
    """Return the longest permutable bands of two or more loops, each loop in one band at most."""
    state = initial_state(facts)
    inner = set(state.perfect.values())
    bands: list[tuple[str, ...]] = []
    for loop in facts.nest.loops:
        chain = list(state.chain(loop.name)) if loop.name not in inner else []
        while len(chain) > 1:
            length = max(
                (
                    end
                    for end in range(2, len(chain) + 1)
                    if is_permutable(state, tuple(chain[:end]), fp_strict=fp_strict)
                ),
                default=1,
            )
            if length > 1:
                bands.append(tuple(chain[:length]))
            chain = chain[length:]
    return tuple(bands)
