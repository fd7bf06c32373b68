"""What of a case each reader sees: the service and its operator all, others what they have sent or were sent.

A case gathers what several services, posts and traders say of one consignment, also requests between services that no
trader may hear of. So being party to a case shows nobody the others' messages, nor that there are any.
"""

from __future__ import annotations

from typing import Any

HIDDEN_STATES = frozenset({"DETAINED"})
"""States that tell what a control has found; who was not told sees the next line instead."""
INSTEAD = "UNDER_CONTROL"


def for_reader(view: dict[str, Any], reader: str) -> dict[str, Any]:
    """Return the case ``view`` (:func:`nodes.views.case_view`) as ``reader``, a party to it, may see it."""
    timeline = [entry for entry in view["timeline"] if reader in (entry["from"], entry["to"])]
    seen = {entry["id"] for entry in timeline}
    movements = {entry["mrn"] for entry in timeline if "mrn" in entry}
    results = [result for result in view["control_results"] if result["id"] in seen]
    return {
        **view,
        "state": INSTEAD if view["state"] in HIDDEN_STATES and not results else view["state"],
        "messages": len(timeline),
        "updated": timeline[-1]["at"] if timeline else None,
        "movements": [movement for movement in view["movements"] if movement["mrn"] in movements],
        "sides": [side for side in view["sides"] if reader.partition(".")[2] == side["office"]],
        "control_results": results,
        "recognitions": [offer for offer in view["recognitions"] if offer["issuer"] == reader],
        "recognised_elsewhere": [answer for answer in view["recognised_elsewhere"] if answer["by"] == reader],
        "parked": [message for message in view["parked"] if message in seen],
        "timeline": timeline,
    }


def row_for_reader(view: dict[str, Any], reader: str) -> dict[str, Any]:
    """Return the short row of a case as ``reader`` may see it."""
    seen = for_reader(view, reader)
    return {name: seen[name] for name in ("ucr", "state", "messages", "updated")}


__all__ = ["for_reader", "row_for_reader"]
