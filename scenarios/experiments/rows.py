"""The rows of an experiment's tables, and the columns that they have.

``replications``: a row a variation, replication and arm. ``measures``: every figure of these by its name, a row each
(:mod:`scenarios.experiments.figures`). ``consignments``: a row a consignment, the hours at each side as
``hours:<side>``. ``stays``: a row a consignment and border side with its Time Release Study stamps T0 to T10 (seconds
since the scenario's start, see :mod:`scenarios.metrics.stamps`), and the hours of each phase.
``events``: what happened, of the traced replications; ``data`` is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from scenarios.events import PHASES
from scenarios.experiments.figures import Figures
from scenarios.experiments.reading import read
from scenarios.experiments.trial import TrialResult
from scenarios.metrics.costs import Tariff
from scenarios.metrics.detail import COST_PARTS
from scenarios.metrics.measures import FORMS, ArmMeasures, ConsignmentMeasures
from scenarios.metrics.stamps import Stamps

NAMES = ("replications", "measures", "consignments", "stays", "events")
Row = tuple[Any, ...]
Columns = Mapping[str, type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A trial as the tables need it: the name of its variation, its figures by arm, what its scenario costs."""

    trial: TrialResult
    label: str
    figures: Mapping[str, Figures]
    tariff: Tariff


REPLICATIONS: Columns = {
    "variation": str,
    "scenario_digest": str,
    "replication": int,
    "arm": str,
    "consignments": int,
    "regular": int,
    "delivered": int,
    "seized": int,
    "border_hours_mean": float,
    "door_to_door_hours_mean": float,
    "coverage": float,
    "officer_hours": float,
    "controls": int,
    "busiest": str,
    "busiest_utilisation": float,
    "messages_sent": int,
    "messages_rejected": int,
}
EVENTS: Columns = {
    "variation": str,
    "replication": int,
    "arm": str,
    "at": int,
    "case": str,
    "ordinal": int,
    "kind": str,
    "data": str,
}


MEASURES: Columns = {"variation": str, "replication": int, "arm": str, "measure": str, "value": float}
STAYS: Columns = {
    **{"variation": str, "replication": int, "arm": str, "case": str, "side": str},
    **{name: int for name in Stamps._fields if name.startswith("t")},
    **{"hours": float, "worked_hours": float, "channel": str, "in_time": bool},
    **{f"phase:{phase}": float for phase in PHASES},
}
_LATER = {
    "wished_hours": "wished_at",
    "reached_hours": "reached_at",
    "through_hours": "through_at",
    "quay_hours": "quay_seconds",
}
"""Columns that only some scenarios fill, and the seconds they are made of."""
_HOURS = "hours:"
"""Begins the name of a column with the hours at a side."""
_STAMPS = [name for name in Stamps._fields if name.startswith("t")]
_NO_STAMPS = (None,) * len(_STAMPS)
_stamped = attrgetter(*_STAMPS)


def columns(sides: Sequence[str]) -> dict[str, Columns]:
    """Return the columns of each table, for consignments that pass ``sides``."""
    return {
        "replications": REPLICATIONS,
        "measures": MEASURES,
        "consignments": {
            **{"variation": str, "replication": int, "arm": str, "case": str, "flow": str, "vehicle": str},
            **{"containers": int, "on_list": bool, "irregularity": str, "found": bool, "seized": bool},
            **{"border_hours": float, "door_to_door_hours": float},
            **{f"{_HOURS}{side}": float for side in sides},
            **{f"phase:{phase}": float for phase in PHASES},
            **{f"controls:{form}": int for form in FORMS},
            **{"officer_hours": float, "coverage": float},
            **dict.fromkeys(_LATER, float),
            **{"km": float, "moving_hours": float},
            **{f"cost_usd:{part}": float for part in COST_PARTS},
        },
        "stays": STAYS,
        "events": EVENTS,
    }


def rows(one: Kept, layouts: Mapping[str, Columns]) -> dict[str, list[Row]]:
    """Return the rows that one trial adds to each table, their values in the order of its columns."""
    trial = one.trial
    sides = [name.removeprefix(_HOURS) for name in layouts["consignments"] if name.startswith(_HOURS)]
    return {
        "replications": [_replication(one, run) for run in trial.measures],
        "measures": list(_measures(one)),
        "consignments": [_consignment(one, run, item, sides) for run in trial.measures for item in run.consignments],
        "stays": [row for run in trial.measures for item in run.consignments for row in _stays(one, run, item)],
        "events": list(_events(one)),
    }


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / 3600.0


def _replication(one: Kept, run: ArmMeasures) -> Row:
    reading = read(run)
    means = {name: float(hours.mean()) if len(hours) else None for name, hours in reading.hours.items()}
    row: dict[str, Any] = {
        "variation": one.label,
        "scenario_digest": one.trial.digest,
        "replication": run.replication,
        "arm": run.arm,
        "consignments": reading.consignments,
        "regular": len(reading.hours["border_hours"]),
        "delivered": reading.delivered,
        "seized": reading.seized,
        "border_hours_mean": means["border_hours"],
        "door_to_door_hours_mean": means["door_to_door_hours"],
        "coverage": reading.coverage,
        "officer_hours": reading.officer_hours,
        "controls": reading.controls,
        "busiest": reading.busiest[0],
        "busiest_utilisation": reading.busiest[1],
        "messages_sent": int(run.messages.get("sent", 0)),
        "messages_rejected": int(run.messages.get("rejected", 0)),
    }
    return tuple(row[name] for name in REPLICATIONS)


def _measures(one: Kept) -> Iterator[Row]:
    for arm, figures in one.figures.items():
        for name, value in figures.items():
            yield one.label, one.trial.replication, arm, name, value


def _stays(one: Kept, run: ArmMeasures, item: ConsignmentMeasures) -> Iterator[Row]:
    for side, stay in item.stays.items():
        seen = item.stamps.get(side)
        yield (
            *(one.label, run.replication, run.arm, item.case, side),
            *(_NO_STAMPS if seen is None else _stamped(seen)),
            stay.seconds / 3600.0,
            *((None, None, None) if seen is None else (seen.worked / 3600.0, seen.channel, seen.in_time)),
            *[seconds / 3600.0 for seconds in stay.phases],
        )


def _consignment(one: Kept, run: ArmMeasures, item: ConsignmentMeasures, sides: Sequence[str]) -> Row:
    stays, motion = item.stays, item.motion
    cost = one.tariff.cost(item)
    forms = [form for _, form in item.controls]
    phases = map(sum, zip(*(stay.phases for stay in stays.values()), strict=True)) if stays else (0,) * len(PHASES)
    return (
        *(one.label, run.replication, run.arm, item.case, item.flow, item.vehicle),
        *(item.containers, item.on_list, item.irregularity, item.found, item.seized),
        *(item.border_seconds / 3600.0, _hours(item.journey_seconds)),
        *[stays[side].seconds / 3600.0 if side in stays else None for side in sides],
        *[seconds / 3600.0 for seconds in phases],
        *[forms.count(form) for form in FORMS],
        *(item.officer_seconds / 3600.0, item.coverage),
        *[_hours(getattr(item, seconds)) for seconds in _LATER.values()],
        *((None, None) if motion is None else (motion.km, motion.seconds / 3600.0)),
        *[getattr(cost, part) for part in COST_PARTS],
    )


def _events(one: Kept) -> Iterator[Row]:
    for run in one.trial.runs:
        for event in run.events:
            data = json.dumps(event.data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            yield one.label, one.trial.replication, run.arm, event.at, event.case, event.ordinal, event.kind, data


__all__ = ["NAMES", "Columns", "Kept", "Row", "columns", "rows"]
