"""Fault switches: links cut and restored, services down and up, messages lost, held up or doubled, from a test.

They act on what services send each other, on both transports, as the faults of a scenario do; nothing is lost for good,
for nodes try again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.faults import UNHARMED, Fate
from exchange.messages import CATALOGUE, Message


@dataclass(slots=True)
class _Rule:
    """Acts on the next ``times`` messages that fit."""

    code: str | None
    sender: str | None
    recipient: str | None
    times: int
    fate: Fate

    def fits(self, message: Message) -> bool:
        header = message.header
        return (
            self.times > 0
            and self.code in (None, message.CODE)
            and self.sender in (None, header.sender)
            and self.recipient in (None, header.recipient)
        )


class Switches:
    """All switches of one network of ``services``; everything is on and unharmed at first.

    A switch for a service or a message that there is not raises ValueError: a test that waits for a fault would else
    pass without it.
    """

    def __init__(self, services: Iterable[str]) -> None:
        self._services = tuple(services)
        self._cut: set[frozenset[str]] = set()
        self._down: set[str] = set()
        self._rules: list[_Rule] = []

    def cut(self, one: str, other: str) -> None:
        """Let nothing pass between two services, either way, until :meth:`restore`."""
        self._cut.add(frozenset((self._known(one), self._known(other))))

    def restore(self, one: str, other: str) -> None:
        """Let messages pass again; what waited is tried again when its back-off is over."""
        self._cut.discard(frozenset((self._known(one), self._known(other))))

    def down(self, service: str) -> None:
        """Let a service reach no other and be reached by none until :meth:`up`; its own posts still reach it."""
        self._down.add(self._known(service))

    def up(self, service: str) -> None:
        """Let a service be reached again."""
        self._down.discard(self._known(service))

    def lose(
        self, code: str | None = None, *, sender: str | None = None, recipient: str | None = None, times: int = 1
    ) -> None:
        """Lose the next ``times`` attempts that fit (of any message, where no ``code`` is given)."""
        self._add(code, sender, recipient, times, Fate(lost="request", reason="lost by a switch"))

    def lose_answer(
        self, code: str | None = None, *, sender: str | None = None, recipient: str | None = None, times: int = 1
    ) -> None:
        """Deliver, but lose the answer: the sender tries again, and the recipient sees the message twice."""
        self._add(code, sender, recipient, times, Fate(lost="response", reason="answer lost by a switch"))

    def hold(
        self,
        code: str | None = None,
        *,
        sender: str | None = None,
        recipient: str | None = None,
        times: int = 1,
        **duration: float,
    ) -> None:
        """Hold up the next ``times`` messages that fit, for a time as ``timedelta`` takes it (``hours=5``)."""
        self._add(code, sender, recipient, times, Fate(hold=timedelta(**duration), reason="held up by a switch"))

    def double(
        self, code: str | None = None, *, sender: str | None = None, recipient: str | None = None, times: int = 1
    ) -> None:
        """Let the next ``times`` messages that fit come a second time, a minute later."""
        self._add(code, sender, recipient, times, Fate(again=timedelta(minutes=1), reason="doubled by a switch"))

    def _add(self, code: str | None, sender: str | None, recipient: str | None, times: int, fate: Fate) -> None:
        if code is not None and code not in CATALOGUE:
            raise ValueError(f"no message {code!r}; the catalogue has {', '.join(sorted(CATALOGUE))}")
        for service in (sender, recipient):
            if service is not None:
                self._known(service)
        self._rules.append(_Rule(code, sender, recipient, times, fate))

    def _known(self, service: str) -> str:
        if service not in self._services:
            raise ValueError(f"no service {service!r} in this network; it has {', '.join(self._services)}")
        return service

    # --- asked by the transports ----------------------------------------------------------------------------

    def __call__(self, message: Message, due: datetime) -> datetime | None:
        """Return when a message is tried first: when it is due."""
        return due

    def delivery(self, message: Message, attempt: int, now: datetime) -> Fate:
        """Return the fate of an attempt to deliver ``message`` to another service."""
        sender, recipient = message.header.sender, message.header.recipient
        if "." in recipient or "." in sender:
            return UNHARMED
        if frozenset((sender, recipient)) in self._cut:
            return Fate(lost="request", reason=f"the link between {sender} and {recipient} is cut")
        down = self._down & {sender, recipient}
        if down:
            return Fate(lost="request", reason=f"{', '.join(sorted(down))} is down")
        for rule in self._rules:
            if rule.fits(message):
                rule.times -= 1
                return rule.fate
        return UNHARMED


__all__ = ["Switches"]
