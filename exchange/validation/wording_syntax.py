"""What is said of a syntax fault: a sentence of our own for every kind that libxml2 and expat can tell.

libxml2 tells a kind (a number) and a text of its own; of the text only names and lines are taken over. Kinds that
need a document type declaration are left out, because no document with one gets as far as the parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.parsers import expat

from lxml import etree

from exchange.sentences import Sentence, tell
from exchange.validation.wording_names import shown

_Words = Callable[[Sequence[str]], Sentence]


def _mismatch(names: Sequence[str]) -> Sentence:
    return tell(
        "The end tag </{end}> does not match the start tag <{start}> of line {line}.",
        end=names[2],
        start=names[0],
        line=names[1],
    )


def _entity(names: Sequence[str]) -> Sentence:
    return tell("The entity &{name}; is not defined; only &amp; &lt; &gt; &quot; and &apos; are.", name=names[0])


_WITH_NAMES: tuple[tuple[re.Pattern[str], _Words], ...] = (
    (re.compile(r"mismatch: (\S+) line (\d+) and ([^\s,]+)"), _mismatch),
    (
        re.compile(r"Premature end of data in tag (\S+) line (\d+)"),
        lambda names: tell("The document ends before <{name}> of line {line} is closed.", name=names[0], line=names[1]),
    ),
    (re.compile(r"^Entity '([^']*)' not defined"), _entity),
    (
        re.compile(r"^(?:Namespaced )?Attribute (\S+) (?:in '.*' )?redefined", re.DOTALL),
        lambda names: tell("The attribute {name} stands twice in one tag.", name=names[0]),
    ),
    (
        re.compile(r"^Namespace prefix (\S+)(?: for (\S+))? on .* is not defined", re.DOTALL),
        lambda names: tell("The namespace prefix {name} is not declared; add xmlns:{name}.", name=names[0]),
    ),
    (
        re.compile(r"^Failed to parse QName '([^']*)'"),
        lambda names: tell(
            "'{name}' is no name: write one ':' at most, with a prefix before it and a name behind it.", name=names[0]
        ),
    ),
    (
        re.compile(r"^xmlns:(\S+): Empty XML namespace"),
        lambda names: tell(
            "The prefix {name} is declared with an empty namespace; give it one, or leave it out.", name=names[0]
        ),
    ),
    (
        re.compile(r"^xmlns(?:\S*): '(.*)' is not a valid URI", re.DOTALL),
        lambda names: tell("The namespace '{name}' is no URI; take the one that the message set names.", name=names[0]),
    ),
    (re.compile("Comment too big"), lambda _: tell("A comment here is longer than 10 million characters; shorten it.")),
    (
        re.compile("CData section too big"),
        lambda _: tell("A text here is longer than 10 million characters; shorten it."),
    ),
    (re.compile("PI .* too big"), lambda _: tell("A processing instruction is longer than 10 million characters.")),
    (
        re.compile("character reference out of bounds|invalid xmlChar value"),
        lambda _: tell("The character reference here means no character that XML allows."),
    ),
    (
        re.compile("Invalid PI name"),
        lambda _: tell("No processing instruction may be called xml in capitals; rename it."),
    ),
)
_DECLARATION = 'The XML declaration is not right; write <?xml version="1.0" encoding="UTF-8"?>'
_BY_KIND = {
    "ERR_INTERNAL_ERROR": "The parser cannot go on here; look at this line and the one before.",
    "ERR_NO_MEMORY": "There is not enough memory to read the document; make it smaller.",
    "ERR_DOCUMENT_START": "There is no start tag here; an XML document begins with '<'.",
    "ERR_DOCUMENT_EMPTY": "There is no start tag here; an XML document begins with '<'.",
    "ERR_DOCUMENT_END": "Something stands after the end of the root element, or before its start.",
    "ERR_EXTRA_CONTENT": "Something stands after the end of the root element, or before its start.",
    "ERR_NOT_WELL_BALANCED": "Start and end tags do not match here.",
    "ERR_GT_REQUIRED": "The tag here is not closed with '>'.",
    "ERR_LT_REQUIRED": "A '<' is missing here.",
    "ERR_LTSLASH_REQUIRED": "An end tag is missing here.",
    "ERR_TAG_NAME_MISMATCH": "The end tag here does not match the start tag.",
    "ERR_TAG_NOT_FINISHED": "The document ends inside an element that is not closed.",
    "ERR_INVALID_CHAR": "The character here is none that XML allows.",
    "ERR_INVALID_CHARREF": "The character reference here means no character that XML allows.",
    "ERR_INVALID_DEC_CHARREF": "The character reference here has not the form &#123;.",
    "ERR_INVALID_HEX_CHARREF": "The character reference here has not the form &#x7B;.",
    "ERR_CHARREF_AT_EOF": "The document ends inside a character reference.",
    "ERR_CHARREF_IN_PROLOG": "A character reference stands before the root element; remove it.",
    "ERR_CHARREF_IN_EPILOG": "A character reference stands after the root element; remove it.",
    "ERR_ENTITYREF_AT_EOF": "The document ends inside a reference.",
    "ERR_ENTITYREF_IN_PROLOG": "A reference stands before the root element; remove it.",
    "ERR_ENTITYREF_IN_EPILOG": "A reference stands after the root element; remove it.",
    "ERR_ENTITYREF_SEMICOL_MISSING": "An '&' begins a reference that has no ';'; write &amp; for the character.",
    "ERR_ENTITYREF_NO_NAME": "An '&' stands alone; write &amp;.",
    "ERR_UNDECLARED_ENTITY": "The entity here is not defined; only &amp; &lt; &gt; &quot; and &apos; are.",
    "WAR_UNDECLARED_ENTITY": "The entity here is not defined; only &amp; &lt; &gt; &quot; and &apos; are.",
    "ERR_LT_IN_ATTRIBUTE": "There is a '<' inside the value of an attribute; write &lt;.",
    "ERR_ATTRIBUTE_NOT_STARTED": "The value of an attribute stands without quotation marks.",
    "ERR_ATTRIBUTE_NOT_FINISHED": "The quotation mark that ends an attribute's value is missing.",
    "ERR_ATTRIBUTE_WITHOUT_VALUE": "There is an attribute without a value.",
    "ERR_ATTRIBUTE_REDEFINED": "An attribute stands twice in one tag.",
    "ERR_SPACE_REQUIRED": "A blank is missing here, as between two attributes.",
    "ERR_SEPARATOR_REQUIRED": "A separator is missing here, as between two attributes.",
    "ERR_EQUAL_REQUIRED": "A '=' is missing here, between a name and its value.",
    "ERR_VALUE_REQUIRED": "A value is missing here.",
    "ERR_NMTOKEN_REQUIRED": "A name is missing here.",
    "ERR_NAME_REQUIRED": "A name is missing here, or a '<' or '&' in the text is not written &lt; or &amp;.",
    "ERR_NAME_TOO_LONG": "A name here is longer than 50,000 characters; shorten it.",
    "ERR_STRING_NOT_STARTED": f"A value stands without quotation marks. {_DECLARATION}.",
    "ERR_STRING_NOT_CLOSED": f"The quotation mark that ends a value is missing. {_DECLARATION}.",
    "ERR_COMMENT_NOT_FINISHED": "A comment is not closed with '-->'.",
    "ERR_COMMENT_ABRUPTLY_ENDED": "A comment is closed before it has begun; write <!-- and -->.",
    "ERR_HYPHEN_IN_COMMENT": "There is '--' inside a comment.",
    "ERR_PI_NOT_STARTED": "A processing instruction has no name behind its '<?'.",
    "ERR_PI_NOT_FINISHED": "A processing instruction is not closed with '?>'.",
    "ERR_CDATA_NOT_FINISHED": "A CDATA section is not closed with ']]>'.",
    "ERR_MISPLACED_CDATA_END": "There is ']]>' in the text; write ]]&gt;.",
    "ERR_XMLDECL_NOT_STARTED": f"{_DECLARATION}.",
    "ERR_XMLDECL_NOT_FINISHED": "The XML declaration is not closed with '?>'.",
    "ERR_RESERVED_XML_NAME": "The XML declaration does not stand at the very start of the document, or is empty.",
    "ERR_VERSION_MISSING": f"The XML declaration names no version. {_DECLARATION}.",
    "ERR_UNKNOWN_VERSION": f"The XML declaration names a version of XML that there is not. {_DECLARATION}.",
    "ERR_VERSION_MISMATCH": f"The XML declaration names another version of XML. {_DECLARATION}.",
    "ERR_STANDALONE_VALUE": "In the XML declaration standalone is yes or no.",
    "ERR_MISSING_ENCODING": f"The XML declaration names no encoding. {_DECLARATION}.",
    "ERR_ENCODING_NAME": f"The XML declaration has no name of an encoding here. {_DECLARATION}.",
    "ERR_UNKNOWN_ENCODING": f"The XML declaration names an encoding that is not known. {_DECLARATION}.",
    "ERR_UNSUPPORTED_ENCODING": f"The XML declaration names an encoding that is not known. {_DECLARATION}.",
    "ERR_INVALID_ENCODING": "The bytes here are not in the encoding that the document says it has; write UTF-8.",
    "ERR_RESOURCE_LIMIT": "One text here is longer than 10 million characters.",
    "ERR_NS_DECL_ERROR": "The declaration of a namespace here is not right; write xmlns:prefix=\"namespace\".",
    "ERR_INVALID_URI": "The namespace here is no URI; take the one that the message set names.",
    "ERR_URI_REQUIRED": "A URI is missing here.",
    "ERR_URI_FRAGMENT": "The URI here may have no part behind '#'.",
    "WAR_NS_URI": "The namespace here is no URI; take the one that the message set names.",
    "NS_ERR_XML_NAMESPACE": "The prefixes xml and xmlns, and their namespaces, are XML's own; declare another prefix.",
    "NS_ERR_UNDEFINED_NAMESPACE": "A namespace prefix here is not declared; add xmlns: with the prefix.",
    "NS_ERR_QNAME": "A name here is no name: write one ':' at most, with a prefix before it and a name behind it.",
    "NS_ERR_ATTRIBUTE_REDEFINED": "An attribute stands twice in one tag.",
    "NS_ERR_EMPTY": "A prefix is declared with an empty namespace; give it one, or leave it out.",
    "NS_ERR_COLON": "The name here may have no ':'; remove it.",
}  # fmt: skip
_KINDS = {getattr(etree.ErrorTypes, name): text for name, text in _BY_KIND.items() if hasattr(etree.ErrorTypes, name)}
_OF_EXPAT = {
    expat.errors.XML_ERROR_INVALID_TOKEN: "There is a character here that cannot stand in this place.",
    expat.errors.XML_ERROR_UNBOUND_PREFIX: _BY_KIND["NS_ERR_UNDEFINED_NAMESPACE"],
    expat.errors.XML_ERROR_UNDECLARING_PREFIX: _BY_KIND["NS_ERR_EMPTY"],
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: _BY_KIND["ERR_ATTRIBUTE_REDEFINED"],
    expat.errors.XML_ERROR_RESERVED_PREFIX_XML: _BY_KIND["NS_ERR_XML_NAMESPACE"],
    expat.errors.XML_ERROR_RESERVED_PREFIX_XMLNS: _BY_KIND["NS_ERR_XML_NAMESPACE"],
    expat.errors.XML_ERROR_RESERVED_NAMESPACE_URI: _BY_KIND["NS_ERR_XML_NAMESPACE"],
    expat.errors.XML_ERROR_UNKNOWN_ENCODING: _BY_KIND["ERR_UNKNOWN_ENCODING"],
    expat.errors.XML_ERROR_XML_DECL: f"{_DECLARATION}.",
}
_OTHER = (
    "Here, or just before, this is no XML (fault {kind} of the parser): see that every tag, quotation mark and "
    "reference is closed, and that names hold letters, digits, '-', '_' and '.' only."
)


def of_libxml2(error: etree.XMLSyntaxError) -> str:
    """Return the sentence for a syntax fault that libxml2 found."""
    message = error.msg or ""
    for pattern, words in _WITH_NAMES:
        found = pattern.search(message)
        if found:
            return words([shown(name) or "" for name in found.groups()])
    kind = getattr(error, "code", 0)
    return tell(_KINDS[kind]) if kind in _KINDS else tell(_OTHER, kind=kind)


def of_expat(error: expat.ExpatError) -> str:
    """Return the sentence for a syntax fault that expat found where libxml2 found none."""
    known = _OF_EXPAT.get(expat.ErrorString(error.code) or "")
    return tell(known) if known else tell(_OTHER, kind=f"expat {error.code}")


__all__ = ["of_expat", "of_libxml2"]
