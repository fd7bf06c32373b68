"""Checks and their verdicts.

A check is a coroutine that asks the node and returns if the requirement is kept. It raises :class:`Failed` with what
was seen instead, or :class:`NotApplicable` with the reason why nothing can be said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from exchange.errors import CorridorError
from scenarios.conform.levels import Level, level_of
from scenarios.conform.requirement import Requirement
from scenarios.conform.wire import Exchange

if TYPE_CHECKING:
    from scenarios.conform.probe import Probe

Outcome = Literal["passed", "failed", "not applicable"]
GROUPS = (
    *("transport", "time", "signature", "receipt", "replay", "validation", "agreement", "reads", "state"),
    *("batches", "images", "operations", "sending"),
)
"""The order in which checks are made: time first among those that need a case, so that nothing is due yet, and sending
last, because it lets much time pass."""


class Failed(CorridorError):
    """The node does not keep the requirement; the text says what it did instead."""


class NotApplicable(CorridorError):
    """Nothing can be said of this requirement; the text says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``number`` is its name for people and programs (``S03``)."""

    number: str
    group: str
    title: str
    requirement: Requirement
    run: Callable[[Probe], Awaitable[None]]

    @property
    def level(self) -> Level:
        """The level at which it begins to be made."""
        return level_of(self.number, self.group)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a check: verdict, the sentence for it (empty if passed), and all that was asked and answered."""

    check: Check
    outcome: Outcome
    text: str
    exchanges: tuple[Exchange, ...]


Body = Callable[["Probe"], Awaitable[None]]


class Book:
    """The checks of one group, numbered by a letter and as they stand in it."""

    def __init__(self, group: str, letter: str) -> None:
        self.group = group
        self.letter = letter
        self.checks: list[Check] = []

    def check(self, number: int, title: str, requirement: Requirement) -> Callable[[Body], Body]:
        """Return a decorator that enters a check. Raise ``ValueError`` for a number that is taken."""
        name = f"{self.letter}{number:02d}"
        if any(known.number == name for known in self.checks):
            raise ValueError(f"{name} is taken: give the check another number")

        def enter(body: Body) -> Body:
            self.checks.append(Check(name, self.group, title, requirement, body))
            return body

        return enter


def expect(held: bool, otherwise: str) -> None:
    """Raise :class:`Failed` with the text ``otherwise`` unless ``held``."""
    if not held:
        raise Failed(otherwise)


def expect_status(answer: Exchange, *wanted: int) -> None:
    """Raise :class:`Failed` unless the answer has one of the statuses ``wanted``."""
    if answer.status not in wanted:
        names = " or ".join(str(one) for one in wanted)
        raise Failed(f"expected {names}, was answered {answer.status}{_said(answer)}")


def _said(answer: Exchange) -> str:
    detail = answer.document().get("detail") or answer.document().get("title")
    return f" ({' '.join(str(detail).split())[:200]})" if detail else ""


def accepted(answer: Exchange) -> bool:
    """Return whether a message was taken, by any status of success: which one is a check of its own."""
    return 200 <= answer.status < 300


__all__ = [
    "GROUPS",
    "Body",
    "Book",
    "Check",
    "Failed",
    "NotApplicable",
    "Outcome",
    "Result",
    "accepted",
    "expect",
    "expect_status",
]
