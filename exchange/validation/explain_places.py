"""Where in the bytes of a document something stands: elements, their values, their attributes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from xml.parsers import expat

_ATTRIBUTE = re.compile(rb"""\s+([^\s=<>"']+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_NAME = re.compile(rb"<[^\s/>]+")
_TAG_END = re.compile(rb"\s*/?>")
_BLANKS = re.compile(rb"[ \t\r\n]+")
_PASSED = ((b"<!--", b"-->"), (b"<?", b"?>"))


def element_offsets(data: bytes, wanted: Collection[int]) -> dict[int, int]:
    """Return the byte at which the elements with the numbers ``wanted`` begin (0 is the root, in document order)."""
    found: dict[int, int] = {}
    parser = expat.ParserCreate("utf-8")
    number = -1

    def start(_name: str, _attributes: object) -> None:
        nonlocal number
        number += 1
        if number in wanted:
            found[number] = parser.CurrentByteIndex

    parser.StartElementHandler = start
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(data, True)
    return found


def attribute_offsets(data: bytes, start: int) -> dict[tuple[bool, str], int]:
    """Return where the attributes of the tag that begins at ``start`` stand, by whether they have a prefix, and their
    local name."""
    found: dict[tuple[bool, str], int] = {}
    name = _NAME.match(data, start)
    at = name.end() if name else start
    while one := _ATTRIBUTE.match(data, at):
        prefix, _, rest = one[1].decode("utf-8", "replace").rpartition(":")
        if prefix != "xmlns":
            found.setdefault((bool(prefix), rest), one.start(1))
        at = one.end()
    return found


def value_offset(data: bytes, start: int) -> int:
    """Return where the value of the element that begins at ``start`` has its first character; ``start`` if it has no
    value."""
    name = _NAME.match(data, start)
    at = name.end() if name else start
    while found := _ATTRIBUTE.match(data, at):
        at = found.end()
    end = _TAG_END.match(data, at)
    if end is None or data[end.end() - 2 : end.end()] == b"/>":
        return start
    at = end.end()
    while True:
        blanks = _BLANKS.match(data, at)
        at = blanks.end() if blanks else at
        for opening, closing in _PASSED:
            if data.startswith(opening, at):
                stop = data.find(closing, at)
                at = stop + len(closing) if stop >= 0 else len(data)
                break
        else:
            break
    if data.startswith(b"<![CDATA[", at):
        return at + 9
    return start if data.startswith(b"<", at) or at >= len(data) else at


def lines_and_columns(data: bytes, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return line and column (from 1, in characters) of some bytes, in one walk over the document."""
    found: dict[int, tuple[int, int]] = {}
    line, column, reached = 1, 1, 0
    for offset in sorted(set(offsets)):
        breaks = data.count(b"\n", reached, offset)
        if breaks:
            line, column = line + breaks, 1
            reached = data.rfind(b"\n", reached, offset) + 1
        column += len(data[reached:offset].decode("utf-8", "replace"))
        found[offset] = line, column
        reached = offset
    return found


class Mark(NamedTuple):
    """What a finding points at: the element with a number (0 is the root, in document order), or its value, or its
    attribute (a Clark name)."""

    number: int
    of_value: bool = False
    attribute: str | None = None


def marked(data: bytes, marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Return line and column of each of ``marks``; of the first byte where there is no such element."""
    starts = element_offsets(data, {mark.number for mark in marks})
    offsets = []
    for mark in marks:
        offset = starts.get(mark.number, 0)
        if mark.attribute is not None:
            named = (mark.attribute.startswith("{"), mark.attribute.rpartition("}")[2])
            offset = attribute_offsets(data, offset).get(named, offset)
        elif mark.of_value:
            offset = value_offset(data, offset)
        offsets.append(offset)
    places = lines_and_columns(data, offsets)
    return [places[offset] for offset in offsets]


__all__ = ["Mark", "attribute_offsets", "element_offsets", "lines_and_columns", "marked", "value_offset"]
