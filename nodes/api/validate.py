"""``POST /validate``: a verdict on any document, with the findings of ``corridor validate``; nothing is stored.

Open to callers on this machine; others need a credential. Bounded in size, in how many documents are judged at a time
and in how many wait; each is judged in a thread, so that other callers are not held up.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from exchange.http import XML
from exchange.validation import Verdict, validate
from nodes.api.problems import Problem, problems, unavailable

AT_ONCE = 2
"""Documents judged at a time."""
WAITING = 16
"""Documents that wait for that, each in memory; one more is answered 503."""
TYPES = (XML, "text/xml", "application/octet-stream")

Judge = Callable[[bytes, bool], Verdict]


def ours(data: bytes, rules: bool) -> Verdict:
    """Return the verdict by our own message set."""
    return validate(data, rules=rules)


def as_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain JSON, with the keys of one file in ``corridor validate --json``."""
    return {
        "valid": verdict.valid,
        "message": verdict.code,
        "version": verdict.version,
        "findings": [finding.as_json() for finding in verdict.findings],
        "total": verdict.total,
    }


class Validation:
    """Answers verdicts. ``size``: longest document in bytes; ``patience``: wall seconds within which a body must have
    come; ``credential`` refuses a caller from another machine who has none (without it all of those are refused)."""

    def __init__(
        self,
        *,
        size: int,
        patience: float,
        retry_after_seconds: int = 2,
        credential: Callable[[web.Request], object] | None = None,
        judge: Judge = ours,
    ) -> None:
        self._size = size
        self._patience = patience
        self._retry_after = retry_after_seconds
        self._credential = credential
        self._judge = judge
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._inside = 0

    async def post(self, request: web.Request) -> web.Response:
        """Answer 200 with the verdict, valid or not, or raise the :class:`Problem` that refuses the request."""
        self._known(request)
        rules = _rules(request)
        if self._inside >= AT_ONCE + WAITING:
            raise unavailable("too many documents wait to be validated", self._retry_after)
        self._inside += 1
        try:
            data = await self._body(request)
            async with self._turns:
                verdict = await asyncio.to_thread(self._judge, data, rules)
        finally:
            self._inside -= 1
        body = json.dumps(as_json(verdict), ensure_ascii=False).encode()
        return web.Response(body=body, content_type="application/json")

    def _known(self, request: web.Request) -> None:
        if _on_this_machine(request.remote):
            return
        if self._credential is None:
            raise Problem(403, "forbidden", "only callers on this machine are answered")
        self._credential(request)

    async def _body(self, request: web.Request) -> bytes:
        if request.content_type not in TYPES:
            text = f"send the document itself as {XML}, not {request.content_type}"
            raise Problem(415, "unsupported-type", text)
        if "Content-Encoding" in request.headers:
            raise Problem(415, "unsupported-type", "send the document as it is, without Content-Encoding")
        too_large = Problem(413, "too-large", f"a document is at most {self._size:,} bytes")
        if request.content_length is not None and request.content_length > self._size:
            raise too_large
        try:
            async with asyncio.timeout(self._patience):
                return await request.read()
        except web.HTTPRequestEntityTooLarge as error:
            raise too_large from error
        except TimeoutError as error:
            text = f"the document did not come within {self._patience:g} s"
            raise Problem(408, "too-slow", text, headers={"Connection": "close"}) from error


def _rules(request: web.Request) -> bool:
    given = request.query.get("rules", "yes").lower()
    if given in ("yes", "true", "1"):
        return True
    if given in ("no", "false", "0"):
        return False
    raise Problem(400, "bad-parameter", f"rules is yes or no, not {given[:40]}")


def _on_this_machine(remote: str | None) -> bool:
    try:
        return ipaddress.ip_address(remote or "").is_loopback
    except ValueError:
        return False


def validator_app(*, size: int, patience: float, judge: Judge = ours) -> web.Application:
    """Return the stand-alone validator: ``POST /validate`` and ``GET /health``."""
    validation = Validation(size=size, patience=patience, judge=judge)
    app = web.Application(middlewares=[problems], client_max_size=size)

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app.router.add_post("/validate", validation.post)
    app.router.add_get("/health", health)
    return app


__all__ = ["AT_ONCE", "WAITING", "Judge", "Validation", "as_json", "ours", "validator_app"]
