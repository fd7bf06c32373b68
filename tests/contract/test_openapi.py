"""The description of a node's API: valid OpenAPI 3.1, every call with schemas, errors and examples, and these true."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from exchange.batches import read_batch
from exchange.signatures import verify_bytes
from exchange.validation import validate
from nodes.openapi import EXAMPLES, describe
from scenarios.live.demo_trust import DemoMembers
from scenarios.reference.examples import examples_text

BOTH = {stepped: describe("KZ", stepped=stepped) for stepped in (True, False)}
BARE = {"GET /openapi.json", "GET /images/{sha256}"}
"""Calls whose answers have no example: this document, and images."""


def _closed(part: Any) -> Any:
    """Return a schema, or a document with schemas, in which no object may have keys that are not described."""
    if isinstance(part, dict):
        shut = {key: _closed(value) for key, value in part.items()}
        return shut | {"additionalProperties": False} if "properties" in part and "required" in part else shut
    return [_closed(value) for value in part] if isinstance(part, list) else part


def _contents(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield where it stands, content type and content, of every body and every answer."""
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            name = f"{method.upper()} {path}"
            for kind, content in call.get("requestBody", {}).get("content", {}).items():
                yield f"{name} body", kind, content
            for status, answer in call["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    yield f"{name} {status}", kind, content
    for status, answer in document["components"]["responses"].items():
        for kind, content in answer["content"].items():
            yield f"error {status}", kind, content


@pytest.mark.parametrize("stepped", [True, False])
def test_the_document_is_openapi_3_1_and_every_reference_leads_somewhere(stepped: bool) -> None:
    document = BOTH[stepped]
    jsonschema.Draft202012Validator(OPENAPI_31).validate(document)
    for reference in _references(document):
        found: Any = document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        assert found
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


@pytest.mark.parametrize("stepped", [True, False])
def test_every_call_has_its_errors_and_every_body_and_answer_a_schema_and_an_example_that_fits(stepped: bool) -> None:
    document = BOTH[stepped]
    shut = _closed(copy.deepcopy({"components": document["components"]}))
    seen = 0
    for where, kind, content in _contents(document):
        schema = content["schema"]
        assert schema not in ({}, {"type": "object"}) or where.startswith("GET /openapi.json"), where
        if kind.startswith("image/") or where.rsplit(" ", 1)[0] in BARE:
            continue
        example = content["example"]
        jsonschema.Draft202012Validator(_closed(copy.deepcopy(schema)) | shut).validate(example)
        seen += 1
    assert seen > 35
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            assert call["summary"] and {"400", "500", "503"} <= set(call["responses"]), (method, path)


def test_the_examples_are_what_a_node_answers_now() -> None:
    stored = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    assert json.loads(examples_text()) == stored, "run: python -m scenarios.reference docs/reference"


def test_the_example_message_is_valid_and_its_signature_holds() -> None:
    call = BOTH[True]["paths"]["/messages"]["post"]
    data = call["requestBody"]["content"]["application/xml"]["example"].encode()
    signature = next(one["example"] for one in call["parameters"] if one["name"] == "Pix-Signature")
    assert validate(data).valid
    signed = verify_bytes(signature, data, DemoMembers().finder(datetime.now(UTC)))
    assert signed.kid == "demo-KZ.99101"
    answer = call["responses"]["202"]["content"]["application/json"]["example"]["replies"][0]
    assert validate(answer["message"].encode()).valid
    assert verify_bytes(answer["signature"], answer["message"].encode(), DemoMembers().finder(signed.iat)).kid
    batch = BOTH[False]["paths"]["/batches"]["post"]["requestBody"]["content"]
    [part] = read_batch(next(iter(batch.values()))["example"].encode(), 10)
    assert part.data == data and part.signature == signature
