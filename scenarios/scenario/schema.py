"""The JSON Schema of scenario files, for editors; ``docs/scenario.schema.json`` is its text."""

from __future__ import annotations

import json

from scenarios.scenario.model import Scenario


def schema_text() -> str:
    """Return the JSON Schema of scenario files as the text of ``docs/scenario.schema.json``."""
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Corridor scenario file"
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


__all__ = ["schema_text"]
