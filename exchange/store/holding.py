"""What a store works on: an open database, and whether this process still holds it as its one writer."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection


class Holding(Protocol):
    """An open database held by this process. Its methods are called in the store's thread, but for :attr:`held`."""

    @property
    def connection(self) -> Connection: ...

    @property
    def held(self) -> bool:
        """Whether this process is the writer still, as far as it can know without asking the server."""
        ...

    def fence(self, connection: Connection) -> None:
        """Make sure, within the transaction, that no other process took over; raise :class:`LostLock` if one did."""
        ...

    def together(self) -> AbstractContextManager[object]:
        """Return a context in which statements whose results nobody reads may be sent together."""
        ...

    def close(self) -> None: ...


__all__ = ["Holding"]
