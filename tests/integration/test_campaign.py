"""A campaign in one process, through the console script: killed three times, resumed, recorded and replayed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loopwright.campaign.spec import CampaignSpec, Limits, PlanTask, find_kernels, task_key
from loopwright.campaign.station import Station
from loopwright.campaign.status import specs_of
from loopwright.campaign.store import Store
from loopwright.config import Settings, from_environment
from loopwright.core.campaign import PlanOutcome
from loopwright.core.measurement import Environment
from loopwright.core.plan import Parallelize, Plan
from loopwright.core.proposal import Proposal
from loopwright.models.weights import find_weights
from small_campaigns import evaluations, expected_evaluations, expected_keys, write_kernels

pytestmark = pytest.mark.needs("gcc")

SCRIPT = Path(sys.executable).with_name("loopwright")
LIMITS = ("--budget", "1s", "--tune", "1s", "--rounds", "3", "--threads", "1")
ASKED = ("run", "--suite", "kernels", "--models", "none", "--baselines", "gcc-O3,clang-O3", *LIMITS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the kernels, and a cache that has the weights if there are any."""
    folder = tmp_path_factory.mktemp("campaign")
    write_kernels(folder / "kernels")
    (folder / "cache").mkdir()
    weights = find_weights(from_environment())
    if weights is not None:
        (folder / "cache" / "models").symlink_to(weights.parent)
    return folder


def command(*arguments: str | Path) -> list[str]:
    return [str(SCRIPT), "bench", *map(str, arguments)]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "LOOPWRIGHT_CACHE": str(folder / "cache")}


def bench(*arguments: str | Path, folder: Path) -> dict[str, Any]:
    completed = subprocess.run(
        command(*arguments, "--format", "json"),
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)


def kill_run(arguments: Sequence[str | Path], folder: Path, lines: int, delay_s: float) -> None:
    """Start a run and kill it ``delay_s`` after it has said so many lines."""
    with subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        for _ in range(lines):
            process.stderr.readline()
        time.sleep(delay_s)
        process.kill()
        assert process.wait() == -9  # it was not done yet


@pytest.fixture(scope="module")
def undisturbed(folder: Path) -> dict[str, Any]:
    """What the console script says of a whole run; its store is whole.db."""
    answer = bench(*ASKED, "--store", "whole.db", folder=folder)
    assert answer["tasks"] == {"finished": 5, "failed": 0, "found": 0}
    return answer


def test_a_run_that_is_killed_three_times_ends_like_one_that_is_not(folder: Path, undisturbed: dict[str, Any]) -> None:
    chance = random.Random(20261123)
    for _ in range(3):
        lines, delay_s = chance.randrange(2, 10), chance.uniform(0.0, 0.05)
        kill_run((*ASKED, "--store", "killed.db", "--resume"), folder, lines, delay_s)
    resumed = bench(*ASKED, "--store", "killed.db", "--resume", folder=folder)
    assert resumed["tasks"]["failed"] == 0
    assert resumed["tasks"]["finished"] + resumed["tasks"]["found"] == 5
    assert resumed["tasks"]["found"] > 0
    status = bench("status", "killed.db", folder=folder)
    assert (status["failed"], status["pending"]) == (0, 0)
    assert status["complete"] + status["absent"] == undisturbed["complete"] + undisturbed["absent"]
    with Store.open(folder / "killed.db") as killed, Store.open(folder / "whole.db") as whole:
        assert killed.keys() == whole.keys()
        assert len(list(killed.plans())) + len(list(killed.fields())) == len(killed.keys())
    assert evaluations(folder / "killed.db") == evaluations(folder / "whole.db")
    assert set(evaluations(folder / "killed.db").values()) == {1}
    again = bench("run", "--store", "killed.db", "--resume", folder=folder)
    assert again["tasks"] == {"finished": 0, "failed": 0, "found": 5}


@pytest.mark.usefixtures("undisturbed")
def test_what_is_expected_of_a_small_campaign_is_what_a_run_gives(folder: Path) -> None:
    """``expected_keys`` and ``expected_evaluations``, by which other runs are judged."""
    with Store.open(folder / "whole.db") as store:
        [spec] = specs_of(store)
        [host] = store.host_names()
        assert store.keys() == expected_keys(spec, host)
    assert evaluations(folder / "whole.db") == expected_evaluations(spec)


def proposals(path: Path) -> dict[tuple[str, str, str], list[Proposal]]:
    """Return the proposals of each kernel, strategy and nest in a store."""
    with Store.open(path, create=False) as store:
        return {
            (outcome.kernel, outcome.strategy, nest.id): [item.proposal for item in nest.proposals]
            for _, _, outcome in store.plans()
            for nest in outcome.report.nests
        }


@pytest.mark.needs("weights")
def test_a_campaign_of_the_embedded_model_is_replayed_without_it(folder: Path) -> None:
    asked = ("run", "--suite", "kernels", "--kernels", "recur", "--strategies", "tot,react", *LIMITS)
    # Time enough on a busy machine, too: a call that is cut off is no reply to replay.
    options = ("--baselines", "gcc-O3,clang-O3", "--sizes", "measure", "--model-time", "2m")
    bench(*asked, *options, "--models", "embedded", "--store", "live.db", folder=folder)
    (folder / "cache" / "models").unlink()
    bench(*asked, *options, "--models", "replay:live.db", "--store", "replayed.db", folder=folder)
    live, replayed = proposals(folder / "live.db"), proposals(folder / "replayed.db")
    assert [key[1] for key in live] == ["tot", "react"]
    assert {key: [item.plan for item in value] for key, value in replayed.items()} == {
        key: [item.plan for item in value] for key, value in live.items()
    }
    for key, found in live.items():
        assert any(item.plan is not None and item.replies for item in found)
        assert [item.replies for item in replayed[key]] == [item.replies for item in found]


# It can be analysed, but nobody can make the second argument: nothing is timed, and no clock decides what is proposed.
UNCALLABLE = """\
struct closed;
void scale(int n, struct closed *state, double *restrict a, const double *restrict b) {
    for (int i = 0; i < n; i++)
        a[i] = 2.0 * b[i] + 1.0;
}
"""
STEPS = {"steps": [{"step": "parallelize", "loop": "i"}]}
TALK = (
    {"action": "measure", "plan": STEPS},
    {"action": "dependences", "loop": "i"},
    {"action": "finish", "plan": STEPS},
)


class Recordings:
    """Stores with one plan each: of a scripted model that asks for a time, and replays of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "scale.c").write_text(UNCALLABLE)
        (folder / "script.json").write_text(json.dumps({"replies": [{"json": turn} for turn in TALK]}))

    def record(self, name: str, model: str) -> PlanOutcome:
        """Let ``model`` propose, keep what it gives in the store ``name``, and return it."""
        spec = CampaignSpec(find_kernels((f"{self._folder}/scale.c",), self._folder), (model,), ("react",), ())
        task = next(task for task in spec.tasks() if isinstance(task, PlanTask))
        station = Station(Settings(cache=self._folder / "cache"), Limits(budget_s=1.0), print)
        try:
            planned = station.plan(task)
        finally:
            station.close()
        with Store.open(self._folder / f"{name}.db") as store:
            for call, replies in planned.calls:
                store.put_replies(call, planned.outcome.report.model, replies)
            store.put_plan(task_key(task, spec, "here"), "here", planned.outcome)
        return planned.outcome

    def copy(self, source: str, name: str, outcome: PlanOutcome) -> None:
        """Make a store with the replies of ``source`` and another outcome."""
        with Store.open(self._folder / f"{source}.db") as old, Store.open(self._folder / f"{name}.db") as new:
            for call, model, replies in old.all_replies():
                new.put_replies(call, model, replies)
            new.put_plan("key", "here", outcome)

    def replay(self, source: str) -> PlanOutcome:
        """Return what a replay of the store ``source`` proposes."""
        return self.record(f"{source}-replayed", f"replay:{self._folder}/{source}.db")


def said(outcome: PlanOutcome) -> list[Proposal]:
    [nest] = outcome.report.nests
    return [item.proposal for item in nest.proposals]


def test_a_replay_is_told_what_was_told_when_it_was_recorded(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    recorded = recordings.record("live", f"scripted:{tmp_path}/script.json")
    plan = Plan("scale:3", (Parallelize("i"),))
    assert recorded.observed == ((plan, None),)
    [proposal, *_] = said(recorded)
    assert [reply.text for reply in proposal.replies] == [json.dumps(turn) for turn in TALK]
    replayed = recordings.replay("live")
    assert said(replayed) == said(recorded)
    assert replayed.observed == recorded.observed


@pytest.mark.parametrize("what", ["speed-up", "host"])
def test_a_replay_is_told_nothing_else(tmp_path: Path, what: str) -> None:
    """Had the recording been told another time, or another machine, its replies would belong to other prompts."""
    recordings = Recordings(tmp_path)
    recorded = recordings.record("live", f"scripted:{tmp_path}/script.json")
    if what == "speed-up":
        other = replace(recorded, observed=tuple((plan, 2.5) for plan, _ in recorded.observed))
    else:
        host: Environment = replace(recorded.report.host, cores=77)
        other = replace(recorded, report=replace(recorded.report, host=host))
    recordings.copy("live", "other", other)
    [proposal, *_] = said(recordings.replay("other"))
    assert proposal.plan is None
    assert "no reply to this prompt" in proposal.error
    assert len(proposal.replies) == (1 if what == "speed-up" else 0)
