"""A decision in the making: issues messages with their references and collects entries, sends and replies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from exchange.agreements import Agreement
from exchange.codec.fitting import fitted
from exchange.entries import Decision, Entry, Fetch, Outgoing, Wake, quick
from exchange.errors import CorridorError
from exchange.messages import VERSION, CaseMessage, FunctionalError, FunctionalRejection, Header, Message
from exchange.references import message_id, strip_run
from exchange.validation.audience_rules import keeps_from_traders
from nodes.case import Case
from nodes.scope import goods_in
from nodes.standing import Standing

M = TypeVar("M", bound=Message)
VOUCHED = frozenset({"AAR", "ARR", "ATR", "CTD", "CTR", "DCR", "DEP", "INC", "NCF", "RCG", "REG", "REL", "WRO"})
"""Messages that say nothing but what was checked before, when it came in, and what a node decides in words of its own.

They are made without being checked once more (:meth:`PixModel.made`), which is most of what making them costs.
"""


class TippingOff(CorridorError):
    """A node was about to tell a trader or carrier what is meant for authorities alone (PIX-050): a fault in it."""


class Draft:
    """Collects what a node makes of one input. Nothing of it touches the case before the decision is folded."""

    def __init__(self, case: Case, standing: Standing, now: datetime, corridor_id: str | None) -> None:
        self.case = case
        self.standing = standing
        self.country = standing.country
        """The deciding node's country."""
        self.now = now
        self.corridor_id = corridor_id
        self._ordinal = case.issued
        self._due: dict[str, datetime] = {}
        self._entries: list[Entry] = []
        self._send: list[Outgoing] = []
        self._wake: list[Wake] = []
        self._fetch: list[Fetch] = []
        self._reply: list[Message] = []

    def note(self, kind: Any, message: Message | None = None, **data: Any) -> None:
        """Add a ledger entry."""
        self._entries.append(quick(Entry, (kind, self.case.ucr, self.now, message, data)))

    def note_own(self, kind: Any, **data: Any) -> None:
        """Add an entry to the node's own stream, about what belongs to no case alone."""
        self._entries.append(Entry(kind=kind, case="", at=self.now, data=data))

    def reply(self, cls: type[M], recipient: str, *, to: Message, **body: Any) -> M:
        """Issue a message that goes back at once in the answer to ``to``."""
        message = self._issue(cls, recipient, to, None, {}, body)
        self._reply.append(message)
        return message

    def send(
        self,
        cls: type[M],
        recipient: str,
        *,
        to: Message | None = None,
        note: Mapping[str, Any] | None = None,
        not_before: datetime | None = None,
        under: Agreement | None = None,
        **body: Any,
    ) -> M | None:
        """Issue a message through the outbox, to leave it at ``not_before`` at the earliest.

        To another service it goes only if an agreement covers it: without one nothing is issued and None returned.
        ``under``: the agreement that it is about; if that is in force the message goes under it, else under the first.
        It says only what the version that the agreement names can say.
        All messages of one decision to one partner are due together, so that they keep their order.
        """
        agreement_id: str | None = None
        version = VERSION
        if "." not in recipient:
            goods = goods_in(self.case, body.get("consignment"))
            agreement = self.standing.agreements.covering(cls.CODE, self.country, recipient, self.now.date(), goods)
            if agreement is None:
                return None
            if under is not None and self.standing.agreements.applies(under, self.country, recipient, self.now.date()):
                agreement = under
            agreement_id, version = agreement.id, agreement.schema_version
        message = self._issue(cls, recipient, to, agreement_id, note or {}, body, version)
        due = self._due_to(recipient, cls.CODE)
        due = due if not_before is None else max(due, not_before)
        self._send.append(quick(Outgoing, (message, due, version)))
        return message

    def send_again(self, message: Message) -> None:
        """Send a message of this case again under fallback: flagged, under a new id, with the time it was sent at."""
        header = message.header
        self._ordinal += 1
        changed = {
            "message_id": message_id(self.country, header.recipient, message.CODE, self.case.ucr, self._ordinal),
            "ordinal": self._ordinal,
            "fallback_indicator": True,
        }
        flagged = message.model_copy(update={"header": header.model_copy(update=changed)})
        version = VERSION
        if header.agreement_id is not None:
            version = self.standing.agreements[header.agreement_id].schema_version
        self.note("issued", flagged, follows=header.message_id)
        self._send.append(Outgoing(message=flagged, due=self._due_to(header.recipient, message.CODE), version=version))

    def refuse(self, message: Message, code: str, text: str, rule: str | None = None) -> None:
        """Answer an accepted message that cannot be applied with a functional rejection (NCK)."""
        error = FunctionalError(sequence_number=1, error_class=2, code=code, rule_id=rule, text=text)
        sender = message.header.sender
        if sender.partition(".")[0] == self.country:
            self.reply(FunctionalRejection, sender, to=message, errors=(error,))
        else:
            self.send(FunctionalRejection, sender, to=message, errors=(error,))

    def wake(self, purpose: str, due: datetime) -> None:
        """Ask for a timer."""
        self.note("timer-set", purpose=purpose)
        self._wake.append(Wake(case=self.case.ucr, purpose=purpose, due=due))

    def fetch(self, partner: str, sha256: str, size: int, attempt: int) -> None:
        """Ask for an inspection image of ``partner``; it is there once the line has carried ``size`` bytes."""
        due = self.now + timedelta(seconds=self.standing.profile.images.seconds(size))
        fetch = Fetch(case=self.case.ucr, partner=partner, sha256=sha256, size=size, attempt=attempt, due=due)
        self.note("timer-set", purpose=fetch.purpose)
        self._fetch.append(fetch)

    def decision(self) -> Decision:
        """Return what has been collected."""
        entries, send, reply = tuple(self._entries), tuple(self._send), tuple(self._reply)
        return quick(Decision, (entries, send, tuple(self._wake), tuple(self._fetch), reply, None))

    def _issue(
        self,
        cls: type[M],
        recipient: str,
        to: Message | None,
        agreement_id: str | None,
        note: Mapping[str, Any],
        body: Mapping[str, Any],
        version: str = VERSION,
    ) -> M:
        self._ordinal = ordinal = self._ordinal + 1
        ucr, code = self.case.ucr, cls.CODE
        header = Header.written(
            message_id(self.country, recipient, code, ucr, ordinal),
            code,
            to.header.message_id if to is not None else None,
            self.country,
            recipient,
            self.now,
            ordinal,
            self.corridor_id,
            agreement_id,
        )
        values: dict[str, Any] = {"header": header, "ucr": ucr, **body}
        if not issubclass(cls, CaseMessage):
            del values["ucr"]
        message = fitted(cls.made(values) if code in VOUCHED else cls(**values), version)
        if "." in recipient and self.standing.is_trader(recipient) and keeps_from_traders(message):
            raise TippingOff(f"{code} ({cls.NAME}) is for authorities alone and does not go to {recipient}")
        self._entries.append(quick(Entry, ("issued", ucr, self.now, message, dict(note))))
        return message

    def _due_to(self, recipient: str, code: str) -> datetime:
        """Return when what this decision says to ``recipient`` leaves, its first message being a ``code``.

        Every message takes a time of its own, but none leaves before what this case said to ``recipient`` earlier.
        When that left is found again from the entries, so that a node that was stopped meanwhile finds the same.
        """
        due = self._due.get(recipient)
        if due is None:
            due = self.now + self._latency(recipient, code)
            least, most = self.standing.profile.latency_seconds
            since = self.now - timedelta(seconds=most - least)
            for entry in reversed(self.case.timeline):
                if entry.at <= since:  # it leaves no later than this
                    break
                message = entry.message
                if entry.kind == "issued" and message is not None and message.header.recipient == recipient:
                    due = max(due, entry.at + self._latency(recipient, message.CODE))
            self._due[recipient] = due
        return due

    def _latency(self, recipient: str, code: str) -> timedelta:
        profile = self.standing.profile
        low, high = profile.latency_seconds
        u = profile.luck.uniform(strip_run(self.case.ucr), f"{self.country}>{recipient}", f"latency-{code}")
        return timedelta(seconds=low + int(u * (high - low + 1)))


__all__ = ["Draft", "TippingOff"]
