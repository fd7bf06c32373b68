"""The lines between the nodes of a stage as somebody treats them while the show goes on: cut for a time, or bad once.

What is cut here is lost on its way and tried again by its sender; what is corrupted is really other bytes than were
signed, so that the recipient refuses it (401) and the sender sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from exchange.codec import decode
from exchange.entries import FaultPlan
from exchange.faults import UNHARMED, DeliveryFaults, Fate, Faults, Partition
from exchange.http import Answer, Client, Undelivered
from exchange.letters import Letter
from exchange.luck import Luck
from exchange.messages import Message
from exchange.signatures import digest
from exchange.validation.gates import peek_header
from scenarios.conversation import why
from scenarios.transport import Exchanged


@dataclass(slots=True)
class Bad:
    """A message to be corrupted: the next of ``code`` from ``sender`` (empty: from any) to ``recipient`` (or any).

    Once it was, ``message`` is its id, and ``status`` and ``detail`` are what its recipient answered.
    """

    code: str
    sender: str
    recipient: str
    message: str = ""
    status: int = 0
    detail: str = ""
    at: datetime | None = None

    def fits(self, code: str | None, letter: Letter) -> bool:
        """Return whether ``letter``, a message of ``code``, is the one to be corrupted."""
        ways = ((self.sender, letter.sender), (self.recipient, letter.recipient))
        return not self.message and self.code == code and all(not one or one == other for one, other in ways)


@dataclass(slots=True)
class Cut:
    """A line that is cut: the fault, and since when each message (id) could not pass it."""

    fault: Partition
    lost: dict[str, datetime] = field(default_factory=dict)


class Lines:
    """The lines of one stage: asked by its nodes as a fault plan, told by whoever breaks something.

    ``base``: the faults that the scenario itself has.
    """

    def __init__(self, base: FaultPlan, luck: Luck) -> None:
        self._base = base
        self._luck = luck
        self.cuts: dict[int, Cut] = {}
        self.bad: dict[int, Bad] = {}
        self.refused: list[Exchanged] = []
        """Messages that arrived as other bytes and were refused; each is sent again."""

    def __call__(self, message: Message, due: datetime) -> datetime | None:
        """Return when a message due at ``due`` leaves."""
        return self._base(message, due)

    def delivery(self, message: Message, attempt: int, now: datetime) -> Fate:
        """Return the fate of an attempt: lost on a line that is cut, else what the scenario has for it."""
        for cut in self.cuts.values():
            fate = Faults((cut.fault,), self._luck).delivery(message, attempt, now)
            if fate.lost:
                cut.lost.setdefault(message.header.message_id, now)
                return fate
        return self._base.delivery(message, attempt, now) if isinstance(self._base, DeliveryFaults) else UNHARMED

    def corrupts(self, letter: Letter) -> Bad | None:
        """Return what corrupts ``letter`` on its way, None if nothing does. What is found is used up by it."""
        waiting = [one for one in self.bad.values() if not one.message]
        if not waiting or "." in letter.recipient:
            return None
        header = peek_header(letter.data)
        code = None if header is None else header.message_type
        found = next((one for one in waiting if one.fits(code, letter)), None)
        if found is not None:
            found.message = letter.id
        return found


class LineClient(Client):
    """The client by which the nodes of a stage speak to each other: over ``lines``."""

    def __init__(self, lines: Lines, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._lines = lines
        self._signed: dict[str, bytes] = {}

    async def post_round(
        self, letters: Sequence[Letter], now: datetime, attempts: Sequence[int] | None = None
    ) -> list[Answer | Undelivered]:
        """Post one round as :meth:`Client.post_round` does; what is corrupted goes by itself, and is not delivered."""
        found = {place: bad for place, one in enumerate(letters) if (bad := self._lines.corrupts(one)) is not None}
        if not found:
            return await super().post_round(letters, now, attempts)
        good = [place for place in range(len(letters)) if place not in found]
        tried = None if attempts is None else [attempts[place] for place in good]
        sent = await super().post_round([letters[place] for place in good], now, tried)
        answers: dict[int, Answer | Undelivered] = dict(zip(good, sent, strict=True))
        for place, bad in found.items():
            answers[place] = await self._corrupted(letters[place], bad, now)
        return [answers[place] for place in range(len(letters))]

    async def _corrupted(self, letter: Letter, bad: Bad, now: datetime) -> Undelivered:
        """Send other bytes than were signed; return what the sender makes of the answer: it will send it again."""
        data = corrupted(letter.data)
        self._signed[letter.id] = letter.data
        bad.at = now
        try:
            answer = await self.post(replace(letter, data=data, sha256=digest(data)), now)
        except Undelivered as error:
            bad.detail = str(error)
            return error
        finally:
            del self._signed[letter.id]
        bad.status, bad.detail = answer.status, why(answer)
        header = decode(letter.data).header
        self._lines.refused.append(
            Exchanged(at=now, ucr=letter.case, header=header, accepted=False, xml=data, reason=why(answer))
        )
        return Undelivered(f"{letter.recipient}: answered other bytes than were sent: {bad.detail}")

    def _signature(self, letter: Letter, now: datetime) -> str:
        written = self._signed.get(letter.id)
        return super()._signature(letter if written is None else replace(letter, data=written), now)


def corrupted(data: bytes) -> bytes:
    """Return ``data`` with one byte in its middle changed to another."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x15]) + data[middle + 1 :]


__all__ = ["Bad", "Cut", "LineClient", "Lines", "corrupted"]
