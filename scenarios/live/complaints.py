"""What a run holds services to that somebody else runs, and what it has to complain of.

Every complaint names the service, the check that it did not pass, and what came instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from exchange.errors import InvalidMessage, NotXML
from exchange.http import Undelivered
from exchange.messages import format_time
from exchange.signatures import BadSignature

REACHED = "is reached"
IN_TIME = "answers within its time limit"
FORM = "answers as the API says"
RECEIPT = "receipts what it was given"
REPLIES = "replies with valid messages"
ACCEPTS = "accepts what it is sent"
SENDS = "sends what its partners accept"
CONVERSATION = "says what the goods need to go on"
CHECKS: Mapping[str, str] = {
    REACHED: "a connection to its URL stands",
    IN_TIME: "every answer has come within its time_limit (wall time)",
    FORM: "status, headers and JSON are those of docs/outside.md",
    RECEIPT: "the receipt is signed with its key and names the message and the SHA-256 of its bytes",
    REPLIES: "immediate replies are signed with its key, valid, and for the post or trader that asked",
    ACCEPTS: "messages of its posts, traders and partners are not refused",
    SENDS: "what it sends to partners, posts and traders is not refused",
    CONVERSATION: "a post that reports goods or a control gets a control decision, and what is held is let go",
}
"""The checks, and what each asks for."""
KIND = "elsewhere"
"""What these checks are among those of a run."""
LONGEST = 400
"""Characters of a complaint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What went wrong with a service, the first time (node time, UTC), and how often it did."""

    service: str
    check: str
    text: str
    at: datetime
    times: int = 1


class Complaints:
    """Gathers complaints about the services ``urls`` (country → where it is reached), one for each check."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self.urls = dict(urls)
        self._found: dict[tuple[str, str], Complaint] = {}
        self.last: Complaint | None = None
        self.count = 0

    def add(self, service: str, check: str, text: str, at: datetime) -> int:
        """Note that ``service`` did not pass ``check``; return how often it has not."""
        text = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * LONGEST]).split())[:LONGEST]
        old = self._found.get((service, check))
        new = Complaint(service=service, check=check, text=text, at=at)
        self._found[service, check] = new if old is None else replace(old, times=old.times + 1)
        self.last = self._found[service, check]
        self.count += 1
        return self.last.times

    def sentence(self, complaint: Complaint) -> str:
        """Return the complaint as one sentence that names the service, where it is, and the check."""
        where = self.urls.get(complaint.service, "an unknown address")
        return f"{complaint.service} at {where} does not pass the check '{complaint.check}': {complaint.text}"

    def results(self) -> tuple[Mapping[str, Any], ...]:
        """Return an outcome for each service, as the checks of a scenario have theirs: name, kind, ok, text."""
        rows: list[Mapping[str, Any]] = []
        for service, url in sorted(self.urls.items()):
            found = [one for one in self._found.values() if one.service == service]
            name = f"{service} keeps to what is agreed"
            if not found:
                text = f"{name}: nothing to complain of at {url}, by {len(CHECKS)} checks"
                rows.append({"name": name, "kind": KIND, "ok": True, "text": text})
            for one in found:
                text = f"{service} {one.check}: {_detail(one, url)}"
                rows.append({"name": f"{service} {one.check}", "kind": KIND, "ok": False, "text": text})
        return tuple(rows)


def _detail(one: Complaint, url: str) -> str:
    times = "once" if one.times == 1 else f"{one.times} times"
    return f"not so {times} at {url}, first at {format_time(one.at)}: {one.text}"


def check_of(error: BaseException) -> str:
    """Return which check an answer did not pass that ended in ``error``."""
    cause = error.__cause__
    if isinstance(cause, BadSignature):
        return REPLIES if "reply" in str(cause) else RECEIPT
    if isinstance(cause, InvalidMessage | NotXML):
        return REPLIES
    if isinstance(cause, TimeoutError):
        return IN_TIME
    if isinstance(cause, OSError):
        return REACHED
    if isinstance(error, Undelivered) and error.passing and cause is not None:
        return REACHED
    return FORM


__all__ = [
    "ACCEPTS",
    "CHECKS",
    "CONVERSATION",
    "FORM",
    "IN_TIME",
    "REACHED",
    "RECEIPT",
    "REPLIES",
    "SENDS",
    "Complaint",
    "Complaints",
    "check_of",
]
