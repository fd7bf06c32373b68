"""Finite defaults for everything that could grow or wait: sizes, counts and times.

The figures are designed (chosen by us), not measured of any real service.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a node takes before it says no."""

    body_bytes: int = 4 * 1024 * 1024
    """Longest body of a request; above it the answer is 413."""
    queued_messages: int = 2000
    """Messages waiting for the writer; above it the answer is 503 with ``Retry-After``."""
    transaction_messages: int = 512
    """Most messages of one transaction."""
    round_messages: int = 32
    """Most messages in one ``Pix-Batch``: each holds a connection until the last has come. Longer rounds are
    sorted first and sent as several batches."""
    remembered_ids: int = 100_000
    """Accepted message ids held in memory; older ones are looked up in the store."""
    remembered_cases: int = 100_000
    """Names of cases held in memory; with more in the ledger every unknown case is looked up."""
    outbox_bytes_rows: int = 2000
    """Outbox rows whose bytes stay in memory; others are read again from the store when they are sent."""
    noted_refusals: int = 10_000
    """Refusals kept in the store; older ones go."""
    refusals_a_minute: int = 120
    """Refusals noted per member and wall-clock minute; the others are only counted."""
    folded_cases: int = 20_000
    """Cases held folded in memory; older ones are folded again from the ledger when they are needed."""
    listed_cases: int = 1000
    """Longest answer of ``GET /cases``."""
    replay_window: timedelta = timedelta(minutes=5)
    """How far the ``iat`` of a signature may lie from the node's clock, either way."""
    retry_after_seconds: int = 2
    first_backoff: timedelta = timedelta(seconds=10)
    """Node time until the second attempt of a delivery; doubled each time."""
    longest_backoff: timedelta = timedelta(hours=1)
    outbox_life: timedelta = timedelta(days=7)
    """Node time after which a message that could not be delivered is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long something may take in wall-clock seconds."""

    connect: float = 5.0
    request: float = 60.0
    """A whole request and its answer."""
    gather: float = 5.0
    """Silence after which an incomplete ``Pix-Batch`` is worked as far as it came."""
    keep_alive: float = 300.0
    shutdown: float = 2.0


__all__ = ["Limits", "Timeouts"]
