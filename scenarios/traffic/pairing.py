"""Which recorded message one that has come stands for: by what it is about, not by its place in a row.

Messages are looked at together that go from one sender to one recipient, are about one consignment and have one code.
Among these the counterpart is the one that answers the same message (``correlation_id``) and is about the same matter
(:data:`MATTER`); only among equals does the moment decide, and then the order. So a message that is missing is missing,
and those after it keep their counterparts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from exchange.references import strip_run
from scenarios.traffic.recording import Passed

MATTER = (
    *("mrn", "previous_mrn", "control_result_id", "act_number"),
    *("office", "presentation", "form", "extent", "stage", "notification_type", "function", "reference"),
)
"""Fields that say what a message is about, where it has them. Those of the first row hold names that nodes draw."""
DRAWN = frozenset(MATTER[:4])

Key = tuple[str, str, str, str]
"""Sender, recipient, base UCR, code: messages of one key are looked at together."""


def key(one: Passed) -> Key:
    """Return what groups a message with others of its kind."""
    return (one.sender, one.recipient, strip_run(one.case) if one.case else "", one.code)


@dataclass(slots=True)
class Names:
    """Which name of the one side stands for which of the other."""

    known: dict[str, str] = field(default_factory=dict)
    _back: dict[str, str] = field(default_factory=dict)

    def same(self, recorded: str, found: str) -> bool:
        """Return whether two names may stand for one another, and remember that they do."""
        if self.may(recorded, found) and recorded not in self.known:
            self.known[recorded], self._back[found] = found, recorded
        return self.known.get(recorded) == found

    def may(self, recorded: str, found: str) -> bool:
        """Return whether two names stand for one another, or neither stands for anything yet."""
        if recorded in self.known or found in self._back:
            return self.known.get(recorded) == found
        return True

    def recorded(self, found: str) -> str:
        """Return the recorded name that one stands for; itself where none is known."""
        return self._back.get(found, found)

    def renamed(self, data: bytes) -> bytes:
        """Return recorded XML with all names replaced by those that stand for them."""
        for recorded, found in self.known.items():
            if recorded != found:
                data = data.replace(recorded.encode(), found.encode())
        return data


def counterpart(found: Passed, waiting: Sequence[Passed], names: Names, ids: Collection[str]) -> Passed | None:
    """Return which of the recorded messages ``waiting`` is meant by ``found``; None if none is for certain.

    ``ids``: message ids that the recording has, so that what a message answers can be told from what nobody knows.
    """
    about = found.message.header.correlation_id
    answers = names.recorded(about) if about is not None else None
    if answers in ids:
        same = [one for one in waiting if one.message.header.correlation_id == answers]
        fits = [one for one in same if _fits(one, found, names)]
        return _nearest(found, fits or same)
    return _nearest(found, [one for one in waiting if _fits(one, found, names)])


def _nearest(found: Passed, candidates: Sequence[Passed]) -> Passed | None:
    """Return the first of the same moment, else the first."""
    return next((one for one in candidates if one.at == found.at), candidates[0] if candidates else None)


def _fits(recorded: Passed, found: Passed, names: Names) -> bool:
    """Return whether two messages are about the same matter, as far as both say so."""
    for name in MATTER:
        one, other = getattr(recorded.message, name, None), getattr(found.message, name, None)
        if name in DRAWN and isinstance(one, str) and isinstance(other, str):
            if not names.may(one, other):
                return False
        elif one != other:
            return False
    return True


__all__ = ["DRAWN", "MATTER", "Key", "Names", "counterpart", "key"]
