"""Alerts: a service that suspects goods on a flight warns the services ahead, whose risk analysis then targets them.

It is the one exception to the rule that information changes when work is done and never who is selected: to select
what one would not have selected is what an alert is for. It adds to what chance selects and takes nothing away, and no
recognised result waives a control that it calls for.
"""

from __future__ import annotations

from exchange.messages import ViolationAlert
from nodes.case import Case
from nodes.draft import Draft
from nodes.recognition import entries_ahead

_BODY = tuple(name for name in ViolationAlert.model_fields if name not in ("header", "ucr"))


def on_own_alert(draft: Draft, case: Case, message: ViolationAlert) -> None:
    """A post suspects goods that have left: warn every service ahead that they enter, where an agreement covers it.

    Without one nothing is sent; the suspicion stands in this service's own ledger alone.
    """
    consignment = case.consignment()
    if consignment is None:
        draft.note("received", message, applied=False)
        draft.refuse(message, "90", "No declaration, filing or record is known of the goods that the alert is about.")
        return
    draft.note("received", message)
    office = message.header.sender.partition(".")[2]
    body = {name: getattr(message, name) for name in _BODY}
    for country in entries_ahead(consignment, office):
        if country != draft.country:
            draft.send(ViolationAlert, country, to=message, **body)


__all__ = ["on_own_alert"]
