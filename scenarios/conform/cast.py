"""Who speaks in a conformance run, and about which goods: taken from a scenario that passes through the country."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from exchange.agreements import Agreements
from exchange.errors import CorridorError
from exchange.luck import Luck
from exchange.members import OPERATOR
from exchange.messages import Consignment

if TYPE_CHECKING:
    from scenarios.scenario import Flow, Scenario

BEST = ("ENT", "DEP", "EXT", "DES")
"""Roles of an office in the order in which a node shows most of itself there."""
OUTSIDERS = ("BR", "JP", "CA", "AU", "ZA", "CL", "NZ", "NO", "TR", "IN")
"""Countries to look among for one that no agreement links with the node."""


class CastError(CorridorError):
    """The scenario gives no parts to speak for this country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The parts. Member ids; None where the scenario has nobody for a part.

    ``declarant`` lodges at ``office`` (a carrier's filing at entry, a trader's declaration at departure). ``partner``
    is a service that may tell the node of these goods, ``partner_office`` its office on the way. ``before``: whether
    the goods come from it. ``outsider`` is a service that no agreement links with the node. ``agreements`` are those of
    the arm.
    """

    country: str
    scenario: str
    arm: str
    office: str
    presentation: str
    post: str
    declarant: str | None
    partner: str | None
    partner_office: str
    before: bool
    outsider: str | None
    foreign_post: str | None
    goods: Consignment
    agreements: Agreements

    @property
    def operator(self) -> str:
        """The operator of the node."""
        return f"{self.country}.{OPERATOR}"

    @property
    def members(self) -> tuple[str, ...]:
        """Return everybody who speaks or is spoken to."""
        parts = (self.declarant, self.partner, self.outsider, self.foreign_post)
        return (self.country, self.operator, self.post, *(one for one in parts if one is not None))


def cast_of(scenario: Scenario, arm: str, country: str, now: datetime, outsiders: Sequence[str] = ()) -> Cast:
    """Return the parts for the node of ``country`` in an arm of ``scenario`` at ``now`` (UTC).

    ``outsiders``: services to look among for one that no agreement links with it, :data:`OUTSIDERS` if there are none.

    Raise :class:`CastError` if no flow of the scenario has an office in the country, or there is no such arm.
    """
    from scenarios.parties import PRESENTATION_OF, agreements_in
    from scenarios.world.cargo import loaded
    from scenarios.world.schedule import plans

    if arm not in scenario.arms:
        raise CastError(f"{scenario.id} has no arm {arm}; it has {', '.join(scenario.arms)}")
    found = _flow(scenario, country)
    if found is None:
        raise CastError(f"no flow of {scenario.id} has an office in {country}; give another scenario with --scenario")
    flow, role = found
    luck = Luck(scenario.seed, 0)
    shipment = loaded(scenario, flow, next(plans(scenario, flow, luck)), luck).shipments[0]
    goods = shipment.consignment
    stop = next(s for s in goods.itinerary if s.country_code == country and s.role == role)
    agreements = agreements_in(scenario, arm)
    partner, partner_office, before = _partner(agreements, goods, country, now.date())
    return Cast(
        country=country,
        scenario=scenario.id,
        arm=arm,
        office=stop.office,
        presentation=PRESENTATION_OF[role],
        post=f"{country}.{stop.office}",
        declarant=_declarant(scenario, flow, role, stop.office, shipment.consignor),
        partner=partner,
        partner_office=partner_office,
        before=before,
        outsider=next(
            (
                one
                for one in outsiders or OUTSIDERS
                if one != country and _unlinked(agreements, one, country, now.date())
            ),
            None,
        ),
        foreign_post=next(
            (f"{one.country_code}.{one.office}" for one in goods.itinerary if one.country_code != country), None
        ),
        goods=goods,
        agreements=agreements,
    )


def _flow(scenario: Scenario, country: str) -> tuple[Flow, str] | None:
    """Return the flow, and the role of the country's office in it, at which most can be seen."""
    best: tuple[int, Flow, str] | None = None
    for flow in scenario.flows:
        roles = {_ENTRY[scenario.sides[s].direction] for s in flow.sides if scenario.sides[s].country == country}
        if scenario.offices[flow.departure_office].country == country:
            roles.add("DEP")
        if flow.destination_office and scenario.offices[flow.destination_office].country == country:
            roles.add("DES")
        for rank, role in enumerate(BEST):
            if role in roles and (best is None or rank < best[0]):
                best = rank, flow, role
    return None if best is None else best[1:]


_ENTRY = {"entry": "ENT", "exit": "EXT"}


def _declarant(scenario: Scenario, flow: Flow, role: str, office: str, consignor: str) -> str | None:
    if role == "DEP":
        return scenario.member(consignor)
    if role != "ENT":
        return None
    return next(
        (scenario.member(t) for side, t in flow.carriers.items() if scenario.sides[side].office == office), None
    )


def _partner(agreements: Agreements, goods: Consignment, country: str, on: date) -> tuple[str | None, str, bool]:
    """Return the service that may tell the node of the goods, its office, and whether the goods come from it."""
    places = [stop.country_code for stop in goods.itinerary]
    here = places.index(country)
    ahead = goods.itinerary[-1].country_code == country
    for stop in goods.itinerary[:here]:
        if stop.role in ("DEP", "ENT") and agreements.covering(
            "AAR" if ahead else "ATR", stop.country_code, country, on
        ):
            return stop.country_code, stop.office, True
    for stop in goods.itinerary[here:]:
        if stop.country_code != country and agreements.covering("WRO", stop.country_code, country, on):
            return stop.country_code, stop.office, False
    return None, "", False


def _unlinked(agreements: Agreements, one: str, country: str, on: date) -> bool:
    return not any(agreement.applies(one, country, on) for agreement in agreements)


__all__ = ["Cast", "CastError", "cast_of"]
