"""Whether the arms of a scenario assume agreements that there are, that its flows can use, and that tell arms apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from exchange.agreements import IN_FORCE, Agreement, Goods, registry
from scenarios.scenario.errors import unknown
from scenarios.scenario.images import unpictured
from scenarios.scenario.traffic import MODE_CODES, Flow

if TYPE_CHECKING:
    from scenarios.scenario.model import Scenario

Location = tuple[str | int, ...]
Finding = tuple[Location, str]
BASELINE = "baseline"
SUBJECTS = ("recognition", "information", "assistance", "images", "air")
"""What agreements cover (:mod:`exchange.agreements`), that first which says most of what an arm is about."""
USUAL = {"advance": "information", "recognition": "recognition"}
"""Arm → what it is about by its name, and nearly always in truth."""
LONGEST = timedelta(days=400)
"""After the last vehicle has set out, no run goes on for longer."""


def arm_problems(scenario: Scenario, known_arms: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what is wrong with the names of arms and agreements."""
    if BASELINE not in scenario.arms:
        yield ("arms",), "has no baseline: add it, the other arms are compared with it"
    for arm in scenario.arms:
        if arm not in known_arms:
            yield ("arms", arm), unknown("arm", arm, known_arms)
        for agreement in scenario.arms[arm]:
            if agreement not in registry():
                yield ("arms", arm, agreement), no_agreement(agreement)
    for agreement in scenario.versions:
        if agreement not in registry():
            yield ("versions", agreement), no_agreement(agreement)
    named = {name for statuses in scenario.arms.values() for name in statuses}
    for number, agreement in enumerate(scenario.what_if):
        if isinstance(scenario.what_if, Mapping):
            if agreement not in registry():
                yield ("what_if", agreement), no_agreement(agreement)
        elif agreement not in named:
            yield ("what_if", number), unknown("agreement", agreement, named)


def no_agreement(agreement: str) -> str:
    """Return the sentence that there is no such agreement, with those that it may have meant."""
    return f"{registry().no_such(agreement)}: correct it, or see 'corridor agreements'"


def agreement_problems(scenario: Scenario) -> Iterator[Finding]:
    """Yield agreements in force that no flow can use, and arms that come to the same as the baseline.

    The rest of the scenario must fit together already.
    """
    everywhere = scenario.what_if if isinstance(scenario.what_if, Mapping) else {}
    in_force: dict[str, dict[str, str]] = {}
    for arm, statuses in scenario.arms.items():
        assumed = {**everywhere, **statuses}
        known = registry().with_statuses(assumed)
        in_force[arm] = {one.id: one.in_use for one in known if one.status == IN_FORCE and one.carried == "nodes"}
        for agreement in assumed:
            if (said := _unusable(scenario, known[agreement])) is not None:
                yield _stated(arm, agreement, statuses, everywhere), said
        for agreement in in_force[arm]:
            if (said := unpictured(scenario, known[agreement])) is not None:
                yield _stated(arm, agreement, statuses, everywhere), said
    for arm, found in in_force.items():
        if arm != BASELINE and found == in_force[BASELINE]:
            yield (
                ("arms", arm),
                "no agreement is in force here that is not in the baseline as well, so the two would come to the same: "
                "let one be in force ('in force'), or take the arm out",
            )


def same_arms(scenario: Scenario) -> list[tuple[str, str]]:
    """Return the arms that have nothing at work that another, named before them, has not: they come to the same.

    A run of such arms may be wanted, to see that they do, and so it is not refused; but it is told.
    """
    everywhere = scenario.what_if if isinstance(scenario.what_if, Mapping) else {}
    seen: dict[str, dict[str, str]] = {}
    found = []
    for arm, statuses in scenario.arms.items():
        known = registry().with_statuses({**everywhere, **statuses})
        seen[arm] = {one.id: one.in_use for one in _at_work(known)}
        found += [(arm, other) for other in seen if other != arm and seen[other] == seen[arm]][:1]
    return found


def _at_work(known: Iterable[Agreement]) -> list[Agreement]:
    """Return the agreements in force between nodes under which anything goes.

    Inspection images go with results: an agreement that covers them alone does nothing where none between two of its
    parties recognises results.
    """
    in_force = [one for one in known if one.status == IN_FORCE and one.carried == "nodes"]
    recognising = [set(one.parties) for one in in_force if "recognition" in one.covers]
    return [
        one
        for one in in_force
        if set(one.covers) != {"images"} or any(len(parties & set(one.parties)) > 1 for parties in recognising)
    ]


def arms_about(scenario: Scenario) -> dict[str, str]:
    """Return what the arms are about that are not about what their names say: arm → one of SUBJECTS.

    An arm is about what it has at work between nodes beyond the arm before it (in the order of USUAL, the baseline
    first). One that has nothing more is called by its name.
    """
    everywhere = scenario.what_if if isinstance(scenario.what_if, Mapping) else {}
    before: set[str] = set()
    found = {}
    for arm in (BASELINE, *USUAL):
        if arm not in scenario.arms:
            continue
        known = registry().with_statuses({**everywhere, **scenario.arms[arm]})
        now = {one.id for one in _at_work(known)}
        covered = {subject for name in now - before for subject in known[name].covers}
        about = next((subject for subject in SUBJECTS if subject in covered), None)
        if arm in USUAL and about is not None and about != USUAL[arm]:
            found[arm] = about
        before = now
    return found


def _stated(arm: str, agreement: str, statuses: Mapping[str, object], everywhere: Mapping[str, object]) -> Location:
    """Return where a scenario states the status of an agreement; the arm, if it does not state it."""
    if agreement in statuses:
        return ("arms", arm, agreement)
    return ("what_if", agreement) if agreement in everywhere else ("arms", arm)


def _unusable(scenario: Scenario, agreement: Agreement) -> str | None:
    """Return why no flow can use an agreement that is in force; None if one can, or if it is not in force."""
    if agreement.status != IN_FORCE:
        return None
    first, last = scenario.start.date(), (scenario.start + _span(scenario)).date() + LONGEST
    if agreement.until is not None and agreement.until <= first:
        return f"is in force until {agreement.until} only, and the scenario begins on {first}: correct one of the dates"
    if agreement.since is not None and agreement.since > last:
        return f"is in force from {agreement.since} only, when the run is over ({last}): correct one of the dates"
    on = max(first, agreement.since or first)
    passing = [flow for flow in scenario.flows if _links(agreement, _services(scenario, flow), on)]
    if not passing:
        parties = ", ".join(sorted(agreement.parties))
        return (
            f"is in force, but no flow comes to two services that it binds ({parties}): let a flow pass them, or take "
            "the agreement out"
        )
    if not any(agreement.admits(goods) for flow in passing for goods in _goods(scenario, flow)):
        return (
            f"is in force, but no flow has goods in its scope ({_scope(agreement)}): correct goods, modes or places of "
            "a flow, or take the agreement out"
        )
    return None


def _span(scenario: Scenario) -> timedelta:
    """Return how long after the start the last vehicle sets out."""
    return timedelta(hours=max((last_departure(scenario, flow) for flow in scenario.flows), default=0.0))


def last_departure(scenario: Scenario, flow: Flow) -> float:
    """Return the hour (from the start) at which the last vehicle of ``flow`` is due to set out, or to arrive at the
    first border side where vehicles come at a rate."""
    vehicles = flow.vehicles
    first = (vehicles.first or scenario.warm_up).value
    count = vehicles.count.number
    if vehicles.interval is not None:
        return first + (count - 1) * vehicles.interval.value
    rate = max(1, round(vehicles.rate.value)) if vehicles.rate is not None else 1
    return first + (-(-count // rate) + 1) * 24.0


def _services(scenario: Scenario, flow: Flow) -> list[str]:
    offices = [flow.departure_office, *(scenario.sides[key].office for key in flow.sides), flow.destination_office]
    return list(dict.fromkeys(scenario.offices[office].country for office in offices))


def _links(agreement: Agreement, services: list[str], on: date) -> bool:
    return any(agreement.links(one, other, on) for one in services for other in services)


def _goods(scenario: Scenario, flow: Flow) -> Iterator[Goods]:
    places = frozenset(scenario.places[stop.place].unlocode or "" for stop in flow.stops)
    modes = frozenset(MODE_CODES[flow.leg_mode(number)] for number in range(len(flow.legs)))
    for goods in flow.goods:
        yield Goods(hs=(goods.hs_code,), modes=modes, places=places)


def _scope(agreement: Agreement) -> str:
    scope = agreement.scope
    names = {code: mode for mode, code in MODE_CODES.items()}
    parts = [
        f"goods of HS {', '.join(scope.hs)}" if scope.hs else "",
        f"by {', '.join(sorted(names.get(mode, mode) for mode in agreement.modes))}" if agreement.modes else "",
        f"over {', '.join(scope.border_points)}" if scope.border_points else "",
    ]
    return " ".join(part for part in parts if part)


__all__ = [
    "BASELINE",
    "SUBJECTS",
    "agreement_problems",
    "arm_problems",
    "arms_about",
    "last_departure",
    "no_agreement",
    "same_arms",
]
