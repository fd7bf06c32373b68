"""A post at work: it presents goods to its node, makes the controls demanded and reports them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import simpy

from exchange.identity import by_identity
from exchange.luck import Luck
from exchange.messages import (
    ArrivalAdvice,
    ControlResult,
    FunctionalRejection,
    InspectionImage,
    Message,
    NotificationOfCrossing,
    SealFound,
    TransportEquipment,
)
from exchange.messages.base import Presentation
from exchange.messages.parts import Attachment
from scenarios.imaging.gallery import MEDIA_TYPE, Picture
from scenarios.scenario import Scenario
from scenarios.world.cargo import Shipment
from scenarios.world.journal import Journal
from scenarios.world.mail import Control, Mail, demanded
from scenarios.world.works import Act, Works, WorldError

OVERWEIGHT = Decimal("1.12")
"""Mass found over mass declared where the mass does not agree (designed, beyond every tolerance)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The officers of one office in one direction. ``side`` is the key of the border side, none inland."""

    office: str
    member: str
    presentation: Presentation
    side: str | None
    works: Works
    mail: Mail
    journal: Journal
    luck: Luck
    scenario: Scenario

    def present(self, shipment: Shipment) -> Generator[simpy.Event, Any, list[Control]]:
        """Report the arrival of ``shipment``; return the controls that the node demands."""
        fields: dict[str, Any] = {}
        if self.presentation == "ENTRY":
            fields = self._found(shipment)
        replies = yield self.mail.ask(
            self.member,
            ArrivalAdvice,
            shipment,
            office=self.office,
            presentation=self.presentation,
            arrived_at=self.mail.time(),
            **fields,
        )
        return self._demanded(replies, shipment)

    def _demanded(self, replies: Sequence[Message], shipment: Shipment) -> list[Control]:
        found = demanded(replies)
        if found is None:
            said = ", ".join(_answer(message) for message in replies) or "nothing"
            raise WorldError(
                f"{self.member}: the node of {self.member[:2]} answered {said} on {shipment.ucr}, not a control "
                "decision (CTD)"
            )
        return found

    def _found(self, shipment: Shipment) -> dict[str, Any]:
        """Return seals and mass as found at an entry side, and note what does not agree."""
        assert self.side is not None
        shipment.seal_shows = False
        mass, state = shipment.gross, "INTACT"
        irregular = shipment.irregular
        if shipment.mismatch is not None and shipment.entries_passed == 1:
            if shipment.mismatch == "seal":
                state = "REPLACED"
            else:
                mass = (mass * OVERWEIGHT).quantize(Decimal(1))
            self.journal.note(shipment, "mismatch", side=self.side, what=shipment.mismatch)
        if irregular is not None and irregular.arises > 0:
            shows = self.luck.uniform(shipment.case, self.side, "seal")
            if shows < self.scenario.detection.seal_shows.value:
                state, shipment.seal_shows = "BROKEN", True
                self.journal.note(shipment, "mismatch", side=self.side, what="seal")
        if shipment.tampered:
            state, shipment.tampered = "BROKEN", False
            self.journal.note(shipment, "mismatch", side=self.side, what="seal")
        return {"found_mass": mass, "seals_found": _seals_found(shipment.consignment.transport_equipment, state)}

    def report(
        self, shipment: Shipment, control: Control, act: Act, *, early: bool = False
    ) -> Generator[simpy.Event, Any, list[Control] | None]:
        """Report a control that was made; return the controls that remain.

        Return None if it found another mass than declared at destination, or an irregularity (the consignment is seized
        then, unless the control was ``early``: of documents, begun before arrival), or if the answer to an early
        control says nothing about the arrival.
        """
        act.found = self.works.finds(shipment, control.form)
        number = self.mail.act_number(self.office)
        picture = self._picture(shipment, control, act.found)
        weighed = {} if act.found else self._weighed(shipment, control.form)
        replies = yield self.mail.ask(
            self.member,
            ControlResult,
            shipment,
            act_number=number,
            office=self.office,
            presentation=self.presentation,
            form=control.form,
            extent=control.extent,
            began_at=self.mail.time(act.began),
            ended_at=self.mail.time(act.ended),
            offence_indicator=act.found,
            attachments=attached(picture),
            **({"result": "B1" if act.found else "A1"} | weighed),
        )
        self.journal.note(
            shipment,
            "control",
            office=self.office,
            side=self.side,
            presentation=self.presentation,
            form=control.form,
            extent=control.extent,
            began=act.began,
            ended=act.ended,
            officer_seconds=act.officer_seconds,
            found=act.found,
            before_arrival=early,
        )
        if picture is not None:
            self._tell_of(picture, shipment, number, act)
        if act.found:
            if not early:
                self.seize(shipment, control.form)
            return None
        if weighed.get("result") == "A5":
            self.journal.note(shipment, "differs", office=self.office, form=control.form)
            return None
        if early:
            return demanded(replies)
        return self._demanded(replies, shipment)

    def inspect(self, shipment: Shipment) -> Generator[simpy.Event, Any, Act]:
        """Inspect a consignment; where images of inspections are given, what is stowed back is scanned."""
        images = self.scenario.images
        scanned = images is not None and bool(images.inspections) and self.office in images.offices
        return (yield from self.works.inspection(shipment, scanned=scanned))

    def _picture(self, shipment: Shipment, control: Control, found: bool) -> Picture | None:
        """Return the picture that the scanner took, where this post's scanner gives any of such a control."""
        images, gallery = self.scenario.images, self.mail.gallery
        inspected = control.form == "PHYSICAL"
        if images is None or gallery is None or self.office not in images.offices:
            return None
        if control.form != "SCAN" and not (inspected and images.inspections and not found):
            return None
        irregular = shipment.irregular
        hs = shipment.consignment.goods_items[0].hs_code
        grade = None if irregular is None else irregular.grade
        return gallery.take(shipment.case, hs, grade, inspected=inspected)

    def _tell_of(self, picture: Picture, shipment: Shipment, act_number: str, act: Act) -> None:
        """Tell the node of a picture of the first container, taken when the scan, or the inspection, ended."""
        images = self.scenario.images
        assert images is not None
        unit = shipment.consignment.transport_equipment[0]
        self.mail.ask(
            self.member,
            InspectionImage,
            shipment,
            act_number=act_number,
            office=self.office,
            image_id=f"{self.office}-{act_number.rpartition('/')[2]}",
            scanner_id=f"{self.office}-1",
            scanner_kind=images.scanner,
            scan_mode=images.scan_mode,
            captured_at=self.mail.time(act.ended),
            container_id=unit.container_id,
            means_id=unit.means_id,
            media_type=MEDIA_TYPE,
            sha256=picture.sha256,
            size=picture.size,
            location=f"/images/{picture.sha256}",
        )
        self.journal.note(
            shipment, "image", office=self.office, sha256=picture.sha256, size=picture.size, act=act_number
        )

    def _weighed(self, shipment: Shipment, form: str) -> dict[str, Any]:
        """Return masses and result of a control that shows the goods' mass, where that is not the one declared.

        At departure it is noted and let go, within the tolerance of a scan (A4). At destination it is a discrepancy
        (A5): the goods are handed over against security, and the services settle it between them.
        """
        differs = shipment.flow.differs
        if differs is None or form == "DOCUMENTARY" or self.presentation not in ("DEPARTURE", "DESTINATION"):
            return {}
        if self.luck.uniform(shipment.case, "goods", "differs") >= differs.share.value:
            return {}
        found = (shipment.gross * (1 + Decimal(str(differs.by.value)))).quantize(Decimal(1))
        result = "A5" if self.presentation == "DESTINATION" else "A4"
        return {"declared_mass": shipment.gross, "found_mass": found, "result": result}

    def seize(self, shipment: Shipment, form: str) -> None:
        """Take ``shipment`` out of traffic for what a control of ``form`` found."""
        shipment.seized = True
        self.journal.note(shipment, "seized", office=self.office, side=self.side, form=form)

    def cross(self, shipment: Shipment) -> None:
        """Report that ``shipment`` has left the side."""
        shipment.seal_shows = False
        self.mail.ask(
            self.member,
            NotificationOfCrossing,
            shipment,
            office=self.office,
            presentation=self.presentation,
            crossed_at=self.mail.time(),
        )

    def clear(self, shipment: Shipment) -> Generator[simpy.Event, Any, None]:
        """Present ``shipment`` inland and make all controls one after the other; nothing is queued for."""
        remaining: list[Control] | None = yield from self.present(shipment)
        while remaining:
            control = remaining[0]
            act = yield from self._make(shipment, control)
            remaining = yield from self.report(shipment, control, act)

    def _make(self, shipment: Shipment, control: Control) -> Generator[simpy.Event, Any, Act]:
        if control.form == "DOCUMENTARY":
            return (yield from self.works.documents(control, shipment, None))
        if control.form == "WEIGHING":
            return (yield from self.works.weighing())
        if control.form == "PHYSICAL":
            return (yield from self.inspect(shipment))
        acts = []
        for step in self.works.scan_steps():
            acts.append((yield from self.works.scan_step(step, shipment)))
        return together(acts)


def _answer(message: Message) -> str:
    """Return the code of a message, and of a rejection what it says."""
    if not isinstance(message, FunctionalRejection):
        return message.CODE
    reasons = "; ".join(f"{error.rule_id or error.code}: {error.text}" for error in message.errors)
    return f"{message.CODE} ({reasons})"


@by_identity(512)
def _seals_found(equipment: tuple[TransportEquipment, ...], first: str) -> tuple[SealFound, ...]:
    """Return the seals as they are found, the first one in this state: office after office finds the same, in every
    arm."""
    seals = enumerate((seal.id for unit in equipment for seal in unit.seals), 1)
    return tuple(
        [
            SealFound.made({"sequence_number": n, "id": number, "state": first if n == 1 else "INTACT"})
            for n, number in seals
        ]
    )


def attached(picture: Picture | None) -> tuple[Attachment, ...]:
    """Return a picture as a control result names it."""
    if picture is None:
        return ()
    return (Attachment(sequence_number=1, media_type=MEDIA_TYPE, sha256=picture.sha256, size=picture.size),)


def together(acts: Sequence[Act]) -> Act:
    """Return one act made of several steps."""
    return Act(acts[0].began, acts[-1].ended, sum(act.officer_seconds for act in acts))


__all__ = ["OVERWEIGHT", "Post", "together"]
