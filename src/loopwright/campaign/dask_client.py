"""Opens Dask: a client of a running scheduler, or of a cluster of our own on this machine.

Dask's own noise, its log and its dashboard, is kept away; so is Ctrl-C from its processes, which we end ourselves.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import signal
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import Any

from loopwright.core.codes import Code
from loopwright.errors import ToolchainError, UserError

CLOCK = "clock"
"""The Dask resource that a field needs: ``dask worker ADDRESS --nthreads 1 --resources clock=1``."""

CONNECT_S = 15.0
_CLOSE_S = 2.5
_LOOPBACK = "127.0.0.1"
_LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application")

# Of a cluster of our own. Nothing samples, nothing listens without need, and workers have the environment that we have.
_QUIET_CONFIG: dict[str, object] = {
    "distributed.nanny.pre-spawn-environ": {},
    "distributed.worker.profile.enabled": False,
    "distributed.worker.http.routes": [],
    "distributed.scheduler.http.routes": [],
    "distributed.scheduler.active-memory-manager.start": False,
    # On a busy machine a worker takes its time to start again, and is not to be given up meanwhile.
    "distributed.deploy.lost-worker-timeout": "10 minutes",
}


@contextmanager
def joined(address: str) -> Generator[Any]:
    """Yield a client of the scheduler at ``address``.

    Raises:
        UserError: Dask is not installed, or nobody answers there.
    """
    distributed = _require("distributed")
    with _silence():
        try:
            client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            hint = "start one with: dask scheduler"
            raise UserError(Code.CLUSTER_UNAVAILABLE, f"no scheduler answers at {address}: {error}", hint) from None
        try:
            yield client
        finally:
            _let_go(client)


@contextmanager
def started(workers: int, most_deaths: int) -> Generator[Any]:
    """Yield a client of a cluster of our own, whose processes end with the context, or with this process.

    They listen on loopback, behind certificates that are made up here: who may talk to a scheduler may run code as its
    user, and everybody on this machine reaches its port. They start in a folder for temporary files that is removed at
    the end, with what a worker that was killed left behind.

    Args:
        workers: Processes, with one thread each; the first one has the ``CLOCK``.
        most_deaths: Workers that a task may outlive.

    Raises:
        UserError: Dask is not installed.
        ToolchainError: The processes do not start.
    """
    distributed, dask = _require("distributed"), _require("dask")
    config = {**_QUIET_CONFIG, "distributed.scheduler.allowed-failures": most_deaths}
    with (
        _silence(),
        tempfile.TemporaryDirectory(prefix="loopwright-", ignore_cleanup_errors=True) as folder,
        dask.config.set({**config, "temporary-directory": folder}),
    ):
        cluster = _start(distributed, workers, folder)
        try:
            client = distributed.Client(cluster, set_as_default=False)
            try:
                yield client
            finally:
                _let_go(client)
        finally:
            _end(cluster)


def _require(package: str) -> Any:
    """Return a package of Dask; it has no type information that would help."""
    try:
        return importlib.import_module(package)
    except ImportError:
        raise UserError(Code.EXTRA_MISSING, "a cluster needs Dask", "pip install 'loopwright[cluster]'") from None


def _start(distributed: Any, workers: int, folder: str) -> Any:
    try:
        security = distributed.Security.temporary()
    except ImportError:
        hint = "pip install 'loopwright[cluster]'"
        raise UserError(Code.EXTRA_MISSING, "a cluster of our own needs cryptography", hint) from None
    shared = {"host": _LOOPBACK, "protocol": "tls://", "security": security, "dashboard": False}
    nanny = {
        **shared,
        "nthreads": 1,
        "memory_limit": 0,
        "local_directory": folder,
        "env": {"TMPDIR": folder},
        "silence_logs": logging.CRITICAL,
    }
    try:
        with _deaf_children():
            return distributed.SpecCluster(
                scheduler={
                    "cls": distributed.Scheduler,
                    "options": {**shared, "port": 0, "dashboard_address": f"{_LOOPBACK}:0"},
                },
                workers={
                    number: {"cls": distributed.Nanny, "options": {**nanny, "resources": {} if number else {CLOCK: 1}}}
                    for number in range(workers)
                },
                security=security,
                silence_logs=logging.CRITICAL,
            )
    except (OSError, RuntimeError, TimeoutError) as error:
        raise ToolchainError(Code.CLUSTER_UNAVAILABLE, f"the workers do not start: {error}") from None


def _end(cluster: Any) -> None:
    async def end_workers() -> None:
        await asyncio.gather(
            *(nanny.close(timeout=_CLOSE_S) for nanny in cluster.workers.values()), return_exceptions=True
        )

    with suppress(OSError, RuntimeError, TimeoutError):
        # Dask's own close gives a worker that is busy twice this time.
        cluster.sync(end_workers)
    with suppress(OSError, RuntimeError, TimeoutError):
        cluster.close(timeout=_CLOSE_S)


def _let_go(client: Any) -> None:
    with suppress(OSError, RuntimeError, TimeoutError):
        client.close(timeout=_CLOSE_S)


@contextmanager
def _deaf_children() -> Generator[None]:
    """Keep Ctrl-C from the processes that are started inside, and by threads that are started inside.

    A terminal sends it to all; workers are ended by us, and would only complain.
    """
    resource_tracker.ensure_running()  # else it starts inside, and then lets the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _silence() -> Generator[None]:
    """Keep Dask's log off the user's screen; what matters comes as values and exceptions."""
    handlers = [handler for name in _LOGGERS for handler in logging.getLogger(name).handlers]
    levels = [handler.level for handler in handlers]
    for handler in handlers:
        handler.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for handler, level in zip(handlers, levels, strict=True):
            handler.setLevel(level)
