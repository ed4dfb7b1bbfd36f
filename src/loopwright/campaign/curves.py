"""Speed-ups over sizes and over threads, and the points of the roofline plot."""

from __future__ import annotations

from collections.abc import Iterable

from loopwright.campaign.records import HostRecords
from loopwright.core.campaign import MethodKind, Timing
from loopwright.core.summary import CellState, Curve, RooflinePoint, SpeedUpTable

_KINDS = tuple(MethodKind)


def size_curves(records: HostRecords) -> tuple[Curve, ...]:
    """Return a curve over sizes, with all threads, per kernel and method that counts at two sizes or more."""
    widest = [key for key in records.fields if key[2] == records.most_threads]
    ordered = sorted(widest, key=lambda key: (key[0], records.extent(key[0], key[1]), key[1]))
    return _curves(timing for key in ordered for timing in records.fields[key].values())


def thread_curves(records: HostRecords) -> tuple[Curve, ...]:
    """Return a curve over threads, at the quoted sizes, per kernel and method that counts for two numbers of them."""
    quoted = {kernel: records.quoted_sizes(kernel) for kernel in records.kernels}
    ordered = sorted((key for key in records.fields if key[1] == quoted[key[0]]), key=lambda key: (key[0], key[2]))
    return _curves(timing for key in ordered for timing in records.fields[key].values())


def roofline_points(records: HostRecords, table: SpeedUpTable) -> tuple[RooflinePoint, ...]:
    """Return a point per timing of ``table`` that counts and whose work is known."""
    points: list[RooflinePoint] = []
    for cell in table.cells:
        timing = cell.timing
        if cell.state is not CellState.MEASURED or timing is None or timing.series is None:
            continue
        work = records.works.get((timing.kernel, timing.sizes))
        if work is not None and (work.flops or work.compulsory_bytes):
            threads = 1 if timing.kind is MethodKind.SERIAL else timing.threads
            seconds = timing.series.median_s
            points.append(RooflinePoint(timing.kernel, timing.method, timing.kind, threads, seconds, work))
    return tuple(points)


def _curves(timings: Iterable[Timing]) -> tuple[Curve, ...]:
    """Serial builds are left out: the best of them is the unit of every field, and they run on one thread in all."""
    points: dict[tuple[str, int, str], list[Timing]] = {}
    for timing in timings:
        if timing.counts and timing.median > 0.0 and timing.kind is not MethodKind.SERIAL:
            points.setdefault((timing.kernel, _KINDS.index(timing.kind), timing.method), []).append(timing)
    return tuple(
        Curve(kernel, method, _KINDS[kind], tuple(points[kernel, kind, method]))
        for kernel, kind, method in sorted(points)
        if len(points[kernel, kind, method]) > 1
    )
