"""When the vehicles of a flow leave and are expected: plans made before anything happens, equal in all arms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from exchange.luck import Luck
from scenarios.scenario import HOUR, Flow, Scenario, Side, seconds
from scenarios.scenario.traffic import Leg

DAY = 24 * HOUR
BOOKED_BEFORE = 2 * HOUR
"""How long before the goods would be declared at the earliest a carrier books its time (designed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of one vehicle, in seconds since the scenario's start.

    ``leaves``: from the first stop. ``presented``: goods are shown at the departure office. ``lodged``: traders'
    declarations. ``expected``: arrival at each stop of the route by its number, strictly rising. ``wished``: when the
    carrier would have liked to come to the first border side, where the scenario's flows book their times. ``turn``:
    the time that it books there, if it does.
    """

    vehicle: str
    number: int
    lodged: int
    presented: int
    leaves: int
    expected: Mapping[int, int]
    wished: int | None = None
    turn: Turn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A time to be booked at the first border side, in seconds since the scenario's start.

    ``asked``: when the carrier asks for the first free time from ``wished`` on. ``slot``: which that will be, if all
    books so. ``comes``: when the vehicle comes then; ``before``: how long before its time, if it need not wait.
    """

    asked: int
    wished: int
    slot: int
    before: int

    def comes(self, slot: int) -> int:
        """Return when the vehicle comes to the border if its time is ``slot``: never before it wished to."""
        return max(self.wished, slot - self.before)


def plans(scenario: Scenario, flow: Flow, luck: Luck) -> Iterator[Plan]:
    """Yield the plans of all vehicles of ``flow``."""
    vehicles = flow.vehicles
    first = seconds((vehicles.first or scenario.warm_up).value)
    arrivals, turns = _arrivals(scenario, flow, first, luck) if vehicles.interval is None else ([], {})
    for number in range(1, vehicles.count.number + 1):
        name = vehicle_name(flow, number)
        if vehicles.interval is not None:
            leaves = first + round((number - 1) * vehicles.interval.value * HOUR)
            yield _scheduled(scenario, flow, name, number, leaves)
        else:
            plan = _waiting(scenario, flow, name, number, arrivals[number - 1], luck)
            yield replace(plan, turn=turns[number]) if number in turns else plan


def vehicle_name(flow: Flow, number: int) -> str:
    """Return the name of vehicle ``number`` (from 1) of ``flow``."""
    width = 2 if flow.vehicles.count.number < 100 else 3
    return f"{flow.vehicles.prefix}{number:0{width}d}"


def _arrivals(
    scenario: Scenario, flow: Flow, first: int, luck: Luck
) -> tuple[list[tuple[int, int]], dict[int, Turn]]:
    """Return for each vehicle of a rate when it wishes to come to the first border side, and when it will.

    With a booking it comes a little before its time; times are given in the order of the wishes, none before its wish.
    They are asked for one after the other, each before its vehicle's goods are declared.
    """
    vehicles, side = flow.vehicles, scenario.sides[flow.sides[0]]
    assert vehicles.rate is not None
    wishes = []
    for number in range(1, vehicles.count.number + 1):
        day, turn = divmod(number - 1, max(1, round(vehicles.rate.value)))
        midnight = first + day * DAY - local_second(scenario, side, first)
        u = luck.uniform(vehicle_name(flow, number), side.key, "turn", turn)
        wishes.append(midnight + DAY + day_second(side, u))
    if vehicles.booking is None:
        return [(wish, wish) for wish in wishes], {}
    spacing, early = vehicles.booking.spacing, vehicles.booking.early.value
    notice = seconds(flow.presented_before.value + flow.declared_before.value) + BOOKED_BEFORE
    turns, free, asked = dict[int, Turn](), 0, -1
    for wish, number in sorted((wish, number) for number, wish in enumerate(wishes, 1)):
        slot, asked = max(free, wish), max(asked + 1, wish - notice)
        free = slot + spacing
        before = early.seconds(luck.uniform(vehicle_name(flow, number), side.key, "early"))
        turns[number] = Turn(asked=asked, wished=wish, slot=slot, before=before)
    return [(wish, turns[number].comes(turns[number].slot)) for number, wish in enumerate(wishes, 1)], turns


def _scheduled(scenario: Scenario, flow: Flow, name: str, number: int, leaves: int) -> Plan:
    return Plan(
        vehicle=name,
        number=number,
        lodged=leaves - seconds(flow.declared_before.value),
        presented=leaves - seconds(flow.presented_before.value),
        leaves=leaves,
        expected=_expected(scenario, flow, 0, leaves),
    )


def _waiting(scenario: Scenario, flow: Flow, name: str, number: int, turn: tuple[int, int], luck: Luck) -> Plan:
    """A vehicle that waits at the departure office for its turn at the entry side."""
    lead = flow.vehicles.lead
    side_stop = next(n for n, stop in enumerate(flow.stops) if stop.side is not None)
    side = scenario.sides[flow.sides[0]]
    wished, arrives = turn
    presented = arrives - seconds(flow.presented_before.value)
    leaves = arrives
    if lead is not None:
        late = luck.uniform(name, side.key, "late") < lead.late_share.value
        hours = lead.late.value if late else lead.usual.value.hours(luck.uniform(name, side.key, "lead"))
        presented = arrives - seconds(hours) - seconds(flow.presented_before.value)
        leaves = arrives - seconds(lead.waits_before.value)
    for leg in flow.legs[: side_stop if lead is None else _departure_stop(flow)]:
        leaves -= leg_seconds(leg)
    expected = {_departure_stop(flow): presented, side_stop: arrives}
    onward = _expected(scenario, flow, side_stop, arrives + seconds(planned_stay(scenario, side)))
    return Plan(
        vehicle=name,
        number=number,
        lodged=presented - seconds(flow.declared_before.value),
        presented=presented,
        leaves=leaves,
        expected={**expected, **{stop: at for stop, at in onward.items() if stop > side_stop}},
        wished=wished if scenario.books else None,
    )


def _departure_stop(flow: Flow) -> int:
    return next(number for number, stop in enumerate(flow.stops) if stop.office is not None)


def leg_seconds(leg: Leg) -> int:
    """Return the planned seconds of a leg that is not sailed on a line: its duration's mean, else length over speed."""
    if leg.takes is not None:
        return seconds(leg.takes.value.mean)
    assert leg.speed is not None
    return seconds(leg.length.value / leg.speed.value)


def _expected(scenario: Scenario, flow: Flow, stop: int, leaves: int) -> dict[int, int]:
    """Return the expected arrival at ``stop`` (its departure) and at each later one."""
    now, found = leaves, {stop: leaves}
    for number in range(stop + 1, len(flow.stops)):
        leg = flow.legs[number - 1]
        if leg.sailing is not None:
            line = scenario.sailings[leg.sailing]
            sails = line.scheduled(line.next(now)) + seconds(line.delay.value.mean)
            now = sails + seconds(leg.length.value / line.speed.value)
        else:
            now += leg_seconds(leg)
        now = max(now, found[number - 1] + 60)
        found[number] = now
        now = ready(scenario, flow, found, number)
    return found


def ready(scenario: Scenario, flow: Flow, expected: Mapping[int, int], number: int) -> int:
    """Return when a vehicle is planned to be done at stop ``number``, in seconds since the scenario's start."""
    here, now = flow.stops[number], expected[number]
    if number and here.side is not None:
        now += seconds(planned_stay(scenario, scenario.sides[here.side]))
    if number and here.dwell is not None:
        now += seconds(here.dwell.value.mean)
    return now


def planned_stay(scenario: Scenario, side: Side) -> float:
    """Return the hours a carrier plans for a side: the longest way through its phases at their means."""

    @cache
    def until(name: str) -> float:
        phase = side.phases[name]
        begins = max((until(before) for before in phase.after), default=0.0)
        return begins + sum(part.value.mean for part in phase.takes)

    return max((until(name) for name in side.phases), default=0.0)


def local_second(scenario: Scenario, side: Side, now: int) -> int:
    """Return the seconds since local midnight at ``now``."""
    local = (scenario.start + timedelta(seconds=now)).astimezone(ZoneInfo(side.timezone))
    return local.hour * HOUR + local.minute * 60 + local.second


def day_second(side: Side, u: float) -> int:
    """Return the second of the local day that is the quantile of ``u`` of the side's day profile."""
    profile = side.background.profile if side.background is not None else None
    if profile is None:
        return int(u * DAY)
    sums = profile_sums(profile.value)
    target = u * sums[-1]
    hour = next(number for number, total in enumerate(sums) if target < total)
    low = sums[hour - 1] if hour else 0.0
    return int((hour + (target - low) / (sums[hour] - low)) * HOUR)


@cache
def profile_sums(weights: tuple[float, ...]) -> tuple[float, ...]:
    """Return the running sums of a day profile's weights."""
    return tuple(accumulate(weights))


__all__ = ["DAY", "Plan", "day_second", "leg_seconds", "local_second", "planned_stay", "plans", "profile_sums", "ready"]
