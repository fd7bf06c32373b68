"""A vehicle's way: lodged, presented, released, driven from stop to stop, delivered."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import simpy

from exchange.luck import lognormal
from exchange.messages import AdvanceDeclaration, Departure
from scenarios.scenario import HOUR, seconds
from scenarios.world.booking import book
from scenarios.world.border import Border
from scenarios.world.cargo import Shipment, Vehicle, as_expected
from scenarios.world.changing import appended, embark, leaving_on, report_change
from scenarios.world.holding import Segment, segments
from scenarios.world.inspection import Track
from scenarios.world.predeclaring import declare_ahead
from scenarios.world.schedule import Turn
from scenarios.world.visit import Visit, aboard
from scenarios.world.warning import warn

if TYPE_CHECKING:
    from scenarios.world.world import World

AHEAD = timedelta(hours=2)
"""How long before the arrival at the entry side a carrier files (EAEU: two hours; EU by rail: one to two)."""


class Journeys:
    """Drives the vehicles of one world."""

    def __init__(self, world: World, borders: Mapping[str, Border]) -> None:
        self._world = world
        self._borders = borders
        self._env = world.env
        self._released: dict[str, simpy.Event] = {}
        self._mrns: dict[str, str] = {}
        self._filed: set[tuple[str, str]] = set()
        self.visits: set[Visit] = set()

    def start(self, vehicle: Vehicle) -> None:
        """Let ``vehicle`` begin when its plan says so."""
        for shipment in vehicle.shipments:
            self._released[shipment.ucr] = self._env.event()
        if vehicle.plan.turn is not None:
            self._env.process(self._book(vehicle, vehicle.plan.turn))
        else:
            self._set_out(vehicle)

    def _book(self, vehicle: Vehicle, turn: Turn) -> Generator[simpy.Event, Any, None]:
        yield from book(self._world, vehicle, turn)
        self._set_out(vehicle)

    def _set_out(self, vehicle: Vehicle) -> None:
        for shipment in vehicle.shipments:
            self._env.process(self._papers(vehicle, shipment))
        self._env.process(self._drive(vehicle))

    def release(self, ucr: str, mrn: str) -> None:
        """Note that the departure service has released a consignment."""
        self._mrns[ucr] = mrn
        event = self._released.get(ucr)
        if event is not None and not event.triggered:
            event.succeed()

    def forget(self, shipment: Shipment) -> None:
        """Let go of a consignment that is delivered or seized."""
        self._released.pop(shipment.ucr, None)
        self._mrns.pop(shipment.ucr, None)
        self._filed.difference_update([(key, shipment.ucr) for key in shipment.flow.sides])

    def _papers(self, vehicle: Vehicle, shipment: Shipment) -> Generator[simpy.Event, Any, None]:
        """Declare a consignment and present it at the departure office."""
        world, flow, plan = self._world, vehicle.flow, vehicle.plan
        yield self._until(plan.lodged)
        office = flow.departure_office
        wish = {} if plan.wished is None else {"wished": plan.wished}
        world.journal.note(shipment, "lodged", office=office, **wish)
        replies = yield world.mail.ask(
            world.scenario.member(shipment.consignor),
            AdvanceDeclaration,
            shipment,
            kind="EXPORT_TRANSIT",
            office=office,
            consignment=shipment.consignment,
        )
        if flow.declared_ahead is not None:
            self._env.process(declare_ahead(world, shipment, replies, self._filed))
        yield self._until(plan.presented)
        yield from world.posts[office, "DEPARTURE"].clear(shipment)
        released = self._released[shipment.ucr]
        if shipment.seized:
            if not released.triggered:
                released.succeed()
            return
        yield released
        shipment.released = True

    def _until(self, second: int) -> simpy.Event:
        return self._env.timeout(max(0, second - int(self._env.now)))

    def _drive(self, vehicle: Vehicle) -> Generator[simpy.Event, Any, None]:
        flow, plan = vehicle.flow, vehicle.plan
        yield self._until(max(0, plan.leaves))
        start = flow.route[0]
        departs_here = flow.stops[0].office is not None
        if departs_here:
            yield from self._wait_for_release(vehicle)
            if not aboard(vehicle):
                return
        yield from embark(self._world, vehicle, 0)
        for shipment in vehicle.shipments:
            self._world.journal.note(shipment, "departed", place=start.place, vehicle=vehicle.id, km=start.km)
        if departs_here:
            self._report_departure(vehicle, 0)
        self._file(vehicle, 0)
        yield from self._onward(vehicle, 1)

    def _wait_for_release(self, vehicle: Vehicle) -> Generator[simpy.Event, Any, None]:
        for shipment in list(vehicle.shipments):
            yield self._released[shipment.ucr]

    def _report_departure(self, vehicle: Vehicle, at: int) -> None:
        """The departure post reports that the vehicle has left, for each consignment aboard."""
        world, flow = self._world, vehicle.flow
        warn(world, vehicle)
        office = flow.departure_office
        for shipment in vehicle.shipments:
            world.mail.ask(
                world.scenario.post(office),
                Departure,
                shipment,
                mrn=self._mrns.get(shipment.ucr),
                office=office,
                departed_at=world.mail.time(),
                transport_means=leaving_on(vehicle, at) or shipment.consignment.transport_means,
            )

    def _onward(self, vehicle: Vehicle, number: int) -> Generator[simpy.Event, Any, None]:
        """Drive ``vehicle`` from stop ``number - 1`` to the end of its route."""
        flow, journal = vehicle.flow, self._world.journal
        for at in range(number, len(flow.stops)):
            yield self._env.timeout(self._leg_seconds(vehicle, at - 1))
            if not aboard(vehicle):
                return
            stop, point = flow.stops[at], flow.route[at]
            where = {"place": point.place, "vehicle": vehicle.id, "km": point.km}
            if stop.side is not None:
                yield from self._pass_side(vehicle, at, stop.side)
                if not vehicle.shipments:
                    return
            elif at == len(flow.stops) - 1:
                self._arrive(vehicle, where)
            else:
                for shipment in vehicle.shipments:
                    journal.note(shipment, "reached", **where)
                if stop.dwell is not None:
                    dwell = stop.dwell.value.seconds(self._world.luck.uniform(vehicle.luck_id, stop.place, "dwell"))
                    yield self._env.timeout(dwell)
                if stop.office is not None:
                    yield from self._wait_turn(vehicle, at)
                if not aboard(vehicle):
                    return
                yield from embark(self._world, vehicle, at)
                if flow.mode_changes(at):
                    report_change(self._world, vehicle, self._world.scenario.reporting_office(flow, at) or "", at)
                for shipment in vehicle.shipments:
                    journal.note(shipment, "left", **where)
                if stop.office is not None:
                    self._report_departure(vehicle, at)
                self._file(vehicle, at)

    def _wait_turn(self, vehicle: Vehicle, at: int) -> Generator[simpy.Event, Any, None]:
        """A vehicle waits at its departure office until its turn at the entry side nears and it is released.

        Its carrier files meanwhile.
        """
        flow, plan = vehicle.flow, vehicle.plan
        planned = plan.expected[at + 1]
        lead = flow.vehicles.lead
        if lead is not None:
            filing = max(0, planned - seconds(lead.filed_before.value) - int(self._env.now))
            self._env.process(self._file_later(vehicle, at, filing))
        yield self._until(planned - self._leg_seconds(vehicle, at))
        yield from self._wait_for_release(vehicle)

    def _file_later(self, vehicle: Vehicle, at: int, wait: int) -> Generator[simpy.Event, Any, None]:
        yield self._env.timeout(wait)
        self._file(vehicle, at)

    def _file(self, vehicle: Vehicle, at: int) -> None:
        """Let the carrier file at the next entry side after stop ``at``, as the law asks in every arm."""
        world, flow = self._world, vehicle.flow
        if at + 1 >= len(flow.stops) or flow.stops[at + 1].side is None:
            return
        key = flow.stops[at + 1].side
        assert key is not None
        side = world.scenario.sides[key]
        if side.direction != "entry":
            return
        carrier = flow.carriers[key]
        for shipment in aboard(vehicle):
            if (key, shipment.ucr) in self._filed:
                continue
            self._filed.add((key, shipment.ucr))
            world.mail.ask(
                world.scenario.member(carrier),
                AdvanceDeclaration,
                shipment,
                kind="CARRIER_FILING",
                office=side.office,
                consignment=as_expected(shipment.consignment, side.office, world.mail.time() + AHEAD),
            )

    def _leg_seconds(self, vehicle: Vehicle, number: int) -> int:
        luck, leg = self._world.luck, vehicle.flow.legs[number]
        if leg.sailing is not None:
            assert vehicle.sailing is not None
            return self._world.quays[leg.sailing].voyage(vehicle.sailing, leg)
        place = f"{leg.from_}-{leg.to}"
        if leg.takes is not None:
            takes = leg.takes.value
            return takes.seconds(0.5 if takes.fixed else luck.uniform(vehicle.luck_id, place, "leg"))
        assert leg.speed is not None
        hours = leg.length.value / leg.speed.value
        if leg.spread is not None and leg.spread.value > 0:
            hours = lognormal(luck.uniform(vehicle.luck_id, place, "leg"), hours, leg.spread.value)
        return round(hours * HOUR)

    def _pass_side(self, vehicle: Vehicle, at: int, key: str) -> Generator[simpy.Event, Any, None]:
        world, border = self._world, self._borders[key]
        km = vehicle.flow.route[at].km
        for shipment in vehicle.shipments:
            if border.side.direction == "entry":
                shipment.entries_passed += 1
            world.journal.note(shipment, "arrived", side=key, vehicle=vehicle.id, km=km)

        def left_behind(train: Vehicle, track: Track, visit: Visit) -> None:
            self._env.process(self._later_train(train, track, visit, at))

        visit = Visit(border, vehicle, left_behind, lambda: self._file(vehicle, at))
        self.visits.add(visit)
        parts = yield from visit.run()
        self.visits.discard(visit)
        parts = appended(parts, (yield from embark(world, vehicle, at)))
        if visit.gauge_changes() or vehicle.flow.mode_changes(at):
            report_change(world, vehicle, border.side.office, at)
        for shipment in vehicle.shipments:
            self._cross(vehicle, shipment, border, at, parts)

    def _cross(self, vehicle: Vehicle, shipment: Shipment, border: Border, at: int, parts: list[Segment]) -> None:
        if border.post is not None:
            border.post.cross(shipment)
        self._world.journal.note(
            shipment,
            "crossed",
            side=border.key,
            vehicle=vehicle.id,
            km=vehicle.flow.route[at].km,
            segments=[list(part) for part in parts],
        )

    def _later_train(self, train: Vehicle, track: Track, visit: Visit, at: int) -> Generator[simpy.Event, Any, None]:
        """See a consignment through that its train left behind: controls to their end, then another train."""
        world, border, shipment = self._world, visit.border, track.shipment
        world.journal.note(shipment, "cut-out", side=border.key, vehicle=train.id)
        yield track.finished
        if shipment.seized:
            return
        assert border.side.customs is not None and border.side.customs.hold is not None
        later = border.side.customs.hold.later.value
        yield self._env.timeout(later.seconds(world.luck.uniform(shipment.case, border.key, "later-train")))
        number = shipment.case.rsplit("C", 1)[1]
        other = Vehicle(train.flow, train.plan, [shipment], f"{train.id}-{number}")
        parts = segments(track.last, visit.arrived, int(self._env.now))
        other.sailing = train.sailing
        parts = appended(parts, (yield from embark(world, other, at)))
        if visit.gauge_changes() or train.flow.mode_changes(at):
            report_change(world, other, border.side.office, at)
        self._cross(other, shipment, border, at, parts)
        yield from self._onward(other, at + 1)

    def _arrive(self, vehicle: Vehicle, where: dict[str, Any]) -> None:
        for shipment in list(vehicle.shipments):
            self._env.process(self._deliver(vehicle, shipment, where))

    def _deliver(
        self, vehicle: Vehicle, shipment: Shipment, where: dict[str, Any]
    ) -> Generator[simpy.Event, Any, None]:
        world = self._world
        yield from world.posts[vehicle.flow.destination_office, "DESTINATION"].clear(shipment)
        if not shipment.seized:
            world.journal.note(shipment, "delivered", **where)


__all__ = ["Journeys"]
