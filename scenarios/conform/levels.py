"""Levels: which checks a node must pass to take part, and which only one that keeps the whole agreement.

``basic`` is what partners, posts and traders rely on from the first message: who is believed, receipts, once only,
time, refusals in the agreed form, the controls of goods, and that what the node sends arrives. ``full`` is everything:
reads, all findings of validation, batches, images, figures.
"""

from __future__ import annotations

from typing import Literal, get_args

Level = Literal["basic", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
FULL_GROUPS = frozenset({"reads", "batches", "images", "operations"})
"""Groups of which no check belongs to the basic level."""
FULL_CHECKS = frozenset(
    {"T15", "R09", "R10", "R11", "P07", "P09", "A04", "A05", "A06", "A13", "A14", "Z13", "Z14", "D09", "D10"}
    | {"V08", "V09", "V13", "V14", "V15", "V18", "V19", "V20"}
)
"""Checks of other groups that do not belong to it: they need reads, or a validation by schemas and rules."""


def level_of(number: str, group: str) -> Level:
    """Return the level at which a check of this number and group begins to be made."""
    return "full" if group in FULL_GROUPS or number in FULL_CHECKS else "basic"


__all__ = ["FULL_CHECKS", "FULL_GROUPS", "LEVELS", "Level", "level_of"]
