"""Telling the partners: who hears of an event at an own office, and under which MRN."""

from __future__ import annotations

from typing import Any

from exchange.messages import CaseMessage, Message
from nodes.case import Case
from nodes.draft import Draft
from nodes.profile import union_of
from nodes.way import way_of


def tell(
    draft: Draft,
    case: Case,
    cls: type[CaseMessage],
    message: Message,
    office: str | None,
    body: dict[str, Any],
    *,
    previous: bool = False,
    following: bool = False,
    ahead: bool = False,
) -> None:
    """Send a message of our own to the services the catalogue names, each under the MRN it knows.

    Always to the departure services of the movements; with ``previous`` to the service before this office, with
    ``following`` to the next one, with ``ahead`` to all that follow.
    """
    consignment = case.consignment(office)
    if consignment is None:
        return
    known = {m.departure_country: m.mrn for m in case.movements.values() if m.told is not None}
    _, offices, countries, _ = way_of(consignment)
    at = offices.index(office) if office in offices else 0
    own = draft.country
    others = []
    if previous:
        others += [country for country in countries[:at] if country != own][-1:]
    if ahead or following:
        after = list(dict.fromkeys([country for country in countries[at + 1 :] if country != own]))
        others += after if ahead else after[:1]
    for country in others:
        mrn = mrn_known_to(draft, case, country)
        if mrn is not None:
            known.setdefault(country, mrn)
    for country, mrn in known.items():
        draft.send(cls, country, to=message, mrn=mrn, office=office, **body)


def mrn_known_to(draft: Draft, case: Case, country: str) -> str | None:
    """Return the MRN of a movement that the service of ``country`` was told of, as far as this node can know."""
    union = union_of(draft.country)
    for movement in case.movements.values():
        if movement.departure_country == draft.country:
            if case.declaration is not None or movement.destination_country == country:
                return movement.mrn
        elif country in way_of(movement.consignment).countries and (
            movement.departure_country not in union or country in union
        ):
            return movement.mrn
    return None


__all__ = ["mrn_known_to", "tell"]
