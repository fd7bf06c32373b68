"""A node without its shell: the cases in memory and the decisions on them.

The HTTP service and the in-memory transport both run this; neither decides anything itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from exchange.entries import Decision, Entry, Fetch, Input, Timer, Wake
from exchange.messages import Message
from nodes.case import Case
from nodes.decide import decide
from nodes.fallback import missed
from nodes.imaging import was_shown
from nodes.planned import planned_wakes
from nodes.reading import read_message
from nodes.standing import Standing
from nodes.views import case_row, case_view


class NodeCore:
    """The folds of one service. It does no I/O and has no clock."""

    def __init__(self, standing: Standing) -> None:
        self.standing = self._given = standing
        self._own = Case("", standing.country)
        self._lost = False
        self._cases: dict[str, Case] = {}

    @property
    def country(self) -> str:
        """The country code, which is the service's member id."""
        return self.standing.country

    def read(self, data: bytes) -> Message:
        """Return the message in ``data``, read by this node's grades and agreements; raise what is wrong with it."""
        return read_message(data, self.standing)

    def decide(self, given: Input, now: datetime) -> Decision:
        """Decide on a message or timer at ``now`` (UTC) and fold what was decided."""
        ucr = given.case if isinstance(given, Timer) else given.ucr
        case = self._cases.get(ucr) if ucr else self._own
        if case is None:
            case = Case(ucr, self.country)
        decision = self.judge(case, given, now)
        if decision.entries:
            if ucr:
                self._cases[ucr] = case
            for entry in decision.entries:
                if entry.case:
                    case.fold(entry)
                else:
                    self._own.fold(entry)
                    self.standing = self.standing.after(entry)
        return decision

    def judge(self, case: Case, given: Input, now: datetime) -> Decision:
        """Return the decision on ``given``, before it is folded: what a core that decides otherwise overrides."""
        return decide(case, self.standing, given, now)

    def has(self, ucr: str) -> bool:
        """Return whether the case is in memory; the empty UCR is the node's own stream."""
        return ucr in self._cases if ucr else not self._lost

    def case(self, ucr: str) -> Case | None:
        """Return the case, if it is in memory."""
        return self._cases.get(ucr)

    def describe(self) -> dict[str, Any]:
        """Return, as plain JSON, the standing that the node was given: what its opening entry records."""
        return self._given.describe()

    def load(self, ucr: str, entries: Iterable[Entry]) -> None:
        """Fold a case again from the ledger's entries, in their order; with the empty UCR the node's own stream."""
        case = Case(ucr, self.country)
        standing = self._given
        for entry in entries:
            case.fold(entry)
            standing = standing if ucr else standing.after(entry)
        if ucr:
            self._cases[ucr] = case
        else:
            self._own, self.standing, self._lost = case, standing, False

    def drop(self, ucrs: Iterable[str]) -> None:
        """Forget folds, because what they rest on was not stored."""
        for ucr in ucrs:
            if ucr:
                self._cases.pop(ucr, None)
            else:
                self._own, self.standing, self._lost = Case("", self.country), self._given, True

    def view(self, ucr: str) -> dict[str, Any] | None:
        """Return the case as plain JSON: states, timeline, control results, recognitions."""
        case = self._cases.get(ucr)
        return None if case is None else case_view(case)

    def last_eta(self, ucr: str) -> datetime | None:
        """Return the last expected arrival that the case names (UTC), if it is in memory and names any."""
        case = self._cases.get(ucr)
        return None if case is None else case.last_eta

    def missed(self, message: Message, due: datetime, now: datetime) -> bool:
        """Return whether a message that was due then, undelivered ``now``, has missed the arrival it announces."""
        return missed(self._cases.get(message.ucr), message, due, now)

    def wakes(self) -> tuple[Wake, ...]:
        """Return the timers that the node's standing asks for, and its own stream does not know of yet."""
        return planned_wakes(self._own, self.standing)

    def cases(self) -> list[dict[str, Any]]:
        """Return a short row for each case in memory, by UCR."""
        return [case_row(case) for _, case in sorted(self._cases.items())]

    def may_read(self, member: str, ucr: str) -> bool:
        """Return whether ``member`` is party to the case: the service, its operator, sender or recipient."""
        country, dot, who = member.partition(".")
        if country == self.country and (not dot or who == "OPERATOR"):
            return True
        case = self._cases.get(ucr)
        if case is None:
            return False
        return any(
            entry.message is not None and member in (entry.message.header.sender, entry.message.header.recipient)
            for entry in case.timeline
        )

    def may_see_image(self, member: str, ucr: str, sha256: str) -> bool:
        """Return whether an image of the case is for ``member``: the service, its operator, a service told of it."""
        country, dot, who = member.partition(".")
        if dot or country == self.country:
            return country == self.country and (not dot or who == "OPERATOR")
        return was_shown(self._cases.get(ucr), member, sha256)

    def may_give_image(self, member: str, ucr: str) -> bool:
        """Return whether ``member`` may hand in an image of the case: a post of this service that is party to it."""
        return self.standing.is_post(member) and self.may_read(member, ucr)

    def carried(self, data: bytes, fetch: Fetch) -> bytes:
        """Return an image as it comes over this node's line (:class:`nodes.transfer.ImageLine`)."""
        profile = self.standing.profile
        return profile.images.carried(
            data, profile.luck, fetch.case, f"{fetch.partner}>{self.country}", fetch.attempt
        )


__all__ = ["NodeCore"]
