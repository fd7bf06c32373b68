"""Measures as plain JSON and back again, whatever fields they have: the types of the measures say what each part is.

JSON has neither keys that are no text nor sets: a mapping with such keys becomes ``{"": [[key, value], …]}``, a set a
sorted list.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from scenarios.metrics.measures import ArmMeasures

_PAIRS = ""
"""The only key of what stands for a mapping whose keys are no text."""


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[ArmMeasures]:
    return TypeAdapter(ArmMeasures)


def plain(measures: ArmMeasures) -> Any:
    """Return ``measures`` as what JSON can hold; :func:`restored` gives them back, every field of them."""
    return _packed(_adapter().dump_python(measures))


def restored(content: Any) -> ArmMeasures:
    """Return the measures of which :func:`plain` made ``content``; ValueError if it holds something else."""
    return _adapter().validate_python(_unpacked(content))


def _packed(value: Any) -> Any:
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and key for key in value):
            return {key: _packed(part) for key, part in value.items()}
        return {_PAIRS: [[_packed(key), _packed(part)] for key, part in value.items()]}
    if isinstance(value, set | frozenset):
        return [_packed(part) for part in sorted(value)]
    if isinstance(value, tuple | list):
        return [_packed(part) for part in value]
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        if _PAIRS in value:
            return {_key(key): _unpacked(part) for key, part in value[_PAIRS]}
        return {key: _unpacked(part) for key, part in value.items()}
    return [_unpacked(part) for part in value] if isinstance(value, list) else value


def _key(value: Any) -> Any:
    return tuple(map(_key, value)) if isinstance(value, list) else value


__all__ = ["plain", "restored"]
