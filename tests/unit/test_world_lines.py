"""Queues keep their account: lengths and waits are counted apart, and Little's law holds the one against the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.queueing import QueueFigures
from scenarios.world.clock import Clock
from scenarios.world.stations import Job, Station

Arrival = tuple[int, int, int, int]
"""When, how long it works, of which priority, and after how many seconds it is withdrawn (0: never)."""


def served(
    arrivals: list[Arrival], capacity: int, counted_from: int, until: int
) -> tuple[Station, list[Job], set[Job]]:
    """Return a station after ``until`` seconds, the jobs that came and those that were withdrawn."""
    env = Clock()
    station = Station(env, "desk", capacity, counted_from=counted_from)
    jobs: list[Job] = []
    gone: set[Job] = set()

    def withdraw(job: Job) -> None:
        if station.withdraw(job):
            job.ended = int(env.now)
            gone.add(job)

    def arrive(work: int, priority: int, patience: int) -> None:
        job = station.submit(work, None, priority=priority)
        job.asked = int(env.now)
        jobs.append(job)
        if patience:
            env.timeout(patience).callbacks.append(lambda _e: withdraw(job))

    for at, *rest in arrivals:
        env.timeout(at).callbacks.append(lambda _e, a=rest: arrive(*a))
    env.run(until=until)
    return station, jobs, gone


ARRIVALS = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 25), st.integers(0, 1), st.integers(0, 15)), max_size=40
)


@given(arrivals=ARRIVALS, capacity=st.integers(1, 3), counted_from=st.integers(0, 60), until=st.integers(100, 160))
def test_the_account_is_what_counting_second_by_second_gives(
    arrivals: list[Arrival], capacity: int, counted_from: int, until: int
) -> None:
    station, jobs, gone = served(arrivals, capacity, counted_from, until)
    for priority in (0, 1):
        mine = [job for job in jobs if job.priority == priority]
        found = station.queue(priority)
        ends = {job: job.ended if job in gone else job.began for job in mine}
        lengths = [
            sum(job.asked <= second and (end is None or end > second) for job, end in ends.items())
            for second in range(counted_from, until)
        ]
        begun = [job for job in mine if job not in gone and job.began is not None and job.began >= counted_from]
        waits = [job.began - job.asked for job in begun if job.began is not None]
        assert found.little
        assert (found.queue_seconds, found.longest) == (sum(lengths), max(lengths))
        assert (found.begun, found.wait_seconds, found.longest_wait) == (len(begun), sum(waits), max(waits, default=0))
        assert found.length == pytest.approx(sum(lengths) / (until - counted_from))
        assert found.arrivals == sum(job.asked >= counted_from for job in mine)


def test_edges_are_accounted_for() -> None:
    """One server, jobs of 100 s at 0, 10 and 20; counted from 50 to 150: the third waits 100 s, of which 30 before."""
    station, _, _ = served([(0, 100, 0, 0), (10, 100, 0, 0), (20, 100, 0, 0)], 1, 50, 150)
    found = station.queue()
    assert (found.at_start, found.arrivals, found.begun, found.at_end) == (2, 0, 1, 1)
    assert found.queue_seconds == 50 + 100
    assert (found.wait_seconds, found.still_seconds, found.before_seconds) == (90, 130, 40 + 30)
    assert found.little


@pytest.mark.parametrize(
    "change",
    [{"queue_seconds": 151}, {"wait_seconds": 89}, {"arrivals": 1}, {"before_seconds": 0}, {"at_end": 0}],
    ids=str,
)
def test_the_law_does_not_hold_for_a_wrong_account(change: dict[str, int]) -> None:
    station, _, _ = served([(0, 100, 0, 0), (10, 100, 0, 0), (20, 100, 0, 0)], 1, 50, 150)
    assert not replace(station.queue(), **change).little


def test_a_job_lost_from_its_line_breaks_the_law() -> None:
    station, jobs, _ = served([(0, 100, 0, 0), (10, 100, 0, 0), (20, 100, 0, 0)], 1, 0, 30)
    station._lines[0].jobs.remove(jobs[1])
    assert not station.queue().little


def test_nothing_is_counted_before_the_warm_up_ends() -> None:
    station, _, _ = served([(0, 10, 0, 0), (0, 10, 0, 0)], 1, 100, 50)
    empty = dict.fromkeys(QueueFigures.__dataclass_fields__, 0)
    assert station.queue() == QueueFigures(**empty)
