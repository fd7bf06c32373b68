"""Which messages tell a version of the message set from the newest one."""

from __future__ import annotations

from functools import cache

from lxml import etree

import schemas
from exchange.messages import ROOTS

NEWEST = schemas.VERSIONS[-1]
_XS = "{http://www.w3.org/2001/XMLSchema}"


@cache
def components(version: str) -> dict[str, list[etree._Element]]:
    """All that a version declares at the top of its files, without words and without its own number, by name."""
    found: dict[str, list[etree._Element]] = {}
    for file in schemas.message_set(version).iterdir():
        if not file.name.endswith(".xsd"):
            continue
        tree = etree.fromstring(file.read_bytes())
        for words in [*tree.iter(f"{_XS}annotation"), *tree.iter(etree.Comment)]:
            parent = words.getparent()
            if parent is not None:
                parent.remove(words)
        for value in tree.iter(f"{_XS}enumeration"):
            if value.get("value") == version:
                value.set("value", "its own")
        for part in tree.iterchildren("*"):
            if "name" in part.attrib:
                found.setdefault(part.attrib["name"], []).append(part)
    return found


@cache
def altered(code: str, version: str) -> frozenset[str]:
    """Names of the components that the root of ``code`` reaches in ``version`` and that the newest has otherwise."""
    here, newest = components(version), components(NEWEST)
    wanted = [root for root, cls in ROOTS.items() if code == cls.CODE]
    reached: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in here and name not in reached:
            reached.add(name)
            for part in (one for top in here[name] for one in top.iter()):
                wanted += [part.attrib[key] for key in ("type", "base", "ref", "itemType") if key in part.attrib]
    assert len(reached) > 3, reached
    return frozenset(name for name in reached if _text(here[name]) != _text(newest.get(name, [])))


def _text(parts: list[etree._Element]) -> list[list[bytes]]:
    return [etree.tostring(part, method="c14n").split() for part in parts]


@cache
def chosen(version: str) -> tuple[str, ...]:
    """Return the codes that say all of ``version``: in the newest every one; in an older one as many as it takes to
    reach each component that reads otherwise there, the short messages first, and one that has none of them.

    What is said of a message depends on the schema's components at each place, and validator and codec know versions by
    these alone: where the components read the same, what is true in one version is true in the other.
    """
    if version == NEWEST:
        return schemas.CODES
    short_first = sorted(schemas.CODES, key=lambda code: len(schemas.sample(code, version).read_bytes()))
    found = [next(code for code in short_first if not altered(code, version))]
    left = set().union(*(altered(code, version) for code in schemas.CODES))
    for code in short_first:
        if left & altered(code, version):
            found.append(code)
            left -= altered(code, version)
    return tuple(found)
