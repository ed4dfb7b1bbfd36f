"""Entry of the symbolic run: ``explore`` turns a program into regions.

The run starts in ``main``, with the initial values of global variables; what it does not reach is run from every
function that nothing calls, of whose arguments nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loopwright.core.codes import Code
from loopwright.core.concurrency import Concurrency, Construct, ContextKind, Region
from loopwright.frontend.affine import Value
from loopwright.frontend.openmp.constructs import Constructs
from loopwright.frontend.openmp.directives import Directive, OpenMPStmt
from loopwright.frontend.openmp.jumps import OutOfTime, Target
from loopwright.frontend.openmp.machine import Frame
from loopwright.frontend.openmp.memory import Abstract, Element, MemoryObject, ObjectKind, Place, Pointer, pointee
from loopwright.frontend.openmp.program import Program
from loopwright.frontend.openmp.recorder import Recorder
from loopwright.frontend.openmp.settle import settle
from loopwright.frontend.syntax import Call, Declaration, Extent, FunctionName, FunctionSyntax, Stmt
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


class Register:
    """The directives that were met: those of the file in textual order, then those of other files."""

    def __init__(self, program: Program) -> None:
        self.constructs: list[Construct] = []
        self._numbers: dict[int, int] = {}
        self._path = program.main_unit.lowering.text.path
        found = [
            (part.directive, function.name)
            for function in program.functions()
            for part in walk_statements(function.body)
            if isinstance(part, OpenMPStmt)
        ]
        for directive, function in sorted(found, key=lambda each: each[0].line):
            self.note(directive, function)

    def number(self, directive: Directive) -> int | None:
        """Return the number of a directive, if it was noted."""
        return self._numbers.get(id(directive))

    def note(self, directive: Directive, function: str) -> None:
        """Give a directive a number, if it has none."""
        if id(directive) in self._numbers:
            return
        number = self._numbers[id(directive)] = len(self.constructs)
        name, end = directive.name or "?", directive.end_line
        path = "" if directive.path == self._path else directive.path
        self.constructs.append(
            Construct(number, function, directive.line, directive.last_line, name, directive.text, end, path)
        )


class Explorer(Constructs):
    """One run from one function."""

    def __init__(self, program: Program, register: Register, is_over: Callable[[], bool]) -> None:
        super().__init__(program)
        self.is_over = is_over
        self._register = register
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
        """Return the number of a directive; None for the team around an orphaned construct."""
        if directive.path:
            self._register.note(directive, self.frame.name)
        return self._register.number(directive)

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
        self._load_globals(everything=is_main and not self.program.starts_early)
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
        for unit, declaration in self.program.lasting_variables():
            self.frame.unit = unit
            self._load_global(declaration, everything=everything)
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
        if is_constant:
            self.constants.add(object_)
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
    register = Register(program)
    constructs = register.constructs
    regions: list[tuple[Explorer, Recorder, str]] = []
    unknown: dict[int, tuple[Code, str]] = {}
    reached: set[int] = set()
    entered: set[int] = set()
    roots = _roots(program)
    leading = _leading(program, roots)
    pointed = _pointed(program)
    has_main = any(function.name == _MAIN for function in roots)
    for function in roots:
        is_orphan = _has_orphans(program, function)
        # Others may call it too, in other ways: what is not seen of the program, or who holds its address.
        is_called_elsewhere = function.key in pointed or (not has_main and program.is_visible(function))
        is_open = is_called_elsewhere and not is_orphan
        if function.key not in leading or (function.key in entered and not is_open):
            continue
        is_main = function.name == _MAIN
        run = Explorer(program, register, is_over)
        is_done = run.finish(function, in_team=False)
        entered |= run.entered
        runs = [run]
        if not is_main and is_orphan:
            team = Explorer(program, register, is_over)
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
    settled: list[Region] = []
    for run, recorder, name in regions:
        if is_over():
            unknown.update({each.number: _LATE for each in constructs})
            break
        settled.append(settle(recorder, name, run))
    listed = tuple((number, code, reason) for number, (code, reason) in sorted(unknown.items()))
    path = program.main_unit.lowering.text.path
    obstacle = _obstacle(program)
    return Concurrency(path, tuple(constructs), tuple(settled), listed, idle, obstacle, has_main, program.warnings)


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


def _roots(program: Program) -> list[FunctionSyntax]:
    """Return the functions from which to start: ``main``, those that nothing calls, then all others."""
    functions = list(program.functions())
    called: set[int] = set()
    for function in functions:
        for part in all_expressions(function.body):
            if isinstance(part, Call) and part.target is not None and part.target != function.key:
                called.add(part.target)
    return sorted(functions, key=lambda each: (each.name != _MAIN, each.key in called))


def _pointed(program: Program) -> set[int]:
    """Return the functions whose addresses are taken."""
    written = [part for function in program.functions() for part in all_expressions(function.body)]
    for _, declaration in program.lasting_variables():
        written += walk_expression(declaration.initializer) if declaration.initializer is not None else ()
    return {part.key for part in written if isinstance(part, FunctionName)}


def _leading(program: Program, functions: list[FunctionSyntax]) -> set[int]:
    """Return the functions in which a directive stands, or in one that they call."""
    callers: dict[int, set[int]] = {}
    waiting: list[int] = []
    seen = {function.key for function in functions}
    unseen = list(functions)
    while unseen:
        current = unseen.pop()
        if program.has_directives(current):
            waiting.append(current.key)
        for part in all_expressions(current.body):
            inner = program.function(part.target) if isinstance(part, Call) and part.target is not None else None
            if inner is None:
                continue
            callers.setdefault(inner.key, set()).add(current.key)
            if inner.key not in seen:
                seen.add(inner.key)
                unseen.append(inner)
    found: set[int] = set()
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += callers.get(key, ())
    return found


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
