"""Why a node did not take something in, although nothing is wrong with it.

::

    QueueFull          too much waits already
    OutOfTurn          what stood before it in its round has not come
    WriteFailed        it could not be decided on or stored
    └── StoreFails     nothing can be stored now
"""

from __future__ import annotations

from exchange.errors import CorridorError


class QueueFull(CorridorError):
    """The writer's queue is full; ``share`` says that it is one member's share of it."""

    def __init__(self, text: str, *, share: bool) -> None:
        super().__init__(text)
        self.share = share


class OutOfTurn(CorridorError):
    """A message may stand behind one of its case that has not come; it waits for its turn, and may come again."""


class WriteFailed(CorridorError):
    """A message or timer could not be decided on or stored; nothing of it remains."""


class StoreFails(WriteFailed):
    """The store cannot be written now; nothing remains of the message or timer, which may come again."""


__all__ = ["OutOfTurn", "QueueFull", "StoreFails", "WriteFailed"]
