"""From a kernel's Python function to an entrant: build, one call on the field's inputs, and what the process says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loopwright.baselines.base import Kernel
from loopwright.baselines.foreign.definitions import library_path
from loopwright.baselines.foreign.guest import Request
from loopwright.baselines.foreign.interpreter import find_interpreter, python_folders
from loopwright.baselines.foreign.processor import openblas_cores, processor_flags
from loopwright.baselines.foreign.report import Report, read_report
from loopwright.baselines.foreign.shim import bridge_folder, build_guest
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind
from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed
from loopwright.errors import UserError
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import RunFailed, TimedRun
from loopwright.toolchain.compiler import Build, BuildFailed
from loopwright.toolchain.sandbox import Sandbox

# Libraries reserve far more address space than they use: arenas per thread, code generators, mapped files.
GUEST_BYTES = 8 << 30
# The first call may plan and keep what it found; later processes find it.
_FIRST_FACTOR = 3.0

Check = Callable[[Report, int], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Guest:
    """A Python function that is to take part.

    Attributes:
        method: Name of the method.
        kind: What makes its code.
        label: Library and version.
        claims_threads: The name says that it is parallel.
        check: Objections from what its process said and the threads that it was given.
        program: Folder of a tuner's program, and the module that loads it.
        compile_s: That were spent before.
    """

    method: str
    kind: MethodKind
    label: Callable[[Report], str]
    claims_threads: bool
    check: Check = lambda report, threads: ()
    program: tuple[Path, str] | None = None
    compile_s: float = 0.0


def prepare_guest(
    kernel: Kernel, case: Case, threads: int, settings: Settings, guest: Guest, *, calls: int = 1
) -> tuple[Entrant, TimedRun] | MeasurementFailed:
    """Return the entrant, and the times of its first run: ``calls`` on the field's inputs after one that warms up.

    ``unsuitable`` has said that the kernel can be handed over. What Python raises in the first run is the failure.

    Raises:
        UserError: The cache folder cannot be written.
    """
    interpreter = find_interpreter()
    if isinstance(interpreter, str):
        return MeasurementFailed(Code.CHECK_UNAVAILABLE, f"not installed: {interpreter}")
    folder = make_folder(settings.cache / "libraries" / guest.method / kernel.name)
    request = _request(kernel, guest, threads, folder)
    built = build_guest(kernel, interpreter, request, settings)
    if isinstance(built, BuildFailed):
        return MeasurementFailed(Code.BUILD_FAILED, _first_error(built.output))
    environment = guest_environment(threads)
    report_path = Path(request.report)
    sandbox = _sandbox(request, settings)
    report_path.unlink(missing_ok=True)
    ran = kernel.harness.time(
        built,
        case,
        threads=threads,
        calls=calls,
        seed=settings.seed,
        limit_s=_FIRST_FACTOR * settings.limits.run_s,
        environment=dict(environment),
        memory_bytes=GUEST_BYTES,
        sandbox=sandbox,
    )
    if isinstance(ran, RunFailed):
        return MeasurementFailed(ran.code, _why(ran))
    report = read_report(report_path)
    objections = ("its process did not say what it loaded",) if report is None else guest.check(report, threads)
    return _entrant(guest, built, threads, environment, sandbox, report or Report(), objections), ran


def _sandbox(request: Request, settings: Settings) -> Sandbox:
    # Plans and reports outlive the process; so does what a tuner has made, which is only read.
    program = (Path(request.program),) if request.program else ()
    readable = (*python_folders(), bridge_folder(settings), Path(request.library).parent, *program)
    return Sandbox(readable=readable, writable=(Path(request.folder),))


def make_folder(folder: Path) -> Path:
    """Make a folder in the cache, which a library's plans and a tuner's programs have to outlive their process in.

    Raises:
        UserError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make the folder {folder}: {error.strerror}"
        raise UserError(Code.CANNOT_WRITE, message, "name a folder that can be written with LOOPWRIGHT_CACHE") from None
    return folder


def _entrant(
    guest: Guest,
    built: Build,
    threads: int,
    environment: tuple[tuple[str, str], ...],
    sandbox: Sandbox,
    report: Report,
    objections: tuple[str, ...],
) -> Entrant:
    return Entrant(
        guest.method,
        guest.kind,
        guest.label(report),
        built,
        threads,
        environment,
        GUEST_BYTES,
        guest.compile_s + built.elapsed_s,
        claims_threads=guest.claims_threads,
        objections=objections,
        sandbox=sandbox,
    )


def _request(kernel: Kernel, guest: Guest, threads: int, folder: Path) -> Request:
    program, loader = guest.program or ("", "")
    report = folder / f"report-{threads}.json"
    return Request(str(library_path(kernel)), guest.method, threads, str(folder), str(report), str(program), loader)


def guest_environment(threads: int) -> tuple[tuple[str, str], ...]:
    """Return the variables that give a library its threads and OpenBLAS its kernels; OMP_NUM_THREADS is always set."""
    names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "HL_NUM_THREADS", "TVM_NUM_THREADS")
    cores = openblas_cores(processor_flags())
    return (*((name, str(threads)) for name in names), *((("OPENBLAS_CORETYPE", cores[0]),) if cores else ()))


def _why(ran: RunFailed) -> str:
    """Return how the process ended, with the last line of a traceback if there is one."""
    lines = [line for line in ran.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return f"{ran.reason}: {lines[-1].strip()[:300]}" if lines else ran.reason


def _first_error(output: str) -> str:
    lines = [line for line in output.splitlines() if "error" in line] or output.splitlines() or ["no output"]
    return f"does not build: {lines[0].strip()[:300]}"
