"""Cases that the fuzzer found, shrunk: each file says what was wrong, the plan, and the answers that are right.

* ``WHY``: what was wrong; ``ROOT``: the root loop of the nest; ``PLAN``: the steps, as JSON;
* ``EXPECT``: ``proved``, ``refuted``, ``undecided``, or several joined by ``or``;
* ``ASSUMES``: a guard that must be among the proof's assumptions.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fuzz.examine import SETTINGS
from loopwright.core.codec import decode
from loopwright.core.legality import Proved
from loopwright.core.plan import Plan
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan

FOUND = sorted((Path(__file__).parent / "found").glob("*.c"))


def header_of(text: str) -> dict[str, str]:
    lines = (line.removeprefix("// ") for line in text.splitlines() if line.startswith("// "))
    return {key: value for key, _, value in (line.partition(": ") for line in lines)}


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_stays_mended(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    header = header_of(text)
    unit = extract(Source(str(path), text.encode()), SETTINGS)
    nests = [nest for function in unit.functions for nest in function.nests if nest.loops[0].name == header["ROOT"]]
    assert nests, "the nest is not analysed any more"
    plan = decode(Plan, {"nest": nests[0].id, "steps": json.loads(header["PLAN"])})
    legality = check_plan(analyze_nest(nests[0]), plan)
    assert type(legality).__name__.lower() in header["EXPECT"].split(" or ")
    if "ASSUMES" in header:
        assert isinstance(legality, Proved)
        assert header["ASSUMES"] in [item.guard for item in legality.assumptions]


def test_there_are_cases() -> None:
    assert FOUND
