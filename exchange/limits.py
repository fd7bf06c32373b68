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
    batch_messages: int = 32
    """Most messages in one request between live nodes (``POST /batches``)."""
    remembered_ids: int = 100_000
    """Accepted message ids held in memory; older ones are looked up in the store."""
    remembered_cases: int = 100_000
    """Names of cases held in memory; with more in the ledger every unknown case is looked up."""
    requests_at_once: int = 2000
    """Requests being answered at the same time; above it the answer is 503 with ``Retry-After``."""
    connections_per_partner: int = 64
    """Connections that a node opens to one address."""
    lane_rows: int = 2000
    """Outbox rows of one partner held in memory; the others stay in the store until their turn comes."""
    outbox_bytes_rows: int = 2000
    """Outbox rows whose bytes stay in memory; others are read again from the store when they are sent."""
    lane_in_flight: int = 32
    """Messages of different cases that a live node has on the way to one partner at once."""
    connections: int = 2000
    """Connections to a node open at once; a further one is closed at once."""
    head_line_bytes: int = 8190
    """Longest request line, and longest header, of a request."""
    head_lines: int = 64
    """Most headers of a request."""
    member_requests_per_second: float = 2000.0
    """Requests a second that a live node takes of one member, by the wall clock; above it the answer is 429."""
    member_burst: int = 4000
    """Requests that a member may ask beyond that at once."""
    noted_refusals: int = 10_000
    """Refusals kept in the store; older ones go."""
    refusals_a_minute: int = 120
    """Refusals noted per member and wall-clock minute; the others are only counted."""
    folded_cases: int = 5_000
    """Cases held folded in memory; older ones are folded again from the ledger when they are needed."""
    listed_cases: int = 1000
    """Longest answer of ``GET /cases``."""
    replay_window: timedelta = timedelta(minutes=5)
    """How far the ``iat`` of a signature may lie from the node's clock, either way."""
    retry_after_seconds: int = 2
    """What ``Retry-After`` says, in seconds."""
    listed_deliveries: int = 1000
    """Longest answer of ``GET /outbox``."""
    first_backoff: timedelta = timedelta(seconds=1)
    """Node time until a partner that did not answer is tried again; doubled with each failure that follows."""
    longest_backoff: timedelta = timedelta(minutes=5)
    longest_retry_after: timedelta = timedelta(hours=1)
    """What a partner's ``Retry-After`` may ask for at most."""
    doubted_refusals: int = 8
    """How often a live node sends a message again whose refusal does not show that it came as it was sent."""
    delivery_life: timedelta = timedelta(hours=72)
    """Node time after the last ETA of its case (or, if that is later or unknown, after it was due first) until an
    undelivered message is dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long something may take in wall-clock seconds."""

    connect: float = 5.0
    """Until a connection stands, TLS included."""
    request: float = 60.0
    """A whole request and its answer."""
    head: float = 10.0
    """Until the head of a request must have come, from its first byte or from the connection."""
    handshake: float = 10.0
    """Until a TLS handshake must be done."""
    gather: float = 5.0
    """Silence after which an incomplete ``Pix-Batch`` is worked as far as it came."""
    keep_alive: float = 300.0
    """How long an idle connection is kept open for its next request."""
    marks: float = 0.05
    """How long a live node gathers what became of its deliveries before it stores it."""
    shutdown: float = 10.0
    """How long a stopping node waits for what it has begun."""


__all__ = ["Limits", "Timeouts"]
