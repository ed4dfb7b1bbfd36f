"""Many files: which, what is kept of them, what they come to."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.survey import FileAnswer, FileOutcome, add_up
from loopwright.errors import UserError
from loopwright.pipeline.analysis import analyze_file
from loopwright.pipeline.code_base.files import FileTask, find_tasks
from loopwright.pipeline.code_base.kept import KeptAnswers
from loopwright.render.json_report import Document, analysis_document

SCALE = "void scale(int n, double *restrict a) { for (int i = 0; i < n; i++) a[i] = 2 * a[i]; }\n"
RECUR = "void recur(int n, double *a) { for (int i = 1; i < n; i++) a[i] = a[i - 1]; }\n"


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names_of(tasks: tuple[FileTask, ...], folder: Path) -> list[str]:
    return [str(task.path.relative_to(folder)) for task in tasks]


def test_folders_are_searched_and_each_file_counts_once(tmp_path: Path) -> None:
    write(tmp_path, a_c=SCALE, sub__b_cpp="", sub__deep__c_cc="", sub__d_h="", _hidden__e_c="", note_txt="")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.c").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    heard: list[str] = []
    tasks = find_tasks([tmp_path / "sub" / "b.cpp", tmp_path], ("-DX",), None, heard.append)
    assert names_of(tasks, tmp_path) == ["sub/b.cpp", "a.c", "sub/deep/c.cc"]
    assert all(task.flags == ("-DX",) for task in tasks)


def test_a_folder_without_sources_is_told_and_a_missing_path_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, a_c=SCALE, sub__d_h="")
    heard: list[str] = []
    find_tasks([tmp_path / "a.c", tmp_path / "sub"], (), None, heard.append)
    assert any("holds no C or C++ file" in line for line in heard)
    with pytest.raises(UserError, match="cannot read"):
        find_tasks([tmp_path / "nothing.c"], (), None, heard.append)
    with pytest.raises(UserError, match="no C or C"):
        find_tasks([tmp_path / "sub"], (), None, heard.append)


def test_a_database_gives_files_and_flags(tmp_path: Path) -> None:
    write(tmp_path, a_c=SCALE, b_c=SCALE, c_c=SCALE)
    entries = [
        {"directory": str(tmp_path), "file": "a.c", "command": "cc -Iinc -DA -c a.c -o a.o"},
        {"directory": str(tmp_path), "file": "b.c", "arguments": ["cc", "-DB", "-c", "b.c"]},
    ]
    (tmp_path / "compile_commands.json").write_text(json.dumps(entries))
    heard: list[str] = []
    tasks = find_tasks([], ("-DX",), tmp_path, heard.append)
    assert [(task.path.name, task.flags) for task in tasks] == [
        ("a.c", (f"-I{tmp_path}/inc", "-DA", "-DX")),
        ("b.c", ("-DB", "-DX")),
    ]
    found = {task.path.name: task.flags for task in find_tasks([tmp_path], (), None, heard.append)}
    assert found["c.c"] == ()
    assert found["b.c"] == ("-DB",)
    assert not heard
    find_tasks([tmp_path], (), tmp_path, heard.append)
    assert "c.c" in heard[0]


def test_nothing_is_proved_of_a_file_that_was_not_understood_whole(tmp_path: Path) -> None:
    write(tmp_path, a_c=SCALE + RECUR, b_c='#include "nowhere.h"\n' + SCALE + RECUR)
    whole = analyze_file(tmp_path / "a.c", (), None, Settings(), goes_on=True)
    part = analyze_file(tmp_path / "b.c", (), None, Settings(), goes_on=True)
    assert [loop.is_parallel for nest in whole.nests for loop in nest.loops] == [True, False]
    words = [
        (type(loop.legality).__name__, getattr(loop.legality, "code", None))
        for nest in part.nests
        for loop in nest.loops
    ]
    assert words == [("Undecided", Code.HEADER_MISSING), ("Undecided", Code.FLOW_DEPENDENCE)]


class Kept:
    """A folder of answers, opened anew for each question as another run would."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "cache"
        write(tmp_path, src__a_c='#include "n.h"\n' + SCALE, inc__n_h="#define N 3\n")
        (tmp_path / "earlier").mkdir()
        flags = (f"-I{tmp_path}/earlier", f"-I{tmp_path}/inc")
        self.task = FileTask(tmp_path / "src" / "a.c", flags)
        self.header = tmp_path / "inc" / "n.h"

    def store(self, choice: str = "") -> KeptAnswers:
        return KeptAnswers(self.folder, (choice,))

    def keep(self) -> Document:
        report = analyze_file(self.task.path, self.task.flags, None, Settings(), goes_on=True)
        document = analysis_document(report)
        self.store().keep(self.task, document, report.headers)
        return document


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_an_answer_is_kept(kept: Kept) -> None:
    document = kept.keep()
    found = kept.store().find(kept.task)
    assert found is not None
    assert (found.document, found.is_cached, found.outcome) == (document, True, FileOutcome.ANALYSED)


def test_a_changed_file_header_flag_or_choice_is_analysed_anew(kept: Kept, tmp_path: Path) -> None:
    kept.keep()
    assert kept.store("strict").find(kept.task) is None
    assert kept.store().find(FileTask(kept.task.path, (*kept.task.flags, "-DX"))) is None
    text = kept.task.path.read_text()
    kept.task.path.write_text(text + "\n")
    assert kept.store().find(kept.task) is None
    kept.task.path.write_text(text)
    assert kept.store().find(kept.task) is not None
    kept.header.write_text("#define N 4\n")
    assert kept.store().find(kept.task) is None
    kept.header.write_text("#define N 3\n")
    (tmp_path / "earlier" / "n.h").write_text("#define N 5\n")
    assert kept.store().find(kept.task) is None
    (tmp_path / "earlier" / "n.h").unlink()
    assert kept.store().find(kept.task) is not None


@pytest.mark.parametrize(
    "damage",
    [b"", b"\0" * 40, b"[]", b'{"headers": {}, "absent": [], "document": 3}', b'{"headers": {"a": 3}}', None],
    ids=["empty", "zeros", "list", "no document", "no text", "cut"],
)
def test_a_damaged_entry_is_none_and_is_written_anew(kept: Kept, damage: bytes | None) -> None:
    kept.keep()
    (entry,) = kept.folder.rglob("*.json")
    entry.write_bytes(entry.read_bytes()[:-7] if damage is None else damage)
    assert kept.store().find(kept.task) is None
    document = kept.keep()
    found = kept.store().find(kept.task)
    assert found is not None
    assert found.document == document


def test_a_folder_that_cannot_be_made_keeps_nothing(kept: Kept) -> None:
    kept.folder.write_text("a file is in the way")
    kept.keep()
    assert kept.store().find(kept.task) is None


def test_two_writers_leave_one_whole_entry(kept: Kept) -> None:
    document = kept.keep()
    store, failures = kept.store(), list[object]()

    def turn() -> None:
        for _ in range(40):
            store.keep(kept.task, document, (str(kept.header),))
            found = store.find(kept.task)
            if found is None or found.document != document:
                failures.append(found)

    threads = [threading.Thread(target=turn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len([path for path in kept.folder.rglob("*") if path.is_file()]) == 1


def test_totals_count_every_reason() -> None:
    loop = {"parallel": "proved", "code": None, "inlined": False}
    refused = {"parallel": "refuted", "code": "LW101", "inlined": False}
    of_helper = {"parallel": "undecided", "code": "LW109", "inlined": True}
    document = {
        "functions": 3,
        "nests": [{"loops": [loop, refused]}, {"loops": [refused, of_helper]}],
        "unsupported": [{"code": "LW204"}],
        "doubt": None,
    }
    answers = [
        FileAnswer("a.c", FileOutcome.ANALYSED, document),
        FileAnswer("b.c", FileOutcome.CRASHED, {}, None, "it fell"),
    ]
    totals = add_up(answers)
    assert (totals.files, totals.functions, totals.nests, totals.loops) == (2, 3, 2, 3)
    assert (totals.proved, totals.refuted, totals.undecided, totals.unsupported) == (1, 2, 0, 1)
    assert totals.reasons == ((Code.FLOW_DEPENDENCE, 2), (Code.UNKNOWN_CALL, 1))
    assert totals.outcome(FileOutcome.CRASHED) == 1
