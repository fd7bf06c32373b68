"""Customs work at one place: how long a control takes, which station does it, and whether it finds anything."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import simpy

from exchange.errors import CorridorError
from exchange.luck import Luck
from scenarios.scenario import Customs, Detection, seconds
from scenarios.scenario.border import STAFF, ScanStep
from scenarios.world.cargo import Shipment
from scenarios.world.mail import Control
from scenarios.world.stations import Job, Station


class WorldError(CorridorError):
    """The world cannot go on: a node demanded what cannot be done, or something waits for ever."""


@dataclass(slots=True)
class Act:
    """A control that was made: when (seconds), the officers' seconds, whether it found an irregularity."""

    began: int
    ended: int
    officer_seconds: int
    found: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """The customs work of a side or an office. ``key`` names the place in luck."""

    key: str
    customs: Customs
    detection: Detection
    stations: Mapping[str, Station]
    env: simpy.Environment
    luck: Luck

    def document_seconds(self, extent: str, units: int) -> int:
        """Return the seconds of document work of this extent for one consignment of ``units``."""
        hours = self.customs.documents.hours(extent, units)
        if hours is None:
            raise WorldError(
                f"{self.key}: a DOCUMENTARY control of extent {extent} cannot be made here; "
                "state what it takes in the scenario file or change the office's policy"
            )
        return seconds(hours)

    def step_seconds(self, step: ScanStep, units: int) -> int:
        """Return the seconds of one step of a scan for ``units`` containers, wagons or trucks."""
        return seconds(step.fixed.value + (step.each.value * units if step.each is not None else 0.0))

    def officers(self, form: str) -> int:
        """Return how many officers make a control of this form."""
        table = self.customs.officers
        return {
            "DOCUMENTARY": table.documents,
            "SCAN": table.scan,
            "WEIGHING": table.weighing,
        }.get(form, table.inspection).number

    def finds(self, shipment: Shipment, form: Literal["DOCUMENTARY", "SCAN", "WEIGHING", "PHYSICAL"]) -> bool:
        """Return whether a control of ``form`` made here finds the consignment's irregularity."""
        irregular = shipment.irregular
        if irregular is None:
            return False
        if form == "PHYSICAL" and shipment.seal_shows:
            return True
        share = self.detection.share(form, irregular.grade)
        return self.luck.uniform(shipment.case, self.key, f"find-{form}") < share

    def documents(self, control: Control, shipment: Shipment, group: object) -> Generator[simpy.Event, Any, Act]:
        """Work the papers of ``shipment``; desks for one ``group`` (a vehicle) are limited as the file says."""
        table = self.customs.documents
        work = self.document_seconds(control.extent, shipment.units)
        began, ended = yield from self.use("DOCUMENTARY", table.resource, work, group, table.at_most or 0)
        return Act(began, ended, (ended - began) * self.officers("DOCUMENTARY"))

    def weighing(self) -> Generator[simpy.Event, Any, Act]:
        """Weigh a consignment; nothing is queued for."""
        began, ended = yield from self.use("WEIGHING", None, seconds(self.customs.weighing.value))
        return Act(began, ended, (ended - began) * self.officers("WEIGHING"))

    def inspection(self, shipment: Shipment, *, scanned: bool = False) -> Generator[simpy.Event, Any, Act]:
        """Inspect a consignment physically; ``scanned``: scan what is stowed back then, unless it will be seized."""
        work = self.customs.inspection.value.seconds(self.luck.uniform(shipment.case, self.key, "inspection"))
        began, ended = yield from self.use("PHYSICAL", self.customs.inspection_resource, work)
        act = Act(began, ended, (ended - began) * self.officers("PHYSICAL"))
        if scanned and not self.finds(shipment, "PHYSICAL"):
            for step in self.scan_steps():
                scan = yield from self.scan_step(step, shipment)
                act.ended, act.officer_seconds = scan.ended, act.officer_seconds + scan.officer_seconds
        return act

    def scan_step(self, step: ScanStep, shipment: Shipment) -> Generator[simpy.Event, Any, Act]:
        """Do one step of a scan for one consignment."""
        began, ended = yield from self.use("SCAN", step.resource, self.step_seconds(step, shipment.units))
        return Act(began, ended, (ended - began) * self.officers("SCAN"))

    def scan_steps(self) -> tuple[ScanStep, ...]:
        """Return the steps of a scan; raise WorldError where nothing can be scanned."""
        if not self.customs.scan:
            raise WorldError(
                f"{self.key}: a SCAN control cannot be made here; state its steps under customs.scan "
                "in the scenario file or change the office's policy"
            )
        return self.customs.scan

    def use(
        self, form: str, resource: str | None, work: int, group: object = None, limit: int = 0
    ) -> Generator[simpy.Event, Any, tuple[int, int]]:
        """Wait for ``resource``, and for the officers of a control of ``form`` where they are shared; use both for
        ``work`` seconds. Return when that began and ended."""
        env, officers = self.env, self.officers(form)
        if resource is None and self.customs.staff is not None and officers and work:
            done: simpy.Event = env.event()
            self.stations[STAFF].submit(work, done.succeed, units=officers)
            crew: Job = yield done
            assert crew.began is not None and crew.ended is not None
            return crew.began, crew.ended
        if resource is None:
            began = int(env.now)
            if work:
                yield env.timeout(work)
            return began, int(env.now)
        ended: simpy.Event = env.event()
        self.stations[resource].submit(work, ended.succeed, group=group, limit=limit, officers=officers)
        job: Job = yield ended
        assert job.began is not None and job.ended is not None
        return job.began, job.ended


__all__ = ["Act", "Works", "WorldError"]
