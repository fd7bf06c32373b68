"""Mutants that never reach a schema: bytes that are no text, and text that is no XML.

Where the fault stands follows from where it was put. Of faults of syntax the line alone is expected: at which column of
it a parser gives up is the parser's own.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

from exchange.generation.mutants import Expected, Gate, Mutant, NotBroken, spliced
from exchange.generation.outline import Node, outline
from exchange.sentences import tell

_DECLARATION = re.compile(rb"^(?:\xef\xbb\xbf)?<\?xml[^>]*\?>")


def _place(data: bytes, offset: int) -> tuple[int, int]:
    """Return line and column (from 1, in characters) of the byte at ``offset``."""
    before = data[:offset].decode("utf-8", "replace")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _mutant(
    breaks: str, change: str, data: bytes, gate: Gate, code: str, line: int, column: int | None, at: str = "/"
) -> Mutant:
    expected = Expected(gate=gate, code=code, line=line, column=column, xpath="")
    return Mutant(breaks=breaks, at=at, change=change, data=data, expected=expected)


def _leaf(root: Node) -> Node | None:
    """Return the first element that holds text alone."""
    return next((node for node in root.walk() if not node.children and node.close > node.open_end), None)


def byte_mutants(data: bytes) -> Iterator[Mutant | NotBroken]:
    """Yield the mutants of the gates of bytes and of well-formedness, and what could not be broken."""
    root = outline(data)
    yield from _whole(data, root)
    leaf = _leaf(root)
    if leaf is None:
        why = "no element of the document holds text alone"
        yield from (NotBroken(breaks=one, at="/", reason=why) for one in ("character", "end tag", "reference"))
    else:
        yield from _within(data, leaf)


def _whole(data: bytes, root: Node) -> Iterator[Mutant]:
    """Yield what is wrong with the document as a whole."""
    yield _mutant("empty", tell("all taken away"), b"", "bytes", "EMPTY", 0, 0)
    packed = gzip.compress(data, mtime=0)
    yield _mutant("gzip", tell("packed with gzip"), packed, "bytes", "ENCODING", 1, 1)
    wide = data.removeprefix(b"\xef\xbb\xbf").decode().encode("utf-16")
    yield _mutant("encoding", tell("written in UTF-16"), wide, "bytes", "ENCODING", 1, 1)
    found = _DECLARATION.match(data)
    start = b'<?xml version="1.0" encoding="'
    said = start + b'ISO-8859-1"?>'
    other = spliced(data, (0, found.end(), said)) if found else said + b"\n" + data
    yield _mutant("encoding", tell("another encoding declared"), other, "bytes", "ENCODING", 1, len(start) + 1)
    name = root.written.encode()
    typed = spliced(data, (root.start, root.start, b"<!DOCTYPE " + name + b">"))
    place = _place(data, root.start)
    yield _mutant("DOCTYPE", tell("a document type declared"), typed, "wellformed", "DOCTYPE", *place)
    if root.close < root.end:
        short = data[: root.close]
        line = _place(short, len(short))[0]
        yield _mutant("truncated", tell("the end cut off"), short, "wellformed", "SYNTAX", line, None)
    again = spliced(data, (root.end, root.end, b"<" + name + b"/>"))
    yield _mutant(
        "one root", tell("a second root element"), again, "wellformed", "SYNTAX", _place(data, root.end)[0], None
    )


def _within(data: bytes, leaf: Node) -> Iterator[Mutant]:
    """Yield what is wrong with one element of text."""
    at = leaf.shape()
    place = _place(data, leaf.open_end)
    for byte, code, change in (
        (b"\xff", "ENCODING", tell("a byte that is not UTF-8")),
        (b"\0", "NUL", tell("a NUL byte")),
    ):
        bad = spliced(data, (leaf.open_end, leaf.open_end, byte))
        yield _mutant("character", change, bad, "bytes", code, *place, at)
    end = spliced(data, (leaf.close, leaf.end, f"</{leaf.written}X>".encode()))
    change = tell("the end tag of {name} named otherwise", name=leaf.name)
    yield _mutant("end tag", change, end, "wellformed", "SYNTAX", _place(data, leaf.close)[0], None, at)
    entity = spliced(data, (leaf.open_end, leaf.open_end, b"&unknown;"))
    change = tell("a reference to an entity that is not defined")
    yield _mutant("reference", change, entity, "wellformed", "SYNTAX", place[0], None, at)
    twice = spliced(data, (leaf.open_end - 1, leaf.open_end - 1, b' twice="1" twice="1"'))
    line = _place(data, leaf.open_end - 1)[0]
    yield _mutant("attribute twice", tell("an attribute put in twice"), twice, "wellformed", "SYNTAX", line, None, at)
    start = leaf.start + 1
    written = len(leaf.written.encode())
    stray = spliced(
        data,
        (start, start + written, b"nowhere:" + leaf.name.encode()),
        (leaf.close, leaf.end, b"</nowhere:" + leaf.name.encode() + b">"),
    )
    change = tell("{name} with a prefix that is not declared", name=leaf.name)
    yield _mutant("prefix", change, stray, "wellformed", "SYNTAX", line, None, at)


__all__ = ["byte_mutants"]
