"""Names and values as a person reads them, and what is said of one fault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

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
    if value is None or len(value) <= _LONGEST_VALUE:
        return value
    return value[: _LONGEST_VALUE - 1] + "…"


def names(found: Sequence[str], last: str = "or") -> str:
    """Return some names in words; of very many only the first."""
    if len(found) > _MOST_NAMES:
        return ", ".join(found[:_MOST_NAMES]) + f" or one of {len(found) - _MOST_NAMES} more"
    return f" {last} ".join(found)


def namespace(tag: str) -> str:
    """Return the namespace of a Clark name, empty for none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def in_namespace(tag: str) -> str:
    """Return the namespace of a Clark name in words."""
    return f"the namespace {namespace(tag)}" if namespace(tag) else "no namespace"


def meaning(component: Any) -> str | None:
    """Return the first documentation of a schema component."""
    annotation = getattr(component, "annotation", None)
    for entry in annotation.documentation if annotation is not None else ():
        if entry.text:
            return " ".join(str(entry.text).split())
    return None


__all__ = ["Said", "in_namespace", "local", "meaning", "names", "namespace", "shown"]
