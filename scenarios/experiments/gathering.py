"""One pass over the stored trials: each as the tables need it, and the figures of the scenario as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scenarios.experiments.figures import Figures, Figuring
from scenarios.experiments.rows import Kept
from scenarios.metrics.costs import Tariff

if TYPE_CHECKING:
    from scenarios.experiments.plan import Plan
    from scenarios.experiments.store import Key, TrialStore


class Gathering:
    """``figures``: arm → the figures of each replication of the plan's base, once :meth:`kept` is through."""

    def __init__(self, plan: Plan, store: TrialStore, keys: Sequence[Key]) -> None:
        self._store = store
        self._keys = keys
        self._base = plan.base.scenario.digest
        self._labels = {point.scenario.digest: point.label for point in plan.points}
        self._figuring = {point.scenario.digest: Figuring(point.scenario) for point in plan.points}
        self._tariffs = {point.scenario.digest: Tariff(point.scenario) for point in plan.points}
        self.figures: dict[str, list[Figures]] = {arm: [] for arm in plan.arms}

    def kept(self) -> Iterator[Kept]:
        """Yield the trials in the order of their keys."""
        for key in self._keys:
            trial = self._store.read(key)
            figures = self._figuring[trial.digest].of(trial.measures)
            if trial.digest == self._base:
                for arm, found in figures.items():
                    self.figures[arm].append(found)
            yield Kept(
                trial=trial,
                label=self._labels[trial.digest],
                figures=figures,
                tariff=self._tariffs[trial.digest],
            )


__all__ = ["Gathering"]
