"""The first gates: the bytes, and what stands before the root element.

Everything here looks at bytes alone, before any parser sees them: size, NULs, encoding, the number of tags,
and whether there is a document type declaration (always refused: entities are how XML attacks).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection
from typing import NamedTuple
from xml.parsers import expat

from exchange.sentences import tell
from exchange.validation.findings import Finding, Limits

_UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"<\x00", "UTF-16"),
    (b"\x00<", "UTF-16"),
)
_KINDS = (
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x03\x04", "a zip file"),
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf", "a 7z file"),
    (b"\xd0\xcf\x11\xe0", "an old office file"),
)
_FOREIGN = tuple(start for start, _ in (*_KINDS, *_OTHER_BOMS))
_DECLARED = re.compile(rb"""^<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_ROOT = re.compile(rb"<([^\s/<>!?&\"'=]+)([^<]*)")
_VERSION = re.compile(rb"""\sschemaVersion\s*=\s*("([^"<]*)"|'([^'<]*)')""")
_BLANK = b" \t\r\n"


class Prolog(NamedTuple):
    """What stands first in a document: local name and schema version of the root, as far as they can be read, and
    the byte at which the root's tag begins."""

    root: str | None
    version: str | None
    at: int = 0


def place(data: bytes, offset: int) -> tuple[int, int]:
    """Return line and column (from 1, in characters) of the byte at ``offset``."""
    start = data.rfind(b"\n", 0, offset) + 1
    return data.count(b"\n", 0, offset) + 1, len(data[start:offset].decode("utf-8", "replace")) + 1


def _at(data: bytes, offset: int, code: str, expected: str, text: str) -> Finding:
    line, column = place(data, offset)
    return Finding(gate="bytes", code=code, line=line, column=column, expected=expected, text=text)


def check_bytes(data: bytes, limits: Limits) -> Finding | None:
    """Return what is wrong with the bytes, or nothing: size, NUL, encoding, number of tags."""
    if len(data) > limits.size:
        text = tell("The document has {data:,} bytes; the limit is {size:,}.", data=len(data), size=limits.size)
        return Finding(gate="bytes", code="SIZE", expected=tell("at most {size} bytes", size=limits.size), text=text)
    if not data or data.isspace():
        return Finding(
            gate="bytes", code="EMPTY", expected=tell("an XML document"), text=tell("The document is empty.")
        )
    if data.startswith(_FOREIGN):
        return _foreign(data)
    nul = data.find(b"\x00")
    if nul >= 0:
        return _at(
            data, nul, "NUL", tell("text without NUL"), tell("There is a NUL byte here; XML has no such character.")
        )
    declared = _DECLARED.match(data, 3 if data.startswith(_UTF8_BOM) else 0)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        name = declared[1].decode("ascii", "replace") or "nothing"
        text = tell("The document says its encoding is {name}; only UTF-8 is accepted.", name=name)
        return _at(data, declared.start(1), "ENCODING", "UTF-8", text)
    if not data.isascii():
        if declared and declared[1].lower() == b"us-ascii":
            text = tell("The document says its encoding is US-ASCII, but holds other characters; write UTF-8 there.")
            return _at(data, declared.start(1), "ENCODING", "UTF-8", text)
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            text = tell("The byte 0x{data:02X} here is not UTF-8.", data=data[error.start])
            return _at(data, error.start, "ENCODING", "UTF-8", text)
    # There are no more elements than bytes, so that a small document need not be counted.
    elements = data.count(b"<") - data.count(b"</") if len(data) > limits.elements else 0
    if elements > limits.elements:
        text = tell(
            "The document has about {elements:,} elements; the limit is {limit:,}.",
            elements=elements,
            limit=limits.elements,
        )
        return Finding(
            gate="bytes",
            code="ELEMENTS",
            expected=tell("at most {elements} elements", elements=limits.elements),
            text=text,
        )
    return None


def spelled(data: bytes) -> bytes:
    """Return ``data`` with its encoding called UTF-8 where it is called utf8, which not every parser knows."""
    declared = _DECLARED.match(data, 3 if data.startswith(_UTF8_BOM) else 0)
    if declared is None or declared[1].lower() != b"utf8":
        return data
    return data[: declared.start(1)] + b"UTF-8" + data[declared.end(1) :]


def _foreign(data: bytes) -> Finding:
    """Return what ``data`` is whose first bytes are those of something else than XML in UTF-8."""
    for start, kind in _KINDS:
        if data.startswith(start):
            text = tell("This is {kind}, not XML; give the document itself, unpacked.", kind=tell(kind))
            return Finding(gate="bytes", code="ENCODING", line=1, column=1, expected=tell("an XML document"), text=text)
    name = next(name for mark, name in _OTHER_BOMS if data.startswith(mark))
    return _at(data, 0, "ENCODING", "UTF-8", tell("The document is written in {name}; write it in UTF-8.", name=name))


def read_prolog(data: bytes) -> Prolog | Finding:
    """Return the root's name and version, or the finding that a document type declaration stands before it.

    What is not well-formed is left to the parser, which says so with its place.
    """
    position = 3 if data.startswith(_UTF8_BOM) else 0
    while True:
        while position < len(data) and data[position] in _BLANK:
            position += 1
        if data.startswith(b"<?", position):
            end = data.find(b"?>", position)
            step = 2
        elif data.startswith(b"<!--", position):
            end = data.find(b"-->", position + 4)
            step = 3
        else:
            break
        if end < 0:
            return Prolog(None, None)
        position = end + step
    if data[position : position + 9].upper() == b"<!DOCTYPE":
        line, column = place(data, position)
        text = tell("A document type declaration is not accepted: remove it, and any entities with it.")
        return Finding(
            gate="wellformed", code="DOCTYPE", line=line, column=column, expected=tell("no DOCTYPE"), text=text
        )
    root = _ROOT.match(data, position)
    if root is None:
        return Prolog(None, None)
    version = _VERSION.search(root[2])
    name = root[1].decode("utf-8", "replace").rpartition(":")[2]
    named = (version[2] or version[3] or b"").decode("utf-8", "replace") if version else None
    return Prolog(name, named, position)


def claiming(data: bytes, prolog: Prolog, version: str) -> bytes:
    """Return ``data`` with ``version`` as the schema version of its root; unchanged if the root names none.

    With versions of one length all places stay.
    """
    root = _ROOT.match(data, prolog.at)
    found = _VERSION.search(root[2]) if root is not None else None
    if root is None or found is None:
        return data
    start, end = root.start(2) + found.start(1) + 1, root.start(2) + found.end(1) - 1
    return data[:start] + version.encode() + data[end:]


class Survey(NamedTuple):
    """Size of a well-formed document: number of elements, greatest depth."""

    elements: int
    depth: int


def survey(data: bytes) -> Survey:
    """Return the size of the well-formed document ``data``; raise :class:`expat.ExpatError` if it is not."""
    parser = expat.ParserCreate("utf-8", namespace_separator="}")
    count = depth = deepest = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal count, depth, deepest
        count += 1
        depth += 1
        if depth > deepest:
            deepest = depth

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    return Survey(count, deepest)


def element_places(data: bytes, wanted: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return line and column of the elements with the numbers ``wanted`` (0 is the root, in document order).

    Columns count characters from 1. Elements that do not exist are left out.
    """
    found: dict[int, tuple[int, int]] = {}
    parser = expat.ParserCreate("utf-8")
    number = -1

    def start(_name: str, _attributes: object) -> None:
        nonlocal number
        number += 1
        if number in wanted:
            found[number] = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    parser.StartElementHandler = start
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(data, True)
    return found


__all__ = ["Prolog", "Survey", "check_bytes", "claiming", "element_places", "place", "read_prolog", "spelled", "survey"]
