"""Stations: desks, scanners, bays, cranes and slots with their queues and opening hours.

A station is driven by callbacks and costs one simulated event a job. Jobs of priority 0 come before those of
priority 1; within a priority, first come, first served. Work that has begun is never interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scenarios.queueing import QueueFigures
from scenarios.world.clock import Clock
from scenarios.world.lines import Line

Done = Callable[["Job"], object]


class Opening:
    """Local opening hours of each weekday, seen from seconds since the scenario's start.

    ``hours``: from Monday, ``HH:MM-HH:MM`` or ``closed``; one day at least is open.
    """

    def __init__(self, hours: Sequence[str], zone: str, start: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._start = start
        self._days = [None if text == "closed" else _minutes(text) for text in hours]

    def next(self, now: int) -> int:
        """Return ``now`` if it lies within the hours, else the second at which they next begin."""
        local = (self._start + timedelta(seconds=now)).astimezone(self._zone)
        today = self._days[local.weekday()]
        minute = local.hour * 60 + local.minute
        if today is not None and today[0] <= minute < today[1]:
            return now
        for ahead in range(0 if today is not None and minute < today[0] else 1, 8):
            day = local.date() + timedelta(days=ahead)
            opens = self._days[day.weekday()]
            if opens is not None:
                hour, rest = divmod(opens[0], 60)
                begin = datetime(day.year, day.month, day.day, hour, rest, tzinfo=self._zone)
                return int((begin - self._start).total_seconds())
        raise ValueError("no opening hours on any day of the week")


def _minutes(hours: str) -> tuple[int, int]:
    opens, closes = hours.split("-")
    return int(opens[:2]) * 60 + int(opens[3:]), int(closes[:2]) * 60 + int(closes[3:])


class Job:
    """Work at a station. ``seconds`` none: the units are held until :meth:`Station.release`.

    ``asked`` is when it joined the queue, if it had to. ``officers``: how many it draws from the staff for its seconds;
    its place at the station is taken while it waits for them, and ``began`` is when they came.
    """

    __slots__ = (
        "asked",
        "began",
        "done",
        "ended",
        "group",
        "limit",
        "officers",
        "priority",
        "seconds",
        "station",
        "units",
    )

    def __init__(
        self,
        station: Station,
        seconds: int | None,
        done: Done | None,
        priority: int,
        units: int,
        group: object,
        limit: int,
        officers: int,
    ) -> None:
        self.station = station
        self.seconds = seconds
        self.done = done
        self.priority = priority
        self.units = units
        self.group = group
        self.limit = limit
        self.officers = officers
        self.asked = 0
        self.began: int | None = None
        self.ended: int | None = None


class Station:
    """Some equal servers with one queue. Times are whole seconds.

    ``staff``: where jobs draw their officers, if these are shared.
    """

    def __init__(
        self,
        env: Clock,
        name: str,
        capacity: int,
        *,
        opening: Opening | None = None,
        counted_from: int = 0,
        staff: Station | None = None,
    ) -> None:
        self.name = name
        self.capacity = capacity
        self.used = 0
        self._env = env
        self._opening = opening
        self._staff = staff
        self._lines = (Line(counted_from), Line(counted_from))
        self._groups: dict[object, int] = {}
        self._wakes: int | None = None
        self._counted_from = counted_from
        self._area = 0
        self._since = counted_from

    def submit(
        self,
        seconds: int | None,
        done: Done | None,
        *,
        priority: int = 0,
        units: int = 1,
        group: object = None,
        limit: int = 0,
        officers: int = 0,
    ) -> Job:
        """Queue a job; ``done`` is called at its end (or, if it holds its units, at its beginning).

        At most ``limit`` jobs of one ``group`` are in work at a time; 0 means no limit.
        """
        job = Job(self, seconds, done, priority, units, group, limit, officers)
        lines = self._lines
        line, now = lines[priority], int(self._env._now)
        if (
            self._opening is None
            and not limit
            and self.used + units <= self.capacity
            and not lines[0].jobs
            and not lines[1].jobs
        ):
            if now >= self._counted_from:
                line.straight += 1
            self._start(job)
        else:
            line.join(job, now)
            self._dispatch()
        return job

    def withdraw(self, job: Job) -> bool:
        """Take ``job`` out of the queue; return False if its work had begun."""
        if job.began is not None:
            return False
        self._lines[job.priority].drop(job, int(self._env.now))
        self._dispatch()
        return True

    def release(self, job: Job) -> None:
        """End a job that held its units."""
        self._free(job)
        self._dispatch()

    def let_go(self) -> None:
        """Forget the jobs that still wait, once all is over."""
        for line in self._lines:
            line.jobs.clear()

    @property
    def waiting(self) -> int:
        """Return the number of jobs in the queue."""
        return len(self._lines[0].jobs) + len(self._lines[1].jobs)

    @property
    def oldest(self) -> int | None:
        """Return since when the job waits that has waited longest, of those that are not put last; None: none waits."""
        jobs = self._lines[0].jobs
        return jobs[0].asked if jobs else None

    @property
    def holds(self) -> bool:
        """Return whether what waits longest here is a place that is held until :meth:`release`."""
        jobs = self._lines[0].jobs
        return bool(jobs) and jobs[0].seconds is None

    def queue(self, priority: int = 0) -> QueueFigures:
        """Return what the queue of this priority came to, from the begin of counting until now."""
        return self._lines[priority].figures(int(self._env.now))

    def busy_share(self) -> float:
        """Return the share of capacity in use from the begin of counting until now (0–1)."""
        self._count()
        span = self._since - self._counted_from
        return self._area / (span * self.capacity) if span > 0 else 0.0

    def _count(self) -> None:
        now = int(self._env.now)
        if now > self._since:
            self._area += self.used * (now - self._since)
            self._since = now

    def _dispatch(self) -> None:
        if self.used >= self.capacity:
            return
        for line in self._lines:
            queue = line.jobs
            if not queue:
                continue
            if self._opening is not None and not self._is_open():
                return
            head = queue[0]
            if not head.limit and self.used + head.units == self.capacity:  # the usual case: one place, one job
                self._start(line.take(0, int(self._env._now)))
                return
            index = 0
            while index < len(queue) and self.used < self.capacity:
                job = queue[index]
                if job.limit and self._groups.get(job.group, 0) >= job.limit:
                    index += 1
                    continue
                if self.used + job.units > self.capacity:
                    return
                self._start(line.take(index, int(self._env._now)))

    def _is_open(self) -> bool:
        assert self._opening is not None
        now = int(self._env.now)
        opens = self._opening.next(now)
        if opens == now:
            return True
        if self._wakes != opens:
            self._wakes = opens
            self._env.after(opens - now, Station._dispatch, self)
        return False

    def _start(self, job: Job) -> None:
        env = self._env
        now = int(env._now)
        if now > self._since:
            self._area += self.used * (now - self._since)
            self._since = now
        self.used += job.units
        job.began = now
        if job.limit:
            self._groups[job.group] = self._groups.get(job.group, 0) + 1
        if job.seconds is not None:
            if job.officers and self._staff is not None:
                self._staff.submit(
                    job.seconds, lambda crew: self._worked(job, crew), priority=job.priority, units=job.officers
                )
                return
            env.after(job.seconds, self._finish, job)
        else:
            done, job.done = job.done, None
            if done is not None:
                done(job)

    def _free(self, job: Job) -> None:
        now = int(self._env._now)
        if now > self._since:
            self._area += self.used * (now - self._since)
            self._since = now
        self.used -= job.units
        job.ended = now
        if job.limit:
            left = self._groups[job.group] - 1
            if left:
                self._groups[job.group] = left
            else:
                del self._groups[job.group]

    def _worked(self, job: Job, crew: Job) -> None:
        job.began = crew.began
        self._finish(job)

    def _finish(self, job: Job) -> None:
        self._free(job)
        if self._lines[0].jobs or self._lines[1].jobs:
            self._dispatch()
        done, job.done = job.done, None
        if done is not None:
            done(job)


__all__ = ["Job", "Opening", "Station"]
