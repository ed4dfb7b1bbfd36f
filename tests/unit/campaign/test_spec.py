"""Which tasks a campaign has, and what their keys hang on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.campaign.spec import (
    CampaignSpec,
    FieldTask,
    KernelFile,
    Limits,
    PlanTask,
    find_kernels,
    host_id,
    task_key,
)
from loopwright.core.measurement import Environment
from loopwright.errors import UserError

SOURCE = "void scale(int n, double *a)\n{\n    for (int i = 0; i < n; i++)\n        a[i] *= 2.0;\n}\n"
SPEC = 'function = "scale"\n[sizes]\nmeasure = { n = 100 }\nscaling = [{ n = 10 }, { n = 1000 }]\n'
HOST = Environment("AMD EPYC 9", 2, 1, 2, 3, 4, "Linux", ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("alpha", "beta"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kernel.c").write_text(SOURCE)
        (tmp_path / name / "kernel.toml").write_text(SPEC)
    return tmp_path


@pytest.fixture
def spec(folder: Path) -> CampaignSpec:
    return CampaignSpec(
        find_kernels((), folder),
        models=("none", "embedded"),
        strategies=("zero-shot", "tot"),
        baselines=("gcc-O3", "polly"),
        few_baselines=("gcc-O3",),
        threads=(1, 2),
    )


def test_tasks_come_kernel_by_kernel_and_fields_follow_their_plans(spec: CampaignSpec) -> None:
    tasks = list(spec.tasks())
    assert len(tasks) == 2 * (3 + 2 + 2)
    first = tasks[:7]
    assert [task.label for task in first] == [
        "alpha: loopwright:none/heuristic",
        "alpha: loopwright:embedded/zero-shot",
        "alpha: loopwright:embedded/tot",
        "alpha: n=100, 2 threads",
        "alpha: n=100, 1 thread",
        "alpha: n=10, 2 threads",
        "alpha: n=1000, 2 threads",
    ]
    fields = [task for task in first if isinstance(task, FieldTask)]
    assert [task.baselines for task in fields] == [("gcc-O3", "polly")] * 2 + [("gcc-O3",)] * 2
    assert all(len(task.plans) == 3 for task in fields)
    assert sum(task.evaluations for task in first) == 3 + 2 + 2 + 1 + 1


def test_every_task_has_a_key_of_its_own(spec: CampaignSpec) -> None:
    keys = [task_key(task, spec, "here") for task in spec.tasks()]
    assert len(set(keys)) == len(keys)
    assert keys == [task_key(task, spec, "here") for task in spec.tasks()]
    assert not set(keys) & {task_key(task, spec, "there") for task in spec.tasks()}


@pytest.mark.parametrize("changed", ["kernel.c", "kernel.toml"])
def test_another_source_is_another_task(spec: CampaignSpec, folder: Path, changed: str) -> None:
    before = {task.label: task_key(task, spec, "here") for task in spec.tasks()}
    path = folder / "alpha" / changed
    path.write_text(path.read_text() + ("\n/* more */\n" if changed == "kernel.c" else "\n# more\n"))
    after = {task.label: task_key(task, spec, "here") for task in spec.tasks()}
    assert {label for label in before if before[label] != after[label]} == {
        label for label in before if label.startswith("alpha")
    }


@pytest.mark.parametrize("changed", ["beta/size.h", "shared/more.h"])
def test_another_header_is_another_task(spec: CampaignSpec, folder: Path, changed: str) -> None:
    (folder / "shared").mkdir()
    (folder / "shared" / "more.h").write_text("#define FACTOR 2.0\n")
    (folder / "beta" / "size.h").write_text('# include "../shared/more.h"\n#include "size.h"\n')
    (folder / "beta" / "kernel.c").write_text(f'#include <stddef.h>\n#include "size.h"\n{SOURCE}')
    before = {task: task_key(task, spec, "here") for task in spec.tasks()}
    (folder / changed).write_text((folder / changed).read_text() + "#define MORE\n")
    moved = {task for task, key in before.items() if key != task_key(task, spec, "here")}
    assert moved == {task for task in before if task.kernel.name == "beta"}


def test_a_header_of_the_expert_is_part_of_its_fields_only(spec: CampaignSpec, folder: Path) -> None:
    (folder / "beta" / "expert.c").write_text(f'#include "tile.h"\n{SOURCE}')
    (folder / "beta" / "tile.h").write_text("#define TILE 32\n")
    before = {task: task_key(task, spec, "here") for task in spec.tasks()}
    (folder / "beta" / "tile.h").write_text("#define TILE 64\n")
    moved = {task for task, key in before.items() if key != task_key(task, spec, "here")}
    assert moved == {task for task in before if isinstance(task, FieldTask) and task.kernel.name == "beta"}


def test_a_folder_beside_the_kernel_is_no_part_of_it(spec: CampaignSpec, folder: Path) -> None:
    before = [task_key(task, spec, "here") for task in spec.tasks()]
    (folder / "alpha" / ".cache").mkdir()
    (folder / "alpha" / "old.copy").mkdir()
    assert [task_key(task, spec, "here") for task in spec.tasks()] == before


def test_another_expert_is_another_field_and_the_same_plans(spec: CampaignSpec, folder: Path) -> None:
    before = {task: task_key(task, spec, "here") for task in spec.tasks()}
    (folder / "beta" / "expert.c").write_text(SOURCE)
    changed = {task for task, key in before.items() if key != task_key(task, spec, "here")}
    assert changed == {task for task in before if isinstance(task, FieldTask) and task.kernel.name == "beta"}


@pytest.mark.parametrize(
    "limits", [Limits(seed=1), Limits(budget_s=1.0), Limits(rounds=5)], ids=["seed", "budget", "rounds"]
)
def test_limits_are_part_of_a_field(spec: CampaignSpec, limits: Limits) -> None:
    other = replace(spec, limits=limits)
    [field, *_] = [task for task in spec.tasks() if isinstance(task, FieldTask)]
    assert task_key(field, spec, "here") != task_key(field, other, "here")


def test_kernels_are_found_by_name_by_file_and_by_function(folder: Path) -> None:
    assert [kernel.name for kernel in find_kernels((), folder)] == ["alpha", "beta"]
    [kernel] = find_kernels(("beta",), folder)
    assert kernel == KernelFile("beta", str((folder / "beta" / "kernel.c").resolve()), "scale")
    [kernel] = find_kernels((f"{folder}/alpha/kernel.c:scale",), folder)
    assert (kernel.name, kernel.function) == ("alpha:scale", "scale")


def test_what_is_not_there_is_said_with_what_is(folder: Path) -> None:
    with pytest.raises(UserError) as caught:
        find_kernels(("gamma",), folder)
    assert "gamma" in str(caught.value)
    assert "alpha, beta" in caught.value.hint
    with pytest.raises(UserError, match="two kernels"):
        find_kernels(("alpha", str(folder / "alpha" / "kernel.c")), folder)
    with pytest.raises(UserError, match="no kernel"):
        find_kernels((), folder / "alpha")


def test_a_host_is_known_by_what_its_times_hang_on() -> None:
    assert host_id(HOST) == host_id(replace(HOST))
    assert host_id(HOST).startswith("amd-epyc-9-2c-")
    for other in (replace(HOST, cores=4), replace(HOST, cpu="Other"), replace(HOST, system="Linux 7")):
        assert host_id(other) != host_id(HOST)


def test_a_plan_without_a_model_is_asked_for_once(spec: CampaignSpec) -> None:
    plans = [task for task in spec.tasks() if isinstance(task, PlanTask) and task.model == "none"]
    assert {task.strategy for task in plans} == {"heuristic"}
    assert len(plans) == len(spec.kernels)
