"""Stations, opening hours and the partition of a stay."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.world.clock import Clock
from scenarios.world.holding import Activity, latest, segments
from scenarios.world.stations import Job, Opening, Station

START = datetime(2018, 3, 5, tzinfo=UTC)
HOUR = 3600


@given(
    capacity=st.integers(1, 4),
    arrivals=st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 20), st.integers(0, 1), st.integers(1, 2), st.integers(0, 2)),
        max_size=40,
    ),
)
def test_capacity_and_group_limits_are_never_exceeded(
    capacity: int, arrivals: list[tuple[int, int, int, int, int]]
) -> None:
    env = Clock()
    station = Station(env, "desk", capacity)
    jobs: list[Job] = []

    def arrive(work: int, priority: int, units: int, group: int) -> None:
        limit = 1 if group else 0
        jobs.append(station.submit(work, None, priority=priority, units=units, group=group, limit=limit))

    for at, work, priority, units, group in arrivals:
        units = min(units, capacity)
        env.timeout(at).callbacks.append(lambda _e, a=(work, priority, units, group): arrive(*a))
    env.run()
    assert station.waiting == 0
    assert station.used == 0
    assert all(job.began is not None and job.ended == job.began + (job.seconds or 0) for job in jobs)
    for second in {job.began for job in jobs}:
        now = [job for job in jobs if job.began <= second < job.ended]  # type: ignore[operator]
        assert sum(job.units for job in now) <= capacity
        for group in (1, 2):
            assert sum(job.group == group for job in now) <= 1
    busy = sum(job.units * (job.seconds or 0) for job in jobs)
    if env.now:
        assert station.busy_share() * env.now * capacity == pytest.approx(busy)


def test_first_come_first_served_and_low_priority_last() -> None:
    env = Clock()
    station = Station(env, "desk", 1)
    order: list[str] = []
    for name, priority in (("a", 0), ("low", 1), ("b", 0), ("c", 0)):
        station.submit(10, lambda _job, n=name: order.append(n), priority=priority)
    env.run()
    assert order == ["a", "b", "c", "low"]


def test_a_queued_job_can_be_withdrawn_but_not_one_in_work() -> None:
    env = Clock()
    station = Station(env, "desk", 1)
    done: list[str] = []
    first = station.submit(10, lambda _job: done.append("first"))
    second = station.submit(10, lambda _job: done.append("second"))
    assert station.withdraw(second)
    assert not station.withdraw(first)
    env.run()
    assert done == ["first"]


def test_a_held_unit_is_kept_until_released() -> None:
    env = Clock()
    station = Station(env, "terminal", 1)
    entered: list[int] = []
    held = station.submit(None, lambda _job: entered.append(int(env.now)))
    station.submit(None, lambda _job: entered.append(int(env.now)))
    env.timeout(500).callbacks.append(lambda _event: station.release(held))
    env.run()
    assert entered == [0, 500]


def test_work_begins_only_within_local_opening_hours() -> None:
    """08:00 to 18:00 in Helsinki is 06:00 to 16:00 UTC in winter and 05:00 to 15:00 in summer."""
    env = Clock()
    opening = Opening(["08:00-18:00"] * 7, "Europe/Helsinki", START)
    station = Station(env, "desk", 1, opening=opening)
    began: list[int] = []
    for at in (0, 7 * HOUR, 17 * HOUR):
        env.timeout(at).callbacks.append(
            lambda _e: station.submit(HOUR, lambda job: began.append(job.began))  # type: ignore[arg-type]
        )
    env.run()
    assert began == [6 * HOUR, 7 * HOUR, 30 * HOUR]
    summer = 60 * 24 * HOUR
    assert opening.next(summer) == summer + 5 * HOUR


def test_counting_begins_after_the_warm_up() -> None:
    env = Clock()
    station = Station(env, "desk", 2, counted_from=100)
    station.submit(150, None)
    env.run(until=200)
    assert station.busy_share() == 50 / (100 * 2)


def test_a_stay_is_partitioned_along_its_critical_path() -> None:
    """Documents end after the handover, so they hold the train; the gauge change waits for both."""
    handover = Activity("other", 0, 30)
    documents = Activity("documents", 0, 50)
    gauge = Activity("gauge", 50, 80, latest([handover, documents]))
    assert segments(Activity("other", 80, 100, gauge), 0, 100) == [
        ("documents", 0, 50), ("gauge", 50, 80), ("other", 80, 100),
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(["queue", "scan", "gauge"]), st.integers(0, 9)), max_size=8), st.integers(0, 9)
)
def test_the_parts_always_sum_to_the_stay(chain: list[tuple[str, int]], after: int) -> None:
    arrived = now = 100
    last: Activity | None = None
    for bucket, length in chain:
        last = Activity(bucket, now, now + length, last)
        now += length
    parts = segments(last, arrived, now + after)
    assert sum(end - begin for _, begin, end in parts) == now + after - arrived
    assert all(end > begin for _, begin, end in parts)
    joints = [arrived, *(end for _, _, end in parts)]
    assert [begin for _, begin, _ in parts] == joints[:-1]
    assert all(a[0] != b[0] for a, b in pairwise(parts))
