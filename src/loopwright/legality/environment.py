"""The data environment of one parallel or simd region: clauses, what is left of the dependences, assumptions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment
from loopwright.core.nest import AccessKind, Loop, LoopNest, ReductionOperator
from loopwright.core.plan import Atomic, Plan, Privatize, Reduce
from loopwright.core.variable import ElementKind, Variable
from loopwright.legality.facts import facts_of
from loopwright.legality.last_value import has_iteration, iterations_of, last_write
from loopwright.legality.obstacle import Obstacle, unfit, unsayable
from loopwright.legality.overlap import no_alias, overlaps_among
from loopwright.legality.rules.atomic import check_atomic
from loopwright.legality.rules.privatize import Clause, check_privatize, is_live_after
from loopwright.legality.rules.reduce import check_reduce
from loopwright.legality.state import Region
from loopwright.poly.flow import always_runs, always_written

_LOGICAL = (ReductionOperator.LOGICAL_AND, ReductionOperator.LOGICAL_OR)


@dataclass(slots=True)
class RegionAnswer:
    """What the data steps of a plan come to in one region.

    Attributes:
        clauses: Variable -> clause.
        reductions: Variable -> operator.
        linear: Iterators of the simd loops that are read behind them.
        relaxed: Variables whose dependences the clauses and atomic updates lift.
        assumptions: What that rests on.
        obstacles: Steps that are not legal.
    """

    clauses: dict[str, Clause] = field(default_factory=dict[str, Clause])
    reductions: dict[str, ReductionOperator] = field(default_factory=dict[str, ReductionOperator])
    linear: set[str] = field(default_factory=set[str])
    relaxed: set[str] = field(default_factory=set[str])
    assumptions: list[Assumption] = field(default_factory=list[Assumption])
    obstacles: list[Obstacle] = field(default_factory=list[Obstacle])

    def environment(self, loop: str, *, is_conditional: bool = False) -> DataEnvironment:
        """Return the clauses of the directive on ``loop``; see ``needs_guards`` for ``is_conditional``."""

        def of(clause: Clause) -> tuple[str, ...]:
            return tuple(name for name, chosen in self.clauses.items() if chosen is clause)

        return DataEnvironment(
            loop,
            of(Clause.PRIVATE),
            of(Clause.FIRSTPRIVATE),
            of(Clause.LASTPRIVATE),
            tuple(self.reductions.items()),
            is_conditional,
        )


def answer_region(region: Region, plan: Plan, *, fp_strict: bool, simd: bool = False) -> RegionAnswer:
    """Return the clauses that the plan's data steps stand for in ``region``, or why they cannot."""
    answer = RegionAnswer()
    accessed = {access.variable for statement in region.statements for access in statement.accesses}
    reductions = {step.variable: step for step in plan.steps if isinstance(step, Reduce)}
    privates = [step.variable for step in plan.steps if isinstance(step, Privatize)]
    for name, step in reductions.items():
        if name in accessed and _is_written(region, name) and not _is_inner(region, name):
            _add_reduction(region, answer, step, name in privates, fp_strict=fp_strict)
    for name in privates:
        if name in accessed and name not in answer.reductions and not _is_inner(region, name):
            _add_private(region, answer, name, simd=simd)
    _add_atomics(region, answer, plan, fp_strict=fp_strict)
    _add_iterators(region, answer, simd=simd)
    for first, second in overlaps_among(region.facts, region.statements):
        found = no_alias(region.facts, first, second)
        copied = {first.name, second.name} & {*answer.clauses, *answer.reductions}
        if isinstance(found, Obstacle):
            answer.obstacles.append(found)
        elif copied:
            answer.obstacles.append(_copied_and_shared(min(copied), first, second))
        else:
            answer.assumptions.append(found)
    _require_iterations(region, answer)
    return answer


def needs_guards(region: Region, plan: Plan, answer: RegionAnswer, *, fp_strict: bool, simd: bool) -> bool:
    """Return True if the copies in ``answer`` may be wrong where an assumption of the nest itself does not hold.

    One thread whose ``if`` clause is false still works on its copies. Where the loop order changes there is another
    version for that anyway.
    """
    nest = region.state.nest
    guarded = [item for item in nest.assumptions if item.guard]
    asked = {step.variable for step in plan.steps if isinstance(step, Privatize)}
    # The private counter of a loop inside is set by its header, whatever is assumed.
    copies = {name for name, clause in answer.clauses.items() if clause is not Clause.PRIVATE or name in asked}
    copies |= answer.linear
    is_logical = any(operator in _LOGICAL for operator in answer.reductions.values())
    if not guarded or not (copies or is_logical) or region.is_reordered:
        return False
    is_of_subscripts = all(item.kind is AssumptionKind.SUBSCRIPT_BOUNDS for item in guarded)
    if not is_of_subscripts or is_logical or any(nest.variable(name).rank for name in copies):
        return True
    # Where a subscript leaves its row, other elements are meant, but what scalars hold and which loops run is the same.
    bare = facts_of(replace(nest, assumptions=tuple(item for item in nest.assumptions if not item.guard)))
    again = answer_region(Region(replace(region.state, facts=bare), region.loops), plan, fp_strict=fp_strict, simd=simd)
    return (again.clauses, _trips(again)) != (answer.clauses, _trips(answer))


def _trips(answer: RegionAnswer) -> list[Assumption]:
    return [item for item in answer.assumptions if item.kind is AssumptionKind.TRIP_COUNT]


def _copied_and_shared(name: str, first: Variable, second: Variable) -> Obstacle:
    """Return the obstacle of a variable that has a copy per thread and may be reached through a pointer.

    An ``if`` clause that is false leaves one thread, but that thread still works on its copy.
    """
    other = second.name if first.name == name else first.name
    return Obstacle(
        Code.ALIAS_UNGUARDED,
        f"`{name}` would be copied for each thread, and `{other}` may be the same memory",
        span=first.declaration if first.name == name else second.declaration,
    )


def _require_iterations(region: Region, answer: RegionAnswer) -> None:
    """Assume that the loops run at all where a clause changes its variable even if they do not.

    ``lastprivate`` and ``linear`` leave no value without iterations (OpenMP 5.2, sections 5.4.5 and 5.4.6), where the
    original's header sets its iterator; and a logical reduction makes 0 or 1 of the original's value.
    """
    kept = [name for name, clause in answer.clauses.items() if clause is Clause.LASTPRIVATE]
    kept += sorted(answer.linear)
    for name, operator in answer.reductions.items():
        if operator in _LOGICAL and region.state.nest.variable(name).element.kind is not ElementKind.BOOL:
            kept.append(name)
            if not always_written(region.facts.sets, name, _around(region), region.iteration):
                reason = f"where no update of `{name}` runs, the clause would still make 0 or 1 of its value"
                answer.obstacles.append(unfit(reason, region.state.nest.variable(name).declaration))
    for name in region.originals if kept else ():
        if always_runs(region.facts.sets, name):
            continue
        loop = region.state.nest.loop(name)
        text = f"the loop over `{loop.iterator}` has an iteration"
        guard = has_iteration(loop)
        is_own = name == region.originals[0]
        if not guard or not (is_own or region.state.nest.can_evaluate(guard)):
            reason = f"`{kept[0]}` is used after the loop, which may have no iterations"
            answer.obstacles.append(Obstacle(Code.LAST_VALUE_USED, reason, span=loop.header))
        else:
            answer.assumptions.append(Assumption(AssumptionKind.TRIP_COUNT, text, guard, Code.TRIP_COUNT, tuple(kept)))


def _around(region: Region) -> int:
    """Return the number of loops, outermost first, whose iteration tells one execution of the region from another."""
    if region.is_reordered:
        return region.state.nest.loop(region.iteration).depth + 1
    return region.state.nest.loop(region.originals[0]).depth


def _is_written(region: Region, name: str) -> bool:
    return any(access.kind is AccessKind.WRITE for _, access in region.references(name))


def _is_inner(region: Region, name: str) -> bool:
    """Return True if each iteration has the variable for itself, so that the step is for an inner region."""
    variable = region.state.nest.variable(name)
    return variable.scope is not None and region.is_declared_inside(variable)


def _add_reduction(region: Region, answer: RegionAnswer, step: Reduce, private: bool, *, fp_strict: bool) -> None:
    found = check_reduce(region, step, fp_strict=fp_strict)
    if isinstance(found, Obstacle):
        if private:
            return
        answer.obstacles.append(_of_step(found))
    else:
        answer.assumptions += found
    # A step that fails already stands for the variable's dependences.
    answer.relaxed.add(step.variable)
    if not isinstance(found, Obstacle) or found.waivable:
        answer.reductions[step.variable] = step.operator


def _add_private(region: Region, answer: RegionAnswer, name: str, *, simd: bool) -> None:
    found = check_privatize(region, name)
    if simd and found is Clause.FIRSTPRIVATE:
        found = unsayable(f"`omp simd` has no firstprivate for `{name}`")
    if found is Clause.NONE:
        return
    answer.relaxed.add(name)
    if isinstance(found, Obstacle):
        answer.obstacles.append(_of_step(found))
        if found.waivable:
            live = is_live_after(region, region.state.nest.variable(name))
            answer.clauses[name] = Clause.LASTPRIVATE if live else Clause.PRIVATE
    else:
        answer.clauses[name] = found
    if found is Clause.LASTPRIVATE:
        answer.assumptions += last_write(region, region.state.nest.variable(name)) or ()


def _of_step(obstacle: Obstacle) -> Obstacle:
    """Return the obstacle of a step of the plan: where no clause can say what the step asks for, that is the answer."""
    return replace(obstacle, refutes=True) if obstacle.is_unsayable else obstacle


def _add_atomics(region: Region, answer: RegionAnswer, plan: Plan, *, fp_strict: bool) -> None:
    atomics: dict[str, list[Atomic]] = {}
    inside = {statement.name for statement in region.statements}
    for step in plan.steps:
        if isinstance(step, Atomic) and step.statement in inside:
            atomics.setdefault(step.variable, []).append(step)
    for name, steps in atomics.items():
        found = check_atomic(region, name, tuple(steps), fp_strict=fp_strict)
        if isinstance(found, Obstacle):
            answer.obstacles.append(found)
        else:
            answer.relaxed.add(name)
            answer.assumptions += found


def _add_iterators(region: Region, answer: RegionAnswer, *, simd: bool) -> None:
    """Give each thread its own iterators: those that are declared outside the loops that use them."""
    nest = region.state.nest
    for loop in nest.loops:
        around = {item.name for item in region.facts.sets.ancestors(loop.name)}
        if loop.declares_iterator or region.originals[0] not in around:
            continue
        owner = _iterator_variable(region, loop)
        if owner is None or region.is_declared_inside(owner) or owner.name in answer.clauses:
            continue
        if region.state.is_around(loop.name, region.name):
            continue  # all iterations of the region see the same value
        own = loop.name in region.originals
        if own and region.is_reordered:
            continue  # the loop is written anew, with an iterator of its own
        if not _is_live(region, owner, loop):
            if not own:
                answer.clauses[owner.name] = Clause.PRIVATE
            continue
        reached = _leaves_last_value(region, loop)
        if reached is None:
            reason = f"the last iteration may not reach the loop whose iterator `{loop.iterator}` may be read after it"
            answer.obstacles.append(Obstacle(Code.LAST_VALUE_USED, reason, span=loop.header))
            continue
        answer.assumptions += reached
        if simd and own:  # the iterator is linear without being named in a clause
            answer.linear.add(owner.name)
        else:
            answer.clauses[owner.name] = Clause.LASTPRIVATE
        if own and _is_unmistakable(nest, loop):
            answer.relaxed.add(owner.name)  # inside the loop, its own header alone writes it


def _iterator_variable(region: Region, loop: Loop) -> Variable | None:
    candidates = [
        variable
        for variable in region.state.nest.variables
        if variable.identifier == loop.iterator and variable.rank == 0 and not variable.is_pointer
    ]
    named = [variable for variable in candidates if variable.name == loop.iterator]
    return next(iter(named or candidates), None)


def _is_unmistakable(nest: LoopNest, loop: Loop) -> bool:
    """Return True if no other variable has the iterator's name, such as a global one that a helper uses."""
    return sum(variable.identifier == loop.iterator for variable in nest.variables) == 1


def _is_live(region: Region, iterator: Variable, loop: Loop) -> bool:
    """Return True if the iterator may be read behind its loop."""
    nest = region.state.nest
    users = {other.name for other in nest.loops if other.iterator == loop.iterator}
    return iterator.live_out or any(
        access.variable == iterator.name and not users.intersection(statement.loops)
        for statement in nest.statements
        for access in statement.accesses
    )


def _leaves_last_value(region: Region, loop: Loop) -> tuple[Assumption, ...] | None:
    """Return what it takes that the last iteration of the region runs the header of ``loop``; None if nothing does.

    That there is a last one is for ``_require_iterations`` to see to.
    """
    if region.is_reordered:
        return None
    nest = region.state.nest
    chain = [region.name]
    while (child := nest.loop(chain[-1]).perfect_child) is not None and chain[-1] != loop.name:
        chain.append(child)
    if loop.name not in chain:
        return None
    between = chain[len(region.loops) : chain.index(loop.name)]
    doubtful = [name for name in between if not always_runs(region.facts.sets, name)]
    return iterations_of(region, doubtful, loop.iterator)
