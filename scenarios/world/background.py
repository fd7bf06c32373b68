"""Background traffic of a side: it sends no messages, is worked the baseline way, and is the same in all arms.

A vehicle takes one job a phase. Its luck is its own: ``<side>/<day>/<number>``. When vehicles come and how long their
work takes is drawn once a replication; the arms share it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache, partial
from math import exp, log, sqrt
from zoneinfo import ZoneInfo

from exchange.luck import Luck, binomial, lognormal, poisson
from scenarios.scenario import HOUR, Background, Phase, Scenario, seconds
from scenarios.scenario.border import STAFF
from scenarios.scenario.policy import Selection
from scenarios.world.border import Border
from scenarios.world.schedule import DAY, local_second, profile_sums
from scenarios.world.stations import Job, Station

Draw = Callable[[str], int]
"""How many seconds a phase takes for the vehicle named; -1: the phase is left out."""


class Drawn:
    """What was drawn of one replication.

    ``seconds``: (side, number of the step) → vehicle → seconds, as of :data:`Draw`; ``days``: (side, day) → the seconds
    and numbers of its arrivals, in order.
    """

    def __init__(self) -> None:
        self.seconds: dict[tuple[str, int], dict[str, int]] = {}
        self.days: dict[tuple[str, int], list[tuple[int, int]]] = {}


@lru_cache(maxsize=2)
def _drawn(_digest: str, _luck: Luck) -> Drawn:
    """Return what the arms of a replication share, those of a scenario and its twin without faults at the same time."""
    return Drawn()


class Step:
    """One job of a background vehicle. ``draw`` none: it holds its station until the vehicle leaves.

    ``officers``: how many it draws where officers are shared.
    """

    __slots__ = ("aside", "draw", "followers", "needs", "officers", "station", "units")

    def __init__(
        self, station: Station | None, draw: Draw | None, units: int = 1, aside: bool = False, officers: int = 0
    ) -> None:
        self.station = station
        self.draw = draw
        self.units = units
        self.aside = aside
        self.officers = officers
        self.needs = 0
        self.followers: list[int] = []


class Passage:
    """A background vehicle on its way through the steps."""

    __slots__ = ("held", "left", "missing", "name", "traffic")

    def __init__(self, traffic: Traffic, name: str) -> None:
        self.traffic = traffic
        self.name = name
        self.missing = traffic.needs.copy()
        self.held: list[Job] | None = None
        self.left = len(traffic.steps)

    def start(self, number: int) -> None:
        """Begin step ``number``."""
        step = self.traffic.steps[number]
        station = step.station
        if step.draw is None:
            assert station is not None
            station.submit(None, partial(self._entered, number))
            return
        work = step.draw(self.name)
        if work < 0 or (work == 0 and station is None):
            self.ended(number)
        elif station is None:
            self.traffic.env.after(work, self.ended, number)
        elif step.aside:
            station.submit(work, None, units=step.units, officers=step.officers)
            self.ended(number)
        else:
            station.submit(work, partial(self.ended, number), units=step.units, officers=step.officers)

    def _entered(self, number: int, job: Job) -> None:
        if self.held is None:
            self.held = []
        self.held.append(job)
        self.ended(number)

    def ended(self, number: int, _job: Job | None = None) -> None:
        """Go on after step ``number``."""
        self.left -= 1
        if not self.left:
            for job in self.held or ():
                job.station.release(job)
            self.traffic.passed(self.name)
            return
        missing = self.missing
        for follower in self.traffic.steps[number].followers:
            missing[follower] -= 1
            if not missing[follower]:
                self.start(follower)


class Traffic:
    """The background traffic of one side; :meth:`begin` starts it, ``running`` is asked before every arrival.

    ``onward`` is the traffic of the sides that this one's vehicles reach when they have passed.
    """

    def __init__(self, border: Border, scenario: Scenario, running: Callable[[], bool]) -> None:
        assert border.side.background is not None
        self.env = border.env
        self.steps: list[Step] = []
        self.onward: list[Traffic] = []
        self._border = border
        self._luck: Luck = border.luck
        self._background: Background = border.side.background
        self._running = running
        self._scenario = scenario
        self._drawn = _drawn(scenario.digest, border.luck)
        self._lay_out()
        self.needs = [step.needs for step in self.steps]
        self._first = [number for number, step in enumerate(self.steps) if not step.needs]

    def begin(self) -> None:
        """Start with the local day in which the scenario starts."""
        if self._background.follows is None:
            self._day(0, -local_second(self._scenario, self._border.side, 0))

    def passed(self, name: str) -> None:
        """Send the vehicle ``name`` on to the sides that follow."""
        for traffic in self.onward:
            traffic.admit(name.partition("/")[2])

    def admit(self, number: str) -> None:
        """Let the vehicle of this number (day and turn) arrive now, if the run has not finished."""
        if self._running():
            passage = Passage(self, f"{self._border.key}/{number}")
            for step in self._first:
                passage.start(step)

    def _day(self, day: int, midnight: int) -> None:
        if not self._running():
            return
        times = self._drawn.days.get((self._border.key, day))
        if times is None:
            times = self._drawn.days[self._border.key, day] = self._arrivals(day, midnight)
        self._next([(at, n) for at, n in times if at >= int(self.env.now)], 0, day)
        until = midnight + DAY - int(self.env.now)
        self.env.after(until, lambda _none: self._day(day + 1, midnight + DAY), None)

    def _arrivals(self, day: int, midnight: int) -> list[tuple[int, int]]:
        """Return when vehicles come on the local day that begins at ``midnight``, and their numbers, in order."""
        background, name = self._background, f"{self._border.key}/{day}"
        assert background.rate is not None and background.spread is not None
        variance = log(1 + background.spread.value**2)
        factor = lognormal(self._luck.uniform(name, "background", "day"), exp(-variance / 2), sqrt(variance))
        if background.week is not None:
            factor *= background.week.value[self._weekday(midnight)]
        count = poisson(self._luck.uniform(name, "background", "count"), background.rate.value * factor)
        return sorted(
            (midnight + self._second(self._luck.uniform(name, "background", "turn", n)), n) for n in range(count)
        )

    def _weekday(self, midnight: int) -> int:
        """Return the local weekday (0 Monday) of the day that begins at ``midnight``."""
        noon = self._scenario.start + timedelta(seconds=midnight + DAY // 2)
        return noon.astimezone(ZoneInfo(self._border.side.timezone)).weekday()

    def _next(self, times: list[tuple[int, int]], index: int, day: int) -> None:
        if index == len(times):
            return
        self.env.after(times[index][0] - int(self.env.now), self._come, (times, index, day))

    def _come(self, turn: tuple[list[tuple[int, int]], int, int]) -> None:
        times, index, day = turn
        self._next(times, index + 1, day)
        self.admit(f"{day}/{times[index][1]}")

    def _second(self, u: float) -> int:
        profile = self._background.profile
        if profile is None:
            return int(u * DAY)
        sums = profile_sums(profile.value)
        target = u * sums[-1]
        hour = bisect_right(sums, target)
        low = sums[hour - 1] if hour else 0.0
        return int((hour + (target - low) / (sums[hour] - low)) * HOUR)

    def _lay_out(self) -> None:
        """Turn the side's phases into steps; customs become documents, scan and inspection one after the other."""
        border = self._border
        ends: dict[str, int] = {}
        for name, befores in border.after.items():
            phase = border.side.phases[name]
            after = [ends[before] for before in befores]
            if phase.bucket == "customs":
                ends[name] = self._customs(after)
            elif phase.holds:
                ends[name] = self._add(Step(border.stations[phase.resource or ""], None, phase.units), after)
            else:
                station = border.stations[phase.resource] if phase.resource else None
                ends[name] = self._add(Step(station, self._phase_draw(name, phase), phase.units), after)

    def _add(self, step: Step, after: list[int]) -> int:
        number = len(self.steps)
        for before in dict.fromkeys(after):
            self.steps[before].followers.append(number)
            step.needs += 1
        self.steps.append(step)
        return number

    def _phase_draw(self, name: str, phase: Phase) -> Draw:
        luck, parts = self._luck, [part.value for part in phase.takes]
        if all(part.fixed for part in parts):
            work = sum(part.seconds(0.5) for part in parts)
            return lambda _vehicle: work
        if len(parts) == 1:
            only = parts[0]
            return self._once(lambda vehicle: only.seconds(luck.uniform(vehicle, "background", name)))
        return self._once(
            lambda vehicle: sum(
                part.seconds(luck.uniform(vehicle, "background", name, n)) for n, part in enumerate(parts)
            )
        )

    def _once(self, draw: Draw) -> Draw:
        """Return ``draw`` of the step that is laid out next, such that only the first arm of a replication draws."""
        known = self._drawn.seconds.setdefault((self._border.key, len(self.steps)), {})

        def once(vehicle: str) -> int:
            found = known.get(vehicle)
            if found is None:
                found = known[vehicle] = draw(vehicle)
            return found

        return once

    def _customs(self, after: list[int]) -> int:
        border, background = self._border, self._background
        side = border.side
        assert side.customs is not None and border.post is not None
        works = border.post.works
        officers = works.officers
        selection = self._scenario.controls[side.office].presentations.get(border.post.presentation)
        count, units = background.consignments.number, background.units.number
        last = -1
        if selection is None:
            return self._add(Step(None, lambda _vehicle: 0), after)
        if selection.documents != "none":
            table = side.customs.documents
            extent = selection.documents.upper()
            work = sum(works.document_seconds(extent, share) for share in shares(units, count))
            desks = min(table.at_most or 1, count)
            fixed = round(work / desks)
            step = self._work(table.resource, lambda _vehicle: fixed, desks * officers("DOCUMENTARY"), desks)
            last = self._add(step, after)
            after = [last]
        if self._scan_share(selection):
            for scan in side.customs.scan:
                fixed_hours, each = scan.fixed.value, scan.each.value if scan.each is not None else 0.0
                draw = self._scan_draw(selection, scan.per == "vehicle", fixed_hours, each)
                last = self._add(self._work(scan.resource, draw, officers("SCAN")), after)
                after = [last]
        if selection.physical:
            inspected, aside = self._inspection_draw(selection), side.customs.hold is not None
            step = self._work(side.customs.inspection_resource, inspected, officers("PHYSICAL"), aside=aside)
            last = self._add(step, after)
            after = [last]
        if last < 0:
            last = self._add(Step(None, lambda _vehicle: 0), after)
        return last

    def _work(self, resource: str | None, draw: Draw, officers: int, desks: int = 1, aside: bool = False) -> Step:
        """Return a step of customs work; without a resource it needs officers alone, where they are shared."""
        border = self._border
        if resource is not None:
            return Step(border.stations[resource], draw, desks, aside, officers)
        shared = border.side.customs is not None and border.side.customs.staff is not None and officers
        return Step(border.stations[STAFF], draw, officers, aside) if shared else Step(None, draw, aside=aside)

    def _scan_share(self, selection: Selection) -> float:
        own = self._background.scan
        return selection.scan if own is None else own.value

    def _scan_draw(self, selection: Selection, vehicle_step: bool, fixed: float, each: float) -> Draw:
        luck, background = self._luck, self._background
        count, units = background.consignments.number, background.units.number
        share = self._scan_share(selection)
        if share >= 1.0:
            whole = seconds(fixed * (1 if vehicle_step else count) + each * units)
            return lambda _vehicle: whole

        def draw(vehicle: str) -> int:
            chosen = binomial(luck.uniform(vehicle, "background", "scan"), count, share)
            if not chosen:
                return -1
            return seconds(fixed * (1 if vehicle_step else chosen) + each * units * chosen / count)

        return self._once(draw)

    def _inspection_draw(self, selection: Selection) -> Draw:
        luck, count = self._luck, self._background.consignments.number
        customs = self._border.side.customs
        assert customs is not None
        takes, share = customs.inspection.value, selection.physical

        def draw(vehicle: str) -> int:
            chosen = binomial(luck.uniform(vehicle, "background", "inspected"), count, share)
            if not chosen:
                return -1
            return sum(takes.seconds(luck.uniform(vehicle, "background", "inspection", n)) for n in range(chosen))

        return self._once(draw)


def shares(units: int, count: int) -> list[int]:
    """Return how ``units`` are spread over ``count`` consignments."""
    return [units // count + (1 if number < units % count else 0) for number in range(count)]


__all__ = ["Passage", "Step", "Traffic", "shares"]
