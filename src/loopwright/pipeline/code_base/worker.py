"""The process that analyses a batch of files; ``crew`` starts it.

It reads one JSON object from standard input and writes, into the folder that it is started in, ``N.started`` before and
``N.json`` after file number N. It then works in the caller's folder, from which flags such as ``-Iinclude`` count. A
file that takes longer than it may ends the whole process, by a signal whose effect no code in it can put off; which
file that was is then seen from outside.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import traceback
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import Any, cast

from loopwright.config import Limits, Settings
from loopwright.core.survey import Document
from loopwright.errors import UserError
from loopwright.pipeline.analysis import analyze_file
from loopwright.render.json_report import analysis_document

STOP = "stop"
# Wall time over processor time: a file may have to wait for its processor, but not for ever.
_PATIENCE = 10.0


def answer(path: Path, flags: tuple[str, ...], include: str | None, settings: Settings) -> Document:
    """Return the document of one file with its headers, or why there is none."""
    try:
        report = analyze_file(path, flags, include, settings, goes_on=True)
        return {"document": analysis_document(report), "headers": list(report.headers)}
    except UserError as error:
        return {"refused": {"code": error.code.value, "message": " ".join(str(error).split())}}
    # The place where a batch goes on after a bug of ours: the file is counted as crashed.
    except Exception as error:
        traceback.print_exc()
        return {"crashed": {"message": f"{type(error).__name__}: {error}"}}


def work(order: dict[str, Any]) -> None:
    """Analyse the files of a batch in their order, until the file ``stop`` appears."""
    place = Path.cwd()
    os.chdir(os.fsdecode(order["folder"]))
    limits = replace(Limits(), nest_s=order["nest_s"], file_s=order["file_s"])
    settings = Settings(fp_strict=order["fp_strict"], limits=limits)
    # A tree has millions of small values, of which few go before its file is done: to look for them takes a tenth
    # of the time.
    gc.freeze()
    gc.disable()
    for task in order["tasks"]:
        if (place / STOP).exists():
            return
        number = task["number"]
        (place / f"{number}.started").touch()
        signal.setitimer(signal.ITIMER_PROF, limits.file_s)
        signal.setitimer(signal.ITIMER_REAL, limits.file_s * _PATIENCE)
        found = answer(Path(os.fsdecode(task["path"])), tuple(task["flags"]), order["include"], settings)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        gc.collect()
        part = place / f"{number}.part"
        part.write_text(json.dumps(found), encoding="ascii")
        part.replace(place / f"{number}.json")


def main() -> int:
    """Work on the batch that standard input names."""
    # Names of files and identifiers may be bytes that are no text.
    cast("TextIOWrapper", sys.stderr).reconfigure(errors="backslashreplace")
    # Without a handler the signals end the process, at whatever point and in whatever library.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    work(json.loads(sys.stdin.read()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
