"""A system of somebody's own within a network of the testing kit: what is known of it is what passed between it and us.

It is asked for nothing but what a partner may ask of it, so that the kit works with a node of any make; what it says to
another system of somebody's own is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from exchange.codec import decode, encode
from exchange.entries import Decision, Input
from exchange.members import role
from exchange.messages import ControlDecision, ControlResult, Message
from nodes.core import NodeCore
from nodes.standing import Standing
from scenarios.transport import Exchanged, recognition_of

Heard = Callable[[Message, datetime], None]
"""Is told of a message that one of our nodes has taken from a system elsewhere, and when (UTC)."""


class HearingCore(NodeCore):
    """A node of ours that tells ``heard`` what it takes from the services of ``strangers``."""

    def __init__(self, standing: Standing, strangers: Collection[str], heard: Heard) -> None:
        super().__init__(standing)
        self._strangers = frozenset(strangers)
        self._heard = heard

    def decide(self, given: Input, now: datetime) -> Decision:
        """Decide as any node does, and tell of the message if it came from elsewhere."""
        decision = super().decide(given, now)
        if isinstance(given, Message) and given.header.sender in self._strangers:
            self._heard(given, now)
        return decision


def taken(message: Message, at: datetime) -> Exchanged:
    """Return a message that was taken at ``at`` as an entry of a transport's log."""
    return Exchanged(
        at=at,
        ucr=message.ucr,
        header=message.header,
        accepted=True,
        xml=encode(message),
        recognition=recognition_of(message),
    )


def seen(country: str, ucr: str, passed: Iterable[Exchanged]) -> dict[str, Any] | None:
    """Return a case of a system elsewhere as ``GET /cases/{ucr}`` would show it, as far as what ``passed`` tells.

    None if nothing was exchanged with it about these goods. There is no ``state``: nobody but the system knows.
    """
    mine = [
        item
        for item in passed
        if item.ucr == ucr and item.accepted and country in (item.header.sender, item.header.recipient)
    ]
    if not mine:
        return None
    view: dict[str, Any] = {"ucr": ucr, "timeline": [], "control_results": []}
    recognitions: dict[tuple[str, str], dict[str, Any]] = {}
    sides: dict[tuple[str, str], dict[str, Any]] = {}
    for item in mine:
        header = item.header
        view["timeline"].append({"code": item.code, "from": header.sender, "to": header.recipient})
        if item.recognition is not None and header.sender == country:
            result, answer = item.recognition
            told = {"form": answer.form, "outcome": answer.outcome, "stage": answer.stage, "reasons": answer.reasons}
            recognitions[header.recipient, result] = {"issuer": header.recipient, **told}
        if item.xml is None or role(header.sender if header.sender != country else header.recipient) == "service":
            continue
        message = decode(item.xml)
        if isinstance(message, ControlResult):
            row = {"form": message.form, "office": message.office, "result": message.result}
            view["control_results"].append(row)
        elif isinstance(message, ControlDecision):
            required = [{"form": one.form, "extent": one.extent} for one in message.controls]
            sides[message.office, message.presentation] = {"office": message.office, "required": required}
    return view | {"recognitions": list(recognitions.values()), "sides": list(sides.values())}


__all__ = ["HearingCore", "seen", "taken"]
