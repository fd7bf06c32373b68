"""Vehicles and the consignments in them: what luck and the scenario fixed before the first hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from exchange.identifiers import container_id
from exchange.luck import Luck
from exchange.messages import (
    Consignment,
    GoodsItem,
    ItineraryStop,
    MonetaryAmount,
    Packaging,
    Party,
    Seal,
    TransportDocument,
    TransportEquipment,
)
from exchange.messages import Place as PlaceOf
from exchange.validation.content_rules import BULK
from scenarios.events import ConsignmentFacts, Irregularity
from scenarios.scenario import Flow, Scenario
from scenarios.scenario.model import ByContent
from scenarios.world.rolling import DOCUMENTS, means, planned_ship, serial, unit_id
from scenarios.world.schedule import Plan, plans

if TYPE_CHECKING:
    from scenarios.world.sailing import Sailing


class Shipment:
    """A consignment on its way. ``entries_passed`` counts entry sides it has reached. ``tampered``: somebody has broken
    a seal of it by hand, which shows at the next entry side."""

    __slots__ = (
        "case",
        "consignee",
        "consignment",
        "consignor",
        "entries_passed",
        "facts",
        "flow",
        "gross",
        "mismatch",
        "ordinal",
        "released",
        "seal_shows",
        "seized",
        "tampered",
        "ucr",
        "units",
    )

    def __init__(
        self,
        *,
        flow: Flow,
        facts: ConsignmentFacts,
        consignment: Consignment,
        consignor: str,
        consignee: str,
        mismatch: Literal["seal", "mass"] | None,
    ) -> None:
        self.flow = flow
        self.facts = facts
        self.case = facts.case
        """The base UCR."""
        self.consignment = consignment
        self.consignor = consignor
        self.consignee = consignee
        self.mismatch = mismatch
        self.units = facts.containers
        self.gross = consignment.gross_mass
        self.ucr = facts.case
        self.entries_passed = 0
        self.ordinal = 0
        self.released = False
        self.seized = False
        self.seal_shows = False
        self.tampered = False

    @property
    def irregular(self) -> Irregularity | None:
        """Return the irregularity if it has arisen by now."""
        found = self.facts.irregularity
        return found if found is not None and found.arises <= self.entries_passed else None


class Vehicle:
    """A train or truck with what is in it. A consignment cut out gets a vehicle of its own, with the same luck."""

    __slots__ = ("flow", "id", "luck_id", "plan", "sailing", "shipments")

    def __init__(self, flow: Flow, plan: Plan, shipments: list[Shipment], identity: str | None = None) -> None:
        self.flow = flow
        self.plan = plan
        self.shipments = shipments
        self.luck_id = plan.vehicle
        self.id = identity or plan.vehicle
        self.sailing: Sailing | None = None

    def ship(self, leg: int) -> str | None:
        """Return the IMO number of the ship that it boarded last, for a leg that is sailed on a line."""
        return self.sailing.ship if self.sailing is not None and self.flow.legs[leg].sailing is not None else None


def vehicles(scenario: Scenario, luck: Luck) -> list[Vehicle]:
    """Return all vehicles of the scenario, loaded."""
    made = []
    for flow, plan, parts in _loads(ByContent(scenario), luck):
        made.append(Vehicle(flow, plan, [Shipment(flow=flow, **part) for part in parts]))
    return made


def loaded(scenario: Scenario, flow: Flow, plan: Plan, luck: Luck) -> Vehicle:
    """Return the vehicle of one plan, loaded."""
    return Vehicle(flow, plan, [Shipment(flow=flow, **part) for part in _parts(scenario, flow, plan, luck)])


class _Part(dict):  # type: ignore[type-arg]
    """The arguments of one :class:`Shipment`."""


@lru_cache(maxsize=4)
def _loads(known: ByContent, luck: Luck) -> tuple[tuple[Flow, Plan, tuple[_Part, ...]], ...]:
    """Return what the arms of a replication load alike."""
    scenario = known.scenario
    return tuple(
        (flow, plan, tuple(_parts(scenario, flow, plan, luck)))
        for flow in scenario.flows
        for plan in plans(scenario, flow, luck)
    )


def _parts(scenario: Scenario, flow: Flow, plan: Plan, luck: Luck) -> list[_Part]:
    count, units = flow.vehicles.consignments.number, flow.vehicles.units.number
    parts, first = [], 1
    itinerary = _itinerary(scenario, flow, plan)
    for number in range(1, count + 1):
        size = units // count + (1 if number <= units % count else 0)
        turn = (plan.number - 1) * count + number - 1
        consignor = flow.consignors[turn % len(flow.consignors)]
        consignee = flow.consignees[turn // 2 % len(flow.consignees)]
        country = scenario.traders[consignor].country
        case = f"{scenario.start.year % 10}{country}{consignor}-{plan.vehicle}C{number}"
        listed = scenario.on_list(consignor, consignee)
        facts = ConsignmentFacts(
            case=case,
            flow=flow.id,
            vehicle=plan.vehicle,
            containers=size,
            on_list=listed and flow.scheme,
            irregularity=_irregularity(scenario, flow, case, listed, luck),
        )
        mismatch: Literal["seal", "mass"] | None = None
        if luck.uniform(case, "consignment", "mismatch") < flow.mismatch.value:
            mismatch = "seal" if luck.uniform(case, "consignment", "mismatch-what") < 0.5 else "mass"
        units_here = range(first, first + size)
        consignment = _consignment(scenario, flow, plan, number, units_here, consignor, consignee, itinerary)
        first += size
        parts.append(
            _Part(facts=facts, consignment=consignment, consignor=consignor, consignee=consignee, mismatch=mismatch)
        )
    return parts


def _irregularity(scenario: Scenario, flow: Flow, case: str, listed: bool, luck: Luck) -> Irregularity | None:
    table = scenario.detection
    share = (table.irregular_on_list if listed else table.irregular_off_list).value
    if luck.uniform(case, "consignment", "irregular") >= share:
        return None
    entries = sum(scenario.sides[key].direction == "entry" for key in flow.sides)
    arises = 0
    if entries and luck.uniform(case, "consignment", "arises") < table.arises_on_the_way.value:
        arises = 1 + int(luck.uniform(case, "consignment", "arises-where") * entries)
    hard = luck.uniform(case, "consignment", "grade") < table.hard.value
    return Irregularity(grade="hard" if hard else "easy", arises=arises)


def _consignment(
    scenario: Scenario,
    flow: Flow,
    plan: Plan,
    number: int,
    units: range,
    consignor: str,
    consignee: str,
    itinerary: tuple[ItineraryStop, ...],
) -> Consignment:
    """Return what is declared of ``units`` of a vehicle, whose consignments have one and the same ``itinerary``."""
    turn = (plan.number - 1) * flow.vehicles.consignments.number + number - 1
    goods = flow.goods[turn % len(flow.goods)]
    origin = scenario.offices[flow.departure_office].country
    destination = scenario.offices[flow.destination_office].country
    size = len(units)
    gross = Decimal(round(goods.packed_mass.value)) * size
    tare = Decimal(round(flow.vehicles.tare.value))
    declared = Consignment(
        country_of_dispatch=origin,
        country_of_destination=destination,
        container_indicator=flow.unit == "container",
        gross_mass=gross,
        consignor=_party(scenario, consignor),
        consignee=_party(scenario, consignee),
        transport_means=means(flow, plan, units, origin, ship=planned_ship(scenario, flow, plan)),
        transport_equipment=tuple(
            _equipment(flow, plan, number, unit, origin, tare) for number, unit in enumerate(units, 1)
        ),
        goods_items=(
            GoodsItem(
                sequence_number=1,
                hs_code=goods.hs_code,
                description=goods.description,
                origin_country=goods.origin,
                gross_mass=gross,
                net_mass=Decimal(round(goods.net_mass.value)) * size,
                packaging=Packaging(kind=goods.package)
                if goods.package in BULK
                else Packaging(
                    kind=goods.package, quantity=goods.packages.number * size, marks=f"{plan.vehicle}/{number}"
                ),
                statistical_value=MonetaryAmount(
                    amount=Decimal(round(goods.value)) * size, currency_code=goods.currency
                ),
            ),
        ),
        itinerary=itinerary,
        transport_documents=(
            TransportDocument(
                kind=DOCUMENTS[flow.leg_mode(0)], id=f"{flow.vehicles.prefix}{plan.number:03d}{number:02d}"
            ),
        ),
    )
    return declared.changed({"itinerary": itinerary})  # checked above; nodes know the way of the vehicle's stops again


def _equipment(flow: Flow, plan: Plan, number: int, unit: int, origin: str, tare: Decimal) -> TransportEquipment:
    """Return a container, or a wagon or trailer, with its seal (``tare``: kilograms); there are a thousand of them."""
    boxed, serial_number = flow.unit == "container", serial(plan, unit)
    seal = {"sequence_number": 1, "id": f"{origin}{flow.vehicles.prefix}{serial_number:07d}"}
    return TransportEquipment.made(
        {
            "sequence_number": number,
            "container_id": container_id(flow.owner, "U", f"{serial_number % 1000000:06d}") if boxed else None,
            "means_id": None if boxed else unit_id(flow, plan, unit, origin),
            "tare_mass": tare,
            "number_of_seals": 1,
            "seals": (Seal.made(seal),),
        }
    )


def units_of(shipment: Shipment) -> range:
    """Return the numbers of the units of ``shipment`` within its vehicle."""
    count, total = shipment.flow.vehicles.consignments.number, shipment.flow.vehicles.units.number
    number = int(shipment.case.rsplit("C", 1)[1])
    base, rest = divmod(total, count)
    first = (number - 1) * base + min(number - 1, rest) + 1
    return range(first, first + shipment.units)


def _party(scenario: Scenario, trader: str) -> Party:
    found = scenario.traders[trader]
    return Party(id=trader, name=found.name, country_code=found.country)


def place_of(scenario: Scenario, name: str) -> PlaceOf:
    """Return the place ``name`` as messages tell it: its UN/LOCODE, or country and name where none exists."""
    place = scenario.places[name]
    if place.unlocode is not None:
        return PlaceOf(unlocode=place.unlocode)
    return PlaceOf(country_code=place.country, name=place.name)


def as_expected(goods: Consignment, office: str, earliest: datetime) -> Consignment:
    """Return ``goods`` as a late carrier files them: all expected times moved, so that ``office`` is not before
    ``earliest`` (UTC). Goods that are in time are returned as they are.
    """
    planned = next(stop.eta for stop in goods.itinerary if stop.office == office)
    if planned >= earliest:
        return goods
    late = earliest - planned
    return goods.changed({"itinerary": _moved(goods.itinerary, late)})


def _moved(stops: tuple[ItineraryStop, ...], late: timedelta) -> tuple[ItineraryStop, ...]:
    """Return ``stops`` expected ``late`` later: the same for all goods of a vehicle, which share their stops."""
    known = _MOVED.get((id(stops), late))
    if known is not None and known[0] is stops:
        return known[1]
    if len(_MOVED) >= _MOST:
        _MOVED.clear()
    moved = tuple([stop.changed({"eta": stop.eta + late}) for stop in stops])
    _MOVED[id(stops), late] = stops, moved
    return moved


_MOVED: dict[tuple[int, timedelta], tuple[tuple[ItineraryStop, ...], tuple[ItineraryStop, ...]]] = {}
"""By the identity of the stops, which stand beside what became of them, so that none are taken for others."""
_MOST = 1024


def _itinerary(scenario: Scenario, flow: Flow, plan: Plan) -> tuple[ItineraryStop, ...]:
    found: list[tuple[str, Literal["DEP", "EXT", "ENT", "DES"], datetime]] = []
    for number, stop in enumerate(flow.stops):
        at = scenario.start + timedelta(seconds=plan.expected.get(number, 0))
        if stop.office is not None:
            found.append((stop.office, "DES" if number == len(flow.stops) - 1 else "DEP", at))
        if stop.side is not None:
            side = scenario.sides[stop.side]
            found.append((side.office, "EXT" if side.direction == "exit" else "ENT", at))
    return tuple(
        ItineraryStop(
            sequence_number=n,
            office=office,
            country_code=scenario.offices[office].country,
            role=role,
            place=place_of(scenario, scenario.offices[office].place),
            eta=eta,
        )
        for n, (office, role, eta) in enumerate(found, 1)
    )


__all__ = ["Shipment", "Vehicle", "as_expected", "loaded", "place_of", "units_of", "vehicles"]
