"""A reading: the few numbers that the statistics need of one arm of one trial, small enough to keep thousands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenarios.metrics.measures import ArmMeasures, ConsignmentMeasures
from scenarios.metrics.summary import border_hours, journey_hours

Hours = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One arm of one replication.

    ``hours``: measure (``border_hours``, ``door_to_door_hours``) → the hours of the regular consignments; the coverage
    (0–1) is the mean over all consignments, the officer hours their sum. ``flows``: flow → mean border hours of its
    regular consignments. ``early`` and ``late``: mean border hours of
    the first and of the second half of each flow's vehicles (None without any). ``busiest``: the resource with the
    highest utilisation, as ``side resource``, and that share.
    """

    replication: int
    arm: str
    hours: dict[str, Hours]
    flows: dict[str, float]
    coverage: float
    officer_hours: float
    controls: int
    early: float | None
    late: float | None
    busiest: tuple[str, float]
    delivered: int
    seized: int
    consignments: int


def read(measures: ArmMeasures) -> Reading:
    """Return the reading of one arm of one replication."""
    everyone = measures.consignments
    regular = measures.regular
    early, late = _halves(regular)
    return Reading(
        replication=measures.replication,
        arm=measures.arm,
        hours={
            "border_hours": np.array([border_hours(item) for item in regular], dtype=np.float64),
            "door_to_door_hours": np.array(
                [value for item in regular if (value := journey_hours(item)) is not None], dtype=np.float64
            ),
        },
        flows={flow: float(np.mean(hours)) for flow, hours in _by_flow(regular).items()},
        coverage=float(np.mean([item.coverage for item in everyone])) if everyone else 0.0,
        officer_hours=sum(item.officer_seconds for item in everyone) / 3600.0,
        controls=sum(len(item.controls) for item in everyone),
        early=early,
        late=late,
        busiest=max(
            (
                (f"{side} {name}", share)
                for side, resources in measures.utilisation.items()
                for name, share in resources.items()
            ),
            key=lambda pair: pair[1],
            default=("", 0.0),
        ),
        delivered=sum(item.journey_seconds is not None for item in everyone),
        seized=sum(item.seized for item in everyone),
        consignments=len(everyone),
    )


def _by_flow(regular: Sequence[ConsignmentMeasures]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for item in regular:
        found.setdefault(item.flow, []).append(item.border_seconds / 3600.0)
    return found


def _halves(regular: Sequence[ConsignmentMeasures]) -> tuple[float | None, float | None]:
    turns: dict[str, list[str]] = {}
    for item in regular:
        turns.setdefault(item.flow, []).append(item.vehicle)
    first = {
        flow: set(in_order[: len(in_order) // 2])
        for flow, vehicles in turns.items()
        if (in_order := sorted(set(vehicles), key=lambda name: (len(name), name)))
    }
    early = [item.border_seconds / 3600.0 for item in regular if item.vehicle in first[item.flow]]
    late = [item.border_seconds / 3600.0 for item in regular if item.vehicle not in first[item.flow]]
    return (float(np.mean(early)) if early else None, float(np.mean(late)) if late else None)


__all__ = ["Hours", "Reading", "read"]
