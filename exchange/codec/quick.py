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
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import Any

from exchange.codec.shapes import FieldShape, shapes
from exchange.messages import PixModel

Values = dict[str, Any]
Groups = tuple[Any, ...]
Reader = Callable[[str], Any]
Step = Callable[[str, int, Values], int]
"""Reads on from a position behind a ``<`` into values; returns the position behind the ``<`` of the next tag."""

LARGEST = 1_000_000
"""Bytes of a document that is read here. A larger one would stand in memory once more, with up to four bytes a
character."""
_NEXT = "[^<]*<"
_TEXT = "[^<]*"
_USUAL: dict[type, tuple[str, Reader]] = {
    bool: ("true|false", {"true": True, "false": False}.__getitem__),
    int: ("[0-9]+", int),
    Decimal: ("[0-9]+(?:[.][0-9]+)?", Decimal),
    datetime: ("[0-9-]{10}T[0-9:]{8}Z", datetime.fromisoformat),
    date: ("[0-9-]{10}", date.fromisoformat),
}
"""How values are written, and what reads them then: a pattern here and no function of ours for each value."""


class _Differs(Exception):
    """The document is not written in the usual way."""


Match = Callable[[str, int], "re.Match[str] | None"]
Take = Callable[[Groups], Values]


class _Writing:
    """A pattern in the making and the source of the function that makes values of its groups.

    The pattern begins behind a ``<`` and ends behind the next but its own. The function is written as source, as
    those of dataclasses are: one dictionary display with its indices takes a third of the time of a loop over them.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.pattern = ""
        self.groups = 0
        self.names: dict[str, Any] = {}
        self.lines: list[str] = []

    def _group(self) -> str:
        self.groups += 1
        return f"g[{self.groups - 1}]"

    def _text(self, shape: FieldShape) -> str:
        """Add an element with text; return what stands for its value."""
        form, read = _USUAL.get(shape.value_type, (_TEXT, None))
        self.pattern += f"{shape.element}>({form})</{shape.element}>{_NEXT}"
        if read is None:
            return self._group()
        reader = f"read_{shape.value_type.__name__}"
        self.names[reader] = read
        return f"{reader}({self._group()})"

    def fields(self, given: tuple[FieldShape, ...], target: str, indent: str) -> None:
        """Add ``given``, none of which repeats or holds what does, and how ``target`` is made of them."""
        at = len(self.lines)
        certain = []
        for shape in given:
            name = repr(shape.name)
            self.pattern += "" if shape.required else "(?:"
            if issubclass(shape.value_type, PixModel):
                begun, inner = f"{shape.element}>{_NEXT}", indent
                if not shape.required:
                    begun, inner = f"({begun[0]}){begun[1:]}", indent + "    "
                    self.lines.append(f"{indent}if {self._group()} is not None:")
                self.pattern += begun
                self.fields(shapes(shape.value_type, self.version), f"{target}_{shape.name}", inner)
                self.pattern += f"/{shape.element}>{_NEXT}"
                self.lines.append(f"{inner}{target}[{name}] = {target}_{shape.name}")
            elif shape.required:
                certain.append(f"{name}: {self._text(shape)}")
            else:
                there = f"g[{self.groups}]"
                self.lines.append(f"{indent}if {there} is not None: {target}[{name}] = {self._text(shape)}")
            self.pattern += "" if shape.required else "|)"
        self.lines.insert(at, f"{indent}{target} = {{{', '.join(certain)}}}")

    def made(self) -> tuple[Match, Take]:
        """Return what matches at a position, and what makes values of the groups of a match."""
        source = "\n".join(("def take(g):", *self.lines, "    return values"))
        names = dict(self.names)
        exec(source, names)  # the names of our own fields, nothing from a document
        return re.compile(self.pattern).match, names["take"]


def _flat(value_type: type, version: str) -> bool:
    """Return whether nothing repeats in a ``value_type``, however deep."""
    return not issubclass(value_type, PixModel) or all(
        not shape.repeats and _flat(shape.value_type, version) for shape in shapes(value_type, version)
    )


def _stretch(fields: tuple[FieldShape, ...], version: str) -> Step:
    """Return the step for fields that stand once or not at all, with nothing in them that repeats."""
    writing = _Writing(version)
    writing.fields(fields, "values", "    ")
    match, take = writing.made()

    def step(text: str, position: int, values: Values) -> int:
        found = match(text, position)
        if found is None:
            raise _Differs
        values.update(take(found.groups()))
        return found.end()

    return step


def _series(shape: FieldShape, version: str) -> Step:
    """Return the step for a field that repeats and holds nothing that does."""
    name = shape.name
    writing = _Writing(version)
    writing.fields((shape._replace(repeats=False, required=True),), "values", "    ")
    match, take = writing.made()

    def step(text: str, position: int, values: Values) -> int:
        entries = []
        while (found := match(text, position)) is not None:
            entries.append(take(found.groups())[name])
            position = found.end()
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
    def once(shape: FieldShape) -> bool:
        return not shape.repeats and _flat(shape.value_type, version)

    for together, fields in groupby(shapes(cls, version), once):
        if together:
            yield _stretch(tuple(fields), version)
            continue
        for shape in fields:
            yield _series(shape, version) if _flat(shape.value_type, version) else _deep(shape, version)


@cache
def _begin(root: str) -> re.Pattern[str]:
    return re.compile(rf"[^<]*(?:<\?xml\s[^<>]*\?>{_NEXT[:-1]})?<{root}(?:\s[^<>]*)?>{_NEXT}")


def read_plain(data: bytes, cls: type[PixModel], version: str, known: Values) -> Values | None:
    """Return the values of the message in ``data``, as the tree reader would; None if that must be asked.

    ``data`` is UTF-8 and well-formed, with a ``cls`` in the namespace of the message set as its root. ``known`` holds
    values that need not be read again, by field; the same values are returned in a new mapping.
    """
    if len(data) > LARGEST or b"&" in data or b"\r" in data:
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


__all__ = ["LARGEST", "read_plain"]
