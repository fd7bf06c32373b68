"""Customs offices as reference data: where they are, what they handle, and when they are open.

From the code list ``customs_offices`` (an extract of the EU Customs Office List, with invented offices marked
synthetic) and the lists ``borders`` and ``customs_unions``. Opening hours are local; public holidays are not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import schemas

TRAFFIC = {"1": "P", "2": "V", "3": "R", "4": "AIR", "8": "C"}
"""Traffic types of the office list (sea, rail, road, air, inland water) by mode of transport."""
_PERIOD = re.compile(r"([1-7])-([1-7]) (\d{4})-(\d{4})")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A customs office. ``roles`` are role/traffic pairs as in the list; ``periods`` are (weekday 1-7, first and
    last minute of the local day) and stand for the time from ``hours_from`` on, the day of the list."""

    code: str
    country: str
    name: str
    zone: ZoneInfo
    roles: frozenset[str]
    hours: str
    periods: tuple[tuple[int, int, int], ...]
    hours_from: date | None

    def has_role(self, role: str) -> bool:
        """Return whether the office has ``role`` (DEP, EXT, ENT, TRA, DES) for any traffic."""
        return any(one.startswith(role + "/") for one in self.roles)

    def handles(self, role: str, mode: str) -> bool:
        """Return whether the office has ``role`` for goods that come by ``mode`` (UN/ECE Recommendation 19)."""
        traffic = TRAFFIC.get(mode)
        return traffic is None or f"{role}/{traffic}" in self.roles

    def open_at(self, time: datetime) -> bool:
        """Return whether the office is open at ``time`` (UTC), as far as its hours are known for that day."""
        if not self.periods:
            return True
        here = time.astimezone(self.zone)
        if self.hours_from is not None and here.date() < self.hours_from:
            return True
        minute = here.hour * 60 + here.minute
        return any(day == here.isoweekday() and first <= minute <= last for day, first, last in self.periods)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[2:])


def _periods(hours: str) -> tuple[tuple[int, int, int], ...]:
    """Return the opening periods of a text like ``1-4 0830-1630; 5-5 0830-1530``.

    Round the clock is written 0000-2359 or 0001-2359 there, a second period that is none +0000-0000.
    """
    periods = []
    for part in hours.split(";"):
        days, _, times = part.strip().partition(" ")
        for clock in times.split("+"):
            found = _PERIOD.fullmatch(f"{days} {clock}")
            if found is None:
                raise ValueError(f"opening hours {hours!r} cannot be read at {part.strip()!r}")
            first, last = _minutes(found[3]), _minutes(found[4])
            if first == last:
                continue
            if first <= 1 and last >= _DAY - 1:
                first, last = 0, _DAY
            periods += [(day, first, last) for day in range(int(found[1]), int(found[2]) + 1)]
    return tuple(periods)


@cache
def offices() -> dict[str, Office]:
    """Return the offices of the code list by code."""
    return {
        row["code"]: Office(
            code=row["code"],
            country=row["country"],
            name=row["name"],
            zone=ZoneInfo(row["timezone"]),
            roles=frozenset(row["roles"].split()),
            hours=row["hours"],
            periods=_periods(row["hours"]),
            hours_from=date.fromisoformat(row["hours_from"]) if row["hours_from"] else None,
        )
        for row in schemas.code_list("customs_offices")
    }


def country_of(code: str) -> str | None:
    """Return the country of an office: the list's, or that in the first two letters of its code; None if unknown."""
    office = offices().get(code)
    if office is not None:
        return office.country
    return code[:2] if code[:2].isalpha() else None


@cache
def _unions() -> dict[str, str]:
    return {row["code"]: row["union"] for row in schemas.code_list("customs_unions")}


def territory(country: str) -> str:
    """Return the customs territory of a country: the name of its customs union, or the country itself."""
    return _unions().get(country, country)


@cache
def _borders() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in schemas.code_list("borders"):
        found.setdefault(row["one"], set()).add(row["other"])
        found.setdefault(row["other"], set()).add(row["one"])
    return {country: frozenset(others) for country, others in found.items()}


def neighbours(country: str) -> frozenset[str]:
    """Return the countries that a train or truck can reach next from ``country``; none if nothing is known of it."""
    return _borders().get(country, frozenset())


@lru_cache(maxsize=4096)
def adjacent(one: str, other: str, *, at_border: bool) -> bool:
    """Return whether goods can go from ``one`` country to ``other`` without passing a third customs territory.

    With ``at_border`` the countries themselves must border on one another, else their territories. What nothing is
    known of is taken as adjacent.
    """
    if territory(one) == territory(other) or not neighbours(one) or not neighbours(other):
        return True
    if at_border:
        return other in neighbours(one)
    reached = {territory(n) for country in _members(one) for n in neighbours(country)}
    return territory(other) in reached


def _members(country: str) -> tuple[str, ...]:
    union = _unions().get(country)
    return (country,) if union is None else tuple(c for c, name in _unions().items() if name == union)


MARGIN = timedelta(minutes=5)
"""By how much the clocks of sender and receiver may differ (PIX-003)."""

__all__ = ["MARGIN", "TRAFFIC", "Office", "adjacent", "country_of", "neighbours", "offices", "territory"]
