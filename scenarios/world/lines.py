"""A line before a station: the jobs that wait, in order, and the account of how many waited and how long.

The account is kept twice over, by the length of the line at each moment and by the wait of each job, so that
:attr:`scenarios.queueing.QueueFigures.little` can hold the one against the other.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from scenarios.queueing import QueueFigures

if TYPE_CHECKING:
    from scenarios.world.stations import Job


class Line:
    """Jobs that wait. Times are whole seconds; the account runs from ``counted_from``."""

    __slots__ = (
        "_area",
        "_arrivals",
        "_at_start",
        "_before",
        "_begun",
        "_from",
        "_gone",
        "_gone_seconds",
        "_longest",
        "_longest_wait",
        "_since",
        "_waited",
        "jobs",
        "straight",
    )

    def __init__(self, counted_from: int) -> None:
        self.jobs: deque[Job] = deque()
        self.straight = 0
        """Jobs that were taken up without joining, in the counted time."""
        self._from = self._since = counted_from
        self._area = self._arrivals = self._at_start = self._before = 0
        self._begun = self._gone = self._waited = self._gone_seconds = 0
        self._longest = self._longest_wait = 0

    def join(self, job: Job, now: int) -> None:
        """Put ``job`` at the end."""
        self._grow(now)
        job.asked = now
        self.jobs.append(job)
        if now >= self._from:
            self._arrivals += 1

    def take(self, index: int, now: int) -> Job:
        """Take out the job at place ``index`` because its work begins."""
        self._grow(now)
        jobs = self.jobs
        job = jobs[index]
        if index:
            del jobs[index]
        else:
            jobs.popleft()
        if now >= self._from:
            wait = now - job.asked
            self._begun += 1
            self._waited += wait
            if wait > self._longest_wait:
                self._longest_wait = wait
            self._note_start(job)
        return job

    def drop(self, job: Job, now: int) -> None:
        """Take out ``job`` unserved."""
        self._grow(now)
        self.jobs.remove(job)
        if now >= self._from:
            self._gone += 1
            self._gone_seconds += now - job.asked
            self._note_start(job)

    def figures(self, now: int) -> QueueFigures:
        """Return the account up to ``now``."""
        self._grow(now)
        counted = now >= self._from
        waiting = self.jobs if counted else ()
        early = [job for job in waiting if job.asked < self._from]
        return QueueFigures(
            seconds=max(0, now - self._from),
            arrivals=self._arrivals + self.straight,
            at_start=self._at_start + len(early),
            at_end=len(waiting),
            begun=self._begun + self.straight,
            withdrawn=self._gone,
            queue_seconds=self._area,
            wait_seconds=self._waited,
            withdrawn_seconds=self._gone_seconds,
            still_seconds=sum(now - job.asked for job in waiting),
            before_seconds=self._before + sum(self._from - job.asked for job in early),
            longest=self._longest,
            longest_wait=self._longest_wait,
        )

    def _note_start(self, job: Job) -> None:
        if job.asked < self._from:
            self._at_start += 1
            self._before += self._from - job.asked

    def _grow(self, now: int) -> None:
        if now > self._since:
            length = len(self.jobs)
            if length:
                self._area += length * (now - self._since)
                if length > self._longest:
                    self._longest = length
            self._since = now


__all__ = ["Line"]
