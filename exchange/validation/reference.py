"""The reference of the message set and of its rules, written from the schemas and the registry of rules.

``python -m exchange.validation.reference docs`` writes ``docs/messages.md``, ``docs/field-map.md`` and
``docs/rules.md``; a test fails when they are not what this module would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lxml import etree

import schemas
from exchange.messages import CATALOGUE, NAMESPACE
from exchange.validation import rules_page as rules
from exchange.validation.annotations import (
    NEWEST,
    SOURCES,
    VIEWERS,
    XS,
    body,
    elements,
    file,
    heading,
    linked,
    said,
    seen_by,
)
from exchange.validation.field_map import field_map_page

_WRITTEN = "Written by `python -m exchange.validation.reference docs` from the schemas and the rules; do not edit."


def _times(node: etree._Element) -> str:
    low, high = node.get("minOccurs", "1"), node.get("maxOccurs", "1")
    return low if low == high else f"{low}-{high}"


def _table(node: etree._Element) -> list[str]:
    lines = ["| element | type | times | meaning | WCO Data Model | NCTS | EAEU |", "|---|---|---|---|---|---|---|"]
    for element in elements(node):
        kind = element.get("type", "")
        shown = "Header" if kind.endswith("Header") else kind or "MessageType"
        cells = [
            f"`{element.get('name')}`",
            f"[{shown}](#{shown.lower()})",
            _times(element),
            said(element),
            *(said(element, source) for source in SOURCES),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _facets(node: etree._Element) -> str:
    restriction = node.find(f"{XS}restriction")
    if restriction is None:
        return ""
    facets = [(restriction.get("base") or "").removeprefix("xs:")]
    for facet in restriction:
        if facet.tag in (f"{XS}enumeration", f"{XS}annotation"):
            continue
        value = facet.get("value", "")
        if facet.tag == f"{XS}pattern":
            value = "one line of visible characters" if "\U0010ffff" in value else f"`{value}`".replace("|", "\\|")
        facets.append(f"{etree.QName(facet).localname} {value}")
    return ", ".join(facets)


def _versions() -> str:
    """Return in words which versions there are and how they differ."""
    older = " and ".join(schemas.VERSIONS[:-1])
    return f"{older} or {NEWEST}. What {older} lacks says so and is optional."


def _said_of(code: str) -> list[str]:
    """Return what the schema of a message says of it: meaning, who sees it, counterparts."""
    node = file(code)
    meaning = said(node).partition(": ")[2]
    seen = seen_by(node) or frozenset()
    viewers = ", ".join(viewer.replace("-", " ") for viewer in VIEWERS if viewer in seen)
    lines = [meaning[:1].upper() + meaning[1:], "", f"Seen by: {viewers}."]
    origins = [f"{source}: {said(node, source)}" for source in SOURCES if said(node, source)]
    return [*lines, "", " · ".join(origins)] if origins else lines


def messages_page() -> str:
    """Return the reference of the message set as Markdown."""
    lines = ["# The messages of PIX " + NEWEST, "", _WRITTEN, ""]
    lines += [
        f"Namespace `{NAMESPACE}`; the attribute `schemaVersion` of the root names the version: " + _versions(),
        "",
    ]
    lines += ["| code | name | root element |", "|---|---|---|"]
    lines += [f"| {linked(code)} | {cls.NAME} | `{cls.__name__}` |" for code, cls in CATALOGUE.items()]
    for code in CATALOGUE:
        lines += ["", f"## {heading(code)}", "", *_said_of(code), "", *_table(body(code))]
    lines += ["", "# Groups of elements"]
    for node in file("common").findall(f"{XS}complexType"):
        lines += ["", f"## {node.get('name')}", "", said(node), "", *_table(node)]
    lines += ["", "# Simple types"]
    for node in file("common").findall(f"{XS}simpleType"):
        lines += ["", f"## {node.get('name')}", "", said(node), "", _facets(node)]
        values = node.findall(f"{XS}restriction/{XS}enumeration")
        if values:
            lines += ["", "| value | meaning |", "|---|---|"]
            lines += [f"| `{value.get('value')}` | {said(value)} |" for value in values]
    return "\n".join(lines) + "\n"


def rules_page() -> str:
    """Return the page of rules and code lists as Markdown."""
    return rules.rules_page(_WRITTEN)


def map_page() -> str:
    """Return the field map as Markdown."""
    title, _, rest = field_map_page().partition("\n\n")
    return f"{title}\n\n{_WRITTEN}\n\n{rest}"


PAGES = {"messages.md": messages_page, "rules.md": rules_page, "field-map.md": map_page}
"""What is written where, below the folder of the documentation."""


def main(folder: str) -> None:
    """Write the pages into ``folder``."""
    for name, page in PAGES.items():
        Path(folder, name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "docs")
