"""``loopwright doctor``: what works on this machine, what is missing, and the command that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType

from loopwright.cli.failure import EXIT_NO, EXIT_YES
from loopwright.cli.options import Format, FormatOption, make_settings
from loopwright.cli.output import print_document, print_text
from loopwright.core.counted import counted
from loopwright.render.json_report import envelope, host_document
from loopwright.render.lines import labelled, prose

if TYPE_CHECKING:
    from loopwright.toolchain.doctor import Check

EPILOG = """Examples:

loopwright doctor

loopwright doctor --format json

Exit status: 0 if loopwright can work here, even if with weaker checks; 1 if it cannot."""


def doctor(output_format: FormatOption = Format.TEXT) -> int:
    """Say what works on this machine, what is missing, and how to get it.

    Nothing is installed or fetched. Compilers and sanitizers are tried on small programs with and without a bug.
    """
    # Loaded here: other commands do not need it, and start sooner without.
    from loopwright.toolchain.doctor import Severity, check_environment
    from loopwright.toolchain.host import describe_host

    settings = make_settings()
    as_text = output_format is Format.TEXT
    checks = check_environment(settings, (lambda check: print_text(_row(check))) if as_text else None)
    missing = [check for check in checks if not check.ok]
    works = not any(check.severity is Severity.ERROR for check in missing)
    if as_text:
        answer = "loopwright works here" if works else "loopwright cannot work here yet"
        print_text(prose(f"{answer}; {counted(len(missing), 'remark')} above" if missing else answer))
    else:
        document = {
            **envelope("doctor"),
            "works": works,
            "checks": [
                {
                    "name": check.name,
                    "ok": check.ok,
                    "severity": None if check.ok else check.severity.value,
                    "detail": check.detail,
                    "remedy": check.remedy,
                }
                for check in checks
            ],
            "host": host_document(describe_host(settings)),
        }
        print_document(document)
    return EXIT_YES if works else EXIT_NO


def _row(check: Check) -> RenderableType:
    remedy = f" -> {check.remedy}" if check.remedy else ""
    return labelled("ok" if check.ok else check.severity.value, f"{check.name}: {check.detail}{remedy}")
