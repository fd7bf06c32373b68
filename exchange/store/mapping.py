"""Value objects to table rows and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from exchange.ledger import LedgerEntry, MessageRef, parse_time
from exchange.messages import format_time
from exchange.store.rows import Accepted, OutboxRow, RefusalNote, ReplyRef, StoredMessage, TimerRow

_NEVER = datetime.min.replace(tzinfo=UTC)


def _moment(at: datetime | None) -> str | None:
    return format_time(at) if at is not None else None


def _storable(text: str | None) -> str | None:
    """Return free text, perhaps a partner's words, without what no database takes: NUL and lone surrogates."""
    if text is None:
        return None
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def entry_row(entry: LedgerEntry) -> dict[str, Any]:
    """Return a ledger entry as a row of ``entries``."""
    message = entry.message
    return {
        "position": entry.position,
        "hash": entry.hash,
        "kind": entry.kind,
        "case": entry.case,
        "at": format_time(entry.at),
        "data": entry.data,
        "sender": message.sender if message else None,
        "message_id": message.id if message else None,
        "sha256": message.sha256 if message else None,
    }


def _entry_time(given: object) -> datetime:
    """Return the time of a ledger row; the earliest of all, which fits no hash, if it is not as it was written."""
    try:
        at = parse_time(str(given))
    except ValueError:
        return _NEVER
    return at if format_time(at) == given else _NEVER


def ledger_entry(row: Any) -> LedgerEntry:
    """Return the ledger entry of a row."""
    ref = MessageRef(row.sender, row.message_id, row.sha256) if row.message_id is not None else None
    return LedgerEntry(
        position=row.position,
        hash=row.hash,
        kind=row.kind,
        case=row.case,
        at=_entry_time(row.at),
        message=ref,
        data=row.data,
    )


def message_row(one: StoredMessage) -> dict[str, Any]:
    """Return a message as a row of ``messages``."""
    return {
        "id": one.id,
        "sender": one.sender,
        "recipient": one.recipient,
        "case": one.case,
        "sha256": one.sha256,
        "data": one.data,
        "signature": one.signature,
    }


def stored_message(row: Any) -> StoredMessage:
    """Return the message of a row."""
    return StoredMessage(
        id=row.id,
        sender=row.sender,
        recipient=row.recipient,
        case=row.case,
        sha256=row.sha256,
        data=row.data,
        signature=row.signature,
    )


def accepted_row(one: Accepted) -> dict[str, Any]:
    """Return an answer as a row of ``accepted``."""
    replies = json.dumps([[reply.sender, reply.id, reply.signature] for reply in one.replies])
    return {
        "id": one.id,
        "sender": one.sender,
        "sha256": one.sha256,
        "position": one.position,
        "receipt": one.receipt,
        "replies": replies,
    }


def accepted_of(row: Any) -> Accepted:
    """Return the answer of a row."""
    replies = tuple(ReplyRef(*reply) for reply in json.loads(row.replies))
    return Accepted(
        id=row.id,
        sender=row.sender,
        sha256=row.sha256,
        position=row.position,
        receipt=row.receipt,
        replies=replies,
    )


def outbox_row(row: OutboxRow) -> dict[str, Any]:
    """Return an outbox row as a row of ``outbox``."""
    return {
        "message_id": row.message_id,
        "sender": row.sender,
        "recipient": row.recipient,
        "case": row.case,
        "ordinal": row.ordinal,
        "since": format_time(row.since),
        "due": format_time(row.due),
        "attempts": row.attempts,
        "state": row.state,
        "settled": _moment(row.settled),
        "receipt": row.receipt,
        "detail": _storable(row.detail),
        "until": _moment(row.until),
        "trace": row.trace,
    }


def outbox_change(row: OutboxRow) -> dict[str, Any]:
    """Return the parameters of the statement that changes a row of ``outbox``."""
    return {
        "key": row.message_id,
        "new_due": format_time(row.due),
        "new_attempts": row.attempts,
        "new_state": row.state,
        "new_settled": _moment(row.settled),
        "new_receipt": row.receipt,
        "new_detail": _storable(row.detail),
        "new_until": _moment(row.until),
    }


def outbox_of(row: Any) -> OutboxRow:
    """Return the outbox row of a row."""
    return OutboxRow(
        message_id=row.message_id,
        sender=row.sender,
        recipient=row.recipient,
        case=row.case,
        ordinal=row.ordinal,
        since=parse_time(row.since),
        due=parse_time(row.due),
        attempts=row.attempts,
        state=row.state,
        settled=parse_time(row.settled) if row.settled else None,
        receipt=row.receipt,
        detail=row.detail,
        until=parse_time(row.until) if row.until else None,
        trace=row.trace,
    )


def timer_row(row: TimerRow) -> dict[str, Any]:
    """Return a wake-up as a row of ``timers``."""
    return {"due": format_time(row.due), "case": row.case, "purpose": row.purpose}


def refusal_row(note: RefusalNote) -> dict[str, Any]:
    """Return a refusal as a row of ``refusals``."""
    return {
        "at": format_time(note.at),
        "member": note.member,
        "sha256": note.sha256,
        "status": note.status,
        "code": note.code,
        "text": _storable(note.text),
    }
