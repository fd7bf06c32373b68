"""What becomes of an offered control result once its image was fetched, or did not come in time (PIX-036)."""

from __future__ import annotations

from typing import Any

from exchange.entries import Fetch, Fetched
from nodes.case import Case
from nodes.draft import Draft
from nodes.evidence import refuse_for_image
from nodes.imaging import ANNOUNCED, WAIT, images_of, offer_of, pass_image_on, passed_to
from nodes.partnering import answer


def on_fetched(draft: Draft, case: Case, fetched: Fetched) -> Draft:
    """An image was fetched and checked: recognise the result it belongs to, or say what is wrong with the image."""
    fetch = Fetch.of(fetched.case, fetched.purpose, fetched.due)
    named = (fetch.partner, fetch.sha256, fetch.size)
    image = next((one for one in case.images if (one.header.sender, one.sha256, one.size) == named), None)
    offer = None if image is None else offer_of(case, image)
    if image is None or offer is None:  # nothing is fetched without them, but a store may have lost its way
        draft.note("timer-fired", purpose=fetched.purpose)
        return draft
    announced = images_of(case, offer.result)
    image = announced[fetch.attempt - 1] if fetch.attempt <= len(announced) else image
    draft.corridor_id = image.header.corridor_id
    about: dict[str, Any] = {"image": image.header.message_id, "sha256": fetch.sha256, "outcome": fetched.outcome}
    if fetched.text:
        about["text"] = fetched.text
    draft.note("timer-fired", purpose=fetched.purpose, **about)
    if fetched.outcome == "WHOLE":
        pass_image_on(draft, case, offer.result, image)
    if offer.outcome in ("ACCEPTED", "PARTIAL", "REVOKED"):
        ahead = passed_to(draft, case, offer.result) if image.may_forward else []
        if ahead and fetched.outcome != "WHOLE" and fetch.attempt < ANNOUNCED:
            draft.fetch(fetch.partner, fetch.sha256, fetch.size, fetch.attempt + 1)
        return draft
    if fetched.outcome == "WHOLE":
        answer(draft, case, offer.result)
    else:
        refuse_for_image(draft, case, offer.result, fetched.text)
    return draft


def image_overdue(draft: Draft, case: Case, result_id: str) -> Draft:
    """An offered result has waited long enough for its image: it is not recognised."""
    offer = case.offers.get(result_id)
    if offer is None or offer.outcome != "OFFERED":
        return draft
    draft.corridor_id = offer.result.header.corridor_id
    draft.note("timer-fired", purpose=f"image:{result_id}")
    hours = int(WAIT.total_seconds() // 3600)
    refuse_for_image(draft, case, offer.result, f"No image of the control has come within {hours} hours.")
    return draft


__all__ = ["image_overdue", "on_fetched"]
