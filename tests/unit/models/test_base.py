from __future__ import annotations

import pytest

from loopwright.models.base import printable
from loopwright.models.openai_compatible import OpenAICompatible, parse_url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand  gaps", "two lines and gaps"),
        ("\x1b[31mred\x1b[0m\x00", "[31mred [0m"),
        ("x" * 300, "x" * 197 + "..."),
        ("\u202e right to left", "right to left"),
    ],
)
def test_foreign_text_is_one_line_without_control_characters(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("url", "base", "shown"),
    [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
        ("http://host/v1/", "http://host/v1", "http://host/v1"),
        ("https://host/api/v3?x=1#y", "https://host/api/v3", "https://host/api/v3"),
        ("http://user:pass@host", "http://user:pass@host/v1", "http://host/v1"),
    ],
)
def test_addresses(url: str, base: str, shown: str) -> None:
    exchange = parse_url(url, "key")
    assert str(exchange.base) == base
    assert exchange.shown == f"the model server at {shown}"


def test_a_back_end_closes_as_a_context_manager_and_twice() -> None:
    with OpenAICompatible(parse_url("http://127.0.0.1:9"), "m") as model:
        assert model.name == "openai:m"
    model.close()
