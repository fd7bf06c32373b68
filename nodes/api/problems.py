"""Every error of a node is ``application/problem+json`` (RFC 9457), the framework's own included.

Each carries ``errors``: the findings of a validation, or one plain finding that repeats the detail.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

log = logging.getLogger("corridor.node")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TITLES = {
    "bad-body": "The body cannot be read",
    "bad-header": "A header cannot be read",
    "bad-parameter": "A parameter cannot be read",
    "bad-query": "A parameter cannot be read",
    "bad-request": "Not an HTTP request",
    "certificate": "The connection is another member's",
    "conflict": "The id is taken by another message",
    "digest": "Not the bytes that were announced",
    "forbidden": "Not allowed",
    "http": "Not an HTTP request that a node takes",
    "invalid": "The message is invalid",
    "length": "The length is not known",
    "media-type": "Unsupported content",
    "method": "Method not allowed here",
    "no-agreement": "No agreement covers this",
    "not-found": "Not found",
    "not-xml": "Not an XML document",
    "range": "No such range of bytes",
    "role": "Not for this role",
    "sender": "The sender is not the key's member",
    "internal": "The node failed",
    "signature": "Not authenticated",
    "too-large": "Too large",
    "too-slow": "Too slow",
    "too-many": "Too many requests",
    "unavailable": "Not able to take this now",
    "unreached": "A partner could not be reached",
    "unsupported-type": "Unsupported content",
    "window": "Signed too long ago or in the future",
}


class Problem(Exception):
    """A refusal. ``code`` is the last part of its ``type`` URI, ``errors`` are findings as plain JSON."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        total: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})
        self.total = total

    def as_json(self) -> dict[str, Any]:
        """Return the problem document."""
        errors = list(self.errors) or [{"severity": "error", "code": self.code, "text": self.detail}]
        return {
            "type": f"urn:corridor:problem:{self.code}",
            "title": TITLES.get(self.code, self.code.replace("_", " ").replace("-", " ")),
            "status": self.status,
            "detail": self.detail,
            "errors": errors,
        }

    def response(self) -> web.Response:
        """Return the HTTP answer."""
        return web.Response(
            status=self.status,
            body=json.dumps(self.as_json(), ensure_ascii=False).encode(),
            content_type="application/problem+json",
            headers=self.headers,
        )


def unavailable(detail: str, retry_after: int, *, status: int = 503) -> Problem:
    """Return a passing refusal: 503, or 429 for one caller's excess. ``retry_after`` in seconds."""
    code = "too-many" if status == 429 else "unavailable"
    return Problem(status, code, detail, headers={"Retry-After": str(retry_after)})


def of_framework(error: web.HTTPException) -> Problem:
    """Return aiohttp's own refusal as a problem."""
    code = {404: "not-found", 405: "method", 413: "too-large"}.get(error.status, "http")
    headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return Problem(error.status, code, error.reason, headers=headers)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error of a handler into a problem document; what nobody foresaw is logged and answered
    500."""
    try:
        if "\0" in request.path or "\0" in request.query_string:
            raise Problem(400, "bad-request", "a path or query with a NUL character names nothing here")
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        return of_framework(error).response()
    except ConnectionResetError:
        log.info("%s %s was given up by its caller", request.method, request.path)
        return Problem(400, "bad-request", "the caller hung up before the request was whole").response()
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return Problem(500, "internal", "the node failed on this request; its log says why").response()


__all__ = ["Handler", "Problem", "of_framework", "problems", "unavailable"]
