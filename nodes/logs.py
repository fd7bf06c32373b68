"""A node's log: one line for each event, readable or JSON, with node, message, case and trace.

Modules log under ``corridor.…`` and pass what an event is about as ``extra=about(message=…, case=…)``. No line holds
a signature, a key, a credential or the content of a message.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from exchange.tracing import current, trace_id

LogFormat = Literal["text", "json"]
LONGEST = 2000
"""Characters of the text of one event; what is longer is cut, for it may repeat what a stranger sent."""


def about(*, message: str | None = None, case: str | None = None, trace: str | None = None) -> dict[str, object]:
    """Return the ``extra`` of a log call. ``trace`` is a ``traceparent``; that of the task at work by default."""
    return {"about": {"message": message, "case": case or None, "trace": trace_id(trace)}}


def _fields(record: logging.LogRecord, node: str) -> dict[str, Any]:
    """Return what a record says, in the order in which it is written."""
    told: dict[str, Any] = getattr(record, "about", {})
    fields = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "node": node,
        "logger": record.name,
        "text": _plain(record.getMessage()),
        "message": told.get("message"),
        "case": told.get("case"),
        "trace": told.get("trace") or trace_id(current.get()),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _plain(text: str) -> str:
    """Return ``text`` on one line, without control characters and not too long."""
    text = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST])
    return text


class JsonLines(logging.Formatter):
    """One JSON object a line; ``error`` holds the traceback of an exception."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self._node = node

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of ``record``."""
        fields = _fields(record, self._node)
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, default=str)


class Readable(logging.Formatter):
    """A line for people; what it is about stands behind the text. A traceback follows on lines of its own."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self._node = node

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of ``record``."""
        fields = _fields(record, self._node)
        line = f"{fields['time']} {fields['level']:<7} {fields['node']} {fields['text']}"
        behind = " ".join(f"{name}={fields[name]}" for name in ("message", "case", "trace") if name in fields)
        if behind:
            line = f"{line}  [{behind}]"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def log_to(
    stream: TextIO | None = None, *, node: str, kind: LogFormat = "text", level: int = logging.INFO
) -> logging.Handler:
    """Write everything that modules log under ``corridor`` to ``stream`` (standard error by default); return the
    handler, for who wants to take it off again. Called once by a process; it does not touch other loggers."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(node) if kind == "json" else Readable(node))
    logger = logging.getLogger("corridor")
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    return handler


__all__ = ["JsonLines", "LogFormat", "Readable", "about", "log_to"]
