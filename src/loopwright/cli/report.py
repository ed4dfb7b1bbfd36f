"""``loopwright report``: the tables and figures of a campaign, as HTML, Markdown and JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loopwright.cli.bench_options import DEFAULT_STORE, HostOption, StoreArgument
from loopwright.cli.failure import EXIT_YES
from loopwright.cli.files import require_writable, write_whole
from loopwright.cli.options import Format, FormatOption
from loopwright.cli.output import print_document, print_text, to_json
from loopwright.cli.progress import progress
from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.render.lines import prose

EPILOG = """Examples:

loopwright report results.db

loopwright report results.db -o docs/results --name two-cores

loopwright report results.db --format json > results.json

Exit status: 0 if the report was written; 2 if the store cannot be read."""

OutputOption = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the report.")]
NameOption = Annotated[str, typer.Option("--name", metavar="NAME", help="Of the files: NAME.html, NAME.md, NAME.json.")]


def report(
    store: StoreArgument = DEFAULT_STORE,
    output: OutputOption = Path("bench-report"),
    name: NameOption = "bench",
    host: HostOption = None,
    output_format: FormatOption = Format.TEXT,
) -> int:
    """Write what a campaign found: one HTML file that needs no network, the same as Markdown, and as JSON."""
    if Path(name).name != name:
        raise UserError(Code.BAD_OPTION, f"--name: {name!r} is not the name of a file", "the folder is -o DIR")
    require_writable(output)
    with progress() as say:
        say(f"reading {store}")
        from loopwright.campaign.store import Store
        from loopwright.campaign.summary import summarise
        from loopwright.render.bench_json import summary_document
        from loopwright.render.html_report import render_html
        from loopwright.render.markdown_report import render_markdown

        with Store.open(store, create=False) as opened, opened.snapshot():
            summary = summarise(opened, host=host)
        document = summary_document(summary)
        files = {
            f"{name}.html": lambda: render_html(summary),
            f"{name}.md": lambda: render_markdown(summary),
            f"{name}.json": lambda: f"{to_json(document)}\n",
        }
        written: list[str] = []
        for file, make in files.items():
            say(f"writing {output / file}")
            write_whole(output / file, make().encode("utf-8", "backslashreplace"))
            written.append(str(output / file))
    if output_format is Format.JSON:
        print_document({**document, "files": written})
    else:
        print_text(prose(f"wrote {', '.join(written)}"))
    return EXIT_YES
