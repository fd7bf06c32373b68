"""From an invalid document to findings: all that is wrong, each with its place and what would be right.

xmlschema reads the document again, because libxml2 stops at the first fault of content in a parent. Its
work grows with the square of the number of bad siblings, so documents above
:attr:`Limits.explained_elements` are left to :mod:`exchange.validation.explain_large`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any
from xml.etree import ElementTree

from exchange.validation.document import element_places
from exchange.validation.engines import Grammar
from exchange.validation.findings import Finding, Limits
from exchange.validation.wording import local, say, shown

_MOST_ERRORS = 20_000
"""Errors that are asked for; the total is no larger."""
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class _Document:
    """An invalid document as ElementTree reads it, with the number and path of each element."""

    def __init__(self, data: bytes, *, keep_types: bool) -> None:
        self.root = ElementTree.fromstring(data)
        self.retyped: list[ElementTree.Element] = []
        if not keep_types:
            self.retyped = [e for e in self.root.iter() if e.attrib.pop(_XSI_TYPE, None) is not None]
        self.numbers = {id(element): number for number, element in enumerate(self.root.iter())}
        self.parents: dict[int, ElementTree.Element] = {}
        self.steps = {id(self.root): local(self.root.tag)}
        self.counts: dict[int, Counter[str]] = {}
        for parent in self.root.iter():
            counts = Counter(child.tag for child in parent)
            reached: Counter[str] = Counter()
            for child in parent:
                self.parents[id(child)] = parent
                reached[child.tag] += 1
                position = f"[{reached[child.tag]}]" if counts[child.tag] > 1 else ""
                self.steps[id(child)] = local(child.tag) + position
            self.counts[id(parent)] = counts

    def count(self, parent: ElementTree.Element, tag: str) -> int:
        """Return how many children of ``parent`` have the name ``tag``."""
        return self.counts[id(parent)][tag]

    def xpath(self, element: ElementTree.Element) -> str:
        """Return the path of ``element`` in readable names, with positions among several of one name."""
        steps = [self.steps[id(element)]]
        while (parent := self.parents.get(id(element))) is not None:
            steps.append(self.steps[id(parent)])
            element = parent
        return "/" + "/".join(reversed(steps))


def _errors(document: _Document, grammar: Grammar) -> Iterator[tuple[Any, Finding]]:
    """Yield (element, finding without a place) for what xmlschema has against ``document``."""
    roots = [element.name for element in grammar.explained.elements.values() if not element.abstract]
    for error in grammar.errors(document.root):
        said = say(error, document.root, roots, document.count)
        xpath = document.xpath(said.element) + (f"/@{local(said.attribute)}" if said.attribute else "")
        yield (
            said.element,
            Finding(
                gate="schema",
                code=said.code,
                xpath=xpath,
                value=shown(said.value),
                expected=shown(said.expected),
                text=said.text,
            ),
        )


def explain(data: bytes, grammar: Grammar, limits: Limits) -> tuple[list[Finding], int]:
    """Return the findings of the schema gate for a well-formed document, and their total number.

    Of several faults of one value only the first is told. Findings stand in the order of the document.
    """
    document = _Document(data, keep_types=not grammar.own)
    seen: set[tuple[int, str]] = set()
    found: list[tuple[int, Finding]] = []
    for element in document.retyped:
        text = f"{local(element.tag)} names another type with xsi:type; remove that attribute."
        xpath = document.xpath(element)
        finding = Finding(gate="schema", code="109", xpath=xpath, expected="no xsi:type", text=text)
        found.append((document.numbers[id(element)], finding))
    for element, finding in islice(_errors(document, grammar), _MOST_ERRORS):
        number = document.numbers.get(id(element), 0)
        kind = finding.xpath if finding.value is not None else finding.text
        if (number, kind) not in seen:
            seen.add((number, kind))
            found.append((number, finding))
    found.sort(key=lambda pair: pair[0])
    total = len(found)
    found = found[: limits.findings]
    places = element_places(data, {number for number, _ in found})
    return [placed(finding, places.get(number, (0, 0))) for number, finding in found], total


def placed(finding: Finding, where: tuple[int, int]) -> Finding:
    """Return ``finding`` with line and column."""
    return replace(finding, line=where[0], column=where[1])


__all__ = ["explain", "local", "placed"]
