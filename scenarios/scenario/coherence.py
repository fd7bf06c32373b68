"""Whether the parts of a scenario fit together: places exist, legs join, phases and resources are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exchange.agreements import registry
from exchange.validation.grading import RuleConfigError, rule_config
from scenarios.scenario.border import STAFF, Side
from scenarios.scenario.faults import fault_problems
from scenarios.scenario.images import image_problems
from scenarios.scenario.model import ARMS, Scenario
from scenarios.scenario.traffic import Flow
from scenarios.scenario.voyages import sailing_problems

Location = tuple[str | int, ...]
Finding = tuple[Location, str]


def incoherences(scenario: Scenario) -> Iterator[Finding]:
    """Yield the location and the sentence of everything that does not fit together."""
    yield from _offices(scenario)
    for key, side in scenario.sides.items():
        yield from _side(scenario, key, side)
    for number, flow in enumerate(scenario.flows):
        yield from _stops(scenario, ("flows", number), flow)
        yield from _legs(("flows", number), flow)
        yield from _changes(scenario, ("flows", number), flow)
        yield from _traders(scenario, ("flows", number), flow)
        yield from _vehicles(("flows", number), flow)
    yield from sailing_problems(scenario)
    yield from image_problems(scenario)
    yield from _arms(scenario)
    yield from _rules(scenario)
    for agreement in scenario.versions:
        if agreement not in registry():
            yield ("versions", agreement), _no_agreement(agreement)
    yield from fault_problems(scenario.faults, scenario.services)
    for country in scenario.elsewhere:
        if all(office.country != country for office in scenario.offices.values()):
            yield ("services", country), f"{country} has no office here: correct the country, or add an office of it"
    yield from _checks(scenario)


def _rules(scenario: Scenario) -> Iterator[Finding]:
    for key, grade in scenario.rules.items():
        try:
            rule_config({"rules": {key: grade}}, "rules")
        except RuleConfigError as error:
            yield ("rules", key), str(error).removeprefix("rules: ")


def _unknown(what: str, name: str, known: object) -> str:
    names = ", ".join(sorted(str(k) for k in known)) if isinstance(known, dict | tuple | set | frozenset) else ""
    return f"{what} {name!r} does not exist: correct it or add it; known are {names or 'none'}"


def _offices(scenario: Scenario) -> Iterator[Finding]:
    for code, office in scenario.offices.items():
        if office.place not in scenario.places:
            yield ("offices", code, "place"), _unknown("place", office.place, dict(scenario.places))
        if office.country not in scenario.services:
            yield ("offices", code, "country"), _unknown("service", office.country, scenario.services)
    for code, policy in scenario.policies.items():
        if code not in scenario.offices:
            yield ("policies", code), _unknown("office", code, dict(scenario.offices))
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
                        _unknown("trader", trader, dict(scenario.traders)),
                    )
    entry = scenario.assumptions.scan_share_at_entry
    if entry.office not in scenario.policies:
        yield (
            ("assumptions", "scan_share_at_entry", "office"),
            _unknown("office", entry.office, dict(scenario.policies)),
        )


def _side(scenario: Scenario, key: str, side: Side) -> Iterator[Finding]:
    here: Location = ("sides", key)
    if key != side.key:
        yield here, f"the key must be {side.key!r}: office and direction"
    if side.office not in scenario.offices:
        yield (*here, "office"), _unknown("office", side.office, dict(scenario.offices))
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
                yield (*here, "phases", name, "after"), _unknown("phase", before, dict(side.phases))
        graph[name] = {before for before in phase.after if before in side.phases}
        if phase.resource is not None and phase.resource not in side.resources:
            yield (*here, "phases", name, "resource"), _unknown("resource", phase.resource, dict(side.resources))
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
            yield (*here, *location), _unknown("resource", name, dict(side.resources))
    yield from _staff(side, (*here, "customs", "staff"))


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
            yield (*where, "follows"), _unknown("side with background", key, dict(scenario.sides))
            return
        if key in seen:
            yield (*where, "follows"), "follows itself in a circle: give one of the sides a rate"
            return
        seen.add(key)
        key = other.background.follows


def _stops(scenario: Scenario, here: Location, flow: Flow) -> Iterator[Finding]:
    for number, stop in enumerate(flow.stops):
        where: Location = (*here, "stops", number)
        if stop.place not in scenario.places:
            yield (*where, "place"), _unknown("place", stop.place, dict(scenario.places))
        if stop.office is not None and stop.office not in scenario.offices:
            yield (*where, "office"), _unknown("office", stop.office, dict(scenario.offices))
        elif stop.office is not None and scenario.offices[stop.office].customs is None:
            yield (*where, "office"), f"office {stop.office!r} states no customs work: add 'customs' to it"
        if stop.side is not None and stop.side not in scenario.sides:
            yield (*where, "side"), _unknown("side", stop.side, dict(scenario.sides))
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
            yield (*here, part, number), _unknown("trader", trader, dict(scenario.traders))
    entries = {key for key in flow.sides if key in scenario.sides and scenario.sides[key].direction == "entry"}
    for key, trader in flow.carriers.items():
        if key not in entries:
            yield (*here, "carriers", key), _unknown("entry side", key, entries)
        if trader not in scenario.traders:
            yield (*here, "carriers", key), _unknown("trader", trader, dict(scenario.traders))
    if flow.declared_ahead is not None and flow.declared_ahead.side not in entries:
        yield (*here, "declared_ahead", "side"), _unknown("entry side", flow.declared_ahead.side, entries)
    elif flow.declared_ahead is not None:
        country = scenario.sides[flow.declared_ahead.side].country
        for number, trader in enumerate(flow.consignees):
            if trader in scenario.traders and scenario.traders[trader].country != country:
                yield (*here, "consignees", number), f"declares ahead at {country}, so it must be a trader of {country}"
    for key in sorted(entries - set(flow.carriers)):
        yield (*here, "carriers"), f"names no carrier that files at {key!r}: add one"
    if flow.departure_office in scenario.offices:
        country = scenario.offices[flow.departure_office].country
        for number, trader in enumerate(flow.consignors):
            if trader in scenario.traders and scenario.traders[trader].country != country:
                yield (*here, "consignors", number), f"lodges at {country}, so it must be a trader of {country}"


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


def _arms(scenario: Scenario) -> Iterator[Finding]:
    if "baseline" not in scenario.arms:
        yield ("arms",), "has no baseline: add it, the other arms are compared with it"
    for arm in scenario.arms:
        if arm not in ARMS:
            yield ("arms", arm), _unknown("arm", arm, ARMS)
        for agreement in scenario.arms[arm]:
            if agreement not in registry():
                yield ("arms", arm, agreement), _no_agreement(agreement)
    known = {name for statuses in scenario.arms.values() for name in statuses}
    for number, agreement in enumerate(scenario.what_if):
        if isinstance(scenario.what_if, Mapping):
            if agreement not in registry():
                yield ("what_if", agreement), _no_agreement(agreement)
        elif agreement not in known:
            yield ("what_if", number), _unknown("agreement", agreement, known)


def _no_agreement(agreement: str) -> str:
    return f"{registry().no_such(agreement)}: correct it, or see 'corridor agreements'"


_UNDER_FAULTS = frozenset(
    {"coverage_kept_under_faults", "ends_as_without_faults", "nothing_doubled", "nothing_lost", "nothing_parked"}
)


def _checks(scenario: Scenario) -> Iterator[Finding]:
    needs = {
        "coverage_kept_under_faults": (),
        "coverage_gain_at_least": ("arm", "limit"),
        "coverage_loss_at_most": ("arm", "limit"),
        "finds_no_fewer": ("arm",),
        "ends_as_without_faults": (),
        "images_repaired": (),
        "nothing_doubled": (),
        "nothing_lost": (),
        "nothing_parked": (),
        "utilisation_at_most": ("limit",),
        "delivered_all": (),
        "distance_at_least": ("flow", "length"),
        "recognised_by_chain": (),
        "saved_not_negative": ("arm",),
        "journey_between": ("flow", "band"),
        "side_between": ("side", "band"),
        "last_through_within": ("flow", "other", "hours"),
        "waits_at_home_between": ("flow", "band"),
        "side_saves_at_least": ("side", "arm", "hours"),
        "side_saves_at_most": ("side", "arm", "hours"),
        "export_mass_differs_between": ("shares",),
        "export_unknown_between": ("shares",),
        "settled_between": ("shares",),
        "recovered_between": ("shares",),
        "days_to_settle_between": ("band",),
    }
    for number, check in enumerate(scenario.checks):
        if check.kind in _UNDER_FAULTS and not scenario.faults:
            yield ("checks", number), f"a check of kind {check.kind} needs faults: list some, or remove it"
        if check.kind == "images_repaired" and scenario.images is None:
            yield ("checks", number), f"a check of kind {check.kind} needs images: say who takes them, or remove it"
        for field in needs[check.kind]:
            if getattr(check, field) is None:
                yield ("checks", number), f"a check of kind {check.kind} needs {field}: add it"
        if check.side is not None and check.side not in scenario.sides:
            yield ("checks", number, "side"), _unknown("side", check.side, dict(scenario.sides))
        if check.flow is not None and check.flow not in {flow.id for flow in scenario.flows}:
            yield ("checks", number, "flow"), _unknown("flow", check.flow, {flow.id for flow in scenario.flows})
        if check.other is not None and check.other not in {flow.id for flow in scenario.flows}:
            yield ("checks", number, "other"), _unknown("flow", check.other, {flow.id for flow in scenario.flows})
        if check.kind in ("last_through_within", "waits_at_home_between") and not scenario.books:
            yield ("checks", number), f"a check of kind {check.kind} needs a flow with a booking"
        if check.arm is not None and check.arm not in scenario.arms:
            yield ("checks", number, "arm"), _unknown("arm", check.arm, dict(scenario.arms))


__all__ = ["incoherences"]
