"""A message as a partner of an older version can be told it: without what that version lacks."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from exchange.codec.shapes import shapes
from exchange.messages import PixModel

M = TypeVar("M", bound=PixModel)


@cache
def _lost(cls: type[PixModel], version: str) -> tuple[tuple[str, bool, bool], ...]:
    """Return (field, whether it repeats, whether ``version`` lacks it) for what of ``cls`` may have to be changed."""
    kept = {shape.name for shape in shapes(cls, version)}
    found = []
    for shape in shapes(cls):
        gone = shape.name not in kept
        if gone or (issubclass(shape.value_type, PixModel) and _lost(shape.value_type, version)):
            found.append((shape.name, shape.repeats, gone))
    return tuple(found)


def fitted(model: M, version: str) -> M:
    """Return ``model`` without what ``version`` of the message set lacks: itself if it has nothing of the kind.

    It equals what a receiver reads from the bytes written in that version. Raise :class:`CodecError` if there is no
    such version.
    """
    lost = _lost(type(model), version)
    if not lost:
        return model
    changes: dict[str, Any] = {}
    for name, repeats, gone in lost:
        value = getattr(model, name)
        if value is None or value == ():
            continue
        if gone:
            changes[name] = () if repeats else None
        elif repeats:
            parts = tuple(fitted(one, version) for one in value)
            if any(one is not other for one, other in zip(parts, value, strict=True)):
                changes[name] = parts
        else:
            part = fitted(value, version)
            if part is not value:
                changes[name] = part
    return model.model_copy(update=changes) if changes else model


__all__ = ["fitted"]
