"""What is measured of one arm of one replication: a short record of every consignment.

Everything is read from the event log alone (:mod:`scenarios.events`). The records are small and can be
pickled, so that a worker process sends these instead of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from exchange.errors import CorridorError
from scenarios.account import Account
from scenarios.events import PHASES, ArmRun, ConsignmentFacts, Event
from scenarios.imaging.tally import ImageTally
from scenarios.matters import Matters
from scenarios.metrics.coverage import ControlsGot, Detection, Warned, coverage
from scenarios.metrics.effort import Motion, motion, officers
from scenarios.metrics.stamps import Spot, Stamps, stamps
from scenarios.metrics.stops import counted
from scenarios.queueing import QueueFigures
from scenarios.told import Answer, Told

FORMS = ("documentary", "scan", "weighing", "physical")
"""Forms of control, in the order of the tables."""


_IN_TIME = attrgetter("at", "ordinal")


class MetricsError(CorridorError):
    """The event log contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A consignment at one border side: seconds from arrival to crossing, and of which phase (as PHASES)."""

    seconds: int
    phases: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentMeasures:
    """One consignment in one arm of one replication.

    ``irregularity`` is the grade of concealment or None. ``stays`` are its completed border sides in the
    order of its journey. ``controls`` are (place, form) with the place a side's key, or the office for
    departure and destination; what is done in several steps at one place counts once. ``presented`` are all
    places it came to. ``journey_seconds`` run from departure to delivery, None if it was not delivered.
    Where times at the border are booked, ``wished_at`` is when its carrier would have come to the first
    border side, ``reached_at`` when it came, ``through_at`` when it had crossed the last (seconds). ``stamps`` are
    those of its border sides, ``officers`` the seconds by office and part, ``motion`` what lies between the stops.
    """

    case: str
    flow: str
    vehicle: str
    containers: int
    on_list: bool
    irregularity: str | None
    found: bool
    seized: bool
    stays: Mapping[str, Stay]
    journey_seconds: int | None
    controls: frozenset[tuple[str, str]]
    presented: frozenset[str]
    officer_seconds: int
    coverage: float
    wished_at: int | None = None
    reached_at: int | None = None
    through_at: int | None = None
    quay_seconds: int | None = None
    """How long it waited for ships in all; None if it never sailed on a line."""
    stamps: Mapping[str, Stamps] = field(default_factory=dict)
    officers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    motion: Motion | None = None

    @property
    def border_seconds(self) -> int:
        """Seconds from arrival to crossing, summed over all sides."""
        seconds = 0
        for stay in self.stays.values():  # asked for half a million times in an experiment: a sum takes twice as long
            seconds += stay.seconds
        return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmMeasures:
    """One arm of one replication. ``utilisation``, ``queues``, ``messages``, ``account``, ``images`` as in
    :class:`scenarios.events.ArmRun`."""

    arm: str
    replication: int
    consignments: tuple[ConsignmentMeasures, ...]
    utilisation: Mapping[str, Mapping[str, float]]
    messages: Mapping[str, int]
    account: Account | None = None
    queues: Mapping[str, Mapping[str, QueueFigures]] = field(default_factory=dict)
    images: ImageTally | None = None
    answers: tuple[Answer, ...] = ()
    """The services' last answers to the control results offered to them."""
    passed_back: tuple[Answer, ...] = ()
    """Those among them that came to the originator by a service between, as its result had gone."""
    matters: Matters | None = None
    stops: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None
    """Reasons why goods were stopped or not, counted (:mod:`scenarios.metrics.stops`); None where not all was kept."""

    @property
    def regular(self) -> tuple[ConsignmentMeasures, ...]:
        """The population of all hours: consignments with nothing wrong, the same in all arms."""
        return tuple(item for item in self.consignments if item.irregularity is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What measuring needs of a scenario.

    ``routes``: flow → its border sides in order, each with whether it is an entry side; ``detection``: what
    controls find; ``spots``: side → what its stamps need; ``departs``: flow → country of departure;
    ``heard``: (arm, flow) → share of the irregular of which services are warned (:mod:`scenarios.metrics.alerts`).
    """

    routes: Mapping[str, Sequence[tuple[str, bool]]]
    detection: Detection
    spots: Mapping[str, Spot] = field(default_factory=dict)
    departs: Mapping[str, str] = field(default_factory=dict)
    heard: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def measure(self, run: ArmRun) -> ArmMeasures:
        """Return the measures of ``run``. Raise MetricsError if its log contradicts itself."""
        logs: dict[str, list[Event]] = {facts.case: [] for facts in run.consignments}
        for event in run.events:
            if event.case in logs:
                logs[event.case].append(event)
        return ArmMeasures(
            arm=run.arm,
            replication=run.replication,
            consignments=tuple(
                self._consignment(run.arm, facts, sorted(logs[facts.case], key=_IN_TIME), run.told)
                for facts in sorted(run.consignments, key=lambda facts: facts.case)
            ),
            utilisation={side: dict(resources) for side, resources in run.utilisation.items()},
            messages=dict(run.messages),
            account=run.account,
            images=run.images,
            queues={side: dict(resources) for side, resources in run.queues.items()},
            answers=tuple(answer for _, answer in sorted(run.told.answers.items())),
            passed_back=tuple(answer for _, answer in sorted(run.told.passed_back.items())),
            stops=counted(run.reasons) if run.reasons else None,
            matters=run.matters,
        )

    def _consignment(self, arm: str, facts: ConsignmentFacts, log: Sequence[Event], told: Told) -> ConsignmentMeasures:
        of_kind: dict[str, list[Event]] = {}
        for event in log:
            of_kind.setdefault(event.kind, []).append(event)
        made, reached, crossed = (of_kind.get(kind, ()) for kind in ("control", "arrived", "crossed"))
        departed, delivered = _first(of_kind, "departed"), _first(of_kind, "delivered")
        journey = None if departed is None or delivered is None else delivered - departed
        route = self.routes[facts.flow]
        arrived = {event.data["side"]: event.at for event in reversed(reached)}
        controls: dict[tuple[str, str], bool] = {}
        for event in made:
            place = event.data["side"] or event.data["office"]
            controls[place, str(event.data["form"]).lower()] = event.data["presentation"] == "DEPARTURE"
        seized = "seized" in of_kind
        lodged = of_kind.get("lodged", ())
        wished = lodged[0].data.get("wished") if lodged else None
        waits = [int(event.data["waited"]) for event in of_kind.get("sailed", ())]
        at_an_end = [*lodged, *[event for event in made if event.data["side"] is None]]
        return ConsignmentMeasures(
            case=facts.case,
            flow=facts.flow,
            vehicle=facts.vehicle,
            containers=facts.containers,
            on_list=facts.on_list,
            irregularity=None if facts.irregularity is None else facts.irregularity.grade,
            found=seized or any(event.data.get("found") for event in made),
            seized=seized,
            stays=_stays(facts, crossed, route, arrived),
            journey_seconds=journey,
            controls=frozenset(controls),
            presented=frozenset(arrived) | {event.data["office"] for event in at_an_end},
            officer_seconds=sum([int(event.data["officer_seconds"]) for event in made]),
            coverage=coverage(
                self._got(route, arrived, controls), self.detection, self._warned(arm, facts, called="alert" in of_kind)
            ),
            wished_at=wished,
            reached_at=None if wished is None else _first(of_kind, "arrived"),
            through_at=None if wished is None or not crossed else crossed[-1].at,
            quay_seconds=sum(waits) if waits else None,
            stamps=stamps(log, self.spots, told, self.departs.get(facts.flow, "")),
            officers=officers(made),
            motion=motion(log),
        )

    def _warned(self, arm: str, facts: ConsignmentFacts, *, called: bool) -> Warned | None:
        share = self.heard.get((arm, facts.flow))
        return None if share is None else Warned(share=share, called=called)

    def _got(
        self,
        route: Sequence[tuple[str, bool]],
        arrived: Mapping[str, int],
        controls: Mapping[tuple[str, str], bool],
    ) -> ControlsGot:
        keys = {side for side, _ in route}
        sides = [
            (entry, {form for place, form in controls if place == side}) for side, entry in route if side in arrived
        ]
        at_destination = {form for (place, form), start in controls.items() if place not in keys and not start}
        return ControlsGot(
            departure={form for (_, form), start in controls.items() if start},
            sides=[*sides, (False, at_destination)],
            entries=sum(entry for _, entry in route),
        )


def _stays(
    facts: ConsignmentFacts,
    crossed: Iterable[Event],
    route: Sequence[tuple[str, bool]],
    arrived: Mapping[str, int],
) -> dict[str, Stay]:
    stays: dict[str, Stay] = {}
    for event in crossed:
        side = event.data["side"]
        if side not in arrived:
            raise MetricsError(f"{facts.case} crossed {side} at {event.at} s without having arrived there")
        held = dict.fromkeys(PHASES, 0)
        for phase, begin, end in event.data["segments"]:
            held[phase] += end - begin
        seconds = event.at - arrived[side]
        if sum(held.values()) != seconds:
            raise MetricsError(
                f"{facts.case} stood {seconds} s at {side} but its segments sum to {sum(held.values())} s"
            )
        stays[side] = Stay(seconds=seconds, phases=tuple(held.values()))
    order = {side: number for number, (side, _) in enumerate(route)}
    if facts.irregularity is None and (missing := sorted(set(arrived) - set(stays))):
        raise MetricsError(f"{facts.case} arrived at {', '.join(missing)} and never crossed")
    return dict(sorted(stays.items(), key=lambda item: order.get(item[0], len(order))))


def _first(of_kind: Mapping[str, Sequence[Event]], kind: str) -> int | None:
    events = of_kind.get(kind)
    return events[0].at if events else None


__all__ = ["FORMS", "ArmMeasures", "ConsignmentMeasures", "MetricsError", "Stay", "Yardstick"]
