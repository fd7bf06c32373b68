"""A border side at work: its stations, the order of its phases, its officers."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import simpy

from exchange.luck import Luck
from scenarios.scenario import Scenario, Side, seconds
from scenarios.scenario.border import STAFF
from scenarios.world.cargo import Shipment
from scenarios.world.clock import Clock
from scenarios.world.journal import Journal
from scenarios.world.mail import Control, Mail
from scenarios.world.office import Post
from scenarios.world.stations import Job, Opening, Station
from scenarios.world.works import Act, Works, WorldError


class EarlyCheck:
    """Documents checked before arrival: a job at a desk, and an event when its result has been answered."""

    __slots__ = ("answer", "job")

    def __init__(self, answer: simpy.Event) -> None:
        self.job: Job | None = None
        self.answer = answer


class Border:
    """One side with everything that stands there. ``after`` gives each phase's predecessors, assumptions applied."""

    def __init__(
        self, side: Side, scenario: Scenario, env: Clock, luck: Luck, mail: Mail, journal: Journal
    ) -> None:
        self.side = side
        self.key = side.key
        self.env = env
        self.luck = luck
        self.journal = journal
        self.stations: Mapping[str, Station] = _stations(side, scenario, env)
        self.customs_phase = next((n for n, phase in side.phases.items() if phase.bucket == "customs"), None)
        self.after = _order(side, self.customs_phase, scenario.assumptions.wagons_wait_for_customs.value)
        followed = {before for names in self.after.values() for before in names}
        self.last = tuple(name for name in self.after if name not in followed)
        self.beside = self._beside()
        self.early: dict[str, EarlyCheck] = {}
        self.presented: set[str] = set()
        self.wanted: set[str] = set()
        """Consignments whose papers showed an irregularity before they came: seized when they come, not elsewhere."""
        self.post: Post | None = None
        if side.customs is not None:
            works = Works(
                key=side.key,
                customs=side.customs,
                detection=scenario.detection,
                stations=self.stations,
                env=env,
                luck=luck,
            )
            self.post = Post(
                office=side.office,
                member=scenario.post(side.office),
                presentation="EXIT" if side.direction == "exit" else "ENTRY",
                side=side.key,
                works=works,
                mail=mail,
                journal=journal,
                luck=luck,
                scenario=scenario,
            )

    def _beside(self) -> tuple[str, ...]:
        """Return the phases that customs work does not precede, but what follows customs waits for as well."""
        if self.customs_phase is None:
            return ()
        behind = {self.customs_phase}
        for name, befores in self.after.items():
            if behind & set(befores):
                behind.add(name)
        wanted = [before for name, befores in self.after.items() if self.customs_phase in befores for before in befores]
        return tuple(dict.fromkeys(name for name in wanted if name not in behind))

    def check_early(self, shipment: Shipment, control: Control, group: object) -> None:
        """Let a desk check the papers of a consignment on its way here, behind everything that has arrived."""
        assert self.post is not None
        if shipment.case in self.early or shipment.case in self.presented or shipment.seized:
            return
        works = self.post.works
        table = works.customs.documents
        check = self.early[shipment.case] = EarlyCheck(self.env.event())
        work = works.document_seconds(control.extent, shipment.units)
        if table.resource is None:
            raise WorldError(
                f"{self.key}: documents checked before arrival need a desk; name a resource under "
                "customs.documents in the scenario file"
            )

        def ended(job: Job) -> None:
            self.env.process(self._report_early(shipment, control, check, job))

        check.job = self.stations[table.resource].submit(
            work, ended, priority=1, group=group, limit=table.at_most or 0, officers=works.officers("DOCUMENTARY")
        )

    def _report_early(
        self, shipment: Shipment, control: Control, check: EarlyCheck, job: Job
    ) -> Generator[simpy.Event, Any, None]:
        assert self.post is not None and job.began is not None and job.ended is not None
        act = Act(job.began, job.ended, (job.ended - job.began) * self.post.works.officers("DOCUMENTARY"))
        remaining = yield from self.post.report(shipment, control, act, early=True)
        if act.found and shipment.case in self.presented:
            self.post.seize(shipment, control.form)
        elif act.found:
            self.wanted.add(shipment.case)
        check.answer.succeed(remaining)


def _stations(side: Side, scenario: Scenario, env: Clock) -> dict[str, Station]:
    """Return the stations of a side, the officers on duty among them where they are shared."""
    counted_from = seconds(scenario.warm_up_hours)
    staff: Station | None = None
    if side.customs is not None and side.customs.staff is not None:
        staff = Station(env, STAFF, side.customs.staff.number, counted_from=counted_from)
    stations = {} if staff is None else {STAFF: staff}
    for name, resource in side.resources.items():
        always = resource.opening is None and resource.opening_on is None
        opening = None if always else Opening(resource.hours, side.timezone, scenario.start)
        stations[name] = Station(
            env, name, resource.capacity.number, opening=opening, counted_from=counted_from, staff=staff
        )
    return stations


def _order(side: Side, customs: str | None, wagons_wait: bool) -> dict[str, tuple[str, ...]]:
    """Return each phase with its predecessors, predecessors first."""
    after = {}
    for name, phase in side.phases.items():
        befores = phase.after
        if wagons_wait and phase.ordered and customs is not None and customs not in befores:
            befores = (*befores, customs)
        after[name] = befores
    return {name: after[name] for name in TopologicalSorter(after).static_order()}


__all__ = ["Border", "EarlyCheck"]
