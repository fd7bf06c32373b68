"""The world of one arm of one replication: vehicles, borders and background traffic in simulated time."""

from __future__ import annotations

from collections.abc import Callable

import simpy

from exchange.luck import Luck
from exchange.messages import ControlDecision, Message, Release
from scenarios.events import ConsignmentFacts, Event
from scenarios.imaging.gallery import Gallery
from scenarios.queueing import QueueFigures
from scenarios.scenario import Customs, Scenario
from scenarios.world.background import Traffic
from scenarios.world.border import Border
from scenarios.world.cargo import Shipment, Vehicle, vehicles
from scenarios.world.clock import Clock
from scenarios.world.crowding import Crowding
from scenarios.world.journal import Journal
from scenarios.world.journey import Journeys
from scenarios.world.mail import Control, Mail
from scenarios.world.office import Post
from scenarios.world.sailing import Quay
from scenarios.world.schedule import DAY
from scenarios.world.works import Works, WorldError

PATIENCE = 200 * DAY
"""Seconds after the last vehicle's expected arrival before a run that does not end is given up."""

EARLY = " before arrival"
"""Added to a resource's name where its work on what has not arrived yet is told apart."""


class World:
    """Posts, traders and vehicles; services are reached through ``ask`` and :meth:`deliver` alone.

    ``ucr`` gives a run's UCR for a base UCR. ``ask`` hands a message to its node and returns an event whose value is
    the node's immediate replies. Time is whole seconds since the scenario's start. ``finished`` fires when every
    consignment has been delivered or seized. ``gallery`` takes the pictures of scanners, where posts give any.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        luck: Luck,
        ucr: Callable[[str], str],
        ask: Callable[[Message], simpy.Event],
        gallery: Gallery | None = None,
    ) -> None:
        self.env = Clock()
        self.scenario = scenario
        self.luck = luck
        self.finished: simpy.Event = self.env.event()
        self.journal = Journal(self.env, self._count)
        self.mail = Mail(scenario, self.env, ask, gallery)
        self.borders = {
            key: Border(side, scenario, self.env, luck, self.mail, self.journal) for key, side in scenario.sides.items()
        }
        self.crowding = Crowding(self.env, self.borders, lambda: not self.finished.triggered)
        self.posts = self._inland()
        self._shipments: dict[str, Shipment] = {}
        self._utilisation: dict[str, dict[str, float]] | None = None
        self._queues: dict[str, dict[str, QueueFigures]] | None = None
        self.quays = {
            name: Quay(name, line, self.env, luck, lambda: not self.finished.triggered)
            for name, line in scenario.sailings.items()
        }
        self._journeys = Journeys(self, self.borders)
        self._ucr = ucr
        self.consignments: tuple[ConsignmentFacts, ...] = ()
        self.total = 0
        last = self._begin_vehicles()
        self._begin_background()
        self.env.timeout(last + PATIENCE).callbacks.append(self._give_up)

    def _begin_vehicles(self) -> int:
        """Load all vehicles and let them begin; return when the last is expected at its last stop (seconds)."""
        facts: list[ConsignmentFacts] = []
        last = 0
        for vehicle in vehicles(self.scenario, self.luck):
            facts.extend(shipment.facts for shipment in vehicle.shipments)
            last = max(last, *vehicle.plan.expected.values())
            self._begin(vehicle)
        self.consignments, self.total = tuple(facts), len(facts)
        return last

    def _begin(self, vehicle: Vehicle) -> None:
        for shipment in vehicle.shipments:
            shipment.ucr = self._ucr(shipment.case)
            self._shipments[shipment.ucr] = shipment
        self._journeys.start(vehicle)

    def _begin_background(self) -> None:
        traffic = {
            key: Traffic(border, self.scenario, lambda: not self.finished.triggered)
            for key, border in self.borders.items()
            if border.side.background is not None
        }
        for key, follower in traffic.items():
            background = self.borders[key].side.background
            if background is not None and background.follows is not None:
                traffic[background.follows].onward.append(follower)
        for started in traffic.values():
            started.begin()

    @property
    def events(self) -> list[Event]:
        """Return what happened so far."""
        return self.journal.events

    @property
    def through(self) -> int:
        """Return how many consignments have been delivered or seized."""
        return self.journal.through

    def let_go(self) -> None:
        """Forget everything once all is over: borders, vehicles and what was still to come hold one another.

        What no cycle holds is free at once; only the garbage collector could free it otherwise, ten times as slowly.
        """
        self.env.queue.clear()
        for border in self.borders.values():
            for station in border.stations.values():
                station.let_go()
        self.__dict__.clear()

    def deliver(self, message: Message) -> None:
        """Take a message that a node's outbox sends to a post or trader, at the current simulated time.

        A release lets the vehicle go; a control decision before arrival puts the papers before a desk; everything
        else is for information.
        """
        shipment = self._shipments.get(message.ucr)
        if shipment is None:
            raise WorldError(f"{message.header.recipient} got {message.CODE} on {message.ucr}, which it never lodged")
        if isinstance(message, Release):
            self._journeys.release(message.ucr, message.mrn)
        elif isinstance(message, ControlDecision) and message.before_arrival:
            border = self.borders.get(f"{message.office}-{'exit' if message.presentation == 'EXIT' else 'entry'}")
            if border is None:
                raise WorldError(
                    f"{message.header.recipient} got a control decision for {message.office}, no border side"
                )
            for control in message.controls:
                border.check_early(shipment, Control(control.form, control.extent), shipment.facts.vehicle)

    def tamper(self, case: str, broken: bool = True) -> bool:
        """Break a seal of a consignment (base UCR) for its next entry side, or take that back; return what it was.

        Raise :class:`WorldError` if it is not known, is through, or has its last entry side behind it.
        """
        found = next((one for one in self._shipments.values() if one.case == case), None)
        if found is None:
            raise WorldError(f"no consignment {case} is under way")
        entries = sum(self.scenario.sides[key].direction == "entry" for key in found.flow.sides)
        if found.seized or found.entries_passed >= entries:
            raise WorldError(f"consignment {case} comes to no entry side any more where a seal would be looked at")
        before, found.tampered = found.tampered, broken
        return before

    def doing(self) -> dict[str, set[str]]:
        """Return for each vehicle at a border side the buckets of the phases it is in now (see PHASES)."""
        found: dict[str, set[str]] = {}
        for visit in self._journeys.visits:
            found.setdefault(visit.vehicle.id, set()).update(visit.doing())
        return found

    def utilisation(self) -> dict[str, dict[str, float]]:
        """Return for each side and resource the share of its capacity in use, from warm-up to the finish (or now)."""
        if self._utilisation is not None:
            return self._utilisation
        return {
            key: {name: station.busy_share() for name, station in border.stations.items()}
            for key, border in self.borders.items()
        }

    def queues(self) -> dict[str, dict[str, QueueFigures]]:
        """Return for each side and resource what its queue came to, from warm-up to the finish (or now).

        Work of low priority has a queue of its own: the resource's name with :data:`EARLY` added, where there was any.
        """
        if self._queues is not None:
            return self._queues
        found: dict[str, dict[str, QueueFigures]] = {}
        for key, border in self.borders.items():
            found[key] = {name: station.queue() for name, station in border.stations.items()}
            for name, station in border.stations.items():
                early = station.queue(1)
                if early.arrivals or early.at_start:
                    found[key][name + EARLY] = early
        return found

    def _inland(self) -> dict[tuple[str, str], Post]:
        """Return the posts of departure and destination by office and presentation."""
        posts = {}
        for code, office in self.scenario.offices.items():
            if office.customs is None:
                continue
            for presentation in ("DEPARTURE", "DESTINATION"):
                works = Works(
                    key=f"{code}-{presentation.lower()}",
                    customs=_free_of_queues(office.customs),
                    detection=self.scenario.detection,
                    stations={},
                    env=self.env,
                    luck=self.luck,
                )
                posts[code, presentation] = Post(
                    office=code,
                    member=self.scenario.post(code),
                    presentation=presentation,
                    side=None,
                    works=works,
                    mail=self.mail,
                    journal=self.journal,
                    luck=self.luck,
                    scenario=self.scenario,
                )
        return posts

    def _count(self) -> None:
        if self.journal.through == self.total and not self.finished.triggered:
            self._utilisation, self._queues = self.utilisation(), self.queues()
            self.finished.succeed()

    def _give_up(self, _event: simpy.Event) -> None:
        if self.finished.triggered:
            return
        ends = {event.case for event in self.events if event.kind in ("delivered", "seized")}
        stuck = [facts.case for facts in self.consignments if facts.case not in ends]
        raise WorldError(
            f"{len(stuck)} of {self.total} consignments never arrive, the first is {stuck[0]}: look in the event log "
            f"what it waits for (a release that no node sends, or a border that is overloaded){self.crowding.because()}"
        )


def _free_of_queues(customs: Customs) -> Customs:
    """Return inland work without resources: nothing is queued for at departure and destination."""
    documents = customs.documents.model_copy(update={"resource": None})
    scan = tuple(step.model_copy(update={"resource": None, "per": "consignment"}) for step in customs.scan)
    return customs.model_copy(update={"documents": documents, "scan": scan, "inspection_resource": None, "staff": None})


__all__ = ["EARLY", "PATIENCE", "World"]
