"""What the conductor says to nodes over HTTP, whoever runs them: rounds of messages, and the time.

Everything that posts, traders and operators send goes through one client. If a node cannot be reached, simulated time
stands still until it can be, or until the client's patience is over and the run ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from exchange.errors import CorridorError
from exchange.http import NEXT_DUE, NOTHING_DUE, Answer, Letter, Undelivered
from exchange.ledger import parse_time
from exchange.members import OPERATOR
from exchange.messages import InspectionImage, Message
from exchange.sentences import Sentence, own
from exchange.validation import parse_message
from nodes.patient import PatientClient
from scenarios.transport import Exchanged, ImageOf, no_images, recognition_of


class TransportError(CorridorError):
    """A node of the run could not be asked or stepped."""


class Conversation:
    """Speaks to the nodes of ``countries`` through ``client`` and adds to ``log`` what was handed over.

    ``due`` holds, for each node, when it is due next as its last answer told (UTC; None: nothing). ``keep_xml`` keeps
    the bytes of messages beside them. ``images`` gives those that posts hand in before they tell of them.
    """

    def __init__(
        self,
        client: PatientClient,
        countries: Iterable[str],
        log: list[Exchanged],
        *,
        keep_xml: bool,
        images: ImageOf = no_images,
    ) -> None:
        self._images = images
        self.log = log
        self.due: dict[str, datetime | None] = dict.fromkeys(countries)
        self._client = client
        self._keep_xml = keep_xml
        self._interruptions = 0

    async def ask(self, now: datetime, messages: Sequence[Message]) -> list[tuple[Message, ...]]:
        """Post one round; return the nodes' immediate replies in the order asked.

        Raise :class:`TransportError` if a node gives no answer.
        """
        for message in messages:
            if isinstance(message, InspectionImage):
                await self._hand_in(message, now)
        letters = [Letter.of(message) for message in messages]
        answers: list[Answer | Undelivered | None] = [None] * len(letters)

        async def post(places: list[int]) -> None:
            round_ = await self._client.post_round([letters[place] for place in places], now)
            for place, answer in zip(places, round_, strict=True):
                answers[place] = answer

        by_node: dict[str, list[int]] = {}
        for place, letter in enumerate(letters):
            by_node.setdefault(letter.recipient, []).append(place)
        async with asyncio.TaskGroup() as group:
            for places in by_node.values():
                group.create_task(post(places))
        learned: dict[str, list[datetime]] = {country: [] for country in by_node}
        replies = []
        for message, letter, answer in zip(messages, letters, answers, strict=True):
            if not isinstance(answer, Answer):
                raise TransportError(f"{message.CODE} {letter.id} of {letter.sender}: {answer}") from answer
            if answer.status == 409 or (answer.replayed and self._client.interruptions == self._interruptions):
                raise TransportError(
                    f"{letter.recipient} knows {message.CODE} {letter.id} of {letter.sender} already: it holds the "
                    "data of a run of this name. Give this run another name with --run-id, or the nodes fresh stores"
                )
            if answer.next_due is not None:
                learned[letter.recipient].append(answer.next_due)
            self.record(message, letter.data, now, accepted=answer.accepted, reason=why(answer))
            replies.append(tuple(self._reply(data, now) for data in answer.replies))
        for country, dues in learned.items():
            self.due[country] = min(dues, default=None)
        await self._after_interruptions(now)
        return replies

    async def _hand_in(self, message: InspectionImage, now: datetime) -> None:
        """Let a post give its node the image that its message tells of."""
        data = self._images(message.sha256)
        if data is None:
            return
        node, post = message.header.recipient, message.header.sender
        path = f"/images/{message.sha256}?case={quote(message.ucr, safe='')}"
        try:
            status, answer = await self._client.put(node, post, path, data, message.media_type, now)
        except Undelivered as error:
            raise TransportError(f"image {message.image_id} of {post}: {error}") from error
        if status not in (200, 201):
            raise TransportError(f"{node} does not take image {message.image_id} of {post}: {answer.get('detail')}")

    async def advance(self, country: str, now: datetime) -> None:
        """Let one node do what is due at ``now``. Raise :class:`TransportError` if it does not."""
        try:
            answer = await self._client.set_time(country, f"{country}.{OPERATOR}", now)
            self.due[country] = _time(answer["next_due"])
            for partner, learned in answer["partners"].items():
                if partner in self.due and "next_due" in learned:
                    self.due[partner] = _time(learned["next_due"])
        except (Undelivered, KeyError, TypeError, ValueError) as error:
            raise TransportError(f"{country} could not be stepped to {now:%Y-%m-%dT%H:%M:%SZ}: {error}") from error
        await self._after_interruptions(now)

    async def learn(self, country: str) -> None:
        """Ask one node when it is due next. Raise :class:`TransportError` if it is no stepped node."""
        try:
            headers, _ = await self._client.health(country)
            text = headers.get(NEXT_DUE)
            if text is None:
                raise TransportError(f"{country} does not say when it is due next: it is not stepped")
            self.due[country] = _time(None if text == NOTHING_DUE else text)
        except (Undelivered, ValueError) as error:
            raise TransportError(f"{country} could not be asked when it is due next: {error}") from error

    def record(self, message: Message, data: bytes, now: datetime, *, accepted: bool, reason: str = "") -> None:
        """Note a message that was handed over, or refused for ``reason``, at node time ``now``."""
        self.log.append(
            Exchanged(
                at=now,
                ucr=message.ucr,
                header=message.header,
                accepted=accepted,
                xml=data if self._keep_xml else None,
                recognition=recognition_of(message),
                reason=reason,
            )
        )

    def _reply(self, data: bytes, now: datetime) -> Message:
        message = parse_message(data)
        self.record(message, data, now, accepted=True)
        return message

    async def _after_interruptions(self, now: datetime) -> None:
        """Where an answer was lost, what it told of other nodes was lost with it: ask them all."""
        if self._client.interruptions > self._interruptions:
            for country in self.due:
                await self.learn(country)
            self._interruptions = self._client.interruptions


def why(answer: Answer) -> str:
    """Return why a node refused a message: status and its own words; nothing of one that it accepted.

    It is a sentence whose template is the kind of refusal, as the node's own words can be said in English only.
    """
    if answer.accepted:
        return ""
    detail = " ".join(str(answer.problem.get("detail", "")).split())
    kind = str(answer.problem.get("type", "")).rpartition(":")[2]
    return Sentence(f"{answer.status}: {detail}", f"refused: {kind}", {"status": answer.status, "detail": own(detail)})


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


__all__ = ["Conversation", "TransportError", "why"]
