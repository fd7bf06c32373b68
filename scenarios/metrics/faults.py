"""What faults cost: a run held against its fault-free twin, the same seed without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.metrics import summary as s
from scenarios.metrics.measures import ArmMeasures

Arms = Mapping[str, Sequence[ArmMeasures]]
Json = dict[str, Any]


def fault_summary(arms: Arms, twins: Arms) -> Json:
    """Return arm → what the faults did and cost there; ``twins`` are the same arms and replications without faults.

    ``fallback``, ``lost``, ``doubled``, ``parked``, ``out_of_turn`` and ``ended_otherwise`` are sums over the
    replications; hours are means a regular consignment, positive where the faults cost time, with intervals over
    them.
    """
    return {"arms": {arm: _arm(runs, twins[arm]) for arm, runs in arms.items() if arm in twins}}


def _arm(runs: Sequence[ArmMeasures], twins: Sequence[ArmMeasures]) -> Json:
    faulty, sound = s.regular(runs), s.regular(twins)
    accounts = [run.account for run in runs if run.account is not None]
    return {
        "consignments": sum(len(run.consignments) for run in runs),
        "fallback": sum(len(one.fallback) for one in accounts),
        "border_hours_lost": s.saving(s.differences(faulty, sound, s.border_hours)),
        "door_to_door_hours_lost": s.saving(s.differences(faulty, sound, s.journey_hours)),
        "coverage_difference": s.rounded(_coverage(runs) - _coverage(twins)),
        "lost": sum(one.lost for one in accounts),
        "doubled": sum(one.doubled for one in accounts),
        "parked": sum(one.parked for one in accounts),
        "out_of_turn": sum(one.out_of_turn for one in accounts),
        "ended_otherwise": sum(_otherwise(run, twin) for run, twin in zip(runs, twins, strict=True)),
    }


def _coverage(runs: Sequence[ArmMeasures]) -> float:
    return s.mean([s.mean([item.coverage for item in run.consignments]) for run in runs])


def _otherwise(run: ArmMeasures, twin: ArmMeasures) -> int:
    """Return how many cases, as a service knows them, ended in another state than without the faults."""
    if run.account is None or twin.account is None:
        return 0
    ends, sound = run.account.ends, twin.account.ends
    return sum(ends.get(key) != sound.get(key) for key in ends.keys() | sound.keys())


__all__ = ["fault_summary"]
