"""Notices of services about themselves: lists of participants, and times in which nobody can be reached.

They belong to no case but to the node's own stream; :meth:`nodes.standing.Standing.after` says what they change.
"""

from __future__ import annotations

from datetime import datetime

from exchange.entries import Refusal
from exchange.messages import Message, ParticipantList
from nodes.case import Case
from nodes.draft import Draft
from nodes.standing import Standing


def stale_list(standing: Standing, case: Case, message: Message) -> Refusal | None:
    """Return the refusal of a list whose version is not above the one known from this sender (PIX-045).

    It is refused before acceptance because a message about no case cannot be answered by a rejection (NCK).
    """
    if not isinstance(message, ParticipantList):
        return None
    known = standing.known_lists.get((message.header.sender, message.list_id))
    versions = [known.version] if known is not None else []
    for waiting in case.parked.values():
        if (
            isinstance(waiting, ParticipantList)
            and waiting.list_id == message.list_id
            and waiting.header.sender == message.header.sender
        ):
            versions.append(waiting.list_version)
    if not versions or message.list_version > max(versions):
        return None
    return Refusal(
        status=422,
        code="invalid",
        text=f"PIX-045: version {message.list_version} of the list {message.list_id} is not above version "
        f"{max(versions)}, which is known; send a higher one.",
    )


def on_list(draft: Draft, case: Case, message: ParticipantList, kind: str) -> None:
    """Take a list over at once or, where it is valid from a later time on, then."""
    if kind == "received" and message.valid_from > draft.now:
        draft.note("parked", message)
        draft.wake(f"list:{message.header.message_id}", message.valid_from)
        return
    draft.note(kind, message)


def on_outage(draft: Draft, case: Case, message: Message, kind: str) -> None:
    """Take note that a service is unavailable (UNA), or is so no longer (UNC)."""
    draft.note(kind, message)


def list_is_due(case: Case, standing: Standing, now: datetime, message_id: str) -> Draft | None:
    """Return the decision in the making on a list that becomes valid now, or None if it does not wait."""
    message = case.parked.get(message_id)
    if not isinstance(message, ParticipantList):
        return None
    draft = Draft(case, standing, now, message.header.corridor_id)
    draft.note("resumed", message)
    return draft


__all__ = ["list_is_due", "on_list", "on_outage", "stale_list"]
