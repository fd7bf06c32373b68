"""A vehicle at one side of a border: its phases in the order of their graph, until it crosses."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy

from scenarios.scenario import Phase
from scenarios.world.border import Border
from scenarios.world.cargo import Shipment, Vehicle
from scenarios.world.holding import Activity, Segment, latest, merged, segments
from scenarios.world.inspection import CustomsPhase, Track
from scenarios.world.stations import Job

LeftBehind = Callable[[Vehicle, Track, "Visit"], None]


class Visit:
    """One stay. ``left_behind`` is told of consignments cut out of their vehicle; ``last_stage`` is called when the
    side's last phase begins."""

    def __init__(
        self, border: Border, vehicle: Vehicle, left_behind: LeftBehind, last_stage: Callable[[], None]
    ) -> None:
        self.border = border
        self.vehicle = vehicle
        self.arrived = int(border.env.now)
        self._left_behind = left_behind
        self._last_stage = last_stage
        self._ended = {name: border.env.event() for name in border.after}
        self._activities: dict[str, Activity] = {}
        self._held: list[Job] = []
        self._worked: list[tuple[int, int]] = []
        self._gauge_ended: int | None = None
        self._begun: set[str] = set()
        self._customs_phase: CustomsPhase | None = None

    def run(self) -> Generator[simpy.Event, Any, list[Segment]]:
        """Go through all phases; return the partition of the stay by what held the vehicle."""
        env = self.border.env
        for name in self.border.after:
            env.process(self._phase(name, self.border.side.phases[name]))
        for name in self.border.last:
            yield self._ended[name]
        for job in self._held:
            job.station.release(job)
        for shipment in self.vehicle.shipments:
            self._note_handled(shipment)
        last = latest(self._activities[name] for name in self.border.last)
        return segments(last, self.arrived, int(env.now))

    def _phase(self, name: str, phase: Phase) -> Generator[simpy.Event, Any, None]:
        befores = self.border.after[name]
        for before in befores:
            yield self._ended[before]
        held_by = latest(self._activities[before] for before in befores)
        self._begun.add(name)
        if name == self.border.last[-1]:
            self._last_stage()
        if phase.bucket == "customs":
            activity = yield from self._customs(held_by)
        else:
            activity = yield from self._work(name, phase, held_by)
        self._activities[name] = activity
        self._ended[name].succeed()

    def _customs(self, before: Activity | None) -> Generator[simpy.Event, Any, Activity]:
        border, vehicle = self.border, self.vehicle
        customs = self._customs_phase = CustomsPhase(border, vehicle.luck_id, list(vehicle.shipments), before)
        beside = {name: self._ended[name] for name in border.beside}
        left = yield from customs.run(beside, self._activities)
        for track in left:
            vehicle.shipments.remove(track.shipment)
            self._note_handled(track.shipment)
            self._left_behind(vehicle, track, self)
        vehicle.shipments[:] = [shipment for shipment in vehicle.shipments if not shipment.seized]
        now = int(border.env.now)
        return customs.last or Activity("other", now, now, None)

    def _work(self, name: str, phase: Phase, before: Activity | None) -> Generator[simpy.Event, Any, Activity]:
        border, ready = self.border, int(self.border.env.now)
        bearers = [self.vehicle.luck_id]
        if phase.per == "consignment":
            bearers = [shipment.case for shipment in self.vehicle.shipments]
        if phase.resource is None:
            work = max((self._seconds(name, phase, bearer) for bearer in bearers), default=0)
            if work:
                yield border.env.timeout(work)
                if phase.bucket != "queue":
                    self._worked.append((ready, int(border.env.now)))
        elif phase.holds:
            entered: simpy.Event = border.env.event()
            station = border.stations[phase.resource]
            station.submit(None, entered.succeed, units=phase.units)
            self._held.append((yield entered))
            work = self._seconds(name, phase, self.vehicle.luck_id)
            if work:
                yield border.env.timeout(work)
                self._worked.append((int(border.env.now) - work, int(border.env.now)))
        else:
            jobs = []
            for bearer in bearers:
                ended: simpy.Event = border.env.event()
                border.stations[phase.resource].submit(
                    self._seconds(name, phase, bearer), ended.succeed, units=phase.units
                )
                jobs.append(ended)
            for ended in jobs:
                job: Job = yield ended
                assert job.began is not None and job.ended is not None
                self._worked.append((job.began, job.ended))
        if phase.gauge_change:
            self._gauge_ended = int(border.env.now)
        return Activity(phase.bucket, ready, int(border.env.now), before)

    def _note_handled(self, shipment: Shipment) -> None:
        """Note what was done with the vehicle here, besides the controls: for the intervals of the stay."""
        flow, key = self.vehicle.flow, self.border.key
        at = next((number for number, stop in enumerate(flow.stops) if stop.side == key), -1)
        self.border.journal.note(
            shipment,
            "handled",
            side=key,
            expected=self.vehicle.plan.expected.get(at),
            gauge=self._gauge_ended,
            worked=[list(part) for part in merged(self._worked)],
        )

    def _seconds(self, name: str, phase: Phase, bearer: str) -> int:
        luck, key = self.border.luck, self.border.key
        return sum(
            part.value.seconds(0.5 if part.value.fixed else luck.uniform(bearer, key, name, number))
            for number, part in enumerate(phase.takes)
        )

    def doing(self) -> set[str]:
        """Return the buckets of the phases that have begun and not ended, waiting for their resource included.

        Customs work counts as what its controls are at: documents, scan or inspection.
        """
        found: set[str] = set()
        for name in self._begun - self._activities.keys():
            bucket = self.border.side.phases[name].bucket
            if bucket != "customs":
                found.add(bucket)
            elif self._customs_phase is not None:
                found |= self._customs_phase.doing()
        return found

    def gauge_changes(self) -> bool:
        """Return whether goods change gauge at this side."""
        return any(phase.gauge_change for phase in self.border.side.phases.values())


def aboard(vehicle: Vehicle) -> list[Shipment]:
    """Return the consignments of ``vehicle`` that have not been seized, and take the others out."""
    vehicle.shipments[:] = [shipment for shipment in vehicle.shipments if not shipment.seized]
    return vehicle.shipments


__all__ = ["Visit", "aboard"]
