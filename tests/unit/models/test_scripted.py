from __future__ import annotations

import json
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.proposal import Message
from loopwright.errors import ModelError, UserError
from loopwright.models.none import NoModel
from loopwright.models.registry import open_model
from loopwright.models.scripted import Scripted

ASK = (Message("user", "which loop?"),)


def test_replies_come_in_order_and_calls_are_kept() -> None:
    model = Scripted(["one", "two", "three"])
    assert [reply.text for reply in model.complete(ASK, None, n=2, temperature=0.5, seed=3)] == ["one", "two"]
    [last] = model.complete(ASK, {"type": "object"})
    assert (last.text, last.model, last.messages) == ("three", "scripted", ASK)
    assert [(call.n, call.temperature, call.seed, call.schema) for call in model.calls] == [
        (2, 0.5, 3, None),
        (1, 0.0, 0, {"type": "object"}),
    ]
    with pytest.raises(ModelError, match="no more replies"):
        model.complete(ASK, None)


def test_a_script_can_go_round_and_can_fail() -> None:
    model = Scripted(["a", ModelError(Code.MODEL_UNREACHABLE, "down")], cycle=True)
    assert model.complete(ASK, None)[0].text == "a"
    with pytest.raises(ModelError, match="down"):
        model.complete(ASK, None)
    assert model.complete(ASK, None)[0].text == "a"


def test_a_script_from_a_file(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"replies": ["x", {"text": "y"}, {"json": {"steps": []}}, {"error": "busy"}]}))
    with open_model(f"scripted:{script}", Settings(cache=tmp_path)) as model:
        assert [model.complete(ASK, None)[0].text for _ in range(3)] == ["x", "y", '{"steps": []}']
        with pytest.raises(ModelError, match="busy"):
            model.complete(ASK, None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nonsense", "is not JSON"),
        ("[1]", "no list 'replies'"),
        ('{"replies": 3}', "no list 'replies'"),
        ('{"replies": [3]}', "neither text"),
        ('{"replies": [{"text": "a", "json": 1}]}', "neither text"),
        (None, "cannot read"),
    ],
)
def test_a_bad_script_is_the_users_error(tmp_path: Path, content: str | None, message: str) -> None:
    script = tmp_path / "script.json"
    if content is not None:
        script.write_text(content)
    with pytest.raises(UserError, match=message):
        open_model(f"scripted:{script}", Settings(cache=tmp_path))


def test_no_model_never_answers() -> None:
    model = NoModel()
    with model, pytest.raises(ModelError) as caught:
        model.complete(ASK, None)
    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert not caught.value.retryable
