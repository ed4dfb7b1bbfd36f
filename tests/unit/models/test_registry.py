from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.errors import ModelError, UserError
from loopwright.models import registry
from loopwright.models.base import is_no_model
from loopwright.models.embedded import Embedded
from loopwright.models.registry import ModelStatus, list_models, model_name, open_model


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (Settings(), "embedded"),
        (Settings(model="none"), "none"),
        (Settings(model_url="http://127.0.0.1:1"), "openai"),
        (Settings(model="gemma3:1b", model_url="http://127.0.0.1:1"), "gemma3:1b"),
    ],
)
def test_which_model_the_settings_ask_for(settings: Settings, name: str) -> None:
    assert model_name(settings) == name


def test_back_ends_open_by_name() -> None:
    assert is_no_model(open_model("none", Settings()))
    assert open_model("gemma3:1b", Settings()).name == "openai:gemma3:1b"
    assert open_model("openai:qwen:7b", Settings()).name == "openai:qwen:7b"
    with_server = Settings(model_url="http://127.0.0.1:9/v1")
    assert open_model("qwen2.5:1.5b", with_server).name == "openai:qwen2.5:1.5b"
    assert open_model("my-own-model", with_server).name == "openai:my-own-model"


@pytest.mark.parametrize("name", ["magic", "", "magic:1b", "Embedded"])
def test_an_unknown_name_lists_what_there_is(name: str) -> None:
    with pytest.raises(UserError) as caught:
        open_model(name, Settings())
    assert caught.value.code is Code.BAD_OPTION
    for known in ("embedded", "none", "openai:MODEL", "gguf:FILE", "scripted:FILE", "replay:FILE", "llama3.2:1b"):
        assert known in caught.value.hint


@pytest.mark.parametrize("name", ["embedded", "none", "gguf:/x"])
def test_a_model_without_a_server_takes_no_address(name: str) -> None:
    with pytest.raises(UserError, match="--model-url has no use"):
        open_model(name, Settings(model_url="http://127.0.0.1:9"))


@pytest.mark.parametrize("url", ["ftp://host", "not an address", "http://", "http://[::1", "file:///etc/passwd"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(UserError, match="not an http address"):
        open_model("openai:m", Settings(model_url=url))


def test_a_key_that_no_header_can_carry() -> None:
    with pytest.raises(UserError, match="LOOPWRIGHT_API_KEY") as caught:
        open_model("openai:m", Settings(api_key="se\ncret"))
    assert "cret" not in caught.value.one_line()


def test_the_embedded_model_takes_no_argument(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="takes no name") as caught:
        open_model("embedded:/some/file", Settings(cache=tmp_path))
    assert "gguf:/path" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot read"), (b"PK\x03\x04", "not a GGUF file"), (b"", "not a GGUF")]
)
def test_a_model_file_that_is_none(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "m.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        open_model(f"gguf:{path}", Settings())


def test_a_model_file_opens_without_a_process(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"GGUF" + bytes(20))
    model = open_model(f"gguf:{path}", Settings())
    assert isinstance(model, Embedded)
    assert model.name == "gguf:mine"
    model.close()


def test_a_plug_in_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("broken", "no_such_module_anywhere:create", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    with pytest.raises(UserError, match="back end broken does not load"):
        open_model("broken", Settings())


def test_the_list_says_what_is_missing(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path, model_url="http://127.0.0.1:9/v1")
    by_name = {status.name: status for status in list_models(settings)}
    assert by_name["none"] == ModelStatus("none", "no model: the built-in heuristic proposes", True, "always there")
    assert not by_name["embedded"].is_ready
    assert "models fetch" in by_name["embedded"].detail
    assert not by_name["gemma3:1b"].is_ready
    assert "cannot connect" in by_name["gemma3:1b"].detail
    assert {"gguf:...", "scripted:...", "replay:..."} <= set(by_name)


def test_a_server_that_was_asked_for_any_model_and_is_down() -> None:
    with pytest.raises(ModelError, match="cannot connect"):
        open_model("openai", Settings(model_url="http://127.0.0.1:9/v1"))
