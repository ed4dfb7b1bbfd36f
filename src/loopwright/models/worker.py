"""The process that holds a GGUF model and serves it on a loopback port; ``local_server`` starts it.

It reads one JSON line of options from standard input, answers with one JSON line on standard output
(``{"url": ...}`` or ``{"error": ...}``), and ends when its standard input is closed, so it cannot outlive its parent.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from typing import Any, NoReturn


def serve(options: dict[str, Any]) -> object:
    """Load ``options["path"]`` and return the running server, whose address is ``listening_address``.

    Raises:
        RuntimeError: The file is no model, or the port is taken.
    """
    # Read when the runtime loads: threads that wait must sleep, or they disturb a measurement, and all of them crawl
    # (2 tokens/s instead of 40) as soon as one has to share its core.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    runtime: Any = importlib.import_module("xllamacpp")  # no type information
    parameters: Any = runtime.CommonParams()
    parameters.model.path = options["path"]
    parameters.model_alias = {options["alias"]}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = options["port"]
    parameters.api_keys = [options["api_key"]] if options["api_key"] else []
    parameters.n_ctx = options["context_tokens"]
    parameters.n_parallel = options["slots"]
    parameters.kv_unified = True
    parameters.n_gpu_layers = 0
    parameters.cpuparams.n_threads = options["threads"]
    parameters.cpuparams.poll = 0
    parameters.cpuparams_batch.n_threads = options["threads"]
    parameters.cpuparams_batch.poll = 0
    parameters.n_threads_http = 4
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.cache_ram_mib = 256
    parameters.warmup = False
    parameters.offline = True
    parameters.verbosity = 0
    return runtime.Server(parameters)


def main() -> NoReturn:
    """Serve until standard input ends."""
    options: dict[str, Any] = json.loads(sys.stdin.readline())
    try:
        server: Any = serve(options)
        answer = {"url": str(server.listening_address)}
    except (RuntimeError, OSError, ValueError, ImportError) as error:
        answer = {"error": str(error) or type(error).__name__}
    with contextlib.suppress(OSError):  # whoever asked may be gone
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        while "url" in answer and sys.stdin.read(1 << 10):
            pass
    # The server's threads may be in the middle of an answer that nobody waits for, and would be waited for.
    os._exit(int("error" in answer))


if __name__ == "__main__":
    main()
