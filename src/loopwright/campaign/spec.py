"""What a campaign consists of: which tasks there are, what each must be told, and the key under which its result lies.

A key is a hash of everything that decides the result except chance: the kernel's files, who proposes and how it is
asked, the limits, the seed, the host and the versions. Two campaigns that ask for the same thing ask under the same
key, which is why a store can be resumed, and shared.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from itertools import pairwise
from pathlib import Path

from loopwright.campaign.keys import content_key
from loopwright.core.campaign import method_name
from loopwright.core.codec import encode
from loopwright.core.codes import Code
from loopwright.core.measurement import Environment
from loopwright.errors import UserError
from loopwright.harness.spec import FILE_NAME, KernelSpec, Sizes, load_spec
from loopwright.models.base import NO_MODEL
from loopwright.propose.heuristic import Heuristic
from loopwright.version import __version__

MEASURE = "measure"
SCALING = "scaling"
SOURCE_NAME = "kernel.c"
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class KernelFile:
    """A kernel of a campaign.

    Attributes:
        name: Unique in the campaign: of the folder for ``NAME/kernel.c``, else of the file.
        path: The C file.
        function: What is measured; "" for the only function with a loop.
        flags: For the compiler.
    """

    name: str
    path: str
    function: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may spend, and what else decides its result.

    Attributes:
        budget_s: Of one ``optimize``, without the model's time.
        model_s: Of the model, per nest.
        tune_s: Of one tuner for one kernel.
        field_s: Of the rounds of one field.
        rounds: Of a field.
        seed: Of models, inputs and statistics.
    """

    budget_s: float = 10.0
    model_s: float = 12.0
    tune_s: float = 20.0
    field_s: float = 45.0
    rounds: int = 6
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PlanTask:
    """Let one model propose for one kernel with one strategy."""

    kernel: KernelFile
    model: str
    strategy: str

    @property
    def label(self) -> str:
        """Return its name for people; unique in a campaign."""
        return f"{self.kernel.name}: {method_name(self.model, self.strategy)}"

    @property
    def evaluations(self) -> int:
        """Return the number of results it gives."""
        return 1


@dataclass(frozen=True, slots=True)
class FieldTask:
    """Time all methods of one kernel side by side.

    Attributes:
        kernel: Whose.
        sizes: Values of its size parameters.
        threads: Of every method that uses threads.
        baselines: Names of those that take part.
        plans: Whose delivered files take part.
    """

    kernel: KernelFile
    sizes: Sizes
    threads: int
    baselines: tuple[str, ...]
    plans: tuple[PlanTask, ...]

    @property
    def label(self) -> str:
        """Return its name for people; unique in a campaign."""
        sizes = " ".join(f"{name}={value}" for name, value in self.sizes)
        return f"{self.kernel.name}: {sizes or 'its own sizes'}, {self.threads} thread{'s' * (self.threads > 1)}"

    @property
    def evaluations(self) -> int:
        """Return the number of results it gives: one per baseline."""
        return len(self.baselines)


Task = PlanTask | FieldTask


@dataclass(frozen=True, slots=True)
class CampaignSpec:
    """Everything that a campaign asks for.

    Attributes:
        kernels: Which.
        models, strategies: Every pair proposes for every kernel; ``none`` has no strategies.
        baselines: In the main fields.
        few_baselines: In the scaling fields: the serial ones, and those worth following.
        sizes: ``measure``, ``scaling``, or both.
        threads: Of the fields at the ``measure`` sizes; the scaling fields take the largest.
        limits: Of each task.
    """

    kernels: tuple[KernelFile, ...]
    models: tuple[str, ...]
    strategies: tuple[str, ...]
    baselines: tuple[str, ...]
    few_baselines: tuple[str, ...] = ()
    sizes: tuple[str, ...] = (MEASURE, SCALING)
    threads: tuple[int, ...] = (1,)
    limits: Limits = field(default_factory=Limits)

    def tasks(self) -> Iterator[Task]:
        """Yield every task, kernel by kernel; the fields of a kernel follow the plans that take part in them."""
        for kernel in self.kernels:
            plans = tuple(self._plans(kernel))
            yield from plans
            yield from self._fields(kernel, plans)

    def _plans(self, kernel: KernelFile) -> Iterator[PlanTask]:
        for model in self.models:
            for strategy in (Heuristic.name,) if model == NO_MODEL else self.strategies:
                yield PlanTask(kernel, model, strategy)

    def _fields(self, kernel: KernelFile, plans: tuple[PlanTask, ...]) -> Iterator[FieldTask]:
        said = _spec_of(kernel)
        if MEASURE in self.sizes:
            for threads in sorted(self.threads, reverse=True):
                yield FieldTask(kernel, said.measure, threads, self.baselines, plans)
        if SCALING in self.sizes:
            for sizes in said.scaling:
                yield FieldTask(kernel, sizes, max(self.threads), self.few_baselines, plans)


def find_kernels(names: tuple[str, ...], folder: Path, flags: tuple[str, ...] = ()) -> tuple[KernelFile, ...]:
    """Return the kernels called ``names``: folders below ``folder``, or C files (``FILE.c``, ``FILE.c:function``).

    All kernels of ``folder`` if there are no names.

    Raises:
        UserError: One is not there, two have one name, or there are none.
    """
    if not names:
        names = tuple(sorted(path.parent.name for path in folder.glob(f"*/{SOURCE_NAME}")))
    if not names:
        raise UserError(Code.CANNOT_READ, f"there is no kernel in {folder}", "name C files, or a folder with --suite")
    found = tuple(_find(name, folder, flags) for name in names)
    known = [kernel.name for kernel in found]
    for name in known:
        if known.count(name) > 1:
            raise UserError(Code.BAD_OPTION, f"two kernels are called {name}", "name each once")
    return found


def _find(name: str, folder: Path, flags: tuple[str, ...]) -> KernelFile:
    inside = folder / name / SOURCE_NAME
    if "/" not in name and inside.is_file():
        return KernelFile(name, str(inside.resolve()), load_spec(inside).function or "", flags)
    file, colon, function = name.rpartition(":")
    path = Path(file if colon else name)
    if path.is_dir():
        raise UserError(Code.CANNOT_READ, f"{name} is a folder", f"a folder of kernels: --suite {name}")
    if not path.is_file():
        known = ", ".join(sorted(entry.parent.name for entry in folder.glob(f"*/{SOURCE_NAME}")))
        hint = f"kernels of {folder}: {known or 'none'}"
        raise UserError(Code.CANNOT_READ, f"there is no kernel or file {name}", hint)
    function = function if colon else load_spec(path).function or ""
    stem = path.parent.name if path.name == SOURCE_NAME else path.stem
    return KernelFile(f"{stem}:{function}" if colon else stem, str(path.resolve()), function, flags)


def _spec_of(kernel: KernelFile) -> KernelSpec:
    said = load_spec(Path(kernel.path))
    return said.for_function(kernel.function) if kernel.function else said


def host_id(environment: Environment) -> str:
    """Return a short name for the machine: results of two names may not be compared.

    It hangs on the processor, the cores that may be used, the caches, the memory, the system and the compilers.
    """
    document = json.dumps(encode(environment), sort_keys=True)
    words = "".join(char if char.isalnum() else " " for char in environment.cpu.lower()).split()
    return "-".join((*words[:3], f"{environment.cores}c", hashlib.sha256(document.encode()).hexdigest()[:8]))


def task_key(task: Task, spec: CampaignSpec, host: str) -> str:
    """Return the key under which the result of ``task`` on ``host`` is stored."""
    kernel = task.kernel
    common = {
        "source": _digest(Path(kernel.path)),
        "headers": _headers((Path(kernel.path),), kernel.flags),
        "spec": _digest(Path(kernel.path).with_name(FILE_NAME)),
        "function": kernel.function,
        "flags": list(kernel.flags),
        "kernel": kernel.name,
        "seed": spec.limits.seed,
        "host": host,
        "version": __version__,
    }
    # Only files: clangd, for one, keeps a folder ``.cache`` beside what it indexes.
    beside = [path for path in sorted(Path(kernel.path).parent.glob("*.[cp]*")) if path.is_file()]
    match task:
        case PlanTask():
            return content_key(
                **common,
                kind="plan",
                model=task.model,
                strategy=task.strategy,
                prompts=_prompts(),
                budget_s=spec.limits.budget_s,
                model_s=spec.limits.model_s,
                threads=max(spec.threads),
            )
        case FieldTask():
            return content_key(
                **common,
                kind="field",
                sizes=[list(pair) for pair in task.sizes],
                threads=task.threads,
                baselines=list(task.baselines),
                beside=[_digest(path) for path in beside],
                beside_headers=_headers(beside, kernel.flags),
                plans=[task_key(plan, spec, host) for plan in task.plans],
                rounds=spec.limits.rounds,
                tune_s=spec.limits.tune_s,
            )


def _digest(path: Path) -> str:
    content = _content(path)
    return hashlib.sha256(content).hexdigest() if content or path.is_file() else ""


def _content(path: Path) -> bytes:
    """Return what is in ``path``; nothing if it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UserError(Code.CANNOT_READ, f"cannot read {path}: {error.strerror}") from None


def _headers(files: Iterable[Path], flags: tuple[str, ...]) -> list[list[str]]:
    """Return name and digest of every file that ``files`` include, directly or not, as far as it can be found.

    Found is what lies beside the file that includes it or in a folder of ``-I``; a header of the system's belongs to
    the compiler, which is part of the host. Conditions are not evaluated: a file too many makes no result stale.
    """
    folders = [Path(flag[2:]) for flag in flags if flag.startswith("-I") and flag != "-I"]
    folders += [Path(name) for flag, name in pairwise(flags) if flag in ("-I", "-iquote", "-isystem")]
    waiting, found = list(files), dict[Path, str]()
    while waiting:
        path = waiting.pop()
        for name in _INCLUDE.findall(_content(path)):
            named = (folder / os.fsdecode(name) for folder in (path.parent, *folders))
            header = next((place.resolve() for place in named if place.is_file()), None)
            if header is not None and header not in found:
                found[header] = _digest(header)
                waiting.append(header)
    return sorted([path.name, digest] for path, digest in found.items())


def _prompts() -> str:
    """Return a digest of the prompt templates: other words are another experiment."""
    digest = hashlib.sha256()
    folder = resources.files("loopwright.propose") / "templates"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()
