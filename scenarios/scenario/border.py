"""A border side as a scenario file states it: resources, phases, the customs' work, background traffic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field, PrivateAttr, StrictStr, field_validator

from scenarios.scenario.figures import (
    Count,
    DayProfile,
    Duration,
    Hours,
    HoursRange,
    Rate,
    Share,
    Strict,
    WeekProfile,
)

Bucket = Literal["queue", "documents", "scan", "inspection", "gauge", "other"]
"""What the hours of a phase are booked to."""
Name = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
OPENING = re.compile(r"([01][0-9]|2[0-4]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]")
OpeningHours = Annotated[StrictStr, Field(pattern=f"^{OPENING.pattern}$")]


STAFF = "officers"
"""The name under which the officers on duty at a side are counted among its resources."""


class Resource(Strict):
    """Desks, scanners, bays, cranes, slots: what several vehicles compete for."""

    capacity: Count
    opening: OpeningHours | None = Field(
        default=None, description="Local hours in which work may begin, 'HH:MM-HH:MM'; left out: round the clock."
    )

    opening_on: Mapping[Weekday, OpeningHours | Literal["closed"]] | None = Field(
        default=None, description="Weekdays with other hours than 'opening', or 'closed'."
    )

    @field_validator("opening")
    @classmethod
    def _forward(cls, value: str | None) -> str | None:
        if value is not None and value[:5] >= value[6:]:
            raise ValueError(f"{value!r} closes before it opens: give hours of one day")
        return value

    @field_validator("opening", mode="before")
    @classmethod
    def _hours(cls, value: object) -> object:
        if isinstance(value, str) and OPENING.fullmatch(value) is None:
            raise ValueError(f"{value!r} are no opening hours: give them as '08:00-20:00'")
        return value

    @field_validator("opening_on", mode="before")
    @classmethod
    def _days(cls, value: object) -> object:
        for day, hours in value.items() if isinstance(value, Mapping) else ():
            if isinstance(hours, str) and hours != "closed" and OPENING.fullmatch(hours) is None:
                raise ValueError(f"{day}: {hours!r} are no opening hours: give them as '08:00-20:00', or 'closed'")
        return value

    @field_validator("opening_on")
    @classmethod
    def _opens_at_all(cls, value: Mapping[str, str] | None) -> Mapping[str, str] | None:
        for hours in (value or {}).values():
            if hours != "closed":
                cls._forward(hours)
        if value is not None and len(value) == 7 and set(value.values()) == {"closed"}:
            raise ValueError("is closed on every day of the week, so nothing ever gets through: open it on some")
        return value

    @property
    def hours(self) -> tuple[str, ...]:
        """Return the local hours of each weekday from Monday: ``closed``, or ``00:00-24:00`` round the clock."""
        usual, other = self.opening or "00:00-24:00", self.opening_on or {}
        return tuple(other.get(day, usual) for day in get_args(Weekday))


class Phase(Strict):
    """One phase of a side's precedence graph."""

    bucket: Bucket | Literal["customs"] = Field(
        description="What its hours are booked to; 'customs' is the work that the control decisions demand."
    )
    takes: tuple[Duration, ...] = Field(default=(), description="Added up, each with luck of its own.")
    after: tuple[Name, ...] = Field(default=(), description="Phases that must have ended; none: begins on arrival.")
    resource: Name | None = None
    units: Annotated[int, Field(ge=1, strict=True)] = 1
    holds: bool = Field(default=False, description="Keeps its resource until the vehicle leaves the side.")
    per: Literal["vehicle", "consignment"] = "vehicle"
    ordered: bool = Field(default=False, description="Platform wagons: see the assumption wagons_wait_for_customs.")
    gauge_change: bool = Field(default=False, description="Goods change gauge at its end: an INC is sent.")


class Documents(Strict):
    """Document work: hours by extent of the control."""

    resource: Name | None = None
    at_most: Annotated[int, Field(ge=1, strict=True)] | None = Field(
        default=None, description="Desks that may work for one vehicle at a time."
    )
    capture: Hours | None = Field(default=None, description="Entering the data, each container, wagon or truck.")
    check: Hours = Field(description="Checking, each consignment.")
    match: Hours = Field(description="Comparing list and seals of what was checked before, each consignment.")
    discharge: Hours | None = Field(default=None, description="Closing the transit, each consignment.")

    def hours(self, extent: str, units: int, consignments: int = 1) -> float | None:
        """Return the hours of work of this extent for consignments of ``units`` together; None if it has no figure."""
        capture = self.capture.value if self.capture is not None else 0.0
        return {
            "NONE": 0.0,
            "CAPTURE_AND_CHECK": capture * units + self.check.value * consignments,
            "CHECK": self.check.value * consignments,
            "MATCH": self.match.value * consignments,
            "DISCHARGE": self.discharge.value * consignments if self.discharge is not None else None,
        }.get(extent)


class ScanStep(Strict):
    """A step of a scan: work of one resource, or of none."""

    resource: Name | None = None
    per: Literal["vehicle", "consignment"] = "consignment"
    fixed: Hours
    each: Hours | None = Field(default=None, description="Added for each container, wagon or truck.")


class Hold(Strict):
    """How long a vehicle waits for a consignment under inspection, and what follows for that consignment."""

    waits: Hours = Field(description="Beyond everything else.")
    later: Duration = Field(description="From the end of its controls to its crossing by another train.")


class Officers(Strict):
    """Officers at work on one control."""

    documents: Count
    scan: Count
    weighing: Count
    inspection: Count


class Customs(Strict):
    """What customs work takes at a side or office, if a control decision demands it."""

    documents: Documents
    scan: tuple[ScanStep, ...] = ()
    weighing: Hours
    inspection: Duration
    inspection_resource: Name | None = None
    hold: Hold | None = None
    officers: Officers
    staff: Count | None = Field(
        default=None,
        description="Officers on duty. All customs work of the side draws its officers from them, beside its desk, "
        "scanner or bay: checks before arrival compete with inspections. Left out: there is an officer for each.",
    )


class Background(Strict):
    """Traffic that is no part of the scenario but competes for its resources, worked the baseline way."""

    follows: StrictStr | None = Field(
        default=None, description="The side whose background traffic arrives here when it has passed there."
    )
    rate: Rate | None = Field(default=None, description="Arrivals, where the traffic follows no other side's.")
    spread: Share | None = Field(
        default=None, description="With the rate: coefficient of variation of the lognormal factor of a day."
    )
    profile: DayProfile | None = Field(default=None, description="Left out: evenly over the day.")
    week: WeekProfile | None = Field(default=None, description="With the rate. Left out: every weekday alike.")
    units: Count = Field(description="Containers, wagons or trucks of one vehicle.")
    consignments: Count
    scan: Share | None = Field(
        default=None, description="Consignments scanned; left out: as the office's policy (and its assumption) says."
    )


class Side(Strict):
    """One side of a border: an office and the direction in which goods pass it."""

    title: StrictStr
    office: StrictStr
    direction: Literal["exit", "entry"]
    timezone: StrictStr = Field(description="IANA name; opening hours and day profile are local.")
    knows: bool = Field(description="Does its service know the goods in every arm (own or union declaration)?")
    note: StrictStr | None = None
    published: HoursRange | None = Field(default=None, description="Published band of the mean stay; none: say so.")
    resources: Mapping[Name, Resource] = Field(default_factory=dict)
    phases: Mapping[Name, Phase]
    customs: Customs | None = None
    background: Background | None = None

    _country: str = PrivateAttr("")

    @property
    def key(self) -> str:
        """Return ``<office>-<exit|entry>``."""
        return f"{self.office}-{self.direction}"

    @property
    def country(self) -> str:
        """Return the country of the office (ISO 3166)."""
        return self._country

    @property
    def band(self) -> tuple[float, float, str] | None:
        """Return the published band of mean hours with its source, if there is one."""
        if self.published is None:
            return None
        return (self.published.value.low, self.published.value.high, self.published.source)

    @property
    def opening(self) -> Mapping[str, str]:
        """Return for each resource its local opening hours (``24 h`` where it never closes)."""
        return {
            name: ", ".join([resource.opening or "24 h", *(f"{d} {h}" for d, h in (resource.opening_on or {}).items())])
            for name, resource in self.resources.items()
        }


__all__ = [
    "STAFF",
    "Background",
    "Bucket",
    "Customs",
    "Documents",
    "Hold",
    "Officers",
    "Phase",
    "Resource",
    "ScanStep",
    "Side",
]
