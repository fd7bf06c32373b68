"""Which messages have what, and where in a message it stands: rules find their objects by the models' shape.

So a rule on container numbers holds for every message that has one, without a list of messages. The goods,
equipment and means of a shipment are reached by :func:`shipments`, all else by :func:`found`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Protocol

from exchange.codec import shapes
from exchange.messages import CATALOGUE, GoodsItem, Message, PixModel, TransportEquipment, TransportMeans
from exchange.validation.rules import Path

_SHIPMENTS = ("consignment", "export_data")
_LOAD = frozenset({"transport_means", "transport_equipment", "goods_items"})


class Shipment(Protocol):
    """Goods with the equipment and the means that carry them: a consignment, or the data of an export."""

    transport_means: tuple[TransportMeans, ...]
    transport_equipment: tuple[TransportEquipment, ...]
    goods_items: tuple[GoodsItem, ...]


def having(*fields: str) -> str:
    """Return the codes of the messages that have one of ``fields`` themselves, with blanks between."""
    return " ".join(code for code, cls in CATALOGUE.items() if not cls.model_fields.keys().isdisjoint(fields))


WITH_SHIPMENT = having(*_SHIPMENTS)
"""Messages with goods, equipment and means."""


def shipments(message: Message) -> tuple[tuple[Path, Any], ...]:
    """Return the shipments of ``message`` (:class:`Shipment`), each with its path."""
    values = message.__dict__
    consignment = values.get("consignment")
    if consignment is not None:
        return ((("consignment",), consignment),)
    data = values.get("export_data")
    return () if data is None else ((("export_data",), data),)


@cache
def _ways(cls: type[PixModel], field: str) -> tuple[tuple[str, bool, bool], ...]:
    """Return (name, whether it is what is sought, whether it repeats) for what leads to ``field`` from ``cls``."""
    ways = []
    left = _LOAD if cls.model_fields.keys() >= _LOAD else frozenset()
    for shape in shapes(cls):
        if shape.name in left:
            continue
        if shape.name == field:
            ways.append((shape.name, True, shape.repeats))
        elif issubclass(shape.value_type, PixModel) and _ways(shape.value_type, field):
            ways.append((shape.name, False, shape.repeats))
    return tuple(ways)


def reaching(field: str) -> str:
    """Return the codes of the messages with ``field`` anywhere but in the load of a shipment."""
    return " ".join(code for code, cls in CATALOGUE.items() if _ways(cls, field))


def found(model: PixModel, field: str, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield path and value of each ``field`` in ``model`` that is given, but for the load of shipments."""
    values = model.__dict__
    for name, sought, repeats in _ways(type(model), field):
        value = values[name]
        if value is None:
            continue
        for step, one in (((name, i), v) for i, v in enumerate(value)) if repeats else (((name,), value),):
            if sought:
                yield (*path, *step), one
            else:
                yield from found(one, field, (*path, *step))


__all__ = ["WITH_SHIPMENT", "Shipment", "found", "having", "reaching", "shipments"]
