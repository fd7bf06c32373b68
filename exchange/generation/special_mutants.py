"""Mutants of what schemas say beyond content and values: xsi:type, xsi:nil, wildcards, keys.

A wrong ``xsi:type`` is put into the first element with children, ``xsi:nil`` there and into the first without. Each
identity constraint (``xs:unique``, ``xs:key``, ``xs:keyref``) that the document touches is broken once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from exchange.generation.mutants import Mutant, NotBroken, escaped, expected_at, expected_of, path_to, spliced
from exchange.generation.outline import Node
from exchange.generation.reading import child_declarations
from exchange.sentences import tell

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_STRANGER = b'<x:Unexpected xmlns:x="urn:example:nowhere"/>'

Made = Iterator[Mutant | NotBroken]


def special_mutants(data: bytes, root: Node, declared: dict[Node, Any]) -> Made:
    """Yield the mutants of ``data``, whose outline is ``root`` and whose elements are ``declared``."""
    known = [node for node in root.walk() if node in declared and f"{{{_XSI}}}type" not in node.attributes]
    for wanted in (True, False):
        node = next((one for one in known if bool(one.children) == wanted and one.close > one.open_end), None)
        if node is not None:
            if wanted:
                yield _wrong_type(data, node)
            yield _nil(data, node, declared[node])
    yield from _strangers(data, root, declared)
    yield from _identities(data, root, declared)


def _put(data: bytes, node: Node, name: str, value: str, more: str = "") -> bytes:
    text = f'{more} xmlns:xsi="{_XSI}" xsi:{name}="{value}"'.encode()
    place = node.open_end - 1
    return spliced(data, (place, place, text))


def _wrong_type(data: bytes, node: Node) -> Mutant:
    changed = _put(data, node, "type", "xsd:hexBinary", ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"')
    expected = expected_of(changed, node, node.close, "109")
    change = tell("a type named (hexBinary) that is not derived from its own")
    return Mutant(breaks="xsi:type", at=node.shape(), change=change, data=changed, expected=expected)


def _nil(data: bytes, node: Node, declaration: Any) -> Mutant:
    changed = _put(data, node, "nil", "true")
    expected = expected_of(changed, node, node.close, "109")
    change = tell("nil and yet not empty") if declaration.nillable else tell("nil where the schema allows no nil")
    return Mutant(breaks="xsi:nil", at=node.shape(), change=change, data=changed, expected=expected)


def _strangers(data: bytes, root: Node, declared: dict[Node, Any]) -> Made:
    """Yield, for each wildcard that the document fills, an element in its place that the wildcard does not take."""
    seen: set[tuple[str, int]] = set()
    for node in root.walk():
        content: Any = getattr(getattr(declared.get(node), "type", None), "content", None)
        if node not in declared or not hasattr(content, "iter_elements"):
            continue
        tags = {one.name for one in child_declarations(declared[node]) if hasattr(one, "type")}
        rooms = [one for one in content.iter_elements() if getattr(one, "process_contents", None) is not None]
        for child in node.children:
            room = next((one for one in rooms if one.is_matching(child.tag)), None)
            if child in declared or child.tag in tags or room is None or (node.shape(), id(room)) in seen:
                continue
            seen.add((node.shape(), id(room)))
            open_to_all = any(one.is_matching("{urn:example:nowhere}Unexpected") for one in rooms)
            if open_to_all and room.process_contents != "strict":
                why = f"the schema takes any element here ({room.process_contents})"
                yield NotBroken(breaks="wildcard", at=f"{node.shape()}/*", reason=why)
                continue
            changed = spliced(data, (child.start, child.end, _STRANGER))
            expected = expected_at(changed, path_to(child), "107")
            change = (
                tell("an element that the wildcard does not take (not declared)")
                if open_to_all
                else tell("an element that the wildcard does not take")
            )
            yield Mutant(breaks="wildcard", at=f"{node.shape()}/*", change=change, data=changed, expected=expected)


def _identities(data: bytes, root: Node, declared: dict[Node, Any]) -> Made:
    tree = etree.fromstring(data)
    nodes = dict(zip(tree.iter("*"), root.walk(), strict=True))
    elements = {node: element for element, node in nodes.items()}
    seen: set[str] = set()
    for node in root.walk():
        for identity in getattr(declared.get(node), "identities", None) or ():
            name = str(getattr(identity, "local_name", identity))
            if name not in seen:
                found = list(_broken_identity(data, node, elements[node], nodes, identity, name))
                seen.update([name] if found else [])
                yield from found


def _broken_identity(
    data: bytes, holder: Node, element: etree._Element, nodes: dict[etree._Element, Node], identity: Any, name: str
) -> Made:
    """Yield what breaks ``identity`` of the element ``holder``."""
    kind = type(identity).__name__.removeprefix("Xsd11").removeprefix("Xsd").lower()
    at = f"{holder.shape()} ({kind} {name})"
    try:
        rows = _selected(element, identity)
    except etree.XPathError:
        yield NotBroken(breaks=kind, at=at, reason="its XPath is one that cannot be followed here")
        return
    spans = [(nodes[one], [_span(data, nodes, value) for value in row]) for one, row in rows]
    whole = [(one, row) for one, row in spans if row and all(span is not None for span in row)]
    if not whole:
        yield NotBroken(breaks=kind, at=at, reason="the document holds nothing that it governs")
        return

    def mutant(change: str, where: Node, *changes: tuple[int, int, bytes]) -> Mutant:
        changed = spliced(data, *changes)
        expected = expected_at(changed, path_to(where), "100")
        return Mutant(breaks=kind, at=at, change=change, data=changed, expected=expected)

    if kind == "keyref":
        first = whole[0][1][0]
        text = data[first[0] : first[1]]
        other = text[:-1] + (b"0" if text[-1:] != b"0" else b"1")
        yield mutant(tell("a reference to '{other}', which is no key", other=other.decode()), holder, (*first, other))
    elif len(whole) > 1:
        (_, one), (second, again) = whole[:2]
        changes = [(*there, data[here[0] : here[1]]) for here, there in zip(one, again, strict=True)]
        yield mutant(tell("the value of another {name} given again", name=second.name), second, *changes)
    else:
        yield NotBroken(breaks=kind, at=at, reason="the document holds only one value of it")


def _selected(element: etree._Element, identity: Any) -> list[tuple[etree._Element, list[Any]]]:
    """Return each element that ``identity`` selects below ``element``, with the nodes of its fields."""
    spaces = {prefix: uri for prefix, uri in identity.namespaces.items() if prefix and uri}
    default = getattr(identity.selector, "xpath_default_namespace", "") or ""
    if default:
        raise etree.XPathError("a default namespace for XPath")
    found = []
    selected: Any = element.xpath(identity.selector.path, namespaces=spaces)
    for one in selected:
        row: list[Any] = []
        for field in identity.fields:
            values: Any = one.xpath(field.path, namespaces=spaces)
            row.append(values[0] if len(values) == 1 else None)
        found.append((one, row))
    return found


def _span(data: bytes, nodes: dict[etree._Element, Node], value: Any) -> Any:
    """Return where the text of a field stands in ``data``, or None."""
    if isinstance(value, etree._Element):
        node = nodes[value]
        return (node.open_end, node.close) if not node.children and node.close > node.open_end else None
    if value is None or not getattr(value, "is_attribute", False):
        return None
    node, short = nodes[value.getparent()], str(value.attrname).rpartition("}")[2]
    written = re.compile(rb"\s(?:[^\s=]+:)?" + re.escape(short.encode()) + rb"\s*=\s*[\"']([^\"']*)")
    match = written.search(data, node.start, node.open_end)
    return match.span(1) if match and match[1] == escaped(str(value)) else None


__all__ = ["special_mutants"]
