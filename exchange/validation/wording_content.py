"""The words for what is wrong with the children of an element: strangers, the missing, the misplaced."""

from __future__ import annotations

from collections.abc import Sequence

from exchange.sentences import join, tell
from exchange.validation.wording_names import Said, in_namespace, local, names, namespace


def _listed(tags: Sequence[str]) -> str:
    return names(list(dict.fromkeys(local(tag) for tag in tags)))


def stranger(tag: str, parent: str, expected: Sequence[str], known: Sequence[str]) -> Said:
    """Say that the element ``tag`` is none of its parent's. ``expected``: what may come there; ``known``: all elements
    of the parent."""
    name = local(tag)
    twins = [one for one in (*expected, *known) if local(one) == name and namespace(one) != namespace(tag)]
    if twins:
        words: str = tell("{name} in {twins}", name=name, twins=in_namespace(twins[0]))
        return Said("107", words, tell("{name} is in another namespace; {words} belongs here.", name=name, words=words))
    words = _listed(expected) or tell("nothing more in {parent}", parent=local(parent))
    return Said(
        "107",
        words,
        tell("{name} is no element of {parent}; expected {words}.", name=name, parent=local(parent), words=words),
    )


def too_late(tag: str, parent: str, twice: bool, before: str | None = None) -> Said:
    """Say that an element stands once too often (``twice``), or after the element ``before``, which must follow it."""
    name = local(tag)
    if twice or before == tag:
        return Said(
            "107",
            tell("no {name} here", name=name),
            tell("{name} stands once too often in {parent}.", name=name, parent=local(parent)),
        )
    belongs = tell("; it belongs before {before}", before=local(before)) if before else ""
    return Said(
        "107",
        tell("no {name} here", name=name),
        tell("{name} stands too late in {parent}{belongs}.", name=name, parent=local(parent), belongs=belongs),
    )


def misplaced(tag: str, parent: str, first: Sequence[str]) -> Said:
    """Say that an element stands before one that must precede it and follows later."""
    words = _listed(first)
    return Said(
        "107",
        words,
        tell(
            "{tag} stands in the wrong place in {parent}: {words} comes first.",
            tag=local(tag),
            parent=local(parent),
            words=words,
        ),
    )


def missing_before(tag: str, parent: str, missing: Sequence[str]) -> Said:
    """Say that one of ``missing`` had to stand before the element ``tag``."""
    words = _listed(missing) or tell("another element")
    return Said(
        "101",
        words,
        tell("{words} is missing in {parent} before {tag}.", words=words, parent=local(parent), tag=local(tag)),
    )


def incomplete(parent: str, missing: Sequence[str]) -> Said:
    """Say that one of ``missing`` had to stand at the end of ``parent``."""
    words = _listed(missing) or tell("another element")
    return Said(
        "101",
        words,
        tell("{parent} is not complete: {words} is missing at its end.", parent=local(parent), words=words),
    )


def no_children(name: str) -> Said:
    """Say that an element with a value holds elements."""
    return Said("107", tell("text only"), tell("{name} takes text, not elements.", name=local(name)))


def no_text(name: str, text: str | None, empty: bool) -> Said:
    """Say that an element of elements, or one that stands empty, holds text."""
    if empty:
        return Said("100", tell("nothing"), tell("{name} stands empty; it takes no text.", name=local(name)), text)
    return Said(
        "100", tell("elements only"), tell("{name} takes elements, not text of its own.", name=local(name)), text
    )


def no_root(tag: str, roots: Sequence[str]) -> Said:
    """Say that a document begins with an element that is none of ``roots``."""
    spaces = sorted({in_namespace(one) for one in roots})
    listed = join([local(one) for one in roots[:60]]) if roots else tell("none: the schema allows no document")
    several = tell("one of {listed}", listed=listed) if len(roots) > 1 else listed
    expected = tell("{several} in {spaces}", several=several, spaces=names(spaces))
    return Said(
        "ROOT",
        expected,
        tell("The root element {tag} is no message of the set; expected {expected}.", tag=tag, expected=expected),
        tag,
    )


def fixed_value(name: str, fixed: str, value: str) -> Said:
    """Say that an element has another value than the only one it may have."""
    return Said(
        "106",
        fixed,
        tell("{name} always has the value '{fixed}', not '{value}'.", name=local(name), fixed=fixed, value=value[:100]),
        value,
    )


def no_other_type(name: str) -> Said:
    """Say that a document of our own set names another type for an element."""
    text = tell("{name} names another type with xsi:type; remove that attribute.", name=local(name))
    return Said("109", tell("no xsi:type"), text, shown_at="{http://www.w3.org/2001/XMLSchema-instance}type")


def unknown_type(name: str, given: str) -> Said:
    """Say that an element names a type that there is not."""
    text = tell(
        "{name} names the type {given} with xsi:type, which the schema does not have.",
        name=local(name),
        given=given[:100],
    )
    return Said("109", tell("a type of the schema"), text, shown_at="{http://www.w3.org/2001/XMLSchema-instance}type")


def nil_fault(name: str, reason: str) -> Said | None:
    """Say what is wrong with xsi:nil, if ``reason`` (xmlschema's) speaks of it."""
    name, nil = local(name), "{http://www.w3.org/2001/XMLSchema-instance}nil"
    if reason == "element is not nillable":
        return Said("109", tell("no xsi:nil"), tell("{name} may not be nil; remove xsi:nil.", name=name), shown_at=nil)
    if reason == "xsi:nil attribute must have a boolean value":
        return Said(
            "109", tell("true or false"), tell("xsi:nil of {name} is neither true nor false.", name=name), shown_at=nil
        )
    if reason == "xsi:nil='true' but the element has a fixed value":
        return Said(
            "109",
            tell("no xsi:nil"),
            tell("{name} always has one value and cannot be nil; remove xsi:nil.", name=name),
            shown_at=nil,
        )
    if reason == "xsi:nil='true' but the element is not empty":
        return Said(
            "109",
            tell("nothing in it"),
            tell("{name} is nil and yet not empty; empty it or remove xsi:nil.", name=name),
            shown_at=nil,
        )
    return None


__all__ = [
    "fixed_value",
    "incomplete",
    "misplaced",
    "missing_before",
    "nil_fault",
    "no_children",
    "no_other_type",
    "no_root",
    "no_text",
    "stranger",
    "too_late",
    "unknown_type",
]
