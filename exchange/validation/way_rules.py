"""The rules PIX-022 to PIX-026: places, offices and times on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

import schemas
from exchange.messages import Consignment, Message, Place
from exchange.sentences import join, tell
from exchange.validation.offices import Office, adjacent, country_of, offices, territory
from exchange.validation.reach import found, having, reaching
from exchange.validation.rules import Break, Path, register

WITH_CONSIGNMENT = having("consignment")
_BORDER = frozenset({"EXT", "ENT", "TRA"})
_LISTED = schemas.codes("countries")
"""A country outside its code list is told of there, and not a second time here."""


def _time(value: datetime) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}"


def _vague(place: Place, path: Path) -> Iterator[Break]:
    if place.unlocode is None and (place.country_code is None or place.name is None):
        missing = "country_code" if place.country_code is None else "name"
        text = tell("A place needs its UN/LOCODE, or both country and name.")
        yield Break((*path, missing), None, tell("a UN/LOCODE, or country and name"), text)


_PLACE = ("a place has its UN/LOCODE, or country and name", "NCTS C0387")


@register("PIX-022", WITH_CONSIGNMENT, *_PLACE, code="13")
def places(message: Any) -> Iterator[Break]:
    for index, stop in enumerate(message.consignment.itinerary):
        if stop.place.unlocode is None:
            yield from _vague(stop.place, ("consignment", "itinerary", index, "place"))


@register(
    "PIX-022a",
    " ".join(code for code in reaching("place").split() if code not in WITH_CONSIGNMENT.split()),
    *_PLACE,
    code="13",
)
def other_places(message: Message) -> Iterator[Break]:
    for path, place in found(message, "place"):
        yield from _vague(place, path)


@register(
    "PIX-023",
    WITH_CONSIGNMENT,
    "no office stands twice on the itinerary in one role, and no border office in two",
    "NCTS R0003, R0006",
)
def offices_once(message: Any) -> Iterator[Break]:
    itinerary = message.consignment.itinerary
    if len({stop.office for stop in itinerary}) == len(itinerary):
        return
    seen: list[tuple[str, str]] = []
    for index, stop in enumerate(itinerary):
        if any(stop.office == office and (stop.role == role or {stop.role, role} <= _BORDER) for office, role in seen):
            text = tell("Office {office} stands on the itinerary a second time.", office=stop.office)
            yield Break(
                ("consignment", "itinerary", index, "office"), stop.office, tell("an office that stands once"), text
            )
        seen.append((stop.office, stop.role))


@register(
    "PIX-023a",
    WITH_CONSIGNMENT,
    "the itinerary begins in the customs territory of dispatch and ends in that of destination",
    "NCTS R0003, R0006",
)
def ends_of_the_way(message: Any) -> Iterator[Break]:
    consignment = message.consignment
    itinerary = consignment.itinerary
    if consignment.country_of_dispatch == consignment.country_of_destination:
        return  # PIX-021 says so
    for index, country, which in (
        (0, consignment.country_of_dispatch, tell("dispatch")),
        (len(itinerary) - 1, consignment.country_of_destination, tell("destination")),
    ):
        stop = itinerary[index]
        if stop.country_code != country and territory(stop.country_code) != territory(country) and country in _LISTED:
            end = tell("last") if index else tell("first")
            text = tell(
                "The {end} office is in {country_code}, but {country} is the country of {which}.",
                end=end,
                country_code=stop.country_code,
                country=country,
                which=which,
            )
            path = ("consignment", "itinerary", index, "country_code")
            yield Break(path, stop.country_code, tell("{country}, or its customs territory", country=country), text)


@lru_cache(maxsize=4096)
def _first_gap(way: tuple[tuple[str, str], ...]) -> int | None:
    """Return the index of the first stop whose country cannot be reached from that before it, or None."""
    for index in range(1, len(way)):
        (one, left), (other, reached) = way[index - 1], way[index]
        if one != other and not adjacent(one, other, at_border={left, reached} <= _BORDER):
            return index
    return None


def _gap(message: Any, mode: str) -> Iterator[Break]:
    consignment: Consignment = message.consignment
    for means in consignment.transport_means:
        if means.mode_code != mode:
            return
    itinerary = consignment.itinerary
    index = _first_gap(tuple([(stop.country_code, stop.role) for stop in itinerary]))
    if index is not None:
        before, here = itinerary[index - 1].country_code, itinerary[index].country_code
        text = tell(
            "{here} cannot be reached from {before} without another customs territory between.",
            here=here,
            before=before,
        )
        path = ("consignment", "itinerary", index, "country_code")
        yield Break(path, here, tell("a neighbour of {before}, or the offices between", before=before), text)


_ADJACENT = "offices next to one another on the way lie in adjacent customs territories"


@register("PIX-023b", WITH_CONSIGNMENT, f"by rail, {_ADJACENT}", "NCTS R0003, R0006")
def adjacent_by_rail(message: Any) -> Iterator[Break]:
    yield from _gap(message, "2")


@register(
    "PIX-023c",
    WITH_CONSIGNMENT,
    f"by road, {_ADJACENT}, unless a ferry goes there",
    "NCTS R0003, R0006",
    severity="warning",
)
def adjacent_by_road(message: Any) -> Iterator[Break]:
    yield from _gap(message, "3")


@register("PIX-024", WITH_CONSIGNMENT, "expected times increase strictly along the itinerary", "NCTS R0004, R0005")
def increasing_times(message: Any) -> Iterator[Break]:
    itinerary = message.consignment.itinerary
    for index in range(1, len(itinerary)):
        if itinerary[index].eta <= itinerary[index - 1].eta:
            path = ("consignment", "itinerary", index, "eta")
            text = tell(
                "The goods are expected at {office} no later than at the stop before it.",
                office=itinerary[index].office,
            )
            yield Break(
                path, _time(itinerary[index].eta), tell("later than {eta}", eta=_time(itinerary[index - 1].eta)), text
            )


@register(
    "PIX-024a",
    WITH_CONSIGNMENT,
    "the goods are expected at the last stop after the message was sent",
    "NCTS R0004, R0005",
    severity="warning",
)
def times_ahead(message: Any) -> Iterator[Break]:
    last = len(message.consignment.itinerary) - 1
    eta = message.consignment.itinerary[last].eta
    if eta <= message.header.sent_at and not message.header.fallback_indicator:
        text = tell("The message was sent after the time at which the goods are expected at the last stop.")
        path = ("consignment", "itinerary", last, "eta")
        yield Break(path, _time(eta), tell("later than {sent_at}", sent_at=_time(message.header.sent_at)), text)


@register(
    "PIX-024b",
    "ATR",
    "the goods are expected at the office of transit after their release",
    "NCTS R0004, R0005",
    severity="warning",
)
def expected_after_release(message: Any) -> Iterator[Break]:
    if message.eta <= message.released_at and not message.header.fallback_indicator:
        text = tell(
            "The goods were released after the time at which they are expected at {transit_office}.",
            transit_office=message.transit_office,
        )
        yield Break(
            ("eta",), _time(message.eta), tell("later than {released_at}", released_at=_time(message.released_at)), text
        )


@lru_cache(maxsize=4096)
def _office_fault(code: str, country: str, role: str) -> tuple[str, str, str] | None:
    """Return (field, expected, sentence) for what is wrong with an office on the way, or None."""
    known = country_of(code)
    if known is not None and known != country and country in _LISTED:
        return (
            "country_code",
            known,
            tell("Office {code} is in {known}, not in {country}.", code=code, known=known, country=country),
        )
    office = offices().get(code)
    if office is not None and not office.has_role(role):
        roles = join(sorted({one[:3] for one in office.roles}), " or ")
        return (
            "role",
            roles,
            tell("Office {code} ({name}) does not have the role {role}.", code=code, name=office.name, role=role),
        )
    return None


@register(
    "PIX-025",
    WITH_CONSIGNMENT,
    "an office on the way is in the country given and has the role given",
    "EU Customs Office List",
    level="A",
)
def offices_fit(message: Any) -> Iterator[Break]:
    for index, stop in enumerate(message.consignment.itinerary):
        fault = _office_fault(stop.office, stop.country_code, stop.role)
        if fault is not None:
            field, expected, text = fault
            path = ("consignment", "itinerary", index, field)
            yield Break(path, getattr(stop, field), expected, text)


@lru_cache(maxsize=4096)
def _traffic_fault(code: str, role: str, mode: str) -> str | None:
    office = offices().get(code)
    if office is None or not office.has_role(role) or office.handles(role, mode):
        return None
    return tell(
        "Office {code} ({name}) has the role {role}, but not for mode {mode}.",
        code=code,
        name=office.name,
        role=role,
        mode=mode,
    )


@register(
    "PIX-025a",
    WITH_CONSIGNMENT,
    "an office on the way handles the mode by which the goods set out (they may change it)",
    "EU Customs Office List",
    severity="warning",
    level="A",
)
def offices_handle_the_mode(message: Any) -> Iterator[Break]:
    consignment = message.consignment
    mode = consignment.transport_means[0].mode_code
    for index, stop in enumerate(consignment.itinerary):
        text = _traffic_fault(stop.office, stop.role, mode)
        if text is not None:
            path = ("consignment", "itinerary", index, "office")
            yield Break(path, stop.office, tell("an office that handles this mode"), text)


@register(
    "PIX-025b",
    WITH_CONSIGNMENT,
    "an office on the way is in the list of customs offices, an extract",
    "EU Customs Office List",
    severity="warning",
    level="A",
)
def offices_known(message: Any) -> Iterator[Break]:
    known = offices()
    for index, stop in enumerate(message.consignment.itinerary):
        if stop.office not in known:
            text = tell(
                "Office {office} is not in the list of offices; its role and hours cannot be checked.",
                office=stop.office,
            )
            path = ("consignment", "itinerary", index, "office")
            yield Break(path, stop.office, tell("an office of the list customs_offices"), text)


@lru_cache(maxsize=4096)
def _closed(code: str, eta: datetime) -> Office | None:
    office = offices().get(code)
    return None if office is None or office.open_at(eta) else office


@register(
    "PIX-026",
    WITH_CONSIGNMENT,
    "the goods are expected while the office is open, in local time; else they wait",
    "EU Customs Office List, from the day of the list on",
    severity="warning",
    level="A",
)
def open_offices(message: Any) -> Iterator[Break]:
    for index, stop in enumerate(message.consignment.itinerary):
        office = _closed(stop.office, stop.eta)
        if office is not None:
            here = stop.eta.astimezone(office.zone)
            text = tell(
                "Office {office} ({name}) is closed on {here:%A} at {here:%H:%M} local time; "
                "its hours are {hours} (1 is Monday).",
                office=stop.office,
                name=office.name,
                here=here,
                hours=office.hours,
            )
            path = ("consignment", "itinerary", index, "eta")
            yield Break(path, _time(stop.eta), tell("a time at which the office is open"), text)


__all__ = ["WITH_CONSIGNMENT"]
