"""Random small OpenMP programs with the answer that enumerating everything gives: is there a race?

``thread_program`` makes a parallel region of worksharing loops, single and master blocks, critical sections, atomics
and barriers, some of it in a serial loop. Its oracle unrolls everything and compares all pairs of pieces of work
between two barriers. ``task_program`` makes a tree of tasks with dependences and waits; its oracle builds the graph of
what happens before what.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field

SIZE = 64
ARRAYS = ("a", "b")
SCALARS = ("x", "y", "z")


@dataclass(frozen=True)
class Program:
    """C text, and whether some execution has a race."""

    text: str
    has_race: bool


@dataclass(frozen=True)
class Work:
    """What one thread runs in one go.

    Attributes:
        phase: Barriers before it.
        by: ``unit`` (one thread, any), ``all`` (each thread) or ``master``.
        accesses: Cell, whether it is written, whether atomically, and the critical section around it.
    """

    phase: int
    by: str
    accesses: tuple[tuple[object, bool, bool, str], ...]


@dataclass(frozen=True)
class Statement:
    """``target[tc*i + tk*k + td] = source[...]``, as strides of the loop variables and an offset."""

    target: str
    target_place: tuple[int, int, int]
    source: str
    source_place: tuple[int, int, int]
    guard: str = ""

    def text(self, has_i: bool, has_k: bool) -> str:
        left = f"{self.target}[{_subscript(self.target_place, has_i, has_k)}]"
        right = f"{self.source}[{_subscript(self.source_place, has_i, has_k)}]"
        if self.guard == "atomic":
            return f"#pragma omp atomic\n{left} += 1;"
        plain = f"{left} = {right};"
        return f"#pragma omp critical({self.guard})\n{plain}" if self.guard else plain

    def accesses(self, i: int, k: int) -> tuple[tuple[object, bool, bool, str], ...]:
        target = (self.target, _value(self.target_place, i, k))
        if self.guard == "atomic":
            return ((target, True, True, ""),)
        source = (self.source, _value(self.source_place, i, k))
        return ((target, True, False, self.guard), (source, False, False, self.guard))


def _subscript(place: tuple[int, int, int], has_i: bool, has_k: bool) -> str:
    parts = [f"{place[0]}*i"] if has_i and place[0] else []
    parts += [f"{place[1]}*k"] if has_k and place[1] else []
    return " + ".join([*parts, str(place[2])])


def _value(place: tuple[int, int, int], i: int, k: int) -> int:
    return place[0] * i + place[1] * k + place[2]


@dataclass
class _Threads:
    rng: random.Random
    lines: list[str] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)

    def statement(self, has_i: bool, *, guards: bool) -> Statement:
        rng = self.rng
        guard = rng.choice(["", "", "", "one", "two", "atomic"]) if guards else ""
        places = [
            (rng.choice([1, 1, 1, 2, -1]) if has_i else 0, rng.choice([0, 0, 1]), rng.choice([16, 16, 17, 18, 20, 24]))
            for _ in range(2)
        ]
        return Statement(rng.choice(ARRAYS), places[0], rng.choice(ARRAYS), places[1], guard)

    def piece(self, has_k: bool) -> tuple[list[str], list[tuple[str, bool, list[Statement], int]]]:
        """Return the text of one construct, and what it does: who, barrier behind it, statements, iterations."""
        rng = self.rng
        kind = rng.choice(["for", "for", "for", "single", "master", "plain", "barrier"])
        if kind == "barrier":
            return ["#pragma omp barrier"], [("none", True, [], 0)]
        if kind == "for":
            count, nowait = rng.choice([1, 2, 4]), rng.random() < 0.5
            body = [self.statement(True, guards=True) for _ in range(rng.choice([1, 1, 2]))]
            text = [f"#pragma omp for{' nowait' if nowait else ''}", f"for (int i = 0; i < {count}; i++) {{"]
            text += [each.text(True, has_k) for each in body] + ["}"]
            return text, [("unit", not nowait, body, count)]
        body = [self.statement(False, guards=kind == "plain") for _ in range(rng.choice([1, 1, 2]))]
        inner = [each.text(False, has_k) for each in body]
        if kind == "plain":
            return inner, [("all", False, body, 0)]
        nowait = kind == "single" and rng.random() < 0.5
        head = "#pragma omp master" if kind == "master" else f"#pragma omp single{' nowait' if nowait else ''}"
        by = "master" if kind == "master" else "one"
        return [head, "{", *inner, "}"], [(by, kind == "single" and not nowait, body, 0)]

    def run(self, pieces: list[tuple[str, bool, list[Statement], int]], k: int, phase: int) -> int:
        for by, barrier, body, count in pieces:
            if by == "unit":
                for i in range(count):
                    self.work.append(Work(phase, "unit", tuple(a for each in body for a in each.accesses(i, k))))
            elif by != "none":
                accesses = tuple(a for each in body for a in each.accesses(0, k))
                self.work.append(Work(phase, {"one": "unit"}.get(by, by), accesses))
            phase += barrier
        return phase


def thread_program(seed: int) -> Program:
    """Return a random parallel region of worksharing constructs."""
    rng = random.Random(seed)
    maker = _Threads(rng)
    text: list[str] = []
    phase = 0
    for _ in range(rng.choice([1, 2, 3])):
        if rng.random() < 0.4:
            steps = rng.choice([2, 3])
            made = [maker.piece(True) for _ in range(rng.choice([1, 2, 2]))]
            text += [f"for (int k = 0; k < {steps}; k++) {{", *(line for lines, _ in made for line in lines), "}"]
            for k in range(steps):
                for _, pieces in made:
                    phase = maker.run(pieces, k, phase)
        else:
            lines, pieces = maker.piece(False)
            text += lines
            phase = maker.run(pieces, 0, phase)
    names = ", ".join(f"{name}[{SIZE}]" for name in ARRAYS)
    head = [f"int {names};", "int main(void) {", "#pragma omp parallel", "{"]
    return Program("\n".join([*head, *text, "}", "return 0;", "}"]), _races(maker.work))


def _races(work: list[Work]) -> bool:
    pairs = itertools.combinations_with_replacement(range(len(work)), 2)
    for first, second in pairs:
        one, other = work[first], work[second]
        if one.phase != other.phase or (first == second and one.by != "all") or one.by == other.by == "master":
            continue
        for (cell, writes, atomic, lock), (place, also, too, key) in itertools.product(one.accesses, other.accesses):
            if cell == place and (writes or also) and not (atomic and too) and not (lock and lock == key):
                return True
    return False


@dataclass
class _Node:
    access: tuple[str, bool] | None
    before: list[int]


@dataclass
class _Child:
    end: int
    depends: tuple[tuple[str, str], ...]
    descendants: list[int]


class _Tasks:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.nodes: list[_Node] = []

    def node(self, before: list[int], access: tuple[str, bool] | None = None) -> int:
        self.nodes.append(_Node(access, before))
        return len(self.nodes) - 1

    def block(self, depth: int, start: int) -> tuple[list[str], int, list[int]]:
        """Return the text of a task's body, its last node, and the ends of all tasks below it."""
        text: list[str] = []
        children: list[_Child] = []
        below: list[int] = []
        last = start
        for _ in range(self.rng.choice([2, 3, 4] if depth == 0 else [1, 1, 2])):
            lines, last = self.item(depth, last, children, below)
            text += lines
        return text, last, below

    def item(self, depth: int, last: int, children: list[_Child], below: list[int]) -> tuple[list[str], int]:
        rng = self.rng
        kind = rng.choice(["task", "task", "task", "access", "wait", "group"] if depth < 2 else ["access"])
        if kind == "access":
            return self.access(last)
        if kind == "wait":
            return ["#pragma omp taskwait"], self.node([last, *(child.end for child in children)])
        if kind == "group":
            inside: list[int] = []
            lines, last = self.task(depth, last, children, inside)
            below += inside
            return ["#pragma omp taskgroup", "{", *lines, "}"], self.node([last, *inside])
        return self.task(depth, last, children, below)

    def access(self, last: int) -> tuple[list[str], int]:
        name, writes = self.rng.choice(SCALARS), self.rng.random() < 0.5
        line = f"{name} = 1;" if writes else f"{{ int seen = {name}; (void)seen; }}"
        return [line], self.node([last], (name, writes))

    def task(self, depth: int, last: int, children: list[_Child], below: list[int]) -> tuple[list[str], int]:
        rng = self.rng
        depends = tuple((rng.choice(["in", "out", "inout"]), name) for name in SCALARS if rng.random() < 0.35)
        is_included = rng.random() < 0.15
        earlier = [
            child.end
            for child in children
            for kind, name in child.depends
            for own, wanted in depends
            if name == wanted and (kind, own) != ("in", "in")
        ]
        start = self.node([last, *earlier])
        text, end, descendants = self.block(depth + 1, start)
        children.append(_Child(end, depends, descendants))
        below += [end, *descendants]
        clauses = "".join(f" depend({kind} : {name})" for kind, name in depends) + (" if (0)" if is_included else "")
        lines = [f"#pragma omp task{clauses}", "{", *text, "}"]
        return lines, self.node([end]) if is_included else last

    def has_race(self) -> bool:
        reached: list[set[int]] = []
        for node in self.nodes:
            found = set(node.before)
            for other in node.before:
                found |= reached[other]
            reached.append(found)
        for first, second in itertools.combinations(range(len(self.nodes)), 2):
            one, other = self.nodes[first].access, self.nodes[second].access
            if one is None or other is None or one[0] != other[0] or not (one[1] or other[1]):
                continue
            if first not in reached[second] and second not in reached[first]:
                return True
        return False


def task_program(seed: int) -> Program:
    """Return a random tree of tasks made by one thread."""
    maker = _Tasks(random.Random(seed))
    text, _, _ = maker.block(0, maker.node([]))
    head = [f"int {', '.join(SCALARS)};", "int main(void) {", "#pragma omp parallel", "#pragma omp single", "{"]
    return Program("\n".join([*head, *text, "}", "return 0;", "}"]), maker.has_race())
