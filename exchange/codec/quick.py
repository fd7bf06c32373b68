"""Plain documents to plain values without walking a tree: compiled patterns read what is written the usual way.

Most of the time that the tree reader takes goes into one Python object for each of some two hundred elements. Here
regular expressions made from the models' fields match a stretch of a document at once and give the texts of its
elements.

A pattern knows the elements of its class alone, in their order, without prefixes or attributes, and text without
references. So what matches has one reading, and it is that of the tree. Whatever else a document may hold (comments,
CDATA sections, processing instructions, references, prefixes, carriage returns, another order) does not match, and
the tree is asked. As in the tree, text beside elements means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from exchange.codec.shapes import FieldShape, shapes
from exchange.codec.values import Reader, reader_of
from exchange.messages import Message, PixModel

Values = dict[str, Any]
Step = Callable[[str, int, Values], int]
"""Reads on from a position behind a ``<`` into values; returns the position behind the ``<`` of the next tag."""
Slot = tuple[int, str, "Reader | None", bool]
"""What a group of a pattern gives: how deep, which field, how to read the text, whether a part begins instead."""

_NEXT = "[^<]*<"


class _Differs(Exception):
    """The document is not written in the usual way."""


class _Stretch(NamedTuple):
    """A pattern that begins behind a ``<`` and ends behind the next but its own, and what its groups give."""

    pattern: str
    slots: tuple[Slot, ...]

    def reader(self) -> tuple[Callable[[str, int], re.Match[str] | None], Callable[[re.Match[str], Values], int]]:
        """Return what matches the stretch at a position, and what puts a match into values."""
        slots = self.slots
        levels = [None] * (1 + max(level for level, *_ in slots))

        def put(match: re.Match[str], values: Values) -> int:
            at: list[Any] = levels.copy()
            at[0] = values
            for (level, name, read, begins), text in zip(slots, match.groups(), strict=True):
                if text is None:
                    continue
                if begins:
                    at[level + 1] = at[level][name] = {}
                else:
                    at[level][name] = text if read is None else read(text)
            return match.end()

        return re.compile(self.pattern).match, put


def _flat(cls: type[PixModel], version: str) -> bool:
    """Return whether nothing repeats in a ``cls``, however deep."""
    return not any(
        shape.repeats or (issubclass(shape.value_type, PixModel) and not _flat(shape.value_type, version))
        for shape in shapes(cls, version)
    )


def _simple(shape: FieldShape, version: str) -> bool:
    return not shape.repeats and (not issubclass(shape.value_type, PixModel) or _flat(shape.value_type, version))


def _once(shape: FieldShape, version: str, level: int) -> _Stretch:
    """Return the stretch of one field without anything that repeats."""
    name = shape.element
    if issubclass(shape.value_type, PixModel):
        inner = _sequence(shapes(shape.value_type, version), version, level + 1)
        pattern = f"({name})>{_NEXT}{inner.pattern}/{name}>{_NEXT}"
        slots = ((level, shape.name, None, True), *inner.slots)
    else:
        pattern = f"{name}>([^<]*)</{name}>{_NEXT}"
        slots = ((level, shape.name, reader_of(shape.value_type), False),)
    return _Stretch(pattern if shape.required else f"(?:{pattern}|)", slots)


def _sequence(fields: tuple[FieldShape, ...], version: str, level: int = 0) -> _Stretch:
    parts = [_once(shape, version, level) for shape in fields]
    return _Stretch("".join(part.pattern for part in parts), tuple(slot for part in parts for slot in part.slots))


def _one_stretch(fields: tuple[FieldShape, ...], version: str) -> Step:
    match, put = _sequence(fields, version).reader()

    def step(text: str, position: int, values: Values) -> int:
        found = match(text, position)
        if found is None:
            raise _Differs
        return put(found, values)

    return step


def _series_of_stretches(shape: FieldShape, version: str) -> Step:
    """Return the step for a field that repeats and holds nothing that does."""
    name = shape.name
    match, put = _once(shape._replace(repeats=False, required=True), version, 0).reader()

    def step(text: str, position: int, values: Values) -> int:
        entries = []
        while (found := match(text, position)) is not None:
            one: Values = {}
            position = put(found, one)
            entries.append(one[name])
        if entries:
            values[name] = entries
        return position

    return step


def _deep(shape: FieldShape, version: str) -> Step:
    """Return the step for a part with something inside that repeats. One that the values have already is skipped."""
    name, repeats = shape.name, shape.repeats
    opening, closing = f"{shape.element}>", f"/{shape.element}>"
    steps = _steps(shape.value_type, version)

    def step(text: str, position: int, values: Values) -> int:
        if name in values and text.startswith(opening, position):
            position = text.find("<" + closing, position)
            return text.find("<", position + 1) + 1
        entries: list[Values] = []
        while text.startswith(opening, position) and (repeats or not entries):
            position = text.find("<", position) + 1
            one: Values = {}
            for inner in steps:
                position = inner(text, position, one)
            if not text.startswith(closing, position):
                raise _Differs
            position = text.find("<", position) + 1
            entries.append(one)
        if entries:
            values[name] = entries if repeats else entries[0]
        return position

    return step


@cache
def _steps(cls: type[PixModel], version: str) -> tuple[Step, ...]:
    return tuple(_made(cls, version))


def _made(cls: type[PixModel], version: str) -> Iterator[Step]:
    for simple, fields in groupby(shapes(cls, version), lambda shape: _simple(shape, version)):
        if simple:
            yield _one_stretch(tuple(fields), version)
            continue
        for shape in fields:
            part = issubclass(shape.value_type, PixModel)
            flat = not part or _flat(shape.value_type, version)
            yield _series_of_stretches(shape, version) if flat else _deep(shape, version)


@cache
def _begin(root: str) -> re.Pattern[str]:
    return re.compile(rf"[^<]*(?:<\?xml\s[^<>]*\?>{_NEXT[:-1]})?<{root}(?:\s[^<>]*)?>{_NEXT}")


def read_plain(data: bytes, cls: type[Message], version: str, known: Values) -> Values | None:
    """Return the values of the message in ``data``, as the tree reader would; None if that must be asked.

    ``data`` is UTF-8 and well-formed, with a ``cls`` in the namespace of the message set as its root. ``known`` holds
    values that need not be read again, by field; the same values are returned in a new mapping.
    """
    if b"&" in data or b"\r" in data:
        return None
    text = data.decode()
    root = cls.__name__
    begun = _begin(root).match(text)
    if begun is None:
        return None
    values = known.copy()
    position = begun.end()
    try:
        for step in _steps(cls, version):
            position = step(text, position, values)
    except (_Differs, ValueError, KeyError):
        return None
    return values if text.startswith(f"/{root}>", position) else None


__all__ = ["read_plain"]
