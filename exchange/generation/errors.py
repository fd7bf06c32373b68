"""What generation raises."""

from __future__ import annotations

from exchange.errors import CorridorError


class CannotMake(CorridorError):
    """Something valid cannot be made from this schema; the message says of which type, and why."""


class SchemaRefused(CorridorError):
    """A schema cannot be used; the message says which file, what is wrong and what to do."""


__all__ = ["CannotMake", "SchemaRefused"]
