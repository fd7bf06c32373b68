"""HTML made by the page itself: every text and every value in it is escaped, so that nothing told can become markup."""

from __future__ import annotations

import re
from html import escape

from lxml import etree

from scenarios.demo.words import Voice

LONGEST = 60_000
"""Characters of a message that are shown."""
_ENGLISH = ("\ue000", "\ue001")
"""Marks around words that have no other language, until they are markup; they mean nothing in any text."""
_PIECE = re.compile(
    r"(?P<comment><!--.*?-->|<\?.*?\?>)|(?P<tag></?[\w:.-]+)|(?P<end>/?>)"
    r"|(?P<attribute>\s[\w:.-]+=)(?P<value>\"[^\"]*\"|'[^']*')",
    re.DOTALL,
)


def tag(name: str, *inner: str, text: str | None = None, **attributes: object) -> str:
    """Return an element. ``inner`` is markup, ``text`` is escaped; ``class_`` is class, ``data_x`` is data-x.

    An attribute that is None or False is left out, one that is True has no value.
    """
    written = ""
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        written += f" {key}" if value is True else f' {key}="{escape(str(value))}"'
    content = ("" if text is None else escape(text)) + "".join(inner)
    return f"<{name}{written}>{content}</{name}>"


def named(voice: Voice, english: str) -> str:
    """Return a name in the visitor's language as markup; one that has none there is marked as English."""
    said, language = escape(voice.name(english)), voice.spoken(english)
    return said if language == voice.language else f'<span lang="{language}">{said}</span>'


def told(voice: Voice, text: str) -> str:
    """Return a sentence in the visitor's language as markup; what is English in it is marked so."""
    marked = not set(_ENGLISH) & set(text)
    said, language = voice.told(text, _ENGLISH if marked else ("", ""))
    parts = escape(said)
    if language != voice.language:
        return f'<span lang="{language}">{parts}</span>'
    if not marked:
        return parts
    return parts.replace(_ENGLISH[0], '<span lang="en">').replace(_ENGLISH[1], "</span>")


def coloured(data: bytes) -> tuple[str, bool]:
    """Return an XML document as markup, names and values coloured, and whether all of it is there.

    One that stands on a single line is indented first. What is not XML is shown as the text it is.
    """
    text = _indented(data)
    shown = text[:LONGEST]
    parts, place = [], 0
    for found in _PIECE.finditer(shown):
        parts.append(escape(shown[place : found.start()]))
        place = found.end()
        if found["attribute"]:
            parts.append(tag("span", text=found["attribute"], class_="x-attribute"))
            parts.append(tag("span", text=found["value"], class_="x-value"))
        else:
            kind = "comment" if found["comment"] else "tag"
            parts.append(tag("span", text=found[0], class_=f"x-{kind}"))
    parts.append(escape(shown[place:]))
    return "".join(parts), len(shown) == len(text)


def _indented(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    if text.strip().count("\n") > 1:
        return text
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return text
    etree.indent(root)
    return str(etree.tostring(root, encoding="unicode"))


__all__ = ["LONGEST", "coloured", "named", "tag", "told"]
