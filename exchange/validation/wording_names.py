"""Names and values as a person reads them, and what is said of one fault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from exchange.sentences import Sentence, cut, join, tell

_LONGEST_VALUE = 200
_MOST_NAMES = 12


class Said(NamedTuple):
    """What is said of one fault: code, expected, text, the value, the attribute (Clark name) that has the value if one
    has, and the attribute that should not be there, at which the fault is shown."""

    code: str
    expected: str | None
    text: str
    value: str | None = None
    attribute: str | None = None
    shown_at: str | None = None


def local(tag: str) -> str:
    """Return ``tag`` without its namespace."""
    return tag.rpartition("}")[2]


def shown(value: str | None) -> str | None:
    """Return ``value``, cut if it is long."""
    return None if value is None else cut(value, _LONGEST_VALUE)


def names(found: Sequence[str]) -> str:
    """Return some names in words; of very many only the first."""
    if len(found) > _MOST_NAMES:
        return tell("{names} or one of {count} more", names=join(found[:_MOST_NAMES]), count=len(found) - _MOST_NAMES)
    return found[0] if len(found) == 1 else join(found, " or ")


def namespace(tag: str) -> str:
    """Return the namespace of a Clark name, empty for none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def in_namespace(tag: str) -> str:
    """Return the namespace of a Clark name in words."""
    return tell("the namespace {name}", name=namespace(tag)) if namespace(tag) else tell("no namespace")


def meaning(component: Any) -> str | None:
    """Return the first documentation of a schema component."""
    annotation = getattr(component, "annotation", None)
    for entry in annotation.documentation if annotation is not None else ():
        if entry.text:
            text = " ".join(str(entry.text).split())
            return Sentence(text, text, {})
    return None


__all__ = ["Said", "in_namespace", "local", "meaning", "names", "namespace", "shown"]
