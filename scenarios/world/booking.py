"""Carriers that book a time at the border before their goods are declared (SLT), and keep to the one they get."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import simpy

from exchange.messages import Consignment, SlotBooking
from exchange.messages.base import Presentation
from scenarios.world.schedule import Plan, Turn

if TYPE_CHECKING:
    from scenarios.world.cargo import Vehicle
    from scenarios.world.world import World

HORIZON = timedelta(days=60)
"""Until how long after the time wished for a carrier would take one (designed)."""


def book(world: World, vehicle: Vehicle, turn: Turn) -> Generator[simpy.Event, Any, None]:
    """Ask the service of the first border side for a time, and put the vehicle's plan off if it is not the one planned.

    Who is refused comes as it had planned.
    """
    flow, booking = vehicle.flow, vehicle.flow.vehicles.booking
    assert booking is not None
    yield world.env.timeout(max(0, turn.asked - int(world.env.now)))
    side = world.scenario.sides[flow.sides[0]]
    presentation: Presentation = "EXIT" if side.direction == "exit" else "ENTRY"
    first = vehicle.shipments[0]
    wished = world.mail.time(turn.wished)
    replies = yield world.mail.ask(
        world.scenario.member(booking.carrier or first.consignor),
        SlotBooking,
        first,
        office=side.office,
        presentation=presentation,
        stage="REQUESTED",
        not_before=wished,
        not_after=wished + HORIZON,
        transport_means=first.consignment.transport_means[:9],
    )
    for answer in replies:
        if isinstance(answer, SlotBooking) and answer.stage == "CONFIRMED":
            given = int((answer.not_after - world.scenario.start).total_seconds())
            put_off(vehicle, turn.comes(given) - turn.comes(turn.slot))


def put_off(vehicle: Vehicle, by: int) -> None:
    """Let all that a vehicle plans happen ``by`` seconds later (earlier, if negative)."""
    if not by:
        return
    plan: Plan = vehicle.plan
    vehicle.plan = replace(
        plan,
        lodged=plan.lodged + by,
        presented=plan.presented + by,
        leaves=plan.leaves + by,
        expected={stop: at + by for stop, at in plan.expected.items()},
    )
    for shipment in vehicle.shipments:
        shipment.consignment = _later(shipment.consignment, timedelta(seconds=by))


def _later(goods: Consignment, by: timedelta) -> Consignment:
    moved = tuple(stop.model_copy(update={"eta": stop.eta + by}) for stop in goods.itinerary)
    return goods.model_copy(update={"itinerary": moved})


__all__ = ["HORIZON", "book", "put_off"]
