from __future__ import annotations

import os
from pathlib import Path

import pytest

from loopwright.toolchain import host


@pytest.mark.parametrize(
    ("text", "expected"),
    [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("1000 100000", 1), ("", 8), ("garbage", 8)],
)
def test_a_containers_quota_cuts_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    (tmp_path / "cpu.max").write_text(text)
    assert host.cores(tmp_path) == expected


def test_affinity_cuts_the_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {5})
    assert host.cores(tmp_path / "missing") == 1


def test_caches_are_those_of_a_core_that_may_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3})
    for index, (level, kind, size) in enumerate(
        [(1, "Data", "48K"), (1, "Instruction", "32K"), (2, "Unified", "2M"), (3, "Unified", "33554432")]
    ):
        folder = tmp_path / "cpu3" / "cache" / f"index{index}"
        folder.mkdir(parents=True)
        for name, value in (("level", level), ("type", kind), ("size", size)):
            (folder / name).write_text(f"{value}\n")
    assert host._caches(tmp_path) == {1: 48 << 10, 2: 2 << 20, 3: 32 << 20}


@pytest.mark.parametrize("size", ["", "huge", "K", "-1K"])
def test_a_cache_that_makes_no_sense_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    folder = tmp_path / "cpu0" / "cache" / "index0"
    folder.mkdir(parents=True)
    for name, value in (("level", "1"), ("type", "Data"), ("size", size)):
        (folder / name).write_text(value)
    assert host._caches(tmp_path) == {1: 0}


def test_a_machine_without_sysfs_has_no_caches(tmp_path: Path) -> None:
    assert host._caches(tmp_path / "missing") == {}


def test_the_processors_name_is_found_or_guessed(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Zen 5: the \xe9lan\n", encoding="latin-1")
    assert host._cpu(cpuinfo).startswith("Zen 5: the")
    assert host._cpu(tmp_path / "missing")


def test_a_containers_memory_is_its_limit(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1048576\n")
    assert host._memory_bytes(tmp_path) == 1 << 20
    (tmp_path / "memory.max").write_text("max\n")
    assert host._memory_bytes(tmp_path) > 1 << 20
