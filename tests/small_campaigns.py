"""Campaigns that are over in seconds: two small kernels, two compilers, limits as low as they go."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from loopwright.campaign.spec import CampaignSpec, Limits, PlanTask, find_kernels, task_key
from loopwright.campaign.store import Store
from loopwright.core.campaign import MethodKind, method_name

# Neither may run in parallel: a plan takes a second, and no time that the clock says decides what there is.
KERNELS = {
    "recur": (
        "void recur(int n, double *a) {\n    for (int i = 1; i < n; i++)\n        a[i] = a[i - 1] * 0.5 + 1.0;\n}\n",
        'function = "recur"\n[sizes]\nmeasure = { n = 100000 }\nscaling = [{ n = 50000 }]\n',
    ),
    "smooth": (
        "void smooth(int n, double *restrict a, const double *restrict b) {\n"
        "    for (int i = 2; i < n; i++)\n"
        "        a[i] = 0.5 * a[i - 1] + 0.25 * a[i - 2] + b[i];\n"
        "}\n",
        'function = "smooth"\n[sizes]\nmeasure = { n = 100000 }\n',
    ),
}
BASELINES = ("gcc-O3", "clang-O3")
LIMITS = Limits(budget_s=1.0, tune_s=1.0, field_s=1.0, rounds=3)


def write_kernels(folder: Path) -> Path:
    """Write the kernels below ``folder``, NAME/kernel.c and kernel.toml each, and return it."""
    for name, (source, spec) in KERNELS.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "kernel.c").write_text(source)
        (folder / name / "kernel.toml").write_text(spec)
    return folder


def small_spec(folder: Path) -> CampaignSpec:
    """Return a campaign without a model over the kernels that ``write_kernels`` wrote."""
    return CampaignSpec(
        find_kernels((), folder),
        models=("none",),
        strategies=("zero-shot",),
        baselines=BASELINES,
        few_baselines=BASELINES[:1],
        threads=(1,),
        limits=LIMITS,
    )


def expected_keys(spec: CampaignSpec, host: str) -> set[str]:
    """Return the key of every task."""
    return {task_key(task, spec, host) for task in spec.tasks()}


def expected_evaluations(spec: CampaignSpec) -> Counter[tuple[object, ...]]:
    """Return what a store should have a result of, each once: see ``evaluations``."""
    found = Counter[tuple[object, ...]]()
    for task in spec.tasks():
        if isinstance(task, PlanTask):
            found[task.kernel.name, method_name(task.model, task.strategy)] += 1
        else:
            found.update((task.kernel.name, name, task.sizes, task.threads) for name in task.baselines)
    return found


def evaluations(path: Path) -> Counter[tuple[object, ...]]:
    """Return what a store has a result of: kernel and method, and for a timing its sizes and threads too."""
    with Store.open(path, create=False) as store:
        found = Counter[tuple[object, ...]]((plan.kernel, plan.method) for _, _, plan in store.plans())
        found.update(
            (timing.kernel, timing.method, timing.sizes, timing.threads)
            for _, _, timings in store.fields()
            for timing in timings
            # Whether a plan takes part in a field is for the clock to say.
            if timing.kind is not MethodKind.LOOPWRIGHT
        )
    return found
