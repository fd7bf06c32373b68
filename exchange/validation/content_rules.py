"""The rules PIX-013 to PIX-021, PIX-047 and PIX-048: masses, packages, goods, means of transport, values."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import schemas
from exchange import identifiers
from exchange.messages import CATALOGUE, GoodsItem, Message, TransportMeans
from exchange.sentences import tell
from exchange.validation.equipment_rules import MEANS
from exchange.validation.number_rules import asks, sentence
from exchange.validation.reach import WITH_SHIPMENT, having, reaching, shipments
from exchange.validation.rules import Break, Path, kept_by_schema, register

TOLERANCE = Decimal("0.1")
"""Kilograms by which a sum of masses may exceed the whole (PIX-014)."""
BULK = frozenset({"VQ", "VG", "VL", "VY", "VR", "VS", "VO"})
"""Kinds of package that mean bulk (NCTS code list of bulk packages, condition C0060)."""
UNPACKED = frozenset({"NE", "NF", "NG"})
"""Kinds of package that mean unpacked goods, which are counted in pieces (NCTS condition C0060)."""

_hs_fault = asks(identifiers.check_hs)


@register(
    "PIX-013",
    WITH_SHIPMENT,
    "net mass is at most gross mass; both are above 0 unless there are no packages",
    "NCTS R0223, R0221",
)
def item_masses(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        for index, item in enumerate(shipment.goods_items):
            where = (*path, "goods_items", index)
            if item.net_mass > item.gross_mass:
                text = tell(
                    "The net mass of {net_mass} kg is more than the gross mass of {gross_mass} kg.",
                    net_mass=item.net_mass,
                    gross_mass=item.gross_mass,
                )
                yield Break(
                    (*where, "net_mass"),
                    str(item.net_mass),
                    tell("at most {gross_mass}", gross_mass=item.gross_mass),
                    text,
                )
            if item.packaging.quantity != 0:
                for name in ("gross_mass", "net_mass"):
                    if getattr(item, name) == 0:
                        text = tell("The {name} is 0 although there are packages.", name=tell(name.replace("_", " ")))
                        yield Break((*where, name), "0", tell("more than 0 kg"), text)


@register(
    "PIX-014",
    having("consignment"),
    "the gross mass of the consignment is at least the sum of its items, with a tolerance of 0.1 kg",
    "NCTS R0983, R0994",
)
def total_mass(message: Any) -> Iterator[Break]:
    total = sum(item.gross_mass for item in message.consignment.goods_items)
    whole = message.consignment.gross_mass
    if whole + TOLERANCE < total:
        text = tell(
            "The items weigh {total} kg gross, more than the {whole} kg of the consignment.", total=total, whole=whole
        )
        yield Break(("consignment", "gross_mass"), str(whole), tell("at least {total}", total=total), text)


def _package_break(item: GoodsItem) -> tuple[str, str] | None:
    if item.packaging.kind in BULK:
        if item.packaging.quantity is not None:
            return tell("no quantity"), tell(
                "{kind} means bulk, which has no number of packages.", kind=item.packaging.kind
            )
    elif item.packaging.quantity is None:
        return tell("a quantity"), tell(
            "The number of packages or pieces of kind {kind} is missing.", kind=item.packaging.kind
        )
    return None


@register("PIX-016", WITH_SHIPMENT, "bulk has no number of packages, anything else has one", "NCTS C0060, R0364")
def package_counts(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        for index, item in enumerate(shipment.goods_items):
            broken = _package_break(item)
            if broken is not None:
                quantity = item.packaging.quantity
                where = (*path, "goods_items", index, "packaging", "quantity")
                yield Break(where, None if quantity is None else str(quantity), *broken)


@register("PIX-016a", WITH_SHIPMENT, "packages have marks; bulk and unpacked goods need none", "NCTS C0060", code="13")
def package_marks(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        for index, item in enumerate(shipment.goods_items):
            packaging = item.packaging
            if packaging.marks is None and packaging.kind not in BULK and packaging.kind not in UNPACKED:
                text = tell("The marks of the packages of kind {kind} are missing.", kind=packaging.kind)
                where = (*path, "goods_items", index, "packaging", "marks")
                yield Break(where, None, tell("the marks on the packages, or NO MARKS"), text)


@register(
    "PIX-017",
    WITH_SHIPMENT,
    "HS codes have 6, 8 or 10 digits in chapters 01-97 without 77",
    "WCO Harmonized System, EEC",
)
def hs_codes(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        for index, item in enumerate(shipment.goods_items):
            fault = _hs_fault(item.hs_code)
            if fault is not None:
                where = (*path, "goods_items", index, "hs_code")
                yield Break(where, item.hs_code, tell("a code of chapters 01-97, without 77"), sentence(fault))


_ROAD_FIRST, _ROAD_NEXT = "30", "31"


def _mismatched_means(means: tuple[TransportMeans, ...], path: Path) -> Iterator[Break]:
    for index, one in enumerate(means):
        kind, mode = one.identification_type, one.mode_code
        if kind[0] != mode:
            text = tell("An identification of type {kind} does not belong to mode {mode}.", kind=kind, mode=mode)
            yield Break(
                (*path, index, "identification_type"), kind, tell("a type that begins with {mode}", mode=mode), text
            )
        elif mode == "3":
            right = _ROAD_NEXT if index else _ROAD_FIRST
            if kind != right:
                which = (
                    tell("A further road vehicle is a trailer")
                    if index
                    else tell("The first road vehicle is the tractor")
                )
                text = tell("{which}: type {right}, not {kind}.", which=which, right=right, kind=kind)
                yield Break((*path, index, "identification_type"), kind, right, text)
        elif kind == "10":
            yield from _wrong_imo((*path, index, "id"), one.id)


def _wrong_imo(path: Path, value: str) -> Iterator[Break]:
    """Yield a break unless ``value`` is an IMO number: seven digits, the last the check digit (weights 7 to 2)."""
    if len(value) != 7 or not value.isascii() or not value.isdigit():
        text = tell("{value} is no IMO number: it takes seven digits, without the letters IMO.", value=value)
        yield Break(path, value, tell("seven digits"), text)
        return
    right = str(sum(int(digit) * weight for digit, weight in zip(value, range(7, 1, -1), strict=False)) % 10)
    if value[6] != right:
        text = tell(
            "The check digit of IMO number {value} is {digit}; it should be {right}.",
            value=value,
            digit=value[6],
            right=right,
        )
        yield Break(path, value, value[:6] + right, text)


_MEANS = (
    "identification types fit the mode; on the road the first is the vehicle (30), further ones trailers (31); "
    "an IMO number has seven digits and its check digit",
    "NCTS R0472, R0474, R0476; IMO Resolution A.1117(30)",
)


@register("PIX-018", WITH_SHIPMENT, *_MEANS)
def means_of_shipment(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        yield from _mismatched_means(shipment.transport_means, (*path, "transport_means"))


@register("PIX-018a", having(*MEANS), *_MEANS)
def other_means(message: Message) -> Iterator[Break]:
    for name in MEANS:
        yield from _mismatched_means(getattr(message, name, ()), (name,))


kept_by_schema(
    "PIX-019",
    " ".join(sorted({*WITH_SHIPMENT.split(), *having(*MEANS).split(), *reaching("means_id").split()})),
    "numbers of means of transport have no lower case",
    "NCTS R0473",
)
kept_by_schema(
    "PIX-020",
    " ".join(code for code, cls in CATALOGUE.items() if "ucr" in cls.model_fields),
    "the UCR stands once, with at most 35 characters",
    "NCTS C0502, WCO UCR recommendation",
)


@register(
    "PIX-021", having("consignment"), "country of dispatch and country of destination differ", "NCTS C0343, C0909"
)
def two_countries(message: Any) -> Iterator[Break]:
    consignment = message.consignment
    if consignment.country_of_dispatch == consignment.country_of_destination:
        path = ("consignment", "country_of_destination")
        text = tell(
            "The goods are said to go from {country_of_dispatch} to the same country.",
            country_of_dispatch=consignment.country_of_dispatch,
        )
        yield Break(path, consignment.country_of_destination, tell("another country than that of dispatch"), text)


kept_by_schema(
    "PIX-047",
    WITH_SHIPMENT,
    "dangerous goods carry a UN number of the form UN and four digits",
    "EEC Board Decisions 56 and 57 of 2018",
)


@register("PIX-048", WITH_SHIPMENT, "the values of all items are in one currency", "practice")
def one_currency(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        first: str | None = None
        for index, item in enumerate(shipment.goods_items):
            value = item.statistical_value
            if value is None or value.currency_code == first:
                continue
            if first is None:
                first = value.currency_code
                continue
            where = (*path, "goods_items", index, "statistical_value", "currency_code")
            text = tell(
                "The value of item {sequence_number} is in {currency_code}, that of another in {first}.",
                sequence_number=item.sequence_number,
                currency_code=value.currency_code,
                first=first,
            )
            yield Break(where, value.currency_code, first, text)
            break


@register(
    "PIX-048a",
    WITH_SHIPMENT,
    "the currency of a value was not withdrawn more than a year before the message was sent",
    "ISO 4217",
    severity="warning",
)
def currency_in_use(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        told: set[str] = set()
        for index, item in enumerate(shipment.goods_items):
            value = item.statistical_value
            if value is None or value.currency_code not in _WITHDRAWN or value.currency_code in told:
                continue
            year, month = _WITHDRAWN[value.currency_code]
            if (message.header.sent_at.year, message.header.sent_at.month) > (year + 1, month):
                told.add(value.currency_code)
                where = (*path, "goods_items", index, "statistical_value", "currency_code")
                text = tell(
                    "{currency_code} was withdrawn in {year}-{month:02d}.",
                    currency_code=value.currency_code,
                    year=year,
                    month=month,
                )
                yield Break(where, value.currency_code, tell("a currency in use"), text)


_WITHDRAWN = {
    row["code"]: (int(row["until"][:4]), int(row["until"][5:]))
    for row in schemas.code_list("currencies")
    if row["until"]
}

__all__ = ["BULK", "TOLERANCE", "UNPACKED"]
