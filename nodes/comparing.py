"""Comparing export data with the declaration at the other end (PIX-046), and times and ways with one another.

Tolerances are those of the Russian–Italian and Iranian–Russian arrangements as the catalogue of rules has them: gross
mass 5 %, value 10 %, HS to six digits. Greatest speeds are those of CAREC's corridor measurements (PIX-042).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Any

import schemas
from exchange.messages import Consignment, ExportData, GoodsItem, ItineraryStop
from nodes.way import way_of

MASS = Decimal("0.05")
VALUE = Decimal("0.10")
FASTEST = {"1": 50.0, "2": 90.0, "3": 120.0}
"""Greatest plausible speed by mode of transport (sea, rail, road), km/h."""
SHORT = 20.0
"""Kilometres below which positions in whole minutes of arc tell nothing of a speed."""
EARTH = 6371.0
"""Mean radius of the earth, km."""


def mismatches(data: ExportData, consignment: Consignment) -> Iterator[str]:
    """Yield what differs between export data and the declaration here: HS, MASS, VALUE, CONTAINER, SEAL."""
    if _headings(data.goods_items) != _headings(consignment.goods_items):
        yield "HS"
    exported = sum((item.gross_mass for item in data.goods_items), Decimal(0))
    if _apart(exported, sum((item.gross_mass for item in consignment.goods_items), Decimal(0)), MASS):
        yield "MASS"
    one, other = _values(data.goods_items), _values(consignment.goods_items)
    if one is not None and other is not None and (one[1] != other[1] or _apart(one[0], other[0], VALUE)):
        yield "VALUE"
    if _ids(data, "container_id") != _ids(consignment, "container_id"):
        yield "CONTAINER"
    if _seals(data) != _seals(consignment):
        yield "SEAL"


def _headings(items: tuple[GoodsItem, ...]) -> Counter[str]:
    return Counter(item.hs_code[:6] for item in items)


def _apart(one: Decimal, other: Decimal, tolerance: Decimal) -> bool:
    return abs(one - other) > tolerance * one


def _values(items: tuple[GoodsItem, ...]) -> tuple[Decimal, frozenset[str]] | None:
    """Return the sum of the values and their currencies, or None where an item has none."""
    values = [item.statistical_value for item in items]
    given = [value for value in values if value is not None]
    if len(given) != len(values):
        return None
    return sum((value.amount for value in given), Decimal(0)), frozenset(value.currency_code for value in given)


def _ids(load: Any, field: str) -> frozenset[str]:
    return frozenset(getattr(one, field) for one in load.transport_equipment) - {None}


def _seals(load: Any) -> frozenset[str]:
    return frozenset(seal.id for one in load.transport_equipment for seal in one.seals)


@cache
def _positions() -> dict[str, tuple[float, float]]:
    """Return latitude and longitude (degrees) of the UN/LOCODEs that have them in the code list."""
    return {
        row["code"]: (float(row["latitude"]), float(row["longitude"]))
        for row in schemas.code_list("unlocodes")
        if row.get("latitude") and row.get("longitude")
    }


def distance(one: ItineraryStop, other: ItineraryStop) -> float | None:
    """Return the great-circle distance between two stops in kilometres, which no way is shorter than; None where a
    place has no position."""
    return _between(one.place.unlocode or "", other.place.unlocode or "")


@lru_cache(maxsize=1024)
def _between(one: str, other: str) -> float | None:
    """Return the great-circle distance (km) between two UN/LOCODEs; None where one has no position."""
    places = _positions()
    here, there = places.get(one), places.get(other)
    if here is None or there is None:
        return None
    (lat, lon), (lat2, lon2) = (tuple(map(radians, here)), tuple(map(radians, there)))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH * asin(sqrt(half))


def too_fast(consignment: Consignment, left: tuple[str, datetime], reached: tuple[str, datetime]) -> float | None:
    """Return the speed (km/h) between two (office, time) if it is above what the mode of transport can do.

    None if it is plausible or cannot be told. The distance is a lower bound, so that a plausible way never counts.
    """
    stops, _, _, order = way_of(consignment)
    fastest = FASTEST.get(consignment.transport_means[0].mode_code)
    if fastest is None or left[0] not in order or reached[0] not in order:
        return None
    km = distance(stops[order[left[0]]], stops[order[reached[0]]])
    hours = (reached[1] - left[1]).total_seconds() / 3600
    if km is None or km < SHORT or hours <= 0:
        return None
    speed = km / hours
    return speed if speed > fastest else None


def out_of_order(
    consignment: Consignment, events: Sequence[tuple[str, str, datetime]], office: str, kind: str, at: datetime
) -> str | None:
    """Return a sentence if ``at`` cannot be when the goods arrived at or left ``office``, by the events known.

    Events are (office, "arrived" or "left", time); the goods arrive before they leave, office after office (PIX-041).
    """
    if not events:
        return None
    order = way_of(consignment).order
    if office not in order:
        return None
    here = 2 * order[office] + (kind == "left")
    for other, what, time in events:
        if time == at or other not in order:
            continue
        there = 2 * order[other] + (what == "left")
        if (there < here and time > at) or (there > here and time < at):
            when = "before" if there < here else "after"
            there_at = f"they {what} at {other} ({time:%Y-%m-%dT%H:%M:%SZ})"
            return f"The goods are said to have {kind} at {office} {when} {there_at}."
    return None


BROAD_GAUGE = frozenset(
    ["AM", "AZ", "BY", "EE", "FI", "GE", "KG", "KZ", "LT", "LV", "MD", "MN", "RU", "TJ", "TM", "UA", "UZ"]
)
"""Countries with railways of 1520 mm, or of 1524 mm, which run through."""


def gauge_breaks(consignment: Consignment, office: str) -> bool:
    """Return whether goods that come by rail find another gauge behind ``office`` than at the stop before it."""
    _, offices, countries, _ = way_of(consignment)
    if consignment.transport_means[0].mode_code != "2" or office not in offices[1:]:
        return False
    at = offices.index(office)
    before, here = countries[at - 1], countries[at]
    return (before in BROAD_GAUGE) != (here in BROAD_GAUGE)


__all__ = ["BROAD_GAUGE", "FASTEST", "distance", "gauge_breaks", "mismatches", "out_of_order", "too_fast"]
