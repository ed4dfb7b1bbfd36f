"""Starts and stops the process that serves a GGUF model on loopback, as an OpenAI-compatible server.

``python -m loopwright.models.local_server --port 8081`` serves the embedded model until it is interrupted; any
``--model openai --model-url http://127.0.0.1:8081/v1`` can then ask it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any, Self

from loopwright.config import Settings, from_environment
from loopwright.core.codes import Code
from loopwright.errors import LoopwrightError, ModelError
from loopwright.models import worker
from loopwright.models.base import Closing, printable
from loopwright.models.weights import fetch

SLOTS = 4
CONTEXT_TOKENS = 8192
_MOST_THREADS = 4
_START_LIMIT_S = 60.0


class LocalServer(Closing):
    """A worker process that is running.

    Attributes:
        url: ``http://127.0.0.1:PORT/v1``.
        api_key: What requests must carry; ``""`` if it serves anybody on this machine.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes], url: str, api_key: str) -> None:
        self._process = process
        self._log = log
        self.url = url
        self.api_key = api_key

    @classmethod
    def start(
        cls,
        path: Path,
        *,
        alias: str,
        port: int = 0,
        guarded: bool = True,
        threads: int | None = None,
        limit_s: float = _START_LIMIT_S,
    ) -> Self:
        """Load the model file and wait until it is served.

        Args:
            path: The GGUF file.
            alias: What the server calls the model.
            port: 0 for any free one.
            guarded: Serve only requests with a key that is made up here.
            threads: For the model; None for the cores of this process, at most 4.
            limit_s: Time for loading.

        Raises:
            ModelError: It could not be loaded, or not in time.
        """
        api_key = secrets.token_hex(16) if guarded else ""
        options = {
            "path": str(path),
            "alias": alias,
            "port": port,
            "api_key": api_key,
            "threads": threads or min(len(os.sched_getaffinity(0)), _MOST_THREADS),
            "slots": SLOTS,
            "context_tokens": CONTEXT_TOKENS,
        }
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        process = subprocess.Popen(
            [sys.executable, "-P", worker.__file__],  # by path: it needs nothing of this package
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        server = cls(process, log, "", api_key)
        try:
            answer = server._first_answer(options, time.monotonic() + limit_s)
        except BaseException:
            server.close()
            raise
        if "url" not in answer:
            server.close()
            raise ModelError(
                Code.MODEL_UNAVAILABLE, f"cannot load {path.name}: {printable(str(answer.get('error', '')))}"
            )
        server.url = f"{answer['url']}/v1"
        return server

    @property
    def is_running(self) -> bool:
        """Return True if the process is alive."""
        return self._process.poll() is None

    def close(self) -> None:
        """Kill the process and all it started."""
        if self.is_running:  # else its number may belong to another process by now
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None and not stream.closed:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _first_answer(self, options: dict[str, Any], deadline: float) -> dict[str, Any]:
        """Hand over ``options`` and return the worker's one line."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps(options).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._died() from None
        line = b""
        while not line.endswith(b"\n"):
            remaining_s = deadline - time.monotonic()
            if remaining_s <= 0 or not select.select([stdout], [], [], remaining_s)[0]:
                raise ModelError(Code.MODEL_UNAVAILABLE, "the model took too long to load", retryable=True)
            chunk = os.read(stdout.fileno(), 1 << 12)
            if not chunk:
                raise self._died()
            line += chunk
        return json.loads(line)

    def _died(self) -> ModelError:
        self._process.wait()
        self._log.seek(0)
        lines = self._log.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        detail = f": {printable(lines[-1])}" if lines else ""
        return ModelError(
            Code.MODEL_UNAVAILABLE, f"the model's process ended with {self._process.returncode}{detail}", retryable=True
        )


def serve(settings: Settings, *, path: Path | None = None, port: int = 0) -> LocalServer:
    """Return a server on loopback that anybody on this machine may ask: of ``path``, or of the embedded model.

    Raises:
        ModelError: The model cannot be had or loaded.
    """
    chosen = path or fetch(settings)
    return LocalServer.start(chosen, alias=chosen.stem, port=port, guarded=False)


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m loopwright.models.local_server", description=serve.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--gguf", type=Path, default=None, help="a model file; default: the embedded model")
    options = parser.parse_args()
    try:
        with serve(from_environment(), path=options.gguf, port=options.port) as server:
            print(server.url, flush=True)
            while server.is_running:
                time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    except LoopwrightError as error:
        print(error.one_line(), file=sys.stderr)
        return 2
    return 2


if __name__ == "__main__":
    sys.exit(_main())
