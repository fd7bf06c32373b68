"""Where a node keeps what a crash must not lose: its ledger, the messages' bytes, outbox and timers.

What speaks to a database comes with the first use of its name: a node in memory needs the rows alone, and SQLAlchemy
takes a fifth of the time in which all the rest is imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from exchange.store.errors import LostLock, StoreError, StoreInUse, cannot_write
    from exchange.store.opening import open_store
    from exchange.store.sql import Store, Synchronous

_LATER = {
    "LostLock": "errors",
    "Store": "sql",
    "StoreError": "errors",
    "StoreInUse": "errors",
    "Synchronous": "sql",
    "cannot_write": "errors",
    "open_store": "opening",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    return found


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
