"""The options of ``loopwright bench``; ``bench_campaign`` makes a campaign of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PAPER = "paper"
DEFAULT_STORE = Path("bench.db")

FilesArgument = Annotated[
    list[Path] | None, typer.Argument(metavar="[FILE...]", help="C files instead of a suite.", show_default=False)
]
SuiteOption = Annotated[
    str,
    typer.Option(
        "--suite", metavar="paper|DIR|FILE,...", help="Kernels: ./kernels (paper), DIR/NAME/kernel.c, or C files."
    ),
]
KernelsOption = Annotated[
    str, typer.Option("--kernels", metavar="A,B", help="Only these of the suite.", show_default=False)
]
ModelsOption = Annotated[
    str, typer.Option("--models", metavar="A,B", help="Who proposes, each as --model of optimize takes it.")
]
StrategiesOption = Annotated[
    str, typer.Option("--strategies", metavar="A,B", help="How each model is asked; all for every strategy.")
]
BaselinesOption = Annotated[
    str, typer.Option("--baselines", metavar="A,B", help="What to compare with; all for every one that is here.")
]
SizesOption = Annotated[
    str, typer.Option("--sizes", metavar="A,B", help="measure, scaling or both, as kernel.toml gives them.")
]
ThreadListOption = Annotated[
    str,
    typer.Option("--threads", metavar="N,M", help="Numbers of threads; default: 1 and all cores.", show_default=False),
]
StoreOption = Annotated[Path, typer.Option("--store", metavar="PATH", help="Where the results are kept.")]
StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="Store of a campaign.")]
OtherStoreArgument = Annotated[Path, typer.Argument(metavar="OTHER", help="Store to compare it with.")]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with the campaign in the store; options that are given replace its own.")
]
TaskBudgetOption = Annotated[
    str, typer.Option("--budget", metavar="TIME", help="Of one search, per kernel and strategy.")
]
ModelTimeOption = Annotated[
    str, typer.Option("--model-time", metavar="TIME", help="Of a model, per loop nest, beside the budget.")
]
TuneOption = Annotated[str, typer.Option("--tune", metavar="TIME", help="Of one tuner, per kernel.")]
RoundsOption = Annotated[int, typer.Option("--rounds", metavar="N", min=3, max=1000, help="Rounds of a field.")]
WorkersOption = Annotated[
    int, typer.Option("--workers", metavar="N", min=0, max=256, help="Worker processes on this machine; 0 for none.")
]
ClusterOption = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="Dask scheduler, tcp://host:8786.", show_default=False),
]
HostOption = Annotated[
    str | None,
    typer.Option("--host", metavar="NAME", help="Which host, if the store knows several.", show_default=False),
]
