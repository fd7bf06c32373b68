"""What an operator counts and measures of one node, in the Prometheus text format (version 0.0.4).

Every node has a registry of its own. Counters and histograms are moved on as things happen; queues, ages and the
ledger's position are read when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds of what takes wall-clock time."""
LATE = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0, 21600.0, 86400.0, 259200.0)
"""Bounds of how long after its due time (node time, seconds) a message was delivered: up to 72 hours."""
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for one partner: how many messages, and since when the first has been due (node time)."""

    partner: str
    messages: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """What a node says of itself when it is asked: messages waiting for the writer, the ledger's last position,
    requests being answered, refusals by (status, reason), node time, and what waits for each partner."""

    queued: int
    position: int
    requests: int
    refused: Mapping[tuple[int, str], int]
    now: datetime
    backlogs: tuple[Backlog, ...]


class _Now:
    """Reads the gauges from the node."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        state = self._state()
        yield GaugeMetricFamily("corridor_writer_queue_messages", "Messages waiting for the writer", state.queued)
        yield GaugeMetricFamily("corridor_ledger_position", "Position of the last ledger entry", state.position)
        yield GaugeMetricFamily("corridor_requests_in_progress", "Requests being answered", state.requests)
        refused = CounterMetricFamily(
            "corridor_requests_refused", "Requests refused, by status and reason", labels=("status", "reason")
        )
        for (status, reason), count in sorted(state.refused.items()):
            refused.add_metric((str(status), reason), count)
        yield refused
        rows = GaugeMetricFamily("corridor_outbox_messages", "Messages waiting for a partner", labels=("partner",))
        age = GaugeMetricFamily(
            "corridor_outbox_oldest_seconds",
            "Node time for which the first message to a partner has been due",
            labels=("partner",),
        )
        for backlog in state.backlogs:
            rows.add_metric((backlog.partner,), backlog.messages)
            late = 0.0 if backlog.oldest is None else (state.now - backlog.oldest).total_seconds()
            age.add_metric((backlog.partner,), max(late, 0.0))
        yield rows
        yield age


class Metrics:
    """The figures of one node. ``state`` is asked at each look."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._registry = registry = CollectorRegistry(auto_describe=False)
        self._accepted = Counter("corridor_messages_accepted", "Messages accepted", ("code",), registry=registry)
        self._replayed = Counter("corridor_messages_replayed", "Messages answered again as before", registry=registry)
        self._deliveries = Counter(
            "corridor_deliveries",
            "Messages done with: delivered, rejected, dead",
            ("partner", "result"),
            registry=registry,
        )
        self._attempts_failed = Counter(
            "corridor_delivery_attempts_failed",
            "Attempts without an answer that settles",
            ("partner",),
            registry=registry,
        )
        self.intake = Histogram(
            "corridor_intake_seconds", "From a message's head to its answer", buckets=SECONDS, registry=registry
        )
        self.commit = Histogram(
            "corridor_commit_seconds", "Deciding on a batch and storing it", buckets=SECONDS, registry=registry
        )
        self.batch = Histogram("corridor_batch_messages", "Messages of one batch", buckets=SIZES, registry=registry)
        self._late = Histogram(
            "corridor_delivery_seconds", "Node time from due to delivered", buckets=LATE, registry=registry
        )
        self._delivery = lru_cache(maxsize=10_000)(self._deliveries.labels)
        self._code = lru_cache(maxsize=1000)(self._accepted.labels)
        registry.register(_Now(state))
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def accepted(self, code: str, *, replayed: bool) -> None:
        """A message was accepted, or answered again."""
        if replayed:
            self._replayed.inc()
        else:
            self._code(code).inc()

    def delivered(self, partner: str, result: str, late: float | None = None) -> None:
        """A message to ``partner`` is done with, ``late`` seconds of node time after it was due."""
        self._delivery(partner, result).inc()
        if late is not None:
            self._late.observe(max(late, 0.0))

    def attempt_failed(self, partner: str) -> None:
        """An attempt brought no answer that settles the message."""
        self._attempts_failed.labels(partner).inc()

    def page(self) -> bytes:
        """Return everything as text."""
        return generate_latest(self._registry)


CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


__all__ = ["CONTENT_TYPE", "Backlog", "Metrics", "State"]
