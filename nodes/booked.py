"""Times that an office has given to vehicles (SLT): what a node remembers of them, and which is free next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from exchange.messages import format_time

BOOKED = "booked"
"""Kind of the entry of the node's own stream that tells of a time given, or given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A time that was given: its number, until when the vehicle ``means`` of the case must have come, to whom."""

    number: str
    at: datetime
    case: str
    by: str
    means: str

    def written(self, office: str, presentation: str, *, kept: bool) -> dict[str, Any]:
        """Return it as plain JSON for the node's own stream; ``kept``: false if it was given back."""
        return {
            "office": office,
            "presentation": presentation,
            "number": self.number,
            "at": format_time(self.at),
            "case": self.case,
            "by": self.by,
            "means": self.means,
            "kept": kept,
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Booked:
        """Return the booking that an entry tells of."""
        at = datetime.fromisoformat(data["at"])
        return cls(number=data["number"], at=at, case=data["case"], by=data["by"], means=data["means"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Times that an office gives at one presentation, one vehicle each, at least ``spacing`` apart.

    ``early``: how long before its time a vehicle may come.
    """

    spacing: timedelta
    early: timedelta


def first_free(booked: Sequence[datetime], earliest: datetime, plan: Slots) -> datetime:
    """Return the first time from ``earliest`` on that is a spacing away from all that are ``booked`` (rising)."""
    at = earliest
    for other in booked:
        if other - at >= plan.spacing:
            break
        at = max(at, other + plan.spacing)
    return at


def after(
    slots: Sequence[Booked], told: Mapping[str, Any], now: datetime, keep: timedelta = timedelta(days=1)
) -> tuple[Booked, ...]:
    """Return the bookings of one office with what an entry tells of: given, or given back; long past ones go."""
    one = Booked.read(told)
    rest = [other for other in slots if other.number != one.number and other.at >= now - keep]
    return tuple(sorted([*rest, one] if told["kept"] else rest, key=lambda other: other.at))


__all__ = ["BOOKED", "Booked", "Slots", "after", "first_free"]
