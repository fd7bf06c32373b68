"""A trial made ready where it was run: its line for the store, its readings, its figures, its rows of the tables.

So the processes that run trials do this work side by side, and the one that gathers has little left to do at the end.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from scenarios.experiments.figures import Figures, Figuring
from scenarios.experiments.reading import Reading, read
from scenarios.experiments.rows import Kept, Row, columns, rows
from scenarios.experiments.store import Key, line_of
from scenarios.experiments.trial import Trial, TrialResult, run_trial
from scenarios.metrics.costs import Tariff
from scenarios.scenario.model import ByContent

if TYPE_CHECKING:
    from scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What is needed of a trial. ``line``: as it stands in the store; ``figures``: arm → its figures; ``whole``: all of
    it, where that was asked for.

    ``packed``: the rows of the tables as bytes, for as objects they would take ten times the room, and the time to send
    them.
    """

    key: Key
    program: str
    line: bytes
    readings: tuple[Reading, ...]
    figures: Mapping[str, Figures]
    packed: bytes
    whole: TrialResult | None = None

    @property
    def rows(self) -> dict[str, list[Row]]:
        """Return the rows that the trial adds to each table."""
        found: dict[str, list[Row]] = pickle.loads(self.packed)
        return found


class Readying:
    """Makes trials of one scenario ready. ``label`` names its variation, ``sides`` give the tables their columns."""

    def __init__(self, scenario: Scenario, label: str, sides: tuple[str, ...]) -> None:
        self._label = label
        self._layouts = columns(sides)
        self._figuring = Figuring(scenario)
        self._tariff = Tariff(scenario)

    def of(self, result: TrialResult, *, whole: bool = False) -> Ready:
        """Return the trial made ready, with all of it if it is to be kept ``whole``."""
        figures = self._figuring.of(result.measures)
        kept = Kept(trial=result, label=self._label, figures=figures, tariff=self._tariff)
        return Ready(
            key=result.key,
            program=result.program,
            line=line_of(result),
            readings=tuple(map(read, result.measures)),
            figures=figures,
            packed=pickle.dumps(rows(kept, self._layouts), pickle.HIGHEST_PROTOCOL),
            whole=result if whole else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A trial to be run and made ready (:class:`Readying`). ``whole``: all of it is wanted back."""

    trial: Trial
    label: str
    sides: tuple[str, ...]
    whole: bool = False

    @property
    def readying(self) -> Readying:
        """Return what makes it ready, the same for all trials of a variation."""
        return _readying(ByContent(self.trial.scenario), self.label, self.sides)


def run_ready(task: Task, report: Callable[[Any], None] | None = None) -> Ready:
    """Run a trial and make it ready."""
    return task.readying.of(run_trial(task.trial, report), whole=task.whole)


@lru_cache(maxsize=16)
def _readying(known: ByContent, label: str, sides: tuple[str, ...]) -> Readying:
    return Readying(known.scenario, label, sides)


__all__ = ["Ready", "Readying", "Task", "run_ready"]
