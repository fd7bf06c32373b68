"""What a report is made of beside summary and scenario: the journeys it draws, how hours spread, what was in force.

A run leaves it as ``report.json``, so that its report can be made again, to the byte, long after its world is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.metrics.measures import ArmMeasures
from scenarios.metrics.summary import border_hours, by_arm, pooled, regular
from scenarios.parties import agreements_in, profile_rows
from scenarios.report.journeys import Journey, Line, Stop, Went, journeys

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

FORMAT = 1
"""Version of ``report.json`` and of what the summary beside it must hold."""
SHARES = tuple(number / 200 for number in range(201))
"""Shares of the consignments at which the spread of their hours is kept."""
_IN_FORCE = "in force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """See the module. ``journeys``: flow → its vehicles in the first replication, in the order they left.

    ``spread``: arm → border hours that a share of SHARES of the regular consignments stays below. ``agreements`` and
    ``figures`` are rows of the report's tables, as they were when the run was made.
    """

    journeys: Mapping[str, Sequence[Journey]]
    spread: Mapping[str, Sequence[float]]
    agreements: Sequence[Mapping[str, Any]]
    figures: Sequence[Mapping[str, Any]]


def gather(scenario: Scenario, runs: Iterable[Went], spread: Mapping[str, Sequence[float]]) -> Material:
    """Return the material of a run: ``runs`` are the arms of one replication with their events, in any order."""
    order = list(scenario.arms)
    in_order = sorted(runs, key=lambda run: order.index(run.arm))
    rows = [*scenario.figures(), *profile_rows(scenario.services)]
    return Material(
        journeys={flow.id: journeys(flow.id, in_order) for flow in scenario.flows},
        spread=spread,
        agreements=agreement_rows(scenario),
        figures=[
            {"path": r.path, "value": str(r.value), "unit": r.unit or "", "mark": r.mark, "source": r.source or ""}
            for r in rows
        ],
    )


def spread_of(measures: Iterable[ArmMeasures]) -> dict[str, list[float]]:
    """Return, for each arm, the border hours of regular consignments at SHARES, all replications together."""
    return spread({arm: pooled(regular(items), border_hours) for arm, items in by_arm(measures).items()})


def spread(hours: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return the quantiles of ``hours`` (arm → hours) at SHARES; an arm without any is left out."""
    return {
        arm: [round(float(value), 3) for value in np.quantile(values, SHARES)]
        for arm, values in hours.items()
        if len(values)
    }


def agreement_rows(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the agreements between services of ``scenario`` that are in force in some arm, and what each rests on."""
    by_arms = {arm: {one.id: one for one in agreements_in(scenario, arm)} for arm in scenario.arms}
    on, services = scenario.start.date(), list(scenario.services)
    rows = []
    for key, first in next(iter(by_arms.values())).items():
        used = [
            arm
            for arm, known in by_arms.items()
            if any(known[key].applies(one, other, on) for one in services for other in services)
        ]
        if used:
            rows.append(
                {
                    "id": key,
                    "title": first.title,
                    "parties": sorted(first.parties & set(services)),
                    "covers": sorted(first.covers),
                    "arms": used,
                    "status": (by_arms[used[0]][key].real or first).status,
                    "assumed": (by_arms[used[0]][key].real or first).status != _IN_FORCE,
                    "mark": first.mark,
                    "source": first.source,
                }
            )
    return rows


def as_json(material: Material, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the material as plain JSON; ``about``: seed, digest and what else tells runs apart."""
    return {
        "format": FORMAT,
        "about": dict(about),
        "journeys": {flow: [asdict(item) for item in items] for flow, items in material.journeys.items()},
        "spread": dict(material.spread),
        "agreements": list(material.agreements),
        "figures": list(material.figures),
    }


def from_json(content: Mapping[str, Any]) -> Material:
    """Return the material that :func:`as_json` wrote. Raise KeyError, TypeError or ValueError if it is not that."""
    return Material(
        journeys={flow: tuple(map(_journey, items)) for flow, items in content["journeys"].items()},
        spread=content["spread"],
        agreements=content["agreements"],
        figures=content["figures"],
    )


def _journey(item: Mapping[str, Any]) -> Journey:
    return Journey(
        vehicle=item["vehicle"],
        case=item["case"],
        lines={
            arm: Line(
                points=tuple((hour, km, kind, where) for hour, km, kind, where in line["points"]),
                stops=tuple(
                    Stop(
                        side=stop["side"],
                        arrived=stop["arrived"],
                        segments=tuple((phase, hours) for phase, hours in stop["segments"]),
                    )
                    for stop in line["stops"]
                ),
            )
            for arm, line in item["lines"].items()
        },
    )


__all__ = ["FORMAT", "SHARES", "Material", "agreement_rows", "as_json", "from_json", "gather", "spread", "spread_of"]
