from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loopwright.config import Settings
from loopwright.core.proposal import Message, Reply
from loopwright.errors import ModelError, UserError
from loopwright.models.registry import open_model
from loopwright.models.replay import Replay, call_key
from loopwright.models.scripted import Scripted

ASK = (Message("system", "plan"), Message("user", "which loop?"))
SCHEMA = {"type": "object", "properties": {"loop": {"enum": ["i"]}}}


def test_what_was_recorded_is_replayed_without_the_model(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "replies.jsonl"
    source = Scripted(["one", "two", "three"], name="tiny")
    with Replay(path, source) as recording:
        first = recording.complete(ASK, SCHEMA, n=2, temperature=0.5, seed=1)
        again = recording.complete(ASK, SCHEMA, n=2, temperature=0.5, seed=1)
        other = recording.complete(ASK, None)
    assert first == again
    assert len(source.calls) == 2
    with open_model(f"replay:{path}", Settings(cache=tmp_path)) as replay:
        assert replay.name == "tiny"
        assert replay.complete(ASK, SCHEMA, n=2, temperature=0.5, seed=1) == first
        assert replay.complete(ASK, None) == other
        assert isinstance(first[0], Reply)


@pytest.mark.parametrize(
    "change", [{"n": 1}, {"temperature": 0.0}, {"seed": 2}, {"max_tokens": 9}, {"schema": None}, {"messages": ASK[1:]}]
)
def test_any_other_call_was_not_recorded(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "replies.jsonl"
    call: dict[str, Any] = {"n": 2, "temperature": 0.5, "seed": 1, "max_tokens": 20}
    Replay(path, Scripted(["one", "two"])).complete(ASK, SCHEMA, **call)
    changed: dict[str, Any] = {"messages": ASK, "schema": SCHEMA, **call, **change}
    with pytest.raises(ModelError, match="has no reply to this prompt"):
        Replay(path).complete(changed.pop("messages"), changed.pop("schema"), **changed)


def test_recording_goes_on_in_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    Replay(path, Scripted(["one"])).complete(ASK, None)
    Replay(path, Scripted(["two"])).complete(ASK, None, seed=5)
    replay = Replay(path)
    assert replay.complete(ASK, None)[0].text == "one"
    assert replay.complete(ASK, None, seed=5)[0].text == "two"
    assert len(path.read_text().splitlines()) == 3


def test_a_recording_belongs_to_one_model(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    Replay(path, Scripted(["one"], name="a")).complete(ASK, None)
    with pytest.raises(UserError, match="replies of a, not of b"):
        Replay(path, Scripted(["two"], name="b"))


def test_recording_by_name(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"replies": ["hello"]}))
    path = tmp_path / "replies.jsonl"
    settings = Settings(cache=tmp_path)
    with open_model(f"replay:{path}=scripted:{script}", settings) as model:
        assert model.complete(ASK, None)[0].text == "hello"
    with open_model(f"replay:{path}", settings) as model:
        assert model.complete(ASK, None)[0].text == "hello"


@pytest.mark.parametrize(
    "content",
    ["nonsense", "[]", '{"format": 2, "model": "x"}', '{"format": 1, "model": "x"}\n{"key": "k"}', "\xff\xfe"],
)
def test_a_damaged_recording_is_the_users_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError):
        Replay(path)


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        Replay(tmp_path / "no.jsonl")


def test_the_key_does_not_depend_on_the_order_of_the_schema() -> None:
    sizes: dict[str, Any] = {"n": 1, "temperature": 0.0, "seed": 0, "max_tokens": 8}
    assert call_key("m", ASK, {"a": 1, "b": 2}, **sizes) == call_key("m", ASK, {"b": 2, "a": 1}, **sizes)
