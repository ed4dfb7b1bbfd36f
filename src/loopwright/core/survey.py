"""The answer of ``analyze`` over many files: one document per file, and what they come to together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from loopwright.core.codes import Code

Document = dict[str, Any]


class FileOutcome(StrEnum):
    """What became of a file.

    ANALYSED: all of it was understood. INCOMPLETE: a header is missing, or not all of it parses; nothing in it is
    proved. REFUSED: it cannot be read or parsed at all. LIMIT: it took more time or memory than it may. CRASHED: the
    analysis failed, which is a bug of ours.
    """

    ANALYSED = "analysed"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    LIMIT = "limit"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What is known of one file.

    Attributes:
        path: As the user named it.
        outcome: What became of it.
        document: Of ``analyze``; empty if there is none.
        code: Of a refusal or limit.
        message: What went wrong, for people.
        is_cached: The document was there from an earlier run.
    """

    path: str
    outcome: FileOutcome
    document: Document
    code: Code | None = None
    message: str = ""
    is_cached: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over files; ``reasons`` are how often each code kept a loop from being proved, most frequent first.

    ``loops`` counts those in nests; ``unsupported`` counts what no nest could be made of.
    """

    files: int = 0
    outcomes: tuple[tuple[FileOutcome, int], ...] = ()
    cached: int = 0
    functions: int = 0
    nests: int = 0
    loops: int = 0
    proved: int = 0
    refuted: int = 0
    undecided: int = 0
    unsupported: int = 0
    reasons: tuple[tuple[Code, int], ...] = ()

    def outcome(self, outcome: FileOutcome) -> int:
        """Return the number of files that came to ``outcome``."""
        return dict(self.outcomes).get(outcome, 0)


@dataclass(frozen=True, slots=True)
class CodeBaseReport:
    """The answers of all files, in the order in which they were named or found.

    ``notes`` are for people: folders without a file, headers that are missing most.
    """

    files: tuple[FileAnswer, ...]
    totals: Totals
    elapsed_s: float
    notes: tuple[str, ...] = ()


def add_up(answers: Iterable[FileAnswer]) -> Totals:
    """Return the counts over ``answers``."""
    outcomes: Counter[FileOutcome] = Counter()
    words: Counter[str] = Counter()
    reasons: Counter[Code] = Counter()
    files = cached = functions = nests = loops = unsupported = 0
    for answer in answers:
        files += 1
        outcomes[answer.outcome] += 1
        cached += answer.is_cached
        functions += int(answer.document.get("functions", 0))
        for nest in _list(answer.document, "nests"):
            nests += 1
            for loop in own_loops(nest):
                loops += 1
                words[loop["parallel"]] += 1
                if loop["code"] is not None:
                    reasons[Code(loop["code"])] += 1
        for item in _list(answer.document, "unsupported"):
            unsupported += 1
            reasons[Code(item["code"])] += 1
    return Totals(
        files,
        tuple((outcome, outcomes[outcome]) for outcome in FileOutcome if outcomes[outcome]),
        cached,
        functions,
        nests,
        loops,
        words["proved"],
        words["refuted"],
        words["undecided"],
        unsupported,
        tuple(sorted(reasons.items(), key=lambda each: (-each[1], each[0].value))),
    )


def own_loops(nest: Document) -> list[Document]:
    """Return a nest's loops without those of helpers, which count where they stand."""
    return [loop for loop in _list(nest, "loops") if not loop["inlined"]]


def _list(document: Document, key: str) -> list[Document]:
    return cast("list[Document]", document.get(key, []))
