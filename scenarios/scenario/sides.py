"""Whether a border side can work as its file says: phases in an order, resources that there are and that suffice."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scenarios.scenario.border import STAFF, Side
from scenarios.scenario.errors import unknown

if TYPE_CHECKING:
    from scenarios.scenario.model import Scenario

Location = tuple[str | int, ...]
Finding = tuple[Location, str]


def side_problems(scenario: Scenario, key: str, side: Side) -> Iterator[Finding]:
    """Yield the place and the sentence of everything at one side that does not fit together or could never work."""
    here: Location = ("sides", key)
    if key != side.key:
        yield here, f"the key must be {side.key!r}: office and direction"
    if side.office not in scenario.offices:
        yield (*here, "office"), unknown("office", side.office, dict(scenario.offices))
    elif side.customs is not None and side.office not in scenario.policies:
        yield (*here, "office"), f"office {side.office!r} has customs work but no entry under policies: add one"
    try:
        ZoneInfo(side.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield (*here, "timezone"), f"time zone {side.timezone!r} does not exist: give an IANA name as 'Asia/Almaty'"
    graph: dict[str, set[str]] = {}
    for name, phase in side.phases.items():
        for before in phase.after:
            if before not in side.phases:
                yield (*here, "phases", name, "after"), unknown("phase", before, dict(side.phases))
        graph[name] = {before for before in phase.after if before in side.phases}
        if phase.resource is not None and phase.resource not in side.resources:
            yield (*here, "phases", name, "resource"), unknown("resource", phase.resource, dict(side.resources))
        elif phase.resource is not None and phase.units > side.resources[phase.resource].capacity.number:
            yield (*here, "phases", name, "units"), "asks for more than the resource has: lower it"
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(error.args[1])
        yield (*here, "phases"), f"the phases wait for each other in a circle ({circle}): take one 'after' out"
    yield from _customs(side, here)
    yield from _background(scenario, side, here)


def _customs(side: Side, here: Location) -> Iterator[Finding]:
    works = [name for name, phase in side.phases.items() if phase.bucket == "customs"]
    if (side.customs is not None) != (len(works) == 1):
        yield (*here, "phases"), "needs exactly one phase with bucket customs where the side has customs, else none"
    if side.customs is None:
        return
    used: list[tuple[Location, str | None]] = [
        (("customs", "documents", "resource"), side.customs.documents.resource),
        (("customs", "inspection_resource"), side.customs.inspection_resource),
    ]
    used += [(("customs", "scan", n, "resource"), step.resource) for n, step in enumerate(side.customs.scan)]
    for location, name in used:
        if name is not None and name not in side.resources:
            yield (*here, *location), unknown("resource", name, dict(side.resources))
    yield from _desks(side, here)
    yield from _staff(side, (*here, "customs", "staff"))


def _desks(side: Side, here: Location) -> Iterator[Finding]:
    """A background vehicle takes its desks all at a time."""
    table = side.customs.documents if side.customs is not None else None
    if table is None or table.resource is None or side.background is None or table.resource not in side.resources:
        return
    desks = min(table.at_most or 1, side.background.consignments.number)
    if desks > side.resources[table.resource].capacity.number:
        yield (
            (*here, "customs", "documents", "at_most"),
            f"background vehicles take {desks} desks at a time, more than there are, so they would wait for ever: "
            "lower it, or have more desks",
        )


def _staff(side: Side, here: Location) -> Iterator[Finding]:
    customs = side.customs
    if customs is None or customs.staff is None:
        return
    if STAFF in side.resources:
        yield here, f"the side has a resource {STAFF!r} already: give that another name"
    table = customs.officers
    desks = min(customs.documents.at_most or 1, side.background.consignments.number) if side.background else 1
    most = max(desks * table.documents.number, table.scan.number, table.weighing.number, table.inspection.number)
    if customs.staff.number < most:
        yield here, f"a control takes {most} officers at a time, so it could never be made: have as many on duty"


def _background(scenario: Scenario, side: Side, here: Location) -> Iterator[Finding]:
    background = side.background
    if background is None:
        return
    where: Location = (*here, "background")
    given = (background.rate is not None, background.spread is not None)
    if given not in ((True, True), (False, False)) or given[0] == (background.follows is not None):
        yield where, "needs either 'follows' or both 'rate' and 'spread'"
    seen, key = {side.key}, background.follows
    while key is not None:
        other = scenario.sides.get(key)
        if other is None or other.background is None:
            yield (*where, "follows"), unknown("side with background", key, dict(scenario.sides))
            return
        if key in seen:
            yield (*where, "follows"), "follows itself in a circle: give one of the sides a rate"
            return
        seen.add(key)
        key = other.background.follows


__all__ = ["side_problems"]
