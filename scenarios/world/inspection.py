"""The customs phase of one vehicle at one side: its consignments' controls, side by side, and how long it waits."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Literal

import simpy

from scenarios.scenario import seconds
from scenarios.scenario.border import ScanStep
from scenarios.world.border import Border
from scenarios.world.cargo import Shipment
from scenarios.world.holding import Activity, latest
from scenarios.world.mail import Control
from scenarios.world.office import Post, together
from scenarios.world.works import Act, WorldError

Stage = Literal["papers", "scan", "physical", "done"]
STAGES: dict[str, Stage] = {"DOCUMENTARY": "papers", "WEIGHING": "papers", "SCAN": "scan", "PHYSICAL": "physical"}


class Track:
    """The controls of one consignment. ``last`` is the activity that ended last."""

    __slots__ = ("cut", "finished", "last", "passed", "shipment", "stage")

    def __init__(self, shipment: Shipment, last: Activity | None, finished: simpy.Event) -> None:
        self.shipment = shipment
        self.stage: Stage = "papers"
        self.last = last
        self.cut = False
        self.finished = finished
        self.passed: simpy.Event | None = None


class CustomsPhase:
    """Makes the controls that the node demands for each consignment of a vehicle.

    After :meth:`run`, ``last`` is the activity that held the vehicle, ``cut`` lists the consignments it left behind
    (their controls go on), ``seized`` those that were seized.
    """

    def __init__(self, border: Border, group: object, shipments: list[Shipment], before: Activity | None) -> None:
        assert border.post is not None
        self._border = border
        self._env = border.env
        self._post: Post = border.post
        self._group = group
        self._before = before
        self.tracks = [Track(shipment, before, border.env.event()) for shipment in shipments]
        self._changed: simpy.Event = border.env.event()
        self._pass_runs = False
        self.last: Activity | None = before

    def run(
        self, beside: dict[str, simpy.Event], held: dict[str, Activity]
    ) -> Generator[simpy.Event, Any, list[Track]]:
        """Make all controls; return the tracks cut out. ``beside``: the phases that run at the same time."""
        for track in self.tracks:
            self._env.process(self._controls(track))
        hold = self._post.works.customs.hold
        while pending := [track for track in self.tracks if track.stage != "done"]:
            if hold is None or [t for t in pending if t.stage != "physical"] or not self._others(pending):
                yield self._changed
                continue
            yield from beside.values()
            if not [track for track in pending if track.stage != "done"]:
                continue
            elses = latest([*(t.last for t in self.tracks if t.stage == "done"), *(held[name] for name in beside)])
            since = int(self._env.now)
            finished = self._env.timeout(seconds(hold.waits.value))
            while not finished.processed and [track for track in pending if track.stage != "done"]:
                yield finished | self._changed
            left = [track for track in pending if track.stage != "done"]
            if left:
                for track in left:
                    track.cut = True
                self.last = Activity("inspection", since, int(self._env.now), elses)
                return left
        self.last = latest(track.last for track in self.tracks)
        return []

    def doing(self) -> set[str]:
        """Return what the controls of the consignments are at now: documents, scan, inspection."""
        names = {"papers": "documents", "scan": "scan", "physical": "inspection"}
        return {names[track.stage] for track in self.tracks if track.stage != "done"}

    def _others(self, pending: list[Track]) -> bool:
        """Return whether anything would still be aboard without the ``pending`` consignments."""
        return any(track not in pending and not track.shipment.seized for track in self.tracks)

    def _notify(self) -> None:
        self._changed.succeed()
        self._changed = self._env.event()

    def _controls(self, track: Track) -> Generator[simpy.Event, Any, None]:
        shipment = track.shipment
        self._border.presented.add(shipment.case)
        self._border.journal.note(shipment, "presented", side=self._border.key)
        early = self._border.early.get(shipment.case)
        if early is not None and early.job is not None and early.job.station.withdraw(early.job):
            early = None
        remaining: list[Control] | None = yield from self._post.present(shipment)
        if early is not None and not early.answer.processed:
            remaining = yield from self._await_early(track, early.answer, remaining or [])
        if shipment.case in self._border.wanted:
            self._post.seize(shipment, "DOCUMENTARY")
        while remaining and not shipment.seized:
            control = remaining[0]
            track.stage = STAGES[control.form]
            self._notify()
            act = yield from self._make(track, control)
            remaining = yield from self._post.report(shipment, control, act)
        if not shipment.seized:
            self._border.journal.note(shipment, "released", side=self._border.key)
        track.stage = "done"
        track.finished.succeed()
        self._border.early.pop(shipment.case, None)
        self._start_pass()
        self._notify()

    def _await_early(
        self, track: Track, answer: simpy.Event, asked: list[Control]
    ) -> Generator[simpy.Event, Any, list[Control] | None]:
        """Let a check of papers that was in work at arrival end; return what remains then."""
        ready = int(self._env.now)
        told: list[Control] | None = yield answer
        track.last = Activity("documents", ready, int(self._env.now), track.last)
        if told is not None or track.shipment.seized:
            return told
        return [control for control in asked if control != Control("DOCUMENTARY", "CHECK")]

    def _make(self, track: Track, control: Control) -> Generator[simpy.Event, Any, Act]:
        """Make one control and add it to the track's chain."""
        works, ready = self._post.works, int(self._env.now)
        if control.form == "SCAN":
            return (yield from self._scan(track))
        if control.form == "DOCUMENTARY":
            act = yield from works.documents(control, track.shipment, self._group)
            bucket = "documents"
        elif control.form == "WEIGHING":
            act = yield from works.weighing()
            bucket = "scan"
        else:
            self._start_pass()
            act = yield from self._post.inspect(track.shipment)
            bucket = "inspection"
        track.last = Activity(bucket, ready, int(self._env.now), track.last)
        return act

    def _scan(self, track: Track) -> Generator[simpy.Event, Any, Act]:
        acts = []
        for step in self._post.works.scan_steps():
            if step.per == "vehicle":
                acts.append((yield from self._pass(track)))
            else:
                ready = int(self._env.now)
                acts.append((yield from self._post.works.scan_step(step, track.shipment)))
                track.last = Activity("scan", ready, int(self._env.now), track.last)
        return together(acts)

    def _pass(self, track: Track) -> Generator[simpy.Event, Any, Act]:
        """Wait until the whole vehicle passes the portal, once the papers of all its consignments are done."""
        if self._pass_runs:
            raise WorldError(f"{self._border.key}: a scan of {track.shipment.ucr} was demanded while its train passed")
        track.passed = self._env.event()
        self._start_pass()
        act: Act = yield track.passed
        track.passed = None
        return act

    def _start_pass(self) -> None:
        if self._pass_runs:
            return
        waiting = [track for track in self.tracks if track.passed is not None]
        if waiting and all(t.stage != "papers" and (t.stage != "scan" or t.passed) for t in self.tracks):
            self._pass_runs = True
            self._env.process(self._pass_all(waiting))

    def _pass_all(self, waiting: list[Track]) -> Generator[simpy.Event, Any, None]:
        works, ready = self._post.works, int(self._env.now)
        step = next(step for step in works.scan_steps() if step.per == "vehicle")
        before = latest(track.last for track in self.tracks)
        work = _pass_seconds(works.step_seconds(step, 0), step, sum(track.shipment.units for track in waiting))
        began, ended = yield from works.use("SCAN", step.resource, work)
        passed = Activity("scan", ready, ended, before)
        officers = (ended - began) * works.officers("SCAN")
        self._pass_runs = False
        for number, track in enumerate(waiting):
            share = officers // len(waiting) + (1 if number < officers % len(waiting) else 0)
            track.last = passed
            assert track.passed is not None
            track.passed.succeed(Act(began, ended, share))


def _pass_seconds(fixed: int, step: ScanStep, units: int) -> int:
    return fixed + (seconds(step.each.value * units) if step.each is not None else 0)


__all__ = ["CustomsPhase", "Track"]
