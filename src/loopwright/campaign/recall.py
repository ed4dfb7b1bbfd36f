"""What a store remembers for the replay of a model: not only its replies, but what it was told before each of them."""

from __future__ import annotations

from collections.abc import Mapping

from loopwright.campaign.store import Store
from loopwright.models.base import Model
from loopwright.models.replay import Replay
from loopwright.pipeline.proposals import Recalled


def recall(model: Model, seed: int) -> Mapping[tuple[str, str], Recalled]:
    """Return by kernel and strategy what ``model`` was told when it was recorded with ``seed``.

    A prompt may tell the machine's facts and a measured speed-up, which are others in every run; told anything else,
    the replay would be asked what was never recorded. Of several outcomes the last one counts. There is nothing to
    recall of a model that is not the replay of a store.

    Raises:
        UserError: The store is damaged.
    """
    if not isinstance(model, Replay) or model.store is None:
        return {}
    with Store.open(model.store, create=False) as store:
        return {
            (outcome.kernel, outcome.strategy): Recalled(outcome.report.host, outcome.observed)
            for _, _, outcome in store.plans()
            if outcome.report.model == model.name and outcome.seed == seed
        }
