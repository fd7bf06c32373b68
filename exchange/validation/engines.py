"""The two schema engines: libxml2 decides while it parses, xmlschema knows how to explain.

Schemas are compiled once a process and version. A parser serves one thread, so each thread has its own.
"""

from __future__ import annotations

import threading
from functools import cache
from importlib.resources import as_file
from typing import TYPE_CHECKING

from lxml import etree

import schemas

if TYPE_CHECKING:
    import xmlschema

_local = threading.local()


@cache
def compiled(version: str) -> etree.XMLSchema:
    """Return libxml2's schema of the whole message set."""
    with as_file(schemas.message_set(version)) as folder:
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        return etree.XMLSchema(etree.parse(str(folder / "pix.xsd"), parser))


@cache
def explained(version: str) -> xmlschema.XMLSchema10:
    """Return xmlschema's schema of the whole message set; it never reaches for the network."""
    import xmlschema

    with as_file(schemas.message_set(version)) as folder:
        return xmlschema.XMLSchema10(str(folder / "pix.xsd"), allow="local")


def new_parser(version: str | None) -> etree.XMLParser:
    """Return a parser that validates against ``version``, or against nothing."""
    return etree.XMLParser(
        schema=compiled(version) if version else None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse(data: bytes, version: str | None) -> etree._Element:
    """Return the root of ``data``, validated against ``version`` unless that is None.

    Raise :class:`lxml.etree.XMLSyntaxError` if it is not well-formed or not valid. Comments and processing
    instructions are left out of the tree.
    """
    parsers: dict[str | None, etree.XMLParser] = _local.__dict__.setdefault("parsers", {})
    parser = parsers.get(version)
    if parser is None:
        parser = parsers[version] = new_parser(version)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        # A parser that has failed keeps its log and shows it again next time.
        del parsers[version]
        raise


__all__ = ["compiled", "explained", "new_parser", "parse"]
