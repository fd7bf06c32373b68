"""The posts of a stub at work, where a UCR asks for it: they report goods, make the controls, let the goods go.

This is a simulation of officers: everything is found as it was declared, but for what the marks ask for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from exchange.codec import decode
from exchange.errors import CorridorError
from exchange.http import Client, Letter
from exchange.luck import Luck
from exchange.messages import (
    AnticipatedArrivalRecord,
    AnticipatedTransitRecord,
    ArrivalAdvice,
    CaseMessage,
    ControlDecision,
    ControlResult,
    Header,
    InspectionImage,
    Message,
    NotificationOfCrossing,
    SealFound,
)
from exchange.references import message_id
from scenarios.imaging.scanner import Load, scan
from scenarios.stub.marks import Asked, asked

log = logging.getLogger("corridor.stub")
M = TypeVar("M", bound=CaseMessage)
WORKING = frozenset({"ARRIVES", "IRREGULAR", "SEAL", "IMAGE", "CORRUPT"})
MOST = 100
"""Consignments that posts are at work on at once."""
ROUNDS = 20
"""Controls made of one consignment at most."""
SCALE = 10.0
"""Pixels a metre of a picture."""
SECOND = timedelta(seconds=1)


class Posts:
    """Works for the node of ``country`` through ``client``; ``now`` is its clock (UTC).

    ``spoil`` is told the SHA-256 of each image that is to come corrupt.
    """

    def __init__(self, country: str, client: Client, now: Callable[[], datetime], spoil: Callable[[str], None]) -> None:
        self._country = country
        self._client = client
        self._now = now
        self._spoil = spoil
        self._ordinals: dict[tuple[str, str], int] = {}
        self._seen: set[tuple[str, str]] = set()
        self._work: set[asyncio.Task[None]] = set()

    def told(self, message: Message) -> None:
        """Take note of a message that the node has accepted: a record (AAR, ATR) may bring goods."""
        if not isinstance(message, AnticipatedArrivalRecord | AnticipatedTransitRecord):
            return
        found = asked(message.ucr)
        transit = isinstance(message, AnticipatedTransitRecord)
        office = message.transit_office if isinstance(message, AnticipatedTransitRecord) else message.destination_office
        if found.words.isdisjoint(WORKING) or (message.ucr, office) in self._seen or len(self._work) >= MOST:
            return
        self._seen.add((message.ucr, office))
        task = asyncio.create_task(self._worked(message, office, found, transit=transit))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def stop(self) -> None:
        """End what the posts are at."""
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _worked(
        self, record: AnticipatedArrivalRecord | AnticipatedTransitRecord, office: str, found: Asked, *, transit: bool
    ) -> None:
        try:
            await asyncio.sleep(found.wait.total_seconds())
            await self._present(record, office, found, transit=transit)
        except CorridorError as error:
            log.warning("the post at %s could not go on with %s: %s", office, record.ucr, error)

    async def _present(
        self, record: AnticipatedArrivalRecord | AnticipatedTransitRecord, office: str, found: Asked, *, transit: bool
    ) -> None:
        goods, ucr, post = record.consignment, record.ucr, f"{self._country}.{office}"
        roles = {stop.office: stop.role for stop in goods.itinerary}
        presentation = "DESTINATION" if not transit else "EXIT" if roles.get(office) == "EXT" else "ENTRY"
        fields: dict[str, Any] = {}
        if presentation == "ENTRY":
            seals = [seal.id for unit in goods.transport_equipment for seal in unit.seals]
            state = "BROKEN" if "SEAL" in found.words else "INTACT"
            fields["seals_found"] = tuple(
                SealFound(sequence_number=n, id=seal, state=state if n == 1 else "INTACT")
                for n, seal in enumerate(seals, 1)
            )
            fields["found_mass"] = goods.gross_mass
        at: dict[str, Any] = {"office": office, "presentation": presentation}
        replies = await self._say(ArrivalAdvice, post, ucr, **at, arrived_at=self._now(), **fields)
        for number in range(1, ROUNDS + 1):
            controls = _ordered(replies)
            if not controls:
                break
            form, extent = controls[0]
            bad = "IRREGULAR" in found.words and form == "PHYSICAL"
            act = f"{office}/{number:06d}"
            began = self._now()
            replies = await self._say(
                ControlResult, post, ucr, **at, act_number=act, form=form, extent=extent, began_at=began,
                ended_at=began + SECOND, sent_at=began + SECOND, result="B1" if bad else "A1", offence_indicator=bad,
            )  # fmt: skip
            if form == "SCAN" and found.any("IMAGE", "CORRUPT"):
                await self._picture(record, office, act, began, spoilt="CORRUPT" in found.words)
            if bad:
                return
        if presentation != "DESTINATION":
            await self._say(NotificationOfCrossing, post, ucr, **at, crossed_at=self._now())

    async def _picture(
        self,
        record: AnticipatedArrivalRecord | AnticipatedTransitRecord,
        office: str,
        act: str,
        captured: datetime,
        *,
        spoilt: bool,
    ) -> None:
        """Put the picture of a control at the node, and tell of it: it was taken during the control, however long it
        takes to be drawn here."""
        goods = record.consignment
        data = await asyncio.to_thread(scan, Load(hs=goods.goods_items[0].hs_code), Luck(0), record.ucr, SCALE)
        digest = sha256(data).hexdigest()
        if spoilt:
            self._spoil(digest)
        post = f"{self._country}.{office}"
        path = f"/images/{digest}?case={record.ucr}"
        status, answer = await self._client.put(self._country, post, path, data, "image/png", self._now())
        if status not in (200, 201):
            raise CorridorError(f"the image was answered {status}: {answer.get('detail')}")
        unit = goods.transport_equipment[0]
        await self._say(
            InspectionImage, post, record.ucr, act_number=act, office=office, image_id=act.replace("/", "-"),
            scanner_id=f"{office}-1", scanner_kind="XRAY", scan_mode="PORTAL", captured_at=captured,
            container_id=unit.container_id, means_id=unit.means_id, media_type="image/png", sha256=digest,
            size=len(data), location=f"/images/{digest}",
        )  # fmt: skip

    async def _say(
        self, kind: type[M], post: str, ucr: str, /, sent_at: datetime | None = None, **body: Any
    ) -> Sequence[Message]:
        """Send the post's next message to its node; return the replies. Raise :class:`CorridorError` if refused."""
        now = sent_at or self._now()
        ordinal = self._ordinals[post, ucr] = self._ordinals.get((post, ucr), 0) + 1
        header = Header(
            message_id=message_id(post, self._country, kind.CODE, ucr, ordinal),
            message_type=kind.CODE,
            sender=post,
            recipient=self._country,
            sent_at=now,
            ordinal=ordinal,
        )
        answer = await self._client.post(Letter.of(kind(header=header, ucr=ucr, **body)), now)
        if not answer.accepted:
            raise CorridorError(f"its {kind.CODE} was answered {answer.status}: {answer.problem.get('detail')}")
        return [decode(data) for data in answer.replies]


def _ordered(replies: Sequence[Message]) -> list[tuple[str, str]]:
    decisions = [message for message in replies if isinstance(message, ControlDecision)]
    return [(control.form, control.extent) for control in decisions[-1].controls] if decisions else []


__all__ = ["WORKING", "Posts"]
