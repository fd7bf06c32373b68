"""The work that background traffic brings to each resource of a border side, against what the resource can do.

Background traffic never ends, so what needs more than there is grows for as long as a run lasts: such a border can
never clear. Everything here errs on the side of the border: holds are as long as the work alone, and work that begins
before closing time is done to its end. A scenario's own vehicles are left out, as they end some day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from scenarios.scenario.border import STAFF, Background, Customs, Resource, Side
from scenarios.scenario.policy import Selection

if TYPE_CHECKING:
    from scenarios.scenario.model import Scenario

Location = tuple[str | int, ...]
DAY = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one vehicle asks of one resource. ``hours``: of one of its units, on average; ``job``: of one job of it."""

    resource: str
    hours: float
    job: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One resource of a side on an average day: hours that its traffic needs, and hours that it can work."""

    resource: str
    needed: float
    able: float

    @property
    def share(self) -> float:
        """Return the utilisation: 1 and more never clears."""
        return self.needed / self.able if self.able else float("inf")


def workload_problems(scenario: Scenario) -> Iterator[tuple[Location, str]]:
    """Yield the place and the sentence of every resource that can never do what its background traffic needs."""
    for key, side in scenario.sides.items():
        for load in loads(scenario, side):
            if load.share < 1.0:
                continue
            staff = load.resource == STAFF
            where: Location = ("customs", "staff") if staff else ("resources", load.resource)
            yield (
                ("sides", key, *where),
                f"the border can never clear: background traffic alone needs {load.needed:.1f} hours of "
                f"{load.resource} a day, and {_capacity(load)} and its queue grow without end; have more of them"
                f"{'' if staff else ', open longer'}, control less, or let fewer vehicles come",
            )


def _capacity(load: Load) -> str:
    if not load.able:
        return "there is none, so nothing would ever pass"
    return f"all of them together can work {load.able:.1f}, so its utilisation would be {load.share:.0%}"


def loads(scenario: Scenario, side: Side) -> list[Load]:
    """Return the load of each resource that the background traffic of ``side`` uses, the officers on duty included."""
    rate = arrivals(scenario, side)
    if side.background is None or rate is None:
        return []
    found: dict[str, list[Use]] = {}
    for use in _uses(scenario, side, side.background):
        found.setdefault(use.resource, []).append(use)
    return [
        Load(
            resource=name,
            needed=rate * sum(use.hours for use in uses),
            able=_able(side, name, max(use.job for use in uses)),
        )
        for name, uses in found.items()
    ]


def arrivals(scenario: Scenario, side: Side) -> float | None:
    """Return the background vehicles a day that come to ``side``, its own or those of the side it follows."""
    background, seen = side.background, {side.key}
    while background is not None and background.follows is not None:
        if background.follows in seen or background.follows not in scenario.sides:
            return None
        seen.add(background.follows)
        background = scenario.sides[background.follows].background
    return None if background is None or background.rate is None else background.rate.value


def _able(side: Side, name: str, job: float) -> float:
    if name == STAFF:
        assert side.customs is not None and side.customs.staff is not None
        return side.customs.staff.number * DAY
    resource = side.resources[name]
    return resource.capacity.number * sum(min(DAY, hours + job) if hours else 0.0 for hours in _open(resource)) / 7


def _open(resource: Resource) -> list[float]:
    """Return the hours of each weekday in which work may begin."""
    found = []
    for text in resource.hours:
        opens, _, closes = text.partition("-")
        found.append(_hour(closes) - _hour(opens) if closes else 0.0)
    return found


def _hour(text: str) -> float:
    hours, minutes = text.split(":")
    return int(hours) + int(minutes) / 60


def _uses(scenario: Scenario, side: Side, background: Background) -> Iterator[Use]:
    customs = list(_customs_uses(scenario, side, background))
    yield from (use for use, _ in customs if use.resource)
    takes = {
        name: sum(hours for _, hours in customs)
        if phase.bucket == "customs"
        else sum(part.value.mean for part in phase.takes)
        for name, phase in side.phases.items()
    }
    followers: dict[str, list[str]] = {name: [] for name in side.phases}
    for name, phase in side.phases.items():
        for before in phase.after:
            followers[before].append(name)

    @cache
    def until_the_end(name: str) -> float:
        return takes[name] + max(map(until_the_end, followers[name]), default=0.0)

    for name, phase in side.phases.items():
        if phase.resource is not None and phase.bucket != "customs":
            hours = until_the_end(name) if phase.holds else takes[name]
            yield Use(resource=phase.resource, hours=hours * phase.units, job=hours)


def _customs_uses(scenario: Scenario, side: Side, background: Background) -> Iterator[tuple[Use, float]]:
    """Yield each use by customs work, with the hours that it keeps the vehicle; a use of nothing has no resource."""
    customs = side.customs
    policy = scenario.controls.get(side.office)
    selection = None if policy is None else policy.presentations.get("EXIT" if side.direction == "exit" else "ENTRY")
    if customs is None or selection is None:
        return
    for form, name, hours, job, aside in _works(customs, selection, background):
        if name is not None:
            yield Use(resource=name, hours=hours, job=job), 0.0 if aside else job
        else:
            yield Use(resource="", hours=hours, job=job), 0.0 if aside else job
        if customs.staff is not None:
            officers = {"documents": customs.officers.documents, "scan": customs.officers.scan}
            crew = officers.get(form, customs.officers.inspection).number
            yield Use(resource=STAFF, hours=hours * crew, job=job), 0.0


Work = tuple[str, str | None, float, float, bool]
"""Form, resource, hours of its units a vehicle, hours that it takes, whether the vehicle goes on without it."""


def _works(customs: Customs, selection: Selection, background: Background) -> Iterator[Work]:
    count, units = background.consignments.number, background.units.number
    table = customs.documents
    hours = table.hours(selection.documents.upper(), units, count)
    if hours:
        yield "documents", table.resource, hours, hours / min(table.at_most or 1, count), False
    share = selection.scan if background.scan is None else background.scan.value
    for step in customs.scan if share else ():
        each = step.each.value if step.each is not None else 0.0
        times = 1 - (1 - share) ** count if step.per == "vehicle" else share * count
        hours = step.fixed.value * times + each * units * share
        yield "scan", step.resource, hours, hours, False
    if selection.physical:
        hours = customs.inspection.value.mean * count * selection.physical
        yield "inspection", customs.inspection_resource, hours, hours, customs.hold is not None


__all__ = ["Load", "Use", "arrivals", "loads", "workload_problems"]
