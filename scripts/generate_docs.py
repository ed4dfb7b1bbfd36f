"""Writes the generated pages: reason codes, the command line, the columns of exported tables, the list of decisions.

Run with ``--check``, it writes nothing and fails if a page is not what it would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from loopwright.campaign.columns import TABLES, columns_of
from loopwright.cli.main import app
from loopwright.core.code_pages import PAGES
from loopwright.core.codes import Code

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "<!-- Written by scripts/generate_docs.py; change its source, then run `make docs`. -->\n"

FAMILIES = {
    "LW1": "LW1xx: a dependence forbids it",
    "LW2": "LW2xx: a construct is not analysed",
    "LW3": "LW3xx: an assumption is needed",
    "LW4": "LW4xx: verification failed",
    "LW5": "LW5xx: not profitable",
    "LW9": "LW9xx: input or environment",
}


def codes_page() -> str:
    """Return docs/codes.md."""
    lines = [
        "# Reason codes",
        "",
        NOTE,
        "Every answer that is not a plain yes carries one of these codes. A number never changes its meaning.",
    ]
    family = ""
    for code in Code:
        if code.value[:3] != family:
            family = code.value[:3]
            lines += ["", f"## {FAMILIES[family]}"]
        page = PAGES[code]
        title = code.name.lower().replace("_", " ")
        lines += ["", f"### {code.value}", "", f"**{title}.** {page.meaning}", ""]
        lines += ["```c" if not page.example.startswith(("loopwright", "PATH=")) else "```sh"]
        lines += [page.example, "```", "", f"What to do: {page.remedy}."]
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    """Return docs/cli.md."""
    lines = ["# Command line", "", NOTE]
    lines += [
        "Exit status of every command: 0 yes, 1 it worked and the answer is no, 2 it could not work, 130 interrupted."
    ]
    root = typer.main.get_command(app)
    _describe(root, "loopwright", lines)
    return "\n".join(lines) + "\n"


KINDS = {str: "text", int: "integer", float: "number", bool: "bool"}

EXPORT = """\
`loopwright bench export STORE --to parquet` (or `csv`) writes one flat table per kind of result, all from one state of
the store, for whatever reads tables. Parquet needs pyarrow: `pip install 'loopwright[bench]'`. What is nested or long,
prompts and delivered files above all, stays in the store.

In CSV (RFC 4180, UTF-8, with a header) an empty cell is a null, a bool is `true` or `false`, and a number is written in
the shortest form that reads back the same. Replies and reasons are foreign text: let no spreadsheet take them for
formulas.

Rows are in the order of the store. Where a store holds two results of one host, kernel, sizes, threads and method (a
campaign was run again with other limits), reports quote the later one. Ratios are formed within one field (`key`) only.

A speed-up is the median of the paired ratios of a field's rounds, so each can be computed again from the raw samples:

```python
import sys
from statistics import median
import pyarrow.parquet as parquet

timings = parquet.read_table(f"{sys.argv[1]}/timings.parquet").to_pylist()
samples = {}
for row in parquet.read_table(f"{sys.argv[1]}/samples.parquet").to_pylist():
    if not row["is_warmup"]:
        samples.setdefault((row["key"], row["method"]), []).append(row["seconds"])
for row in (row for row in timings if row["speedup"] is not None):
    pairs = zip(samples[row["key"], row["baseline"]], samples[row["key"], row["method"]])
    print(row["kernel"], row["method"], row["speedup"], median(base / mine for base, mine in pairs))
```
"""


def export_page() -> str:
    """Return docs/bench-export.md."""
    lines = ["# Exported tables", "", NOTE, EXPORT.rstrip()]
    for table, rows in TABLES.items():
        lines += ["", f"## {table}", "", str(rows.__doc__).replace("\n    ", "\n").strip(), ""]
        lines += ["| column | type | meaning |", "| --- | --- | --- |"]
        for column in columns_of(table):
            null = ", or null" if column.is_nullable else ""
            lines.append(f"| `{column.name}` | {KINDS[column.kind]}{null} | {column.meaning} |")
    return "\n".join(lines) + "\n"


def decisions_page() -> str:
    """Return docs/decisions/README.md."""
    lines = ["# Decisions", "", NOTE]
    lines += [
        "One page per decision that a newcomer would question: what was decided, why, and what follows. When one",
        "falls, a new page says so and names the old one.",
        "",
    ]
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        lines.append(f"- [{path.name[:4]}]({path.name}): {title}")
    return "\n".join(lines) + "\n"


def _describe(command: object, path: str, lines: list[str]) -> None:
    subcommands: dict[str, object] = getattr(command, "commands", {})
    lines += ["", f"## {path}", "", str(getattr(command, "help", "") or "").strip()]
    options = [_row(parameter) for parameter in getattr(command, "params", [])]
    if options:
        lines += ["", "| option | meaning | default |", "| --- | --- | --- |", *options]
    epilog = str(getattr(command, "epilog", "") or "")
    if epilog:
        paragraphs = epilog.split("\n\n")
        examples = [text for text in paragraphs if text.startswith("loopwright ")]
        if examples:
            lines += ["", "```sh", *examples, "```"]
        lines += [f"\n{text}" for text in paragraphs if text not in examples and text != "Examples:"]
    for name, subcommand in subcommands.items():
        _describe(subcommand, f"{path} {name}", lines)


def _row(parameter: object) -> str:
    names = ", ".join(f"`{name}`" for name in getattr(parameter, "opts", []) if name.startswith("-"))
    metavar = str(getattr(parameter, "metavar", "") or "").replace("|", "\\|")
    shown = f"{names} {metavar}".strip() if names else f"`{metavar}`"
    default = getattr(parameter, "default", None)
    visible = getattr(parameter, "show_default", True) and default is not None and default is not False
    meaning = getattr(parameter, "help", "") or ""
    return f"| {shown} | {meaning} | {getattr(default, 'value', default) if visible else ''} |"


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` compare them; return the exit code."""
    status = 0
    pages = {
        "codes.md": codes_page(),
        "cli.md": cli_page(),
        "bench-export.md": export_page(),
        "decisions/README.md": decisions_page(),
    }
    for name, text in pages.items():
        path = DOCS / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments == ["--check"]:
            print(f"{path} is out of date: run `make docs`", file=sys.stderr)
            status = 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
