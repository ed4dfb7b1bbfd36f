"""``loopwright models``: which language models can propose, and whether they answer."""

from __future__ import annotations

from typing import Annotated

import typer

from loopwright.cli.failure import EXIT_NO, EXIT_YES
from loopwright.cli.options import DEFAULTS, Format, FormatOption, ModelUrlOption, SeedOption, make_settings
from loopwright.cli.output import print_document, print_text
from loopwright.cli.progress import progress
from loopwright.core.codes import Code
from loopwright.core.proposal import Message
from loopwright.errors import UserError
from loopwright.render.json_report import envelope, reply_document
from loopwright.render.lines import labelled, prose

app = typer.Typer(help="List, fetch and try the language models that can propose.", no_args_is_help=False)

LIST_EPILOG = """Examples:

loopwright models list

loopwright models list --model-url http://localhost:11434/v1 --format json"""
FETCH_EPILOG = """Examples:

loopwright models fetch

Exit status: 0 if the weights are there now; 2 if they cannot be had."""
TRY_EPILOG = """Examples:

loopwright models try

loopwright models try openai:qwen2.5:1.5b "May a loop with a[i] = a[i-1] run in parallel?"

Exit status: 0 if the model answered; 1 if its answer is empty; 2 if it could not be asked."""

QUESTION = 'May "for (i = 1; i < n; i++) a[i] = a[i-1];" run in parallel? Answer in one sentence.'
MAX_TOKENS = 64

NameArgument = Annotated[str, typer.Argument(metavar="[NAME]", help="As --model takes it.", show_default=False)]


@app.command(name="list", epilog=LIST_EPILOG)
def list_models(output_format: FormatOption = Format.TEXT, model_url: ModelUrlOption = None) -> int:
    """List the models that --model takes, and say which are ready."""
    from loopwright.models import registry

    statuses = registry.list_models(make_settings(model_url=model_url))
    if output_format is Format.JSON:
        models = [
            {"name": item.name, "description": item.description, "ready": item.is_ready, "detail": item.detail}
            for item in statuses
        ]
        print_document({**envelope("models list"), "models": models})
        return EXIT_YES
    for item in statuses:
        print_text(labelled("ready" if item.is_ready else "absent", f"{item.name}: {item.description}; {item.detail}"))
    return EXIT_YES


@app.command(name="fetch", epilog=FETCH_EPILOG)
def fetch(name: NameArgument = "embedded", output_format: FormatOption = Format.TEXT) -> int:
    """Fetch the embedded model's weights into the cache, once per user, and check their hash."""
    from loopwright.models import registry, weights

    if name != registry.EMBEDDED:
        raise UserError(Code.BAD_OPTION, f"{name} has no weights to fetch", f"only {registry.EMBEDDED} has")
    with progress() as say:
        path = weights.fetch(make_settings(), say)
    if output_format is Format.JSON:
        print_document({**envelope("models fetch"), "name": name, "path": str(path), "bytes": path.stat().st_size})
    else:
        print_text(prose(f"{name} is ready: {path}"))
    return EXIT_YES


@app.command(name="try", epilog=TRY_EPILOG)
def try_model(
    name: NameArgument = "",
    prompt: Annotated[str, typer.Argument(metavar="[PROMPT]", help="What to ask.", show_default=False)] = QUESTION,
    output_format: FormatOption = Format.TEXT,
    model_url: ModelUrlOption = None,
    seed: SeedOption = DEFAULTS.seed,
) -> int:
    """Ask a model one question and show its answer and its speed. The answer is used for nothing."""
    from loopwright.models import registry

    settings = make_settings(model=name or None, model_url=model_url, seed=seed)
    with progress() as say:
        say(f"opening {registry.model_name(settings)}")
        with registry.open_model(registry.model_name(settings), settings, say) as model:
            say(f"asking {model.name}")
            reply = model.complete((Message("user", prompt),), None, seed=seed, max_tokens=MAX_TOKENS)[0]
    if output_format is Format.JSON:
        print_document({**envelope("models try"), "reply": reply_document(reply)})
    else:
        speed = f", {reply.completion_tokens / reply.elapsed_s:.0f} tokens/s" if reply.elapsed_s > 0 else ""
        print_text(prose(reply.text.strip() or "(an empty answer)"))
        print_text(
            prose(f"{reply.model}: {reply.completion_tokens} tokens in {reply.elapsed_s:.1f} s{speed}", style="dim")
        )
    return EXIT_YES if reply.text.strip() else EXIT_NO
