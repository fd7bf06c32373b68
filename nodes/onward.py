"""How goods went on from an office: under which MRN of the service's own, and from what to what they were reloaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exchange.messages import Incident, format_time
from exchange.messages.parts import TransportMeans
from nodes.case import Case, Side

MODES = {"1": "sea", "2": "rail", "3": "road", "4": "air", "8": "inland water"}
"""Codes of UN/ECE Recommendation 19 in words."""


def onward(case: Case, side: Side) -> dict[str, Any]:
    """Return, as plain JSON, ``mrn`` of the movement opened at ``side``, and ``reloaded``: what its post told (INC).

    Either is left out where there is none; the UCR stays the same all the way.
    """
    found: dict[str, Any] = {}
    if side.presentation in ("DEPARTURE", "ENTRY"):
        mine = (m for m in case.movements.values() if m.told is None and m.departure_office == side.office)
        movement = next(mine, None)
        found |= {} if movement is None else {"mrn": movement.mrn}
    reloaded = list(_reloaded(case, side))
    return found | ({"reloaded": reloaded} if reloaded else {})


def _reloaded(case: Case, side: Side) -> Iterator[dict[str, Any]]:
    for entry in case.timeline:
        told = entry.message
        if entry.kind != "received" or not isinstance(told, Incident) or not told.new_means:
            continue
        if told.header.sender != f"{case.country}.{side.office}":
            continue
        yield {
            "at": format_time(told.occurred_at),
            "text": f"reloaded from {_named(told.former_means)} to {_named(told.new_means)}",
            "message": told.header.message_id,
            "code": told.CODE,
            "by": told.header.sender,
        }


def _named(means: Sequence[TransportMeans]) -> str:
    """Return what carries the goods, as "road (IRN00104 and 1 more)"."""
    if not means:
        return "what is not told"
    more = f" and {len(means) - 1} more" if len(means) > 1 else ""
    return f"{MODES.get(means[0].mode_code, means[0].mode_code)} ({means[0].id}{more})"


__all__ = ["onward"]
