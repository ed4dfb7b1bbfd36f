"""How far the campaigns of a store are: evaluations that are complete, failed, and still to come."""

from __future__ import annotations

import json
from dataclasses import dataclass

from loopwright.campaign.spec import CampaignSpec, PlanTask, task_key
from loopwright.campaign.store import Store
from loopwright.core.campaign import MethodKind
from loopwright.core.codec import decode
from loopwright.core.codes import Code
from loopwright.errors import UserError


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of evaluations: one model x strategy x kernel outcome, or one baseline x kernel measurement, each.

    That loopwright's own results are timed beside the baselines makes no further evaluation of them.

    Attributes:
        complete: With a result: an outcome, a time, or a method's own failure, which is a result too.
        absent: Of methods that are not installed or cannot express the kernel; they are no evaluations.
        failed: Of tasks that ended without a result and would be tried again.
        pending: Not begun, or not finished.
        kernels, hosts: Seen in the store.
    """

    complete: int
    absent: int
    failed: int
    pending: int
    kernels: tuple[str, ...]
    hosts: tuple[str, ...]

    @property
    def evaluations(self) -> int:
        """Return all that are asked for, but for the absent ones."""
        return self.complete + self.failed + self.pending


def status_of(store: Store) -> Status:
    """Return the counts over every campaign of ``store``; equal tasks of several campaigns count once."""
    hosts = store.host_names()
    failures = store.failures()
    counts = dict.fromkeys(("complete", "absent", "failed", "pending"), 0)
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
            elif any(key in failures for key in keys):
                counts["failed"] += task.evaluations
            else:
                counts["pending"] += task.evaluations
    return Status(
        counts["complete"], counts["absent"], counts["failed"], counts["pending"], tuple(sorted(kernels)), hosts
    )


def specs_of(store: Store) -> tuple[CampaignSpec, ...]:
    """Return what the campaigns of ``store`` ask for, in the order in which they were begun.

    Raises:
        UserError: One cannot be read.
    """
    try:
        return tuple(decode(CampaignSpec, json.loads(document)) for document in store.specs())
    except (ValueError, RecursionError) as error:
        raise UserError(Code.CANNOT_READ, f"the store holds a campaign that cannot be read: {error}") from None
