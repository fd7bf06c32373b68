"""The shapes of models: which field is which element, of what type, how often, since which version."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import schemas
from exchange.errors import CodecError
from exchange.messages import PixModel


class FieldShape(NamedTuple):
    """What codec and schemas need to know of one field: its element, its value type, whether it repeats."""

    name: str
    element: str
    value_type: type
    repeats: bool
    required: bool
    since: str = schemas.VERSIONS[0]


def _bare(annotation: Any) -> tuple[Any, bool]:
    """Return (value type without optional, annotation and tuple, whether it is a tuple)."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, UnionType):
            (annotation,) = (a for a in get_args(annotation) if a is not type(None))
        elif origin is tuple:
            return _bare(get_args(annotation)[0])[0], True
        elif origin is Literal:
            return str, False
        else:
            return annotation, False


@cache
def shapes(cls: type[PixModel], version: str | None = None) -> tuple[FieldShape, ...]:
    """Return the shapes of the fields of ``cls``, in the order of their elements.

    With ``version`` only those that this version of the message set has.
    """
    if version is not None:
        known = _up_to(version)
        return tuple(shape for shape in shapes(cls) if shape.since in known)
    found = []
    for name, info in cls.model_fields.items():
        value_type, repeats = _bare(info.annotation)
        required = info.is_required()
        since = cls.SINCE.get(name, schemas.VERSIONS[0])
        found.append(FieldShape(name, cls.xml_name(name), value_type, repeats, required, since))
    return tuple(found)


def _up_to(version: str) -> tuple[str, ...]:
    """Return the versions up to and with ``version``; raise :class:`CodecError` if there is no such version."""
    if version not in schemas.VERSIONS:
        expected = " or ".join(schemas.VERSIONS)
        raise CodecError(f"version '{version}' of the message set is not known; expected {expected}")
    return schemas.VERSIONS[: schemas.VERSIONS.index(version) + 1]


__all__ = ["FieldShape", "shapes"]
