"""Planned times in which this service cannot be reached: partners are told beforehand (UNA), and at the end (UNC)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from exchange.entries import Decision, Wake
from exchange.messages import Unavailability, UnavailabilityCancelled
from nodes.draft import Draft

if TYPE_CHECKING:
    from nodes.case import Case
    from nodes.standing import Planned, Standing

TELL, END = "announce", "available"
"""Purposes of the timers: when partners are told, and when it is over."""


def planned_wakes(own: Case, standing: Standing) -> tuple[Wake, ...]:
    """Return the timers for what ``own``, the fold of the node's own stream, does not say was announced."""
    told = {one.begins_at for one in _announced(own)}
    return tuple(
        Wake(case="", purpose=f"{TELL}:{number}", due=planned.announced_at)
        for number, planned in enumerate(standing.planned)
        if planned.begins_at not in told
    )


def on_planned(own: Case, standing: Standing, purpose: str, number: str, draft: Draft) -> Decision:
    """Tell the partners that this service will be away, or that it is back."""
    planned = standing.planned[int(number)]
    draft.note("timer-fired", purpose=f"{purpose}:{number}")
    if purpose == TELL:
        _announce(draft, planned)
        draft.wake(f"{END}:{number}", planned.ends_at)
    else:
        for notice in _announced(own):
            if notice.begins_at == planned.begins_at:
                draft.send(
                    UnavailabilityCancelled,
                    notice.header.recipient,
                    unavailability_id=notice.header.message_id,
                    available_from=planned.ends_at,
                )
    return draft.decision()


def _announce(draft: Draft, planned: Planned) -> None:
    for partner in planned.partners:
        draft.send(
            Unavailability,
            partner,
            planned=True,
            begins_at=planned.begins_at,
            ends_at=planned.ends_at,
            fallback="ACCOMPANYING_DOCUMENT",
        )


def _announced(own: Case) -> Iterable[Unavailability]:
    for entry in own.timeline:
        if entry.kind == "issued" and isinstance(entry.message, Unavailability):
            yield entry.message


__all__ = ["END", "TELL", "on_planned", "planned_wakes"]
