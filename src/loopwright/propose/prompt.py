"""Values -> prompts: renders the templates of this package."""

from __future__ import annotations

import json
from functools import cache

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from loopwright.core.codec import encode
from loopwright.core.plan import Step
from loopwright.core.proposal import Message

_LEFT_OUT = {"schedule": "auto", "chunk": None, "collapse": 1, "num_threads": None}


@cache
def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        loader=PackageLoader("loopwright.propose", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # prompts are not HTML
    )


def render(template: str, **values: str | int | float | bool | tuple[str, ...]) -> str:
    """Return ``templates/<template>.j2`` filled in; a value that the template wants and does not get is an error."""
    return _environment().get_template(f"{template}.j2").render(values).strip()


def system(*, plans: bool = True) -> Message:
    """Return the message that opens every conversation; ``plans=False`` leaves out how a plan is written."""
    return Message("system", render("system", plans=plans))


def user(template: str, **values: str | int | float | bool | tuple[str, ...]) -> Message:
    """Return ``template`` as the user's turn."""
    return Message("user", render(template, **values))


def assistant(text: str) -> Message:
    """Return what the model said as its turn, cut to a length that leaves room in its context."""
    return Message("assistant", text[:2000])


def write_plan(steps: tuple[Step, ...]) -> str:
    """Return a plan as a model should write it: compact, and without what has its default value."""
    documents = [
        {key: value for key, value in encode(step).items() if key not in _LEFT_OUT or value != _LEFT_OUT[key]}
        for step in steps
    ]
    return json.dumps({"steps": documents}, separators=(",", ":"))
