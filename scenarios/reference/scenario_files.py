"""The page of the scenario format, from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.reference.words import plain, table
from scenarios.scenario.figures import Figure
from scenarios.scenario.schema import schema_text

_STATED = "a figure: `is`, `mark`, `source`"


def scenario_page(written: str) -> str:
    """Return the page: every part of a scenario file with its keys."""
    schema = json.loads(schema_text())
    parts = [
        f"# Scenario files\n\n{written}\n\n"
        "A scenario is one YAML file. Editors complete and check it by the JSON Schema `scenario.schema.json`, which "
        "lies beside the files that come with Corridor (`scenarios/files`); every one names it in its first line. "
        "`corridor new scenario NAME` writes a commented one that runs, and the schema beside it.",
        _section("A scenario", schema, schema),
    ]
    figures = _figure_kinds()
    for name, part in sorted(schema["$defs"].items()):
        if part.get("type") == "object" and "properties" in part and name not in figures:
            parts.append(_section(name, part, schema))
    rows: list[tuple[object, ...]] = [
        (name, units) for name, units in sorted(figures.items()) if units and name in schema["$defs"]
    ]
    parts.append("## Figures\n\nA figure is `{is: …, mark: verified | recalled | designed, source: …}`.")
    parts.append(table(("figure", "what `is` holds"), rows))
    return "\n\n".join(parts) + "\n"


def _figure_kinds() -> dict[str, str]:
    """Return the name of every kind of figure with its units."""

    def below(kind: type[Figure]) -> Iterator[type[Figure]]:
        yield kind
        for one in kind.__subclasses__():
            yield from below(one)

    return {kind.__name__: str(getattr(kind, "UNITS", "")) for kind in below(Figure)}


def _section(title: str, part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    required = set(part.get("required", ()))
    rows: list[tuple[object, ...]] = [
        (f"`{key}`", _type(value, schema), "yes" if key in required else "no", value.get("description", ""))
        for key, value in part["properties"].items()
    ]
    text = plain(part.get("description", ""))
    return "\n\n".join(
        one for one in (f"## {title}", text, table(("key", "value", "required", "what it is"), rows)) if one
    )


def _type(value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in value:
        name = str(value["$ref"]).rpartition("/")[2]
        return f"{name} ({_STATED})" if name in _figure_kinds() else name
    for several in ("anyOf", "oneOf", "allOf"):
        if several in value:
            kinds = [_type(one, schema) for one in value[several] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    kind = value.get("type")
    if kind == "array":
        return f"list of {_type(value.get('items', {}), schema)}"
    if kind == "object":
        more = value.get("additionalProperties")
        return f"mapping to {_type(more, schema)}" if isinstance(more, Mapping) else "mapping"
    if isinstance(kind, list):
        return " or ".join(kind)
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no"}.get(
        str(kind), "anything"
    )


__all__ = ["scenario_page"]
