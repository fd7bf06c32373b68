"""Running more consignments than memory holds: each comes when its plan says so, and is let go of when it is over.

World, nodes and transport are those of every run in memory; they decide and do the same. What is over is handed to a
counter and forgotten everywhere: by the world, by the nodes, by the transport, which counts messages and keeps none.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from typing import Any

import simpy

from exchange.entries import Decision, FaultPlan, Timer
from exchange.luck import Luck
from exchange.messages import VERSION, Message
from nodes.core import NodeCore
from nodes.fallback import PURPOSE
from scenarios.events import ConsignmentFacts, Event
from scenarios.scenario import Flow, Scenario
from scenarios.transport_memory import MemoryTransport
from scenarios.world.cargo import loaded
from scenarios.world.schedule import DAY, Plan, plans
from scenarios.world.world import World

GRACE = 2 * DAY
"""Seconds after its end until a consignment is let go of: what its services still tell each other comes meanwhile."""
AGAIN = 5 * DAY
"""Seconds until it is looked again whether messages on it have still to leave."""
ENDS = ("delivered", "seized")


class PassingTransport(MemoryTransport):
    """The in-memory transport that counts what is exchanged. ``plan`` may delay messages, and do nothing else."""

    def __init__(self, cores: Mapping[str, NodeCore], plan: FaultPlan) -> None:
        super().__init__(cores, faults=plan)
        self.sent = 0
        self.accepted = 0
        self._unsent: dict[str, int] = {}

    def let_go(self, ucr: str) -> bool:
        """Forget a case in all nodes; return False, and do nothing, while messages on it have still to leave."""
        if self._unsent.get(ucr):
            return False
        self._unsent.pop(ucr, None)
        for core in self._cores.values():
            core.drop([ucr])
        return True

    def _record(self, message: Message, now: datetime, *, accepted: bool, version: str = VERSION) -> None:
        self.sent += 1
        self.accepted += accepted

    def _keep(self, country: str, decision: Decision, now: datetime) -> None:
        super()._keep(country, decision, now)
        for outgoing in decision.send:
            ucr = outgoing.message.ucr
            self._unsent[ucr] = self._unsent.get(ucr, 0) + 1

    def _left(self, message: Message) -> None:
        self._unsent[message.ucr] -= 1
        self._versions.pop(message.header.message_id, None)

    def _wake(self, country: str, timer: Timer, now: datetime) -> None:
        if timer.case and not self._cores[country].has(timer.case):
            return  # of a case that is over: an enquiry, for example, that nobody has to make any more
        if timer.purpose.startswith(f"{PURPOSE}:"):
            self._unsent[timer.case] -= 1
        super()._wake(country, timer, now)


class _Cases(list[Event]):
    """An event log that is kept case by case, and of the cases that are not over only."""

    def __init__(self, noted: Callable[[Event], None]) -> None:
        super().__init__()
        self.cases: dict[str, list[Event]] = {}
        self.noted = 0
        self._tell = noted

    def append(self, event: Event) -> None:
        self.noted += 1
        self.cases.setdefault(event.case, []).append(event)
        self._tell(event)


class PassingWorld(World):
    """A world whose vehicles come one after the other, each a second before its papers are lodged.

    ``over`` is asked whether a case (its UCR) may be let go of; ``passed`` is given what is, with all its events.
    ``in_use``: side → resource → the share of its capacity in use until the last consignment had crossed.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        luck: Luck,
        ucr: Callable[[str], str],
        ask: Callable[[Message], simpy.Event],
        over: Callable[[str], bool],
        passed: Callable[[ConsignmentFacts, Sequence[Event]], None],
    ) -> None:
        self._over = over
        self._passed = passed
        self._log = _Cases(self._noted)
        self._members: dict[str, tuple[str, ...]] = {flow.id: _members(scenario, flow) for flow in scenario.flows}
        self.in_use: dict[str, dict[str, float]] = {}
        super().__init__(scenario, luck=luck, ucr=ucr, ask=ask)

    @property
    def noted(self) -> int:
        """Return how many events happened so far."""
        return self._log.noted

    def close(self) -> None:
        """Let go of all that is left, at the end."""
        for case in list(self._log.cases):
            self._let_go(case)

    def _begin_vehicles(self) -> int:
        self.journal.events = self._log
        last = 0
        for flow in self.scenario.flows:
            coming = sorted(plans(self.scenario, flow, self.luck), key=lambda plan: (plan.lodged, plan.number))
            last = max(last, *(max(plan.expected.values()) for plan in coming))
            self.total += len(coming) * flow.vehicles.consignments.number
            self.env.process(self._feed(flow, coming))
        return last

    def _feed(self, flow: Flow, coming: Sequence[Plan]) -> Generator[simpy.Event, Any, None]:
        for plan in coming:
            yield self.env.timeout(max(0, plan.lodged - 1 - int(self.env.now)))
            self._begin(loaded(self.scenario, flow, plan, self.luck))

    def _noted(self, event: Event) -> None:
        if event.kind in ENDS:
            self._wait(event.case, GRACE)
        elif event.kind == "crossed":
            side = event.data["side"]
            self.in_use[side] = {name: one.busy_share() for name, one in self.borders[side].stations.items()}

    def _wait(self, case: str, seconds: int) -> None:
        self.env.after(seconds, self._end, case)

    def _end(self, case: str) -> None:
        if case not in self._log.cases:
            return
        if self._over(self._ucr(case)):
            self._let_go(case)
        else:
            self._wait(case, AGAIN)

    def _let_go(self, case: str) -> None:
        shipment = self._shipments.pop(self._ucr(case))
        self._journeys.forget(shipment)
        self.mail.forget(shipment, self._members[shipment.facts.flow])
        for border in self.borders.values():
            border.presented.discard(case)
            border.early.pop(case, None)
        self._passed(shipment.facts, self._log.cases.pop(case))


def _members(scenario: Scenario, flow: Flow) -> tuple[str, ...]:
    """Return all who may write on a consignment of ``flow``: traders, carriers, posts."""
    booking = flow.vehicles.booking
    bookers = () if booking is None or booking.carrier is None else (booking.carrier,)
    traders = dict.fromkeys((*flow.consignors, *flow.consignees, *flow.carriers.values(), *bookers))
    offices = {stop.office for stop in flow.stops if stop.office is not None}
    offices |= {scenario.sides[key].office for key in flow.sides}
    return (*map(scenario.member, traders), *map(scenario.post, sorted(offices)))


__all__ = ["PassingTransport", "PassingWorld"]
