"""Means over replications of a scenario, run with its nodes over the memory transport."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import fmean

from scenarios.run import Job, default_run_id, run_jobs
from scenarios.scenario import load_scenario


@dataclass
class Means:
    """One mean a replication, in the order of replications.

    Hours by side and of all sides together by flow (regular consignments), days by flow from departure to delivery,
    shares of capacity by side and resource. ``stays``: hours of every regular consignment by side.
    """

    sides: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    flows: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    journeys: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    utilisation: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    stays: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def measured(name: str, arm: str, replications: int, sets: tuple[str, ...] = (), workers: int | None = None) -> Means:
    """Run ``replications`` of one arm of a scenario (seed 1) in ``workers`` processes, by default one a processor."""
    scenario, means = load_scenario(name, sets), Means()
    jobs = [
        Job(
            scenario=scenario,
            seed=1,
            run_id=default_run_id(scenario, 1),
            replication=replication,
            arm=arm,
            transport="memory",
        )
        for replication in range(replications)
    ]
    for result in sorted(run_jobs(jobs, workers=workers), key=lambda result: result.replication):
        stays: dict[str, list[float]] = defaultdict(list)
        borders: dict[str, list[float]] = defaultdict(list)
        journeys: dict[str, list[float]] = defaultdict(list)
        for consignment in result.measures.regular:
            for side, stay in consignment.stays.items():
                stays[side].append(stay.seconds / 3600)
            borders[consignment.flow].append(consignment.border_seconds / 3600)
            if consignment.journey_seconds is not None:
                journeys[consignment.flow].append(consignment.journey_seconds / 86400)
        for side, hours in stays.items():
            means.sides[side].append(fmean(hours))
            means.stays[side] += hours
        for flow, hours in borders.items():
            means.flows[flow].append(fmean(hours))
        for flow, days in journeys.items():
            means.journeys[flow].append(fmean(days))
        for side, resources in result.measures.utilisation.items():
            for resource, share in resources.items():
                means.utilisation[side, resource].append(share)
    return means


__all__ = ["Means", "measured"]
