"""Supposing another status of an agreement: replications in memory beside the show, with and without it.

Only arms whose agreements differ are run again: luck is the same, so the others come to the same. Each job is one task
of a process that gives way to all others; while the show cannot keep its pace, none is begun.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from exchange.agreements import IN_FORCE
from scenarios.demo.judging import Bench, JudgingError
from scenarios.parties import agreements_in, what_if

if TYPE_CHECKING:
    from scenarios.metrics.measures import ArmMeasures
    from scenarios.scenario import Scenario

REPLICATIONS = 10
FIRST = "baseline"
_PAUSE = 1.0
"""Wall seconds between two looks whether the show has room again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposition:
    """``agreement`` has ``status`` in the arms ``arms``."""

    agreement: str
    status: str
    arms: tuple[str, ...]


def suppose(scenario: Scenario, agreement: str, status: str) -> Supposition:
    """Return the supposition that an agreement has another status: in the arms that have it in force, or in all but the
    baseline if none has. Raise :class:`exchange.agreements.UnknownAgreement` if there is none of that id."""
    after = tuple(arm for arm in scenario.arms if arm != FIRST)
    in_force = tuple(arm for arm in after if agreements_in(scenario, arm)[agreement].status == IN_FORCE)
    return Supposition(agreement=agreement, status=status, arms=in_force or after)


def supposed(scenario: Scenario, supposition: Supposition) -> Scenario:
    """Return ``scenario`` as it would be."""
    arms = {
        arm: {**statuses, supposition.agreement: supposition.status} if arm in supposition.arms else statuses
        for arm, statuses in scenario.arms.items()
    }
    return scenario.model_copy(update={"arms": arms})


def run_arm(scenario: Scenario, arm: str, seed: int, run_id: str, replication: int) -> ArmMeasures:
    """Return what one arm of one replication in memory came to."""
    from scenarios.run import Job, run_job

    job = Job(
        scenario=scenario,
        seed=seed,
        run_id=run_id,
        replication=replication,
        arm=arm,
        transport="memory",
        trace=False,
    )
    return run_job(job).measures


def summary_of(
    scenario: Scenario, measures: Sequence[ArmMeasures], seed: int, run_id: str
) -> Mapping[str, Mapping[str, Any]]:
    """Return arm → hours saved a consignment against the first arm (``hours``, ``ci95``) and ``coverage``."""
    from scenarios.metrics import summarise

    whole = summarise(
        scenario,
        measures,
        run_id=run_id,
        seed=seed,
        transport="memory",
        what_if=what_if(scenario),
        wall_seconds=0.0,
    )
    saved = whole["saved"]
    return {
        arm: {
            "hours": saved[arm]["border_hours_mean"] if arm in saved else None,
            "ci95": saved[arm]["ci95"] if arm in saved else None,
            "coverage": entry["coverage"],
        }
        for arm, entry in whole["arms"].items()
    }


Result = Mapping[str, Mapping[str, Any]]


class Trial:
    """Runs ``scenario`` with and without a supposition; ``changed`` is called after each job.

    ``strained`` says whether the show needs the machine now. ``done`` of ``total`` jobs are through; in the end there
    are ``usual`` and ``other`` (as :func:`summary_of`), or ``error`` says why not.
    """

    def __init__(
        self,
        scenario: Scenario,
        supposition: Supposition,
        *,
        seed: int,
        run_id: str,
        bench: Bench,
        strained: Callable[[], bool] = lambda: False,
        replications: int = REPLICATIONS,
    ) -> None:
        self.scenario, self.supposition = scenario, supposition
        self._seed, self._run_id, self._bench, self._strained = seed, run_id, bench, strained
        self._replications = replications
        self._varied = supposed(scenario, supposition)
        self._differing = [
            arm for arm in scenario.arms if self._agreements(scenario, arm) != self._agreements(self._varied, arm)
        ]
        self.done = 0
        self.total = replications * (len(scenario.arms) + len(self._differing))
        self.usual: Result | None = None
        self.other: Result | None = None
        self.error = ""

    @staticmethod
    def _agreements(scenario: Scenario, arm: str) -> tuple[object, ...]:
        return tuple(agreements_in(scenario, arm))

    async def run(self, changed: Callable[[], None]) -> None:
        """Run all jobs; what goes wrong is told in ``error``."""
        usual: list[ArmMeasures] = []
        varied: list[ArmMeasures] = []
        try:
            for replication in range(self._replications):
                for arm in self.scenario.arms:
                    usual.append(await self._job(self.scenario, arm, replication, changed))
                    differs = arm in self._differing
                    varied.append(await self._job(self._varied, arm, replication, changed) if differs else usual[-1])
            given = (self._seed, self._run_id)
            self.usual = await self._bench.do(summary_of, self.scenario, usual, *given)
            self.other = await self._bench.do(summary_of, self._varied, varied, *given)
        except JudgingError as problem:
            self.error = str(problem)
        changed()

    async def _job(self, scenario: Scenario, arm: str, replication: int, changed: Callable[[], None]) -> ArmMeasures:
        while self._strained():  # noqa: ASYNC110 - the show tells nobody that it has room again
            await asyncio.sleep(_PAUSE)
        measures = await self._bench.do(run_arm, scenario, arm, self._seed, self._run_id, replication)
        self.done += 1
        changed()
        return measures


__all__ = ["REPLICATIONS", "Supposition", "Trial", "run_arm", "summary_of", "suppose", "supposed"]
