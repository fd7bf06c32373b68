"""Whether the parts of a scenario fit together: offices, flows and traders are known, legs join, the warm-up ends."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.validation.grading import RuleConfigError, rule_config
from scenarios.scenario.arms import agreement_problems, arm_problems, last_departure
from scenarios.scenario.errors import unknown
from scenarios.scenario.expectations import check_problems
from scenarios.scenario.faults import fault_problems
from scenarios.scenario.images import image_problems
from scenarios.scenario.lists import list_problems
from scenarios.scenario.model import ARMS, Scenario
from scenarios.scenario.sides import side_problems
from scenarios.scenario.traffic import Flow, Leg
from scenarios.scenario.voyages import sailing_problems
from scenarios.scenario.workload import workload_problems

Location = tuple[str | int, ...]
Finding = tuple[Location, str]
LONGEST = 10 * 366 * 24.0
"""Hours after the start within which the last vehicle of any run sets out: ten years (designed)."""


def incoherences(scenario: Scenario) -> Iterator[Finding]:
    """Yield the location and the sentence of everything that does not fit together.

    What can be told only of a scenario whose parts do fit (agreements that nobody can use, borders that never clear) is
    looked at last.
    """
    sound = True
    for finding in _parts(scenario):
        sound = False
        yield finding
    if sound:
        yield from agreement_problems(scenario)
        yield from workload_problems(scenario)
        yield from _warm_up(scenario)


def _parts(scenario: Scenario) -> Iterator[Finding]:
    yield from _offices(scenario)
    for key, side in scenario.sides.items():
        yield from side_problems(scenario, key, side)
    for number, flow in enumerate(scenario.flows):
        yield from _stops(scenario, ("flows", number), flow)
        yield from _legs(("flows", number), flow)
        yield from _changes(scenario, ("flows", number), flow)
        yield from _traders(scenario, ("flows", number), flow)
        yield from _vehicles(("flows", number), flow)
    yield from sailing_problems(scenario)
    yield from image_problems(scenario)
    yield from arm_problems(scenario, ARMS)
    yield from _rules(scenario)
    yield from fault_problems(scenario.faults, scenario.services)
    for country in scenario.elsewhere:
        if all(office.country != country for office in scenario.offices.values()):
            yield ("services", country), f"{country} has no office here: correct the country, or add an office of it"
    yield from list_problems(scenario)
    yield from check_problems(scenario)


def _warm_up(scenario: Scenario) -> Iterator[Finding]:
    """The warm-up must end before the last vehicle is through, or nothing at the borders would be counted."""
    longest = max((last_departure(scenario, flow) for flow in scenario.flows), default=0.0)
    if longest > LONGEST:
        yield (
            ("warm_up",),
            f"with it the last vehicle sets out {longest / 24:,.0f} days after the start, more than the "
            f"{LONGEST / 24:,.0f} of the longest run: shorten it, or let fewer vehicles come, or sooner",
        )
    ends = [
        last_departure(scenario, flow) + sum(_leg_hours(scenario, leg) for leg in flow.legs) for flow in scenario.flows
    ]
    if max(ends, default=0.0) < scenario.warm_up_hours:
        yield (
            ("warm_up",),
            f"is {scenario.warm_up_hours / 24:.1f} days, but the last vehicle is due at its destination after "
            f"{max(ends) / 24:.1f}: shorten it, or let vehicles set out later ('first'), else no queue is counted",
        )


def _leg_hours(scenario: Scenario, leg: Leg) -> float:
    if leg.takes is not None:
        return leg.takes.value.mean
    speed = scenario.sailings[leg.sailing].speed if leg.sailing is not None else leg.speed
    return leg.length.value / speed.value if speed is not None else 0.0


def _rules(scenario: Scenario) -> Iterator[Finding]:
    for key, grade in scenario.rules.items():
        try:
            rule_config({"rules": {key: grade}}, "rules")
        except RuleConfigError as error:
            yield ("rules", key), str(error).removeprefix("rules: ")


def _offices(scenario: Scenario) -> Iterator[Finding]:
    for code, office in scenario.offices.items():
        if office.place not in scenario.places:
            yield ("offices", code, "place"), unknown("place", office.place, dict(scenario.places))
        if office.country not in scenario.services:
            yield ("offices", code, "country"), unknown("service", office.country, scenario.services)
    for code, policy in scenario.policies.items():
        if code not in scenario.offices:
            yield ("policies", code), unknown("office", code, dict(scenario.offices))
        for presentation, selection in policy.presentations.items():
            assumed = code == scenario.assumptions.scan_share_at_entry.office and presentation == "ENTRY"
            if assumed and selection.scan is not None:
                where: Location = ("policies", code, "presentations", presentation, "scan")
                yield where, "is already given by assumptions.scan_share_at_entry: remove it here"
        for rule_number, rule in enumerate(policy.rules):
            for trader in rule.traders:
                if trader not in scenario.traders:
                    yield (
                        ("policies", code, "rules", rule_number, "traders"),
                        unknown("trader", trader, dict(scenario.traders)),
                    )
    entry = scenario.assumptions.scan_share_at_entry
    if entry.office not in scenario.policies:
        yield (
            ("assumptions", "scan_share_at_entry", "office"),
            unknown("office", entry.office, dict(scenario.policies)),
        )


def _stops(scenario: Scenario, here: Location, flow: Flow) -> Iterator[Finding]:
    for number, stop in enumerate(flow.stops):
        where: Location = (*here, "stops", number)
        if stop.place not in scenario.places:
            yield (*where, "place"), unknown("place", stop.place, dict(scenario.places))
        if stop.office is not None and stop.office not in scenario.offices:
            yield (*where, "office"), unknown("office", stop.office, dict(scenario.offices))
        elif stop.office is not None and scenario.offices[stop.office].customs is None:
            yield (*where, "office"), f"office {stop.office!r} states no customs work: add 'customs' to it"
        if stop.side is not None and stop.side not in scenario.sides:
            yield (*where, "side"), unknown("side", stop.side, dict(scenario.sides))
    offices = [number for number, stop in enumerate(flow.stops) if stop.office is not None]
    first_side = next((number for number, stop in enumerate(flow.stops) if stop.side is not None), len(flow.stops))
    if len(offices) != 2 or offices[0] > first_side or offices[1] != len(flow.stops) - 1:
        yield (*here, "stops"), "needs two stops with an office: departure before the first side, destination last"


def _legs(here: Location, flow: Flow) -> Iterator[Finding]:
    for number, leg in enumerate(flow.legs):
        where: Location = (*here, "legs", number)
        if [leg.speed is None, leg.takes is None, leg.sailing is None].count(False) != 1:
            yield where, "needs either a speed, takes or a sailing"
        if number + 1 >= len(flow.stops):
            yield where, f"leads nowhere: there are {len(flow.stops)} stops, so {len(flow.stops) - 1} legs"
            continue
        for end, given, wanted in (
            ("from", leg.from_, flow.stops[number].place),
            ("to", leg.to, flow.stops[number + 1].place),
        ):
            if given != wanted:
                yield (*where, end), f"the legs do not join: {given!r} should be {wanted!r}, as the stops have it"
        if (leg.mode is not None) != (flow.mode == "multimodal"):
            text = "each leg states its mode" if leg.mode is None else "only a flow of mode multimodal states it by leg"
            yield (*where, "mode"), f"{text}: {'add' if leg.mode is None else 'remove'} it"
    if len(flow.legs) < len(flow.stops) - 1:
        gap = flow.stops[len(flow.legs)].place
        yield (*here, "legs"), f"the legs end at {gap!r}: add those to {flow.stops[-1].place!r}"


def _changes(scenario: Scenario, here: Location, flow: Flow) -> Iterator[Finding]:
    """A change of mode needs an office whose post can report it."""
    if any(leg.mode is None for leg in flow.legs) or len(flow.legs) != len(flow.stops) - 1:
        return
    sound = all(s.place in scenario.places and (s.side is None or s.side in scenario.sides) for s in flow.stops)
    for number in range(len(flow.stops)) if sound else ():
        if flow.mode_changes(number) and scenario.reporting_office(flow, number) is None:
            place = flow.stops[number].place
            yield (*here, "stops", number), f"goods change means at {place!r}, but no office of that country reports it"


def _traders(scenario: Scenario, here: Location, flow: Flow) -> Iterator[Finding]:
    named = [("consignors", n, t) for n, t in enumerate(flow.consignors)]
    named += [("consignees", n, t) for n, t in enumerate(flow.consignees)]
    for part, number, trader in named:
        if trader not in scenario.traders:
            yield (*here, part, number), unknown("trader", trader, dict(scenario.traders))
    entries = {key for key in flow.sides if key in scenario.sides and scenario.sides[key].direction == "entry"}
    for key, trader in flow.carriers.items():
        if key not in entries:
            yield (*here, "carriers", key), unknown("entry side", key, entries)
        if trader not in scenario.traders:
            yield (*here, "carriers", key), unknown("trader", trader, dict(scenario.traders))
    if flow.declared_ahead is not None and flow.declared_ahead.side not in entries:
        yield (*here, "declared_ahead", "side"), unknown("entry side", flow.declared_ahead.side, entries)
    elif flow.declared_ahead is not None:
        country = scenario.sides[flow.declared_ahead.side].country
        for number, trader in enumerate(flow.consignees):
            if trader in scenario.traders and scenario.traders[trader].country != country:
                yield (*here, "consignees", number), f"declares ahead at {country}, so it must be a trader of {country}"
    yield from _bookers(scenario, here, flow)
    for key in sorted(entries - set(flow.carriers)):
        yield (*here, "carriers"), f"names no carrier that files at {key!r}: add one"
    if flow.departure_office in scenario.offices:
        country = scenario.offices[flow.departure_office].country
        for number, trader in enumerate(flow.consignors):
            if trader in scenario.traders and scenario.traders[trader].country != country:
                yield (*here, "consignors", number), f"lodges at {country}, so it must be a trader of {country}"


def _bookers(scenario: Scenario, here: Location, flow: Flow) -> Iterator[Finding]:
    """Who books a time does so at the service whose border it is, and one flow only books at a side."""
    booking, first = flow.vehicles.booking, next((scenario.sides.get(key) for key in flow.sides), None)
    if booking is None or first is None:
        return
    where = (*here, "vehicles", "booking")
    if booking.carrier is not None and booking.carrier not in scenario.traders:
        yield (*where, "carrier"), unknown("trader", booking.carrier, dict(scenario.traders))
        return
    for trader in (booking.carrier,) if booking.carrier is not None else flow.consignors:
        if trader in scenario.traders and scenario.traders[trader].country != first.country:
            yield where, f"books at {first.key}, so name a carrier that is a trader of {first.country}"
            break
    others = [one.id for one in scenario.flows if one.vehicles.booking is not None and one.sides[:1] == flow.sides[:1]]
    if others[0] != flow.id:
        yield where, f"flow {others[0]} books at {first.key} already: take one of the bookings out"


def _vehicles(here: Location, flow: Flow) -> Iterator[Finding]:
    vehicles = flow.vehicles
    if (vehicles.interval is None) == (vehicles.rate is None):
        yield (*here, "vehicles"), "needs either an interval or a rate"
    if vehicles.booking is not None and (vehicles.rate is None or vehicles.lead is not None):
        yield (*here, "vehicles", "booking"), "is for vehicles with a rate and without a lead: change or remove it"
    if vehicles.booking is not None and vehicles.booking.slots.value <= 0:
        yield (*here, "vehicles", "booking", "slots"), "gives no times, so nobody would ever cross: give more than 0"
    if vehicles.rate is not None and vehicles.lead is None and flow.stops[0].office is not None:
        yield (*here, "stops"), "with a rate, needs a stop before that of departure, where the vehicles come from"
    if vehicles.lead is not None and len(flow.sides) != 1:
        yield (*here, "vehicles", "lead"), "is for flows with a single border side: remove it"
    if vehicles.consignments.number < 1 or vehicles.units.number < vehicles.consignments.number:
        yield (*here, "vehicles", "consignments"), "needs at least one consignment, and a unit for each"
    first = flow.mode if flow.mode != "multimodal" else flow.legs[0].mode or "multimodal"
    alone = {"wagon": "rail", "truck": "road"}.get(flow.unit, flow.mode)
    if flow.mode != alone or (flow.unit == "pallet" and first != "air"):
        yield (*here, "unit"), f"a {flow.unit} does not go by {flow.mode}: use containers (pallets set out by air)"
    if flow.alert is not None and first != "air":
        yield (*here, "alert"), "is about goods that set out on a flight: remove it, or let the first leg be by air"
    if vehicles.consignments.number > 99 or vehicles.count.number < 1:
        yield (*here, "vehicles"), "needs at least one vehicle and at most 99 consignments in each"


__all__ = ["incoherences"]
