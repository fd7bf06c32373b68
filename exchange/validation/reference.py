"""The reference of the message set and of its rules, written from the schemas and the registry of rules.

``python -m exchange.validation.reference docs`` writes ``docs/messages.md`` and ``docs/rules.md``; a test fails when
they are not what this module would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

import schemas
from exchange.messages import CATALOGUE, NAMESPACE, VERSION
from exchange.validation import REGISTRY

_XS = "{http://www.w3.org/2001/XMLSchema}"
_SOURCES = ("WCO", "NCTS", "EAEU")
_WRITTEN = "Written by `python -m exchange.validation.reference docs` from the schemas and the rules; do not edit."


@cache
def _file(name: str) -> etree._Element:
    return etree.fromstring(schemas.message_set(VERSION).joinpath(f"{name}.xsd").read_bytes())


def _said(node: etree._Element, source: str | None = None) -> str:
    for entry in node.findall(f"{_XS}annotation/{_XS}documentation"):
        if entry.get("source") == source:
            return " ".join((entry.text or "").split()).replace("|", "\\|")
    return ""


def _named(kind: str, name: str, files: tuple[str, ...]) -> etree._Element | None:
    for file in files:
        for node in _file(file).findall(f"{_XS}{kind}"):
            if node.get("name") == name:
                return node
    return None


def _elements(node: etree._Element) -> Iterator[etree._Element]:
    """Yield the element declarations of a complex type, those of its groups in their place."""
    for child in node.iter(f"{_XS}element", f"{_XS}group"):
        if child.tag == f"{_XS}element":
            yield child
        elif child.get("ref"):
            group = _named("group", child.get("ref", ""), ("common",))
            if group is not None:
                yield from group.iter(f"{_XS}element")


def _times(node: etree._Element) -> str:
    low, high = node.get("minOccurs", "1"), node.get("maxOccurs", "1")
    return low if low == high else f"{low}-{high}"


def _table(node: etree._Element) -> list[str]:
    lines = ["| element | type | times | meaning | WCO Data Model | NCTS | EAEU |", "|---|---|---|---|---|---|---|"]
    for element in _elements(node):
        kind = element.get("type", "")
        shown = "Header" if kind.endswith("Header") else kind or "MessageType"
        cells = [
            f"`{element.get('name')}`",
            f"[{shown}](#{shown.lower()})",
            _times(element),
            _said(element),
            *(_said(element, source) for source in _SOURCES),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _facets(node: etree._Element) -> str:
    restriction = node.find(f"{_XS}restriction")
    if restriction is None:
        return ""
    said = [(restriction.get("base") or "").removeprefix("xs:")]
    for facet in restriction:
        if facet.tag in (f"{_XS}enumeration", f"{_XS}annotation"):
            continue
        value = facet.get("value", "")
        if facet.tag == f"{_XS}pattern":
            value = "one line of visible characters" if "\U0010ffff" in value else f"`{value}`".replace("|", "\\|")
        said.append(f"{etree.QName(facet).localname} {value}")
    return ", ".join(said)


def messages_page() -> str:
    """Return the reference of the message set as Markdown."""
    lines = ["# The messages of PIX " + VERSION, "", _WRITTEN, ""]
    lines += [f"Namespace `{NAMESPACE}`; the attribute `schemaVersion` of the root names the version.", ""]
    lines += ["| code | name | root element |", "|---|---|---|"]
    lines += [f"| [{code}](#{code.lower()}) | {cls.NAME} | `{cls.__name__}` |" for code, cls in CATALOGUE.items()]
    for code, cls in CATALOGUE.items():
        body = _named("complexType", cls.__name__, (code,))
        lines += ["", f"## {code}", "", _said(_file(code))]
        origins = [f"{source}: {_said(_file(code), source)}" for source in _SOURCES if _said(_file(code), source)]
        if origins:
            lines += ["", " · ".join(origins)]
        lines.append("")
        if body is not None:
            lines += _table(body)
    lines += ["", "# Groups of elements"]
    for node in _file("common").findall(f"{_XS}complexType"):
        lines += ["", f"## {node.get('name')}", "", _said(node), "", *_table(node)]
    lines += ["", "# Simple types"]
    for node in _file("common").findall(f"{_XS}simpleType"):
        lines += ["", f"## {node.get('name')}", "", _said(node), "", _facets(node)]
        values = node.findall(f"{_XS}restriction/{_XS}enumeration")
        if values:
            lines += ["", "| value | meaning |", "|---|---|"]
            lines += [f"| `{value.get('value')}` | {_said(value)} |" for value in values]
    return "\n".join(lines) + "\n"


def rules_page() -> str:
    """Return the catalogue of rules within a message as Markdown."""
    lines = ["# Rules within a message", "", _WRITTEN, ""]
    lines += ["Rules that compare messages, or need what a node remembers, are kept by the nodes.", ""]
    lines += ["| rule | severity | code | messages | what it asks | origin | kept by |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for key in sorted(REGISTRY):
        rule = REGISTRY[key]
        names = " ".join(code for code in schemas.CODES if code in rule.messages)
        names = "all" if len(rule.messages) == len(schemas.CODES) else names
        kept = "schema" if rule.check is None else "rule"
        cells = [rule.id, rule.severity, rule.code, names, rule.requirement, rule.origin, kept]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


PAGES = {"messages.md": messages_page, "rules.md": rules_page}
"""What is written where, below the folder of the documentation."""


def main(folder: str) -> None:
    """Write the pages into ``folder``."""
    for name, page in PAGES.items():
        Path(folder, name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "docs")
