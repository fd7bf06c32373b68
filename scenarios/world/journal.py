"""The event log while it is written, and how many consignments have reached their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.entries import quick
from scenarios.events import Event
from scenarios.world.cargo import Shipment
from scenarios.world.clock import Clock


class Journal:
    """Notes events with the current second and the consignment's ordinal.

    ``through`` counts consignments delivered or seized; ``on_through`` is called after each.
    """

    def __init__(self, env: Clock, on_through: Callable[[], None]) -> None:
        self.events: list[Event] = []
        self.through = 0
        self._env = env
        self._on_through = on_through

    def note(self, shipment: Shipment, kind: str, **data: Any) -> None:
        """Note that something of ``kind`` happened to ``shipment`` now."""
        shipment.ordinal = ordinal = shipment.ordinal + 1
        self.events.append(quick(Event, (int(self._env._now), shipment.case, ordinal, kind, data)))
        if kind in ("seized", "delivered"):
            self.through += 1
            self._on_through()


__all__ = ["Journal"]
