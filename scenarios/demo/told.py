"""What a stage tells of its arm while it is played: plain values that travel between processes.

All times are whole seconds since the scenario's start.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from scenarios.events import ConsignmentFacts, Event
from scenarios.told import Answer


class Line(NamedTuple):
    """A queue now: jobs that wait, places in use, places there are."""

    waiting: int
    used: int
    capacity: int


class Passed(NamedTuple):
    """A message that was handed over, or refused by its recipient. ``case`` is the consignment's base UCR.

    ``reason``: why it was refused, or what a functional rejection (NCK) says, in the words of who wrote it.
    ``answers``: of an answer to a control result offered (RCG), the id of that result and what was answered.
    """

    at: int
    case: str
    code: str
    sender: str
    recipient: str
    id: str
    correlation: str | None
    accepted: bool
    reason: str = ""
    answers: tuple[str, Answer] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A stage whose nodes stand: what its arm will carry, the same in all arms of a show."""

    arm: str
    consignments: tuple[ConsignmentFacts, ...]
    urls: Mapping[str, str]

    def among(self, cases: Set[str]) -> tuple[ConsignmentFacts, ...]:
        """Return the consignments among ``cases`` (base UCRs)."""
        return tuple(one for one in self.consignments if one.case in cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What happened in one arm since the update before.

    ``queues``: side key → resource → its line. ``doing``: vehicle at a side → the buckets its phases are in now
    (as :data:`scenarios.events.PHASES`; ``customs`` is resolved into what its controls are). ``through`` of
    ``total`` consignments are delivered or seized; ``over`` when nothing is left to happen: there are no queues then.
    """

    arm: str
    now: int
    events: tuple[Event, ...]
    messages: tuple[Passed, ...]
    queues: Mapping[str, Mapping[str, Line]]
    doing: Mapping[str, tuple[str, ...]]
    through: int
    total: int
    over: bool
    tried: Mapping[int, Mapping[str, int | str]] = field(default_factory=dict)
    """What came so far of what was done by hand, by its number (:data:`scenarios.demo.trying.Facts`)."""
    whole: bool = True
    """Whether queues, work and the rest are told as of ``now``; else only events and messages are."""

    def until(self, second: float) -> tuple[Self | None, Self | None]:
        """Return what of this had happened by ``second``, and what had not, None where that is nothing."""
        if self.now <= second:
            return self, None
        events = tuple(event for event in self.events if event.at <= second)
        messages = tuple(message for message in self.messages if message.at <= second)
        if not events and not messages:
            return None, self
        rest = replace(
            self,
            events=tuple(event for event in self.events if event.at > second),
            messages=tuple(message for message in self.messages if message.at > second),
        )
        return replace(self, events=events, messages=messages, whole=False), rest


__all__ = ["Line", "Opened", "Passed", "Update"]
