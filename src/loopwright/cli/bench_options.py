"""The options of ``loopwright bench``, and the campaign that they describe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loopwright.core.codes import Code
from loopwright.errors import UserError

PAPER = "paper"
KERNELS = Path("kernels")
DEFAULT_STORE = Path("bench.db")
# The serial builds that every ratio needs, and the two methods whose scaling is worth following beside our own.
FEW = ("gcc-O3", "clang-O3", "polly-parallel", "expert")
SIZES = ("measure", "scaling")

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
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with a store that holds results already.")]
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


def suite_of(text: str) -> tuple[Path, tuple[str, ...]]:
    """Return the folder of a suite, or, where ``text`` lists C files, the default folder and these."""
    names = names_of(text)
    if names and all(Path(name).is_file() for name in names):
        return KERNELS, names
    return KERNELS if text == PAPER else Path(text), ()


def names_of(text: str) -> tuple[str, ...]:
    """Return the names in a list with commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


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


def thread_counts(text: str, cores: int) -> tuple[int, ...]:
    """Return the numbers in a list with commas; 1 and ``cores`` if it is empty.

    Raises:
        UserError: One is not a number from 1 to 4096.
    """
    if not text:
        return tuple(sorted({1, cores}))
    names = names_of(text)
    for name in names:
        if not name.isdecimal() or not 1 <= int(name) <= 4096:
            raise UserError(Code.BAD_OPTION, f"--threads: {name!r} is not a number of threads", "write it as 1,2,4")
    return tuple(sorted({int(name) for name in names}))
