"""One pass over the trials that count: their rows for the tables, and the figures of the scenario as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from scenarios.experiments.figures import Figures
from scenarios.experiments.ready import Ready
from scenarios.experiments.rows import Row

if TYPE_CHECKING:
    from scenarios.experiments.plan import Plan
    from scenarios.experiments.store import Key


class Gathering:
    """``figures``: arm → the figures of each replication of the plan's base, once :meth:`rows` is through.

    ``ready`` gives the trial of a key.
    """

    def __init__(self, plan: Plan, ready: Callable[[Key], Ready], keys: Sequence[Key]) -> None:
        self._ready = ready
        self._keys = keys
        self._base = plan.base.scenario.digest
        self.figures: dict[str, list[Figures]] = {arm: [] for arm in plan.arms}

    def rows(self) -> Iterator[dict[str, list[Row]]]:
        """Yield the rows of each trial by table, in the order of the keys."""
        for key in self._keys:
            ready = self._ready(key)
            if key[0] == self._base:
                for arm, found in ready.figures.items():
                    self.figures[arm].append(found)
            yield ready.rows


__all__ = ["Gathering"]
