"""The page of a node's HTTP API, from the description that every node serves as ``/openapi.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodes.openapi import describe
from scenarios.reference.words import plain, table

_METHODS = ("get", "post", "put", "delete")


def api_page(written: str) -> str:
    """Return the page: every call with parameters and answers."""
    document = describe("KZ", stepped=True)
    info = document["info"]
    parts = [
        f"# HTTP API of a node\n\n{written}\n\n{plain(info.get('description', ''))}",
        "The same as a program reads it: `GET /openapi.json`. Errors are `application/problem+json` (RFC 9457) with a "
        "list `errors`; 429 and 503 carry `Retry-After`.",
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
    answers: list[tuple[object, ...]] = []
    for status, answer in call["responses"].items():
        found = _resolved(document, answer)
        kinds = ", ".join(f"`{kind}`" for kind in found.get("content", {})) or "–"
        answers.append((status, found.get("description", ""), kinds))
    parts.append(table(("status", "when", "content"), answers))
    return "\n\n".join(part for part in parts if part)


def _resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = part.get("$ref")
    if reference is None:
        return part
    found: Any = document
    for name in str(reference).removeprefix("#/").split("/"):
        found = found[name]
    return _resolved(document, found)


__all__ = ["api_page"]
