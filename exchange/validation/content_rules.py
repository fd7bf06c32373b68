"""The rules PIX-013 to PIX-047: masses, packages, goods, means of transport, places and times of a message."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exchange import identifiers
from exchange.messages import ControlDecision, Departure, GoodsItem, Incident, Place, TransportMeans
from exchange.validation.number_rules import WITH_CONSIGNMENT, Shipped, asks, sentence
from exchange.validation.rules import Break, Path, kept_by_schema, register

ALL = "ADV REG REL DEP AAR ATR CTD CTR RCG ARR NCF INC DCR WRO NCK"
TOLERANCE = Decimal("0.1")
"""Kilograms by which a sum of masses may exceed the whole (PIX-014)."""
BULK = frozenset({"VQ", "VG", "VL", "VY", "VR", "VS", "VO"})
"""Kinds of package that mean bulk (NCTS code list of bulk packages, condition C0060)."""

_hs_fault = asks(identifiers.check_hs)


@register(
    "PIX-013",
    WITH_CONSIGNMENT,
    "net mass is at most gross mass; both are above 0 unless there are no packages",
    "NCTS R0223, R0221",
)
def item_masses(message: Shipped) -> Iterator[Break]:
    for index, item in enumerate(message.consignment.goods_items):
        path = ("consignment", "goods_items", index)
        if item.net_mass > item.gross_mass:
            text = f"The net mass of {item.net_mass} kg is more than the gross mass of {item.gross_mass} kg."
            yield Break((*path, "net_mass"), str(item.net_mass), f"at most {item.gross_mass}", text)
        if item.packaging.quantity != 0:
            for name in ("gross_mass", "net_mass"):
                if getattr(item, name) == 0:
                    text = f"The {name.replace('_', ' ')} is 0 although there are packages."
                    yield Break((*path, name), "0", "more than 0 kg", text)


@register(
    "PIX-014",
    WITH_CONSIGNMENT,
    "the gross mass of the consignment is at least the sum of its items, with a tolerance of 0.1 kg",
    "NCTS R0983, R0994",
)
def total_mass(message: Shipped) -> Iterator[Break]:
    total = sum(item.gross_mass for item in message.consignment.goods_items)
    whole = message.consignment.gross_mass
    if whole + TOLERANCE < total:
        text = f"The items weigh {total} kg gross, more than the {whole} kg of the consignment."
        yield Break(("consignment", "gross_mass"), str(whole), f"at least {total}", text)


def _package_break(item: GoodsItem) -> tuple[str, str] | None:
    if item.packaging.kind in BULK:
        if item.packaging.quantity is not None:
            return "no quantity", f"{item.packaging.kind} means bulk, which has no number of packages."
    elif item.packaging.quantity is None:
        return "a quantity", f"The number of packages or pieces of kind {item.packaging.kind} is missing."
    return None


@register("PIX-016", WITH_CONSIGNMENT, "bulk has no number of packages, anything else has one", "NCTS C0060, R0364")
def package_counts(message: Shipped) -> Iterator[Break]:
    for index, item in enumerate(message.consignment.goods_items):
        broken = _package_break(item)
        if broken is not None:
            quantity = item.packaging.quantity
            path = ("consignment", "goods_items", index, "packaging", "quantity")
            yield Break(path, None if quantity is None else str(quantity), *broken)


@register(
    "PIX-017",
    WITH_CONSIGNMENT,
    "HS codes have 6, 8 or 10 digits in chapters 01-97 without 77",
    "WCO Harmonized System, EEC",
)
def hs_codes(message: Shipped) -> Iterator[Break]:
    for index, item in enumerate(message.consignment.goods_items):
        fault = _hs_fault(item.hs_code)
        if fault is not None:
            path = ("consignment", "goods_items", index, "hs_code")
            yield Break(path, item.hs_code, "a code of chapters 01-97, without 77", sentence(fault))


_ROAD_FIRST, _ROAD_NEXT = "30", "31"


def _mismatched_means(means: tuple[TransportMeans, ...], path: Path) -> Iterator[Break]:
    for index, one in enumerate(means):
        kind, mode = one.identification_type, one.mode_code
        if kind[0] != mode:
            text = f"An identification of type {kind} does not belong to mode {mode}."
            yield Break((*path, index, "identification_type"), kind, f"a type that begins with {mode}", text)
        elif mode == "3":
            right = _ROAD_NEXT if index else _ROAD_FIRST
            if kind != right:
                which = "A further road vehicle is a trailer" if index else "The first road vehicle is the tractor"
                text = f"{which}: type {right}, not {kind}."
                yield Break((*path, index, "identification_type"), kind, right, text)


_MEANS = (
    "identification types fit the mode; on the road the first is the vehicle (30), further ones trailers (31)",
    "NCTS R0472, R0474, R0476",
)


@register("PIX-018", WITH_CONSIGNMENT, *_MEANS)
def means_of_consignment(message: Shipped) -> Iterator[Break]:
    yield from _mismatched_means(message.consignment.transport_means, ("consignment", "transport_means"))


@register("PIX-018a", "DEP", *_MEANS)
def means_of_departure(message: Departure) -> Iterator[Break]:
    yield from _mismatched_means(message.transport_means, ("transport_means",))


@register("PIX-018b", "INC", *_MEANS)
def means_of_incident(message: Incident) -> Iterator[Break]:
    yield from _mismatched_means(message.former_means, ("former_means",))
    yield from _mismatched_means(message.new_means, ("new_means",))


kept_by_schema("PIX-019", "ADV DEP AAR ATR INC", "numbers of means of transport have no lower case", "NCTS R0473")
kept_by_schema(
    "PIX-020", ALL, "the UCR stands once, with at most 35 characters", "NCTS C0502, WCO UCR recommendation"
)


@register("PIX-021", WITH_CONSIGNMENT, "country of dispatch and country of destination differ", "NCTS C0343, C0909")
def two_countries(message: Shipped) -> Iterator[Break]:
    consignment = message.consignment
    if consignment.country_of_dispatch == consignment.country_of_destination:
        path = ("consignment", "country_of_destination")
        text = f"The goods are said to go from {consignment.country_of_dispatch} to the same country."
        yield Break(path, consignment.country_of_destination, "another country than that of dispatch", text)


def _vague(place: Place, path: Path) -> Iterator[Break]:
    if place.unlocode is None and (place.country_code is None or place.name is None):
        missing = "country_code" if place.country_code is None else "name"
        text = "A place needs its UN/LOCODE, or both country and name."
        yield Break((*path, missing), None, "a UN/LOCODE, or country and name", text)


@register("PIX-022", WITH_CONSIGNMENT, "a place has its UN/LOCODE, or country and name", "NCTS C0387", code="13")
def places(message: Shipped) -> Iterator[Break]:
    for index, stop in enumerate(message.consignment.itinerary):
        yield from _vague(stop.place, ("consignment", "itinerary", index, "place"))


@register("PIX-022a", "INC", "a place has its UN/LOCODE, or country and name", "NCTS C0387", code="13")
def place_of_incident(message: Incident) -> Iterator[Break]:
    yield from _vague(message.place, ("place",))


@register("PIX-024", WITH_CONSIGNMENT, "expected times increase strictly along the itinerary", "NCTS R0004, R0005")
def increasing_times(message: Shipped) -> Iterator[Break]:
    itinerary = message.consignment.itinerary
    for index in range(1, len(itinerary)):
        if itinerary[index].eta <= itinerary[index - 1].eta:
            path = ("consignment", "itinerary", index, "eta")
            before = f"{itinerary[index - 1].eta:%Y-%m-%dT%H:%M:%SZ}"
            text = f"The goods are expected at {itinerary[index].office} no later than at the stop before it."
            yield Break(path, f"{itinerary[index].eta:%Y-%m-%dT%H:%M:%SZ}", f"later than {before}", text)


@register(
    "PIX-024a",
    WITH_CONSIGNMENT,
    "the goods are expected at the last stop after the message was sent",
    "NCTS R0004, R0005",
    severity="warning",
)
def times_ahead(message: Shipped) -> Iterator[Break]:
    last = len(message.consignment.itinerary) - 1
    eta = message.consignment.itinerary[last].eta
    if eta <= message.header.sent_at and not message.header.fallback_indicator:
        text = "The message was sent after the time at which the goods are expected at the last stop."
        path = ("consignment", "itinerary", last, "eta")
        yield Break(
            path, f"{eta:%Y-%m-%dT%H:%M:%SZ}", f"later than {message.header.sent_at:%Y-%m-%dT%H:%M:%SZ}", text
        )


@register(
    "PIX-039", "CTD", "a mere intention to control (type 2) lists no controls", "NCTS C0451, C0452", code="15"
)
def intention_lists_nothing(message: ControlDecision) -> Iterator[Break]:
    if message.notification_type == "2" and message.controls:
        text = "A notification of type 2 announces an intention and lists no controls."
        yield Break(("controls", 0), None, "no required control, or type 0", text)


kept_by_schema(
    "PIX-047",
    WITH_CONSIGNMENT,
    "dangerous goods carry a UN number of the form UN and four digits",
    "EEC Board Decisions 56 and 57 of 2018",
)
