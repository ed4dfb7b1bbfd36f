"""What a store holds of one host: the latest result of every evaluation, and which fields a report quotes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from loopwright.campaign.store import Failure
from loopwright.core.campaign import Peaks, PlanOutcome, Timing, Work
from loopwright.core.codes import Code
from loopwright.core.measurement import Environment
from loopwright.core.summary import HostFacts, Sizes
from loopwright.errors import UserError

FieldKey = tuple[str, Sizes, int]
"""Kernel, sizes, threads."""


class Results(Protocol):
    """The part of a store that a report reads; everything comes in the order in which it was stored."""

    def plans(self) -> Iterable[tuple[str, str, PlanOutcome]]:
        """Yield key, host and outcome."""
        ...

    def fields(self) -> Iterable[tuple[str, str, tuple[Timing, ...]]]:
        """Yield key, host and the timings of one field."""
        ...

    def hosts(self) -> Iterable[tuple[str, Environment, tuple[Peaks, ...]]]:
        """Yield the name of a host, what it is, and its peaks."""
        ...

    def works(self) -> Iterable[tuple[str, Work]]:
        """Yield host and work."""
        ...

    def failures(self) -> Mapping[str, Failure]:
        """Return by key the tasks that were tried and have no result."""
        ...


@dataclass(frozen=True, slots=True)
class HostRecords:
    """The results of one host, each evaluation once.

    Attributes:
        host: The machine.
        plans: One per kernel, model, strategy and seed, sorted by them.
        fields: Per field its timings by method. A later field of the same kernel, sizes and threads takes the place
            of an earlier one method by method: each speed-up was formed inside its own field.
        works: By kernel and sizes.
        failures: Label and reason of each task that has no result, sorted.
        superseded: Number of results that later ones took the place of.
        older: Kernel and method of each timing that is not of the last field of its kernel, sizes and threads, sorted:
            the kernel's text or the limits may have been others.
    """

    host: HostFacts
    plans: tuple[PlanOutcome, ...]
    fields: Mapping[FieldKey, Mapping[str, Timing]]
    works: Mapping[tuple[str, Sizes], Work]
    failures: tuple[tuple[str, str], ...] = ()
    superseded: int = 0
    older: tuple[tuple[str, str], ...] = ()

    @property
    def kernels(self) -> tuple[str, ...]:
        """Return every kernel that was planned or timed, in alphabetical order."""
        return tuple(sorted({plan.kernel for plan in self.plans} | {kernel for kernel, _, _ in self.fields}))

    @property
    def most_threads(self) -> int:
        """Return the largest number of threads of any field; 1 if there is none."""
        return max((threads for _, _, threads in self.fields), default=1)

    @property
    def timings(self) -> tuple[Timing, ...]:
        """Return every timing, field by field."""
        return tuple(timing for key in sorted(self.fields) for timing in self.fields[key].values())

    def field(self, kernel: str, sizes: Sizes, threads: int) -> Mapping[str, Timing]:
        """Return the timings of a field by method; nothing if it was not run."""
        return self.fields.get((kernel, sizes, threads), {})

    def quoted_sizes(self, kernel: str) -> Sizes:
        """Return the sizes whose speed-ups tables quote: those at which most methods were timed.

        Among the fields with all threads, if there is one; the larger sizes where two have as many methods.
        """
        keys = [key for key in self.fields if key[0] == kernel]
        widest = [key for key in keys if key[2] == self.most_threads] or keys
        if not widest:
            return ()
        return max(widest, key=lambda key: (_timed(self.fields[key]), self.extent(kernel, key[1]), key[1]))[1]

    def extent(self, kernel: str, sizes: Sizes) -> float:
        """Return what rises with the work of a field: its operations, else its bytes, else the product of its sizes."""
        work = self.works.get((kernel, sizes))
        if work is not None and (work.flops or work.compulsory_bytes):
            return float(work.flops or work.compulsory_bytes or 0)
        return float(math.prod(value for _, value in sizes))


def read_host(results: Results, host: str | None) -> HostRecords:
    """Return what ``results`` holds of ``host``; of the only one there is, if None.

    Args:
        results: An open store.
        host: Name of a host, or an unambiguous beginning of it.

    Raises:
        UserError: There are neither results nor failures, several hosts and none is named, or none of that name.
    """
    planned = list(results.plans())
    timed = list(results.fields())
    failed = results.failures().values()
    name = _choose(
        {where for _, where, _ in planned} | {where for _, where, _ in timed}, {item.host for item in failed}, host
    )
    plans: dict[tuple[str, str, str, int], PlanOutcome] = {}
    fields: dict[FieldKey, dict[str, Timing]] = {}
    last: dict[FieldKey, str] = {}
    origin: dict[tuple[FieldKey, str], str] = {}
    superseded = 0
    for _, where, outcome in planned:
        if where == name:
            key = (outcome.kernel, outcome.model, outcome.strategy, outcome.seed)
            superseded += key in plans
            plans[key] = outcome
    for task, where, timings in timed:
        for timing in timings if where == name else ():
            place = (timing.kernel, timing.sizes, timing.threads)
            field = fields.setdefault(place, {})
            superseded += timing.method in field
            field[timing.method] = timing
            last[place] = origin[place, timing.method] = task
    older = {(place[0], method) for (place, method), task in origin.items() if task != last[place]}
    works = {(work.kernel, work.sizes): work for where, work in results.works() if where == name}
    failures = tuple(sorted((item.label, item.reason) for item in failed if item.host in (name, "")))
    facts = _host_facts(results, name, plans.values())
    return HostRecords(
        facts, tuple(plans[key] for key in sorted(plans)), fields, works, failures, superseded, tuple(sorted(older))
    )


def _choose(names: set[str], failed: set[str], host: str | None) -> str:
    """Return the host to report of; one that has nothing but failures only if it is named, or none has a result."""
    if not names or host is not None:
        names = names | failed
    listed = ", ".join(sorted(names))
    if not names:
        raise UserError(Code.BAD_OPTION, "the store holds no results", "run `loopwright bench run` first")
    if host is None:
        if len(names) > 1:
            raise UserError(
                Code.BAD_OPTION,
                f"the store holds results of {len(names)} hosts, which are never mixed: {listed}",
                "name one with --host",
            )
        return next(iter(names))
    found = [name for name in names if name == host] or [name for name in names if name.startswith(host)]
    if len(found) != 1:
        problem = "several hosts begin with" if found else "the store has no results of host"
        raise UserError(Code.BAD_OPTION, f"{problem} {host!r}", f"choose among {listed}")
    return found[0]


def _host_facts(results: Results, name: str, plans: Iterable[PlanOutcome]) -> HostFacts:
    for known, environment, peaks in results.hosts():
        if known == name:
            return HostFacts(name, environment, tuple(sorted(peaks, key=lambda peak: peak.threads)))
    return HostFacts(name, next((plan.report.host for plan in plans), None))


def _timed(field: Mapping[str, Timing]) -> int:
    return sum(timing.series is not None for timing in field.values())
