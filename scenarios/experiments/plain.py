"""Measures as plain JSON and back again, whatever fields they have: the types of the measures say what each part is.

A record is the list of its fields' values in their order, a mapping whose keys are no text a list of its pairs, a set
a sorted list. How each type goes there and back is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from scenarios.metrics.measures import ArmMeasures

Turn = Callable[[Any], Any]


class _Form(NamedTuple):
    """How values of one type become plain and come back; None: they are plain as they are."""

    pack: Turn | None
    unpack: Turn | None


_SAME = _Form(None, None)


def plain(measures: ArmMeasures) -> Any:
    """Return ``measures`` as what JSON can hold; :func:`restored` gives them back, every field of them."""
    pack = _form(ArmMeasures).pack
    assert pack is not None
    return pack(measures)


def restored(content: Any) -> ArmMeasures:
    """Return the measures of which :func:`plain` made ``content``; ValueError if it holds something else."""
    unpack = _form(ArmMeasures).unpack
    assert unpack is not None
    try:
        measures: ArmMeasures = unpack(content)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        names = ", ".join(field.name for field in fields(ArmMeasures))
        raise ValueError(f"no measures, which are a list of {names}: {error}") from error
    return measures


@cache
def _form(kind: Any) -> _Form:
    """Return how values of the type ``kind`` go to and fro; TypeError if that is not known."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind in (str, int, float, bool) or origin is Literal:
        return _SAME
    if origin in (Union, UnionType):
        chosen = [part for part in parts if part is not type(None)]
        if len(chosen) == 1:
            return _optional(_form(chosen[0]))
    if origin is tuple:
        return _every(tuple, parts[0]) if parts[-1] is Ellipsis else _record(tuple, list, parts)
    if origin is frozenset:
        return _every(frozenset, parts[0])
    if origin is Mapping:
        return _mapping(*parts)
    if is_dataclass(kind):
        make: Any = kind
        hints, names = get_type_hints(kind), [field.name for field in fields(kind)]
        get = attrgetter(*names)
        return _record(
            lambda values: make(**dict(zip(names, values, strict=True))),
            lambda item: list(get(item)),
            [hints[name] for name in names],
        )
    if hasattr(kind, "_make"):
        return _record(kind._make, list, list(get_type_hints(kind).values()))
    raise TypeError(f"measures of the type {kind} cannot be stored")


def _optional(form: _Form) -> _Form:
    pack, unpack = form
    return _Form(
        None if pack is None else lambda value: None if value is None else pack(value),
        None if unpack is None else lambda value: None if value is None else unpack(value),
    )


def _every(make: type, part: Any) -> _Form:
    """Return the form of a collection of which every element is a ``part``; sets are sorted."""
    pack, unpack = _form(part)
    order: Callable[[Any], Any] = sorted if make is frozenset else list
    return _Form(
        order if pack is None else lambda value: [pack(item) for item in order(value)],
        make if unpack is None else lambda value: make([unpack(item) for item in value]),
    )


def _record(make: Turn, take: Callable[[Any], list[Any]], parts: Any) -> _Form:
    """Return the form of a record: ``take`` gives its values as a new list, ``make`` makes it of them."""
    forms = [_form(part) for part in parts]
    packed = [(place, form.pack) for place, form in enumerate(forms) if form.pack is not None]
    unpacked = [(place, form.unpack) for place, form in enumerate(forms) if form.unpack is not None]

    def pack(item: Any) -> list[Any]:
        values = take(item)
        for place, turn in packed:
            values[place] = turn(values[place])
        return values

    def unpack(values: list[Any]) -> Any:
        if len(values) != len(forms):
            raise ValueError(f"{len(values)} values where {len(forms)} belong")
        for place, turn in unpacked:
            values[place] = turn(values[place])
        return make(values)

    return _Form(pack if packed else take, unpack)


def _mapping(key: Any, part: Any) -> _Form:
    """Return the form of a mapping: an object where its keys are text, else pairs."""
    (pack_key, unpack_key), (pack, unpack) = _form(key), _form(part)
    if key is str:
        return _Form(
            dict if pack is None else lambda value: {name: pack(item) for name, item in value.items()},
            dict if unpack is None else lambda value: {name: unpack(item) for name, item in value.items()},
        )
    one, back = pack_key or _itself, unpack_key or _itself
    item_in, item_out = pack or _itself, unpack or _itself
    return _Form(
        lambda value: [[one(name), item_in(item)] for name, item in value.items()],
        lambda value: {back(name): item_out(item) for name, item in value},
    )


def _itself(value: Any) -> Any:
    return value


__all__ = ["plain", "restored"]
