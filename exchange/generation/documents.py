"""Valid documents from any schema, by walking its components.

``minimal`` holds what is required, ``full`` every optional element and attribute once and two of what repeats,
``random`` something between, by luck. What was made is checked against the schema before it is handed out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from random import Random
from typing import Any, Literal

from lxml import etree

from exchange.generation.errors import CannotMake
from exchange.generation.reading import simple_type
from exchange.generation.values import Values, local

Kind = Literal["minimal", "full", "random"]
KINDS: tuple[Kind, ...] = ("minimal", "full", "random")

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DEEPEST = 40
_ATTEMPTS = 12
_GENEROUS = 1500
"""Elements of a document after which only what is required is added: schemas whose elements contain each other would
else never end."""


def roots(schema: Any) -> list[str]:
    """Return the local names of the elements a document may begin with, in the order of the schema."""
    return [one.local_name for one in schema.elements.values() if not one.abstract]


def _root(schema: Any, name: str | None) -> Any:
    found = [one for one in schema.elements.values() if not one.abstract]
    if name is not None and name in schema.maps.elements and not schema.maps.elements[name].abstract:
        return schema.maps.elements[name]
    if name is None and len(found) == 1:
        return found[0]
    for one in found:
        if name in (one.local_name, one.name):
            return one
    known = ", ".join(roots(schema)) or "none"
    if name is None:
        raise CannotMake(f"the schema has {len(found)} root elements; say which one is meant: {known}")
    raise CannotMake(f"the schema has no root element {name}; it has {known}")


class _Walk:
    """One walk over the components of a schema, making elements."""

    def __init__(self, schema: Any, kind: Kind, luck: Random, *, distinct: bool = False) -> None:
        self.schema = schema
        self.kind = kind
        self.luck = luck
        self.values = Values(luck, varied=kind == "random", distinct=distinct)
        self.open: list[Any] = []
        self.alternatives: dict[int, int] = {}
        self.made = 0
        self.typed: list[tuple[etree._Element, str]] = []
        """Elements that name a type (xsi:type) of this Clark name; written when all prefixes are known."""

    def element(self, declaration: Any, nsmap: dict[str | None, str] | None = None) -> etree._Element:
        declaration = self._concrete(declaration)
        if len(self.open) > _DEEPEST:
            raise CannotMake(f"element {declaration.local_name} contains itself without end")
        kind = declaration.type
        self.made += 1
        made = new_element(declaration.name, nsmap)
        if getattr(kind, "abstract", False):
            kind = self._derived(kind)
            self.typed.append((made, kind.name))
        self.open.append(declaration.type)
        self._attributes(made, kind, nsmap)
        if declaration.fixed is not None:
            made.text = declaration.fixed
        elif kind.is_simple():
            made.text = self.values.make(kind)
        elif kind.has_simple_content():
            made.text = self.values.make(kind.content)
        else:
            made.extend(self._group(kind.content))
        self.open.pop()
        return made

    def name_types(self) -> set[str]:
        """Write the xsi:type of all elements that need one; return the namespaces that have no prefix there."""
        missing: set[str] = set()
        for made, name in self.typed:
            namespace, _, short = name.removeprefix("{").rpartition("}")
            prefixes = [prefix for prefix, uri in made.nsmap.items() if uri == namespace]
            if namespace and not prefixes:
                missing.add(namespace)
            else:
                prefix = prefixes[0] if prefixes else None
                made.set(f"{{{_XSI}}}type", f"{prefix}:{short}" if prefix else short)
        return missing

    def _concrete(self, declaration: Any) -> Any:
        if not declaration.abstract:
            return declaration
        for one in declaration.iter_substitutes():
            if not one.abstract:
                return one
        raise CannotMake(f"element {declaration.local_name} is abstract and nothing may stand for it")

    def _derived(self, kind: Any) -> Any:
        for one in self.schema.maps.types.values():
            if one is not kind and not getattr(one, "abstract", False) and one.is_derived(kind):
                return one
        raise CannotMake(f"type {local(kind.name)} is abstract and no type is derived from it")

    def _attributes(self, made: etree._Element, kind: Any, nsmap: dict[str | None, str] | None) -> None:
        for name, attribute in getattr(kind, "attributes", {}).items():
            if name is None or not hasattr(attribute, "type"):
                continue
            required = attribute.use == "required"
            if attribute.use == "prohibited" or not (required or self._wanted()):
                continue
            value = attribute.fixed if attribute.fixed is not None else self.values.make(simple_type(attribute))
            made.set(name, value)

    def _wanted(self) -> bool:
        return self.kind == "full" or (self.kind == "random" and self.luck.random() < 0.5)

    def _times(self, particle: Any) -> int:
        low, high = particle.min_occurs, particle.max_occurs
        inside = self._recurses(particle)
        if self.kind == "minimal" or inside or high == 0 or self.made > _GENEROUS:
            return int(low)
        most = low + 2 if high is None else min(high, low + 2)
        if self.kind == "full":
            return int(max(low, min(most, 2)))
        return int(self.luck.randint(low, most))

    def _recurses(self, particle: Any) -> bool:
        """Return whether ``particle`` brings in what is open already, so that it must end here."""
        if hasattr(particle, "iter_elements"):
            return any(getattr(one, "type", None) in self.open for one in particle.iter_elements())
        return getattr(particle, "type", None) in self.open

    def _group(self, group: Any) -> Iterator[etree._Element]:
        for _ in range(self._times(group) if group.min_occurs != 1 or group.max_occurs != 1 else 1):
            for particle in [self._alternative(group)] if group.model == "choice" and len(group) else list(group):
                yield from self._particle(particle)

    def _particle(self, particle: Any) -> Iterator[etree._Element]:
        if hasattr(particle, "model"):
            yield from self._group(particle)
            return
        make = self.element if getattr(particle, "process_contents", None) is None else self._anything
        for number in range(self._times(particle)):
            depth = len(self.open)
            try:
                yield make(particle)
            except CannotMake:
                if number < particle.min_occurs:
                    raise
                # What need not stand here and cannot be made is left out: abstract, with nothing to stand for it.
                del self.open[depth:]
                return

    def _alternative(self, group: Any) -> Any:
        """Return the alternative taken: the one that needs least, each in turn, or one by luck."""
        possible = [one for one in group if self._possible(one)] or list(group)
        open_ones = [one for one in possible if not self._recurses(one)] or possible
        if self.kind == "minimal" or self.made > _GENEROUS:
            return min(open_ones, key=_weight)
        if self.kind == "random":
            return self.luck.choice(open_ones)
        turn = self.alternatives.get(id(group), 0)
        self.alternatives[id(group)] = turn + 1
        return open_ones[turn % len(open_ones)]

    def _possible(self, particle: Any) -> bool:
        """Return whether something concrete may stand for ``particle`` itself."""
        if hasattr(particle, "model") or not hasattr(particle, "abstract"):
            return True
        try:
            kind = self._concrete(particle).type
            return not getattr(kind, "abstract", False) or self._derived(kind) is not None
        except CannotMake:
            return False

    def _anything(self, wildcard: Any) -> etree._Element:
        if wildcard.process_contents != "strict":
            for name in ("{urn:example:any}Anything", "Anything", f"{{{self.schema.target_namespace}}}Anything"):
                if wildcard.is_matching(name):
                    return etree.Element(name)
        for one in self.schema.maps.elements.values():
            if str(one.name).startswith("{http://www.w3.org/2001/XMLSchema"):
                continue
            if not one.abstract and wildcard.is_matching(one.name) and one.type not in self.open:
                return self.element(one)
        raise CannotMake("nothing is known that may stand for the wildcard (xs:any) of the schema")


def new_element(name: str, nsmap: Mapping[str | None, str] | None = None) -> etree._Element:
    """Return an empty element with the Clark name ``name`` and the prefixes of ``nsmap``."""
    return etree.Element(name, nsmap=nsmap)  # type: ignore[arg-type]  # the default namespace has the prefix None


def _weight(particle: Any) -> int:
    """Return how many elements ``particle`` needs at least, roughly."""
    if particle.min_occurs == 0:
        return 0
    if hasattr(particle, "model"):
        weights = [_weight(one) for one in particle]
        return (min(weights) if particle.model == "choice" else sum(weights)) if weights else 0
    content: Any = getattr(getattr(particle, "type", None), "content", None)
    return 1 + (len([one for one in content if getattr(one, "min_occurs", 0)]) if hasattr(content, "model") else 0)


@lru_cache(maxsize=16)
def _has_plain_names(schema: Any) -> bool:
    """Return whether some element of ``schema`` has a name without a namespace."""
    return any(
        one.name is not None and not one.name.startswith("{")
        for part in schema.maps.iter_schemas()
        for one in part.iter_components()
        if hasattr(one, "min_occurs") and hasattr(one, "type")
    )


def _nsmap(schema: Any, declaration: Any) -> dict[str | None, str]:
    """Return the namespaces of a document: the default one, or a prefix where local names have none."""
    namespace = str(declaration.name)[1:].partition("}")[0] if str(declaration.name).startswith("{") else ""
    if not namespace:
        return {}
    return {("m" if _has_plain_names(schema) else None): namespace}


def serialised(root: etree._Element) -> bytes:
    """Return ``root`` as a document in UTF-8, indented, one element a line."""
    etree.indent(root, "  ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="utf-8") + b"\n"


def _attempt(
    schema: Any, declaration: Any, kind: Kind, seed: str, distinct: bool, nsmap: dict[str | None, str]
) -> bytes:
    """Return one document, valid or not. Prefixes that the names of types need are added to ``nsmap``."""
    while True:
        walk = _Walk(schema, kind, Random(seed), distinct=distinct)
        root = walk.element(declaration, nsmap)
        missing = walk.name_types() - set(nsmap.values())
        if not missing:
            return serialised(root)
        nsmap.update((f"t{len(nsmap) + number}", space) for number, space in enumerate(sorted(missing)))


def make_document(schema: Any, root: str | None = None, *, kind: Kind = "minimal", seed: int = 0) -> bytes:
    """Return a document of ``schema`` (xmlschema's) that begins with element ``root``, valid against it.

    ``root`` may be left out where the schema has one root element. Equal arguments give equal bytes. Raise
    :class:`CannotMake` if no valid document is found; its message says what stood in the way.
    """
    declaration = _root(schema, root)
    nsmap = _nsmap(schema, declaration)
    reason = ""
    for attempt in range(_ATTEMPTS):
        data = _attempt(schema, declaration, kind, f"{seed}/{attempt}/{kind}/{declaration.name}", attempt > 0, nsmap)
        error = next(schema.iter_errors(etree.fromstring(data)), None)
        if error is None:
            return data
        where = getattr(error, "path", None) or ""
        reason = f"{where}: {' '.join(str(error.reason).split())}"
    name = declaration.local_name
    raise CannotMake(f"no valid {name} was found in {_ATTEMPTS} attempts; the last failed at {reason}")


__all__ = ["KINDS", "Kind", "make_document", "new_element", "roots", "serialised"]
