"""``python -m mutation``: runs the mutants, exit status 1 unless every one is killed.

A kill is kept in out/mutants.jsonl for the same source and tests, so that a run that was interrupted goes on where it
stopped. The last line is ``mutants=N killed=N survived=N``.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from mutation.catalogue import MUTANTS
from mutation.runner import LIMIT_S, Outcome, Result, baseline, run_all
from mutation.summary import counts, page

ROOT = Path(__file__).parents[2]
STORE = ROOT / "out" / "mutants.jsonl"


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="mutation", description="Break each rule on purpose; a test must go red.")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this mutant alone; repeatable")
    parser.add_argument("--file", action="append", default=[], metavar="PATH", help="mutants of files that begin so")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="at a time (all cores)")
    parser.add_argument("--limit", type=float, default=LIMIT_S, metavar="S", help="wall time for one mutant's tests")
    parser.add_argument("--log", type=Path, default=None, help="write the results, as Markdown, into this file")
    parser.add_argument("--no-baseline", action="store_true", help="do not run the tests on the unchanged source first")
    chosen = parser.parse_args()
    unknown = set(chosen.only) - {mutant.name for mutant in MUTANTS}
    if unknown:
        parser.error(f"no such mutant: {', '.join(sorted(unknown))}")
    mutants = [
        mutant
        for mutant in MUTANTS
        if (not chosen.only or mutant.name in chosen.only)
        and (not chosen.file or mutant.file.startswith(tuple(chosen.file)))
    ]
    if not chosen.no_baseline:
        done = baseline(mutants, ROOT, limit_s=4 * chosen.limit)
        if done.status != 0:
            print(done.output[-4000:])
            print("the tests fail on the unchanged source, so that they would kill anything")
            return 1
    results = run_all(mutants, ROOT, STORE, jobs=chosen.jobs, limit_s=chosen.limit, told=_tell)
    if chosen.log is not None:
        chosen.log.write_text(page(mutants, results, len(MUTANTS)), encoding="utf-8")
    for result in results:
        if result.outcome is not Outcome.KILLED:
            print(f"\n{result.name}: {result.outcome.value}\n{result.detail}")
    print(counts(results))
    return 0 if all(result.outcome is Outcome.KILLED for result in results) else 1


def _tell(result: Result) -> None:
    print(f"{result.outcome.value:9} {result.elapsed_s:6.1f} s  {result.name}  {result.killer}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
