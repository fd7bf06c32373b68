"""The two schema engines: libxml2 decides while it parses, xmlschema knows how to explain.

A :class:`Grammar` is one schema ready under both. It compiles once a process; a parser serves one thread, so each
thread has its own. XSD 1.1 is xmlschema's alone, and so is a schema that libxml2 cannot compile.
"""

from __future__ import annotations

import atexit
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache, cached_property
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from xml.parsers import expat

from lxml import etree

import schemas

if TYPE_CHECKING:
    import xmlschema

XsdVersion = Literal["1.0", "1.1"]
Engine = Literal["lxml", "xmlschema", "both"]

_SMALL = 2000
"""Tags of a document that is held against the schema as a tree."""
_PREFIXED = re.compile(
    rb"""[<\s](?!xmlns:|xml:)[^\s<>/="'&:?!\d.-][^\s<>/="'&:]*:[^\s<>/="'&:\d.-][^\s<>/="'&:]*[\s=/>]"""
)
"""What looks like a name with a prefix; in a document without, none can be wrong."""
_UNBOUND = expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]
_local = threading.local()
_folders = ExitStack()
"""Keeps the schemas on disk, where they came out of an archive, until the process ends."""
atexit.register(_folders.close)


class Grammar:
    """One schema: the file ``path`` with all it includes and imports.

    ``xsd``: the version of XSD it is written in. ``own``: whether it is our own message set, which has no mixed
    content and lets no document name another type for an element. ``plain``: whether libxml2, which knows XSD 1.0,
    can read it all the same. Nothing is read before it is asked for; nothing is ever fetched from a network.
    """

    def __init__(self, path: Path, *, xsd: XsdVersion = "1.0", own: bool = False, plain: bool | None = None) -> None:
        self.path = path
        self.xsd = xsd
        self.own = own
        self.plain = xsd == "1.0" if plain is None else plain

    @cached_property
    def compiled(self) -> etree.XMLSchema | None:
        """libxml2's schema; None where XSD 1.1 is needed or libxml2 cannot compile it (see :attr:`refusal`)."""
        if not self.plain:
            return None
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        try:
            return etree.XMLSchema(etree.parse(str(self.path), parser))
        except etree.XMLSchemaParseError as error:
            self.refusal = str(error)
            return None

    refusal: str | None = None
    """What libxml2 had against the schema, once :attr:`compiled` was asked for."""

    @cached_property
    def explained(self) -> xmlschema.XMLSchemaBase:
        """xmlschema's schema; raise :class:`xmlschema.XMLSchemaException` if it is no good schema."""
        import xmlschema

        kind = xmlschema.XMLSchema11 if self.xsd == "1.1" else xmlschema.XMLSchema10
        return kind(str(self.path), allow="local")

    def errors(self, root: Any) -> Iterator[xmlschema.XMLSchemaValidationError]:
        """Yield what xmlschema has against the tree below ``root``, until it gives up."""
        from xmlschema import XMLSchemaException

        try:
            yield from self.explained.iter_errors(root, use_location_hints=False)
        except XMLSchemaException:
            return


@cache
def pix(version: str) -> Grammar:
    """Return the grammar of the whole message set in ``version``."""
    folder = _folders.enter_context(as_file(schemas.message_set(version)))
    return Grammar(folder / "pix.xsd", own=True)


def compiled(version: str) -> etree.XMLSchema:
    """Return libxml2's schema of the whole message set."""
    schema = pix(version).compiled
    if schema is None:
        raise LookupError(f"the schemas of version {version} do not compile: {pix(version).refusal}")
    return schema


def explained(version: str) -> xmlschema.XMLSchemaBase:
    """Return xmlschema's schema of the whole message set; it never reaches for the network."""
    return pix(version).explained


def new_parser(grammar: Grammar | None, *, remove_blank_text: bool = False) -> etree.XMLParser:
    """Return a parser that validates against ``grammar`` as far as libxml2 can, or against nothing.

    ``remove_blank_text`` leaves out blanks between elements; those that are the whole text of one stay.
    """
    return etree.XMLParser(
        schema=grammar.compiled if grammar else None,
        remove_blank_text=remove_blank_text,
        collect_ids=False,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse(data: bytes, grammar: Grammar | str | None) -> etree._Element:
    """Return the root of ``data``, validated by libxml2 against ``grammar`` (text names a version of the message set)
    unless that is None.

    Raise :class:`lxml.etree.XMLSyntaxError` if it is not well-formed or not valid. Comments and processing
    instructions are left out of the tree, and blanks between elements where the grammar has no mixed content: in a
    large document they are most of its nodes.
    """
    if isinstance(grammar, str):
        grammar = pix(grammar)
    parsers: dict[Grammar | None, etree.XMLParser] = _local.__dict__.setdefault("parsers", {})
    parser = parsers.get(grammar)
    if parser is None:
        parser = parsers[grammar] = new_parser(grammar, remove_blank_text=grammar is not None and grammar.own)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        # A parser that has failed keeps its log and shows it again next time.
        del parsers[grammar]
        raise
    if grammar is not None and _unbound(data):
        # A parser that validates passes over a prefix that is not declared; one that does not, names it.
        return etree.fromstring(data, new_parser(None))
    return root


def _unbound(data: bytes) -> bool:
    """Return whether ``data``, well-formed otherwise, uses a prefix that is not declared."""
    if not _PREFIXED.search(data):
        return False
    try:
        expat.ParserCreate("utf-8", namespace_separator=" ").Parse(data, True)
    except expat.ExpatError as error:
        return error.code == _UNBOUND
    return False


def accepted(data: bytes, grammar: Grammar) -> etree._Element | None:
    """Return the root of a small document if libxml2 accepts it, quicker than :func:`parse`; None if it does not, or
    the document is too large to be asked in this way, or libxml2 has no such schema.

    It holds the tree against the schema, whose work grows with the square of the number of bad siblings. Blanks between
    elements are left out of the tree where the grammar has no mixed content.
    """
    schema = grammar.compiled
    # A tag takes three bytes at least, so that the tags of a short document need not be counted.
    if schema is None or (len(data) > 3 * _SMALL and data.count(b"<") > _SMALL):
        return None
    parsers: dict[bool, etree.XMLParser] = _local.__dict__.setdefault("plain", {})
    lean = grammar.own
    parser = parsers.get(lean)
    if parser is None:
        parser = parsers[lean] = new_parser(None, remove_blank_text=lean)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        del parsers[lean]
        return None
    return root if schema.validate(root) else None


__all__ = ["Engine", "Grammar", "XsdVersion", "accepted", "compiled", "explained", "new_parser", "parse", "pix"]
