"""Traces: the W3C ``traceparent`` of what is being worked on, so that one consignment is found in many services' logs.

A caller's trace is gone on with under a span of our own; where none came, or none that can be read, one is begun.
The ids are drawn by the operating system: they stand in headers and logs and in nothing that is compared.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from os import urandom

TRACEPARENT = "traceparent"
"""The header's name (W3C Trace Context, level 1)."""
_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")

current: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The ``traceparent`` of the task at work."""


def going_on(text: str | None) -> str:
    """Return the ``traceparent`` of a new span: in the trace of ``text`` if that can be read, else in a new one."""
    found = _FORM.fullmatch(text) if text is not None else None
    trace, flags = (found[1], found[3]) if found is not None else (urandom(16).hex(), "01")
    return f"00-{trace}-{urandom(8).hex()}-{flags}"


def trace_id(text: str | None) -> str | None:
    """Return the 32 hexadecimal digits of the trace of a ``traceparent``, or None."""
    found = _FORM.fullmatch(text) if text is not None else None
    return found[1] if found is not None else None


__all__ = ["TRACEPARENT", "current", "going_on", "trace_id"]
