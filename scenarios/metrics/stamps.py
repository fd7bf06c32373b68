"""The stamps of a stay at a border side, T0 to T10 as a Time Release Study takes them, read from the event log.

=====  ===============================================================================================
T0     expected arrival (of the plan that carrier and services were given)
T1     preliminary information registered: the service first heard of the goods from another service
T2     arrival at the queue
T3     entry to the customs zone: shown to customs
T4     documents lodged: the first declaration or filing with this service, by its own traders or carriers
T5     decision: the work on the documents has ended; where none is done, the moment of T3
T6     the first control of the goods begins (scan, weighing, physical)
T7     the last control of the goods ends
T8     end of the change of gauge
T9     release: nothing remains to be controlled
T10    crossing
=====  ===============================================================================================

A stamp is None where nothing of the kind happened. T1, T4 and T5 may lie before T2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from scenarios.events import Event
from scenarios.told import Told

Channel = Literal["green", "yellow", "red"]
CHANNELS: tuple[Channel, ...] = ("green", "yellow", "red")
"""By the controls got at a side: none; documents alone; the goods themselves (scan, weighing, physical)."""


class Stamps(NamedTuple):
    """The stamps of one stay, in whole seconds since the scenario's start.

    ``worked``: seconds of the stay in which somebody worked on the goods or their vehicle. ``in_time``: was the
    information there as long before the expected arrival as the office asks for (rule PIX-027); None where no
    other service could have told it, or at an exit.
    """

    t0: int | None
    t1: int | None
    t2: int
    t3: int | None
    t4: int | None
    t5: int | None
    t6: int | None
    t7: int | None
    t8: int | None
    t9: int | None
    t10: int
    worked: int
    channel: Channel
    in_time: bool | None


class Spot(NamedTuple):
    """A border side as stamps need it: the country of its service, whether goods enter there, lead time in seconds."""

    country: str
    entry: bool
    lead: int


Span = tuple[int, int]


def stamps(log: Sequence[Event], spots: Mapping[str, Spot], told: Told, departs: str) -> dict[str, Stamps]:
    """Return side → the stamps of a consignment that crossed there, from its events in order.

    ``departs`` is the country that it left: that service needs to hear of it from nobody.
    """
    sides: dict[str, _Stay] = {}
    for event in log:
        kind = event.kind
        if kind not in _KINDS:
            continue
        side = event.data.get("side")
        if side is None:
            continue
        stay = sides.get(side)
        if stay is None:
            stay = sides[side] = _Stay()
        stay.note(kind, event)
    case = log[0].case if log else ""
    found = {}
    for side, stay in sides.items():
        if stay.arrived is not None and stay.crossed is not None:
            found[side] = stay.stamps(case, spots.get(side), told, departs)
    return found


_KINDS = frozenset(("arrived", "presented", "control", "released", "handled", "crossed"))


class _Stay:
    """Gathers what happened to one consignment at one side."""

    __slots__ = (
        "arrived",
        "controlled",
        "crossed",
        "decided",
        "expected",
        "gauge",
        "goods",
        "released",
        "shown",
        "work",
    )

    def __init__(self) -> None:
        self.arrived: int | None = None
        self.crossed: int | None = None
        self.shown: int | None = None
        self.released: int | None = None
        self.expected: int | None = None
        self.gauge: int | None = None
        self.decided: int | None = None
        self.controlled = False
        self.goods: list[Span] = []
        self.work: list[Span] = []

    def note(self, kind: str, event: Event) -> None:
        data = event.data
        if kind == "control":
            span = (int(data["began"]), int(data["ended"]))
            self.controlled = True
            self.work.append(span)
            if data["form"] == "DOCUMENTARY":
                self.decided = max(span[1], self.decided if self.decided is not None else span[1])
            else:
                self.goods.append(span)
        elif kind == "arrived":
            self.arrived = event.at
        elif kind == "presented":
            self.shown = event.at
        elif kind == "released":
            self.released = event.at
        elif kind == "crossed":
            self.crossed = event.at
        else:
            self.expected, self.gauge = data["expected"], data["gauge"]
            self.work.extend((begin, end) for begin, end in data["worked"])

    def stamps(self, case: str, spot: Spot | None, told: Told, departs: str) -> Stamps:
        assert self.arrived is not None and self.crossed is not None
        informed = lodged = in_time = None
        if spot is not None:
            informed = told.informed.get((case, spot.country))
            lodged = told.lodged.get((case, spot.country))
            if spot.entry and spot.country != departs:
                due = (self.arrived if self.expected is None else self.expected) - spot.lead
                in_time = informed is not None and informed <= due
        channel: Channel = "red" if self.goods else "yellow" if self.controlled else "green"
        return Stamps(
            t0=self.expected,
            t1=informed,
            t2=self.arrived,
            t3=self.shown,
            t4=lodged,
            t5=self.shown if self.decided is None else self.decided,
            t6=min((begin for begin, _ in self.goods), default=None),
            t7=max((end for _, end in self.goods), default=None),
            t8=self.gauge,
            t9=self.released,
            t10=self.crossed,
            worked=covered(self.work, self.arrived, self.crossed),
            channel=channel,
            in_time=in_time,
        )


def covered(spans: Iterable[Span], low: int, high: int) -> int:
    """Return how many seconds from ``low`` to ``high`` lie in at least one of ``spans``."""
    total, reached = 0, low
    for begin, end in sorted(spans):
        begin, end = max(begin, reached), min(end, high)
        if end > begin:
            total += end - begin
            reached = end
    return total


__all__ = ["CHANNELS", "Channel", "Spot", "Stamps", "covered", "stamps"]
