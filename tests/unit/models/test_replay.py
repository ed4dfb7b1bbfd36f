from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from loopwright.campaign.store import Store
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


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """An empty store."""
    path = tmp_path / "results.db"
    Store.open(path).close()
    return path


def test_a_store_records_and_replays(tmp_path: Path, store: Path) -> None:
    source = Scripted(["one", "two", "three"], name="tiny", delay_s=0.001)
    with Replay(store, source) as recording:
        assert recording.name == "tiny"
        first = recording.complete(ASK, SCHEMA, n=2, temperature=0.5, seed=1)
        assert recording.complete(ASK, SCHEMA, n=2, temperature=0.5, seed=1) == first
        other = recording.complete(ASK, None)
    assert len(source.calls) == 2
    with open_model(f"replay:{store}", Settings(cache=tmp_path)) as replay:
        assert replay.name == "tiny"
        assert replay.complete(ASK, SCHEMA, n=2, temperature=0.5, seed=1) == first
        assert replay.complete(ASK, None) == other
        with pytest.raises(ModelError, match="has no reply to this prompt"):
            replay.complete(ASK, SCHEMA, n=2, temperature=0.5, seed=2)


def test_what_a_campaign_stored_is_replayed_bit_by_bit(tmp_path: Path, store: Path) -> None:
    reply = Reply("\0 \udc80", 123, 45, -0.1 - 0.2, 0.1 + 0.2, "tiny", ASK, 7, 0.8)
    call: dict[str, Any] = {"n": 1, "temperature": 0.8, "seed": 7, "max_tokens": 256}
    with Store.open(store) as opened:
        opened.put_replies(call_key("tiny", ASK, SCHEMA, **call), "tiny", (reply,))
    with open_model(f"replay:{store}", Settings(cache=tmp_path)) as replay:
        assert replay.complete(ASK, SCHEMA, **call) == (reply,)


def test_a_store_and_its_replay_may_be_open_at_once(store: Path) -> None:
    with Store.open(store) as opened, Replay(store, Scripted(["one"], name="tiny")) as recording:
        opened.put_spec("{}")
        replies = recording.complete(ASK, None)
        assert list(opened.all_replies()) == [
            (call_key("tiny", ASK, None, n=1, temperature=0.0, seed=0, max_tokens=256), "tiny", replies)
        ]


def test_a_store_of_several_models_is_asked_by_name(tmp_path: Path, store: Path) -> None:
    settings = Settings(cache=tmp_path)
    for name in ("gguf:a", "openai:b=c#d"):
        with Replay(store, Scripted([f"of {name}"], name=name)) as recording:
            recording.complete(ASK, None)
    for name in ("gguf:a", "openai:b=c#d"):
        with open_model(f"replay:{store}#{name}", settings) as replay:
            assert replay.name == name
            assert replay.complete(ASK, None)[0].text == f"of {name}"
    with pytest.raises(UserError, match="replies of 2 models: gguf:a, openai:b=c#d") as caught:
        open_model(f"replay:{store}", settings)
    assert f"replay:{store}#gguf:a" in caught.value.hint
    with pytest.raises(UserError, match="no replies of tiny, but of gguf:a, openai"):
        open_model(f"replay:{store}#tiny", settings)


def test_a_store_without_replies(tmp_path: Path, store: Path) -> None:
    with pytest.raises(UserError, match="holds no replies") as caught:
        open_model(f"replay:{store}", Settings(cache=tmp_path))
    assert f"--model replay:{store}=MODEL" in caught.value.hint


def test_a_store_of_version_1_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    shutil.copyfile(Path(__file__).parents[1] / "storage" / "version-1.db", path)
    with open_model(f"replay:{path}#embedded", Settings(cache=tmp_path)) as replay:
        assert replay.name == "embedded"


def test_a_database_that_is_no_store_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE replies (key, model, value)")
    before = path.read_bytes()
    for source in (None, Scripted(["one"])):
        with pytest.raises(UserError, match="is not a store of loopwright"):
            Replay(path, source)
    assert path.read_bytes() == before


def test_the_model_of_a_recording_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    Replay(path, Scripted(["one"], name="tiny")).complete(ASK, None)
    settings = Settings(cache=tmp_path)
    assert open_model(f"replay:{path}#tiny", settings).complete(ASK, None)[0].text == "one"
    with pytest.raises(UserError, match="replies of tiny, not of other"):
        open_model(f"replay:{path}#other", settings)


@pytest.mark.parametrize("name", ["a=b.jsonl", "a#b.jsonl"])
def test_a_file_whose_name_has_a_sign_in_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Replay(path, Scripted(["one"], name="tiny")).complete(ASK, None)
    assert open_model(f"replay:{path}", Settings(cache=tmp_path)).complete(ASK, None)[0].text == "one"
