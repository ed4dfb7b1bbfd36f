"""Results of mutants as one line and as the page docs/results/mutants.md."""

from __future__ import annotations

from collections.abc import Sequence

from mutation.mutant import Mutant
from mutation.runner import Outcome, Result

_HEAD = """\
# Deliberate faults

`make mutants` breaks each legality rule, run-time guard and check of the verifier on purpose, one at a time, in a copy
of the source, and runs the tests that must notice (`tests/mutation`). A fault counts as killed only if a test failed; a
time-out, a skipped test or code that no longer imports does not count. This page is written by the run itself
(`make mutants MUTANTS="--log docs/results/mutants.md"`).
"""


def counts(results: Sequence[Result]) -> str:
    """Return ``mutants=N killed=N survived=N``; what broke, took too long or could not be applied has survived."""
    killed = sum(result.outcome is Outcome.KILLED for result in results)
    return f"mutants={len(results)} killed={killed} survived={len(results) - killed}"


def page(mutants: Sequence[Mutant], results: Sequence[Result], known: int) -> str:
    """Return the page, what survived first, then a table per file.

    Args:
        mutants: Those that were run.
        results: One each.
        known: How many there are in all.
    """
    found = {result.name: result for result in results}
    lines = [_HEAD, f"`{counts(results)}`", ""]
    if len(mutants) < known:
        lines += [f"**This run was of {len(mutants)} of the {known} faults.**", ""]
    left = [result for result in results if result.outcome is not Outcome.KILLED]
    lines += [f"- {result.name}: **{result.outcome.value}**" for result in left] + [""] * bool(left)
    for file in dict.fromkeys(mutant.file for mutant in mutants):
        lines += [f"## {file}", "", "| fault | what it does | noticed by |", "| --- | --- | --- |"]
        for mutant in mutants:
            if mutant.file == file:
                lines.append(f"| {mutant.name} | {_cell(mutant.why)} | {_noticed(found[mutant.name])} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _noticed(result: Result) -> str:
    if result.outcome is not Outcome.KILLED:
        return f"**{result.outcome.value}**"
    file, _, test = result.killer.partition("::")
    return f"`{file.removeprefix('tests/')}` {_cell(test.partition('[')[0])}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
