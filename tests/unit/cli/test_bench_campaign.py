"""What a command line of ``bench run`` asks for, alone and on top of what a store holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.campaign.run import declare
from loopwright.campaign.spec import CampaignSpec, Limits, find_kernels
from loopwright.campaign.status import specs_of
from loopwright.campaign.store import Store
from loopwright.cli.bench_campaign import CampaignOptions, campaign_of, earlier_campaign
from loopwright.errors import UserError

from .conftest import Result

SOURCE = "void scale(int n, double *a)\n{\n    for (int i = 0; i < n; i++)\n        a[i] *= 2.0;\n}\n"
DEFAULTS = CampaignOptions(
    given=frozenset(),
    files=(),
    suite="paper",
    kernels="",
    models="none,embedded",
    strategies="all",
    baselines="all",
    sizes="all",
    threads="",
    budget="10s",
    model_time="12s",
    tune="20s",
    rounds=6,
    seed=0,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scale.c"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def earlier(file: Path) -> CampaignSpec:
    return CampaignSpec(
        find_kernels((str(file),), Path("kernels")),
        models=("none",),
        strategies=("zero-shot",),
        baselines=("gcc-O3", "clang-O3"),
        few_baselines=("gcc-O3", "clang-O3"),
        sizes=("measure",),
        threads=(3,),
        limits=Limits(budget_s=1.0, model_s=2.0, tune_s=3.0, rounds=7, seed=4),
    )


@pytest.fixture
def store(tmp_path: Path, earlier: CampaignSpec) -> Path:
    path = tmp_path / "s.db"
    with Store.open(path) as opened:
        declare(earlier, opened)
    return path


def test_what_is_not_said_stays_as_it_was(earlier: CampaignSpec) -> None:
    assert campaign_of(DEFAULTS, earlier) == earlier
    seeded = replace(DEFAULTS, given=frozenset({"seed"}), seed=9)
    assert campaign_of(seeded, earlier) == replace(earlier, limits=replace(earlier.limits, seed=9))


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"models"}, {"models": ("none", "embedded")}),
        ({"sizes"}, {"sizes": ("measure", "scaling")}),
        ({"rounds", "tune"}, {"limits": Limits(budget_s=1.0, model_s=2.0, tune_s=20.0, rounds=6, seed=4)}),
    ],
)
def test_what_is_said_replaces_that_alone(given: set[str], changes: dict[str, object], earlier: CampaignSpec) -> None:
    fields: dict[str, object] = {name: getattr(earlier, name) for name in earlier.__slots__}
    found = campaign_of(replace(DEFAULTS, given=frozenset(given)), earlier)
    assert {name: getattr(found, name) for name in earlier.__slots__} == fields | changes


def test_a_store_that_is_not_there_holds_no_campaign(tmp_path: Path, store: Path, earlier: CampaignSpec) -> None:
    assert earlier_campaign(tmp_path / "none.db") is None
    assert not (tmp_path / "none.db").exists()
    assert earlier_campaign(store) == earlier


def test_files_and_a_whole_suite_are_too_much(file: Path) -> None:
    options = replace(DEFAULTS, given=frozenset({"files", "suite"}), files=(file,))
    with pytest.raises(UserError, match="two campaigns"):
        campaign_of(options, None)


Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--resume",), "holds no campaign to go on with"),
        (("FILE", "--strategies", "foo"), "there is no 'foo'"),
        (("FILE", "--models", "nomodel"), "no model called 'nomodel'"),
        (("FILE", "--models", "replay:/none.db"), "/none.db"),
        (("FILE", "--threads", "0"), "is not a number of threads"),
        (("FOLDER",), "is a folder"),
    ],
)
def test_what_cannot_run_makes_no_store(
    arguments: tuple[str, ...], said: str, run_cli: Run, tmp_path: Path, file: Path
) -> None:
    store = tmp_path / "new" / "s.db"
    words = [{"FILE": str(file), "FOLDER": str(tmp_path)}.get(word, word) for word in arguments]
    found = run_cli("bench", "run", *words, "--store", store)
    assert (found.code, said in found.error) == (2, True), found.err
    assert not store.parent.exists()


def test_a_store_with_a_campaign_is_gone_on_with_or_left_alone(
    run_cli: Run, store: Path, file: Path, earlier: CampaignSpec
) -> None:
    found = run_cli("bench", "run", file, "--store", store)
    assert found.code == 2
    assert "--resume" in found.error
    with Store.open(store, create=False) as opened:
        assert specs_of(opened) == (earlier,)
