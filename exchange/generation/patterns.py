"""Regular expressions of XML Schema, read backwards: from a pattern to texts that match it.

Covered: branches, groups, quantifiers (``? * + {n} {n,} {n,m}``), characters, escapes and character classes with
ranges, negation, subtraction, blocks and categories. What a class holds is asked of the translation that xmlschema
itself uses, so both mean the same. Source: XML Schema Part 2, appendix F.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import isqrt
from random import Random

from elementpath.regex import RegexError, translate_pattern

from exchange.generation.errors import CannotMake

_PREFERRED = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz",
    "-_./:+,;() #%&@!?*=<>[]{}|~^$'\"`\\",
    "\t\n\r" + "".join(map(chr, range(0xA0, 0x250))),
    "".join(map(chr, range(0x250, 0xD800))),
    "".join(map(chr, [*range(0xE000, 0xFFFE), *range(0x10000, 0x11000), *range(0x1F300, 0x1F700)])),
)
"""Characters from which a class is filled, those that read best first."""
_QUANTITY = re.compile(r"\{(\d+)(,(\d*))?\}")
_STRETCHES = (0, 1, 2, 3, 5, 8, 12, 20, 34, 60, 120, 250, 512, 1024)
"""By how much quantifiers go beyond their least, one try after the other."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of several; ``source`` is how the pattern writes them, ``among`` some that read well."""

    among: str
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Branches:
    """One of several."""

    among: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same again, ``low`` to ``high`` times; ``high`` None is without end."""

    node: Node
    low: int
    high: int | None


Node = Characters | Row | Branches | Repeated


@cache
def _characters(source: str) -> Characters:
    """Return what the atom ``source`` (a class, an escape, a point) stands for."""
    try:
        matches = re.compile(translate_pattern(source, back_references=False, lazy_quantifiers=False, anchors=False))
    except (RegexError, re.error) as error:
        raise CannotMake(f"the pattern '{source}' cannot be read: {error}") from None
    for pool in _PREFERRED:
        found = "".join(character for character in pool if matches.match(character))
        if found:
            return Characters(found, source)
    raise CannotMake(f"no character was found that fits '{source}'")


def _literal(character: str) -> str:
    """Return ``character`` as a pattern writes it."""
    return f"\\{character}" if character in "\\|.?*+(){}[]^$-" else character


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def _next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def branches(self) -> Node:
        rows = [self._row()]
        while self._next() == "|":
            self.at += 1
            rows.append(self._row())
        return rows[0] if len(rows) == 1 else Branches(tuple(rows))

    def _row(self) -> Node:
        parts: list[Node] = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._quantified(self._atom()))
        return Row(tuple(parts))

    def _atom(self) -> Node:
        character = self._next()
        start = self.at
        if character == "(":
            self.at += 1
            inside = self.branches()
            if self._next() != ")":
                raise CannotMake(f"the pattern '{self.pattern}' lacks a closing bracket")
            self.at += 1
            return inside
        if character == "[":
            self._over_class()
            return _characters(self.pattern[start : self.at])
        if character == "\\":
            self._over_escape()
            return _characters(self.pattern[start : self.at])
        self.at += 1
        return _characters(".") if character == "." else Characters(character, _literal(character))

    def _over_escape(self) -> None:
        if self.pattern[self.at + 1 : self.at + 2] in ("p", "P"):
            self.at = self._closing("}", self.at) + 1
        else:
            self.at += 2

    def _over_class(self) -> None:
        self.at += 1
        while self._next() != "]":
            if self._next() == "\\":
                self._over_escape()
            elif self._next() == "[":
                self._over_class()
            elif self._next():
                self.at += 1
            else:
                raise CannotMake(f"the pattern '{self.pattern}' lacks a closing ]")
        self.at += 1

    def _closing(self, mark: str, start: int) -> int:
        found = self.pattern.find(mark, start)
        if found < 0:
            raise CannotMake(f"the pattern '{self.pattern}' lacks a closing {mark}")
        return found

    def _quantified(self, node: Node) -> Node:
        mark = self._next()
        known = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        if mark and mark in known:
            self.at += 1
            return Repeated(node, *known[mark])
        quantity = _QUANTITY.match(self.pattern, self.at)
        if quantity is None:
            return node
        self.at = quantity.end()
        low = int(quantity[1])
        high = low if quantity[2] is None else int(quantity[3]) if quantity[3] else None
        return Repeated(node, low, high)


@cache
def read(pattern: str) -> Node:
    """Return what ``pattern`` is made of; raise :class:`CannotMake` if it cannot be read."""
    reader = _Reader(pattern)
    node = reader.branches()
    if reader.at < len(pattern):
        raise CannotMake(f"the pattern '{pattern}' has a bracket too many at {reader.at + 1}")
    return node


def _draw(node: Node, luck: Random, stretch: int) -> str:
    if isinstance(node, Characters):
        return luck.choice(node.among)
    if isinstance(node, Row):
        return "".join(_draw(part, luck, stretch) for part in node.parts)
    if isinstance(node, Branches):
        return _draw(luck.choice(node.among), luck, stretch)
    most = node.low + stretch if node.high is None else min(node.high, node.low + stretch)
    return "".join(_draw(node.node, luck, isqrt(stretch) // 2) for _ in range(most))


def texts(pattern: str, luck: Random, *, tries: int = 3) -> Iterator[str]:
    """Yield texts that match ``pattern``, ``tries`` of each length, short ones first.

    Raise :class:`CannotMake` if the pattern cannot be read.
    """
    node = read(pattern)
    for stretch in _STRETCHES:
        for _ in range(tries):
            yield _draw(node, luck, stretch)


__all__ = ["Branches", "Characters", "Node", "Repeated", "Row", "read", "texts"]
