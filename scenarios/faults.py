"""From a scenario to its delivery faults, and the one fault that every scenario states: information that comes late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from exchange.entries import FaultPlan
from exchange.faults import (
    Clock,
    Delay,
    Duplicate,
    Fate,
    Fault,
    Faults,
    Link,
    Loss,
    Outage,
    Partition,
    RandomOutages,
    Reorder,
)
from exchange.luck import Luck
from exchange.messages import Message
from exchange.references import strip_run
from nodes.profile import union_of
from nodes.standing import Planned
from scenarios.scenario import faults as files
from scenarios.scenario import seconds

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

DELAYED = frozenset({"AAR", "ATR", "CTR"})
"""Messages between services that a late consignment's information consists of."""
NEARLY_ALL = 1.0 - 1e-9


class LateInformation:
    """The delivery fault of a scenario: for a share of the consignments the departure service's information comes late.

    The records and control results of such a consignment reach every other service ``late_by`` after they were due,
    which is after its arrival; exchange within a customs union is not touched, nor are flows whose vehicles have a lead
    time of their own. Which consignments: luck, the same in all arms.
    """

    def __init__(self, scenario: Scenario, luck: Luck) -> None:
        self._share = scenario.delivery.late_share.value
        self._delay = timedelta(hours=scenario.delivery.late_by.value)
        self._luck = luck
        self._timed = frozenset(flow.departure_office for flow in scenario.flows if flow.vehicles.lead is not None)

    def __call__(self, message: Message, due: datetime) -> datetime | None:
        """Return when a message due at ``due`` is delivered."""
        header = message.header
        if message.CODE not in DELAYED or "." in header.recipient or header.recipient in union_of(header.sender):
            return due
        fields = message.__dict__  # as by getattr, whose failures cost a model ten times as much
        if fields.get("departure_office", fields.get("office")) in self._timed:
            return due
        if self._luck.uniform(strip_run(message.ucr), "delivery", "late") < self._share:
            return due + self._delay
        return due


class ScenarioFaults:
    """Late information, and the faults that the file lists; what is late already is not delayed once more."""

    def __init__(self, late: LateInformation, faults: Faults) -> None:
        self._late = late
        self._faults = faults

    def __call__(self, message: Message, due: datetime) -> datetime | None:
        """Return when a message due at ``due`` leaves."""
        late = self._late(message, due)
        return late if late is None or late != due else self._faults(message, due)

    def delivery(self, message: Message, attempt: int, now: datetime) -> Fate:
        """Return the fate of an attempt."""
        return self._faults.delivery(message, attempt, now)


def faults_of(scenario: Scenario, luck: Luck) -> FaultPlan:
    """Return the faults of one replication of ``scenario``."""
    late = LateInformation(scenario, luck)
    if not scenario.faults:
        return late
    return ScenarioFaults(late, Faults([_fault(scenario, fault) for fault in scenario.faults], luck))


def without_faults(scenario: Scenario) -> Scenario:
    """Return the fault-free twin of ``scenario``: the same but for what it lists under ``faults``."""
    return scenario.model_copy(update={"faults": ()})


def planned_outages(scenario: Scenario, country: str) -> tuple[Planned, ...]:
    """Return the outages that the service of ``country`` announces to the others."""
    partners = tuple(sorted(set(scenario.services) - {country}))
    return tuple(
        Planned(
            begins_at=times["begins"],
            ends_at=times["ends"],
            announced_at=max(scenario.start, times["begins"] - timedelta(seconds=seconds(fault.announced.value))),
            partners=partners,
        )
        for fault in scenario.faults
        if isinstance(fault, files.OutageFile) and fault.announced is not None and fault.node == country
        for times in (_time(scenario, fault),)
    )


def _fault(scenario: Scenario, given: Any) -> Fault:
    make = _MAKE[type(given)]
    return make(scenario, given)


def _link(given: Any) -> Link:
    return Link(frozenset(given.senders), frozenset(given.recipients), frozenset(given.codes))


def _time(scenario: Scenario, given: Any) -> dict[str, datetime]:
    return {
        "begins": scenario.start + timedelta(seconds=seconds(given.from_.value)),
        "ends": scenario.start + timedelta(seconds=seconds(given.until.value)),
    }


def _outages(scenario: Scenario, given: files.RandomOutagesFile) -> Fault:
    lasts = given.lasts.value
    return RandomOutages(
        given.id,
        frozenset(given.nodes),
        given.days.value,
        lasts.seconds,
        lasts.seconds(0.5 if lasts.fixed else NEARLY_ALL),
    )


def _clock(scenario: Scenario, given: files.ClockFile) -> Fault:
    off = timedelta(seconds=seconds(given.off.value)) * (1 if given.direction == "ahead" else -1)
    return Clock(given.id, given.node, off, **_time(scenario, given))


_MAKE: dict[type, Callable[[Scenario, Any], Fault]] = {
    files.LossFile: lambda _, f: Loss(f.id, _link(f), f.share.value, f.what),
    files.DelayFile: lambda _, f: Delay(f.id, _link(f), f.share.value, f.by.value.seconds),
    files.DuplicateFile: lambda _, f: Duplicate(f.id, _link(f), f.share.value, f.after.value.seconds),
    files.ReorderFile: lambda _, f: Reorder(f.id, _link(f), f.share.value, f.by.value.seconds),
    files.PartitionFile: lambda s, f: Partition(f.id, frozenset(f.one), frozenset(f.other), **_time(s, f)),
    files.OutageFile: lambda s, f: Outage(f.id, f.node, **_time(s, f)),
    files.RandomOutagesFile: _outages,
    files.ClockFile: _clock,
}

__all__ = ["LateInformation", "ScenarioFaults", "faults_of", "planned_outages", "without_faults"]
