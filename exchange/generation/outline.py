"""Where everything stands in the bytes of a document, so that one thing can be changed and all else stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

_XML_NAME = re.compile(rb"<([^\s/>]+)")
_TAG = re.compile(rb"""[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*>""")


@dataclass(eq=False, slots=True)
class Node:
    """An element in the bytes.

    ``start`` and ``end`` enclose it whole, ``open_end`` is where its start tag ends, ``close`` where its end tag
    begins (the same as ``end`` if it is one empty tag). ``tag`` is its Clark name, ``written`` its name as it
    stands there, ``line`` and ``column`` count from 1, in characters.
    """

    tag: str
    written: str
    start: int
    open_end: int
    line: int
    column: int
    attributes: dict[str, str]
    parent: Node | None
    children: list[Node] = field(default_factory=list)
    close: int = 0
    end: int = 0

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.tag.rpartition("}")[2]

    def walk(self) -> Iterator[Node]:
        """Yield the element and all below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()

    def xpath(self) -> str:
        """Return its path in readable names, with a position among several of one name."""
        if self.parent is None:
            return f"/{self.name}"
        twins = [one for one in self.parent.children if one.tag == self.tag]
        position = f"[{twins.index(self) + 1}]" if len(twins) > 1 else ""
        return f"{self.parent.xpath()}/{self.name}{position}"

    def shape(self) -> str:
        """Return its path in readable names, without positions."""
        return f"{self.parent.shape() if self.parent is not None else ''}/{self.name}"


def _tag_end(data: bytes, start: int) -> int:
    """Return the place behind the tag that begins at ``start``; a > within quotes does not end it."""
    match = _TAG.match(data, start)
    return match.end() if match else len(data)


def outline(data: bytes) -> Node:
    """Return the root element of the well-formed document ``data`` in UTF-8.

    Raise :class:`xml.parsers.expat.ExpatError` if it is not well-formed.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    stack: list[Node] = []
    root: list[Node] = []

    def clark(name: str) -> str:
        return "{" + name if "}" in name else name

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        match = _XML_NAME.match(data, at)
        written = match[1].decode() if match else name
        tags = {clark(key): value for key, value in attributes.items()}
        parent = stack[-1] if stack else None
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        node = Node(clark(name), written, at, _tag_end(data, at), line, column, tags, parent)
        (parent.children if parent is not None else root).append(node)
        stack.append(node)

    def end(_name: str) -> None:
        node = stack.pop()
        if data[node.open_end - 2 : node.open_end] == b"/>":
            node.close = node.end = node.open_end
        else:
            node.close = parser.CurrentByteIndex
            node.end = _tag_end(data, node.close)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    return root[0]


__all__ = ["Node", "outline"]
