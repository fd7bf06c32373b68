"""Passing on another service's control results along the way, and knowing them for what they are (PIX-033, PIX-044).

A result is passed on only if its originator marked it (``mayForward``) and the agreement in force between originator
and recipient names the recipient among those to whom data may go; the one who passes it on is a party, too. It goes to
the next such service ahead, which passes it on in turn. It travels unchanged: office, act number, times, result and
seals are the originator's. Its correlation id names the result as it came, and an attachment of the type
``application/xml`` that result's SHA-256 and size, as the codec writes it. The recipient's proof of origin is the
originator's signature over the original bytes: :mod:`exchange.origin` checks it.
"""

from __future__ import annotations

from exchange.agreements import Agreement
from exchange.messages import VERSION, Consignment, ControlResult, Reason, RecognitionResponse
from exchange.messages.parts import Attachment
from exchange.origin import ORIGINAL, WRITTEN, fingerprint, without_original
from nodes.case import FAILED, Case, Movement
from nodes.draft import Draft
from nodes.recognition import agreements_for, came_under, consenting, entries_ahead, originator
from nodes.standing import Standing
from nodes.telling import mrn_known_to

CARRIED = (*WRITTEN, "attachments")
"""What of a control result goes on as its originator wrote it."""


def next_ahead(
    standing: Standing, consignment: Consignment, result: ControlResult, office: str | None
) -> tuple[str, Agreement] | None:
    """Return the next service beyond ``office`` to which ``result`` may be passed on, and the agreement; or None."""
    if not result.may_forward or office is None:
        return None
    issuer = originator(consignment, result)
    for country in entries_ahead(consignment, office):
        if country in (standing.country, issuer, result.header.sender):
            continue
        agreements = agreements_for(standing, issuer, country, consignment, result.form)
        agreed = consenting(agreements, standing.country, country, consignment)
        if agreed is not None:
            return country, agreed
    return None


def pass_on(draft: Draft, case: Case, record: Movement, result: ControlResult, office: str | None) -> None:
    """Pass a result of another service on to the next service ahead, if its originator and the agreement let it go.

    ``office``: that of entry here. One that failed goes on only in place of one that went before.
    """
    found = next_ahead(draft.standing, record.consignment, result, office)
    if found is None:
        return
    country, agreement = found
    replaced = case.sent_results.get(result.supersedes or "", {}).get(country)
    if result.result in FAILED and replaced is None:
        return
    mrn = mrn_known_to(draft, case, country)
    if mrn is None:
        return
    carried = {name: getattr(result, name) for name in CARRIED}
    draft.send(
        ControlResult,
        country,
        to=result,
        under=agreement,
        mrn=mrn,
        valid_until=result.valid_until,
        supersedes=replaced,
        may_forward=True,
        **carried | {"attachments": (*without_original(result.attachments), original(draft.standing, result))},
    )


def original(standing: Standing, result: ControlResult) -> Attachment:
    """Return the attachment that names ``result``, as it came here, as the original of one that is passed on."""
    came_under = result.header.agreement_id or ""
    known = came_under in standing.agreements
    digest, size = fingerprint(result, standing.agreements[came_under].schema_version if known else VERSION)
    return Attachment(
        sequence_number=len(without_original(result.attachments)) + 1,
        media_type=ORIGINAL,
        sha256=digest,
        size=size,
        description=f"Control result {result.header.message_id} of {result.header.sender}",
    )


def pass_back(draft: Draft, case: Case, message: RecognitionResponse) -> None:
    """Another service answers a result: if that was passed on from here, tell the service that it had come from."""
    answered = next(
        (
            offer.result
            for given, sent in case.sent_results.items()
            if message.control_result_id in sent.values() and (offer := case.offers.get(given)) is not None
        ),
        None,
    )
    if answered is None:
        return
    draft.send(
        RecognitionResponse,
        answered.header.sender,
        to=answered,
        under=came_under(draft.standing, answered),
        note={"answer_of": message.header.sender},
        control_result_id=answered.header.message_id,
        act_number=message.act_number,
        form=message.form,
        office=message.office,
        outcome=message.outcome,
        stage=message.stage,
        decided_at=message.decided_at,
        reasons=tuple(Reason(code=one.code, text=one.text) for one in message.reasons),
    )


__all__ = ["CARRIED", "next_ahead", "original", "pass_back", "pass_on"]
