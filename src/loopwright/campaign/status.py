"""How far the campaigns of a store are: evaluations that are complete, failed, and still to come."""

from __future__ import annotations

import json

from loopwright.campaign.spec import CampaignSpec, PlanTask, task_key
from loopwright.campaign.store import Store
from loopwright.core.campaign import MethodKind
from loopwright.core.codec import decode
from loopwright.core.codes import Code
from loopwright.core.status import FailedTask, Status
from loopwright.errors import UserError


def status_of(store: Store) -> Status:
    """Return the counts over every campaign of ``store``; equal tasks of several campaigns count once."""
    hosts = store.host_names()
    failures = store.failures()
    counts = dict.fromkeys(("complete", "absent", "failed", "pending"), 0)
    listed: list[FailedTask] = []
    kernels: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    for spec in specs_of(store):
        for task in spec.tasks():
            keys = tuple(task_key(task, spec, host) for host in hosts)
            if keys in seen:
                continue
            seen.add(keys)
            kernels.add(task.kernel.name)
            found = [key for key in keys if store.has(key)]
            if found and isinstance(task, PlanTask):
                counts["complete"] += 1
            elif found:
                timings = [item for item in store.timings(found[0]) or () if item.kind is not MethodKind.LOOPWRIGHT]
                is_absent = [timing.series is None and timing.failure is None for timing in timings]
                counts["complete"] += is_absent.count(False)
                counts["absent"] += is_absent.count(True)
            elif known := [failures[key] for key in keys if key in failures]:
                counts["failed"] += task.evaluations
                # What follows the first line is a traceback.
                reason = known[-1].reason.strip().partition("\n")[0]
                listed.append(FailedTask(task.label, reason, sum(item.attempts for item in known)))
            else:
                counts["pending"] += task.evaluations
    return Status(**counts, kernels=tuple(sorted(kernels)), hosts=hosts, failures=tuple(listed))


def specs_of(store: Store) -> tuple[CampaignSpec, ...]:
    """Return what the campaigns of ``store`` ask for, in the order in which they were begun.

    Raises:
        UserError: One cannot be read.
    """
    try:
        specs = tuple(decode(CampaignSpec, json.loads(document)) for document in store.specs())
        if any("\0" in kernel.path for spec in specs for kernel in spec.kernels):
            raise ValueError("a path with a zero byte")
    except (ValueError, RecursionError) as error:
        raise UserError(Code.CANNOT_READ, f"the store holds a campaign that cannot be read: {error}") from None
    return specs
