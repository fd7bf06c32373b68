"""What ``/openapi.json`` says is true of a live node, and no request made from it is answered 5xx.

schemathesis makes the requests, good ones and bad ones, with credentials and without.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from exchange.batches import CONTENT_TYPE
from exchange.receipts import credential
from nodes.openapi import describe
from tests.attack.target import KEYS, target
from tests.waiting import HANGS

schemathesis.serializer.alias(CONTENT_TYPE, "application/octet-stream")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PATHS = describe("KZ", stepped=False)["paths"]
CASES = [
    (f"{method.upper()} {path}", mode)
    for path, calls in sorted(PATHS.items())
    for method, call in calls.items()
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or ((call.get("parameters") or "requestBody" in call) and path != "/batches")
]
"""Good requests of every operation, and bad ones of all that take anything; of a batch any bytes are good ones."""
EXAMPLES = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


class Proven(requests.auth.AuthBase):
    """Proves every request: the operator's credential, or the post's signature over a message's bytes."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        now = datetime.now(UTC)
        body = request.body or b""
        data = body.encode() if isinstance(body, str) else bytes(body)
        if request.path_url == "/messages":
            request.headers["Pix-Signature"] = KEYS["KZ.99101"].sign_bytes(data, now)
        else:
            request.headers["Authorization"] = credential(
                KEYS["KZ.OPERATOR"], str(request.method), str(request.path_url), now, node="KZ"
            )
        return request


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Run a live node in a thread of its own; return its address."""
    started = threading.Event()
    found: list[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        done = asyncio.Event()
        async with target(stepped=False) as kz:
            found.append((kz.node.url, asyncio.get_running_loop(), done))
            started.set()
            await done.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(HANGS)
    address, loop, done = found[0]
    yield address
    loop.call_soon_threadsafe(done.set)
    thread.join(HANGS)


@pytest.mark.parametrize("proven", [False, True], ids=["unknown", "proven"])
@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_no_request_makes_the_node_fail_and_every_answer_is_as_described(
    url: str, operation: str, proven: bool, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(describe("KZ", stepped=False))
    schema.config.update(base_url=url)
    method, path = operation.split()
    statuses: set[int] = set()

    @EXAMPLES
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(auth=Proven() if proven else None, timeout=HANGS)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    ask()
    assert statuses and (not proven or 401 not in statuses), "whoever proves who it is, is known"
