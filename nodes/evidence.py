"""Seals and images: what is told of them at handovers, and whether it fits what is known.

The seals last known are those declared, without those that controls and notices took off, and with those they put on
(PIX-031). An image belongs to an act: to its times, its goods and, where the act names files, to one of them.
"""

from __future__ import annotations

from typing import Any

from exchange.messages import Consignment, ControlResult, InspectionImage, Message
from exchange.messages import SealIntegrity as Seals
from exchange.origin import without_original
from nodes.case import Case
from nodes.draft import Draft
from nodes.imaging import announce_image, fetch_for, offer_of, too_large
from nodes.recognition import Why, image_consent, originator, respond
from nodes.telling import tell


def known_seals(case: Case, consignment: Consignment | None) -> frozenset[str]:
    """Return the numbers of the seals that should be found, by all that this node was told."""
    declared = (
        {seal.id for equipment in consignment.transport_equipment for seal in equipment.seals} if consignment else set()
    )
    return frozenset((declared - case.removed_seals) | case.affixed_seals)


def on_seals(draft: Draft, case: Case, message: Seals) -> None:
    """A post tells how it found seals, and which it affixed: pass it on to departure and to the services ahead."""
    draft.note("received", message)
    body: dict[str, Any] = {
        "presentation": message.presentation,
        "checked_at": message.checked_at,
        "seals_found": message.seals_found,
        "seals_affixed": message.seals_affixed,
        "text": message.text,
    }
    tell(draft, case, Seals, message, message.office, body, ahead=True)


def on_own_image(draft: Draft, case: Case, message: InspectionImage) -> None:
    """A post tells of an image: offer it with the control result to the services ahead that would recognise a scan."""
    acts = [act for side in case.sides.values() for act in side.made if act.act_number == message.act_number]
    consignment = case.consignment(message.office)
    if not acts or consignment is None:
        draft.note("received", message, applied=False)
        draft.refuse(message, "90", f"No control under the act number {message.act_number} is known.", "PIX-038")
        return
    wrong = image_fault(acts[0], consignment, message)
    draft.note("received", message, **({"applied": False} if wrong else {}))
    if wrong is not None:
        draft.refuse(message, "14", wrong[1], wrong[0])
        return
    if acts[0].presentation == "DEPARTURE" and case.released is None:
        return  # it follows the result, which is offered when the goods are released
    announce_image(draft, case, consignment, message, acts[0].form)


def on_image(draft: Draft, case: Case, message: InspectionImage, kind: str) -> None:
    """Another service tells of an image: hold it to the act; one that does not fit ends the recognition."""
    offer = offer_of(case, message)
    if offer is None:
        draft.note(kind, message, applied=False)
        draft.refuse(message, "90", f"No control result under the act number {message.act_number} is known.", "PIX-036")
        return
    wrong = _unconsented(draft, case, offer.result, message) or image_fault(offer.result, case.consignment(), message)
    draft.note(kind, message, **({"applied": False} if wrong else {}))
    if wrong is None:
        fetch_for(draft, case, offer, message)
        return
    draft.refuse(message, "14", wrong[1], wrong[0])
    if (offer.outcome in ("ACCEPTED", "PARTIAL") and offer.stage == "CONDITIONAL") or offer.outcome == "OFFERED":
        refuse_for_image(draft, case, offer.result, wrong[1])


def _unconsented(draft: Draft, case: Case, result: ControlResult, image: InspectionImage) -> tuple[str, str] | None:
    """Return (rule, sentence) for an image that its sender may not pass on, or that is not proven; None if it may."""
    record = case.movements.get(result.mrn or "")
    sender = image.header.sender
    issuer = sender if record is None else originator(record.consignment, result)
    if record is None or issuer == sender:
        return None
    if not image.may_forward:
        return "PIX-044", f"{issuer} has not allowed that {sender} passes its image on."
    if image_consent(draft.standing, (issuer, sender, draft.country), record.consignment) is None:
        return (
            "PIX-044",
            f"By no agreement in force may {sender} pass an image of {issuer} on to {draft.country}.",
        )
    if not without_original(result.attachments):
        return "PIX-036", f"The result of {issuer} names no image, so nothing proves that this one is its own."
    return None


def refuse_for_image(draft: Draft, case: Case, result: ControlResult, text: str) -> None:
    """Tell the issuer that its result is not recognised for want of a sound image; ``text`` says what is wrong."""
    respond(draft, result, _answered_office(draft, case), "REFUSED", "LAPSED", Why("IMAGE", text))


def _answered_office(draft: Draft, case: Case) -> str:
    """Return the office for which the recognition was answered: that of entry, else the last of the way."""
    consignment = case.consignment()
    assert consignment is not None
    entry = next((s for s in consignment.itinerary if s.country_code == draft.country and s.role == "ENT"), None)
    return (entry or consignment.itinerary[-1]).office


def image_fault(act: ControlResult, consignment: Consignment | None, image: InspectionImage) -> tuple[str, str] | None:
    """Return (rule, sentence) for what is wrong with an image of ``act``, or None."""
    if not act.began_at <= image.captured_at <= act.ended_at:
        return "PIX-038", "The image was not taken while the control was made."
    if consignment is not None and not _shows_goods(consignment, image):
        return "PIX-038", "The container or wagon shown is none of the consignment's."
    if (large := too_large(image)) is not None:
        return "PIX-036", large
    named = [(one.sha256, one.size) for one in without_original(act.attachments)]
    if named and (image.sha256, image.size) not in named:
        return "PIX-036", "Digest and size of the image are not those of a file that the control result names."
    return None


def _shows_goods(consignment: Consignment, image: InspectionImage) -> bool:
    containers = {one.container_id for one in consignment.transport_equipment}
    means = {one.means_id for one in consignment.transport_equipment} | {m.id for m in consignment.transport_means}
    if image.container_id is not None and image.container_id not in containers:
        return False
    return image.means_id is None or image.means_id in means or image.container_id is not None


def repeated_act(case: Case, message: Message) -> bool:
    """Return whether the act number of a control stands for another control of this office already (PIX-035)."""
    return isinstance(message, ControlResult) and any(
        act.act_number == message.act_number
        and act.office == message.office
        and act.ended_at.year == message.ended_at.year
        for side in case.sides.values()
        for act in side.made
    )


__all__ = ["image_fault", "known_seals", "on_image", "on_own_image", "on_seals", "refuse_for_image", "repeated_act"]
