"""Whether the lines of a scenario can carry what its flows bring to them: what could never sail is found here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scenarios.scenario.arms import last_departure
from scenarios.scenario.sailing import Line
from scenarios.scenario.traffic import Flow, Leg

if TYPE_CHECKING:
    from scenarios.scenario.model import Scenario

Location = tuple[str | int, ...]
LONGEST = 120.0
"""Days in which a line must be able to carry all that the flows bring."""


def sailing_problems(scenario: Scenario) -> Iterator[tuple[Location, str]]:
    """Yield the place and the sentence of every sailing that could not take place."""
    used: dict[str, list[tuple[Flow, Leg]]] = {name: [] for name in scenario.sailings}
    for number, flow in enumerate(scenario.flows):
        for place, leg in enumerate(flow.legs):
            if leg.sailing is None:
                continue
            where: Location = ("flows", number, "legs", place)
            if leg.sailing not in used:
                known = ", ".join(sorted(used)) or "none"
                text = f"line {leg.sailing!r} does not exist: correct it or add it under sailings; known are {known}"
                yield (*where, "sailing"), text
                continue
            used[leg.sailing].append((flow, leg))
            yield from _leg(flow, place, where)
    for name, legs in used.items():
        yield from _line(scenario, name, scenario.sailings[name], legs)


def _leg(flow: Flow, place: int, where: Location) -> Iterator[tuple[Location, str]]:
    if (flow.mode if flow.mode != "multimodal" else flow.legs[place].mode) not in ("sea", "inland_water"):
        yield (*where, "mode"), "ships sail this leg, so its mode is sea or inland_water: correct it"
    sides = [number for number, stop in enumerate(flow.stops) if stop.side is not None]
    if flow.vehicles.rate is not None and (not sides or place < sides[0]):
        yield where, "vehicles with a rate are planned by their first border, so they can sail only behind it"
    if place and place < len(flow.stops) and flow.stops[place].office is not None:
        yield where, "ships leave from the first stop, a yard or a border side, not from an office on the way"


def _line(scenario: Scenario, name: str, line: Line, legs: list[tuple[Flow, Leg]]) -> Iterator[tuple[Location, str]]:
    here: Location = ("sailings", name)
    if not legs:
        yield here, "no leg is sailed on this line: name it as a leg's 'sailing', or remove it"
        return
    ports = {(leg.from_, leg.to) for _, leg in legs}
    if len(ports) > 1:
        yield here, "is sailed between different ports: a line has one port of departure and one of arrival"
    last = max(last_departure(scenario, flow) for flow, _ in legs) / 24
    if line.first.value / 24 > last + LONGEST:
        text = (
            f"the first ship leaves {line.first.is_} after the start, and the last vehicle sets out for it after "
            f"{last:.0f} days: no ship within {LONGEST:.0f} days of that; let it leave sooner"
        )
        yield (*here, "first"), text
    total = 0
    for flow, _ in legs:
        units = flow.vehicles.units.number
        total += units * flow.vehicles.count.number
        if units > line.capacity.number:
            text = (
                f"{line.capacity.number} containers a ship, but a vehicle of {flow.id!r} has {units}, which sail "
                "together: none would ever leave; raise it, or put fewer on a vehicle"
            )
            yield (*here, "capacity"), text
    days = total / line.room * line.interval.value / 24
    if days > LONGEST:
        text = (
            f"with room for {line.room:.0f} containers every {line.interval.is_}, the {total} of the scenario need "
            f"{days:.0f} days, more than {LONGEST:.0f}: raise the capacity, or let ships sail more often"
        )
        yield here, text
    yield from _shut(here, line, legs)


def _shut(here: Location, line: Line, legs: list[tuple[Flow, Leg]]) -> Iterator[tuple[Location, str]]:
    """A port closed for ever before the last vehicle can have come to it; how long they take there is not known."""
    if line.shut is None:
        return
    for flow, _ in legs:
        first, vehicles = flow.vehicles.first, flow.vehicles
        interval = 0.0 if vehicles.interval is None else vehicles.interval.value
        last = (first.value if first is not None else 0.0) + (vehicles.count.number - 1) * interval
        if line.shut <= max(last, line.first.value):
            text = (
                f"closes for ever {line.shut:.0f} h after the start, but vehicles of {flow.id!r} set out until "
                f"{last:.0f} h: give 'until', or a later 'from'"
            )
            yield (*here, "closed"), text
            return


__all__ = ["LONGEST", "sailing_problems"]
