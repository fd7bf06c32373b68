"""A case as plain JSON, for people and programs that ask a node about it."""

from __future__ import annotations

from typing import Any

from exchange.messages import format_time
from nodes.case import Case
from nodes.escalating import open_matters
from nodes.reasons import stops


def case_row(case: Case) -> dict[str, Any]:
    """Return UCR, state and the time of the last message."""
    return {
        "ucr": case.ucr,
        "state": case.state,
        "messages": len(case.timeline),
        "updated": format_time(case.timeline[-1].at) if case.timeline else None,
    }


def case_view(case: Case) -> dict[str, Any]:
    """Return the whole case: movements, sides, control results, recognitions, parked messages and the timeline.

    ``stops`` says why each control was ordered or not (:mod:`nodes.reasons`); it is for the service's own officers.
    """
    return {
        **case_row(case),
        "movements": [
            {
                "mrn": m.mrn,
                "departure": {"country": m.departure_country, "office": m.departure_office},
                "destination": {"country": m.destination_country, "office": m.destination_office},
                "state": m.state,
                "told": format_time(m.told) if m.told is not None else None,
                "usable": m.usable,
            }
            for m in case.movements.values()
        ],
        "sides": [
            {
                "office": side.office,
                "presentation": side.presentation,
                "arrived": format_time(side.arrived_at) if side.arrived_at is not None else None,
                "cleared": format_time(side.cleared_at) if side.cleared_at is not None else None,
                "crossed": format_time(side.crossed_at) if side.crossed_at is not None else None,
                "required": [{"form": form, "extent": extent} for form, extent in side.required],
                "seal": side.seal,
                "mass_differs": side.mass_differs,
            }
            for side in case.sides.values()
        ],
        "control_results": [
            {
                "id": result.header.message_id,
                "office": result.office,
                "presentation": result.presentation,
                "form": result.form,
                "extent": result.extent,
                "result": result.result,
                "began": format_time(result.began_at),
                "ended": format_time(result.ended_at),
            }
            for side in case.sides.values()
            for result in side.made
        ],
        "recognitions": [
            {
                "control_result": offer.result.header.message_id,
                "issuer": offer.result.header.sender,
                "form": offer.result.form,
                "outcome": offer.outcome,
                "stage": offer.stage,
                "reasons": list(offer.reasons),
            }
            for offer in case.offers.values()
        ],
        "recognised_elsewhere": [
            {
                "control_result": answer.control_result_id,
                "by": answer.header.sender,
                "form": answer.form,
                "outcome": answer.outcome,
                "stage": answer.stage,
                "reasons": [reason.code for reason in answer.reasons],
            }
            for answer in case.answers
        ],
        "irregularities": [{"rule": rule, "text": text} for rule, text in case.irregularities],
        "diverted": list(case.diverted),
        "images": [
            {"id": image.image_id, "act": image.act_number, "sha256": image.sha256, "size": image.size}
            for image in case.images
        ],
        "slots": [
            {
                "office": slot.office,
                "presentation": slot.presentation,
                "number": slot.slot_number,
                "stage": slot.stage,
                "not_before": format_time(slot.not_before),
                "not_after": format_time(slot.not_after),
                "carrier": slot.header.recipient,
            }
            for slot in case.slots.values()
        ],
        "export_check": None if case.mismatches is None else list(case.mismatches) or ["MATCH"],
        "open_matters": open_matters(case),
        "stops": stops(case),
        "parked": sorted(case.parked),
        "timeline": [
            {
                "at": format_time(entry.at),
                "event": entry.kind,
                "code": entry.message.CODE,
                "name": entry.message.NAME,
                "id": entry.message.header.message_id,
                "from": entry.message.header.sender,
                "to": entry.message.header.recipient,
                **({"mrn": mrn} if (mrn := getattr(entry.message, "mrn", None)) else {}),
                **({} if entry.data.get("applied", True) else {"applied": False}),
            }
            for entry in case.timeline
            if entry.message is not None
        ],
    }


__all__ = ["case_row", "case_view"]
