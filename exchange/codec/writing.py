"""Models to XML: equal messages give equal bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from exchange.codec.shapes import shapes
from exchange.messages import NAMESPACE, VERSION, Consignment, Message, PixModel

Write = Callable[[PixModel, Callable[[str], None]], None]

_KEPT_FRAGMENTS = 512


def _text(value: str) -> str:
    if "&" in value or "<" in value or ">" in value:
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return value


def _decimal(value: Decimal) -> str:
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _time(value: datetime) -> str:
    return value.isoformat()[:19] + "Z"


_RENDER: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: str,
    bool: lambda value: "true" if value else "false",
    Decimal: _decimal,
    datetime: _time,
    date: date.isoformat,
}


@cache
def _writer(cls: type[PixModel], depth: int, version: str) -> Write:
    """Return the function that puts the children of a ``cls`` standing at ``depth``, each on its own line."""
    steps = []
    indent = "\n" + "  " * depth
    for shape in shapes(cls, version):
        opening = f"{indent}<{shape.element}>"
        if issubclass(shape.value_type, PixModel):
            closing = f"{indent}</{shape.element}>"
            render: Callable[[Any], str] | None = None
            kept = shape.value_type is Consignment
            nested: Write | None = _keeper(version) if kept else _writer(shape.value_type, depth + 1, version)
        else:
            closing = f"</{shape.element}>"
            render, nested = _RENDER[shape.value_type], None
        steps.append((shape.name, shape.repeats, render, nested, opening, closing))
    plan = tuple(steps)

    def write(model: PixModel, put: Callable[[str], None]) -> None:
        values = model.__dict__
        for name, repeats, render, nested, opening, closing in plan:
            value = values[name]
            if value is None:
                continue
            if nested is None:
                assert render is not None
                put(f"{opening}{render(value)}{closing}")
            elif repeats:
                for item in value:
                    put(opening)
                    nested(item, put)
                    put(closing)
            else:
                put(opening)
                nested(value, put)
                put(closing)

    return write


_fragments: OrderedDict[tuple[int, str], tuple[PixModel, str]] = OrderedDict()


@cache
def _keeper(version: str) -> Write:
    """Return the function that puts the children of a consignment, from the store if this very object was written
    lately.

    One consignment goes into several messages. The store holds the object itself, so its ``id`` cannot be
    reused.
    """

    def put_kept(model: PixModel, put: Callable[[str], None]) -> None:
        key = (id(model), version)
        found = _fragments.get(key)
        if found is None:
            parts: list[str] = []
            _writer(type(model), 2, version)(model, parts.append)
            found = _fragments[key] = (model, "".join(parts))
            if len(_fragments) > _KEPT_FRAGMENTS:
                _fragments.popitem(last=False)
        put(found[1])

    return put_kept


def encode(message: Message, version: str = VERSION) -> bytes:
    """Return ``message`` as an XML document in UTF-8; equal messages give equal bytes.

    What ``version`` of the message set does not have is left out. Raise :class:`CodecError` if there is no such
    version.
    """
    root = type(message).__name__
    write = _writer(type(message), 1, version)
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}" schemaVersion="{version}">']
    write(message, parts.append)
    parts.append(f"\n</{root}>\n")
    return "".join(parts).encode()


__all__ = ["encode"]
