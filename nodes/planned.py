"""What a service has planned: times in which it cannot be reached, and changes of its list of participants.

Of the first partners are told beforehand (UNA), and at the end (UNC); the second are orders that are due at their time
(:mod:`nodes.ordering`; LST).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from exchange.entries import Decision, Wake
from exchange.messages import Unavailability, UnavailabilityCancelled
from nodes.draft import Draft
from nodes.ordering import LIST, ListChange, written

if TYPE_CHECKING:
    from nodes.case import Case
    from nodes.standing import Planned, Standing

TELL, END = "announce", "available"
"""Purposes of the timers: when partners are told, and when it is over."""


def planned_wakes(own: Case, standing: Standing) -> tuple[Wake, ...]:
    """Return the timers for what ``own``, the fold of the node's own stream, does not say was announced or done."""
    told = {one.begins_at for one in _announced(own)}
    outages = (
        Wake(case="", purpose=f"{TELL}:{number}", due=planned.announced_at)
        for number, planned in enumerate(standing.planned)
        if planned.begins_at not in told
    )
    done = _changed(own)
    changes = (
        Wake(case="", purpose=written(LIST, planned.order), due=planned.at)
        for planned in standing.list_changes
        if written(LIST, planned.order) not in done
    )
    return (*outages, *changes)


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


def _changed(own: Case) -> frozenset[str]:
    """Return, as they were written, the orders by which the list was changed."""
    return frozenset(
        written(LIST, ListChange(**entry.data["order"]))
        for entry in own.timeline
        if entry.kind == "timer-fired" and "participants" in entry.data
    )


__all__ = ["END", "TELL", "on_planned", "planned_wakes"]
