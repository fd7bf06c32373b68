"""What a set of schemas holds, told for a reader: types, their children, their facets in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from exchange.generation.bad_values import facets
from exchange.generation.reading import simple_type
from exchange.generation.values import ancestry, builtin_name, local
from exchange.schema_sets.reading import SchemaSet

_XS = "{http://www.w3.org/2001/XMLSchema}"
_WIDE = 60
"""A pattern with characters beyond ASCII, or longer than this, is told by the words of its type."""


@dataclass(frozen=True, slots=True)
class Said:
    """What annotations say: the words, and the words by source (``WCO``, ``NCTS`` …)."""

    text: str
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A child, an attribute, or the heading of a choice, in the table of a type; ``depth`` indents it.

    ``type_name`` is the named type to look up, or empty; ``facets`` tells an unnamed type in words.
    """

    name: str
    depth: int
    times: str
    said: Said
    type_name: str = ""
    type_shown: str = ""
    facets: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    is_attribute: bool = False
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class TypeDescription:
    """A named type or a root element, ready to be shown. ``kind``: ``message``, ``group`` or ``value``."""

    name: str
    kind: str
    said: Said
    base: str
    rows: tuple[Row, ...] = ()
    facets: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


def said(component: Any) -> Said:
    """Return what the annotations of ``component`` say."""
    plain: list[str] = []
    sources: list[tuple[str, str]] = []
    annotation = getattr(component, "annotation", None)
    for entry in annotation.documentation if annotation is not None else ():
        text = " ".join("".join(entry.itertext()).split())
        source = entry.get("source")
        if text and source:
            sources.append((source, text))
        elif text:
            plain.append(text)
    return Said(" ".join(plain), tuple(sources))


def times(low: int, high: int | None) -> str:
    """Return how often something stands, as ``1``, ``0–1``, ``1–99``, ``0–∞``."""
    most = "∞" if high is None else str(high)
    return str(low) if str(low) == most else f"{low}–{most}"


def _length(found: dict[str, Any]) -> Iterator[str]:
    least, most = found.get("minLength"), found.get("maxLength")
    if "length" in found:
        yield f"exactly {found['length'].value} characters"
    elif least is not None and most is not None:
        yield f"{least.value} to {most.value} characters"
    elif most is not None:
        yield f"at most {most.value} characters"
    elif least is not None:
        yield f"at least {least.value} character{'s' if least.value != 1 else ''}"


def _range(found: dict[str, Any]) -> Iterator[str]:
    low, high = found.get("minInclusive"), found.get("maxInclusive")
    if low is not None and high is not None:
        yield f"{low.value} to {high.value}"
    elif low is not None:
        yield f"{low.value} or more"
    elif high is not None:
        yield f"{high.value} or less"
    if "minExclusive" in found:
        yield f"more than {found['minExclusive'].value}"
    if "maxExclusive" in found:
        yield f"less than {found['maxExclusive'].value}"


def _basis(simple: Any) -> str:
    """Return what a simple type is made from: a built-in type, a list of one, or either of several."""
    members = next((one.member_types for one in ancestry(simple) if getattr(one, "member_types", None)), None)
    if members:
        return "either " + " or ".join(local(one.name) or _basis(one) for one in members)
    item = next((one.item_type for one in ancestry(simple) if getattr(one, "item_type", None) is not None), None)
    return f"list of {local(item.name) or _basis(item)}" if item is not None else builtin_name(simple)


def in_words(simple: Any) -> tuple[str, ...]:
    """Return the facets of a simple type in words, its built-in type first; patterns stand between backticks."""
    found = facets(simple)
    words = [_basis(simple)]
    words += [*_length(found), *_range(found)]
    if "totalDigits" in found:
        words.append(f"at most {found['totalDigits'].value} digits")
    if "fractionDigits" in found:
        words.append(f"at most {found['fractionDigits'].value} of them behind the point")
    for regexp in getattr(found.get("pattern"), "regexps", None) or ():
        shown = regexp if regexp.isascii() and len(regexp) <= _WIDE else None
        words.append(f"form `{shown}`" if shown else "one line of visible characters, no blank at either end"
                     if not regexp.isascii() else f"form `{regexp[:_WIDE]}…`")  # fmt: skip
    return tuple(words)


def values_of(simple: Any) -> tuple[tuple[str, str], ...]:
    """Return (value, meaning) of an enumeration."""
    facet = facets(simple).get("enumeration")
    if facet is None:
        return ()
    meanings = {}
    for node in facet.parent.elem.iter(f"{_XS}enumeration") if facet.parent is not None else ():
        words = [" ".join("".join(one.itertext()).split()) for one in node.iter(f"{_XS}documentation")]
        meanings[node.get("value")] = " ".join(words)
    return tuple((str(value), meanings.get(str(value), "")) for value in facet.enumeration)


def _is_builtin(kind: Any) -> bool:
    return str(kind.name or "").startswith(_XS)


def _row(declaration: Any, depth: int, shown_times: str, *, attribute: bool = False) -> Row:
    kind = declaration.type
    simple = simple_type(declaration)
    named = kind.name is not None and not _is_builtin(kind)
    fixed = getattr(declaration, "fixed", None)
    inline = simple is not None and not named and not _is_builtin(kind)
    return Row(
        name=declaration.local_name,
        depth=depth,
        times=shown_times,
        said=said(declaration),
        type_name=local(kind.name) if named else "",
        type_shown=local(kind.name) if kind.name else ("" if simple is not None else "elements below"),
        facets=in_words(simple) if inline else (),
        values=((fixed, "always"),) if fixed is not None else values_of(simple) if inline else (),
        is_attribute=attribute,
    )


def _rows(kind: Any, depth: int, open_types: tuple[int, ...] = ()) -> Iterator[Row]:
    content = getattr(kind, "content", None)
    if hasattr(content, "model"):
        yield from _group_rows(content, depth, (*open_types, id(kind)))
    for name, attribute in (getattr(kind, "attributes", None) or {}).items():
        if name is not None and attribute.use != "prohibited":
            yield _row(attribute, depth, "1" if attribute.use == "required" else "0–1", attribute=True)


def _group_rows(
    group: Any, depth: int, open_types: tuple[int, ...], low: int = 1, high: int | None = 1, within_choice: bool = False
) -> Iterator[Row]:
    """Yield the rows of a group; ``low`` and ``high`` are those of the groups around it that are not shown."""
    low *= group.min_occurs
    high = None if high is None or group.max_occurs is None else high * group.max_occurs
    choice = group.model == "choice" and len(group) > 1
    if len(group) > 1 and (group.model != "sequence" or (low, high) != (1, 1) or within_choice):
        heading = {"choice": "one of", "all": "in any order", "sequence": "together"}[group.model]
        yield Row(heading, depth, times(low, high), Said("", ()), is_heading=True)
        depth, low, high = depth + 1, 1, 1
    for particle in group:
        if hasattr(particle, "model"):
            yield from _group_rows(particle, depth, open_types, low, high, choice)
            continue
        most = None if high is None or particle.max_occurs is None else high * particle.max_occurs
        shown = times(low * particle.min_occurs, most)
        if particle.name is None or not hasattr(particle, "type"):
            yield Row("any element", depth, shown, said(particle), is_heading=True)
            continue
        yield _row(particle, depth, shown)
        inside = particle.type
        if inside.name is None and not inside.is_simple() and id(inside) not in open_types:
            yield from _rows(inside, depth + 1, open_types)


def _about(root: Any) -> Said:
    """Return what is said of a root element: by the schema as a whole, if it declares that root alone."""
    schema = root.schema
    own = [one for one in schema.root if one.tag == f"{_XS}element"]
    notes = getattr(schema, "annotations", None) or []
    if len(own) == 1 and notes:
        words = said(_Annotated(notes[0]))
        return words if words.text else said(root)
    return said(root)


@dataclass(frozen=True, slots=True)
class _Annotated:
    annotation: Any


def _described(name: str, kind: Any, what: str, component: Any) -> TypeDescription:
    simple = kind if kind.is_simple() else kind.content if kind.has_simple_content() else None
    base = getattr(kind, "base_type", None)
    own = base is not None and base.name is not None and not _is_builtin(base)
    return TypeDescription(
        name=name,
        kind=what,
        said=_about(component) if what == "message" else said(component),
        base=local(base.name) if own and base is not None else "",
        rows=() if kind.is_simple() else tuple(_rows(kind, 0)),
        facets=in_words(simple) if simple is not None else (),
        values=values_of(simple) if simple is not None else (),
    )


def describe(given: SchemaSet) -> list[TypeDescription]:
    """Return root elements, then complex, then simple types of a set, each in the order of the schemas.

    A complex type that serves one root element only is told with that element.
    """
    roots = given.elements().values()
    taken = {one.type.name for one in roots if one.type.name is not None and one.local_name == one.type.local_name}
    found = [_described(one.local_name, one.type, "message", one) for one in roots]
    seen: set[str] = set()
    for what, simple in (("group", False), ("value", True)):
        for schema in given.schemas:
            for kind in schema.maps.types.values():
                name = str(kind.name)
                if name in seen or name in taken or _is_builtin(kind) or kind.is_simple() != simple:
                    continue
                if name.startswith(("{http://www.w3.org/", "{http://www.w3.org/XML")):
                    continue
                seen.add(name)
                found.append(_described(local(name), kind, what, kind))
    return found


__all__ = ["Row", "Said", "TypeDescription", "describe", "in_words", "said", "times", "values_of"]
