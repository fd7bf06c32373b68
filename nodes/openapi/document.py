"""The description of a node's HTTP API (OpenAPI 3.1): its calls and schemas, every error, and examples.

The examples are what a node really answered: ``python -m scenarios.reference docs/reference`` asks one and writes them
to ``examples.json``, signed with keys that anybody has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nodes.api.problems import Problem
from nodes.openapi.calls import calls
from nodes.openapi.parts import TEXT, ref, schemas

EXAMPLES = Path(__file__).with_name("examples.json")
"""``calls``: by call (``GET /cases``) its ``parameters``, ``request``, answers by status. ``problems``: by status."""
STATUSES: Mapping[str, str] = {
    "400": "cannot be read: a parameter, a header, or the body",
    "401": "who calls is not proven: no credential or signature, or one that does not hold or is too old",
    "403": "who calls may not do this",
    "404": "not here, or not for this caller to see",
    "408": "the body did not come in time",
    "409": "it contradicts what is here already",
    "411": "Content-Length is missing",
    "413": "too large",
    "415": "of another content type, or with a Content-Encoding",
    "416": "no such range",
    "422": "what was sent is not valid, or not what it says",
    "429": "this caller asks too often; Retry-After says when to come again",
    "500": "the node failed; its log says why",
    "503": "not now: Retry-After says when to come again",
    "504": "a partner could not be reached for as long as time may stand still",
}
ABOUT = (
    "What partners, traders, posts and operators ask of one customs service. Messages are XML under a detached JWS; "
    "reads and orders carry a credential, and each reader sees what it may know. Every error is "
    "application/problem+json (RFC 9457); an unknown path is answered 404, another method 405 with Allow. Stepped "
    "nodes, whose time is told, say in Pix-Next-Due of every answer when they have something to do next. Examples come "
    "from a simulated consignment and are signed with the demo trust, whose keys anybody has."
)


@cache
def _examples() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    except FileNotFoundError:  # while they are made for the first time
        found = {"calls": {}, "problems": {}}
    return found


def _problem(status: str, text: str) -> dict[str, Any]:
    """Return the response for an error of ``status``."""
    failed = Problem(500, "internal", "the node failed on this request; its log says why")
    example = failed.as_json() if status == "500" else _examples()["problems"].get(status)
    body = {"schema": ref("Problem")} | ({} if example is None else {"example": example})
    found: dict[str, Any] = {"description": text, "content": {"application/problem+json": body}}
    if status in ("429", "503"):
        found["headers"] = {"Retry-After": {"description": "seconds", "schema": TEXT}}
    if status == "401":
        found["headers"] = {"WWW-Authenticate": {"description": "the scheme: Pix", "schema": TEXT}}
    return found


def _whole(call: dict[str, Any], known: Mapping[str, Any]) -> None:
    """Put the problems of its statuses, and the examples ``known``, into ``call``."""
    answers: dict[str, Any] = call["responses"]
    for status in ("400", "500", "503"):
        answers.setdefault(status, {"$ref": ""})
    for status, answer in answers.items():
        if "$ref" in answer:
            answers[status] = answer | {"$ref": f"#/components/responses/{status}"}
        elif status in known:
            answers[status] = _shown(answer, known[status])
    call["responses"] = dict(sorted(answers.items()))
    if "request" in known:
        call["requestBody"] = _shown(call["requestBody"], known["request"])
    for parameter in call.get("parameters", ()):
        if parameter["name"] in known.get("parameters", {}):
            parameter["example"] = known["parameters"][parameter["name"]]


def _shown(part: dict[str, Any], example: Any) -> dict[str, Any]:
    """Return a body or an answer with its example."""
    return part | {"content": {kind: of | {"example": example} for kind, of in part["content"].items()}}


def describe(country: str, *, stepped: bool) -> dict[str, Any]:
    """Return the OpenAPI document of the node of ``country``; ``POST /time`` is there only if it is stepped, and
    ``POST /batches`` only if it is not."""
    try:
        release = version("customs-corridor")
    except PackageNotFoundError:
        release = "0"
    paths = calls(stepped=stepped)
    for path, methods in paths.items():
        for method, call in methods.items():
            _whole(call, _examples()["calls"].get(f"{method.upper()} {path}", {}))
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Corridor node {country}", "version": release, "description": ABOUT},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "credential": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "Pix <compact JWS with method, path, iat; if given: node, sha256 of the body>",
                }
            },
            "schemas": schemas(),
            "responses": {status: _problem(status, text) for status, text in STATUSES.items()},
        },
    }


__all__ = ["EXAMPLES", "describe"]
