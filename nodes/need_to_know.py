"""What of a case each reader sees: the service and its operator all, others what they have sent or were sent.

A case gathers what several services, posts and traders say of one consignment, also requests between services that no
trader may hear of. So being party to a case shows nobody the others' messages, nor that there are any. And asking
makes nobody a party: who only asked, was refused or was told so, learns nothing of the case by it.
"""

from __future__ import annotations

from typing import Any

from nodes.case import Case

NO_PART = frozenset({"STQ", "STS", "ENQ", "ENR", "DRQ", "DRS", "MAQ", "MAS", "REG", "NCK", "SLT"})
"""Questions about a case and answers to whoever spoke: having sent or got one makes nobody a party to it."""
HIDDEN_STATES = frozenset({"DETAINED"})
"""States that tell what a control has found; who was not told sees the next line instead."""
INSTEAD = "UNDER_CONTROL"


def takes_part(code: str, applied: bool) -> bool:
    """Say whether a message of this code makes its sender and its recipient parties to the case."""
    return applied and code not in NO_PART


def is_party(case: Case, member: str) -> bool:
    """Say whether ``member`` has sent or was sent something that the case consists of."""
    return any(
        entry.message is not None
        and takes_part(entry.message.CODE, entry.data.get("applied", True))
        and member in (entry.message.header.sender, entry.message.header.recipient)
        for entry in case.timeline
    )


def for_reader(view: dict[str, Any], reader: str) -> dict[str, Any]:
    """Return the case ``view`` (:func:`nodes.views.case_view`) as ``reader`` may see it, who has a message in it."""
    timeline = [entry for entry in view["timeline"] if reader in (entry["from"], entry["to"])]
    part = [entry for entry in timeline if takes_part(entry["code"], entry.get("applied", True))]
    seen = {entry["id"] for entry in part}
    movements = {entry["mrn"] for entry in part if "mrn" in entry}
    results = [result for result in view["control_results"] if result["id"] in seen]
    state = INSTEAD if view["state"] in HIDDEN_STATES and not results else view["state"]
    return {
        "ucr": view["ucr"],
        "state": state if part else "UNKNOWN",
        "messages": len(timeline),
        "updated": timeline[-1]["at"] if timeline else None,
        "movements": [movement for movement in view["movements"] if movement["mrn"] in movements],
        "sides": [side for side in view["sides"] if reader.partition(".")[2] == side["office"]],
        "control_results": results,
        "recognitions": [offer for offer in view["recognitions"] if offer["issuer"] == reader],
        "recognised_elsewhere": [answer for answer in view["recognised_elsewhere"] if answer["by"] == reader],
        "slots": [slot for slot in view["slots"] if slot["carrier"] == reader],
        "parked": [message for message in view["parked"] if message in {entry["id"] for entry in timeline}],
        "timeline": timeline,
    }


def row_for_reader(view: dict[str, Any], reader: str) -> dict[str, Any]:
    """Return the short row of a case as ``reader`` may see it."""
    seen = for_reader(view, reader)
    return {name: seen[name] for name in ("ucr", "state", "messages", "updated")}


__all__ = ["for_reader", "is_party", "row_for_reader", "takes_part"]
