"""The clock of a world: plain calls and SimPy's events come in one order."""

from __future__ import annotations

import pytest
from simpy.core import EmptySchedule

from scenarios.world.clock import Clock


def test_calls_and_timeouts_of_one_second_come_in_the_order_asked_for() -> None:
    clock, seen = Clock(), list[tuple[str, int]]()

    def note(name: str) -> None:
        seen.append((name, int(clock.now)))
        if name == "first":
            clock.after(0, note, "at once")

    clock.after(5, note, "first")
    clock.timeout(5, "second").callbacks.append(lambda event: note(event.value))
    clock.after(5, note, "third")
    clock.after(2, note, "before")
    clock.run(until=6)
    assert seen == [("before", 2), ("first", 5), ("second", 5), ("third", 5), ("at once", 5)]
    with pytest.raises(EmptySchedule):
        Clock().step()


def test_time_passes_without_events_but_not_over_one() -> None:
    clock = Clock()
    clock.after(5, print, "never")
    clock.go_to(4)
    assert clock.now == 4
    for wrong in (3, 5):
        with pytest.raises(ValueError, match="something comes before"):
            clock.go_to(wrong)
