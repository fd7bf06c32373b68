"""What of a consignment the scope of an agreement asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.agreements import Goods
from exchange.messages import Consignment
from nodes.case import Case


def goods_of(consignment: Consignment) -> Goods:
    """Return goods codes, transport modes and places of a consignment."""
    return Goods(
        hs=tuple(item.hs_code for item in consignment.goods_items),
        modes=frozenset(means.mode_code for means in consignment.transport_means),
        places=frozenset(stop.place.unlocode or "" for stop in consignment.itinerary),
    )


def goods_in(case: Case, told: Any) -> Callable[[], Goods | None]:
    """Return what gives the goods that a message is about: as it tells them (``told``), else as the case knows them."""

    def found() -> Goods | None:
        consignment = told if isinstance(told, Consignment) else case.consignment()
        return None if consignment is None else goods_of(consignment)

    return found


__all__ = ["goods_in", "goods_of"]
