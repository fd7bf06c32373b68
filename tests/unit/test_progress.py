"""A long command says how far it is where no terminal shows a bar: plain lines, now and then."""

from __future__ import annotations

from io import StringIO
from itertools import pairwise
from time import sleep

import pytest
from rich.console import Console
from rich.progress import TextColumn

from scenarios.numerals import count
from scenarios.progress import Following, so_far
from scenarios.rhythm import Rhythm, span
from scenarios.validation import progress
from scenarios.validation.checking import Checked


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def moments(seconds: int) -> list[int]:
    clock = Clock()
    rhythm = Rhythm(clock=clock)
    found = []
    for second in range(seconds):
        clock.now = 1000.0 + second
        if rhythm.due():
            found.append(second)
    return found


def test_lines_come_less_and_less_often_and_once_a_minute_at_least() -> None:
    said = moments(3600)
    gaps = [later - sooner for sooner, later in pairwise(said)]
    assert said[:4] == [5, 10, 15, 20]
    assert gaps == sorted(gaps) and set(gaps[-20:]) == {60}
    assert len(said) < 80, "an hour is told in fewer lines than a screen and a half"


def lines_of(console: Console) -> list[str]:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def without_span(line: str) -> str:
    """Return what a line tells, without how long that took: it is a matter of the machine."""
    told, _, took = line.rpartition(" (")
    assert took.endswith(" s)")
    return told


def followed(console: Console) -> list[str]:
    columns = TextColumn("{task.description}")
    with Following(columns, console=console, line=lambda task: so_far(task, "trains"), first=0.01) as bar:
        task = bar.add_task("world", total=None)
        while len(lines_of(console)) < 1 and not console.is_terminal:
            sleep(0.005)
        bar.update(task, completed=1200, total=12000, description="waiting for KZ")
        while not console.is_terminal and not lines_of(console)[-1].startswith("waiting"):
            sleep(0.005)
    return lines_of(console)


def test_without_a_terminal_there_are_lines_even_if_nothing_moves() -> None:
    said = followed(Console(file=StringIO(), highlight=False))
    assert without_span(said[0]) == "world: beginning"
    assert without_span(said[-1]) == "waiting for KZ: 1 200 of 12 000 trains"
    assert "beginning (" not in "".join(followed(Console(file=StringIO(), force_terminal=True)))


def test_many_files_are_told_between_two_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    console = Console(file=StringIO(), highlight=False)
    monkeypatch.setattr(progress, "Rhythm", lambda: Rhythm(clock=clock))
    results = (Checked(f"{n}.xml", False, None, None, (), 1, ()) for n in range(1500))
    told = progress._with_lines(results, 1500, console, last=True)
    for number, _ in enumerate(told, 1):
        clock.now = 1000.0 + number / 100
    assert lines_of(console) == [
        "checking: 501 of 1 500 files, 501 invalid (5 s)",
        "checking: 1 001 of 1 500 files, 1 001 invalid (10 s)",
        "checking: 1 500 of 1 500 files, 1 500 invalid (15 s)",
    ]


def test_spans_and_numbers_are_written_to_be_read() -> None:
    assert [span(s) for s in (0.4, 59, 61, 7320)] == ["0 s", "59 s", "1 min 1 s", "2 h 2 min"]
    assert count(1234567) == "1 234 567"
