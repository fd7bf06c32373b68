"""The page of a node's HTTP API, from the description that every node serves as ``/openapi.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nodes.openapi import describe
from scenarios.reference.words import plain, table

WIDTH, LONGEST = 116, 300
"""Characters of a line of an example, and of a text in it; the rest is in ``/openapi.json``."""
_METHODS = ("get", "post", "put", "delete")


def api_page(written: str) -> str:
    """Return the page: every call of stepped and of live nodes with parameters, answers and examples."""
    document = describe("KZ", stepped=True)
    document["paths"] = describe("KZ", stepped=False)["paths"] | document["paths"]
    info = document["info"]
    parts = [
        f"# HTTP API of a node\n\n{written}\n\n{plain(info.get('description', ''))}",
        "The same as a program reads it: `GET /openapi.json`. Errors are `application/problem+json` (RFC 9457) with a "
        "list `errors`; 429 and 503 carry `Retry-After`. Schemas of all parts are there, too.",
        f"An error, here 422:\n\n{_example(document['components']['responses']['422'])}",
    ]
    for path, calls in document["paths"].items():
        for method in _METHODS:
            if method in calls:
                parts.append(_call(document, path, method, calls[method]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _call(document: Mapping[str, Any], path: str, method: str, call: Mapping[str, Any]) -> str:
    parts = [f"## {method.upper()} {path}", plain(call.get("summary", "")), plain(call.get("description", ""))]
    parameters = [_resolved(document, one) for one in call.get("parameters", ())]
    if parameters:
        rows: list[tuple[object, ...]] = [
            (f"`{one['name']}`", one["in"], "yes" if one.get("required") else "no", one.get("description", ""))
            for one in parameters
        ]
        parts.append(table(("parameter", "in", "required", "what it is"), rows))
    body = call.get("requestBody")
    if body is not None:
        kinds = ", ".join(f"`{kind}`" for kind in _resolved(document, body)["content"])
        parts.append(f"Body: {kinds}. {_resolved(document, body).get('description', '')}".strip())
        parts.append(_example(_resolved(document, body)))
    answers: list[tuple[object, ...]] = []
    for status, answer in call["responses"].items():
        found = _resolved(document, answer)
        kinds = ", ".join(f"`{kind}`" for kind in found.get("content", {})) or "–"
        answers.append((status, found.get("description", ""), kinds))
    parts.append(table(("status", "when", "content"), answers))
    for status, answer in call["responses"].items():
        if status.startswith("2") and (shown := _example(answer)):
            parts.append(f"Example of {status}:\n\n{shown}")
    return "\n\n".join(part for part in parts if part)


def _resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = part.get("$ref")
    if reference is None:
        return part
    found: Any = document
    for name in str(reference).removeprefix("#/").split("/"):
        found = found[name]
    return {**_resolved(document, found), **{name: text for name, text in part.items() if name != "$ref"}}


def _example(part: Mapping[str, Any]) -> str:
    """Return the example of a body or an answer as a block, empty if it has none."""
    for kind, content in part.get("content", {}).items():
        if "example" in content:
            if kind.endswith("json"):
                return f"```json\n{_spread(content['example'])}\n```"
            return f"```{'xml' if kind.endswith('xml') else 'text'}\n{content['example'].rstrip()}\n```"
    return ""


def _spread(value: Any, indent: str = "") -> str:
    """Return ``value`` as JSON: in one line what fits there, else a line for each of its parts."""
    if isinstance(value, str) and len(value) > LONGEST:
        value = f"{value[:LONGEST]}…"
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, dict | list):
        return line
    deeper = f"{indent}  "
    if isinstance(value, dict):
        inside = [f"{deeper}{json.dumps(key)}: {_spread(part, deeper)}" for key, part in value.items()]
        return "{\n" + ",\n".join(inside) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{deeper}{_spread(part, deeper)}" for part in value) + f"\n{indent}]"


__all__ = ["api_page"]
