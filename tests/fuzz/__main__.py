"""``python -m fuzz --minutes 10``: checks the prover on random programs with both cores; see ``examine``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from fuzz.affine import is_affine
from fuzz.examine import Tally, examine
from fuzz.generate import random_program
from fuzz.hunt import Hunt, as_line, seeds_of
from fuzz.print_c import print_c

REPORT_EVERY_S = 1.0


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit code: 1 if an answer was wrong."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--pairs", type=int, default=0, help="stop after so many pairs; 0 for no such limit")
    parser.add_argument("--seed", type=int, default=0, help="of the first program")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--findings", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--gcc", default="gcc", help="compiler of the compiled share; an empty name for none")
    parser.add_argument("--log", type=Path, default=None, help="write the summary, as Markdown, into this file")
    parser.add_argument("--replay", type=int, default=None, help="show one program and what is wrong with its answers")
    parser.add_argument("--worker", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.replay is not None:
        return _replay(options.replay)
    if options.worker is not None:
        return _work(options)
    return _lead(options)


def _replay(seed: int) -> int:
    program = random_program(seed)
    print(print_c(program).text)
    tally = Tally()
    examine(seed, tally)
    for finding in tally.findings:
        print(f"{finding.kind}: {finding.plan.steps}\n  {finding.answer}\n  {finding.why}\n  {finding.inputs}")
    print(f"affine: {is_affine(program)}; {dict(tally.verdicts)}; {dict(tally.undecided)}")
    return int(bool(tally.findings))


def _work(options: argparse.Namespace) -> int:
    """Be a worker: counts go to stdout, one JSON object a line."""
    end = time.monotonic() + 60 * options.minutes
    last = 0.0

    def report(counts: dict[str, Any]) -> None:
        nonlocal last
        if time.monotonic() - last > REPORT_EVERY_S:
            last = time.monotonic()
            print(as_line(counts), flush=True)

    hunt = Hunt(options.findings, options.gcc)
    seeds = seeds_of(options.seed, options.worker, options.jobs)
    limit = -(-options.pairs // options.jobs) if options.pairs else 0
    hunt.run(seeds, lambda: time.monotonic() > end or bool(limit and hunt.tally.pairs >= limit), report)
    print(as_line(hunt.counts()), flush=True)
    return 0


def _lead(options: argparse.Namespace) -> int:
    """Start the workers, show progress, print the last line however the end comes."""
    start = time.monotonic()
    counts: list[dict[str, Any]] = [{} for _ in range(options.jobs)]
    workers = [_start(options, place) for place in range(options.jobs)]
    readers = [
        threading.Thread(target=_read, args=(worker, counts, place), daemon=True)
        for place, worker in enumerate(workers)
    ]
    for reader in readers:
        reader.start()
    is_whole = True
    try:
        while any(reader.is_alive() for reader in readers):
            _progress(_sum(counts), time.monotonic() - start, 60 * options.minutes)
            for reader in readers:
                reader.join(2.0)
    except KeyboardInterrupt:
        is_whole = False
    finally:
        for worker in workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        for reader, worker in zip(readers, workers, strict=True):
            reader.join()
            if worker.stdout is not None:
                worker.stdout.close()
    total = _sum(counts)
    failed = [worker.returncode for worker in workers if worker.returncode] if is_whole else []
    elapsed_s = time.monotonic() - start
    summary = _summary(total, elapsed_s)
    print(f"\n{summary}", file=sys.stderr)
    if options.log is not None:
        options.log.write_text(_page(options, total, summary), encoding="utf-8")
    if failed:
        print(f"a worker ended with {failed[0]}", file=sys.stderr)
    print(_last_line(total))
    return int(any(total.get(kind, 0) for kind in ("wrong_proved", "false_witness", "crashes")) or bool(failed))


def _last_line(total: dict[str, Any]) -> str:
    undecided = sum(total.get("undecided", {}).values())
    return (
        f"pairs={total.get('pairs', 0)} wrong_proved={total.get('wrong_proved', 0)} "
        f"false_witness={total.get('false_witness', 0)} undecided_affine={undecided}"
    )


def _page(options: argparse.Namespace, total: dict[str, Any], summary: str) -> str:
    more = f' FUZZ="--pairs {options.pairs}"' if options.pairs else ""
    command = f"make fuzz MINUTES={options.minutes:g} SEED={options.seed}{more}"
    head = f"# Random nests and plans: what the last long run found\n\n`{command}` ended with\n\n"
    crashes = total.get("crashes", 0)
    tail = f"and {crashes} crashes. What is compared: [fuzzing](../fuzzing.md).\n\n{summary}\n"
    return f"{head}    {_last_line(total)}\n\n{tail}"


def _start(options: argparse.Namespace, place: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fuzz", "--worker", str(place)]
    for name in ("minutes", "pairs", "seed", "jobs", "findings", "gcc"):
        command += [f"--{name}", str(getattr(options, name))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    # In a session of its own, so that an interrupt reaches the leader alone.
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=environment)


def _read(worker: subprocess.Popen[str], counts: list[dict[str, Any]], place: int) -> None:
    for line in worker.stdout or ():
        counts[place] = json.loads(line)


def _sum(counts: list[dict[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for each in counts:
        for name, value in each.items():
            if isinstance(value, dict):
                total[name] = dict(Counter(total.get(name, {})) + Counter(value))
            else:
                total[name] = total.get(name, type(value)()) + value
    return total


def _progress(total: dict[str, Any], elapsed_s: float, planned_s: float) -> None:
    pairs = total.get("pairs", 0)
    text = (
        f"fuzz: {pairs} pairs ({pairs / max(elapsed_s, 1):.0f}/s), {total.get('programs', 0)} programs, "
        f"{total.get('compiled', 0)} compiled runs, wrong proved {total.get('wrong_proved', 0)}, "
        f"false witnesses {total.get('false_witness', 0)}, {max(0, planned_s - elapsed_s):.0f} s left"
    )
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif int(elapsed_s) % 30 < 2:
        print(text, file=sys.stderr, flush=True)


def _summary(total: dict[str, Any], elapsed_s: float) -> str:
    pairs, affine = total.get("pairs", 0), total.get("affine", 0)
    verdicts, undecided = total.get("verdicts", {}), total.get("undecided", {})
    share = 100 * sum(undecided.values()) / affine if affine else 0.0
    lines = [
        f"{pairs} pairs of a nest and a plan in {elapsed_s:.0f} s ({pairs / max(elapsed_s, 1):.0f} a second); "
        f"{total.get('programs', 0)} programs, {total.get('unusable', 0)} programs or nests left out because no input "
        "was found that enters them.",
        "",
        "| verdict | pairs |",
        "| --- | --- |",
        *(f"| {name.lower()} | {count} |" for name, count in sorted(verdicts.items())),
        "",
        f"{total.get('executions', 0)} transformed runs were interpreted, {total.get('compiled', 0)} candidates were "
        f"compiled and run, {total.get('open_witnesses', 0)} witnesses had no meaning in C or took too long.",
        "",
        f"Affine pairs: {affine}, undecided {sum(undecided.values())} ({share:.2f}%):",
        "",
        "| undecided because | pairs |",
        "| --- | --- |",
        *(f"| {reason} | {count} |" for reason, count in sorted(undecided.items(), key=lambda item: -item[1])[:30]),
    ]
    if total.get("not_generated"):
        lines += ["", "| proved, but no text was written because | candidates |", "| --- | --- |"]
        lines += [f"| {why} | {count} |" for why, count in sorted(total["not_generated"].items(), key=lambda i: -i[1])]
    lines += [f"error: {error}" for error in total.get("errors", [])]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
