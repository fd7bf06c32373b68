"""Running the trials of a plan: those not stored yet, a fixed number or as many as a precision asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Literal

from exchange.errors import CorridorError
from scenarios.experiments.plan import Plan, Point
from scenarios.experiments.reading import Reading, read
from scenarios.experiments.ready import Ready, Task
from scenarios.experiments.statistics import half_widths
from scenarios.experiments.store import Key, TrialStore
from scenarios.experiments.trial import Trial, TrialResult

LEAST = 20
"""Replications before a precision is judged, and of a variation where a precision decides on those of the base."""
MOST = 5_000
"""Replications after which a precision is given up."""
GROWTH = 2.0
"""A precision is judged again after at most so many times the replications."""
ROOM = 200_000_000
"""Bytes of rows of trials that are kept ready in memory, so that gathering these needs no reading."""
REPORTED = 100
"""Replications that the report's parts of a run are made of, at most: consignments are kept whole for them."""
Which = Literal["one", "all"]


class CompareError(CorridorError):
    """An experiment cannot be made as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How an experiment is run. ``precision``: a share of the baseline's mean hours; it decides on the number then.

    ``workers`` (None: as many as processors) and ``cluster`` change nothing in the results.
    """

    replications: int = LEAST
    precision: float | None = None
    events: Which = "one"
    workers: int | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """How far an experiment is: trials done of those planned so far, and how many of these were stored before."""

    done: int
    planned: int
    before: int


Watch = Callable[[Step], None]


class Runner:
    """Runs the trials that are not stored yet, and keeps count."""

    def __init__(self, plan: Plan, settings: Settings, store: TrialStore, program: str, watch: Watch | None) -> None:
        self._plan = plan
        self._settings = settings
        self._store = store
        self._program = program
        self._watch = watch
        self._before = len(store)
        self._ready: dict[Key, Ready] = {}
        self._room = ROOM
        self._tasks = {point.scenario.digest: _task(plan, point) for point in plan.points}

    def run(self, pool: Any) -> dict[str, int]:
        """Run everything; return digest → replications."""
        settings, points = self._settings, self._plan.points
        base, others = points[0], points[1:]
        if settings.precision is None:
            counts = {point.scenario.digest: settings.replications for point in points}
            self._do(pool, counts, points)
            return counts
        wanted = LEAST
        while True:
            counts = {base.scenario.digest: wanted} | {point.scenario.digest: LEAST for point in others}
            self._do(pool, counts, (base,))
            following = next_count(self.of_point(base, wanted), wanted, settings.precision)
            if following is None:
                break
            wanted = following
        self._do(pool, counts, points)
        return counts

    def _do(self, pool: Any, counts: Mapping[str, int], points: Iterable[Point]) -> None:
        missing = list(self._missing(counts, points))
        planned, done = sum(counts.values()), sum(counts.values()) - len(missing)
        if self._watch is not None:
            self._watch(Step(done, planned, self._before))
        for result in pool.run(missing):
            self._keep(result)
            done += 1
            if self._watch is not None:
                self._watch(Step(done, planned, self._before))

    def _keep(self, result: Ready) -> None:
        if result.program != self._program:
            raise CompareError(
                "a worker ran another version of the program than this one (they differ in a file): install the same "
                "everywhere, leave the program alone while an experiment runs, and go on with --resume"
            )
        self._store.put(result.key, result.line)
        if len(result.packed) <= self._room:
            self._room -= len(result.packed)
            self._ready[result.key] = result

    def ready(self, key: Key) -> Ready:
        """Return a trial that was run or stored before."""
        held = self._ready.get(key)
        return self._tasks[key[0]].readying.of(self._store.read(key)) if held is None else held

    def whole(self, key: Key) -> TrialResult:
        """Return all of a trial that was run or stored before."""
        held = self._ready.get(key)
        return self._store.read(key) if held is None or held.whole is None else held.whole

    def _missing(self, counts: Mapping[str, int], points: Iterable[Point]) -> Iterator[Task]:
        chosen = list(points)
        for replication in range(max(counts.values())):
            for point in chosen:
                digest = point.scenario.digest
                if replication < counts[digest] and (digest, replication) not in self._store:
                    base = point is self._plan.points[0]
                    task = self._tasks[digest]
                    trace = (base and replication == 0) or self._settings.events == "all"
                    twins = base and bool(point.scenario.faults)
                    trial = replace(task.trial, replication=replication, trace=trace, twins=twins)
                    yield replace(task, trial=trial, whole=base and replication < REPORTED)

    def keys(self, counts: Mapping[str, int]) -> list[tuple[str, int]]:
        """Return the trials that count, in the order of points and replications."""
        return [(digest, number) for digest, count in counts.items() for number in range(count)]

    def of_point(self, point: Point, count: int) -> dict[str, list[Reading]]:
        """Return the readings of a point: arm → its first ``count`` replications."""
        found: dict[str, list[Reading]] = {arm: [] for arm in self._plan.arms}
        for number in range(count):
            key = (point.scenario.digest, number)
            held = self._ready.get(key)
            for reading in map(read, self._store.read(key).measures) if held is None else held.readings:
                found[reading.arm].append(reading)
        return found

    def readings(self, counts: Mapping[str, int]) -> dict[str, dict[str, list[Reading]]]:
        """Return digest → arm → readings."""
        return {p.scenario.digest: self.of_point(p, counts[p.scenario.digest]) for p in self._plan.points}


def _task(plan: Plan, point: Point) -> Task:
    """Return the task of a variation's first replication."""
    trial = Trial(scenario=point.scenario, seed=plan.seed, replication=0, arms=plan.arms, trace=False)
    return Task(trial=trial, label=point.label, sides=plan.sides)


def next_count(readings: Mapping[str, list[Reading]], count: int, precision: float) -> int | None:
    """Return after how many replications to judge the precision again; None if it is reached, or is given up.

    The number follows from the half-widths so far (they fall with the root of the number), not from when which worker
    was done: the same experiment stops at the same number everywhere.
    """
    widest = max(half_widths(readings).values(), default=0.0)
    if widest <= precision or count >= MOST:
        return None
    needed = count * min((widest / precision) ** 2 * 1.05, GROWTH)
    return min(max(ceil(needed), count + 1), MOST)


__all__ = ["LEAST", "MOST", "REPORTED", "CompareError", "Runner", "Settings", "Step", "Watch", "next_count"]
