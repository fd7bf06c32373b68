"""Where a node keeps what a crash must not lose: its ledger, the messages' bytes, outbox and timers."""

from exchange.store.rows import (
    Accepted,
    CaseRow,
    OutboxRow,
    OutboxState,
    RefusalNote,
    ReplyRef,
    StoredMessage,
    TimerRow,
    Writes,
)
from exchange.store.sql import Store, StoreError, Synchronous

__all__ = [
    "Accepted",
    "CaseRow",
    "OutboxRow",
    "OutboxState",
    "RefusalNote",
    "ReplyRef",
    "Store",
    "StoreError",
    "StoredMessage",
    "Synchronous",
    "TimerRow",
    "Writes",
]
