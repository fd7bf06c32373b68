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


def test_a_second_is_settled_whole_and_no_more() -> None:
    clock, seen = Clock(), list[str]()
    clock.after(5, lambda name: (seen.append(name), clock.after(0, seen.append, "at once")), "first")
    clock.timeout(5).callbacks.append(lambda _event: seen.append("event"))
    clock.after(6, seen.append, "later")
    clock.go_to(4)
    clock.settle()
    assert not seen
    clock.step()
    clock.settle()
    assert seen == ["first", "event", "at once"] and clock.now == 5


def test_it_goes_on_to_a_second_or_to_the_end_of_the_one_in_which_something_is_asked() -> None:
    clock, asked = Clock(), list[str]()
    for second in (2, 3):
        clock.after(second, asked.append, f"at {second}")
        clock.timeout(second)
    clock.go_on(1, asked)
    assert not asked and clock.now == 0
    clock.go_on(9, asked)
    assert asked == ["at 2"] and clock.now == 2 and clock.peek() == 3
    asked.clear()
    clock.go_on(2, asked)
    assert not asked


def test_it_stops_where_all_is_finished_unless_something_is_asked() -> None:
    clock, asked = Clock(), list[str]()
    finished = clock.event()
    clock.after(2, finished.succeed, None)
    clock.after(7, asked.append, "never")
    clock.go_on(9, asked, finished)
    assert clock.now == 2 and not asked
    clock.go_on(9, asked, clock.event())
    assert asked == ["never"]
