"""Entry of the symbolic run: ``explore`` turns a program into regions.

The run starts in ``main``, with the initial values of global variables; what it does not reach is run from every
function that nothing calls, of whose arguments nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loopwright.core.codes import Code
from loopwright.core.concurrency import Concurrency, Construct, ContextKind
from loopwright.frontend.affine import Value
from loopwright.frontend.openmp.constructs import Constructs
from loopwright.frontend.openmp.directives import Directive, OpenMPStmt
from loopwright.frontend.openmp.jumps import OutOfTime, Target
from loopwright.frontend.openmp.machine import Frame
from loopwright.frontend.openmp.memory import Abstract, Element, MemoryObject, ObjectKind, Place, Pointer, pointee
from loopwright.frontend.openmp.program import Program
from loopwright.frontend.openmp.recorder import Recorder
from loopwright.frontend.openmp.settle import settle
from loopwright.frontend.syntax import Call, Declaration, Extent, FunctionSyntax, Name, Stmt
from loopwright.frontend.tree import all_expressions, sub_statements, walk_expression, walk_statements
from loopwright.frontend.types import CType, TypeKind

_MAIN = "main"
_FOREIGN_THREADS = frozenset(
    {"pthread_create", "thrd_create", "std::async", "constructor of thread", "constructor of jthread", "clone"}
)
_LATE = (Code.ANALYSIS_LIMIT, "following the program takes too long")
_NEEDS_TEAM = frozenset(
    {
        "for",
        "sections",
        "single",
        "master",
        "masked",
        "critical",
        "barrier",
        "task",
        "taskloop",
        "taskwait",
        "taskgroup",
        "atomic",
        "ordered",
        "loop",
        "scope",
    }
)
Bound = list[tuple[Declaration, Abstract | None]]


class Explorer(Constructs):
    """One run from one function."""

    def __init__(self, program: Program, numbers: dict[int, int], is_over: Callable[[], bool]) -> None:
        super().__init__(program)
        self.is_over = is_over
        self._construct_numbers = numbers
        self.targets = [Target("program", [])]
        self.escapes = []
        self.regions: list[tuple[Recorder, str]] = []
        self.unknown: dict[int, tuple[Code, str]] = {}
        self.reached: set[int] = set()
        self.entered: set[int] = set()
        self.team_written: set[MemoryObject] = set()
        self.team_writers: dict[MemoryObject, set[object]] = {}
        self.team_frames = []
        self.team_contexts = []
        self.first_values = {}
        self._cases = []
        self.directive_extent = Extent(0, 0)

    def construct_of(self, directive: Directive) -> int | None:
        """Return the number of a directive of the file."""
        return self._construct_numbers.get(id(directive))

    def enter(self, frame: Frame, callee: FunctionSyntax, bound: Bound) -> Abstract:
        """Run a function's body in a frame of its own."""
        self.entered.add(callee.key)
        return super().enter(frame, callee, bound)

    def finish(self, function: FunctionSyntax, *, in_team: bool) -> bool:
        """Run from ``function``; False if that took too long."""
        try:
            self.start(function, in_team=in_team)
        except OutOfTime:
            return False
        return True

    def start(self, function: FunctionSyntax, *, in_team: bool) -> None:
        """Run from ``function``."""
        unit = self.program.unit_of(function)
        outer = Frame({}, {}, unit, ("start",), 0, function.name)
        self.frames.append(outer)
        is_main = function.name == _MAIN
        self._load_globals(everything=is_main)
        frame = Frame({}, {}, unit, (), function.key, function.name)
        bound = [(parameter, self._argument_of(parameter, frame)) for parameter in function.parameters]
        known: Bound = [(each, value) for each, value in bound if each.type.kind is not TypeKind.REFERENCE]
        if function.is_method:
            root = MemoryObject(("this", function.key), "*this", ObjectKind.EXTERN, may_overlap=True)
            frame.receiver = Place(root, (Element(Value.of(0)),), CType(TypeKind.VOID, "void"))
        if not in_team:
            self.enter(frame, function, known)
            return
        line = unit.lowering.text_of(function.extent.file).line(function.extent.start)
        team = Directive("parallel", None, (), line, line, "parallel")
        size = self.facts.parameter("threads", "the number of threads", "{} >= 1")
        self._team(ContextKind.TEAM, size, "", team, [], lambda: self._enter_again(frame, function, known))

    def _enter_again(self, frame: Frame, function: FunctionSyntax, known: Bound) -> None:
        fresh = Frame({}, dict(frame.references), frame.unit, frame.path, frame.function, frame.name, frame.receiver)
        self.enter(fresh, function, known)
        self.state.is_dead = False

    def _argument_of(self, parameter: Declaration, frame: Frame) -> Abstract | None:
        type_ = parameter.type
        if type_.kind is TypeKind.REFERENCE:
            root = MemoryObject(("argument", parameter.key), parameter.name, ObjectKind.EXTERN, may_overlap=True)
            frame.references[parameter.key] = Place(root, (), pointee(type_))
            return None
        if type_.kind is TypeKind.POINTER:
            key = ("argument", parameter.key)
            root = MemoryObject(key, parameter.name, ObjectKind.EXTERN, may_overlap=True, is_restrict=type_.is_restrict)
            return Pointer((Place(root, (Element(Value.of(0)),), pointee(type_)),))
        return self.fresh(parameter.name, type_) if type_.is_integer else None

    def _load_globals(self, *, everything: bool) -> None:
        """Give global variables their initial values: all of them at the start of the program, else constants."""
        seen: set[int] = set()
        for unit in self.program.units:
            self.frame.unit = unit
            for key in unit.functions:
                function = unit.lowering.function(key)
                for part in all_expressions(function.body) if function is not None else ():
                    for inner in walk_expression(part):
                        if isinstance(inner, Name) and inner.declaration.key not in seen:
                            seen.add(inner.declaration.key)
                            self._load_global(inner.declaration, everything=everything)
        self.frame.unit = self.program.main_unit

    def _load_global(self, declaration: Declaration, *, everything: bool) -> None:
        if not declaration.outlives_function:
            return
        object_ = self.static_object(declaration)
        if declaration.type.is_volatile:
            self.unstable.add(object_)
        is_constant = declaration.type.is_const or (
            declaration.type.kind is TypeKind.ARRAY and declaration.type.scalar.is_const
        )
        if object_.is_private or not (everything or is_constant):
            return
        place = Place(object_, (), declaration.type)
        if declaration.initializer is not None:
            self.initialize(place, declaration.initializer, declaration.extent)
        elif declaration.is_internal and declaration.type.is_integer:
            self.state.cells[object_, ()] = Value.of(0)


def explore(program: Program, is_over: Callable[[], bool] = lambda: False) -> Concurrency:
    """Return what the parallel parts of a program do.

    Args:
        program: The files.
        is_over: True when the run has taken long enough; what was not reached by then is not known.
    """
    constructs, numbers = _constructs(program)
    regions: list[tuple[Explorer, Recorder, str]] = []
    unknown: dict[int, tuple[Code, str]] = {}
    reached: set[int] = set()
    entered: set[int] = set()
    for function in _roots(program):
        if function.key in entered or not _may_matter(program, function):
            continue
        is_main = function.name == _MAIN
        run = Explorer(program, numbers, is_over)
        is_done = run.finish(function, in_team=False)
        entered |= run.entered
        runs = [run]
        if not is_main and _has_orphans(program, function):
            team = Explorer(program, numbers, is_over)
            is_done = team.finish(function, in_team=True) and is_done
            runs.append(team)
            for number in team.reached:
                if constructs[number].directive.split()[0] in _NEEDS_TEAM:
                    reason = f"which threads call '{function.name}' is not known"
                    unknown.setdefault(number, (Code.ORPHANED_CONSTRUCT, reason))
        for each in runs:
            regions += [(each, recorder, name) for recorder, name in each.regions]
            unknown.update(each.unknown)
            reached |= each.reached
        if not is_done:
            unknown.update({each.number: _LATE for each in constructs})
    idle = tuple(construct.number for construct in constructs if construct.number not in reached)
    settled = tuple(settle(recorder, name, run) for run, recorder, name in regions)
    listed = tuple((number, code, reason) for number, (code, reason) in sorted(unknown.items()))
    path = program.main_unit.lowering.text.path
    has_main = any(function.name == _MAIN for function in program.functions())
    obstacle = _obstacle(program)
    return Concurrency(path, tuple(constructs), settled, listed, idle, obstacle, has_main, program.warnings)


def _obstacle(program: Program) -> tuple[Code, str] | None:
    """Return why something in the file is not seen at all, if there is such a thing."""
    if program.has_attributes:
        return Code.HIDDEN_DIRECTIVE, "directives that are written as attributes are not analysed"
    hidden = program.hidden_pragma()
    if hidden is not None:
        return Code.HIDDEN_DIRECTIVE, f"the directive at line {hidden.line} stands where it is not seen"
    for function in program.functions():
        for part in all_expressions(function.body):
            if isinstance(part, Call) and part.name in _FOREIGN_THREADS:
                return Code.FOREIGN_THREADS, f"'{part.name}' makes threads beside those of OpenMP"
    return None


def _constructs(program: Program) -> tuple[list[Construct], dict[int, int]]:
    """Return the directives of the file that do something, and their numbers by identity."""
    found: list[tuple[Directive, str, int]] = []
    text = program.main_unit.lowering.text
    for function in program.functions():
        for part in walk_statements(function.body):
            if isinstance(part, OpenMPStmt):
                ends = [text.line(max(inner.extent.end - 1, inner.extent.start)) for inner in part.body]
                found.append((part.directive, function.name, max([part.directive.last_line, *ends])))
    found.sort(key=lambda each: each[0].line)
    constructs = [
        Construct(number, function, directive.line, directive.last_line, directive.name or "?", directive.text, end)
        for number, (directive, function, end) in enumerate(found)
    ]
    return constructs, {id(directive): number for number, (directive, _, _) in enumerate(found)}


def _roots(program: Program) -> list[FunctionSyntax]:
    """Return the functions from which to start: ``main``, those that nothing calls, then all others."""
    functions = list(program.functions())
    called: set[int] = set()
    for function in functions:
        for part in all_expressions(function.body):
            if isinstance(part, Call) and part.target is not None and part.target != function.key:
                called.add(part.target)
    return sorted(functions, key=lambda each: (each.name != _MAIN, each.key in called))


def _may_matter(program: Program, function: FunctionSyntax) -> bool:
    """Return True if a directive stands in the function or in one that it calls."""
    waiting, seen = [function], {function.key}
    while waiting:
        current = waiting.pop()
        if program.has_directives(current):
            return True
        for part in all_expressions(current.body):
            inner = program.function(part.target) if isinstance(part, Call) and part.target is not None else None
            if inner is not None and inner.key not in seen:
                seen.add(inner.key)
                waiting.append(inner)
    return False


def _has_orphans(program: Program, function: FunctionSyntax) -> bool:
    """Return True if the function, or one that it calls, has a directive that a team around it would matter to."""
    return any(
        isinstance(part, OpenMPStmt) and part.directive.words[:1] and part.directive.words[0] in _NEEDS_TEAM
        for each in (function, *_called(program, function))
        for part in _outside_teams(each)
    )


def _called(program: Program, function: FunctionSyntax) -> list[FunctionSyntax]:
    found = (
        program.function(part.target)
        for part in all_expressions(function.body)
        if isinstance(part, Call) and part.target is not None
    )
    return [each for each in found if each is not None and each.key != function.key]


def _outside_teams(function: FunctionSyntax) -> Iterator[Stmt]:
    """Yield the statements of a function that stand in no parallel construct of its own."""
    waiting = list(function.body.body)
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, OpenMPStmt) and {"parallel", "teams"} & set(part.directive.words):
            continue
        waiting += sub_statements(part)
