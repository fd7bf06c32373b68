"""The way of a consignment as a node asks for it by the thousand: its offices and countries, and which comes when."""

from __future__ import annotations

from typing import NamedTuple

from exchange.messages import Consignment, ItineraryStop


class Way(NamedTuple):
    """``order``: office → its number on the way (the last, should it stand there twice)."""

    stops: tuple[ItineraryStop, ...]
    offices: tuple[str, ...]
    countries: tuple[str, ...]
    order: dict[str, int]


_KNOWN: dict[int, Way] = {}
"""By the identity of the stops, which each way holds, so that none is taken for another. A node asks for the ways of
its open cases again and again; there are few of them in a run, whose messages share their consignments."""
_MOST = 4096


def way_of(consignment: Consignment) -> Way:
    """Return the way of ``consignment``."""
    stops = consignment.itinerary
    known = _KNOWN.get(id(stops))
    if known is not None and known.stops is stops:
        return known
    if len(_KNOWN) >= _MOST:
        _KNOWN.clear()
    offices = tuple([stop.office for stop in stops])
    order = {office: number for number, office in enumerate(offices)}
    way = _KNOWN[id(stops)] = Way(stops, offices, tuple([stop.country_code for stop in stops]), order)
    return way


__all__ = ["Way", "way_of"]
