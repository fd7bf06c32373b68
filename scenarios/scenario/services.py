"""The services of a scenario: which countries have one, and which of them run elsewhere.

In a file ``services`` is a list of countries, or a mapping that says of some of them where they run::

    services: [CN, KZ, RU, FI]
    services: {KZ: {url: "http://127.0.0.1:8700", time_limit: "10 s"}}

The mapping needs to name only those that run elsewhere; the others are those that have an office. Where a service runs
is no part of what a scenario says of the world: it does not change the scenario's digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr

from scenarios.scenario.figures import Strict

TIME_LIMIT = 30.0
"""Wall seconds for which a run waits for one answer of a service elsewhere that has no ``time_limit`` of its own."""
ELSEWHERE = "elsewhere"
"""The field of a scenario that holds what the mapping says."""
_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}


def wall_seconds(value: object) -> object:
    """Return a span of wall time as seconds: a number, or a text such as ``10 s``, ``2 min``, ``1 h``."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    number, _, unit = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    try:
        return float(number) * _UNITS[unit.strip()]
    except (ValueError, KeyError):
        raise ValueError(f'{value!r} is no span of time: write "10 s", "2 min" or "1 h"') from None


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is no address: write it as http://127.0.0.1:8700 or https://…")
    return value.rstrip("/")


WallSeconds = Annotated[float, BeforeValidator(wall_seconds), Field(gt=0, le=86_400)]
"""A span of wall time in seconds, a day at most."""


class SigningKey(Strict):
    """A public key of a service, as ``members.yaml`` has it."""

    kid: StrictStr = Field(min_length=1, description="Its id.")
    x: StrictStr = Field(min_length=1, description="The Ed25519 key itself, in base64url.")


class Elsewhere(Strict):
    """A service that somebody else runs, in the place of a country."""

    url: Annotated[StrictStr, AfterValidator(_url)] = Field(description="Where its node is reached.")
    keys: tuple[SigningKey, ...] = Field(
        default=(), description="With which keys it signs, in place of those that the members file has for it."
    )
    time_limit: WallSeconds = Field(
        default=TIME_LIMIT,
        description='Wall time for which a run waits for one of its answers, as "10 s"; then the run ends.',
        json_schema_extra={"type": ["string", "number"]},
    )


def split(given: Any) -> Any:
    """Return the content of a file with ``services`` as a list, and what its mapping says of some beside it."""
    if not isinstance(given, Mapping) or not isinstance(named := given.get("services"), Mapping):
        return given
    offices = given.get("offices")
    owners = [office.get("country") for office in offices.values() if isinstance(office, Mapping)] if offices else []
    countries = dict.fromkeys([*(one for one in owners if isinstance(one, str)), *named])
    said = {country: about for country, about in named.items() if about}
    return {**given, "services": list(countries), ELSEWHERE: said}


def as_mapping(tree: dict[str, Any]) -> None:
    """Turn the list ``services`` of a scenario (as its file has it) into a mapping, so that more can be said."""
    if isinstance(named := tree.get("services"), list):
        tree["services"] = type(tree)(**dict.fromkeys(named))


def settle(tree: dict[str, Any], path: list[str], text: Any) -> bool:
    """Let a scenario (as its file has it) have the service ``path[1]`` elsewhere: ``path[2]`` is what is said of it.

    Return False, and do nothing, if ``path`` is not ``services.<country>.<key>``, or the file has no services.
    """
    if len(path) != 3 or path[0] != "services" or path[1].isdigit() or "services" not in tree:
        return False
    old = tree["services"]
    tree["services"] = named = type(tree)(**(old if isinstance(old, Mapping) else dict.fromkeys(old)))
    about = named.get(path[1])
    named[path[1]] = {**(about if isinstance(about, Mapping) else {}), path[2]: text}
    return True


def services_schema(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of scenario files say that ``services`` is a list, or a mapping."""
    properties = schema["properties"]
    del properties[ELSEWHERE]
    listed = properties["services"]
    said = [{"$ref": f"#/$defs/{Elsewhere.__name__}"}, {"type": "null"}, {"type": "object", "maxProperties": 0}]
    mapping = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": listed["items"],
        "additionalProperties": {"anyOf": said},
    }
    title = listed.pop("title", None)
    properties["services"] = {
        "anyOf": [listed, mapping],
        "description": "Countries with a service; or a mapping, country → where somebody else runs it.",
        **({"title": title} if title else {}),
    }


__all__ = [
    "ELSEWHERE",
    "TIME_LIMIT",
    "Elsewhere",
    "SigningKey",
    "WallSeconds",
    "as_mapping",
    "services_schema",
    "settle",
    "split",
    "wall_seconds",
]
