"""Builds and runs a subject: the same harness around the original and around each candidate.

Map: ``Harness.build`` compiles content into a harness; ``cases`` are inputs on which the original is well-behaved;
``observe`` and ``observe_all`` run a build on them and return what the memory held afterwards; ``timing_case`` and
``time`` are for the clock. All of them return values for whatever the subject does; only a broken environment raises.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.harness import calibrate, wellbehaved
from loopwright.harness.builder import Builder, Variant, library_folders
from loopwright.harness.cases import Case, Flavour
from loopwright.harness.channel import Mode, read_answer, request_text
from loopwright.harness.extents import find_roles
from loopwright.harness.results import Observation, Run, RunFailed, TimedRun
from loopwright.harness.subject import Subject
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler, find_compilers
from loopwright.toolchain.process import Completed, Ended, Sandbox, run

_SAMPLED_ELEMENTS = 1 << 14
_SANITIZED_FACTOR = 3.0
_SPARE_BYTES = 1 << 30
_THREAD_BYTES = 160 << 20
PROGRAM_CASE = Case(0, (), Flavour.NORMAL, 0, 0, (), 0)


class Harness:
    """A subject with its cases and its builds.

    Attributes:
        subject: What is driven.
        settings: Limits and seed.
        notes: What was found about the original on the way, for people (cases that were dropped, and why).
    """

    def __init__(self, subject: Subject, settings: Settings, scratch: Path, *, tiles: Iterable[int] = ()) -> None:
        """Make a harness that keeps its files in ``scratch``; ``tiles`` are tile sizes worth testing around."""
        self.subject = subject
        self.settings = settings
        self.notes: list[str] = []
        self.roles = find_roles(subject)
        self._builder = Builder(subject, settings.limits, scratch, settings.cache / "objects")
        self._tiles = tuple(tiles)
        self._cases: tuple[Case, ...] | None = None
        self._timing_case: Case | None = None
        self._scratch = scratch

    @property
    def is_program(self) -> bool:
        """Return True if the subject is the whole program."""
        return self.subject.function is None

    def build(
        self, content: bytes, compiler: Compiler, flags: tuple[str, ...], *, variant: Variant = Variant.PLAIN
    ) -> Build | BuildFailed:
        """Compile the harness around ``content``, or return the build of the same content and flags.

        The user's own flags are always added, in front of ``flags``. Safe to call from several threads.
        """
        return self._builder.build(content, compiler, flags, variant)

    def cases(self) -> tuple[Case, ...]:
        """Return the differential tests' inputs: those on which the original runs cleanly.

        Empty if there are none; ``notes`` then says why.
        """
        if self._cases is None:
            self._cases = (PROGRAM_CASE,) if self.is_program else wellbehaved.find_cases(self, self._tiles)
        return self._cases

    @property
    def next_index(self) -> int:
        """Return a number that no case has."""
        return max((case.index for case in self.cases()), default=-1) + 1

    def add_cases(self, cases: Sequence[Case]) -> None:
        """Take further cases into ``cases``."""
        self._cases = (*self.cases(), *cases)

    def timing_case(self, budget_s: float = 10.0) -> Case | None:
        """Return the inputs to time: the user's ``measure`` sizes, or sizes at which the original takes 20-100 ms.

        None if the original fails at all of them.

        Args:
            budget_s: Wall time that the search may take.
        """
        if self._timing_case is None:
            self._timing_case = PROGRAM_CASE if self.is_program else calibrate.find_timing_case(self, budget_s)
        return self._timing_case

    def observe(
        self,
        build: Build,
        case: Case,
        *,
        threads: int = 1,
        environment: Mapping[str, str] | None = None,
        memory_bytes: int = 0,
    ) -> Observation | RunFailed:
        """Run ``case`` and return what the memory held afterwards."""
        ran = self.observe_all(build, (case,), threads=threads, environment=environment, memory_bytes=memory_bytes)
        return ran if isinstance(ran, RunFailed) else ran.observations[0]

    def observe_all(
        self,
        build: Build,
        cases: Sequence[Case],
        *,
        threads: int = 1,
        environment: Mapping[str, str] | None = None,
        perturbation: float = 0.0,
        limit_s: float | None = None,
        memory_bytes: int = 0,
        sandbox: Sandbox | None = None,
        emulator: tuple[str, ...] = (),
    ) -> Run | RunFailed:
        """Run the cases one after the other in one process.

        Args:
            build: From ``build``.
            cases: Distinct; of a program, just one.
            threads: OpenMP threads.
            environment: Further variables.
            perturbation: Relative change of floating-point inputs, in units of their precision.
            limit_s: Wall time; the settings' limit if None.
            memory_bytes: Address space beyond what the cases and threads need (an embedded interpreter).
            sandbox: What it touches beyond its own files.
            emulator: Program, with arguments, that runs a build for another processor.
        """
        mode = Mode.PROGRAM if self.is_program else Mode.OBSERVE
        limit = self.settings.limits.run_s if limit_s is None else limit_s
        return self._run(
            build,
            mode,
            cases,
            threads,
            {"OMP_WAIT_POLICY": "passive", **(environment or {})},
            limit,
            perturbation=perturbation,
            memory_bytes=memory_bytes,
            sandbox=sandbox,
            emulator=emulator,
        )

    def time(
        self,
        build: Build,
        case: Case,
        *,
        threads: int = 1,
        calls: int = 1,
        seed: int = 0,
        limit_s: float | None = None,
        perturbation: float = 0.0,
        environment: Mapping[str, str] | None = None,
        memory_bytes: int = 0,
        sandbox: Sandbox | None = None,
    ) -> TimedRun | RunFailed:
        """Time ``calls`` calls after one that warms up, each on inputs of its own, in one process.

        A program is run once per call. Two builds see the same inputs for the same ``seed`` and ``perturbation`` (see
        ``observe_all``, also for ``environment`` and ``memory_bytes``). ``sandbox`` names what it touches beyond its
        own files.
        """
        limit = self.settings.limits.run_s if limit_s is None else limit_s
        if self.is_program:
            return self._time_program(build, threads, calls, limit, environment or {}, memory_bytes, sandbox)
        mixed = case.seed + (seed << 20)
        ran = self._run(
            build,
            Mode.TIME,
            (case,),
            threads,
            environment or {},
            limit,
            calls=calls + 1,
            seed=mixed,
            perturbation=perturbation,
            memory_bytes=memory_bytes,
            sandbox=sandbox,
        )
        if isinstance(ran, RunFailed):
            return ran
        times = ran.observations[0].times_s
        return TimedRun(times[:1], times[1:], ran.peak_bytes, ran.observations[0])

    def _time_program(
        self,
        build: Build,
        threads: int,
        calls: int,
        limit_s: float,
        environment: Mapping[str, str],
        memory_bytes: int,
        sandbox: Sandbox | None,
    ) -> TimedRun | RunFailed:
        times: list[float] = []
        peak_bytes = 0
        last: Observation | None = None
        for _ in range(calls + 1):
            ran = self._run(
                build,
                Mode.PROGRAM,
                (PROGRAM_CASE,),
                threads,
                environment,
                limit_s,
                memory_bytes=memory_bytes,
                sandbox=sandbox,
            )
            if isinstance(ran, RunFailed):
                return ran
            last = ran.observations[0]
            times.append(last.times_s[0])
            peak_bytes = max(peak_bytes, ran.peak_bytes)
        return TimedRun(tuple(times[:1]), tuple(times[1:]), peak_bytes, last or Observation(0))

    def _memory_limit(self, cases: Sequence[Case], threads: int) -> int:
        # Address space: threads take a stack and an arena each, mapped but hardly used.
        limit = self.settings.limits.memory_bytes
        own = 8 * max(case.memory_bytes for case in cases)
        return limit if self.is_program else min(limit, _SPARE_BYTES + threads * _THREAD_BYTES + own)

    def _fenced(self, sandbox: Sandbox, build: Build, *, is_unbounded: bool) -> Sandbox:
        """Return ``sandbox`` with what every run needs: libraries of the compilers and of the user's flags."""
        folders = [folder for compiler in find_compilers(self.settings) for folder in compiler.runtime_folders()]
        folders += library_folders(self.subject.source.flags, Path(self.subject.source.path).parent)
        return replace(
            sandbox,
            readable=(*sandbox.readable, build.binary.parent, *folders),
            scratch_bytes=self.settings.limits.output_bytes,
            resident_bytes=self.settings.limits.memory_bytes if is_unbounded else None,
        )

    def _run(
        self,
        build: Build,
        mode: Mode,
        cases: Sequence[Case],
        threads: int,
        environment: Mapping[str, str],
        limit_s: float,
        *,
        calls: int = 1,
        seed: int | None = None,
        perturbation: float = 0.0,
        memory_bytes: int = 0,
        sandbox: Sandbox | None = None,
        emulator: tuple[str, ...] = (),
    ) -> Run | RunFailed:
        is_sanitized = self._builder.is_sanitized(build)
        # Neither a sanitizer nor an emulator lives with a bound on the addresses that it reserves.
        is_unbounded = is_sanitized or bool(emulator)
        fenced = self._fenced(sandbox or Sandbox(), build, is_unbounded=is_unbounded)
        fd = os.memfd_create("loopwright")
        # A folder of its own, not that of the binary: what runs first must not change what runs next.
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self._scratch))
        try:
            nonce = secrets.randbits(64)
            request = request_text(
                fd, nonce, mode, cases, calls=calls, dump_limit=_SAMPLED_ELEMENTS, perturbation=perturbation, seed=seed
            )
            completed = run(
                (*emulator, build.binary),
                cwd=folder,
                timeout_s=limit_s * (_SANITIZED_FACTOR if is_sanitized else 1.0),
                memory_bytes=None if is_unbounded else self._memory_limit(cases, threads) + memory_bytes,
                environment={"OMP_NUM_THREADS": str(threads), "OMP_DYNAMIC": "false", **environment},
                stdin=request,
                pass_fds=(fd,),
                sandbox=fenced,
                file_bytes=self.settings.limits.output_bytes,
            )
            size = os.fstat(fd).st_size
            answer = read_answer(os.pread(fd, size, 0) if size < 1 << 30 else b"", nonce)
        finally:
            os.close(fd)
            shutil.rmtree(folder, ignore_errors=True)
        if (
            _has_exited(completed, answer.status if self.is_program else None)
            and answer.status is not None
            and answer.is_clean
            and (self.is_program or completed.returncode == 0)
            and len(answer.observations) == len(cases)
        ):
            return Run(answer.observations, completed.stdout, answer.status, completed.elapsed_s, completed.peak_bytes)
        done = answer.observations
        index = cases[len(done)].index if len(done) < len(cases) else None
        code, reason = _failure(completed.ended, completed.returncode, completed.describe(), answer.is_clean)
        return RunFailed(code, reason, index, done, completed.stderr)


def _has_exited(completed: Completed, status: int | None) -> bool:
    """Return True if it ended by itself; ``status`` is what its ``main`` has returned, if it has one."""
    if completed.ended is Ended.EXITED:
        return True
    # A fence cannot tell a status above 128 from a signal (see ``sandbox.status_inside``).
    return completed.ended is Ended.SIGNALLED and status is not None and status & 0xFF == 128 - completed.returncode


def _failure(ended: Ended, returncode: int, description: str, is_clean: bool) -> tuple[Code, str]:
    if ended is Ended.TIMED_OUT:
        return Code.TIMED_OUT, description
    if ended is Ended.OUT_OF_MEMORY:
        return Code.OUT_OF_MEMORY, description
    if not is_clean:
        return Code.RESULTS_DIFFER, "wrote to the harness's private channel"
    if ended is Ended.EXITED and returncode == 0:
        return Code.RESULTS_DIFFER, "ended before its results were complete"
    return Code.CRASHED, description
