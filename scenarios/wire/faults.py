"""What may happen to a message on the wire, and how often.

The shares are designed (chosen by us): far worse than any line that services would put up with, so that a short run
meets every fault many times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from exchange.luck import Luck, between

FaultKind = Literal[
    "lose_request", "lose_answer", "duplicate", "late_copy", "hold", "corrupt_request", "corrupt_answer", "reset",
    "slow_close",
]  # fmt: skip
"""``lose_request``: the connection breaks before the node has the request. ``lose_answer``: it breaks behind the node.
``duplicate``: the node gets the request twice. ``late_copy``: the sender's connection breaks at once, and the node gets
the request after the sender has tried again. ``hold``: held back, so that others overtake it. ``corrupt_request``,
``corrupt_answer``: bytes are changed. ``reset``: cut off in the middle, both ways. ``slow_close``: half of the answer
comes, then nothing, then the end."""
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
HEAVY: Mapping[FaultKind, float] = {
    "lose_request": 0.02,
    "lose_answer": 0.02,
    "duplicate": 0.02,
    "late_copy": 0.01,
    "hold": 0.03,
    "corrupt_request": 0.02,
    "corrupt_answer": 0.02,
    "reset": 0.01,
    "slow_close": 0.01,
}
"""Share of attempts that meet each fault."""
IN_HEAD = 0.3
"""Share of corruptions that hit the head of a request or answer, not its body."""
LONGEST_HOLD = 1.5
"""Wall seconds for which something is held back at most."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one attempt: the fault, if any, and two numbers in (0, 1) that say how."""

    kind: FaultKind | None
    how: float = 0.5
    where: float = 0.5

    @property
    def seconds(self) -> float:
        """For how many wall seconds something is held back."""
        return between(self.how, 0.1, LONGEST_HOLD)


NOTHING = Fate(None)


@dataclass(slots=True)
class WireFaults:
    """Draws the fate of each attempt: from the seed, what is sent, and how often it has been sent already."""

    seed: int
    shares: Mapping[FaultKind, float] = field(default_factory=lambda: dict(HEAVY))
    tries: Counter[str] = field(default_factory=Counter)
    on: bool = True

    def fate(self, link: str, name: str) -> Fate:
        """Return what happens to the next attempt to send the message ``name`` over ``link``."""
        if not self.on:
            return NOTHING
        self.tries[name] += 1
        luck = Luck(self.seed)
        number = self.tries[name]
        left = luck.uniform(name, link, "wire-fault", number)
        for kind in KINDS:
            left -= self.shares.get(kind, 0.0)
            if left < 0.0:
                how = luck.uniform(name, link, "wire-how", number)
                return Fate(kind, how, luck.uniform(name, link, "wire-where", number))
        return NOTHING


def corrupt(data: bytes, fate: Fate) -> bytes:
    """Return ``data`` with one to three neighbouring bytes changed, where ``fate`` says."""
    if not data:
        return data
    start = min(int(fate.where * len(data)), len(data) - 1)
    changed = bytearray(data)
    for place in range(start, min(start + 1 + int(fate.how * 3), len(data))):
        changed[place] ^= 1 + int(fate.how * 997) % 255
    return bytes(changed)


__all__ = ["HEAVY", "KINDS", "LONGEST_HOLD", "NOTHING", "Fate", "FaultKind", "WireFaults", "corrupt"]
