"""Image duty: under an agreement that asks for it, a scan or an inspection counts only with its image (PIX-036).

The answer to such a result waits until its image has been fetched and checked (:mod:`nodes.imaged`). The service that
gave the result announces the image again if it did not arrive whole. An image of a result that is passed on along the
way (:mod:`nodes.forwarding`) goes the same way: whoever passes the result on fetches and checks the image, announces it
to the next service, and serves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from exchange.agreements import Agreement
from exchange.messages import Consignment, ControlResult, InspectionImage, RecognitionResponse
from exchange.messages.base import ControlForm
from nodes.case import Case, Offer
from nodes.draft import Draft
from nodes.forwarding import pass_back
from nodes.recognition import asks_for_image, entries_ahead, image_consent, originator, receivers
from nodes.telling import mrn_known_to

LARGEST = 99_000_000
"""Bytes of the largest image that is fetched (Eurasian Economic Commission, ActInspPhoto: up to 99 MB)."""
WAIT = timedelta(hours=6)
"""How long, in node time, an offered result waits for its image (designed: as a message for its predecessor)."""
ANNOUNCED = 3
"""How often an image is announced to one service before its sender gives up (designed)."""


def duty(draft: Draft, case: Case, result: ControlResult) -> bool:
    """Return whether the agreement under which ``result`` would be recognised here asks for its image."""
    record = case.movements.get(result.mrn or "")
    return record is not None and asks_for_image(draft.standing, result, draft.country, record.consignment)


def waits_for_image(draft: Draft, case: Case, result: ControlResult) -> bool:
    """Return whether the answer to an offered result must wait for its image; if so, ask for a timer that ends it."""
    if not duty(draft, case, result):
        return False
    draft.wake(f"image:{result.header.message_id}", draft.now + WAIT)
    return True


def fetch_for(draft: Draft, case: Case, offer: Offer, image: InspectionImage) -> None:
    """Fetch an image that was announced, if the result it belongs to needs one, here or ahead, and has none yet."""
    wanted = duty(draft, case, offer.result) and (
        offer.outcome == "OFFERED" or (offer.outcome == "REFUSED" and offer.reasons == ("IMAGE",))
    )
    if wanted or (image.may_forward and not whole(case, image) and passed_to(draft, case, offer.result)):
        draft.fetch(image.header.sender, image.sha256, image.size, 1 + len(images_of(case, offer.result)))


def whole(case: Case, image: InspectionImage) -> bool:
    """Return whether the image was fetched from its sender before, and came whole."""
    return any(
        case.fetched.get(one.header.message_id) == "WHOLE"
        for one in case.images
        if (one.header.sender, one.sha256) == (image.header.sender, image.sha256)
    )


def passed_to(draft: Draft, case: Case, result: ControlResult) -> list[tuple[str, Agreement]]:
    """Return the services to which ``result`` was passed on and its image may follow, each with the agreement.

    Nothing, if no service ahead on the way asks for an image, or if the result was revoked.
    """
    record = case.movements.get(result.mrn or "")
    offer = case.offers.get(result.header.message_id)
    sent = case.sent_results.get(result.header.message_id, {})
    if record is None or offer is None or offer.outcome == "REVOKED" or not sent:
        return []
    goods, issuer = record.consignment, originator(record.consignment, result)
    ahead = entries_ahead(goods, own_entry_office(draft.country, goods))
    if not any(asks_for_image(draft.standing, result, country, goods) for country in ahead):
        return []
    consents = ((to, image_consent(draft.standing, (issuer, draft.country, to), goods)) for to in sent)
    return [(to, agreement) for to, agreement in consents if agreement is not None]


def own_entry_office(country: str, consignment: Consignment) -> str:
    """Return the office at which the goods enter the customs territory of ``country``; empty if they do not."""
    return next((s.office for s in consignment.itinerary if s.country_code == country and s.role == "ENT"), "")


def pass_image_on(draft: Draft, case: Case, result: ControlResult, image: InspectionImage) -> None:
    """Announce another service's image, which came whole, to those to whom its result was passed on (message IMG).

    Only an image that its originator marked goes on, and whose digest the result names: the originator's signature of
    the result covers it so.
    """
    named = {(one.sha256, one.size) for one in result.attachments}
    if not image.may_forward or (image.sha256, image.size) not in named:
        return
    body = image.model_dump(exclude={"header", "ucr", "mrn", "control_result_id"})
    sent = case.sent_results.get(result.header.message_id, {})
    for country, agreement in passed_to(draft, case, result):
        if not was_shown(case, country, image.sha256):
            about = {"mrn": mrn_known_to(draft, case, country), "control_result_id": sent[country]}
            draft.send(InspectionImage, country, to=image, under=agreement, **(body | about))


def announce_image(
    draft: Draft, case: Case, consignment: Consignment, image: InspectionImage, form: ControlForm
) -> None:
    """Tell the services ahead that would recognise a control of this form of its image (message IMG).

    Under a chain it is marked, so that whoever passes the result on may pass on the image, if the agreement covers it.
    """
    body = image.model_dump(exclude={"header", "ucr", "mrn", "control_result_id", "may_forward"})
    for country, found in receivers(draft.standing, consignment, image.office, form).items():
        marked = found.passes_on and "IMG" in found.agreement.codes
        mrn = mrn_known_to(draft, case, country)
        draft.send(InspectionImage, country, to=image, mrn=mrn, may_forward=marked, **body)


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
    goods = case.consignment()
    stops = goods.itinerary if goods is not None else ()
    if any(stop.office == message.office and stop.country_code != partner for stop in stops):
        return  # the answer of a service further on: whoever passed the image on announces it again
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
    "LARGEST",
    "WAIT",
    "announce_image",
    "announce_images",
    "duty",
    "fetch_for",
    "images_of",
    "offer_of",
    "on_recognition",
    "pass_image_on",
    "passed_to",
    "too_large",
    "waits_for_image",
    "was_shown",
    "whole",
]
