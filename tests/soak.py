"""Campaigns that are killed at random moments for some minutes; ``make soak MINUTES=10``.

After each kill: what the store held is still there, byte for byte; the cache is sound; no process is left. A campaign
that comes to its end has each result once. The last line says how often that was looked at, and what was wrong.
"""

from __future__ import annotations

import argparse
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from faults import SCRIPT, damaged, environment, left_behind
from interrupts import restore_interrupt
from loopwright.campaign.status import specs_of
from loopwright.campaign.store import Store
from small_campaigns import BASELINES, evaluations, expected_evaluations, write_kernels

TABLES = ("plans", "fields", "replies", "hosts")
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
LONGEST_S = 15.0
PATIENT_S = 300.0


@dataclass(slots=True)
class Tally:
    """What has been seen so far."""

    kills: int = 0
    campaigns: int = 0
    lost: int = 0
    wrong: int = 0
    damaged: int = 0
    left: int = 0

    @property
    def is_clean(self) -> bool:
        """Return True if nothing was wrong."""
        return not (self.lost or self.wrong or self.damaged or self.left)

    @property
    def line(self) -> str:
        """Return the last line."""
        return (
            f"kills={self.kills} campaigns={self.campaigns} lost={self.lost} wrong={self.wrong}"
            f" damaged={self.damaged} left_behind={self.left}"
        )


def rows(store: Path) -> Counter[tuple[object, ...]]:
    """Return every row of the results, as it is stored."""
    if not store.exists():
        return Counter()
    with Store.open(store, create=False):
        pass  # it opens, and what a killed writer left in its log is taken in
    found = Counter[tuple[object, ...]]()
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        for table in TABLES:
            found.update((table, *row) for row in connection.execute(f"SELECT * FROM {table}"))
    return found


def campaign(folder: Path, store: Path) -> list[str]:
    """Return the command of a campaign that takes about ten seconds."""
    words = ("bench", "run", "--suite", "kernels", "--models", "none", "--strategies", "zero-shot")
    more = ("--baselines", ",".join(BASELINES), "--threads", "1", "--budget", "1s", "--rounds", "3", "--resume")
    return [str(SCRIPT), *words, *more, "--store", str(store.relative_to(folder))]


def one_run(folder: Path, store: Path, chance: random.Random, tally: Tally, *, kills: bool) -> bool:
    """Run the campaign, kill it at some moment if ``kills``, and look at what is left; return True at its end."""
    before = rows(store)
    with subprocess.Popen(
        campaign(folder, store),
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            process.communicate(timeout=chance.uniform(0.0, LONGEST_S) if kills else PATIENT_S)
        except subprocess.TimeoutExpired:
            process.send_signal(chance.choice(SIGNALS))
            process.communicate(timeout=PATIENT_S)
            tally.kills += 1
    after = rows(store)
    tally.lost += sum((before - after).values())
    tally.damaged += len(damaged(folder / "cache"))
    tally.left += len(left_behind(folder))
    return process.returncode == 0


def finished(store: Path, tally: Tally) -> None:
    """Check that a campaign that has come to its end has each result once."""
    with Store.open(store, create=False) as opened:
        [spec] = specs_of(opened)
    expected, found = expected_evaluations(spec), evaluations(store)
    tally.wrong += sum(((expected - found) + (found - expected)).values())
    tally.campaigns += 1


def soak(folder: Path, minutes: float, seed: int) -> Tally:
    """Kill campaigns in ``folder`` for so many minutes, let the last one finish, and return what was seen."""
    chance, tally = random.Random(seed), Tally()
    write_kernels(folder / "kernels")
    end = time.monotonic() + 60.0 * minutes
    number = 0
    while time.monotonic() < end:
        store = folder / f"results-{number}.db"
        while not one_run(folder, store, chance, tally, kills=time.monotonic() < end):
            print(tally.line, file=sys.stderr, flush=True)
        finished(store, tally)
        number += 1
    return tally


def main() -> int:
    """Run from the command line; exit status 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    restore_interrupt()
    with tempfile.TemporaryDirectory(prefix="loopwright-soak-") as name:
        tally = soak(Path(name), options.minutes, options.seed)
    print(tally.line)
    return 0 if tally.is_clean and tally.campaigns else 1


if __name__ == "__main__":
    sys.exit(main())
