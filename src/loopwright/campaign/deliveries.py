"""Delivered nests with their evidence: equal changes by different proposers are one delivery."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loopwright.campaign.records import HostRecords
from loopwright.core.campaign import PlanOutcome
from loopwright.core.report import NestOutcome, NestReport
from loopwright.core.summary import Delivery

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


def deliveries(records: HostRecords) -> tuple[Delivery, ...]:
    """Return every distinct delivered change, kernel by kernel, in the order of the lines."""
    groups: dict[tuple[str, int, str, str], list[tuple[PlanOutcome, NestReport]]] = {}
    for plan in records.plans:
        for nest in plan.report.nests:
            if nest.outcome is NestOutcome.DELIVERED:
                groups.setdefault((plan.kernel, nest.line, nest.id, plan.report.patch), []).append((plan, nest))
    return tuple(_delivery(groups[key]) for key in sorted(groups))


def original_lines(content: bytes, patch: str) -> tuple[str, ...]:
    """Return the lines of the file from which ``patch`` made ``content``; nothing if the two do not fit.

    Args:
        content: The delivered file.
        patch: Unified diff of one file.
    """
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    original: list[str] = []
    position = 0
    _, first, hunks = patch.partition("\n@@ ")
    # What follows the last line feed is not a line; the header is not one of the file, whatever it looks like.
    for line in f"@@ {hunks}".removesuffix("\n").split("\n") if first else ():
        hunk = _HUNK.match(line)
        if hunk is not None:
            # A hunk without lines names the line that it stands behind.
            start = int(hunk.group(1)) - (hunk.group(2) != "0")
            original += lines[position:start]
            position = start
        elif line.startswith("-"):
            original.append(line[1:])
        elif line.startswith(("+", " ")):
            if position >= len(lines) or lines[position] != line[1:]:
                return ()
            if line.startswith(" "):
                original.append(line[1:])
            position += 1
    return (*original, *lines[position:])


def _delivery(group: Sequence[tuple[PlanOutcome, NestReport]]) -> Delivery:
    plan, nest = group[0]
    original = original_lines(plan.content, plan.report.patch)
    others = [
        f"{item.function}, line {item.line}"
        for item in plan.report.nests
        if item.outcome is NestOutcome.DELIVERED and item.id != nest.id
    ]
    return Delivery(
        kernel=plan.kernel,
        methods=tuple(dict.fromkeys(item.method for item, _ in group)),
        report=nest,
        source=original[nest.line - 1 : nest.last_line] if nest.last_line >= nest.line else (),
        patch=plan.report.patch,
        elsewhere=tuple(others),
    )
