"""Runs made by hand: event logs of a few consignments whose measures anybody can work out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from scenarios.events import ArmRun, ConsignmentFacts, Event, Irregularity
from scenarios.scenario import Scenario
from scenarios.scenario import load_scenario as load

H = 3600
ARMS = {"baseline": 6, "advance": 5, "recognition": 3}
"""Arm → hours at each side, for :func:`at_real_sides`."""


@cache
def load_scenario(name: str) -> Scenario:
    return load(name)


class Log:
    """Writes the events of one consignment."""

    def __init__(self, case: str, departed: int = 0, vehicle: str = "V") -> None:
        self.case, self.at, self.vehicle, self.km = case, departed, vehicle, 10.0
        self.events: list[Event] = []
        self.add("lodged", office="D")
        self.add("departed", place="A", vehicle=vehicle, km=0.0)

    def add(self, kind: str, **data: Any) -> Log:
        self.events.append(Event(self.at, self.case, len(self.events) + 1, kind, data))
        return self

    def stay(self, side: str, *phases: tuple[str, int]) -> Log:
        self.add("arrived", side=side, vehicle=self.vehicle, km=self.km)
        segments = []
        for phase, seconds in phases:
            segments.append([phase, self.at, self.at + seconds])
            self.at += seconds
        return self.add("crossed", side=side, vehicle=self.vehicle, km=self.km, segments=segments)

    def control(
        self, form: str, side: str | None = None, presentation: str = "ENTRY", extent: str = "FULL", **data: Any
    ) -> Log:
        office = "D" if side is None else side.split("-")[0]
        given = {"officer_seconds": 600, "found": False, "before_arrival": False, "began": self.at, "ended": self.at}
        return self.add(
            "control", office=office, side=side, presentation=presentation, form=form, extent=extent, **(given | data)
        )

    def deliver(self, after: int = 0) -> Log:
        self.at += after
        return self.add("delivered", place="Z", vehicle=self.vehicle, km=self.km)


def facts(case: str, irregularity: Irregularity | None = None, vehicle: str = "V") -> ConsignmentFacts:
    return ConsignmentFacts(case=case, flow="f", vehicle=vehicle, containers=1, on_list=True, irregularity=irregularity)


def run(
    arm: str,
    replication: int,
    logs: Sequence[Log],
    irregular: Mapping[str, Irregularity] | None = None,
    messages: Mapping[str, int] | None = None,
) -> ArmRun:
    return ArmRun(
        arm=arm,
        replication=replication,
        consignments=tuple(facts(log.case, (irregular or {}).get(log.case), log.vehicle) for log in logs),
        events=tuple(event for log in logs for event in log.events),
        utilisation={"E-entry": {"desks": 0.5 + 0.1 * replication}},
        messages=messages or {"sent": 3, "accepted": 2, "rejected": 1},
    )


def at_real_sides(arm: str, replication: int, held: int, vehicles: int = 1) -> ArmRun:
    """Return a run of the Finnish scenario: ``vehicles`` of one consignment each, ``held`` hours at each side."""
    (flow,) = load_scenario("china_europe_transit_fi").flows
    km = {stop.side: point.km for stop, point in zip(flow.stops, flow.route, strict=True)}
    logs = []
    for number in range(vehicles):
        log = Log(f"8CNXA001-T{number:02d}C1", departed=number * 48 * H, vehicle=f"T{number:02d}")
        for side in flow.sides:
            log.at += 60 * H
            log.km = km[side]
            log.stay(side, ("documents", H), ("other", (held - 1 + number) * H))
        log.control("SCAN", flow.sides[-1])
        log.km = flow.route[-1].km
        logs.append(log.deliver(after=H))
    made = run(arm, replication, logs)
    return replace(made, consignments=tuple(replace(item, flow=flow.id) for item in made.consignments))


__all__ = ["ARMS", "H", "Log", "at_real_sides", "facts", "load_scenario", "run"]
