"""The errors of the store.

::

    StoreError         a store cannot be opened, or is not what it should be
    ├── StoreInUse     another process works on it
    └── LostLock       this process no longer holds it; nothing was written
"""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from exchange.errors import CorridorError


class StoreError(CorridorError):
    """The store cannot be opened, or belongs to another node."""


class StoreInUse(StoreError):
    """Another process works on the store."""


class LostLock(StoreError):
    """This process no longer holds the store, and another may have taken over; what was to be written was not."""


def cannot_write(error: BaseException) -> bool:
    """Return whether a failed write lies with the store as a whole (a full disk, a server that is away), so that any
    other batch would have failed as well, and the same one may be written later."""
    return isinstance(error, OperationalError | LostLock)


__all__ = ["LostLock", "StoreError", "StoreInUse", "cannot_write"]
