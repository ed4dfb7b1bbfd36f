"""A program that writes to stores until it is killed, for the tests of what a killed process leaves.

It reads lines of JSON, ``[store, prefix, count]``, and for each forks a process that opens the store and puts results
under keys that begin with ``prefix``, ``count`` times. That process writes its id, and a line for each put that has
returned. If ``count`` is null it goes on for ever, and it never ends by itself, so that its id stays its own until it
is killed. When it is gone, ``end`` follows.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
import traceback
from pathlib import Path

from loopwright.campaign.store import Store
from loopwright.core.campaign import Peaks, PlanOutcome, Timing
from loopwright.core.proposal import Reply
from stored_values import HOST, make_environment, make_outcome, make_peaks, make_reply, make_timings


def outcome_of(key: str) -> PlanOutcome:
    """Return what is put under ``key``: of several pages now and then, and never compressible."""
    number = sum(key.encode())
    noise = b"".join(f"{key} {index} {index * number % 7919}\n".encode() for index in range(number % 3 * 2000))
    return make_outcome(key, content=noise)


def timings_of(key: str) -> tuple[Timing, ...]:
    return make_timings(key) * (1 + sum(key.encode()) % 20)


def replies_of(key: str) -> tuple[Reply, ...]:
    return (make_reply(key), make_reply(key * 500))


def peaks_of(number: int) -> tuple[Peaks, ...]:
    return (make_peaks(number + 1),)


def write(path: Path, prefix: str, count: int | None) -> None:
    with Store.open(path) as store:
        say("open", prefix, True)
        for number in itertools.count() if count is None else range(count):
            key = f"{prefix}{number}"
            say("plan", key, store.put_plan(key, HOST, outcome_of(key)))
            say("field", f"{key}f", store.put_timings(f"{key}f", HOST, timings_of(key)))
            say("replies", key, store.put_replies(key, "tiny", replies_of(key)))
            say("host", key, store.put_host(key, make_environment(), peaks_of(number)))
            store.failure(key, HOST, key, "killed")
            say("failure", key, True)


def write_or_wait(path: Path, prefix: str, count: int | None) -> None:
    parent = os.getppid()
    try:
        write(path, prefix, count)
    except Exception:
        say("failed", traceback.format_exc(), False)
    while count is None and os.getppid() == parent:
        time.sleep(0.05)


def say(*words: object) -> None:
    os.write(1, f"{json.dumps(words)}\n".encode())


def main() -> None:
    for line in sys.stdin:
        store, prefix, count = json.loads(line)
        child = os.fork()
        if child == 0:
            say("pid", os.getpid())
            write_or_wait(Path(store), prefix, count)
            os._exit(0)
        os.waitpid(child, 0)
        say("end")


if __name__ == "__main__":
    main()
