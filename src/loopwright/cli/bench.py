"""``loopwright bench``: run a campaign, say how far it is, compare two, export one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loopwright.cli.bench_options import (
    DEFAULT_STORE,
    PAPER,
    BaselinesOption,
    ClusterOption,
    FilesArgument,
    HostOption,
    KernelsOption,
    ModelsOption,
    ModelTimeOption,
    OtherStoreArgument,
    ResumeOption,
    RoundsOption,
    SizesOption,
    StoreArgument,
    StoreOption,
    StrategiesOption,
    SuiteOption,
    TaskBudgetOption,
    ThreadListOption,
    TuneOption,
    WorkersOption,
)
from loopwright.cli.failure import EXIT_NO, EXIT_YES
from loopwright.cli.options import DEFAULTS, Format, FormatOption, ModelUrlOption, SeedOption, make_settings
from loopwright.cli.output import print_document, print_text
from loopwright.cli.progress import Say, progress
from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.render.json_report import envelope
from loopwright.render.lines import prose

if TYPE_CHECKING:
    from loopwright.campaign.executor import Executor
    from loopwright.campaign.spec import CampaignSpec
    from loopwright.config import Settings

app = typer.Typer(
    help="Compare models, strategies and baselines on kernels; every figure can be replayed.", no_args_is_help=False
)

RUN_EPILOG = """Examples:

loopwright bench run --suite paper --models none,embedded --store results.db

loopwright bench run mine.c --models none --strategies zero-shot --baselines gcc-O3,clang-O3,polly --sizes measure

loopwright bench run --store results.db --resume

Exit status: 0 if every task has a result; 1 if one failed; 2 if the campaign could not be run. A run that is
interrupted, or killed, goes on with --resume."""
STATUS_EPILOG = """Examples:

loopwright bench status results.db --format json

Exit status: 0 if nothing is pending or failed; 1 if something is; 2 if the store cannot be read."""
COMPARE_EPILOG = """Examples:

loopwright bench compare before.db after.db

Exit status: 0 if nothing got slower beyond its interval and nothing is missing; 1 if something is; 2 if a store cannot
be read."""
EXPORT_EPILOG = """Examples:

loopwright bench export results.db --to parquet -o tables"""

DEFAULT_BUDGET = "10s"
DEFAULT_MODEL_TIME = "12s"
DEFAULT_TUNE = "20s"
# The fewest that carry a 95% interval of a median.
DEFAULT_ROUNDS = 6


@app.command(epilog=RUN_EPILOG)
def run(
    context: typer.Context,
    files: FilesArgument = None,
    suite: SuiteOption = PAPER,
    kernels: KernelsOption = "",
    models: ModelsOption = "none,embedded",
    strategies: StrategiesOption = "all",
    baselines: BaselinesOption = "all",
    sizes: SizesOption = "all",
    threads: ThreadListOption = "",
    store: StoreOption = DEFAULT_STORE,
    resume: ResumeOption = False,
    budget: TaskBudgetOption = DEFAULT_BUDGET,
    model_time: ModelTimeOption = DEFAULT_MODEL_TIME,
    tune: TuneOption = DEFAULT_TUNE,
    rounds: RoundsOption = DEFAULT_ROUNDS,
    seed: SeedOption = DEFAULTS.seed,
    model_url: ModelUrlOption = None,
    workers: WorkersOption = 0,
    cluster: ClusterOption = None,
    output_format: FormatOption = Format.TEXT,
) -> int:
    """Run a campaign: every model with every strategy on every kernel, side by side with the baselines."""
    settings = make_settings(seed=seed, model_url=model_url)
    with progress() as say:
        say("loading")
        from loopwright.campaign.run import declare, run_campaign
        from loopwright.campaign.status import status_of
        from loopwright.campaign.store import Store
        from loopwright.cli.bench_campaign import CampaignOptions, campaign_of, check_models, earlier_campaign
        from loopwright.render.bench_json import status_document
        from loopwright.render.bench_text import render_status

        options = CampaignOptions(
            given=_given(context),
            files=tuple(files or ()),
            suite=suite,
            kernels=kernels,
            models=models,
            strategies=strategies,
            baselines=baselines,
            sizes=sizes,
            threads=threads,
            budget=budget,
            model_time=model_time,
            tune=tune,
            rounds=rounds,
            seed=settings.seed,
        )
        earlier = earlier_campaign(store)
        if resume and earlier is None and not options.given:
            raise UserError(Code.BAD_OPTION, f"{store} holds no campaign to go on with", "name files, or a --suite")
        spec = campaign_of(options, earlier if resume else None)
        if earlier is not None and not resume:
            hint = "go on with --resume, or name another --store"
            raise UserError(Code.BAD_OPTION, f"{store} holds a campaign already", hint)
        if cluster is None:
            check_models(spec, settings)
        with Store.open(store) as opened:
            declare(spec, opened)
            with _executor(spec, settings, workers, cluster, say) as executor:
                ran = run_campaign(spec, opened, executor, say)
            status = status_of(opened)
    if output_format is Format.JSON:
        counts = {"finished": ran.finished, "failed": ran.failed, "found": ran.found}
        print_document({**envelope("bench run"), "store": str(store), "tasks": counts, **status_document(status)})
    else:
        print_text(prose(f"{ran.finished} tasks done, {ran.failed} failed, {ran.found} were there already"))
        print_text(render_status(status))
        print_text(prose(f"see: loopwright report {store}"))
    return EXIT_YES if ran.failed == 0 else EXIT_NO


@app.command(epilog=STATUS_EPILOG)
def status(store: StoreArgument = DEFAULT_STORE, output_format: FormatOption = Format.TEXT) -> int:
    """Say how many evaluations are complete, failed and still to come."""
    from loopwright.campaign.status import status_of
    from loopwright.campaign.store import Store
    from loopwright.render.bench_json import status_document
    from loopwright.render.bench_text import render_status

    with Store.open(store, create=False) as opened:
        found = status_of(opened)
    if output_format is Format.JSON:
        print_document({**envelope("bench status"), "store": str(store), **status_document(found)})
    else:
        print_text(render_status(found))
    return EXIT_YES if found.failed == 0 and found.pending == 0 else EXIT_NO


@app.command(epilog=COMPARE_EPILOG)
def compare(
    store: StoreArgument,
    other: OtherStoreArgument,
    host: HostOption = None,
    output_format: FormatOption = Format.TEXT,
) -> int:
    """Say what changed from one store to another: evaluations that came, went, got faster or slower."""
    from loopwright.campaign.compare import compare as compare_summaries
    from loopwright.campaign.store import Store
    from loopwright.campaign.summary import summarise
    from loopwright.core.comparison import ChangeKind
    from loopwright.render.bench_json import comparison_document
    from loopwright.render.bench_text import render_comparison

    with Store.open(store, create=False) as before, Store.open(other, create=False) as after:
        found = compare_summaries(summarise(before, host=host), summarise(after, host=host))
    if output_format is Format.JSON:
        print_document(comparison_document(found))
    else:
        print_text(render_comparison(found))
    worse = (ChangeKind.DISAPPEARED, ChangeKind.SLOWER)
    return EXIT_NO if any(change.kind in worse for change in found.changes) else EXIT_YES


@app.command(epilog=EXPORT_EPILOG)
def export(
    store: StoreArgument = DEFAULT_STORE,
    to: Annotated[str, typer.Option("--to", metavar="parquet|csv", help="Format of the tables.")] = "parquet",
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for them.")] = Path(
        "bench-tables"
    ),
    output_format: FormatOption = Format.TEXT,
) -> int:
    """Write the store as tables: plans, timings, raw samples, hosts, replies."""
    from loopwright.campaign.export import export as export_tables
    from loopwright.campaign.store import Store
    from loopwright.cli.bench_campaign import chosen_from

    [wanted] = chosen_from("--to", to, ("parquet", "csv"))
    with progress() as say, Store.open(store, create=False) as opened:
        say(f"writing tables to {output}")
        written = export_tables(opened, output, wanted)
    if output_format is Format.JSON:
        print_document({**envelope("bench export"), "files": [str(path) for path in written]})
    else:
        print_text(prose(f"wrote {', '.join(str(path) for path in written)}"))
    return EXIT_YES


def _given(context: typer.Context) -> frozenset[str]:
    """Return the names of the options that were written out and describe a campaign, not how it is run."""
    about_the_run = {"store", "resume", "model_url", "workers", "cluster", "output_format"}
    sources = {name: context.get_parameter_source(name) for name in context.params if name not in about_the_run}
    written = {name for name, source in sources.items() if source is not None and not source.name.startswith("DEFAULT")}
    return frozenset(written)


@contextmanager
def _executor(
    spec: CampaignSpec, settings: Settings, workers: int, cluster: str | None, say: Say
) -> Generator[Executor]:
    from loopwright.campaign.executor import Local

    if workers or cluster:
        from loopwright.campaign.cluster import Cluster

        executor: Executor = Cluster.open(spec, settings, say, workers=workers, address=cluster)
    else:
        executor = Local(spec, settings, say)
    try:
        yield executor
    finally:
        executor.close()
