"""What a service's operators order its node to do: to refuse an offered result, to change its list, to take an
agreement as being in force or not.

An order is a timer that is due at once; its purpose holds what was ordered, so that the ledger keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from exchange.messages import ParticipantList
from exchange.messages.service import FormerParticipant, Participant
from nodes.draft import Draft
from nodes.partnering import own_entry
from nodes.recognition import KEPT, Why, respond

if TYPE_CHECKING:
    from nodes.case import Case, Offer

REFUSE, LIST, AGREEMENT = "refuse", "participants", "agreement"
"""Purposes of the timers that stand for orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """An officer's refusal of what the rules accepted. ``by``: who orders it (a member id); ``text`` says why."""

    offer: str
    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    """A trader is taken off the list ``list_id``, or with ``on`` put back. ``to``: services that are told (LST)."""

    list_id: str
    trader: str
    on: bool
    to: Sequence[str]
    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """The status of an agreement from now on, as :meth:`exchange.agreements.Assumption.of` reads it."""

    agreement: str
    status: str
    by: str


def written(purpose: str, order: Officer | ListChange | Assumed) -> str:
    """Return the purpose of the timer that stands for ``order``."""
    return f"{purpose}:{json.dumps(asdict(order), sort_keys=True, ensure_ascii=False)}"


def open_offer(case: Case | None, offer_id: str) -> Offer | None:
    """Return the offered result of this id that is accepted for the time being: its goods have not arrived yet."""
    found = None if case is None else case.offers.get(offer_id)
    return found if found is not None and found.outcome in KEPT and found.stage == "CONDITIONAL" else None


def refuse(draft: Draft, case: Case, what: str) -> None:
    """Refuse a result that was accepted before arrival, with the officer's reason (RCG); nothing if it no longer is."""
    order = Officer(**json.loads(what))
    offer = open_offer(case, order.offer)
    draft.note("timer-fired", purpose=f"{REFUSE}:{order.offer}", order=asdict(order), applied=offer is not None)
    record = case.movements.get(offer.result.mrn or "") if offer is not None else None
    if offer is None or record is None:
        return
    stop = own_entry(draft, record)
    office = stop.office if stop is not None else record.destination_office
    respond(draft, offer.result, office, "REFUSED", "LAPSED", Why("OFFICER", order.text))


def change_list(draft: Draft, own: Case, what: str) -> None:
    """Take a trader off this service's list, or put one back, and tell other services the list that holds now (LST)."""
    order = ListChange(**json.loads(what))
    standing = draft.standing
    now = standing.participants | {order.trader} if order.on else standing.participants - {order.trader}
    draft.note("timer-fired", purpose=f"{LIST}:{order.list_id}", participants=sorted(now), order=asdict(order))
    before = max((one.list_version for one in _told(own, order.list_id)), default=1)
    listed = tuple(_listed(standing.traders, number, trader) for number, trader in enumerate(sorted(now), 1))
    name = _listed(standing.traders, 1, order.trader)
    gone = FormerParticipant(sequence_number=1, id=order.trader, country_code=name.country_code, reason=order.text)
    for partner in order.to:
        draft.send(
            ParticipantList,
            partner,
            list_id=order.list_id,
            list_version=before + 1,
            previous_version=before,
            valid_from=draft.now,
            participants=listed,
            added=(name,) if order.on else (),
            removed=() if order.on else (gone,),
        )


def _told(own: Case, list_id: str) -> list[ParticipantList]:
    issued = (entry.message for entry in own.timeline if entry.kind == "issued")
    return [one for one in issued if isinstance(one, ParticipantList) and one.list_id == list_id]


def _listed(traders: Mapping[str, tuple[str, str]], number: int, trader: str) -> Participant:
    name, country = traders.get(trader, (trader, "XX"))
    return Participant(sequence_number=number, id=trader, name=name, country_code=country)


def assume(draft: Draft, own: Case, what: str) -> None:
    """Take note that an agreement has another status from now on (see :meth:`nodes.standing.Standing.after`)."""
    order: dict[str, Any] = asdict(Assumed(**json.loads(what)))
    draft.note("timer-fired", purpose=f"{AGREEMENT}:{order['agreement']}", assumed=order)


__all__ = [
    "AGREEMENT",
    "LIST",
    "REFUSE",
    "Assumed",
    "ListChange",
    "Officer",
    "assume",
    "change_list",
    "open_offer",
    "refuse",
    "written",
]
