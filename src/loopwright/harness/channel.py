"""The private channel of a run: the request that goes in, and the tagged records that come back.

The tag of a record is made from the run's secret, the record's place in the sequence and its checksum. Whatever else
writes to the descriptor makes the sequence unreadable from there on, and only a sequence that ends with the last record
counts. runtime.c holds the other end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from loopwright.harness.cases import Case
from loopwright.harness.results import Observation, Regions, Usage, View, ViewForm, ViewKind

_MASK = (1 << 64) - 1
_HEADER = struct.Struct("<QIIQ")
_USAGE = struct.Struct("<ddQ")
_VIEW = struct.Struct("<IIIIQQ")


class Mode(IntEnum):
    """What the harness does: cases with all memory compared, timed calls, or the program."""

    OBSERVE = 0
    TIME = 1
    PROGRAM = 2


class _Record(IntEnum):
    VIEW = 1
    TIMES = 2
    DAMAGE = 3
    REGIONS = 4
    UNINITIALISED = 5
    CASE = 6
    END = 7
    USAGES = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What could be read of the channel: ``status`` is None unless the last record is there; ``is_clean`` is False if
    anything but records of this run was found."""

    observations: tuple[Observation, ...]
    status: int | None
    is_clean: bool


def request_text(
    fd: int,
    nonce: int,
    mode: Mode,
    cases: Sequence[Case],
    *,
    calls: int,
    dump_limit: int,
    perturbation: float,
    seed: int | None,
) -> bytes:
    """Return what the harness reads from its standard input.

    Args:
        fd: Descriptor for the results.
        nonce: The run's secret.
        mode: What to do.
        cases: The inputs.
        calls: Per case.
        dump_limit: Most elements of an array that come back in mode TIME.
        perturbation: Relative change of floating-point inputs, in units of their precision.
        seed: Instead of the cases' own.
    """
    lines = [f"{fd} {nonce} {int(mode)} {dump_limit}"]
    if mode is not Mode.PROGRAM:
        lines.append(str(len(cases)))
        for case in cases:
            own = case.seed if seed is None else seed
            lines.append(f"{case.index} {own & _MASK} {calls} {perturbation!r} {' '.join(case.tokens)}")
    return ("\n".join(lines) + "\n").encode()


def read_answer(content: bytes, nonce: int) -> Answer:
    """Return the observations in what came over the channel."""
    observations: list[Observation] = []
    parts: dict[_Record, list[bytes]] = {}
    at = sequence = 0
    while at + _HEADER.size <= len(content):
        tag, kind, case, length = _HEADER.unpack_from(content, at)
        payload = content[at + _HEADER.size : at + _HEADER.size + length]
        if len(payload) != length or tag != _tag(nonce, sequence, kind, case, payload):
            return Answer(tuple(observations), None, False)
        at += _HEADER.size + length
        sequence += 1
        record = _Record(kind)
        if record is _Record.END:
            return Answer(tuple(observations), int(payload or b"0"), at == len(content))
        if record is _Record.CASE:
            observations.append(_observation(case, parts))
            parts = {}
        else:
            parts.setdefault(record, []).append(payload)
    return Answer(tuple(observations), None, at == len(content))


def _tag(nonce: int, sequence: int, kind: int, case: int, payload: bytes) -> int:
    value = _mix(zlib.crc32(payload))
    for part in (len(payload), case, kind, sequence):
        value = _mix(part ^ value)
    return _mix(nonce ^ value)


def _mix(value: int) -> int:
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
    return value ^ (value >> 31)


def _observation(case: int, parts: dict[_Record, list[bytes]]) -> Observation:
    times = b"".join(parts.get(_Record.TIMES, []))
    regions = [_regions(payload) for payload in parts.get(_Record.REGIONS, [])]
    return Observation(
        case,
        views=tuple(_view(payload) for payload in parts.get(_Record.VIEW, [])),
        times_s=struct.unpack(f"<{len(times) // 8}d", times),
        damage=tuple(payload.decode("utf-8", "replace") for payload in parts.get(_Record.DAMAGE, [])),
        uninitialised=tuple(payload.decode("utf-8", "replace") for payload in parts.get(_Record.UNINITIALISED, [])),
        regions=regions[0] if regions else None,
        usages=tuple(Usage(*fields) for fields in _USAGE.iter_unpack(b"".join(parts.get(_Record.USAGES, [])))),
    )


def _regions(payload: bytes) -> Regions:
    parallel, serial, distinct, conflict = payload.decode("utf-8", "replace").split(" ", 3)
    return Regions(int(parallel), int(serial), int(distinct), conflict)


def _view(payload: bytes) -> View:
    name_length, kind, size, form, count, step = _VIEW.unpack_from(payload)
    name = payload[_VIEW.size : _VIEW.size + name_length].decode("utf-8", "replace")
    data = payload[_VIEW.size + name_length :]
    return View(name, ViewKind(kind), size, count, ViewForm(form), step, data)
