"""The gate of well-formedness: why a document is no XML, or is nested too deeply, in our own words."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from lxml import etree

from exchange.validation import engines
from exchange.validation.document import survey
from exchange.validation.findings import Finding, Limits

_MISMATCH = re.compile(r"mismatch: (\S+) line (\d+) and ([^\s,]+)")
_PREMATURE = re.compile(r"Premature end of data in tag (\S+) line (\d+)")
_ENTITY = re.compile(r"Entity '([^']*)'")
_ATTRIBUTE = re.compile(r"Attribute (\S+) redefined")
_PREFIX = re.compile(r"Namespace prefix (\S+)(?: for (\S+))? on")


def _mismatch(found: re.Match[str]) -> str:
    return f"The end tag </{found[3]}> does not match the start tag <{found[1]}> of line {found[2]}."


def _entity(found: re.Match[str]) -> str:
    return f"The entity &{found[1]}; is not defined; only &amp; &lt; &gt; &quot; and &apos; are."


_WITH_NAMES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_MISMATCH, _mismatch),
    (_PREMATURE, lambda found: f"The document ends before <{found[1]}> of line {found[2]} is closed."),
    (_ENTITY, _entity),
    (_ATTRIBUTE, lambda found: f"The attribute {found[1]} stands twice in one tag."),
    (_PREFIX, lambda found: f"The namespace prefix {found[1]} is not declared; add xmlns:{found[1]}."),
)
_BY_CODE = {
    "ERR_DOCUMENT_EMPTY": "There is no start tag here; an XML document begins with '<'.",
    "ERR_DOCUMENT_END": "Something stands after the end of the root element, or before its start.",
    "ERR_GT_REQUIRED": "The tag here is not closed with '>'.",
    "ERR_TAG_NOT_FINISHED": "The document ends inside an element that is not closed.",
    "ERR_INVALID_CHAR": "The character here is none that XML allows.",
    "ERR_INVALID_CHARREF": "The character reference here means no character that XML allows.",
    "ERR_INVALID_DEC_CHARREF": "The character reference here has not the form &#123;.",
    "ERR_INVALID_HEX_CHARREF": "The character reference here has not the form &#x7B;.",
    "ERR_LT_IN_ATTRIBUTE": "There is a '<' inside the value of an attribute; write &lt;.",
    "ERR_ATTRIBUTE_NOT_STARTED": "The value of an attribute stands without quotation marks.",
    "ERR_ATTRIBUTE_NOT_FINISHED": "The quotation mark that ends an attribute's value is missing.",
    "ERR_ATTRIBUTE_WITHOUT_VALUE": "There is an attribute without a value.",
    "ERR_SPACE_REQUIRED": "A blank is missing here, as between two attributes.",
    "ERR_COMMENT_NOT_FINISHED": "A comment is not closed with '-->'.",
    "ERR_HYPHEN_IN_COMMENT": "There is '--' inside a comment.",
    "ERR_PI_NOT_FINISHED": "A processing instruction is not closed with '?>'.",
    "ERR_CDATA_NOT_FINISHED": "A CDATA section is not closed with ']]>'.",
    "ERR_MISPLACED_CDATA_END": "There is ']]>' in the text; write ]]&gt;.",
    "ERR_NAME_REQUIRED": "A name is missing here, or a '<' or '&' in the text is not written &lt; or &amp;.",
    "ERR_ENTITYREF_SEMICOL_MISSING": "An '&' begins a reference that has no ';'; write &amp; for the character.",
    "ERR_ENTITYREF_NO_NAME": "An '&' stands alone; write &amp;.",
    "ERR_XMLDECL_NOT_FINISHED": "The XML declaration is not closed with '?>'.",
    "ERR_RESERVED_XML_NAME": "The XML declaration does not stand at the very start of the document.",
    "ERR_LTSLASH_REQUIRED": "An end tag is missing here.",
    "ERR_RESOURCE_LIMIT": "One text here is longer than 10 million characters.",
}
_CODES = {getattr(etree.ErrorTypes, name): text for name, text in _BY_CODE.items() if hasattr(etree.ErrorTypes, name)}


def _sentence(error: etree.XMLSyntaxError) -> str:
    message = error.msg or ""
    for pattern, words in _WITH_NAMES:
        found = pattern.search(message)
        if found:
            return words(found)
    known = _CODES.get(getattr(error, "code", 0))
    if known is not None:
        return known
    return f"This is not well-formed XML: {(message or 'a syntax error').split(', line ')[0].strip()[:200]}."


def _deep(limits: Limits, line: int, column: int, text: str) -> Finding:
    expected = f"at most {limits.depth} levels"
    return Finding(gate="wellformed", code="DEPTH", line=line, column=column, expected=expected, text=text)


def _syntax(line: int, column: int, text: str) -> Finding:
    return Finding(gate="wellformed", code="SYNTAX", line=line, column=column, expected="well-formed XML", text=text)


def syntax_fault(data: bytes, limits: Limits) -> Finding | None:
    """Return why ``data`` is not well-formed or is too deep, or None."""
    try:
        engines.parse(data, None)
        depth = survey(data).depth
    except etree.XMLSyntaxError as error:
        line, column = error.position
        if "Excessive depth" in (error.msg or ""):
            return _deep(limits, line, column, f"Elements are nested more than {limits.depth} deep here.")
        return _syntax(line or 0, column or 0, _sentence(error))
    except expat.ExpatError as error:
        text = f"This is not well-formed XML: {expat.ErrorString(error.code)}."
        return _syntax(error.lineno, error.offset + 1, text)
    if depth > limits.depth:
        return _deep(limits, 1, 1, f"Elements are nested {depth} deep; the limit is {limits.depth}.")
    return None


__all__ = ["syntax_fault"]
