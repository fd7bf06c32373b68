"""What checks ask a node with: signed messages, reads with a credential, and the node's time.

A probe holds nothing about the node but how its time goes. Every check has consignments and ids of its own, so that
no check depends on another.
"""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from exchange.codec import decode, encode
from exchange.errors import CorridorError
from exchange.http import SIGNATURE, TIME, XML
from exchange.ledger import parse_time
from exchange.messages import Message, format_time
from exchange.receipts import credential
from exchange.signatures import PrivateKey
from exchange.validation import parse_message
from scenarios.conform.cast import Cast
from scenarios.conform.check import Failed, NotApplicable, accepted
from scenarios.conform.partner import Partner
from scenarios.conform.story import Story
from scenarios.conform.trust import Trust
from scenarios.conform.wire import Exchange, Headers, Wire

STRANGER = "conformance-stranger"
"""The kid of a key that nobody knows."""
WATCHED = timedelta(minutes=15)
"""Node time within which a stepped node must have sent what it has to send."""
PATIENCE = 15.0
"""Wall seconds within which a live one must have."""
STEPS = 200
"""Times that a stepped node is told until then, at most."""


class Probe:
    """See the module. ``stepped``: whether the node is told the time; ``now``: the node's time as the run begins (UTC).

    ``nonce`` (capitals and digits) makes the references of a run its own.
    """

    def __init__(self, wire: Wire, trust: Trust, cast: Cast, *, stepped: bool, now: datetime, nonce: str) -> None:
        self.wire = wire
        self.trust = trust
        self.cast = cast
        self.stepped = stepped
        self.check = ""
        self.listening: Partner | None = None
        """The partner that the run plays, if it does."""
        self.stranger = PrivateKey.generate(STRANGER)
        self._nonce = nonce
        self._told = now
        self._ahead = now - datetime.now(UTC).replace(microsecond=0)
        self._stories = 0

    @property
    def now(self) -> datetime:
        """Node time (UTC, whole seconds): what a stepped node was told last, else the clock, as wrong as the node's."""
        return self._told if self.stepped else datetime.now(UTC).replace(microsecond=0) + self._ahead

    async def pass_time(self, seconds: int) -> datetime:
        """Let node time pass: the next message tells a stepped node, of a live one it is waited for."""
        if self.stepped:
            self._told += timedelta(seconds=seconds)
        else:
            await asyncio.sleep(seconds)
        return self.now

    def story(self) -> Story:
        """Return a consignment that nobody has told the node of."""
        self._stories += 1
        ucr = f"{self.now.year % 10}{self.cast.country}CONF-{self._nonce}-{self.check}-{self._stories}"
        return Story(self.cast, ucr, self.now)

    # --- who speaks -----------------------------------------------------------------------------------------

    def declarant(self) -> str:
        """Return who lodges declarations. Raise :class:`NotApplicable` if nobody does."""
        if self.cast.declarant is None:
            raise NotApplicable(f"nobody declares at {self.cast.office} in {self.cast.scenario}")
        return self.cast.declarant

    def partner(self) -> str:
        """Return a service that an agreement links with the node. Raise :class:`NotApplicable` if there is none."""
        if self.cast.partner is None:
            raise NotApplicable(f"no agreement in force links {self.cast.country} with a service of the scenario")
        return self.cast.partner

    def outsider(self) -> str:
        """Return a service that no agreement links with the node. Raise :class:`NotApplicable` if none can speak."""
        if self.cast.outsider is None:
            raise NotApplicable("agreements link the node with every service that this run can speak for")
        return self.cast.outsider

    def goods_message(self, story: Story) -> Message:
        """Return the message that tells the node of the goods: a declaration, or a partner's record."""
        if self.cast.declarant is not None:
            return story.declaration(self.cast.declarant)
        if self.cast.partner is not None and self.cast.before:
            return story.record(self.cast.partner)
        raise NotApplicable("nobody in the scenario tells this service of the goods")

    def endpoint(self) -> Partner:
        """Return the partner that the run plays. Raise :class:`NotApplicable` if it plays none."""
        if self.listening is None:
            raise NotApplicable(
                "the run plays no partner: give --listen PORT, and tell the node where (docs/conform.md)"
            )
        return self.listening

    def covering(self, code: str) -> tuple[str, ...]:
        """Return the agreements under which the node may send messages of ``code`` to its partner."""
        on = self.now.date()
        found = (one for one in self.cast.agreements if one.applies(self.cast.country, self.partner(), on))
        return tuple(one.id for one in found if code in one.codes)

    # --- asking ---------------------------------------------------------------------------------------------

    async def send(
        self,
        message: Message | bytes,
        *,
        sender: str = "",
        key: PrivateKey | None = None,
        token: str | None = None,
        iat: datetime | None = None,
        kind: str = XML,
        more: Headers = (),
        told: datetime | None = None,
    ) -> Exchange:
        """Post a message, signed by its sender at ``iat`` (now), with the time ``told`` (now); return the answer.

        ``sender`` is needed for bytes. ``token`` replaces the signature; an empty one leaves it out.
        """
        if not isinstance(message, bytes):
            sender = sender or message.header.sender
            message = encode(message)
        if token is None:
            token = (key or self.trust.key(sender)).sign_bytes(message, iat or self.now)
        headers = [("Content-Type", kind)] if kind else []
        headers += [(SIGNATURE, token)] if token else []
        headers += [(TIME, format_time(told or self.now))] if self.stepped else []
        return await self.wire.ask("POST", "/messages", [*headers, *more], message, who=sender)

    async def accepted(self, message: Message) -> Exchange:
        """Post a message that must be accepted for the check to go on; raise :class:`NotApplicable` if it is not."""
        answer = await self.send(message)
        if not accepted(answer):
            said = str(answer.document().get("detail", ""))[:200]
            raise NotApplicable(
                f"its beginning was refused: {message.CODE} was answered {answer.status} {said}".strip()
            )
        return answer

    async def tell_goods(self, story: Story) -> Exchange:
        """Tell the node of the goods of ``story``; raise :class:`NotApplicable` if it does not take that."""
        return await self.accepted(self.goods_message(story))

    async def read(
        self,
        path: str,
        who: str,
        *,
        signed: str | None = None,
        at: datetime | None = None,
        bare: bool = False,
        more: Headers = (),
    ) -> Exchange:
        """Read ``path`` with the credential of ``who``, made for the path ``signed`` (itself) at ``at`` (now).

        ``bare`` leaves the credential out, ``more`` are further headers.
        """
        headers = [(TIME, format_time(self.now))] if self.stepped else []
        if not bare:
            proof = credential(self.trust.key(who), "GET", signed or path, at or self.now, node=self.cast.country)
            headers.append(("Authorization", proof))
        return await self.wire.ask("GET", path, [*headers, *more], who=who)

    async def tell_time(self, body: bytes, who: str, *, bare: bool = False, told: datetime | None = None) -> Exchange:
        """Post ``body`` to ``/time`` with the credential of ``who``; ``bare`` leaves it out."""
        headers = [("Content-Type", "application/json"), (TIME, format_time(told or self.now))]
        if not bare:
            proof = credential(
                self.trust.key(who), "POST", "/time", told or self.now, node=self.cast.country, body=body
            )
            headers.append(("Authorization", proof))
        return await self.wire.ask("POST", "/time", headers, body, who=who)

    async def settle(self, done: Callable[[], Awaitable[bool]]) -> None:
        """Let the node do what is due at once: a stepped one when it is told the time, a live one until ``done``, for
        PATIENCE at most."""
        if self.stepped:
            await self._tell_now()
            return
        for _ in range(STEPS):
            if await done():
                break
            await asyncio.sleep(PATIENCE / STEPS)

    async def let(self, done: Callable[[], bool]) -> bool:
        """Let node time pass, as the node says when it is due, until ``done``; return whether it is, in time."""
        end, until = monotonic() + PATIENCE, self.now + WATCHED
        for _ in range(STEPS):
            if done() or monotonic() > end:
                break
            if not self.stepped:
                await asyncio.sleep(PATIENCE / STEPS)
                continue
            due = await self._due()
            if done() or due is None or due > until:
                break
            self._told = max(self._told, due)
        return done()

    async def rest(self, seconds: int) -> None:
        """Let ``seconds`` of node time pass, in steps as the node is due; for a live node a tenth of it is waited."""
        if not self.stepped:
            await asyncio.sleep(max(1.0, seconds / 10))
            return
        until = self.now + timedelta(seconds=seconds)
        for _ in range(STEPS):
            due = await self._due()
            if due is None or due > until:
                break
            self._told = max(self._told, due)
        self._told = until
        await self._tell_now()

    async def _due(self) -> datetime | None:
        """Let a stepped node do what is due now; return when it is due next, None if it does not say."""
        answer = await self._tell_now()
        try:
            return parse_time(str(answer.document().get("next_due")))
        except ValueError:
            return None

    async def _tell_now(self) -> Exchange:
        return await self.tell_time(json.dumps({"now": format_time(self.now)}).encode(), self.cast.operator)

    def set_now(self, now: datetime) -> None:
        """Take note that a stepped node has been told ``now``; earlier times are left aside."""
        self._told = max(self._told, now)

    # --- reading answers ------------------------------------------------------------------------------------

    def replies(self, answer: Exchange) -> list[Message]:
        """Return the messages with which the node answered at once. Raise :class:`Failed` if they cannot be read."""
        found = []
        for text in _texts(answer, "message"):
            try:
                found.append(decode(text.encode()))
            except (CorridorError, ValueError) as error:
                raise Failed(f"a reply cannot be read as a message: {error}") from error
        return found

    def reply(self, answer: Exchange, code: str) -> Any:
        """Return the one reply with this code. Raise :class:`Failed` if there is none."""
        found = self.replies(answer)
        for one in found:
            if code == one.CODE:
                return one
        raise Failed(f"no {code} is among the replies ({', '.join(one.CODE for one in found) or 'there are none'})")


def receipt_token(answer: Exchange) -> str:
    """Return the receipt of an accepting answer as it stands. Raise :class:`Failed` if there is none."""
    token = answer.document().get("receipt")
    if not isinstance(token, str):
        raise Failed('the answer has no "receipt" of text')
    return token


def receipt_claims(answer: Exchange) -> dict[str, Any]:
    """Return what the receipt of an answer states, unproven. Raise :class:`Failed` if it cannot be read."""
    parts = receipt_token(answer).split(".")
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, RecursionError) as error:
        raise Failed("the receipt is no compact JWS with a payload of JSON") from error
    if not isinstance(claims, dict):
        raise Failed("the payload of the receipt is no JSON object")
    return claims


def signed_replies(answer: Exchange) -> list[tuple[str, str]]:
    """Return (message, signature) of each reply. Raise :class:`Failed` if they are not as the contract says."""
    return list(zip(_texts(answer, "message"), _texts(answer, "signature"), strict=True))


def time_of(stated: object, name: str) -> datetime:
    """Return a time that the node stated. Raise :class:`Failed` that says how ``name`` is written if it is none."""
    try:
        return parse_time(str(stated))
    except ValueError as error:
        raise Failed(f"{name} is {stated!r}: write a time as 2018-03-05T00:00:00Z") from error


def expect_valid(data: bytes, what: str) -> None:
    """Raise :class:`Failed` that says what is wrong with ``what`` unless ``data`` passes all gates."""
    try:
        parse_message(data)
    except Exception as error:  # whatever a stranger's document does to the parser is the stranger's fault
        raise Failed(f"{what} is not valid: {error}") from error


def _texts(answer: Exchange, name: str) -> Sequence[str]:
    rows = answer.document().get("replies")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get(name), str) for row in rows):
        raise Failed(f'"replies" is to be a list of objects, each with "{name}" of text')
    return [row[name] for row in rows]


__all__ = ["STRANGER", "Probe", "expect_valid", "receipt_claims", "receipt_token", "signed_replies", "time_of"]
