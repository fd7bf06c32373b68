"""What becomes of messages that were not delivered: when they are tried again, and when they are given up.

The courier of a node over HTTP and the transport in memory both go by this. Purposely caused faults are asked for here,
in one place for both (:func:`setting_out`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exchange.codec import decode
from exchange.faults import UNHARMED, DeliveryFaults, Fate
from exchange.letters import Undelivered
from exchange.limits import Limits
from exchange.luck import Luck
from exchange.messages import Message
from exchange.store import OutboxRow
from nodes.lane import Lane, Waiting

LUCK = Luck(0)
"""Draws how much of a waiting time is taken off: it must differ between messages, not between runs."""


def pause(limits: Limits, row: OutboxRow, failures: int, retry_after: int | None = None) -> timedelta:
    """Return the node time to wait after so many failures: whole seconds, at least one.

    A second first, doubled each time up to :attr:`Limits.longest_backoff`, less up to a half by luck, and not shorter
    than ``retry_after`` seconds asked for by the partner.
    """
    longest = min(limits.first_backoff * (1 << min(failures - 1, 20)), limits.longest_backoff)
    share = (1.0 + LUCK.uniform(row.message_id, row.recipient, "back-off", failures)) / 2
    wait = timedelta(seconds=max(math.ceil(longest.total_seconds() * share), 1))
    asked = min(timedelta(seconds=retry_after or 0), limits.longest_retry_after)
    return max(wait, asked)


def end_of_life(limits: Limits, due: datetime, eta: datetime | None) -> datetime:
    """Return until when a message is tried: so long after the last ETA of its case, or after it is due."""
    return (due if eta is None else max(due, eta)) + limits.delivery_life


class OnPurpose(Undelivered):
    """A message, or the answer to it, was lost on purpose."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Rows of one round as faults leave them: what is sent, and what is lost before it is."""

    go: list[tuple[Waiting, Fate]] = field(default_factory=list)
    lost: list[tuple[Waiting, Undelivered]] = field(default_factory=list)


def fate_of(waiting: Waiting, faults: DeliveryFaults | None, now: datetime) -> Fate:
    """Return the fate of the next attempt to deliver a row whose message or bytes are at hand."""
    if faults is None:
        return UNHARMED
    message = waiting.message
    if message is None:
        assert waiting.data is not None
        message = decode(waiting.data)
    return faults.delivery(message, waiting.row.attempts + 1, now)


def setting_out(lane: Lane, rows: Sequence[Waiting], faults: DeliveryFaults | None, now: datetime) -> Attempts:
    """Return what of ``rows`` is sent now. What is held up, or stands behind such a message of its case, goes back."""
    attempts = Attempts()
    if faults is None:
        attempts.go.extend((waiting, UNHARMED) for waiting in rows)
        return attempts
    stopped: set[str] = set()
    behind: list[Waiting] = []
    for waiting in rows:
        if waiting.row.case in stopped:
            behind.append(waiting)
            continue
        fate = fate_of(waiting, faults, now)
        if fate.hold > timedelta(0):
            held_up(lane, waiting, fate, now)
            stopped.add(waiting.row.case)
        elif fate.lost == "request":
            attempts.lost.append((waiting, lost(waiting, fate)))
            stopped.add(waiting.row.case)
        else:
            attempts.go.append((waiting, fate))
    for waiting in behind:
        lane.back(waiting)
    return attempts


def held_up(lane: Lane, waiting: Waiting, fate: Fate, now: datetime) -> None:
    """Let a message, and its case behind it, wait for as long as ``fate`` says."""
    lane.back(waiting._replace(row=waiting.row._replace(attempts=waiting.row.attempts + 1)), now + fate.hold)


def lost(waiting: Waiting, fate: Fate) -> OnPurpose:
    """Return what a sender learns of a message, or an answer, that ``fate`` has lost."""
    return OnPurpose(f"{waiting.row.recipient}: no answer: {fate.reason}", passing=True)


def again(lane: Lane, waiting: Waiting, fate: Fate, now: datetime) -> None:
    """Let a copy of a message that was delivered come later, if ``fate`` says so."""
    if fate.again is not None:
        row = waiting.row._replace(attempts=waiting.row.attempts + 1, due=now + fate.again)
        lane.put(waiting._replace(row=row, told=True))


def given_back(
    lane: Lane, undelivered: Sequence[tuple[Waiting, Undelivered]], now: datetime, limits: Limits
) -> list[OutboxRow]:
    """Put back what was not delivered, close the lane for a while, and take out what is too old.

    Return the rows as they are now: those given up are ``dead``.
    """
    longest = timedelta(0)
    closed = lane.closed_until is not None and lane.closed_until > now
    failures = lane.failures + (not closed)
    rows: list[OutboxRow] = []
    for waiting, error in undelivered:
        row = waiting.row
        tried = row._replace(attempts=row.attempts + 1, detail=str(error)[:500])
        wait = pause(limits, row, failures, error.retry_after)
        longest = max(longest, wait)
        if row.until is not None and row.until <= now:
            rows.append(_dead(tried, now))
            lane.settled(waiting)
            continue
        alone = None if error.passing else now + pause(limits, row, tried.attempts, error.retry_after)
        lane.back(waiting._replace(row=tried), alone)
        rows.append(tried)
    lane.failed(now, longest)
    rows.extend(_dead(waiting.row, now) for waiting in lane.overdue(now))
    return rows


def _dead(row: OutboxRow, now: datetime) -> OutboxRow:
    return row._replace(state="dead", settled=now)


Late = Callable[[Message, datetime, datetime], bool]
"""Whether a message that was due then and is undelivered now has missed the arrival it announces."""


def missed(lane: Lane, rows: Sequence[Waiting], late: Late, now: datetime) -> tuple[list[Waiting], list[Waiting]]:
    """Part ``rows``: what is sent as it is, and what missed its arrival and is taken out to follow under fallback."""
    going: list[Waiting] = []
    over: list[Waiting] = []
    for waiting in rows:
        if waiting.row.due >= now:  # it goes when it was to go, whenever that is
            going.append(waiting)
            continue
        message = waiting.message or (decode(waiting.data) if waiting.data is not None else None)
        alive = waiting.row.until is None or now < waiting.row.until
        (over if message is not None and alive and late(message, waiting.row.due, now) else going).append(waiting)
    for waiting in over:
        lane.settled(waiting)
    return going, over


__all__ = [
    "Attempts",
    "Late",
    "OnPurpose",
    "again",
    "end_of_life",
    "fate_of",
    "given_back",
    "held_up",
    "lost",
    "missed",
    "pause",
    "setting_out",
]
