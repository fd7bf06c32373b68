"""The JSON Schema of scenario files, for editors; ``scenarios/files/scenario.schema.json`` is its text."""

from __future__ import annotations

import json
from typing import Any

from scenarios.scenario.model import Scenario
from scenarios.scenario.services import services_schema
from scenarios.scenario.template import LIKE, TEMPLATE, template_names

SCHEMA = "scenario.schema.json"
"""The file of the schema, beside the scenario files that come with Corridor; the first line of each names it."""
TITLE = "Corridor scenario file"


def schema_text() -> str:
    """Return the JSON Schema of scenario files as the text of ``scenarios/files/scenario.schema.json``."""
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = TITLE
    services_schema(schema)
    schema["properties"][TEMPLATE] = {
        "enum": list(template_names()),
        "description": "What mappings that say 'like' take from; see scenarios/templates.",
    }
    for part in schema["$defs"].values():
        _may_be_like(part)
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _may_be_like(part: dict[str, Any]) -> None:
    """Let a mapping of the file say what part of the template it is like, instead of what it must have otherwise."""
    required = part.get("required")
    if part.get("type") != "object" or required is None or "is" in required:
        return
    del part["required"]
    part["anyOf"] = [{"required": required}, {"required": [LIKE]}]
    part["properties"][LIKE] = {"type": "string", "description": "A part of the template."}


__all__ = ["SCHEMA", "TITLE", "schema_text"]
