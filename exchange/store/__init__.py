"""Where a node keeps what a crash must not lose: its ledger, the messages' bytes, outbox and timers."""

from exchange.store.errors import LostLock, StoreError, StoreInUse, cannot_write
from exchange.store.opening import open_store
from exchange.store.rows import (
    Accepted,
    CaseRow,
    OutboxRow,
    OutboxState,
    RefusalNote,
    ReplyRef,
    StoredImage,
    StoredMessage,
    TimerRow,
    Writes,
)
from exchange.store.sql import Store, Synchronous

__all__ = [
    "Accepted",
    "CaseRow",
    "LostLock",
    "OutboxRow",
    "OutboxState",
    "RefusalNote",
    "ReplyRef",
    "Store",
    "StoreError",
    "StoreInUse",
    "StoredImage",
    "StoredMessage",
    "Synchronous",
    "TimerRow",
    "Writes",
    "cannot_write",
    "open_store",
]
