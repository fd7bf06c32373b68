"""The field map: each field of the message set beside its counterparts elsewhere, and who may see it.

It is written from the annotations of the schemas (:mod:`exchange.validation.annotations`), with the other pages of
:mod:`exchange.validation.reference`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from lxml import etree

from exchange.messages import CATALOGUE
from exchange.validation.annotations import (
    NEWEST,
    SOURCES,
    VIEWERS,
    XS,
    body,
    elements,
    file,
    group_of,
    heading,
    linked,
    said,
    seen_by,
)

INTRODUCTION = """Each field of the messages beside its counterpart in the WCO Data Model, in the messages of the EU
transit system NCTS (phase 5), and in the structures of the Eurasian Economic Union: preliminary information
(`PI_RwArrive`, `PI_AutoArrive` and others) and the unified document on customs control `R.051`. A dash means that none
is known; what is a dash in all three is of this project's own design. Counterparts are matches in meaning, taken from
public specifications; formats and lengths may differ, so check them before you build a converter.

Who may see a field: the **trader** (or carrier) who is party to the case, the **own service** that holds the case,
with its border posts, and **partner services** of other territories, under an agreement in force that covers the
message. The own service sees every field. No message tells a trader or carrier of a selection for control before
the goods are presented."""


class Use(NamedTuple):
    """A field as one message carries it: the message, and who may see the field there."""

    code: str
    viewers: frozenset[str]


@cache
def uses() -> dict[tuple[str, str], tuple[Use, ...]]:
    """Return, by (group or message code, element), the messages that carry the field and who may see it in each.

    An element of a group is seen by those who see every element around it.
    """
    found: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
    for code in CATALOGUE:
        viewers = seen_by(file(code))
        if viewers is None:
            raise LookupError(f"{code}.xsd does not say who may see the message")
        for owner, element, seen in _walk(code, body(code), viewers):
            before = found.setdefault((owner, element), {}).get(code, frozenset())
            found[owner, element][code] = before | seen
    return {key: tuple(Use(code, seen) for code, seen in by_code.items()) for key, by_code in found.items()}


def _walk(owner: str, node: etree._Element, viewers: frozenset[str]) -> Iterator[tuple[str, str, frozenset[str]]]:
    for element in elements(node):
        own = seen_by(element)
        seen = viewers if own is None else viewers & own
        yield owner, element.get("name", ""), seen
        group = group_of(element.get("type", ""))
        if group is not None:
            yield from _walk(group.get("name", ""), group, seen)


def _counterpart(node: etree._Element, source: str) -> str:
    """Return the counterpart of an element, else that of the group it holds; empty if there is none."""
    group = group_of(node.get("type", ""))
    return (said(node, source) or (said(group, source) if group is not None else "")).removesuffix(".")


def _counterparts(node: etree._Element) -> list[str]:
    return [_counterpart(node, source) or "–" for source in SOURCES]


def _codes(found: list[str], among: list[str]) -> str:
    if not found:
        return "–"
    return "all of them" if found == among and len(among) > 3 else " ".join(found)


def _message_table(code: str) -> Iterator[str]:
    yield "| field | WCO Data Model | NCTS | EAEU | trader sees it | partner services see it |"
    yield "|---|---|---|---|---|---|"
    for element in elements(body(code)):
        name = element.get("name", "")
        (use,) = (use for use in uses()[code, name] if use.code == code)
        seen = ["yes" if viewer in use.viewers else "no" for viewer in ("trader", "partner-services")]
        group = group_of(element.get("type", ""))
        shown = f"`{name}`" if group is None else f"[`{name}`](#{group.get('name', '').lower()})"
        yield "| " + " | ".join([shown, *_counterparts(element), *seen]) + " |"


def _group_table(node: etree._Element) -> Iterator[str]:
    owner = node.get("name", "")
    fields = list(elements(node))
    carriers = [use.code for use in uses()[owner, fields[0].get("name", "")]]
    yield f"Carried by: {' '.join(carriers)}."
    yield ""
    yield "| field | WCO Data Model | NCTS | EAEU | trader sees it in | partner services see it in |"
    yield "|---|---|---|---|---|---|"
    for element in fields:
        name = element.get("name", "")
        where = uses()[owner, name]
        seen = [
            _codes([use.code for use in where if viewer in use.viewers], carriers)
            for viewer in ("trader", "partner-services")
        ]
        group = group_of(element.get("type", ""))
        shown = f"`{name}`" if group is None else f"[`{name}`](#{group.get('name', '').lower()})"
        yield "| " + " | ".join([shown, *_counterparts(element), *seen]) + " |"


def _counted() -> str:
    """Return the sentence that says how many fields have a counterpart where."""
    fields = [element for node in _owners() for element in elements(node)]
    counts = [sum(bool(_counterpart(element, source)) for element in fields) for source in SOURCES]
    none = sum(not any(_counterpart(element, source) for source in SOURCES) for element in fields)
    words = ", ".join(f"{count} in {name}" for count, name in zip(counts, _NAMES, strict=True))
    return f"Of {len(fields)} fields, a counterpart is named for {words}; {none} are of this project's own design."


_NAMES = ("the WCO Data Model", "NCTS", "the Eurasian Economic Union")


def _groups() -> list[etree._Element]:
    return file("common").findall(f"{XS}complexType")


def _owners() -> list[etree._Element]:
    return [*(body(code) for code in CATALOGUE), *_groups()]


def field_map_page() -> str:
    """Return the field map of the newest version as Markdown, without the line that says who wrote it."""
    lines = [INTRODUCTION, "", _counted(), "", "# Who may see which message", ""]
    lines += ["| code | name | WCO Data Model | NCTS | EAEU | trader | own service | partner services |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for code, cls in CATALOGUE.items():
        viewers = seen_by(file(code)) or frozenset()
        seen = ["yes" if viewer in viewers else "no" for viewer in VIEWERS]
        lines.append("| " + " | ".join([linked(code), cls.NAME, *_counterparts(file(code)), *seen]) + " |")
    lines += ["", "# Fields of the messages"]
    for code in CATALOGUE:
        lines += ["", f"## {heading(code)}", "", *_message_table(code)]
    lines += ["", "# Fields of the groups of elements"]
    for node in _groups():
        lines += ["", f"## {node.get('name')}", "", said(node), "", *_group_table(node)]
    return "\n".join([f"# Field map of PIX {NEWEST}", "", *lines]) + "\n"


__all__ = ["Use", "field_map_page", "uses"]
