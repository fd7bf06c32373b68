"""All checks, by group."""

from __future__ import annotations

from scenarios.conform.check import GROUPS, Check
from scenarios.conform.checks import (
    agreement,
    batches,
    images,
    operations,
    reads,
    receipt,
    replay,
    sending,
    signature,
    state,
    time,
    transport,
    validation,
)

_BOOKS = (
    *(transport, time, signature, receipt, replay, validation, agreement, reads, state),
    *(batches, images, operations, sending),
)
ALL: tuple[Check, ...] = tuple(
    sorted((check for book in _BOOKS for check in book.BOOK.checks), key=lambda check: GROUPS.index(check.group))
)
"""Every check, in the order in which they are made."""

__all__ = ["ALL"]
