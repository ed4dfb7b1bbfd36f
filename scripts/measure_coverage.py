"""Line coverage of legality, codegen and verify: measures it, and writes docs/coverage.md.

The tests that concern these packages run under coverage.py, and every line that none of them reaches must have its
reason in scripts/uncovered.toml. Fails if a package is below 95%, a line has no reason, or a reason no line. With
``--again`` the figures of the last run are read instead.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "loopwright"
PAGE = ROOT / "docs" / "coverage.md"
REASONS = Path(__file__).parent / "uncovered.toml"
DATA = ROOT / "out" / "coverage"
PACKAGES = ("legality", "codegen", "verify")
LEAST = 95.0
TESTS = (
    "tests/unit/legality",
    "tests/unit/codegen",
    "tests/unit/verify",
    "tests/unit/pipeline/test_audit.py",
    "tests/legality",
    "tests/openmp",
    "tests/fuzz/test_found.py",
    "tests/integration/test_accepted_nests.py",
    "tests/integration/test_audit.py",
    "tests/integration/test_elsewhere.py",
    "tests/integration/test_unusual_inputs.py",
    "tests/integration/test_verify.py",
    "tests/integration/test_verify_stages.py",
)
"""tests/property, tests/adversarial and the end-to-end tests are left out: under coverage they take most of an hour."""

Line = tuple[str, str]
"""A file below src/loopwright and the text of one of its lines, without white space around it."""


def run_tests() -> int:
    """Run the tests under coverage.py on all cores; return pytest's exit status."""
    DATA.mkdir(parents=True, exist_ok=True)
    for old in DATA.glob("data*"):
        old.unlink()
    jobs = str(len(os.sched_getaffinity(0)))
    done = subprocess.run(
        [sys.executable, "-m", "coverage", "run", "-m", "pytest", "-q", "-n", jobs, *TESTS], cwd=ROOT, check=False
    )
    for step in (("combine", "-q"), ("json", "-q", "-o", str(DATA / "report.json"))):
        subprocess.run([sys.executable, "-m", "coverage", *step], cwd=ROOT, check=True)
    return done.returncode


def read_missing(report: Path) -> tuple[dict[str, tuple[int, int]], dict[Line, list[int]]]:
    """Return statements and missed ones per package, and the numbers of each line that is missed."""
    totals: dict[str, tuple[int, int]] = {}
    missing: dict[Line, list[int]] = {}
    for path, figures in json.loads(report.read_text())["files"].items():
        name = (ROOT / path).resolve().relative_to(SOURCE).as_posix()
        package = name.partition("/")[0]
        statements, missed = totals.get(package, (0, 0))
        summary = figures["summary"]
        totals[package] = (statements + summary["num_statements"], missed + summary["missing_lines"])
        lines = (SOURCE / name).read_text(encoding="utf-8").splitlines()
        for number in figures["missing_lines"]:
            missing.setdefault((name, lines[number - 1].strip()), []).append(number)
    return totals, missing


def read_reasons(path: Path = REASONS) -> dict[Line, str]:
    """Return the reason of each line that may be missed."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["uncovered"]
    return {(table["file"], line): table["reason"] for table in tables for line in table["lines"]}


def page(totals: dict[str, tuple[int, int]], missing: dict[Line, list[int]], reasons: dict[Line, str]) -> str:
    """Return docs/coverage.md."""
    lines = [
        "# Line coverage",
        "",
        "<!-- Written by scripts/measure_coverage.py (`make coverage`). -->",
        "",
        "Of the packages that decide what is right: the rules, the code that is generated, the checks. Lines that no",
        "measured test reaches are named with the reason, which stands in `scripts/uncovered.toml`; the slow tests",
        "(`tests/property`, `tests/adversarial`, the end-to-end ones) are not measured.",
        "",
        "| package | statements | missed | covered |",
        "| --- | --- | --- | --- |",
    ]
    for package in PACKAGES:
        statements, missed = totals[package]
        lines.append(f"| {package} | {statements} | {missed} | {share(totals[package]):.1f}% |")
    lines += ["", "| line | text | why no measured test reaches it |", "| --- | --- | --- |"]
    for (file, text), numbers in sorted(missing.items()):
        where = ", ".join(f"{file}:{number}" for number in numbers)
        shown = text.replace("|", "\\|")
        lines.append(f"| {where} | `{shown}` | {reasons.get((file, text), '**none given**')} |")
    return "\n".join(lines) + "\n"


def share(total: tuple[int, int]) -> float:
    """Return the percentage of statements that are covered."""
    statements, missed = total
    return 100.0 * (statements - missed) / statements


def problems(totals: dict[str, tuple[int, int]], missing: dict[Line, list[int]], reasons: dict[Line, str]) -> list[str]:
    """Return what is wrong, one line each."""
    found = [
        f"{package} is covered to {share(totals[package]):.1f}% only"
        for package in PACKAGES
        if share(totals[package]) < LEAST
    ]
    found += [f"{file}:{missing[file, text]}: no reason given: {text}" for file, text in missing.keys() - reasons]
    found += [f"{file}: a reason for a line that is covered or gone: {text}" for file, text in reasons.keys() - missing]
    return sorted(found)


def main(arguments: Sequence[str]) -> int:
    """Measure, write the page, say what is wrong."""
    status = 0 if "--again" in arguments else run_tests()
    totals, missing = read_missing(DATA / "report.json")
    reasons = read_reasons()
    PAGE.write_text(page(totals, missing, reasons), encoding="utf-8")
    found = problems(totals, missing, reasons)
    print("\n".join(found))
    print(" ".join(f"{package}={share(totals[package]):.1f}%" for package in PACKAGES), f"problems={len(found)}")
    return 1 if found or status else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
