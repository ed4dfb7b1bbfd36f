"""Scores ``loopwright analyze --format json`` over AutoParBench's sequential files by its truth for CPU threads.

A loop is found by its function and its number in the function, as AutoParBench's own checker does, since the lines of
the truth are those of another version of the file. As there, a loop that runs in parallel only where a run-time check
allows it (``multiversioned``) is a hit where the truth says parallel, and no false alarm where it says sequential;
``--strict`` counts it as one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LoopKey = tuple[str, int]
"""A function and the number of the loop in it, from 1."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``analyze`` says of a loop: its line, parallel or not, under a run-time check or not, and why not."""

    line: int
    is_parallel: bool
    is_guarded: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One loop of the truth: ``kind`` is TP, FP, TN or FN."""

    file: str
    function: str
    kind: str
    answer: Answer


def answers(analysis: dict[str, Any]) -> dict[LoopKey, Answer]:
    """Return the answers for the loops of one file; those of helpers that were looked into are their own function's."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for nest in analysis["nests"]:
        for loop in nest["loops"]:
            if not loop["inlined"]:
                guarded = any(assumption["guard"] for assumption in loop["assumptions"])
                reason = f"{loop['code']} {loop['reason']}"
                found[nest["function"]].append(Answer(loop["line"], loop["parallel"] == "proved", guarded, reason))
    for each in analysis["unsupported"]:
        found[each["function"]].append(Answer(each["line"], False, False, f"{each['code']} {each['reason']}"))
    return {
        (function, number): answer
        for function, loops in found.items()
        for number, answer in enumerate(sorted(loops, key=lambda answer: answer.line), 1)
    }


def truth(path: Path) -> dict[LoopKey, bool]:
    """Return whether each loop of a file is parallel."""
    loops = json.loads(path.read_text(errors="replace"))
    return {
        (loop["function"], int(loop["loop id"])): loop["pragma type"] != "NULL"
        for key, loop in loops.items()
        if key.startswith("loop")
    }


def judge(document: dict[str, Any], folder: Path, *, strict: bool) -> Iterator[Judged]:
    """Yield every loop of the truth in ``folder``, judged."""
    analyses = {file["path"]: file["analysis"] for file in document["files"]}
    for path in sorted(folder.rglob("*.json")):
        name = str(path.relative_to(folder).with_suffix(""))
        analysis = next((each for file, each in analyses.items() if file.endswith(f"/{name}")), None)
        found = answers(analysis) if analysis else {}
        known = truth(path)
        for key, is_parallel in known.items():
            # Where one of the two sees another number of loops in the function, the numbers do not tell which is which.
            is_same = sum(each[0] == key[0] for each in found) == sum(each[0] == key[0] for each in known)
            answer = found[key] if is_same else Answer(0, False, False, "not seen")
            if is_parallel:
                kind = "TP" if answer.is_parallel else "FN"
            else:
                kind = "FP" if answer.is_parallel and (strict or not answer.is_guarded) else "TN"
            yield Judged(name, key[0], kind, answer)


def score(name: str, judged: list[Judged]) -> str:
    """Return a table row: suite, loops, TP, FP, TN, FN, precision, recall, F1."""
    count = Counter(each.kind for each in judged)
    hits = count["TP"]
    precision, recall = (hits / max(1, hits + count[miss]) for miss in ("FP", "FN"))
    f1 = 2 * hits / max(1, 2 * hits + count["FP"] + count["FN"])
    numbers = " | ".join(str(count[kind]) for kind in ("TP", "FP", "TN", "FN"))
    return f"| {name} | {len(judged)} | {numbers} | {precision:.3f} | {recall:.3f} | {f1:.3f} |"


def main() -> int:
    """Print the table, and with ``--list`` the loops that are missed or called parallel against the truth."""
    parser = argparse.ArgumentParser(description="Score an analysis by AutoParBench's truth.")
    parser.add_argument("analysis", type=Path, help="what loopwright analyze --format json printed")
    parser.add_argument("truth", type=Path, help="AutoParBench's benchmarks/reference_cpu_threading")
    parser.add_argument("--strict", action="store_true", help="a guarded loop is a false alarm, too")
    parser.add_argument("--list", action="store_true", help="name the loops that are not as the truth says")
    options = parser.parse_args()
    judged = list(judge(json.loads(options.analysis.read_text()), options.truth, strict=options.strict))
    print("| suite | loops | TP | FP | TN | FN | precision | recall | F1 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for suite in sorted({each.file.partition("/")[0] for each in judged}):
        print(score(suite, [each for each in judged if each.file.startswith(f"{suite}/")]))
    print(score("all", judged))
    if options.list:
        for each in sorted(judged, key=lambda each: (each.kind, each.answer.reason)):
            if each.kind in ("FP", "FN"):
                answer = each.answer
                print(f"{each.kind} {each.file}:{answer.line} {each.function} {answer.reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
