"""Cases that the fuzzer found, shrunk: each file says what was wrong, the plan, and the answers that are right.

* ``WHY``: what was wrong; ``ROOT``: the root loop of the nest; ``PLAN``: the steps, as JSON;
* ``EXPECT``: ``proved``, ``refuted``, ``undecided``, or several joined by ``or``;
* ``ASSUMES``: a guard that must be among the proof's assumptions;
* ``WRITES``: text that the candidate must hold; ``REFUSES``: the code with which none is written;
* ``NAMES``: the element that the witness must name.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fuzz.compiled import always_worthwhile
from fuzz.examine import SETTINGS
from loopwright.codegen.generate import generate
from loopwright.core.candidate import NotGenerated
from loopwright.core.codec import decode
from loopwright.core.legality import Proved, Refuted
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
    source = Source(str(path), text.encode())
    unit = extract(source, SETTINGS)
    nests = [nest for function in unit.functions for nest in function.nests if nest.loops[0].name == header["ROOT"]]
    assert nests, "the nest is not analysed any more"
    plan = decode(Plan, {"nest": nests[0].id, "steps": json.loads(header["PLAN"])})
    legality = check_plan(analyze_nest(nests[0]), plan)
    assert type(legality).__name__.lower() in header["EXPECT"].split(" or ")
    if "NAMES" in header:
        assert isinstance(legality, Refuted)
        assert legality.witness is not None
        assert legality.witness.element == header["NAMES"]
    if "ASSUMES" in header:
        assert isinstance(legality, Proved)
        assert header["ASSUMES"] in [item.guard for item in legality.assumptions]
    if isinstance(legality, Proved):
        with always_worthwhile():
            candidate = generate(source, nests[0], legality)
        if isinstance(candidate, NotGenerated):
            assert candidate.code == header.get("REFUSES")
        else:
            code = "".join(line for line in candidate.content.decode().splitlines() if not line.startswith("// "))
            assert header.get("WRITES", "") in code
            assert "REFUSES" not in header


def test_there_are_cases() -> None:
    assert FOUND
