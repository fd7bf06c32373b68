"""How movements end at their office of destination: well (DCR, WRO), or with discrepancies to be explained (DSC)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exchange.messages import ControlResult, DestinationControlResult, DiscrepancyNotice, Message, WriteOff
from exchange.messages.parts import Discrepancy
from nodes.case import Case
from nodes.declaring import overall
from nodes.draft import Draft

EXPLAIN = timedelta(days=28)
"""Within what time discrepancies are to be explained (that of an enquiry: UCC Implementing Act, Article 310)."""


RECORDS = timedelta(days=2)
"""How long the other service is given to explain discrepancies from its records before people are asked (designed)."""


def end_movements(draft: Draft, case: Case, office: str, made: tuple[ControlResult, ...], message: Message) -> None:
    """Tell how the movements that end at this office ended (DCR); write off one of our own."""
    code = overall(made)
    for movement in case.movements.values():
        if movement.destination_office == office and movement.departure_country != draft.country:
            draft.send(
                DestinationControlResult,
                movement.departure_country,
                to=message,
                mrn=movement.mrn,
                office=office,
                controlled_at=draft.now,
                result=code,
            )
    write_off_own(draft, case, office, code, message)


def write_off_own(draft: Draft, case: Case, office: str, code: str, message: Message) -> None:
    """Write off the movement of this service that ends at this office, and tell its carrier (WRO)."""
    for movement in case.movements.values():
        carrier = draft.standing.carriers.get(movement.departure_office)
        if (movement.departure_country, movement.destination_office) == (draft.country, office) and carrier is not None:
            draft.send(WriteOff, carrier, to=message, mrn=movement.mrn, written_off_at=draft.now, result=code)


def tell_discrepancies(draft: Draft, case: Case, act: ControlResult) -> None:
    """Ask the service of departure to explain what a control at destination found otherwise than declared (DSC).

    Nothing is sent where the act does not say what differs.
    """
    if act.presentation != "DESTINATION":
        return
    found = tuple(_differences(act))
    if not found:
        return
    for movement in case.movements.values():
        if movement.destination_office == act.office and movement.departure_country != draft.country:
            told = draft.send(
                DiscrepancyNotice,
                movement.departure_country,
                to=act,
                mrn=movement.mrn,
                office=act.office,
                result=act.result,
                noted_at=act.ended_at,
                answer_by=draft.now + EXPLAIN,
                discrepancies=found,
            )
            if told is not None:
                draft.wake(f"settle:{movement.mrn}", draft.now + RECORDS)


def _differences(act: ControlResult) -> Iterator[Discrepancy]:
    declared, found = act.declared_mass, act.found_mass
    if declared is not None and found is not None and declared != found:
        yield Discrepancy(
            sequence_number=1,
            pointer="/AnticipatedArrivalRecord/Consignment/GrossMass",
            declared=f"{declared} kg",
            found=f"{found} kg",
        )


__all__ = ["end_movements", "tell_discrepancies", "write_off_own"]
