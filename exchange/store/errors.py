"""The errors of the store.

::

    StoreError         a store cannot be opened, or is not what it should be
    ├── StoreInUse     another process works on it
    └── LostLock       this process no longer holds it; nothing was written
"""

from __future__ import annotations

from exchange.errors import CorridorError


class StoreError(CorridorError):
    """The store cannot be opened, or belongs to another node."""


class StoreInUse(StoreError):
    """Another process works on the store."""


class LostLock(StoreError):
    """This process no longer holds the store, and another may have taken over; what was to be written was not."""


__all__ = ["LostLock", "StoreError", "StoreInUse"]
