"""Correcting a control: a post's later act supersedes one it reported before, and whoever was told that is told so."""

from __future__ import annotations

from exchange.messages import Consignment, ControlResult
from nodes.case import Case, Side
from nodes.declaring import offer
from nodes.draft import Draft


def correct(
    draft: Draft, case: Case, side: Side, consignment: Consignment, message: ControlResult, mrn: str | None
) -> None:
    """A post reports an act in place of an earlier one: revoke that with the services which it was offered to.

    ``mrn``: that of the movement as they know it. Goods that have not left yet and failed this time stay (DETAINED);
    what has left is for the services ahead to control.
    """
    former = next((act for act in side.made if act.header.message_id == message.supersedes), None)
    if former is None:
        wrong = f"No control {message.supersedes} was reported at this office and presentation."
        draft.note("received", message, applied=False)
        draft.refuse(message, "90", wrong, "PIX-030")
        return
    if (former.form, former.extent) != (message.form, message.extent):
        draft.note("received", message, applied=False)
        draft.refuse(message, "14", f"It supersedes a {former.form} control ({former.extent}).", "PIX-030")
        return
    draft.note("received", message, superseded=former.act_number)
    offer(draft, case, consignment, message, mrn)


__all__ = ["correct"]
