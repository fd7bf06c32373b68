"""Mutants of a valid document that its schema refuses: values, required and surplus elements, order, attributes.

What is expected follows from the schema's components and from :mod:`exchange.generation.content`, not from the engine
that is to find it. Each kind of fault is made once for each path of element names, at its first occurrence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from exchange.generation.bad_values import BadValue, bad_values, value_code
from exchange.generation.content import Model, first_fault, model_of, surplus
from exchange.generation.errors import CannotMake
from exchange.generation.mutants import Mutant, NotBroken, escaped, expected_at, expected_of, path_to, spliced
from exchange.generation.outline import Node, outline
from exchange.generation.reading import declared_child, simple_type
from exchange.generation.special_mutants import special_mutants
from exchange.sentences import tell

UNKNOWN = "Unexpected"
"""Name of the element, and in lower case of the attribute, that no schema knows."""
MOST_ELEMENTS = 20_000
"""A mutant that would have more elements than this is not made."""

Made = Iterator[Mutant | NotBroken]


def declared(root: Node, schema: Any) -> dict[Node, Any]:
    """Return the declaration of each element, as far as the schema knows it.

    Raise :class:`CannotMake` if the schema has no such root element.
    """
    declaration = schema.maps.elements.get(root.tag)
    if declaration is None:
        raise CannotMake(f"the schema has no root element {root.name}; name the schema of this document with --schema")
    found = {root: declaration}
    for node in root.walk():
        if node in found:
            for child in node.children:
                one = declared_child(found[node], child.tag)
                if one is not None:
                    found[child] = one
    return found


class SchemaMutants:
    """Makes the mutants of one document. A wrong value of ``version_attribute`` of the root has a code of its own."""

    def __init__(self, data: bytes, schema: Any, *, version_attribute: str | None = None) -> None:
        self.data = data
        self.root = outline(data)
        self.elements = sum(1 for _ in self.root.walk())
        self.declared = declared(self.root, schema)
        self.version_attribute = version_attribute
        self.luck = Random("mutants")

    def all(self) -> Made:
        """Yield every mutant, and what could not be broken."""
        seen: set[str] = set()
        first_leaf = True
        for node in self.root.walk():
            declaration = self.declared.get(node)
            if declaration is None or node.shape() in seen:
                continue
            seen.add(node.shape())
            yield from self._attributes(node, declaration)
            simple = simple_type(declaration)
            if simple is None:
                yield from self._unknown_attribute(node, declaration)
                yield from self._content(node, declaration)
                continue
            yield from self._values(node, simple, declaration.fixed)
            if first_leaf:
                first_leaf = False
                yield from self._unknown_attribute(node, declaration)
                yield self._element_in_text(node)
        yield from special_mutants(self.data, self.root, self.declared)

    def _mutant(
        self, breaks: str, node: Node, change: str, data: bytes, where: Node | tuple[int, ...], code: str, **more: Any
    ) -> Mutant:
        """Return a mutant; ``where`` is the element of which it must be told: one that begins where it did, or the path
        to one in ``data``."""
        attribute = more.pop("attribute", None)
        at = more.pop("at", node.shape())
        if isinstance(where, Node):
            close = where.close + len(data) - len(self.data)
            expected = expected_of(data, where, close, code, attribute)
        else:
            expected = expected_at(data, where, code, attribute)
        return Mutant(breaks=breaks, at=at, change=change, data=data, expected=expected, **more)

    def _values(self, node: Node, simple: Any, fixed: str | None) -> Made:
        value = _text(self.data[node.open_end : node.close])
        if node.close == node.end or node.children or value is None:
            why = "the element is empty or holds more than plain text"
            yield NotBroken(breaks="value", at=node.shape(), reason=why)
            return
        if fixed is not None:
            # Whatever else is wrong with another value, what is told of it is that it is not the fixed one.
            data = spliced(self.data, (node.open_end, node.close, escaped(other := _other(fixed))))
            yield self._mutant(
                "fixed",
                node,
                tell("'{other}' instead of the fixed '{value}'", other=other, value=value),
                data,
                node,
                "106",
            )
            return
        for bad in bad_values(simple, value, self.luck):
            if isinstance(bad, str):
                yield NotBroken(breaks=bad, at=node.shape(), reason="no value was found that breaks it")
                continue
            data = spliced(self.data, (node.open_end, node.close, escaped(bad.text)))
            yield self._mutant(
                bad.facet, node, _instead(bad, value), data, node, value_code(simple, bad), also=_also(bad)
            )

    def _attributes(self, node: Node, declaration: Any) -> Made:
        for name, attribute in (getattr(declaration.type, "attributes", None) or {}).items():
            if name is None or name not in node.attributes:
                continue
            short = name.rpartition("}")[2]
            at = f"{node.shape()}/@{short}"
            written = re.compile(rb"\s+(?:[^\s=]+:)?" + re.escape(short.encode()) + rb"\s*=\s*(\"[^\"]*\"|'[^']*')")
            match = written.search(self.data, node.start, node.open_end)
            if match is None:
                continue
            if attribute.use == "required":
                data = spliced(self.data, (match.start(), match.end(), b""))
                yield self._mutant(
                    "required attribute", node, tell("{name} taken away", name=short), data, node, "108", at=at
                )
            value = node.attributes[name]
            if attribute.fixed is not None:
                data = spliced(self.data, (match.start(1), match.end(1), b'"' + escaped(_other(value)) + b'"'))
                fixed = tell("'{other}' instead of the fixed '{value}'", other=_other(value), value=value)
                yield self._mutant("fixed", node, fixed, data, node, "109", at=at, attribute=short)
                continue
            code = "VERSION" if short == self.version_attribute and node.parent is None else "109"
            for bad in bad_values(simple_type(attribute), value, self.luck):
                if isinstance(bad, str):
                    yield NotBroken(breaks=bad, at=at, reason="no value was found that breaks it")
                    continue
                data = spliced(self.data, (match.start(1), match.end(1), b'"' + escaped(bad.text) + b'"'))
                change = _instead(bad, value)
                yield self._mutant(bad.facet, node, change, data, node, code, at=at, attribute=short, also=_also(bad))

    def _unknown_attribute(self, node: Node, declaration: Any) -> Made:
        if None in (getattr(declaration.type, "attributes", None) or {}):
            why = "the schema takes any attribute here"
            yield NotBroken(breaks="unknown attribute", at=node.shape(), reason=why)
            return
        place = node.open_end - (2 if node.close == node.end else 1)
        data = spliced(self.data, (place, place, f' {UNKNOWN.lower()}="1"'.encode()))
        yield self._mutant("unknown attribute", node, tell("an attribute that is not declared"), data, node, "109")

    def _element_in_text(self, node: Node) -> Mutant:
        child = f"<{_prefixed(node, UNKNOWN)}/>".encode()
        place = node.close
        if node.close == node.end:
            tag = self.data[node.start : node.open_end - 2] + b">" + child + f"</{node.written}>".encode()
            data = spliced(self.data, (node.start, node.end, tag))
        else:
            data = spliced(self.data, (place, place, child))
        return self._mutant("text only", node, tell("an element put inside text"), data, node, "107")

    def _content(self, node: Node, declaration: Any) -> Made:
        children = node.children
        if not children or not hasattr(declaration.type.content, "model"):
            return
        model = model_of(declaration.type.content)
        tags = [child.tag for child in children]
        if first_fault(model, tags) is not None:
            why = "its content is already at odds with the schema"
            yield NotBroken(breaks="content", at=node.shape(), reason=why)
            return
        if not any(child in self.declared for child in children):
            why = "its content is open (xs:any), where engines differ on text between elements"
            yield NotBroken(breaks="elements only", at=node.shape(), reason=why)
        elif not declaration.type.mixed:
            place = children[0].start
            data = spliced(self.data, (place, place, b"text"))
            yield self._mutant("elements only", node, tell("text put between elements"), data, node, "100")
        for tag in dict.fromkeys(tags):
            yield from self._fewer(node, model, tags, tag)
            yield from self._more(node, model, tags, tag)
        yield from self._swapped(node, model, tags)
        yield from self._unknown_element(node, model, tags)

    def _place(self, node: Node, fault: int, count: int) -> Node | tuple[int, ...]:
        """Return the path to the child at which a fault shows, or its parent if it shows at the end."""
        return node if fault == count else (*path_to(node), fault)

    def _fewer(self, node: Node, model: Model, tags: list[str], tag: str) -> Made:
        """Take away as many children ``tag`` as it takes for the schema to miss one."""
        left = list(range(len(tags)))
        gone: list[int] = []
        for index in reversed([i for i in left if tags[i] == tag]):
            left.remove(index)
            gone.append(index)
            rest = [tags[i] for i in left]
            fault = first_fault(model, rest)
            if fault is not None:
                break
        else:
            return
        changes = [(self._indent_start(node, index), node.children[index].end, b"") for index in gone]
        data = spliced(self.data, *changes)
        breaks = "required" if len(gone) == tags.count(tag) else "minOccurs"
        child = node.children[gone[0]]
        change = tell("{name} taken away", name=child.name)
        if tags.count(tag) > 1:
            change = tell("{name} taken away, {gone} of {all}", name=child.name, gone=len(gone), all=tags.count(tag))
        yield self._mutant(breaks, node, change, data, self._place(node, fault, len(rest)), "101", at=child.shape())

    def _more(self, node: Node, model: Model, tags: list[str], tag: str) -> Made:
        """Repeat the last child ``tag`` until the schema has too many."""
        declaration = self.declared.get(node.children[tags.index(tag)])
        if declaration is None or declaration.max_occurs is None:
            return
        twins = [child for child in node.children if child.tag == tag]
        copy = min(twins, key=lambda one: one.end - one.start)
        weight = sum(1 for _ in copy.walk())
        last = len(tags) - 1 - tags[::-1].index(tag)
        needed = max(1, declaration.max_occurs + 1 - len(twins))
        if self.elements + weight * needed > MOST_ELEMENTS:
            why = f"it takes {needed} more elements {copy.name}; mutants have at most {MOST_ELEMENTS} elements"
            yield NotBroken(breaks="maxOccurs", at=copy.shape(), reason=why)
            return
        found = surplus(model, tags[: last + 1], tag, tags[last + 1 :], needed)
        if found is None:
            return
        extra, fault = found
        place = node.children[last].end
        gap = self.data[self._indent_start(node, last) : node.children[last].start]
        data = spliced(self.data, (place, place, (gap + self.data[copy.start : copy.end]) * extra))
        change = (
            tell("{name} repeated {extra} more times", name=copy.name, extra=extra)
            if extra > 1
            else tell("{name} repeated", name=copy.name)
        )
        where = self._place(node, fault, len(tags) + extra)
        yield self._mutant("maxOccurs", node, change, data, where, "107", at=copy.shape())

    def _swapped(self, node: Node, model: Model, tags: list[str]) -> Made:
        """Let two neighbours change places, once for each pair of names."""
        seen: set[tuple[str, str]] = set()
        for index in range(len(tags) - 1):
            pair = (tags[index], tags[index + 1])
            if pair[0] == pair[1] or pair in seen:
                continue
            seen.add(pair)
            row = [*tags[:index], pair[1], pair[0], *tags[index + 2 :]]
            fault = first_fault(model, row)
            if fault is None:
                continue
            one, other = node.children[index : index + 2]
            first, second = self.data[one.start : one.end], self.data[other.start : other.end]
            data = spliced(self.data, (one.start, one.end, second), (other.start, other.end, first))
            change = tell("{name} put before {other}", name=other.name, other=one.name)
            where = self._place(node, fault, len(row))
            yield self._mutant("order", node, change, data, where, "107", at=f"{node.shape()}/{one.name}")

    def _unknown_element(self, node: Node, model: Model, tags: list[str]) -> Made:
        namespace = node.children[-1].tag.rpartition("}")[0]
        tag = f"{namespace}}}{UNKNOWN}" if namespace else UNKNOWN
        fault = first_fault(model, [*tags, tag])
        if fault is None:
            why = "the schema takes any element here"
            yield NotBroken(breaks="unknown element", at=node.shape(), reason=why)
            return
        last = node.children[-1]
        gap = self.data[self._indent_start(node, len(tags) - 1) : last.start]
        new = gap + f"<{_prefixed(last, UNKNOWN)}{self._own_namespace(last)}/>".encode()
        data = spliced(self.data, (last.end, last.end, new))
        where = self._place(node, fault, len(tags) + 1)
        yield self._mutant("unknown element", node, tell("an element that is not declared"), data, where, "107")

    def _own_namespace(self, node: Node) -> str:
        """Return the declaration of the namespace of ``node``, if it stands in its own start tag."""
        prefix = node.written.rpartition(":")[0]
        name = f"xmlns:{prefix}" if prefix else "xmlns"
        if not re.search(rb"\s" + re.escape(name.encode()) + rb"\s*=", self.data[node.start : node.open_end]):
            return ""
        namespace = node.tag[1:].partition("}")[0] if node.tag.startswith("{") else ""
        return f' {name}="{escaped(namespace).decode()}"'

    def _indent_start(self, node: Node, index: int) -> int:
        """Return where the blanks before child ``index`` begin, or its own start if something else stands there."""
        start = node.children[index].start
        before = node.children[index - 1].end if index else node.open_end
        return before if not self.data[before:start].strip() else start


def _prefixed(node: Node, name: str) -> str:
    prefix, colon, _ = node.written.rpartition(":")
    return f"{prefix}{colon}{name}"


def _text(inner: bytes) -> str | None:
    """Return the text of a leaf, or None if comments, CDATA or character references stand in it."""
    if b"<" in inner:
        return None
    text = inner.decode()
    if re.search(r"&(?!amp;|lt;|gt;|quot;|apos;)", text):
        return None
    for raw, written in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;"), ("&", "&amp;")):
        text = text.replace(written, raw)
    return text


def _other(fixed: str) -> str:
    """Return a value as long as the fixed one that is another number and another text."""
    last = "1" if fixed[-1:] != "1" else "2"
    return fixed[:-1] + last


def _instead(bad: BadValue, value: str) -> str:
    def short(text: str) -> str:
        return text if len(text) <= 60 else f"{text[:40]}… ({len(text)} characters)"

    return tell("'{text}' instead of '{value}'", text=short(bad.text), value=short(value))


def _also(bad: BadValue) -> tuple[str, ...]:
    return tuple(one for one in bad.breaks if one != bad.facet)


__all__ = ["MOST_ELEMENTS", "UNKNOWN", "SchemaMutants", "declared"]
