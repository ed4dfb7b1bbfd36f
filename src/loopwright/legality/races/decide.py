"""Entry of the race rules: ``decide`` gives every construct of a file its verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from loopwright.core.codes import Code
from loopwright.core.concurrency import Concurrency, Construct, Region, Touch
from loopwright.core.race import (
    ConstructVerdict,
    Doubtful,
    EvidenceKind,
    Race,
    RaceAccess,
    RaceVerdict,
)
from loopwright.legality.races.conflict import Conflict, ConflictFinder

_MOST_RACES = 24


@dataclass(slots=True)
class _Answer:
    """What was found of one construct so far."""

    races: list[Race] = field(default_factory=list[Race])
    doubts: list[Doubtful] = field(default_factory=list[Doubtful])
    is_reached: bool = True


def decide(concurrency: Concurrency, is_over: Callable[[], bool] = lambda: False) -> tuple[ConstructVerdict, ...]:
    """Return the verdict on every construct, in textual order.

    Args:
        concurrency: What the file does.
        is_over: True when the rules have taken long enough; what was not looked at by then is not known.
    """
    answers = {construct.number: _Answer() for construct in concurrency.constructs}
    for region in concurrency.regions:
        _decide_region(region, concurrency, answers, is_over)
    for number, code, reason in concurrency.unknown:
        answers[number].doubts.append(Doubtful(code, reason, concurrency.constructs[number].line))
    for number in concurrency.idle:
        answers[number].is_reached = False
    return tuple(_verdict(construct, answers[construct.number]) for construct in concurrency.constructs)


def _decide_region(
    region: Region, concurrency: Concurrency, answers: dict[int, _Answer], is_over: Callable[[], bool]
) -> None:
    finder = ConflictFinder(region, is_over)
    inside = _constructs_of(region, concurrency)
    for opacity in region.opacities:
        for number in inside:
            answers[number].doubts.append(Doubtful(opacity.code, opacity.reason, opacity.line))
    for conflict in finder.conflicts():
        concerned = _concerned(conflict, finder, concurrency) & inside or {region.construct} & inside
        for number in concerned or inside:
            answer = answers[number]
            if conflict.is_certain:
                race = _race(conflict, concurrency.path)
                if len(answer.races) < _MOST_RACES and not any(_is_same(race, each) for each in answer.races):
                    answer.races.append(race)
            else:
                answer.doubts.append(Doubtful(conflict.code, conflict.reason, conflict.first.span.line))

    if finder.is_cut_off:
        for number in inside:
            answers[number].doubts.append(Doubtful(Code.ANALYSIS_LIMIT, "looking for races takes too long"))


def _constructs_of(region: Region, concurrency: Concurrency) -> set[int]:
    """Return the constructs that a region runs: those of its contexts and all that stand inside their text."""
    found = {context.construct for context in region.contexts if context.construct is not None}
    if region.construct >= 0:
        found.add(region.construct)
    places = {(touch.span.path, touch.span.line) for touch in region.touches}
    for construct in concurrency.constructs:
        if any(_holds(construct, path, line, concurrency) for path, line in places):
            found.add(construct.number)
        if any(
            outer.path == construct.path and outer.line <= construct.line and construct.end_line <= outer.end_line
            for outer in (concurrency.constructs[number] for number in list(found))
        ):
            found.add(construct.number)
    return found


def _concerned(conflict: Conflict, finder: ConflictFinder, concurrency: Concurrency) -> set[int]:
    """Return the constructs in which one of the touches stands."""
    found: set[int] = set()
    for touch in (conflict.first, conflict.second):
        found |= {context.construct for context in finder.orders.chain(touch.context) if context.construct is not None}
        found |= {
            construct.number
            for construct in concurrency.constructs
            if _holds(construct, touch.span.path, touch.span.line, concurrency)
        }
    return found


def _holds(construct: Construct, path: str, line: int, concurrency: Concurrency) -> bool:
    return (construct.path or concurrency.path) == path and construct.line <= line <= construct.end_line


def _race(conflict: Conflict, path: str) -> Race:
    return Race(
        conflict.first.object if not conflict.first.text else _name(conflict.first),
        _access(conflict.first, path),
        _access(conflict.second, path),
        conflict.witness,
        conflict.is_conditional,
    )


def _name(touch: Touch) -> str:
    return touch.variable


def _access(touch: Touch, path: str) -> RaceAccess:
    other = touch.span.path if touch.span.path != path else ""
    return RaceAccess(touch.span.line, touch.kind, touch.text, touch.span.column, other)


def _is_same(one: Race, other: Race) -> bool:
    return one.variable == other.variable and one.lines == other.lines and one.second.kind is other.second.kind


def _verdict(construct: Construct, answer: _Answer) -> ConstructVerdict:
    identity = f"{construct.function}:{construct.line}"
    head = (identity, construct.function, construct.line, construct.directive)
    if answer.races:
        races = tuple(sorted(answer.races, key=lambda race: (race.is_conditional, race.lines)))
        first = races[0]
        sentence = _sentence(first)
        verdict = ConstructVerdict(*head, RaceVerdict.RACE, EvidenceKind.STATIC, races, Code.DATA_RACE, sentence)
        return replace(verdict, path=construct.path)
    if answer.doubts:
        # What can be said of one object helps more than that two pointers may lead to one.
        doubt = min(answer.doubts, key=lambda each: each.code is Code.ALIAS_UNGUARDED)
        verdict = ConstructVerdict(*head, RaceVerdict.UNKNOWN, EvidenceKind.STATIC, (), doubt.code, doubt.reason)
        return replace(verdict, path=construct.path)
    reason = "" if answer.is_reached else "it never runs"
    verdict = ConstructVerdict(*head, RaceVerdict.FREE, EvidenceKind.STATIC, (), None, reason)
    return replace(verdict, path=construct.path)


def _sentence(race: Race) -> str:
    where = f"{race.first.kind} at line {race.first.line} and {race.second.kind} at line {race.second.line}"
    text = f"'{race.variable}': {where} are not ordered"
    if race.is_conditional:
        text += ", if the conditions on the way to them hold"
    return f"{text}; {race.witness} meet" if race.witness else text
