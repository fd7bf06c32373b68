"""The words for what xmlschema found: code, what was expected, and a sentence for a person.

Its errors are told apart by their kind and by how their reason begins; the reason itself reaches nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

from exchange.sentences import tell
from exchange.validation import wording_content as content
from exchange.validation.wording_names import Said, in_namespace, local, meaning, names, shown
from exchange.validation.wording_values import value_words

_DEFAULT_CODE = "100"
_QUOTED = re.compile(r"'([^']*)'")
_DUPLICATE = re.compile(r"duplicated value \((.*?),?\) for \w+\(name='([^']*)'\)", re.DOTALL)
_UNKNOWN_KEY = re.compile(r"value \((.*?),?\) not found for \w+\(name='([^']*)'\)", re.DOTALL)
_KEY_FIELD = re.compile(r"missing key field '([^']*)'")
_SEVERAL = re.compile(r"XsdFieldSelector\(path='([^']*)'\) field selects multiple values")
_ID_REFERENCE = re.compile(r"IDREF '(.*)' not found", re.DOTALL)
_UNKNOWN_TYPE = re.compile(r"\"?global component '([^']*)' not found")
_IDENTITY = (
    (
        _DUPLICATE,
        "a value that stands once",
        "{name}: the value {value} stands twice, where {what} asks for different ones.",
    ),
    (_UNKNOWN_KEY, "a value that {what} lists", "{name}: the value {value} refers to nothing that {what} lists."),
    (_KEY_FIELD, "{value}", "{name} lacks {value}, which is part of a key."),
    (_SEVERAL, "one {value}", "{name} has several values for {value}, which is part of a key and stands once."),
    (_ID_REFERENCE, "an identifier of the document", "The reference {value} leads to no identifier of the document."),
)
"""How xmlschema's reasons begin where identity is at stake; what is expected then, and the sentence."""
_TYPE_NAME = "{http://www.w3.org/2001/XMLSchema-instance}type"


def _tags(expected: Any) -> list[str]:
    """Return the names (Clark) of what xmlschema expects; a wildcard in words."""
    found = []
    for one in expected or ():
        if isinstance(one, str):
            found.append(one)
        elif one.name:
            found.append(one.name)
        else:
            found.append("an element of another namespace" if "other" in str(one.namespace) else "any element")
    return found


def _children(error: Any, count: Callable[[Any, str], int]) -> tuple[Any, Said]:
    """Say what is wrong in the content of an element."""
    parent, bad = error.elem.tag, error.invalid_child
    wanted = _tags(error.expected)
    if bad is None:
        return error.elem, content.incomplete(parent, wanted)
    if bad.tag in wanted:
        # xmlschema names a whole group where its first required element is missing; what precedes the child is meant.
        wanted = wanted[: wanted.index(bad.tag)]
    known = [one.name for one in error.validator.iter_elements() if one.name]
    if bad.tag not in known:
        return bad, content.stranger(bad.tag, parent, wanted, known)
    if not wanted or (error.index and error.elem[error.index - 1].tag == bad.tag):
        return bad, content.too_late(bad.tag, parent, count(error.elem, bad.tag) > 1)
    if not any(count(error.elem, tag) for tag in wanted):
        return bad, content.missing_before(bad.tag, parent, wanted)
    return bad, content.misplaced(bad.tag, parent, wanted)


def attribute_fault(error: Any, tag: str, attributes: dict[str, str], attribute: str | None) -> Said | None:
    """Say what is wrong with an attribute of the element ``tag``, if the error speaks of one. ``attribute``: the one
    that was being looked at (Clark name)."""
    name, reason = local(tag), str(error.reason or "")
    quoted = _QUOTED.search(reason)
    if reason.startswith("missing required attribute") and quoted:
        return Said(
            "108", local(quoted[1]), tell("{name} lacks the attribute {quoted}.", name=name, quoted=local(quoted[1]))
        )
    if isinstance(error.obj, tuple) and error.obj:
        attribute = error.obj[0]
    if reason.startswith("use of attribute") and quoted:
        text = tell("{name} may not have the attribute {quoted}; remove it.", name=name, quoted=local(quoted[1]))
        return Said(
            "109", tell("no {quoted}", quoted=local(quoted[1])), text, attributes.get(quoted[1]), shown_at=quoted[1]
        )
    if reason.endswith(("attribute not allowed for element", "is not an attribute of the XSI namespace")) and quoted:
        known = [local(key) for key in error.validator if key]
        expected = names(known) if known else tell("no attribute")
        text = tell(
            "{name} has no attribute {quoted}; expected {expected}.",
            name=name,
            quoted=local(quoted[1]),
            expected=expected,
        )
        return Said("109", expected, text, attributes.get(quoted[1]), shown_at=quoted[1])
    if attribute is None:
        return None
    value = attributes.get(attribute, "")
    if type(error.validator).__name__.endswith("AnyAttribute"):
        space = in_namespace(attribute)
        if reason.endswith("not allowed"):
            text = tell(
                "{name} takes no attribute of {space}, as {attribute} is; remove it.",
                name=name,
                space=space,
                attribute=local(attribute),
            )
            return Said("109", tell("an attribute of another namespace, or none"), text, value, attribute)
        text = tell(
            "The attribute {attribute} of {name} (in {space}) is declared nowhere, and must be.",
            attribute=local(attribute),
            name=name,
            space=space,
        )
        return Said("109", tell("a declared attribute"), text, value, attribute)
    if "has a fixed value" in reason:
        fixed = str(error.validator.fixed)
        text = tell(
            "The attribute {attribute} of {name} always has the value {fixed}, not '{value}'.",
            attribute=local(attribute),
            name=name,
            fixed=fixed,
            value=shown(value),
        )
        return Said("109", fixed, text, value, attribute)
    _, wanted, said = value_words(
        error, tell("the attribute {attribute} of {name}", attribute=local(attribute), name=name), value
    )
    return Said("109", wanted, said, value, attribute)


def _of_type(name: str, tag: str, reason: str) -> Said | None:
    """Say what is wrong with the type that an element has or names."""
    unknown = _UNKNOWN_TYPE.match(reason)
    if unknown:
        return content.unknown_type(tag, unknown[1])
    if "cannot substitute" in reason or "not derived" in reason:
        text = tell("The type that {name} names with xsi:type is not derived from its own.", name=name)
        return Said("109", tell("a type derived from that of {name}", name=name), text, shown_at=_TYPE_NAME)
    if reason.startswith("usage of") or "is blocked" in reason or "blocked by head element" in reason:
        text = tell(
            "The schema blocks what stands here in the place of {name}: another type, or another element.", name=name
        )
        return Said("109", tell("{name} with its own type", name=name), text, shown_at=_TYPE_NAME)
    if "abstract" in reason:
        what = tell("its type is") if reason.endswith("is abstract") else tell("it is")
        text = tell(
            "{name} cannot stand here as it is: {what} abstract; give a type with xsi:type or another element.",
            name=name,
            what=what,
        )
        return Said(_DEFAULT_CODE, tell("something that is not abstract"), text)
    if "is not consistent with local declaration" in reason:
        text = tell("{name} has another type here than its parent declares for an element of that name.", name=name)
        return Said(_DEFAULT_CODE, tell("the declared type"), text)
    return None


def _of_identity(name: str, reason: str) -> Said | None:
    """Say what is wrong with keys, references and identifiers."""
    for pattern, expected, words in _IDENTITY:
        found = pattern.match(reason)
        if found:
            value = found[1].strip("'\"").replace("', '", ", ")
            parts = {"name": name, "value": shown(value), "what": found[2] if pattern.groups > 1 else ""}
            told = None if pattern in (_KEY_FIELD, _SEVERAL) else value
            return Said(_DEFAULT_CODE, tell(expected, **parts), tell(words, **parts), told)
    return None


def _of_element(error: Any, element: Any, reason: str) -> Said:
    """Say what is wrong with an element as a whole."""
    name, kind = local(element.tag), type(error.validator).__name__
    if kind == "XsdAssert":
        test = error.validator.elem.get("test", "")
        return Said(
            _DEFAULT_CODE,
            test,
            meaning(error.validator) or tell("What must hold for {name} does not: {test}.", name=name, test=test),
        )
    if reason.startswith("must have the fixed value"):
        return content.fixed_value(element.tag, str(error.validator.fixed), element.text or "")
    if kind.endswith("AnyElement"):
        text = tell(
            "{name} (in {tag}) is declared nowhere, and must be in order to stand here.",
            name=name,
            tag=in_namespace(element.tag),
        )
        return Said("107", tell("a declared element"), text)
    if reason.startswith("an empty 'choice'"):
        return Said(
            _DEFAULT_CODE,
            tell("nothing: the schema allows no content"),
            tell("The schema lets nothing stand in {name}.", name=name),
        )
    if reason == "schemaLocation declaration after namespace start":
        text = tell(
            "{name} names a schema for a namespace that is in use already; remove xsi:schemaLocation.", name=name
        )
        return Said("109", tell("no xsi:schemaLocation"), text)
    said = content.nil_fault(element.tag, reason) or _of_type(name, element.tag, reason) or _of_identity(name, reason)
    if said is not None:
        return said
    text = tell(
        "{name} breaks the schema in a way that has no name of its own; compare it with its declaration.", name=name
    )
    return Said(_DEFAULT_CODE, tell("what the schema declares for {name}", name=name), text)


def say(
    error: Any, root: Any, attribute: str | None, roots: Sequence[str], count: Callable[[Any, str], int]
) -> tuple[Any, Said]:
    """Return the element that one error of xmlschema is about, in the document below ``root``, and what to say of it.

    ``attribute``: the attribute that was looked at; ``roots``: the elements (Clark names) that a document may begin
    with; ``count`` tells how many children of an element have a name.
    """
    element: Any = error.elem if error.elem is not None else root
    reason = str(error.reason or "")
    if hasattr(error, "particle"):
        return _children(error, count)
    if reason.endswith("is not an element of the schema"):
        return element, content.no_root(element.tag, roots)
    said = attribute_fault(error, element.tag, element.attrib, attribute)
    if said is not None:
        return element, said
    if reason.startswith("character data"):
        texts = ((one or "").strip(" \t\r\n") for one in (element.text, *(child.tail for child in element)))
        text = next((one for one in texts if one), None)
        empty = not any(True for _ in getattr(error.validator, "iter_elements", lambda: ("?",))())
        return element, content.no_text(element.tag, text, empty or "content is empty" in reason)
    if reason.startswith("a simple content element"):
        return element, content.no_children(element.tag)
    if isinstance(error.obj, ElementTree.Element) or _ID_REFERENCE.match(reason):
        return element, _of_element(error, element, reason)
    value = element.text or ""
    return element, Said(*value_words(error, local(element.tag), value), value)


__all__ = ["Said", "attribute_fault", "in_namespace", "local", "names", "say", "shown"]
