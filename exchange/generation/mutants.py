"""What a mutant is: a document that breaks one thing, what it breaks, and the finding that must be told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from exchange.generation.outline import Node, outline
from exchange.validation.document import place

_OF_VALUES = ("102", "103", "104", "105", "106")
Gate = Literal["bytes", "wellformed", "schema", "codelist", "rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The finding that must be told. ``line`` and ``column`` count from 1; ``column`` is None where any will do."""

    gate: Gate
    severity: str = "error"
    code: str
    rule: str | None = None
    line: int
    column: int | None
    xpath: str

    def as_json(self) -> dict[str, Any]:
        """Return it with the keys that findings have."""
        names = ("gate", "severity", "code", "rule", "line", "column", "xpath")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A document with one fault.

    ``breaks`` names what (``pattern``, ``required``, ``order``, ``codelist``, ``PIX-014`` …), ``at`` the element or
    attribute as a path without positions, ``change`` tells the change in words, ``also`` what the same change cannot
    help breaking too.
    """

    breaks: str
    at: str
    change: str
    data: bytes
    expected: Expected
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBroken:
    """What no mutant was made for, and why."""

    breaks: str
    at: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """Return it as plain JSON."""
        return {"breaks": self.breaks, "at": self.at, "reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """All that came of one document."""

    mutants: tuple[Mutant, ...]
    not_broken: tuple[NotBroken, ...]


def spliced(data: bytes, *changes: tuple[int, int, bytes]) -> bytes:
    """Return ``data`` with each (start, end, new bytes) in place of what stood there; they must not overlap."""
    parts = []
    position = 0
    for start, end, new in sorted(changes):
        parts += [data[position:start], new]
        position = end
    return b"".join([*parts, data[position:]])


def escaped(text: str) -> bytes:
    """Return ``text`` as it is written in an element or within double quotes."""
    for raw, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(raw, written)
    return text.encode()


def node_at(root: Node, path: tuple[int, ...]) -> Node:
    """Return the element that is reached from ``root`` by the indices of children in ``path``."""
    for index in path:
        root = root.children[index]
    return root


def path_to(node: Node) -> tuple[int, ...]:
    """Return the indices of children that lead from the root to ``node``."""
    if node.parent is None:
        return ()
    return (*path_to(node.parent), node.parent.children.index(node))


def expected_at(data: bytes, path: tuple[int, ...], code: str, attribute: str | None = None) -> Expected:
    """Return the finding of the schema gate with ``code`` for the element at ``path`` in the mutant ``data``: at the
    first character of a wrong value, somewhere in the tag for an attribute, else where the element begins."""
    node = node_at(outline(data), path)
    return expected_of(data, node, node.close, code, attribute)


def expected_of(data: bytes, node: Node, close: int, code: str, attribute: str | None = None) -> Expected:
    """Return what :func:`expected_at` does for ``node``, whose end tag begins at ``close`` in ``data``.

    ``node`` may be of the document before the change if the start of its tag, and elements of its name beside it, are
    where they were; of a wrong value (102 to 106) its whole start tag must be.
    """
    if attribute or code == "109":
        xpath = node.xpath() + (f"/@{attribute}" if attribute else "")
        return Expected(gate="schema", code=code, line=node.line, column=None, xpath=xpath)
    line, column = node.line, node.column
    value = data[node.open_end : close].lstrip() if node.close < node.end else b""
    if code in _OF_VALUES and value:
        line, column = place(data, close - len(value))
    return Expected(gate="schema", code=code, line=line, column=column, xpath=node.xpath())


__all__ = [
    "Expected", "Gate", "Mutant", "Mutation", "NotBroken", "escaped", "expected_at", "expected_of", "node_at",
    "path_to", "spliced",
]  # fmt: skip
