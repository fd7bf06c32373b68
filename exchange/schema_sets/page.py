"""The reference of a set of schemas as one HTML file: no network, no other file, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

import schemas
from exchange.codec import shapes
from exchange.messages import CATALOGUE, NAMESPACE, ROOTS, PixModel
from exchange.schema_sets.describe import TypeDescription, describe
from exchange.schema_sets.reading import SchemaSet
from exchange.validation.codelists import governing

_KINDS = (
    ("message", "Messages", "message"),
    ("group", "Groups of elements", "group of elements"),
    ("value", "Values", "kind of value"),
)
"""Kind, heading of its part, one of it in words."""


def _counted(number: int, words: str) -> str:
    """Return ``number`` with ``words``, in the plural where it takes one."""
    first, _, rest = words.partition(" ")
    return f"{number} {first}{'' if number == 1 else 's'}{' ' if rest else ''}{rest}"


def _ticked(text: str) -> Markup:
    """Return ``text`` as HTML with what stands between backticks as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _models(cls: type[PixModel], seen: set[type[PixModel]]) -> Iterator[type[PixModel]]:
    if cls not in seen:
        seen.add(cls)
        yield cls
        for shape in shapes(cls):
            if issubclass(shape.value_type, PixModel):
                yield from _models(shape.value_type, seen)


def _lists_by_field() -> dict[tuple[str, str], str]:
    """Return the code list of each field of our own set, by (type, element)."""
    seen: set[type[PixModel]] = set()
    found: dict[tuple[str, str], str] = {}
    for message in CATALOGUE.values():
        for cls in _models(message, seen):
            for shape in shapes(cls):
                name = governing(cls, shape.name)
                if name is not None and not issubclass(shape.value_type, PixModel):
                    found[cls.__name__, shape.element] = name
    return found


def _code_lists(used: set[str]) -> list[dict[str, Any]]:
    """Return the code lists in ``used`` with their rows, for the page."""
    listed = []
    for name, entry in schemas.code_lists().items():
        if name in used:
            rows = [dict(row) for row in schemas.code_list(name)]
            listed.append({"name": name, "entry": dict(entry), "columns": list(rows[0]), "rows": rows})
    return listed


def _users(types: list[TypeDescription]) -> dict[str, list[str]]:
    """Return by name of a type the names of those that use it."""
    found: dict[str, dict[str, None]] = {}
    for one in types:
        for row in one.rows:
            if row.type_name:
                found.setdefault(row.type_name, {})[one.name] = None
        if one.base:
            found.setdefault(one.base, {})[one.name] = None
    return {name: list(users) for name, users in found.items()}


def reference_page(given: SchemaSet) -> str:
    """Return the reference of ``given`` as one HTML document that needs nothing else.

    For our own set it names the codes of the messages and holds the code lists.
    """
    types = describe(given)
    own = any(tag.startswith(f"{{{NAMESPACE}}}") for tag in given.roots)
    lists = _lists_by_field() if own else {}
    known = {one.name for one in types}
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["ticked"] = _ticked
    text = resources.files(__package__).joinpath("reference.html.j2").read_text(encoding="utf-8")
    return environment.from_string(text).render(
        title=given.name,
        namespaces=sorted(
            {tag[1:].partition("}")[0] if tag.startswith("{") else "no namespace" for tag in given.roots}
        ),
        kinds=[(kind, heading, [one for one in types if one.kind == kind]) for kind, heading, _ in _KINDS],
        counts=[
            _counted(number, words)
            for kind, _, words in _KINDS
            if (number := sum(1 for one in types if one.kind == kind))
        ],
        titles={name: entry["title"] for name, entry in schemas.code_lists().items()},
        codes={name: (cls.CODE, cls.NAME) for name, cls in ROOTS.items()} if own else {},
        lists=lists,
        code_lists=_code_lists(set(lists.values())),
        users=_users(types),
        known=known,
    )


__all__ = ["reference_page"]
