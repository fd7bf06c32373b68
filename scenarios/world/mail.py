"""The posts' and traders' side of the exchange: they write messages to their own node and read its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import simpy

from exchange.messages import CaseMessage, ControlDecision, Header, Message
from exchange.messages.base import ControlExtent, ControlForm
from exchange.references import message_id
from scenarios.imaging.gallery import Gallery
from scenarios.scenario import Scenario
from scenarios.world.cargo import Shipment
from scenarios.world.clock import Clock


class Control(NamedTuple):
    """A control that a node demands."""

    form: ControlForm
    extent: ControlExtent


class Mail:
    """Writes messages with ids and ordinals, and hands them to the conductor."""

    def __init__(
        self,
        scenario: Scenario,
        env: Clock,
        ask: Callable[[Message], simpy.Event],
        gallery: Gallery | None = None,
    ) -> None:
        self.gallery = gallery
        self._scenario = scenario
        self._env = env
        self._ask = ask
        self._ordinals: dict[tuple[str, str], int] = {}
        self._acts: dict[str, int] = {}
        self._second, self._moment = 0, scenario.start

    def time(self, second: int | None = None) -> datetime:
        """Return the point of time ``second`` seconds after the scenario's start (now, if left out)."""
        at = int(self._env._now) if second is None else second
        if at != self._second:  # much is written in one second
            self._second, self._moment = at, self._scenario.start + timedelta(seconds=at)
        return self._moment

    def ask(self, sender: str, message_type: type[CaseMessage], shipment: Shipment, /, **fields: Any) -> simpy.Event:
        """Send a message of this type on ``shipment`` to the sender's node; the event's value is its replies."""
        ucr, code = shipment.ucr, message_type.CODE
        ordinal = self._ordinals[sender, ucr] = self._ordinals.get((sender, ucr), 0) + 1
        recipient = sender.partition(".")[0]
        id_ = message_id(sender, recipient, code, ucr, ordinal)
        header = Header.written(id_, code, None, sender, recipient, self.time(), ordinal, self._scenario.id)
        return self._ask(message_type.made({"header": header, "ucr": ucr, **fields}))

    def forget(self, shipment: Shipment, senders: Iterable[str]) -> None:
        """Let go of a consignment on which none of ``senders`` will write any more."""
        for sender in senders:
            self._ordinals.pop((sender, shipment.ucr), None)

    def act_number(self, office: str) -> str:
        """Return a number for a control act, unique for its office."""
        number = self._acts[office] = self._acts.get(office, 0) + 1
        return f"{office}/{number:06d}"


def demanded(replies: Sequence[Message], before_arrival: bool = False) -> list[Control] | None:
    """Return the controls that the last control decision among ``replies`` demands; None if there is none."""
    for message in reversed(replies):
        if isinstance(message, ControlDecision) and message.before_arrival == before_arrival:
            return [Control(control.form, control.extent) for control in message.controls]
    return None


__all__ = ["Control", "Mail", "demanded"]
