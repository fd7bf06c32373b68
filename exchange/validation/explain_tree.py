"""All that xmlschema has against an invalid document, for schemas with what the walk does not know.

xmlschema goes over a tree of the document, element by element. It is slow, so it is given :attr:`Limits.seconds`;
a document that takes longer has a finding that says so, and the stated total is then the least there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from time import monotonic
from typing import Any, NamedTuple
from xml.etree import ElementTree

from exchange.sentences import tell
from exchange.validation import wording_content as words
from exchange.validation.document import spelled
from exchange.validation.engines import Grammar
from exchange.validation.explain_notes import Note, findings
from exchange.validation.explain_places import element_offsets
from exchange.validation.explain_values import EnoughError, listening
from exchange.validation.findings import Finding, Limits
from exchange.validation.wording import say
from exchange.validation.wording_names import Said, local
from exchange.validation.wording_values import overflow_words

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_MOST_ERRORS = 20_000
"""Errors that are looked at; a document with more has at least so many."""
_MOST_BEYOND = 10
"""Values beyond xmlschema that are told; after each it looks at the document anew."""


class _Document:
    """An invalid document as a tree, with the path of each element that is asked for."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.root = root
        self._counts: dict[int, Counter[str]] = {}

    def count(self, parent: ElementTree.Element, tag: str) -> int:
        """Return how many children of ``parent`` have the name ``tag``."""
        counts = self._counts.get(id(parent))
        if counts is None:
            counts = self._counts[id(parent)] = Counter(child.tag for child in parent)
        return counts[tag]

    def located(self, wanted: set[int]) -> dict[int, tuple[int, str]]:
        """Return number and path of the elements with the identities ``wanted``."""
        found: dict[int, tuple[int, str]] = {}
        number = 0
        waiting = [(self.root, "/" + local(self.root.tag))]
        while waiting:
            element, path = waiting.pop()
            if id(element) in wanted:
                found[id(element)] = number, path
            number += 1
            reached: Counter[str] = Counter()
            below = []
            for child in element:
                reached[child.tag] += 1
                several = self.count(element, child.tag) > 1
                step = local(child.tag) + (f"[{reached[child.tag]}]" if several else "")
                below.append((child, f"{path}/{step}"))
            waiting.extend(reversed(below))
        return found


class _Beyond(NamedTuple):
    """A value that xmlschema cannot work with, such as a year of twenty digits."""

    element: ElementTree.Element
    attribute: str | None
    value: str


def _beyond(context: Any, known: list[_Beyond]) -> _Beyond | None:
    """Return the value at which xmlschema has given up, and take it out of the tree; None if it is not that of an
    element or attribute, or there are too many."""
    element, attribute = context.elem, context.attribute
    if element is None or len(known) >= _MOST_BEYOND or (attribute is None and len(element)):
        return None
    value = element.text if attribute is None else element.attrib.get(attribute)
    if not value:
        return None
    if attribute is None:
        element.text = ""
    else:
        element.attrib[attribute] = ""
    return _Beyond(element, attribute, value)


def _errors(grammar: Grammar, source: Any, until: float) -> Iterator[tuple[Any, str | None]]:
    """Yield (error, attribute looked at) of xmlschema, values beyond it first; at last (reason, None) if it did not
    come to an end."""
    from xmlschema import XMLSchemaException

    schema, root = grammar.explained, source.root
    beyond: list[_Beyond] = []

    def hook(_element: Any, _declared: Any) -> bool:
        if monotonic() > until:
            raise EnoughError
        return False

    declared = schema.maps.elements.get(root.tag)
    if declared is None and _XSI_TYPE in root.attrib:
        declared = schema.builders.create_element(root.tag, schema)
    if declared is None:
        yield words.no_root, None
        return
    while True:
        ended = ""
        context, heard = listening(_MOST_ERRORS, source=source, check_identities=True, validation_hook=hook)
        try:
            declared.raw_decode(root, "lax", context)
            for error in schema._validate_references("lax", context):
                if not any(error is known for known, _ in heard[-1:]):
                    heard.append((error, None))
        except EnoughError:
            ended = "time" if len(heard) <= _MOST_ERRORS else "errors"
        except (XMLSchemaException, ArithmeticError, RecursionError, ValueError, TypeError, KeyError):
            found = _beyond(context, beyond)
            if found is not None:
                beyond.append(found)
                continue
            ended = "trouble"
        break
    yield from ((one, one.attribute) for one in beyond)
    yield from heard
    if ended:
        yield ended, None


def _named_types(source: Any, grammar: Grammar) -> Iterator[tuple[Any, Said]]:
    """Yield what is wrong with the types that elements name, and take out what xmlschema cannot make sense of."""
    for element in source.root.iter():
        named = element.attrib.get(_XSI_TYPE)
        if named is None:
            continue
        prefix, _, name = named.strip().rpartition(":")
        space = (source.get_nsmap(element) or {}).get(prefix, "")
        if grammar.own:
            yield element, words.no_other_type(element.tag)
        elif (f"{{{space}}}{name}" if space else name) in grammar.explained.maps.types and bool(space) >= bool(prefix):
            continue
        else:
            yield element, words.unknown_type(element.tag, named)
        del element.attrib[_XSI_TYPE]


def _unfinished(why: str, elements: int, limits: Limits) -> Said:
    """Say that not all could be looked at."""
    reasons = {
        "time": tell(
            "looking at its {elements:,} elements takes more than {seconds:g} s with this schema",
            elements=elements,
            seconds=limits.seconds,
        ),
        "errors": tell("it has more than {most:,} faults", most=_MOST_ERRORS),
        "trouble": tell("a value or a reference in it is beyond what can be worked with"),
    }
    text = tell(
        "Not the whole document was looked at: {reasons}. There may be more faults than are counted.",
        reasons=reasons[why],
    )
    return Said("CRASH", tell("a smaller document") if why != "trouble" else tell("other values"), text)


def explain_tree(data: bytes, grammar: Grammar, limits: Limits) -> tuple[list[Finding], int]:
    """Return the findings of the schema gate for a well-formed document, and their total number, by xmlschema.

    Of several faults of one value only the first is told. Findings stand in the order of the document.
    """
    until = monotonic() + limits.seconds
    source = grammar.explained.maps.settings.get_xml_resource(BytesIO(spelled(data)))
    root = source.root
    document = _Document(root)
    said = [(element, what, False) for element, what in _named_types(source, grammar)]
    roots = [element.name for element in grammar.explained.elements.values() if not element.abstract]
    unfinished = ""
    for error, attribute in _errors(grammar, source, until):
        if isinstance(error, str):
            unfinished = error
        elif isinstance(error, _Beyond):
            name = local(attribute or error.element.tag)
            what = Said(*overflow_words(name, error.value), error.value, attribute=attribute)
            said.append((error.element, what, attribute is None))
        elif error is words.no_root:
            said.append((root, words.no_root(root.tag, roots), False))
        elif not (type(error.validator).__name__.endswith("Group") and "cannot substitute" in str(error.reason)):
            # What a parent has against the type of its child, the child's own declaration says too.
            element, what = say(error, root, attribute, roots, document.count)
            of_value = (
                what.value is not None
                and not (what.attribute or what.shown_at)
                and what.code not in ("ROOT", "100", "107")
            )
            if not (of_value and len(element)):
                said.append((element, what, of_value))
    located = document.located({id(element) for element, _, _ in said})
    kept = list(_once((*located.get(id(element), (0, "")), what, of_value) for element, what, of_value in said))
    kept.sort(key=lambda one: one[0])
    total = len(kept)
    kept = kept[: limits.findings]
    offsets = element_offsets(data, {number for number, _, _, _ in kept})
    notes = [
        Note(number, offsets.get(number, 0), _constant(path), what, of_value) for number, path, what, of_value in kept
    ]
    if unfinished:
        elements = sum(1 for _ in root.iter())
        notes.insert(
            0, Note(0, offsets.get(0, 0), _constant("/" + local(root.tag)), _unfinished(unfinished, elements, limits))
        )
        total += 1
    return findings(data, notes)[: limits.findings], total


def _constant(path: str) -> Callable[[], str]:
    return lambda: path


def _once(said: Iterator[tuple[int, str, Said, bool]]) -> Iterator[tuple[int, str, Said, bool]]:
    """Leave out what is said again of the same value."""
    seen: set[tuple[int, str | None]] = set()
    for number, path, what, of_value in said:
        kind = (what.attribute or what.shown_at or "value") if what.value is not None else what.text
        if (number, kind) not in seen:
            seen.add((number, kind))
            yield number, path, what, of_value


__all__ = ["explain_tree"]
