"""One agreement: its parties, what it covers and within what scope, its status and how that came about."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

IN_FORCE = "in force"
STATUSES = ("contact", "discussed", "in preparation", "drafted", "negotiated", "signed", "in test", IN_FORCE)
"""What an agreement passes through, from first contact on."""

COVERS = ("information", "recognition", "images", "assistance", "air")
"""What an agreement may cover."""
COVERED = {
    "information": "preliminary information",
    "recognition": "recognition of control results",
    "images": "inspection images",
    "assistance": "mutual administrative assistance",
    "air": "prevention of violations in air carriage",
}
"""What an agreement may cover, in words."""

SERVICE_CODES = frozenset({"UNA", "UNC", "LST", "STQ", "STS", "NCK"})
"""Messages between services that any exchange needs: who is there, who takes part, where a case stands."""
CASE_CODES = frozenset(
    {
        *("AAR", "ATR", "DEP", "ARR", "NCF", "INC", "SEA", "INV", "DCR", "DSC", "DSS", "WRO"),
        *("DRQ", "DRS", "ENQ", "ENR", "PDC", "MAQ", "MAS", "ALR"),
    }
)
"""Messages between services about goods on their way: under an agreement with a scope, for goods within it."""
INFORMATION_CODES = SERVICE_CODES | CASE_CODES
"""Messages between services that an agreement on preliminary information covers."""
RECOGNITION_CODES = SERVICE_CODES | {"CTR", "RCG"}
"""Messages between services that an agreement on recognition covers."""
IMAGE_CODES = SERVICE_CODES | {"IMG"}
"""Messages between services that an agreement on inspection images covers."""
ASSISTANCE_CODES = frozenset({"MAQ", "MAS", "NCK"})
"""Messages between services that an agreement on mutual assistance covers."""
CODES = {
    "information": INFORMATION_CODES,
    "recognition": RECOGNITION_CODES,
    "images": IMAGE_CODES,
    "assistance": ASSISTANCE_CODES,
    "air": INFORMATION_CODES,
}
"""What is covered → the messages between services that it allows."""

MODES = {"MARITIME": "1", "RAIL": "2", "ROAD": "3", "AIR": "4"}
"""Modes that a scope may name → their codes in messages."""

Mark = Literal["verified", "recalled", "designed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Where a statement comes from: verified (in the source named), recalled (general knowledge), designed (ours)."""

    source: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of status. ``on`` is "2016", "2016-05" or "2016-05-11", or None for an assumption without a date."""

    status: str
    on: str | None
    basis: Statement

    def by(self, day: date) -> bool:
        """Return whether the change had happened by ``day``; without a day of its own, by the end of month or year."""
        return self.on is None or last_day(self.on) <= day


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Whose results count: control forms, result codes, greatest age (days), for listed traders only or for all.

    ``with_images``: the image may go along with a result. ``image_duty``: a scan or an inspection counts only with it.
    """

    forms: frozenset[str]
    results: frozenset[str]
    max_age_days: int
    participants_only: bool
    with_images: bool = True
    image_duty: bool = False
    basis: Statement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an agreement is limited to. Empty: no limit.

    ``hs``: prefixes of goods codes; ``modes``: codes of transport modes; ``border_points``: location codes, one of
    which the way must pass; ``crossings``: the same in words, also where there is no code; ``participants``: traders
    that are agreed on in advance.
    """

    hs: tuple[str, ...] = ()
    modes: frozenset[str] = frozenset()
    border_points: tuple[str, ...] = ()
    crossings: tuple[str, ...] = ()
    participants: bool = False
    basis: Statement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What of a consignment a scope asks for: its goods codes, transport modes and the places it passes."""

    hs: tuple[str, ...]
    modes: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One agreement. ``status`` is the one in use; ``real`` is the agreement as it is, where a run assumes otherwise.

    ``sides``: countries of one side deal with those of the others only. ``since`` and ``until``: from and until
    (exclusive) when it is in force; None: without limit. ``carried``: whether nodes exchange messages under it, or it
    works by other means. ``residual``: share of recognised consignments that is controlled by chance all the same.
    ``forwarding``: services to which what was received under it may be passed on. ``chain``: control results go to the
    next of its services on the way only, which passes them on to the one after it.
    """

    id: str
    title: str
    kind: str
    sides: tuple[frozenset[str], ...]
    covers: frozenset[str]
    recognition: Recognition | None
    scope: Scope
    residual: float | None
    residual_basis: Statement | None
    forwarding: frozenset[str]
    forwarding_basis: Statement | None
    chain: bool
    carried: Literal["nodes", "elsewhere"]
    joined: tuple[tuple[str, date], ...]
    left: tuple[tuple[str, date], ...]
    status: str
    since: date | None
    until: date | None
    schema_version: str
    source: str
    mark: Mark
    history: tuple[Change, ...]
    notes: str = ""
    real: Agreement | None = None

    @property
    def in_use(self) -> str:
        """Return the status in use, with what dates a run assumes: "in force from 2018-01-01"."""
        dates = [(word, day) for word, day in (("from", self.since), ("until", self.until)) if day is not None]
        return " ".join([self.status, *(f"{word} {day}" for word, day in dates if self.real is not None)])

    @property
    def limited(self) -> bool:
        """Return whether it covers some goods, modes or border points only."""
        return bool(self.hs or self.modes or self.border_points)

    @cached_property
    def parties(self) -> frozenset[str]:
        """Return the countries that take part, whenever."""
        return frozenset().union(*self.sides)

    @property
    def information(self) -> bool:
        """Return whether preliminary information is covered."""
        return "information" in self.covers

    @property
    def hs(self) -> tuple[str, ...]:
        """Return the prefixes of the goods codes in scope; none means all goods."""
        return self.scope.hs

    @property
    def border_points(self) -> tuple[str, ...]:
        """Return the location codes of the border points in scope; none means any."""
        return self.scope.border_points

    @cached_property
    def modes(self) -> frozenset[str]:
        """Return the codes of the transport modes in scope; none means any."""
        return self.scope.modes or (frozenset({MODES["AIR"]}) if self.covers == {"air"} else frozenset())

    @cached_property
    def codes(self) -> frozenset[str]:
        """Return the codes of the messages between services that it covers."""
        images = IMAGE_CODES if self.recognition is not None and self.recognition.with_images else frozenset()
        return images.union(*(CODES[what] for what in self.covers))

    def takes_part(self, country: str, on: date) -> bool:
        """Return whether ``country`` is a party on this day."""
        return (
            country in self.parties
            and all(since <= on for party, since in self.joined if party == country)
            and all(on < until for party, until in self.left if party == country)
        )

    def links(self, one: str, other: str, on: date) -> bool:
        """Return whether the two countries are parties on this day, and of different sides."""
        return (
            one != other
            and not any(one in side and other in side for side in self.sides)
            and self.takes_part(one, on)
            and self.takes_part(other, on)
        )

    def applies(self, one: str, other: str, on: date) -> bool:
        """Return whether nodes of the countries ``one`` and ``other`` may exchange under it on this day."""
        return (
            self.status == IN_FORCE
            and self.carried == "nodes"
            and (self.since is None or self.since <= on)
            and (self.until is None or on < self.until)
            and self.links(one, other, on)
        )

    def status_at(self, day: date) -> str | None:
        """Return the status that the registry's history has for this day; None before its first entry."""
        return next((change.status for change in reversed(self.history) if change.by(day)), None)

    def may_forward(self, country: str) -> bool:
        """Return whether what was received under it may be passed on to ``country``."""
        return country in self.forwarding

    def covers_goods(self, hs_codes: Iterable[str]) -> bool:
        """Return whether all the goods are in scope (no list of prefixes means all goods)."""
        return not self.hs or all(code.startswith(self.hs) for code in hs_codes)

    def covers_border(self, places: Iterable[str]) -> bool:
        """Return whether the way passes one of the agreement's border points (none listed means any)."""
        return not self.border_points or any(place in self.border_points for place in places)

    def covers_modes(self, modes: Iterable[str]) -> bool:
        """Return whether one of the transport modes (codes) is in scope (none listed means any)."""
        return not self.modes or any(mode in self.modes for mode in modes)

    def admits(self, goods: Goods) -> bool:
        """Return whether a consignment is in scope: its goods, modes and border points."""
        return self.covers_goods(goods.hs) and self.covers_modes(goods.modes) and self.covers_border(goods.places)


def last_day(text: str) -> date:
    """Return the last day of "2016", "2016-05" or "2016-05-11"; raise ValueError for anything else."""
    parts = text.split("-")
    if (
        not all(part.isascii() and part.isdigit() for part in parts)
        or [len(part) for part in parts] != [4, 2, 2][: len(parts)]
    ):
        raise ValueError(f'{text!r} is no date: write "2016", "2016-05" or "2016-05-11"')
    numbers = [int(part) for part in parts]
    try:
        if len(numbers) == 1:
            return date(numbers[0], 12, 31)
        if len(numbers) == 2:
            return date(numbers[0], numbers[1], calendar.monthrange(*numbers)[1])
        return date(*numbers)
    except ValueError:
        raise ValueError(f"{text!r} is no date: there is no such month or day") from None


__all__ = [
    "ASSISTANCE_CODES",
    "CASE_CODES",
    "COVERED",
    "COVERS",
    "IMAGE_CODES",
    "INFORMATION_CODES",
    "IN_FORCE",
    "MODES",
    "RECOGNITION_CODES",
    "SERVICE_CODES",
    "STATUSES",
    "Agreement",
    "Change",
    "Goods",
    "Mark",
    "Recognition",
    "Scope",
    "Statement",
    "last_day",
]
