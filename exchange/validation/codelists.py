"""The gate of code lists: every coded value is in its list.

Only closed lists are asked here (see ``schemas/codelists/index.csv``): an open list is an extract of a longer one,
so that a code outside it may be right. Enumerations of the schema are the schema's business; the lists that
say what their values mean stand in :data:`GOVERNED` all the same, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import schemas
from exchange.codec import shapes
from exchange.messages import Message, PixModel
from exchange.sentences import join, tell
from exchange.validation.rules import Break, Path

GOVERNED = {
    "country_code": "countries",
    "country_of_dispatch": "countries",
    "country_of_destination": "countries",
    "origin_country": "countries",
    "nationality": "countries",
    "currency_code": "currencies",
    "Packaging.kind": "package_kinds",
    "unlocode": "unlocodes",
    "office": "customs_offices",
    "departure_office": "customs_offices",
    "destination_office": "customs_offices",
    "transit_office": "customs_offices",
    "export_office": "customs_offices",
    "terms_of_delivery": "delivery_terms",
    "KnownMessage.message_type": "message_types",
    "control_result": "control_results",
    "result": "control_results",
    "RegistrationResult.result": None,
    "DataResponse.result": None,
    "form": "control_forms",
    "extent": "control_extents",
    "notification_type": "notification_types",
    "mode_code": "transport_modes",
    "identification_type": "means_types",
    "Seal.kind": "seal_kinds",
    "SealFound.state": "seal_states",
    "incident_code": "incident_codes",
    "TransportDocument.kind": "document_types",
    "role": "office_roles",
    "presentation": "presentations",
    "hs_code": "hs_chapters",
}
"""The code list of each field: by field name, or by class and field where the name alone would mislead."""

BY_RULE = frozenset({"hs_chapters"})
"""Lists that a rule asks and not this gate: chapters are the first two digits of a code (PIX-017)."""

SHORT = 16
"""A list with at most so many codes is told in full."""


def governing(cls: type[PixModel], field: str) -> str | None:
    """Return the name of the code list that governs ``field`` of ``cls``, or None."""
    key = f"{cls.__name__}.{field}"
    return GOVERNED[key] if key in GOVERNED else GOVERNED.get(field)


Plan = tuple[tuple[str, frozenset[str] | None, str, bool, "Plan"], ...]


@cache
def _plan(cls: type[PixModel]) -> Plan:
    """Return (field, codes or None where to look inside, name of the list, whether it repeats, plan of the inside)."""
    found: list[tuple[str, frozenset[str] | None, str, bool, Plan]] = []
    for shape in shapes(cls):
        if issubclass(shape.value_type, PixModel):
            inside = _plan(shape.value_type)
            if inside:
                found.append((shape.name, None, "", shape.repeats, inside))
            continue
        name = governing(cls, shape.name)
        if name is None or name in BY_RULE or _enumerated(cls, shape.name):
            continue
        if schemas.code_lists()[name]["closed"] != "yes":
            continue
        found.append((shape.name, schemas.codes(name), name, shape.repeats, ()))
    return tuple(found)


def _enumerated(cls: type[PixModel], field: str) -> bool:
    """Return whether the model, and with it the schema, lists the values of ``field`` itself."""
    return "Literal[" in str(cls.model_fields[field].annotation)


def _break(path: Path, value: str, name: str) -> Break:
    entry = schemas.code_lists()[name]
    text = tell(
        "{value} is not in the code list {name} ({title}).", value=value, name=name, title=entry["title"].lower()
    )
    return Break(path, value, expected(name), text)


def expected(name: str) -> str:
    """Return what the code list ``name`` allows, in words: its codes with their meaning if it is short."""
    rows = schemas.code_list(name)
    if len(rows) > SHORT:
        return tell("a code of the list {name} ({source})", name=name, source=schemas.code_lists()[name]["source"])
    return tell(
        "one of {words}",
        words=join([tell("{code} ({meaning})", code=row["code"], meaning=tell(meaning(row))) for row in rows]),
    )


def meaning(row: schemas.CodeListRow) -> str:
    """Return the meaning of a row of a code list."""
    return row.get("description") or row.get("name") or ""


def _all_listed(model: PixModel, plan: Plan) -> bool:
    """Return whether every coded value in ``model`` is in its list: quicker than to look for those that are not."""
    values = model.__dict__
    for field, known, _, repeats, inside in plan:
        value: Any = values[field]
        if value is None:
            continue
        if known is None:
            for entry in value if repeats else (value,):
                if not _all_listed(entry, inside):
                    return False
        elif not (known.issuperset(value) if repeats else value in known):
            return False
    return True


def _unlisted(model: PixModel, path: Path) -> Iterator[tuple[str, Break]]:
    values = model.__dict__
    for field, known, name, repeats, _ in _plan(type(model)):
        value: Any = values[field]
        if value is None:
            continue
        if known is None:
            if repeats:
                for index, entry in enumerate(value):
                    yield from _unlisted(entry, (*path, field, index))
            else:
                yield from _unlisted(value, (*path, field))
        elif repeats:
            for index, entry in enumerate(value):
                if entry not in known:
                    yield name, _break((*path, field, index), entry, name)
        elif value not in known:
            yield name, _break((*path, field), value, name)


def unlisted(message: Message) -> Iterator[tuple[str, Break]]:
    """Yield (name of the code list, break) for each value of ``message`` that its list does not know."""
    return iter(()) if _all_listed(message, _plan(type(message))) else _unlisted(message, ())


__all__ = ["BY_RULE", "GOVERNED", "SHORT", "expected", "governing", "meaning", "unlisted"]
