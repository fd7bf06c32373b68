"""What the schemas of the message set say about themselves: meaning, counterparts elsewhere, who may see what.

Read from the annotations of one version: ``documentation`` without a source is the meaning, with a source (WCO, NCTS,
EAEU) the counterpart there; ``appinfo`` with the source ``seen-by`` names who may see a message or an element.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lxml import etree

import schemas
from exchange.messages import CATALOGUE

XS = "{http://www.w3.org/2001/XMLSchema}"
SOURCES = ("WCO", "NCTS", "EAEU")
"""Whose counterparts are named: WCO Data Model, EU transit messages, structures of the Eurasian Economic Union."""
VIEWERS = ("trader", "own-service", "partner-services")
"""Who may see something: the trader or carrier who is party to the case, the service that holds it with its posts,
services of other territories under an agreement."""
NEWEST = schemas.VERSIONS[-1]


@cache
def file(name: str) -> etree._Element:
    """Return the schema ``name`` (a message code, or ``common``) of the newest version."""
    return etree.fromstring(schemas.message_set(NEWEST).joinpath(f"{name}.xsd").read_bytes())


def said(node: etree._Element, source: str | None = None) -> str:
    """Return what the annotation of ``node`` says, with ``source`` the counterpart there; empty if nothing."""
    for entry in node.findall(f"{XS}annotation/{XS}documentation"):
        if entry.get("source") == source:
            return " ".join((entry.text or "").split()).replace("|", "\\|")
    return ""


def seen_by(node: etree._Element) -> frozenset[str] | None:
    """Return who may see what ``node`` declares, or None if it does not say and its surroundings decide."""
    for entry in node.findall(f"{XS}annotation/{XS}appinfo"):
        if entry.get("source") == "seen-by":
            return frozenset((entry.text or "").split())
    return None


def named(kind: str, name: str, files: tuple[str, ...]) -> etree._Element | None:
    """Return the global component ``name`` (``kind`` is complexType, simpleType or group) of the first file with it."""
    for one in files:
        for node in file(one).findall(f"{XS}{kind}"):
            if node.get("name") == name:
                return node
    return None


def elements(node: etree._Element) -> Iterator[etree._Element]:
    """Yield the element declarations of a complex type, those of its groups in their place."""
    for child in node.iter(f"{XS}element", f"{XS}group"):
        if child.tag == f"{XS}element":
            yield child
        elif child.get("ref"):
            group = named("group", child.get("ref", ""), ("common",))
            if group is not None:
                yield from group.iter(f"{XS}element")


def body(code: str) -> etree._Element:
    """Return the complex type of the root element of message ``code``; raise :class:`LookupError` if it has none."""
    root = file(code).find(f"{XS}element")
    found = None if root is None else named("complexType", root.get("type", ""), (code,))
    if found is None:
        raise LookupError(f"{code}.xsd has no complex type for its root element")
    return found


def heading(code: str) -> str:
    """Return what a message is called where a person reads it: code and name."""
    return f"{code}, {CATALOGUE[code].NAME}"


def linked(code: str) -> str:
    """Return the code of a message as a link to its heading."""
    return f"[{code}](#{anchor(heading(code))})"


def anchor(text: str) -> str:
    """Return the anchor that Markdown makes of a heading."""
    return "".join(letter for letter in text.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


def group_of(kind: str) -> etree._Element | None:
    """Return the group of elements that an element of the type ``kind`` holds, None if it holds a value."""
    return named("complexType", "Header" if kind.endswith("Header") else kind, ("common",))


__all__ = [
    "NEWEST",
    "SOURCES",
    "VIEWERS",
    "XS",
    "anchor",
    "body",
    "elements",
    "file",
    "group_of",
    "heading",
    "linked",
    "named",
    "said",
    "seen_by",
]
