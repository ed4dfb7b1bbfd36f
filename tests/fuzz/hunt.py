"""One worker: programs by rising seed, the compiled share, findings shrunk and written as they come."""

from __future__ import annotations

import json
import random
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.compiled import Outcome, Pair, run_batch
from fuzz.examine import CRASH, WRONG_PROVED, Finding, Tally, examine, spelled
from fuzz.findings import COMPILED, shrunk, write
from fuzz.generate import random_program
from fuzz.program import For, statements
from loopwright.core.plan import Plan

BATCH = 40
"""Candidates that are compiled in one file."""

BATCH_EVERY_S = 20.0
SHRINK_S = 20.0
MOST_SHRUNK = 12


@dataclass(slots=True)
class Hunt:
    """The state of one worker.

    Attributes:
        folder: Where findings go.
        gcc: Compiler of the compiled share; ``""`` for none.
        clock: Seconds.
    """

    folder: Path
    gcc: str = "gcc"
    clock: Callable[[], float] = time.monotonic
    tally: Tally = field(default_factory=Tally)
    compiled: int = 0
    not_generated: Counter[str] = field(default_factory=Counter[str])
    batch_errors: list[str] = field(default_factory=list[str])
    _waiting: list[Pair] = field(default_factory=list[Pair])
    _written: dict[tuple[str, int], int] = field(default_factory=dict)
    _last_batch: float = 0.0

    def run(self, seeds: Iterator[int], until: Callable[[], bool], report: Callable[[dict[str, Any]], None]) -> None:
        """Examine programs until ``until`` is true, and report the counts after each."""
        self._last_batch = self.clock()
        for seed in seeds:
            if until():
                break
            self._one(seed)
            if self.gcc and self._waiting and self.clock() - self._last_batch > BATCH_EVERY_S:
                self._compile()
            report(self.counts())
        if self.gcc and self._waiting:
            self._compile()
        report(self.counts())

    def counts(self) -> dict[str, Any]:
        """Return everything that is counted, as JSON can hold it."""
        tally = self.tally
        return {
            "programs": tally.programs,
            "unusable": tally.unusable,
            "pairs": tally.pairs,
            "affine": tally.affine,
            "verdicts": dict(tally.verdicts),
            "undecided": dict(tally.undecided),
            "open_witnesses": tally.open_witnesses,
            "unguarded": tally.unguarded,
            "executions": tally.executions,
            "compiled": self.compiled,
            "not_generated": dict(self.not_generated),
            "errors": self.batch_errors,
            "wrong_proved": tally.count(WRONG_PROVED),
            "false_witness": tally.count("false_witness"),
            "crashes": tally.count(CRASH),
        }

    def _one(self, seed: int) -> None:
        before = len(self.tally.findings)
        try:
            proved = examine(seed, self.tally)
        except Exception as error:  # a crash of the prover is a finding like any other
            self._crashed(seed, error)
            return
        if proved and self.gcc:
            rng = random.Random(seed)
            plan, nest, legality, subject = rng.choice([item for item in proved if item[0].steps] or proved)
            if plan.steps and len(self._waiting) < BATCH:
                self._waiting.append(
                    Pair(subject.program, subject.printed, nest, legality, subject.source, subject.runs[:3])
                )
        self._keep(self.tally.findings[before:])

    def _crashed(self, seed: int, error: Exception) -> None:
        program = random_program(seed)
        root = next((item.id for item in statements(program) if isinstance(item, For)), 0)
        where = traceback.extract_tb(error.__traceback__)[-1]
        why = f"{type(error).__name__}: {error} at {Path(where.filename).name}:{where.lineno}"
        finding = Finding(CRASH, seed, program, root, Plan(""), "an exception", why)
        self.tally.findings.append(finding)
        self._keep([finding])

    def _compile(self) -> None:
        pairs, self._waiting = self._waiting, []
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            outcome: Outcome = run_batch(pairs, Path(folder), gcc=self.gcc)
        self._last_batch = self.clock()
        self.compiled += outcome.ran
        self.not_generated.update(outcome.not_generated)
        if outcome.error:
            self.batch_errors.append(outcome.error)
        found: list[Finding] = []
        for pair, inputs, text in outcome.failures:
            seed = int(pair.program.name.removeprefix("f"))
            line = pair.nest.loops[0].span.line
            root = next(identity for identity, row in pair.printed.lines.items() if row == line)
            why, answer = f"{COMPILED}{text}", spelled(pair.proved)
            found.append(Finding(WRONG_PROVED, seed, pair.program, root, pair.proved.plan, answer, why, inputs))
        self.tally.findings += found
        self._keep(found)

    def _keep(self, findings: list[Finding]) -> None:
        """Write the first finding of each kind of a program."""
        for finding in findings:
            key = finding.kind, finding.seed
            self._written[key] = self._written.get(key, 0) + 1
            if self._written[key] == 1:
                others = sum((each.kind, each.seed) == key for each in findings) - 1
                budget = SHRINK_S if len(self._written) <= MOST_SHRUNK else 0.0
                write(shrunk(finding, budget) if budget else finding, self.folder, others)


def seeds_of(first: int, place: int, stride: int) -> Iterator[int]:
    """Yield the seeds of worker number ``place`` of ``stride``."""
    seed = first + place
    while True:
        yield seed
        seed += stride


def as_line(counts: dict[str, Any]) -> str:
    """Return the counts on one line."""
    return json.dumps(counts, separators=(",", ":"))
