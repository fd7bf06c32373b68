"""Places, offices and the flows of vehicles through them, as a scenario file states them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, PrivateAttr, StrictStr

from exchange.messages import base
from scenarios.scenario.border import Customs
from scenarios.scenario.distributions import HOUR
from scenarios.scenario.figures import (
    Count,
    Distance,
    Duration,
    Hours,
    Mark,
    Mass,
    Rate,
    Share,
    Speed,
    Strict,
)

Text = Annotated[StrictStr, Field(min_length=1, max_length=512)]
Mode = Literal["rail", "road", "sea", "inland_water", "air"]
"""What carries the goods over one leg."""
MODE_CODES: dict[Mode, str] = {"sea": "1", "rail": "2", "road": "3", "air": "4", "inland_water": "8"}
"""Codes of UN/ECE Recommendation 19, one for a means of transport each."""


class Position(Strict):
    """A point on the map: degrees of latitude and longitude."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    mark: Mark
    source: Text


class Place(Strict):
    """A place; without ``unlocode`` its messages name country and name (no code exists)."""

    name: Annotated[StrictStr, Field(max_length=35)]
    country: base.CountryCode
    unlocode: base.UNLOCODE | None = None
    position: Position


class Office(Strict):
    """A customs office. ``synthetic``: the code was made up because no public list has it."""

    title: Text
    country: base.CountryCode
    place: StrictStr
    synthetic: bool
    customs: Customs | None = Field(default=None, description="Work at departure and destination; no queue there.")


class Stop(Strict):
    """A point of a route: start, border side, yard, or destination."""

    place: StrictStr
    office: StrictStr | None = Field(
        default=None, description="Office of departure (first customs stop) or destination."
    )
    side: StrictStr | None = None
    dwell: Duration | None = Field(default=None, description="Yard or technical stop.")


class Leg(Strict):
    """The way between two neighbouring stops: a distance and either a speed or a duration."""

    from_: StrictStr = Field(alias="from")
    to: StrictStr
    length: Distance
    speed: Speed | None = None
    spread: Share | None = Field(default=None, description="Log-sigma of the lognormal time, with the speed.")
    takes: Duration | None = None
    sailing: StrictStr | None = Field(default=None, description="Instead of both: the line whose ships sail it.")
    mode: Mode | None = Field(default=None, description="How this leg is travelled, of a multimodal flow.")


class Goods(Strict):
    """A kind of goods, for one container, wagon or truck."""

    hs_code: Annotated[StrictStr, Field(pattern=r"^[0-9]{6}([0-9]{2}){0,2}$")]
    description: Annotated[StrictStr, Field(max_length=512, pattern=base.TEXT)]
    origin: base.CountryCode
    net_mass: Mass
    packed_mass: Mass = Field(description="Gross: goods with their packages, without the container.")
    package: base.PackageKind
    packages: Count
    value: Annotated[float, Field(gt=0, description="Statistical value of one unit.")]
    currency: base.CurrencyCode


class Trader(Strict):
    """A trader or carrier (fictional); ``on_list``: on the list of participants agreed between the services."""

    name: Annotated[StrictStr, Field(max_length=70, pattern=base.TEXT)]
    country: base.CountryCode
    on_list: bool = True


class Lead(Strict):
    """How long before the arrival at the entry side a waiting vehicle is released."""

    late_share: Share
    late: Hours
    usual: Duration
    filed_before: Hours = Field(description="When the carrier files, before the planned arrival at the entry side.")
    waits_before: Hours = Field(
        description="When the vehicle reaches the departure office, before the planned arrival."
    )


class Booking(Strict):
    """Times at a border side that are booked beforehand, given in the order in which crossings are wished for."""

    slots: Rate = Field(description="Times given a day, evenly.")
    early: Duration = Field(description="How long before its time a vehicle comes to the border.")
    carrier: StrictStr | None = Field(
        default=None, description="The trader of the border's country who books; left out: the consignor."
    )

    @property
    def spacing(self) -> int:
        """Return the whole seconds from one time to the next."""
        return max(1, round(24 * HOUR / self.slots.value))


class Vehicles(Strict):
    """The vehicles of a flow: a number at a fixed interval, or a rate over some days with the day's profile."""

    prefix: Annotated[StrictStr, Field(pattern=r"^[A-Z]{1,2}$")]
    count: Count
    first: Hours | None = Field(default=None, description="First departure; left out: when the warm-up ends.")
    interval: Hours | None = None
    rate: Rate | None = None
    units: Count = Field(description="Containers, wagons or trucks of one vehicle.")
    consignments: Count
    tare: Mass = Field(description="Of one container; of a wagon or truck nothing is declared.")
    lead: Lead | None = None
    booking: Booking | None = Field(default=None, description="With a rate: who wishes to cross books a time first.")


class DeclaredAhead(Strict):
    """Importers who declare at the entry side themselves, citing the MRN of the export declaration."""

    side: StrictStr = Field(description="The entry side at whose office they declare.")
    after: Hours = Field(description="From the registration of the export to the importer's declaration.")
    mass_differs: Share = Field(description="Declarations whose gross mass is not that of the export declaration.")
    mass_by: Share = Field(description="By how much it is greater there.")
    unknown_mrn: Share = Field(description="Declarations that cite an MRN which the service of export does not know.")


class Alert(Strict):
    """What the service of departure comes to suspect of goods on a flight, once they have left (simulated).

    Luck settles it, the same in every arm: what is suspected does not hang on what is exchanged, only who hears of it.
    """

    knows: Share = Field(description="Consignments irregular at departure that it suspects.")
    mistaken: Share = Field(description="All others that it suspects.")
    after: Hours = Field(description="From departure to the alert.")


class Differs(Strict):
    """Goods of which more is found than was declared, without being irregular: a wrong weight in the papers."""

    share: Share = Field(description="Consignments whose mass is not that declared.")
    by: Share = Field(description="By how much it is greater; found by scan, weighing or inspection.")


class RoutePoint(NamedTuple):
    """A point of a flow's route; ``km`` from its start."""

    place: str
    name: str
    country: str
    lat: float
    lon: float
    km: float


class Flow(Strict):
    """Vehicles of one kind that follow one route."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    mode: Literal["rail", "road", "sea", "inland_water", "air", "multimodal"] = Field(
        description="Multimodal: each leg states its own."
    )
    unit: Literal["container", "wagon", "truck", "pallet"]
    owner: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")] = Field(
        default="ZCR", description="Owner code of the containers (fictional)."
    )
    via: StrictStr | None = Field(default=None, description="The way it takes; run only if the scenario chooses it.")
    scheme: bool = Field(default=True, description="Do its goods fall under the agreements' scope?")
    vehicles: Vehicles
    declared_before: Hours = Field(description="When traders lodge, before departure.")
    presented_before: Hours = Field(description="When the goods are presented at departure, before departure.")
    declared_ahead: DeclaredAhead | None = None
    differs: Differs | None = None
    alert: Alert | None = Field(default=None, description="By air: of what the service of departure warns.")
    mismatch: Share = Field(description="Consignments with a harmless difference of seal or mass at the first entry.")
    stops: Annotated[tuple[Stop, ...], Field(min_length=2)]
    legs: Annotated[tuple[Leg, ...], Field(min_length=1)]
    goods: Annotated[tuple[Goods, ...], Field(min_length=1)]
    consignors: Annotated[tuple[StrictStr, ...], Field(min_length=1)]
    consignees: Annotated[tuple[StrictStr, ...], Field(min_length=1)]
    carriers: Mapping[str, StrictStr] = Field(description="Entry side key → the carrier that files there.")

    _route: tuple[RoutePoint, ...] = PrivateAttr(())

    @property
    def route(self) -> tuple[RoutePoint, ...]:
        """Return the points of the route with positions and kilometres from its start."""
        private = self.__pydantic_private__  # asked for by the thousand: by its name it takes ten times as long
        route: tuple[RoutePoint, ...] = private["_route"] if private is not None else ()
        return route

    @property
    def sides(self) -> tuple[str, ...]:
        """Return the keys of the border sides passed, in order."""
        return tuple(stop.side for stop in self.stops if stop.side is not None)

    def leg_mode(self, leg: int) -> Mode:
        """Return how leg ``leg`` (from 0) is travelled; a leg beyond the last counts as the last."""
        if self.mode != "multimodal":
            return self.mode
        mode = self.legs[min(leg, len(self.legs) - 1)].mode
        assert mode is not None, "each leg of a multimodal flow states its mode"
        return mode

    @property
    def side_modes(self) -> Mapping[str, Mode]:
        """Return for each border side how the goods come to it."""
        return {stop.side: self.leg_mode(n - 1) for n, stop in enumerate(self.stops) if stop.side is not None}

    def mode_changes(self, stop: int) -> bool:
        """Return whether the goods leave stop ``stop`` by another mode than they came by."""
        return 0 < stop < len(self.stops) - 1 and self.leg_mode(stop - 1) != self.leg_mode(stop)

    @property
    def departure_office(self) -> str:
        """Return the office where the goods are declared and released."""
        return next(stop.office for stop in self.stops if stop.office is not None)

    @property
    def destination_office(self) -> str:
        """Return the office of destination."""
        return self.stops[-1].office or ""


__all__ = [
    "MODE_CODES",
    "Alert",
    "Booking",
    "DeclaredAhead",
    "Differs",
    "Flow",
    "Goods",
    "Lead",
    "Leg",
    "Mode",
    "Office",
    "Place",
    "Position",
    "RoutePoint",
    "Stop",
    "Trader",
    "Vehicles",
]
