"""The campaign that a command line of ``loopwright bench run`` describes, alone or on top of an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from loopwright.baselines.registry import baseline_names
from loopwright.campaign.spec import MEASURE, SCALING, CampaignSpec, KernelFile, Limits, find_kernels
from loopwright.campaign.status import specs_of
from loopwright.campaign.store import Store
from loopwright.cli.bench_options import PAPER
from loopwright.config import Settings, parse_duration
from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.models.registry import check_model
from loopwright.propose.registry import model_strategies
from loopwright.toolchain.host import cores

KERNELS = Path("kernels")
# The serial builds that every ratio needs, and the two methods whose scaling is worth following beside our own.
FEW = ("gcc-O3", "clang-O3", "polly-parallel", "expert")
SIZES = (MEASURE, SCALING)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CampaignOptions:
    """What the command line says of a campaign, as text, defaults included.

    Attributes:
        given: Names of the options that were written out.
        files, suite, kernels, models, strategies, baselines, sizes, threads, budget, model_time, tune, rounds, seed: As
            the options of ``bench run`` of these names.
    """

    given: Collection[str]
    files: tuple[Path, ...]
    suite: str
    kernels: str
    models: str
    strategies: str
    baselines: str
    sizes: str
    threads: str
    budget: str
    model_time: str
    tune: str
    rounds: int
    seed: int


def earlier_campaign(store: Path) -> CampaignSpec | None:
    """Return what the last campaign in ``store`` asked for; None if there is no such file, or no campaign in it.

    Raises:
        UserError: The file is no store, or is damaged.
    """
    if not store.exists():
        return None
    with Store.open(store, create=False) as opened:
        specs = specs_of(opened)
    return specs[-1] if specs else None


def campaign_of(options: CampaignOptions, earlier: CampaignSpec | None) -> CampaignSpec:
    """Return the campaign; what the command line does not say is as in ``earlier``, or else the default.

    Raises:
        UserError: An option cannot be understood, or names what is not there.
    """

    def part(names: Collection[str], kept: Callable[[CampaignSpec], T], asked: Callable[[], T]) -> T:
        return asked() if earlier is None or set(names) & set(options.given) else kept(earlier)

    baselines = part({"baselines"}, lambda spec: spec.baselines, lambda: _baselines(options.baselines))
    return CampaignSpec(
        kernels=part({"files", "suite", "kernels"}, lambda spec: spec.kernels, lambda: _kernels(options)),
        models=part({"models"}, lambda spec: spec.models, lambda: _models(options.models)),
        strategies=part(
            {"strategies"},
            lambda spec: spec.strategies,
            lambda: chosen_from("--strategies", options.strategies, model_strategies()),
        ),
        baselines=baselines,
        few_baselines=tuple(name for name in baselines if name in FEW),
        sizes=part({"sizes"}, lambda spec: spec.sizes, lambda: chosen_from("--sizes", options.sizes, SIZES)),
        threads=part({"threads"}, lambda spec: spec.threads, lambda: thread_counts(options.threads, cores())),
        limits=replace(
            earlier.limits if earlier is not None else Limits(),
            budget_s=part({"budget"}, lambda spec: spec.limits.budget_s, lambda: parse_duration(options.budget)),
            model_s=part({"model_time"}, lambda spec: spec.limits.model_s, lambda: parse_duration(options.model_time)),
            tune_s=part({"tune"}, lambda spec: spec.limits.tune_s, lambda: parse_duration(options.tune)),
            rounds=part({"rounds"}, lambda spec: spec.limits.rounds, lambda: options.rounds),
            seed=part({"seed"}, lambda spec: spec.limits.seed, lambda: options.seed),
        ),
    )


def check_models(spec: CampaignSpec, settings: Settings) -> None:
    """Raise UserError if a model of the campaign cannot be opened here: its name is not known, its file not there."""
    for name in spec.models:
        check_model(name, settings)


def chosen_from(option: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in ``text``, or all that are known for ``all``.

    Raises:
        UserError: One is not known, or there is none.
    """
    names = known if text == "all" else names_of(text)
    for name in names:
        if name not in known:
            raise UserError(Code.BAD_OPTION, f"{option}: there is no {name!r}", f"choose among {', '.join(known)}")
    if not names:
        raise UserError(Code.BAD_OPTION, f"{option}: no name given", f"choose among {', '.join(known)}, or all")
    return names


def names_of(text: str) -> tuple[str, ...]:
    """Return the names in a list with commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def thread_counts(text: str, available: int) -> tuple[int, ...]:
    """Return the numbers in a list with commas; 1 and ``available`` cores if it is empty.

    Raises:
        UserError: One is not a number from 1 to 4096.
    """
    if not text:
        return tuple(sorted({1, available}))
    names = names_of(text)
    for name in names:
        if not name.isdecimal() or not 1 <= int(name) <= 4096:
            raise UserError(Code.BAD_OPTION, f"--threads: {name!r} is not a number of threads", "write it as 1,2,4")
    return tuple(sorted({int(name) for name in names}))


def _kernels(options: CampaignOptions) -> tuple[KernelFile, ...]:
    """Return the files that are named, with those of the suite that ``--kernels`` or the suite itself names."""
    listed = names_of(options.suite)
    if listed and all(Path(name).is_file() for name in listed):
        folder, named = KERNELS, listed
    else:
        folder, named = KERNELS if options.suite == PAPER else Path(options.suite), ()
    if options.files and "suite" in options.given and not named and not options.kernels:
        hint = "name files or a suite; with --kernels A,B some of the suite's beside the files"
        raise UserError(Code.BAD_OPTION, "files and a whole --suite are two campaigns", hint)
    return find_kernels((*names_of(options.kernels), *named, *map(str, options.files)), folder)


def _models(text: str) -> tuple[str, ...]:
    names = names_of(text)
    if not names:
        raise UserError(Code.BAD_OPTION, "--models: no name given", "write none, embedded, or a server's model")
    return names


def _baselines(text: str) -> tuple[str, ...]:
    names = chosen_from("--baselines", text, baseline_names())
    # Every ratio has the best serial build below it.
    return tuple(dict.fromkeys((*(name for name in FEW[:2] if name not in names), *names)))
