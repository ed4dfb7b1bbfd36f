"""Runs mutants: each in a copy of the source of its own, with its tests, a time limit, and a process group.

The checkout is never changed. A mutant counts as killed only if a test failed: not if nothing could be collected, not
if the time was over, not if every test was skipped.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from mutation.child import Finished, run_tests
from mutation.mutant import SOURCE, Mutant, is_stale, mutated

LIMIT_S = 900.0
"""Wall time of one mutant's tests. Generous: the machine may be shared, and a limit that is met is no kill."""

BUILDER = "harness/builder.py"
"""The module that says what a kept object is found by."""

_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
_TAIL = 2000


class Outcome(StrEnum):
    """What became of a mutant. BROKEN: its tests could not even start, so that they show nothing."""

    KILLED = "killed"
    SURVIVED = "survived"
    STALE = "stale"
    BROKEN = "broken"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class Result:
    """A mutant's outcome.

    Attributes:
        name: The mutant's.
        outcome: What became of it.
        killer: Node id of the first test that went red; "" if none did.
        elapsed_s: Wall time.
        detail: The end of pytest's output where the mutant was not killed.
    """

    name: str
    outcome: Outcome
    killer: str = ""
    elapsed_s: float = 0.0
    detail: str = ""


def run_mutant(mutant: Mutant, root: Path, *, first: str = "", limit_s: float = LIMIT_S) -> Result:
    """Put ``mutant`` into a copy of the source below ``root`` and run its tests, the first failure ending them.

    Args:
        mutant: The fault.
        root: The checkout.
        first: Node id of a test that killed it in an earlier run, which is tried alone before the others.
        limit_s: Wall time of its tests.
    """
    if is_stale(mutant, root):
        return Result(mutant.name, Outcome.STALE)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        place = Path(name)
        shutil.copytree(root / "src", place / "src")
        target = place / SOURCE / mutant.file
        target.write_text(mutated(mutant, root), encoding="utf-8")
        for compiled in (target.parent / "__pycache__").glob(f"{target.stem}.*.pyc"):
            compiled.unlink()
        # Objects are kept under what goes into them, so mutants may share them, but not those that break just that.
        cache = place / "cache" if mutant.file == BUILDER else root / "out" / "mutants-cache"
        result = Result(mutant.name, Outcome.BROKEN)
        for tests in ((first,), mutant.tests) if first else (mutant.tests,):
            result = _judged(mutant, run_tests(("-x", *tests), root, place / "src", place, cache, limit_s))
            if result.outcome is Outcome.KILLED:
                break
    return replace(result, elapsed_s=round(time.monotonic() - start, 1))


def _judged(mutant: Mutant, done: Finished) -> Result:
    tail = done.output[-_TAIL:]
    if done.status is None:
        return Result(mutant.name, Outcome.TIMED_OUT, detail=tail)
    failed = _FAILED.search(done.output)
    if done.status == 1 and failed is not None:
        return Result(mutant.name, Outcome.KILLED, failed[1])
    return Result(mutant.name, Outcome.SURVIVED if done.status == 0 else Outcome.BROKEN, detail=tail)


def baseline(mutants: Iterable[Mutant], root: Path, *, limit_s: float) -> Finished:
    """Run all tests of ``mutants`` on the source as it is: a test that is red anyway kills nothing."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        return run_tests(tests, root, root / "src", Path(name), root / "out" / "mutants-cache", limit_s)


def run_all(
    mutants: Sequence[Mutant],
    root: Path,
    store: Path,
    *,
    jobs: int,
    limit_s: float = LIMIT_S,
    told: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Return a result per mutant, in their order; a kill that ``store`` knows of the same source and tests stands."""
    keys = {mutant.name: key_of(mutant, root) for mutant in mutants}
    known = read_store(store)
    results: dict[str, Result] = {}
    for mutant in mutants:
        found = known.get(keys[mutant.name])
        if found is not None and found.outcome is Outcome.KILLED:
            results[mutant.name] = found
    killers = {result.name: result.killer for result in known.values() if result.outcome is Outcome.KILLED}
    todo = [mutant for mutant in mutants if mutant.name not in results]
    with ThreadPoolExecutor(jobs) as pool:
        futures = [
            pool.submit(run_mutant, mutant, root, first=_still(killers.get(mutant.name, ""), mutant), limit_s=limit_s)
            for mutant in todo
        ]
        for future in as_completed(futures):
            result = future.result()
            results[result.name] = result
            append(store, keys[result.name], result)
            told(result)
    return [results[mutant.name] for mutant in mutants]


def _still(killer: str, mutant: Mutant) -> str:
    """Return ``killer`` if it is one of the mutant's tests, but not the only one."""
    asked = any(killer == test or killer.startswith((f"{test}::", f"{test}[", f"{test}/")) for test in mutant.tests)
    return killer if asked and mutant.tests != (killer,) else ""


def key_of(mutant: Mutant, root: Path) -> str:
    """Return what decides about the result: the mutant, the whole source, its tests and what these import."""
    digest = hashlib.sha256(repr(mutant).encode())
    digest.update(_source_digest(root).encode())
    files = {root / test.partition("::")[0] for test in mutant.tests}
    for folder in {file.parent for file in files} | {root / "tests", root / "tests" / "unit"}:
        files |= {path for path in folder.glob("*.py") if not path.name.startswith("test_")}
    for path in sorted(files):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:24]


def _source_digest(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted((root / SOURCE).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def read_store(store: Path) -> dict[str, Result]:
    """Return the results of earlier runs by key; a line that was cut off is left out."""
    found: dict[str, Result] = {}
    if not store.is_file():
        return found
    for line in store.read_text(encoding="utf-8").splitlines():
        try:
            fields = json.loads(line)
            found[str(fields["key"])] = Result(
                str(fields["name"]),
                Outcome(fields["outcome"]),
                str(fields["killer"]),
                float(fields["elapsed_s"]),
                str(fields["detail"]),
            )
        except (ValueError, KeyError, TypeError):
            continue
    return found


def append(store: Path, key: str, result: Result) -> None:
    """Add a line to ``store``."""
    store.parent.mkdir(parents=True, exist_ok=True)
    with store.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"key": key, **asdict(result)}) + "\n")
