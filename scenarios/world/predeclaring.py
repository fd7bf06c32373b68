"""Importers who declare ahead: at the entry office, citing the MRN of the export declaration as they were told it.

The entry service asks the service of export for its data under that MRN, and compares (messages DRQ and DRS). A share
of the declarations differs in mass, a share cites an MRN that nobody knows; which ones is luck, the same in all arms.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import simpy

from exchange.identifiers import mrn as make_mrn
from exchange.messages import AdvanceDeclaration, Consignment, Message, RegistrationResult
from exchange.references import derived
from scenarios.scenario import seconds
from scenarios.scenario.traffic import DeclaredAhead
from scenarios.world.cargo import Shipment

if TYPE_CHECKING:
    from scenarios.world.world import World


def declare_ahead(
    world: World, shipment: Shipment, replies: Sequence[Message], filed: set[tuple[str, str]]
) -> Generator[simpy.Event, Any, None]:
    """Let the importer declare ``shipment`` once its export is registered (``replies``), and note that it is filed."""
    ahead = shipment.flow.declared_ahead
    number = next((m.mrn for m in replies if isinstance(m, RegistrationResult) and m.mrn is not None), None)
    if ahead is None or number is None:
        return
    yield world.env.timeout(seconds(ahead.after.value))
    filed.add((ahead.side, shipment.ucr))
    wrong = error_of(world, shipment, ahead)
    goods = shipment.consignment
    yield world.mail.ask(
        world.scenario.member(shipment.consignee),
        AdvanceDeclaration,
        shipment,
        kind="CARRIER_FILING",
        office=world.scenario.sides[ahead.side].office,
        previous_mrn=unknown_to(number, shipment.case) if wrong == "mrn" else number,
        consignment=heavier(goods, ahead.mass_by.value) if wrong == "mass" else goods,
    )


def error_of(world: World, shipment: Shipment, ahead: DeclaredAhead) -> str | None:
    """Return what is wrong with the importer's declaration: ``mrn``, ``mass`` or nothing."""
    if world.luck.uniform(shipment.case, ahead.side, "ahead-mrn") < ahead.unknown_mrn.value:
        return "mrn"
    return "mass" if world.luck.uniform(shipment.case, ahead.side, "ahead-mass") < ahead.mass_differs.value else None


def unknown_to(number: str, case: str) -> str:
    """Return a well-formed MRN of the same country and year that no declaration bears."""
    national = derived(12, number[2:4], case, "mistaken", "MRN")
    return make_mrn(number[:2], number[2:4], national, number[16])


def heavier(goods: Consignment, share: float) -> Consignment:
    """Return ``goods`` declared with gross masses that are greater by ``share`` (0–1)."""
    factor = Decimal(str(1 + share))
    items = tuple(
        item.model_copy(update={"gross_mass": (item.gross_mass * factor).quantize(Decimal(1))})
        for item in goods.goods_items
    )
    return goods.model_copy(
        update={"goods_items": items, "gross_mass": sum((i.gross_mass for i in items), start=Decimal(0))}
    )


__all__ = ["declare_ahead", "error_of", "heavier", "unknown_to"]
