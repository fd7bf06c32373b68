"""A trial: all arms of one replication of one variation, in memory, in one process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scenarios.run import Job, default_run_id, run_job, twin_of

if TYPE_CHECKING:
    from scenarios.events import ArmRun
    from scenarios.metrics.measures import ArmMeasures
    from scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is to be run. ``trace``: keep all events. ``twins``: run each arm without the scenario's faults too."""

    scenario: Scenario
    seed: int
    replication: int
    arms: tuple[str, ...]
    trace: bool
    twins: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """Return what names the trial: the digest of the scenario, the replication."""
        return self.scenario.digest, self.replication


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """What came of a trial: the measures of its arms, in their order, and their runs with all events if traced.

    ``twins``: the measures of the same arms without the scenario's faults, if these were asked for.
    """

    digest: str
    replication: int
    program: str
    measures: tuple[ArmMeasures, ...]
    runs: tuple[ArmRun, ...] = ()
    twins: tuple[ArmMeasures, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """Return what names the trial."""
        return self.digest, self.replication


def run_trial(trial: Trial, _report: Callable[[Any], None] | None = None) -> TrialResult:
    """Run the arms of a trial one after the other; they share the luck, and the vehicles made of it."""
    from scenarios.experiments.manifest import program_digest

    jobs = [
        Job(
            scenario=trial.scenario,
            seed=trial.seed,
            run_id=default_run_id(trial.scenario, trial.seed),
            replication=trial.replication,
            arm=arm,
            transport="memory",
            trace=trial.trace,
        )
        for arm in trial.arms
    ]
    results = [run_job(job) for job in jobs]
    twins = [run_job(twin_of(job)) for job in jobs] if trial.twins else []
    return TrialResult(
        digest=trial.scenario.digest,
        replication=trial.replication,
        program=program_digest(),
        measures=tuple(result.measures for result in results),
        runs=tuple(result.run for result in results if result.run is not None),
        twins=tuple(result.measures for result in twins),
    )


__all__ = ["Trial", "TrialResult", "run_trial"]
