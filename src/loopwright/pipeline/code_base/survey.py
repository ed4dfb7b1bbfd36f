"""``analyze`` over many files: what is kept from earlier runs, and the rest by a crew of processes."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from loopwright.config import Settings, from_environment
from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.survey import CodeBaseReport, FileAnswer, add_up
from loopwright.frontend.unit import builtin_include
from loopwright.pipeline.analysis import Progress, silent
from loopwright.pipeline.code_base.crew import analyse
from loopwright.pipeline.code_base.files import FileTask, find_tasks
from loopwright.pipeline.code_base.kept import KeptAnswers

FOLDER = "analyses"
_REPORT_S = 2.0


def analyze_files(
    paths: Sequence[Path],
    *,
    flags: tuple[str, ...] = (),
    database: Path | None = None,
    settings: Settings | None = None,
    jobs: int = 0,
    use_cache: bool = True,
    progress: Progress | None = None,
) -> CodeBaseReport:
    """Analyse every file that ``paths`` name or hold, in parallel processes.

    A file with an error or a missing header is looked at as far as it parses; one whose analysis takes too long or
    fails is an answer like any other.

    Args:
        paths: Files and folders; without any, the files of ``database``.
        flags: For every file.
        database: A compile_commands.json, or its folder.
        settings: Limits and the cache.
        jobs: Processes at a time; 0 for as many as there are cores.
        use_cache: Take answers of earlier runs, and keep those of this one.
        progress: Is told how far it is.

    Raises:
        UserError: There is nothing to analyse, or the database cannot be read.
    """
    chosen = settings or from_environment()
    say = progress or silent
    start = time.monotonic()
    tasks = find_tasks(paths, flags, database, say)
    include = builtin_include(chosen)
    limits = chosen.limits
    choices = (str(include), str(chosen.fp_strict), str(limits.nest_s), str(limits.file_s))
    kept = KeptAnswers(chosen.cache / FOLDER, choices) if use_cache else None
    answers: dict[FileTask, FileAnswer] = {}
    board = _Board(len(tasks), say)
    if kept is not None:
        for task in tasks:
            found = kept.find(task)
            if found is not None:
                answers[task] = found
                board.note(found)
    left = [task for task in tasks if task not in answers]
    for result in analyse(left, include, chosen, jobs or len(os.sched_getaffinity(0)), board.tick):
        answers[result.task] = result.answer
        board.note(result.answer)
        if kept is not None and result.answer.document:
            kept.keep(result.task, result.answer.document, result.headers)
    ordered = tuple(answers[task] for task in tasks)
    return CodeBaseReport(ordered, add_up(ordered), time.monotonic() - start, _notes(ordered))


def _notes(answers: Sequence[FileAnswer]) -> tuple[str, ...]:
    """Return what the user can mend: headers that were not found, most frequent first."""
    missing: Counter[str] = Counter()
    for answer in answers:
        doubt = answer.document.get("doubt")
        if doubt is not None and doubt["code"] == Code.HEADER_MISSING.value:
            missing[doubt["reason"].partition("'")[2].partition("'")[0]] += 1
    return tuple(
        f"header '{name}' is not found, first in {counted(count, 'file')}" for name, count in missing.most_common(5)
    )


class _Board:
    """Tells how many files are done, now and then."""

    def __init__(self, files: int, say: Progress) -> None:
        self._files = files
        self._say = say
        self._done = self._functions = self._loops = self._proved = 0
        self._last = time.monotonic()

    def note(self, answer: FileAnswer) -> None:
        """Count one answer."""
        self._done += 1
        totals = add_up((answer,))
        self._functions += totals.functions
        self._loops += totals.loops + totals.unsupported
        self._proved += totals.proved
        self.tick(is_last=self._done == self._files)

    def tick(self, *, is_last: bool = False) -> None:
        """Say how far it is, if that was long ago."""
        now = time.monotonic()
        if is_last or now - self._last >= _REPORT_S:
            self._last = now
            self._say(
                f"{self._done} of {counted(self._files, 'file')}, {counted(self._functions, 'function')}, "
                f"{counted(self._loops, 'loop')}, {self._proved} proved parallel"
            )
