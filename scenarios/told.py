"""What the services of a run heard of its consignments: when, and what they answered to control results offered.

It is gathered from what was exchanged, message by message, and so is the same on all transports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from exchange.references import strip_run

if TYPE_CHECKING:
    from scenarios.transport import Exchanged

ANNOUNCING = frozenset(("AAR", "ATR"))
"""Codes of the messages that tell a service ahead what is coming."""
LODGING = "ADV"
"""Code of the declaration or filing that a trader or carrier lodges with a service."""
TELLING = ANNOUNCING | {LODGING}
HEARD = TELLING | {"RCG"}
"""Codes of all messages that tell something, answers to control results included."""


class Answer(NamedTuple):
    """The last answer of a service to a control result offered: form of the control, outcome, stage, reason codes.

    ``of``: the country whose service gave it, where another passes it back along the way that the result had come.
    ``promised``: the result was accepted at first, whatever came of it.
    """

    form: str
    outcome: str
    stage: str
    reasons: tuple[str, ...]
    of: str = ""
    promised: bool = False

    @property
    def fate(self) -> str:
        """Return ``accepted``, ``partial``, ``refused``, or ``lapsed``: accepted at first, void at arrival."""
        return "lapsed" if self.stage == "LAPSED" and self.promised else self.outcome.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Keys are (consignment's base UCR, country of the service); times whole seconds since the scenario's start.

    ``informed``: when the service first had preliminary information from another one; ``lodged``: when a declaration
    or filing was first lodged with it. ``answers`` has the id of the control result as a third part of its key: the
    service's answer to that result. ``passed_back``: the same for results that came by a service between (which passes
    the answers back), with the id that the result had before.
    """

    informed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lodged: Mapping[tuple[str, str], int] = field(default_factory=dict)
    answers: Mapping[tuple[str, str, str], Answer] = field(default_factory=dict)
    passed_back: Mapping[tuple[str, str, str], Answer] = field(default_factory=dict)


class Telling:
    """Gathers what was told, one exchanged message after the other, in any order within a second."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._informed: dict[tuple[str, str], int] = {}
        self._lodged: dict[tuple[str, str], int] = {}
        self._answers: dict[tuple[str, str, str], tuple[tuple[int, int, str], Answer]] = {}
        self._promised: set[tuple[str, str, str]] = set()
        self._passed_back: dict[tuple[str, str, str], tuple[tuple[int, int, str], Answer]] = {}

    def note(self, item: Exchanged) -> None:
        """Note one message, if it was accepted and tells something."""
        code = item.header.message_type
        if not item.accepted or not (code in TELLING or item.recognition is not None):
            return
        case, second = strip_run(item.ucr), (item.at - self._start) // timedelta(seconds=1)
        if item.recognition is not None:
            result, answer = item.recognition
            known = self._passed_back if answer.of else self._answers
            key = (case, answer.of or item.header.sender, result)
            order = (second, item.header.ordinal, item.header.message_id)
            if answer.stage == "CONDITIONAL":
                self._promised.add(key)
            if key not in known or known[key][0] < order:
                known[key] = (order, answer)
            return
        first = self._informed if code in ANNOUNCING else self._lodged
        place = (case, item.header.recipient)
        if second < first.get(place, second + 1):
            first[place] = second

    def told(self) -> Told:
        """Return what has been gathered."""
        return Told(
            informed=self._informed,
            lodged=self._lodged,
            answers=self._last(self._answers),
            passed_back=self._last(self._passed_back),
        )

    def _last(
        self, known: Mapping[tuple[str, str, str], tuple[tuple[int, int, str], Answer]]
    ) -> dict[tuple[str, str, str], Answer]:
        return {key: answer._replace(promised=key in self._promised) for key, (_, answer) in known.items()}


def told(log: Iterable[Exchanged], start: datetime) -> Told:
    """Return what the messages of ``log`` told, in a scenario that began at ``start``."""
    telling = Telling(start)
    for item in log:
        if item.recognition is not None or item.header.message_type in TELLING:  # one in ten
            telling.note(item)
    return telling.told()


__all__ = ["Answer", "Telling", "Told", "told"]
