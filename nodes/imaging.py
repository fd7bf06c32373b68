"""Image duty: under an agreement that asks for it, a scan or an inspection counts only with its image (PIX-036).

The answer to such a result waits until its image has been fetched and checked (:mod:`nodes.imaged`). The service that
gave the result announces the image again if it did not arrive whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from exchange.messages import Consignment, ControlResult, InspectionImage, RecognitionResponse
from exchange.messages.base import ControlForm
from nodes.case import Case, Offer
from nodes.draft import Draft
from nodes.forwarding import pass_back
from nodes.recognition import agreements_for, originator, receivers
from nodes.telling import mrn_known_to

LARGEST = 99_000_000
"""Bytes of the largest image that is fetched (Eurasian Economic Commission, ActInspPhoto: up to 99 MB)."""
WAIT = timedelta(hours=6)
"""How long, in node time, an offered result waits for its image (designed: as a message for its predecessor)."""
ANNOUNCED = 3
"""How often an image is announced to one service before its sender gives up (designed)."""
FORMS = frozenset({"SCAN", "PHYSICAL"})
"""The forms of control of which an image can be asked for."""


def duty(draft: Draft, case: Case, result: ControlResult) -> bool:
    """Return whether the agreement under which ``result`` would be recognised here asks for its image."""
    record = case.movements.get(result.mrn or "")
    if record is None or result.form not in FORMS:
        return False
    issuer = originator(record.consignment, result)
    agreements = agreements_for(draft.standing, issuer, draft.country, record.consignment, result.form)
    return bool(agreements) and agreements[0].recognition is not None and agreements[0].recognition.image_duty


def waits_for_image(draft: Draft, case: Case, result: ControlResult) -> bool:
    """Return whether the answer to an offered result must wait for its image; if so, ask for a timer that ends it."""
    if not duty(draft, case, result):
        return False
    draft.wake(f"image:{result.header.message_id}", draft.now + WAIT)
    return True


def fetch_for(draft: Draft, case: Case, offer: Offer, image: InspectionImage) -> None:
    """Fetch an image that was announced, if the result it belongs to needs one and has none yet."""
    if not duty(draft, case, offer.result) or offer.outcome in ("ACCEPTED", "PARTIAL", "REVOKED"):
        return
    if offer.outcome == "REFUSED" and offer.reasons != ("IMAGE",):
        return
    attempt = 1 + len(images_of(case, offer.result))
    draft.fetch(image.header.sender, image.sha256, image.size, attempt)


def announce_image(
    draft: Draft, case: Case, consignment: Consignment, image: InspectionImage, form: ControlForm
) -> None:
    """Tell the services ahead that would recognise a control of this form of its image (message IMG)."""
    body = image.model_dump(exclude={"header", "ucr", "mrn", "control_result_id"})
    for country in receivers(draft.standing, consignment, image.office, form):
        draft.send(InspectionImage, country, to=image, mrn=mrn_known_to(draft, case, country), **body)


def announce_images(draft: Draft, case: Case, consignment: Consignment, results: Sequence[ControlResult]) -> None:
    """Tell of the images that own posts took of these results before the goods were released."""
    for result in results:
        for image in images_of(case, result):
            announce_image(draft, case, consignment, image, result.form)


def images_of(case: Case, result: ControlResult) -> list[InspectionImage]:
    """Return the images of a control act that its sender told this service of, in their order."""
    sender, act = result.header.sender, result.act_number
    return [one for one in case.images if one.header.sender == sender and one.act_number == act]


def offer_of(case: Case, image: InspectionImage) -> Offer | None:
    """Return the offered result to which an image of another service belongs, or None."""
    if image.control_result_id is not None and image.control_result_id in case.offers:
        return case.offers[image.control_result_id]
    sender = image.header.sender
    return next(
        (
            offer
            for offer in case.offers.values()
            if offer.result.act_number == image.act_number and offer.result.header.sender == sender
        ),
        None,
    )


def too_large(image: InspectionImage) -> str | None:
    """Return what is wrong with the size of an image, or None."""
    if image.size <= LARGEST:
        return None
    return f"The image has {image.size} bytes; at most {LARGEST} are fetched."


def on_recognition(draft: Draft, case: Case, message: RecognitionResponse, kind: str) -> None:
    """Take note of how a result was answered, and tell whoever it came from, if it was passed on from here.

    If the image of an own result did not come whole, announce it again.
    """
    draft.note(kind, message)
    pass_back(draft, case, message)
    if "IMAGE" not in {reason.code for reason in message.reasons}:
        return
    partner = message.header.sender
    announced = [
        entry.message
        for entry in case.timeline
        if entry.kind == "issued"
        and isinstance(entry.message, InspectionImage)
        and entry.message.header.recipient == partner
        and entry.message.act_number == message.act_number
    ]
    if not announced or len(announced) >= ANNOUNCED:
        return
    body = announced[-1].model_dump(exclude={"header", "ucr"})
    draft.send(InspectionImage, partner, to=message, **body)


def was_shown(case: Case | None, member: str, sha256: str) -> bool:
    """Return whether this service announced the image ``sha256`` of the case to ``member``."""
    return case is not None and any(
        entry.kind == "issued"
        and isinstance(entry.message, InspectionImage)
        and entry.message.header.recipient == member
        and entry.message.sha256 == sha256
        for entry in case.timeline
    )


__all__ = [
    "ANNOUNCED",
    "FORMS",
    "LARGEST",
    "WAIT",
    "announce_image",
    "announce_images",
    "duty",
    "fetch_for",
    "images_of",
    "offer_of",
    "on_recognition",
    "too_large",
    "waits_for_image",
    "was_shown",
]
