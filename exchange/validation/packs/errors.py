"""What can be wrong with a pack."""

from __future__ import annotations

from exchange.errors import CorridorError


class PackError(CorridorError):
    """A pack cannot be used; the sentence names the file, what is wrong with it, and what to do."""


__all__ = ["PackError"]
