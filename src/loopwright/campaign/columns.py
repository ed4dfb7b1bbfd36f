"""The exported tables: a class per table, a field per column, each with its meaning; docs/bench-export.md shows them.

A text column is UTF-8, and None is an empty cell (CSV) or null (Parquet). ``sizes`` of a field are written ``n=8 m=3``.
"""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Cell = str | int | float | bool | None


def _column(meaning: str) -> Any:
    return field(metadata={"meaning": meaning})


class Record(StrEnum):
    """What a row of the table of plans is about."""

    EVALUATION = "evaluation"
    NEST = "nest"
    PROPOSAL = "proposal"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What models proposed: three kinds of rows, told apart by `record`.

    An evaluation (one model, strategy and kernel) is followed by its nests, each nest by its proposals. Do not add up
    over kinds: what is counted for a nest is counted again in its evaluation.
    """

    key: str = _column("of the evaluation, as in the store")
    host: str = _column("where it was made")
    kernel: str = _column("name of the kernel")
    model: str = _column("who proposed")
    strategy: str = _column("how it was asked")
    seed: int = _column("of model and inputs")
    method: str = _column("name of the result in the table of timings")
    record: str = _column("`evaluation`, `nest` or `proposal`")
    nest: str | None = _column("`function:line`; not of an evaluation")
    proposal: int | None = _column("position in its nest, from 0; of a proposal only")
    by: str | None = _column("who made the proposal: `heuristic` or `MODEL/STRATEGY`")
    is_delivered: bool | None = _column("code was delivered: for the nest, or for any nest of the evaluation")
    outcome: str | None = _column("of a nest: `delivered`, `kept`, `refused`, `unsupported`")
    label: str | None = _column("of a delivered nest: `proved`, `tested`")
    plan: str | None = _column(
        "the steps as JSON; of a nest, those of the plan that it ended with, delivered or the best that was tried: its "
        "checks and its speed-up are of this plan; null if there is none, or the reply was no plan"
    )
    error: str | None = _column("why a proposal has no plan")
    legality: str | None = _column("of a proposal: `proved`, `refuted`, `undecided`; null if it has no plan")
    code: str | None = _column("reason code: why a nest is not delivered, why a plan is not proved")
    reason: str | None = _column("the same in words")
    compile: str | None = _column(
        "what this stage of verification said: `pass`, `fail`, `skipped`; null if it was not reached"
    )
    differential: str | None = _column("the same of this stage")
    races: str | None = _column("the same of this stage")
    addresses: str | None = _column("the same of this stage")
    uninitialised: str | None = _column("the same of this stage")
    conflicts: str | None = _column("the same of this stage")
    speedup: float | None = _column("as measured by `optimize`: median of the paired ratios")
    speedup_low: float | None = _column("lower end of its 95% interval; null if fewer than 6 pairs were timed")
    speedup_high: float | None = _column("upper end; null with it")
    threads: int | None = _column("of that measurement")
    baseline: str | None = _column("the build that was compared with")
    measurement_failed: str | None = _column("reason code, where it could not be timed")
    replies: int = _column("answers of the model")
    prompt_tokens: int = _column("each call's counted once, however many answers it had")
    completion_tokens: int = _column("of all answers")
    response_s: float = _column("seconds that the model took; each call's counted once")
    loops: int | None = _column("of a nest: how many")
    true_parallel: str | None = _column("of a nest: loops that exact analysis proves parallel, separated by spaces")
    true_reductions: str | None = _column("of a nest: `variable:operator`, separated by spaces")
    true_privates: str | None = _column("of a nest: variables, separated by spaces")
    elapsed_s: float | None = _column("of an evaluation: seconds in all")
    peak_bytes: int | None = _column(
        "of an evaluation: largest resident memory of the model's process; null if unknown"
    )


@dataclass(frozen=True, slots=True)
class TimingRow:
    """One row per method and field: a kernel at one set of sizes and one number of threads."""

    key: str = _column("of the field, as in the store")
    host: str = _column("where it was timed; ratios are formed within a host only")
    kernel: str = _column("name of the kernel")
    sizes: str = _column("values of its size parameters")
    threads: int = _column("of the field; a serial method runs on one all the same")
    method: str = _column("name of the method")
    kind: str = _column("`serial`, `compiler`, `tuner`, `library`, `expert`, `loopwright`: see bench-baselines.md")
    label: str = _column("compiler and flags, or library and version")
    baseline: str | None = _column("the best serial build of the field, over which the speed-up is")
    speedup: float | None = _column("median of the paired ratios, baseline time over this method's; null if not timed")
    speedup_low: float | None = _column("lower end of its 95% bootstrap interval; null with fewer than 6 samples")
    speedup_high: float | None = _column("upper end; null with it")
    counts: bool = _column("it was timed and nothing is held against it: it may enter a mean")
    median_s: float | None = _column("median of the samples, in seconds")
    least_s: float | None = _column("smallest sample, in seconds")
    samples: int = _column("how many, warm-ups not counted; they are in the table of samples")
    warmups: int = _column("how many")
    is_threaded: bool | None = _column("threads were seen; null if nobody looked")
    compile_s: float = _column("seconds to make the code, tuning included")
    peak_bytes: int | None = _column("largest resident memory of its process; null if unknown")
    objections: str | None = _column("what the method's own checks have against it, separated by `; `")
    failure: str | None = _column("reason code, where it could not be timed")
    reason: str | None = _column("the same in words; without a failure, why it takes no part")


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One row per raw sample, in the order in which they were taken."""

    key: str = _column("of the field, as in the store")
    host: str = _column("where it was timed")
    kernel: str = _column("name of the kernel")
    sizes: str = _column("values of its size parameters")
    threads: int = _column("of the field")
    method: str = _column("name of the method")
    is_warmup: bool = _column("taken before the rounds that count")
    round: int = _column("from 0; within a field, the samples of one round belong together")
    seconds: float = _column("wall time of one call")


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One row per kernel and sizes: what one call must do at least."""

    host: str = _column("where it was counted")
    kernel: str = _column("name of the kernel")
    sizes: str = _column("values of its size parameters")
    flops: int | None = _column("floating-point operations; null if they cannot be counted")
    compulsory_bytes: int | None = _column("each touched element once, read or written; null if unknown")
    source: str = _column("`isl`, or `kernel.toml`")


@dataclass(frozen=True, slots=True)
class HostRow:
    """One row per host and number of threads for which its peaks were measured; one row if they were not."""

    host: str = _column("its name in the other tables")
    cpu: str = _column("model name")
    cores: int = _column("processors that the campaign could use")
    l1d_bytes: int | None = _column("first-level data cache; null if unknown")
    l2_bytes: int | None = _column("second-level cache")
    l3_bytes: int | None = _column("third-level cache")
    memory_bytes: int = _column("physical memory")
    system: str = _column("kernel and distribution")
    compilers: str = _column("first line of `--version` of each, separated by `; `")
    missing: str | None = _column("what is not installed, separated by `; `")
    threads: int | None = _column("of the three peaks")
    bytes_per_s: float | None = _column("of a triad over arrays beyond the last cache")
    double_flop_per_s: float | None = _column("of independent multiply-adds in registers")
    single_flop_per_s: float | None = _column("the same in single precision")


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """One row per answer of a model. The prompts are in the store only."""

    call_key: str = _column("of the call, as in the store")
    model: str = _column("the model's name")
    reply: int = _column("position among the answers to the call, from 0")
    text: str = _column("the answer")
    prompt_tokens: int = _column("of the call; 0 if the server did not count")
    completion_tokens: int = _column("of the answer; 0 if the server did not count")
    log_probability: float | None = _column("sum over the answer's tokens; null if not given")
    elapsed_s: float = _column("seconds of the call")
    seed: int = _column("as asked")
    temperature: float = _column("as asked")
    prompt_characters: int = _column("length of all messages of the prompt")


TABLES: dict[str, type] = {
    "plans": PlanRow,
    "timings": TimingRow,
    "samples": SampleRow,
    "works": WorkRow,
    "hosts": HostRow,
    "replies": ReplyRow,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Of the column.
        kind: Type of its cells.
        is_nullable: A cell may be empty.
        meaning: What a cell says.
    """

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    is_nullable: bool
    meaning: str


def columns_of(table: str) -> tuple[Column, ...]:
    """Return the columns of ``table``, in order; raises KeyError if there is no such table."""
    kinds = typing.get_type_hints(TABLES[table])
    return tuple(_column_of(entry, kinds[entry.name]) for entry in dataclasses.fields(TABLES[table]))


def _column_of(entry: dataclasses.Field[Any], kind: Any) -> Column:
    options = typing.get_args(kind)
    [plain] = [option for option in options if option is not type(None)] or [kind]
    return Column(entry.name, plain, bool(options), str(entry.metadata["meaning"]))
