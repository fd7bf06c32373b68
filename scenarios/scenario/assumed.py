"""What a scenario assumes of agreements: a status, with the dates from and until which an agreement is in force.

In a file it is a text, ``in force from 2018-01-01``, or a mapping, ``{status: in force, from: 2018-01-01}``.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from copy import deepcopy
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, StrictStr, WithJsonSchema

from exchange.agreements import IN_FORCE, Assumption, UnknownAgreement, statuses

_KEYS = ("status", "from", "until")
_DATE = {"type": "string", "format": "date"}
_STATUS: dict[str, Any] = {
    "anyOf": [
        {
            "type": "string",
            "pattern": rf"^({'|'.join(statuses())})( from \d{{4}}-\d\d-\d\d)?( until \d{{4}}-\d\d-\d\d)?$",
        },
        {
            "type": "object",
            "properties": {"status": {"enum": list(statuses())}, "from": _DATE, "until": _DATE},
            "required": ["status"],
            "additionalProperties": False,
        },
    ]
}


def status_text(value: object) -> str:
    """Return what a file says of an agreement as one text; raise ValueError for what is no status or date."""
    text = _joined(value) if isinstance(value, Mapping) else value
    if not isinstance(text, str):
        raise ValueError(f"must be a status, as 'signed', or a mapping of {', '.join(_KEYS)}")
    try:
        assumed = Assumption.of(text)
    except UnknownAgreement as error:
        raise ValueError(str(error)) from None
    return str(assumed)


def _joined(value: Mapping[Any, Any]) -> str:
    strange = [str(key) for key in value if key not in _KEYS]
    if strange or "status" not in value:
        raise ValueError(
            f"{', '.join(strange)}: unknown, a status has {', '.join(_KEYS)}" if strange else "has no status: add it"
        )
    words = []
    for key in _KEYS:
        part = value.get(key)
        if isinstance(part, date) and not isinstance(part, datetime):
            part = part.isoformat()
        if part is None and key != "status":
            continue
        if not isinstance(part, str):
            raise ValueError(f"{key}: {part!r} is no {'status' if key == 'status' else 'date: write it as 2018-01-01'}")
        words.append(part if key == "status" else f"{key} {part}")
    return " ".join(words)


def _what_if(value: object) -> object:
    if isinstance(value, Mapping):
        said = {}
        for agreement, given in value.items():
            try:
                said[agreement] = status_text(given)
            except ValueError as error:
                raise ValueError(f"{agreement}: {error}") from None
        return said
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError("must be a list of agreements, or a mapping of agreement to status")
    return value


def suppose(tree: MutableMapping[str, Any], agreement: str, status: str) -> bool:
    """Let a scenario (as its file has it) assume ``status`` of an agreement where its list ``what_if`` only names some.

    It changes the arms that have the agreement in force; if no arm names it, all but the baseline, and the list names
    it. Return False, and do nothing, where ``what_if`` is a mapping or the file has no arms.
    """
    named, arms = tree.get("what_if"), tree.get("arms")
    if not isinstance(named, list) or not isinstance(arms, MutableMapping):
        return False
    said = {arm: statuses[agreement] for arm, statuses in arms.items() if agreement in (statuses or {})}
    chosen = [arm for arm, given in said.items() if _in_force(given)] if said else [arm for arm in arms if arm != FIRST]
    tree["arms"] = arms = deepcopy(arms)  # the tree may be read again for another run
    for arm in chosen:
        arms[arm][agreement] = status
    if agreement not in named:
        tree["what_if"] = [*named, agreement]
    return True


FIRST = "baseline"
"""The arm in which nothing is exchanged between customs territories."""


def _in_force(given: object) -> bool:
    text = given.get("status") if isinstance(given, Mapping) else given
    return isinstance(text, str) and text.startswith(IN_FORCE)


AssumedStatus = Annotated[StrictStr, BeforeValidator(status_text), WithJsonSchema(_STATUS)]
"""A status that a scenario assumes, with dates."""
WhatIf = Annotated[
    tuple[StrictStr, ...] | Mapping[StrictStr, StrictStr],
    BeforeValidator(_what_if),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": _STATUS},
            ]
        }
    ),
]
"""Agreements that a scenario assumes otherwise than they are: a list of those that its arms name, or a mapping that
holds in every arm that does not name the agreement itself."""

__all__ = ["AssumedStatus", "WhatIf", "status_text", "suppose"]
