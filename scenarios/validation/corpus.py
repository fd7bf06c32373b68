"""Many valid messages of 2 to 5 kB to measure with: the sample declarations and records with other goods each."""

from __future__ import annotations

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import schemas
from exchange.codec import decode, encode
from exchange.identifiers import container_id
from exchange.messages import Consignment, Message

CODES = ("AAR", "ADV", "ATR")


def other_goods(consignment: Consignment, number: int) -> Consignment:
    """Return ``consignment`` with containers, seals, masses and goods of its own for each ``number``, so that nothing
    that was read once can be used again."""
    equipment = []
    for index, one in enumerate(consignment.transport_equipment[: 1 + number % 2]):
        seals = [seal.model_copy(update={"id": f"S{number}-{index}"}) for seal in one.seals]
        container = container_id("CSQ", "U", f"{(number * 7 + index) % 1_000_000:06d}")
        equipment.append(one.model_copy(update={"container_id": container, "seals": tuple(seals)}))
    items = []
    for item in consignment.goods_items[: 1 + number % 2]:
        mass = item.gross_mass + Decimal(number) / 1000
        text = f"{item.description} {number}"
        items.append(item.model_copy(update={"gross_mass": mass, "description": text}))
    return consignment.model_copy(
        update={
            "transport_equipment": tuple(equipment),
            "goods_items": tuple(items),
            "gross_mass": sum((item.gross_mass for item in items), Decimal(0)),
        }
    )


def _varied(base: Any, number: int) -> Message:
    """Return ``base`` as message ``number``, with an id and goods of its own."""
    header = base.header.model_copy(update={"message_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"bench {number}"))})
    varied: Message = base.model_copy(update={"header": header, "consignment": other_goods(base.consignment, number)})
    return varied


def make(folder: Path, count: int) -> list[Path]:
    """Write ``count`` messages into ``folder``, the same ones every time; return their paths."""
    bases = [decode(schemas.sample(code).read_bytes()) for code in CODES]
    paths = []
    for number in range(count):
        path = folder / f"{number}.xml"
        path.write_bytes(encode(_varied(bases[number % len(bases)], number)))
        paths.append(path)
    return paths


__all__ = ["CODES", "make", "other_goods"]
