"""Goods that change what they travel on: another gauge, another mode, or the next ship with room."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

from exchange.messages import Incident, TransportMeans
from scenarios.world.cargo import Vehicle, place_of, units_of
from scenarios.world.holding import Segment
from scenarios.world.rolling import means

if TYPE_CHECKING:
    from scenarios.world.world import World


def embark(world: World, vehicle: Vehicle, at: int) -> Generator[simpy.Event, Any, Segment | None]:
    """Let ``vehicle`` wait at stop ``at`` for its ship, if the next leg is sailed; return the wait (in the queue)."""
    name = vehicle.flow.legs[at].sailing if at < len(vehicle.flow.legs) else None
    if name is None or not vehicle.shipments:
        return None
    began = int(world.env.now)
    sailing = yield from world.quays[name].board(vehicle.id, sum(shipment.units for shipment in vehicle.shipments))
    vehicle.sailing = sailing
    point, now = vehicle.flow.route[at], int(world.env.now)
    for shipment in vehicle.shipments:
        world.journal.note(
            shipment,
            "sailed",
            place=point.place,
            vehicle=vehicle.id,
            km=point.km,
            line=name,
            ship=sailing.ship,
            waited=now - began,
        )
    return ("queue", began, now)


def appended(parts: list[Segment], last: Segment | None) -> list[Segment]:
    """Return the partition of a stay with ``last`` at its end, joined to a neighbour of the same bucket."""
    if last is None or last[1] == last[2]:
        return parts
    if parts and parts[-1][0] == last[0]:
        return [*parts[:-1], (last[0], parts[-1][1], last[2])]
    return [*parts, last]


def report_change(world: World, vehicle: Vehicle, office: str, at: int) -> None:
    """The post at ``office`` reports that goods left stop ``at`` on other means: another gauge, or another mode."""
    flow, plan = vehicle.flow, vehicle.plan
    side = flow.stops[at].side
    here = flow.route[at].country if side is None else world.scenario.sides[side].country
    place = flow.stops[at].place if side is None else world.scenario.offices[office].place
    for shipment in vehicle.shipments:
        units = units_of(shipment)
        came_by = means(flow, plan, units, flow.route[at - 1].country, flow.leg_mode(at - 1), vehicle.ship(at - 1))
        world.mail.ask(
            world.scenario.post(office),
            Incident,
            shipment,
            office=office,
            incident_code="3",
            occurred_at=world.mail.time(),
            place=place_of(world.scenario, place),
            under_customs_supervision=True,
            former_means=came_by,
            new_means=means(flow, plan, units, here, flow.leg_mode(at), vehicle.ship(at)),
        )


def leaving_on(vehicle: Vehicle, at: int) -> tuple[TransportMeans, ...] | None:
    """Return the ship on which ``vehicle`` leaves stop ``at``; None if it does not sail on a line there."""
    number = vehicle.ship(at)
    if number is None:
        return None
    return means(vehicle.flow, vehicle.plan, (1,), vehicle.flow.route[at].country, "sea", number)


__all__ = ["appended", "embark", "leaving_on", "report_change"]
