"""From an invalid document to findings: all that is wrong, each with its place and what would be right.

xmlschema reads the document again, because libxml2 stops at the first fault of content in a parent. Its
work grows with the square of the number of bad siblings, so documents above
:attr:`Limits.explained_elements` are left to :mod:`exchange.validation.explain_large`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from exchange.messages import NAMESPACE, ROOTS
from exchange.validation import engines
from exchange.validation.document import element_places
from exchange.validation.findings import Finding, Limits

if TYPE_CHECKING:
    from xmlschema import XMLSchemaValidationError

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_LONGEST_VALUE = 200
_DEFAULT_CODE = "100"
_FACET_CODES = {
    "XsdEnumerationFacets": "102",
    "XsdPatternFacets": "106",
    "XsdMinLengthFacet": "105",
    "XsdMaxLengthFacet": "105",
    "XsdLengthFacet": "105",
    "XsdTotalDigitsFacet": "104",
    "XsdFractionDigitsFacet": "104",
    "XsdMinInclusiveFacet": "104",
    "XsdMaxInclusiveFacet": "104",
}
_NUMBERS = ("integer", "decimal")
_TIMES = ("dateTime", "date")


def local(tag: str) -> str:
    """Return ``tag`` without its namespace."""
    return tag.rpartition("}")[2]


def _shown(value: str | None) -> str | None:
    if value is None or len(value) <= _LONGEST_VALUE:
        return value
    return value[: _LONGEST_VALUE - 1] + "…"


class _Document:
    """An invalid document as ElementTree reads it, with the number and path of each element."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root = ElementTree.fromstring(data)
        self.retyped = [element for element in self.root.iter() if element.attrib.pop(_XSI_TYPE, None) is not None]
        self.numbers = {id(element): number for number, element in enumerate(self.root.iter())}
        self.parents: dict[int, ElementTree.Element] = {}
        self.steps = {id(self.root): local(self.root.tag)}
        self.counts: dict[int, Counter[str]] = {}
        for parent in self.root.iter():
            counts = Counter(child.tag for child in parent)
            reached: Counter[str] = Counter()
            for child in parent:
                self.parents[id(child)] = parent
                reached[child.tag] += 1
                position = f"[{reached[child.tag]}]" if counts[child.tag] > 1 else ""
                self.steps[id(child)] = local(child.tag) + position
            self.counts[id(parent)] = counts

    def xpath(self, element: ElementTree.Element) -> str:
        """Return the path of ``element`` in readable names, with positions among several of one name."""
        steps = [self.steps[id(element)]]
        while (parent := self.parents.get(id(element))) is not None:
            steps.append(self.steps[id(parent)])
            element = parent
        return "/" + "/".join(reversed(steps))


def _meaning(component: Any) -> str | None:
    """Return the first documentation of a schema component."""
    annotation = getattr(component, "annotation", None)
    for entry in annotation.documentation if annotation is not None else ():
        if entry.text:
            return str(entry.text).strip()
    return None


def _allowed(validator: Any) -> str:
    """Return the values of an enumeration, with their meaning where the schema gives it."""
    meanings = {}
    owner = getattr(validator.parent, "elem", None)
    for node in owner.iter("{http://www.w3.org/2001/XMLSchema}enumeration") if owner is not None else ():
        text = node.findtext(".//{http://www.w3.org/2001/XMLSchema}documentation")
        meanings[node.get("value")] = text.strip().rstrip(".") if text else None
    words = []
    for value in validator.enumeration:
        meaning = meanings.get(str(value))
        words.append(f"{value} ({meaning})" if meaning else str(value))
    return "one of " + ", ".join(words)


def _children(error: Any, document: _Document) -> tuple[Any, str, str, str]:
    """Return (element, code, expected, text) for a fault in the content of an element."""
    parent = local(error.elem.tag)
    expected = [local(e if isinstance(e, str) else e.name) for e in error.expected or ()]
    words = " or ".join(expected)
    bad = error.invalid_child
    if bad is None:
        return error.elem, "101", words, f"{parent} is not complete: {words} is missing at its end."
    name = local(bad.tag)
    if name in expected:
        words = f"{name} in the namespace {NAMESPACE}"
        return bad, "107", words, f"{name} is in another namespace; {words} belongs here."
    parent_id = id(error.elem)
    if name not in {element.local_name for element in error.validator.iter_elements()}:
        words = words or f"nothing more in {parent}"
        return bad, "107", words, f"{name} is no element of {parent}; expected {words}."
    if not expected:
        why = "once too often" if document.counts[parent_id][bad.tag] > 1 else "too late"
        return bad, "107", f"no {name} here", f"{name} stands {why} in {parent}."
    if document.counts[parent_id].keys().isdisjoint(f"{{{NAMESPACE}}}{one}" for one in expected):
        return bad, "101", words, f"{words} is missing in {parent} before {name}."
    return bad, "107", words, f"{name} stands in the wrong place in {parent}: {words} comes first."


def _simple(error: Any, name: str, value: str) -> tuple[str, str, str]:
    """Return (code, expected, text) for a value that its type refuses."""
    validator = error.validator
    facet = type(validator).__name__
    simple_type = validator.parent if facet.endswith(("Facet", "Facets")) else validator
    primitive = local(getattr(getattr(simple_type, "primitive_type", None), "name", None) or "")
    shown = _shown(value)
    if facet == "XsdEnumerationFacets":
        allowed = _allowed(validator)
        return "102", allowed, f"'{shown}' is not allowed for {name}; expected {allowed}."
    if not value and primitive == "string":
        return "105", _meaning(simple_type) or "a value", f"{name} is empty; leave it out or give a value."
    code = _FACET_CODES.get(facet, "106")
    if primitive in _TIMES:
        form = "YYYY-MM-DDTHH:MM:SSZ, UTC" if primitive == "dateTime" else "YYYY-MM-DD"
        return (
            "103",
            form,
            f"'{shown}' in {name} is no {'time' if primitive == 'dateTime' else 'date'}; write {form}.",
        )
    if primitive in _NUMBERS:
        code = "104"
    meaning = _meaning(simple_type)
    reason = str(error.reason)
    if facet == "XsdPatternFacets":
        pattern = " or ".join(p.get("value", "") for p in validator)
        expected = f"{meaning} (pattern {pattern})" if meaning else f"pattern {pattern}"
        return code, expected, f"'{shown}' in {name} has not the right form. {meaning or expected}"
    if facet in ("XsdMinInclusiveFacet", "XsdMaxInclusiveFacet"):
        low, high = simple_type.min_value, simple_type.max_value
        span = f"{low} to {high}" if high is not None else f"{low} or more"
        return code, span, f"{shown} in {name} is out of range; expected {span}."
    expected = meaning or reason
    return code, expected, f"'{shown}' in {name} is not right: {reason.removeprefix('value ')}."


def _finding(error: XMLSchemaValidationError, document: _Document) -> tuple[Any, Finding]:
    """Return (element, finding without a place) for one error of xmlschema."""
    element: Any = error.elem if error.elem is not None else document.root
    name = local(element.tag)
    reason = str(error.reason or "")
    value: str | None = None
    if hasattr(error, "particle"):
        element, code, expected, text = _children(error, document)
    elif reason.endswith("is not an element of the schema"):
        expected = f"one of {', '.join(ROOTS)} in the namespace {NAMESPACE}"
        code, text = "ROOT", f"The root element {element.tag} is no message of the set; expected {expected}."
        value = str(element.tag)
    elif reason.startswith("missing required attribute"):
        expected = reason.rpartition(" ")[2].strip("'")
        code, text = "108", f"{name} lacks the attribute {expected}."
    elif "attribute" in reason[:40] and (reason.startswith("attribute ") or "not allowed" in reason):
        code, expected, text = "109", reason, f"{name}: {reason}."
    elif reason.startswith("character data"):
        value = (element.text or "").strip() or None
        code, expected, text = "100", "elements only", f"{name} takes elements, not text of its own."
    elif reason.startswith("a simple content element"):
        code, expected, text = "107", "text only", f"{name} takes text, not elements."
    elif isinstance(error.obj, ElementTree.Element):
        code, expected, text = _DEFAULT_CODE, reason, f"{name}: {reason}."
    else:
        value = element.text or ""
        code, expected, text = _simple(error, name, value)
    xpath = document.xpath(element)
    return element, Finding(
        gate="schema", code=code, xpath=xpath, value=_shown(value), expected=_shown(expected), text=text
    )


def _errors(document: _Document, version: str) -> Iterator[tuple[Any, Finding]]:
    """Yield (element, finding) for what xmlschema has against ``document``, until it gives up."""
    from xmlschema import XMLSchemaException

    try:
        for error in engines.explained(version).iter_errors(document.root, use_location_hints=False):
            yield _finding(error, document)
    except XMLSchemaException:
        return


def explain(data: bytes, version: str, limits: Limits) -> tuple[list[Finding], int]:
    """Return the findings of the schema gate for a document that libxml2 refused, and their total number.

    Of several faults of one value only the first is told. Findings stand in the order of the document.
    """
    document = _Document(data)
    seen: set[tuple[int, str]] = set()
    found: list[tuple[int, Finding]] = []
    for element in document.retyped:
        text = f"{local(element.tag)} names another type with xsi:type; remove that attribute."
        xpath = document.xpath(element)
        finding = Finding(gate="schema", code="109", xpath=xpath, expected="no xsi:type", text=text)
        found.append((document.numbers[id(element)], finding))
    for element, finding in _errors(document, version):
        number = document.numbers.get(id(element), 0)
        kind = "value" if finding.value is not None else finding.text
        if (number, kind) not in seen:
            seen.add((number, kind))
            found.append((number, finding))
    found.sort(key=lambda pair: pair[0])
    total = len(found)
    found = found[: limits.findings]
    places = element_places(data, {number for number, _ in found})
    return [placed(finding, places.get(number, (0, 0))) for number, finding in found], total


def placed(finding: Finding, where: tuple[int, int]) -> Finding:
    """Return ``finding`` with line and column."""
    fields = finding.as_json()
    fields["line"], fields["column"] = where
    return Finding(**fields)


__all__ = ["explain", "local", "placed"]
