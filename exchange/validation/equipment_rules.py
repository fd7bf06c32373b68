"""The rules PIX-007 to PIX-012 and PIX-015: containers, wagons, seals and what they may bear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from exchange import identifiers
from exchange.messages import ArrivalAdvice, Message, Seal, SealFound, TransportMeans
from exchange.sentences import tell
from exchange.validation.number_rules import asks, sentence
from exchange.validation.reach import WITH_SHIPMENT, found, having, reaching, shipments
from exchange.validation.rules import Break, Path, register

_container_fault = asks(identifiers.check_container)
_wagon_fault = asks(identifiers.check_wagon)

_CONTAINER = ("the check digit of a container number is right", "ISO 6346")


def _wrong_container(path: Path, value: str) -> Iterator[Break]:
    fault = _container_fault(value)
    if fault is not None:
        yield Break(path, value, tell("a number with its check digit"), sentence(fault))


@register("PIX-007", WITH_SHIPMENT, *_CONTAINER)
def container_digits(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        for index, equipment in enumerate(shipment.transport_equipment):
            value = equipment.container_id
            if value is not None and _container_fault(value) is not None:
                yield from _wrong_container((*path, "transport_equipment", index, "container_id"), value)


@register("PIX-007a", reaching("container_id"), *_CONTAINER)
def other_container_digits(message: Message) -> Iterator[Break]:
    for path, value in found(message, "container_id"):
        yield from _wrong_container(path, value)


def _wagons(means: Iterable[TransportMeans], path: Path) -> Iterator[Break]:
    for index, one in enumerate(means):
        if one.identification_type == "20":
            fault = _wagon_fault(one.id)
            if fault is not None:
                yield Break((*path, index, "id"), one.id, tell("a wagon number with its check digit"), sentence(fault))


_WAGON = (
    "a wagon number has 12, 8 or (China) 7 digits and its check digit",
    "UIC 438-2, numbering of the 1520 mm railways",
)


@register("PIX-008", WITH_SHIPMENT, *_WAGON)
def wagon_digits(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        yield from _wagons(shipment.transport_means, (*path, "transport_means"))
        if shipment.transport_means[0].mode_code != "2":
            continue
        for index, equipment in enumerate(shipment.transport_equipment):
            if equipment.means_id is not None:
                fault = _wagon_fault(equipment.means_id)
                if fault is not None:
                    where = (*path, "transport_equipment", index, "means_id")
                    yield Break(where, equipment.means_id, tell("a wagon number with its check digit"), sentence(fault))


MEANS = ("transport_means", "former_means", "new_means")
"""Fields of a message that hold means of transport."""


@register("PIX-008a", having(*MEANS), *_WAGON)
def other_wagon_digits(message: Message) -> Iterator[Break]:
    for name in MEANS:
        yield from _wagons(getattr(message, name, ()), (name,))


@register(
    "PIX-009",
    having("consignment"),
    "the container indicator is true if and only if a container is named",
    "NCTS C0055, C0872",
)
def container_indicator(message: Any) -> Iterator[Break]:
    consignment = message.consignment
    any_container = any(e.container_id is not None for e in consignment.transport_equipment)
    if any_container != consignment.container_indicator:
        path = ("consignment", "container_indicator")
        text = (
            tell("The container indicator is false, but a container is named.")
            if any_container
            else tell("The container indicator is true, but no container is named.")
        )
        given = "false" if any_container else "true"
        yield Break(path, given, "true" if any_container else tell("false, or a container"), text)


@register("PIX-010", WITH_SHIPMENT, "the number of seals is the count of seals", "NCTS R0106, C0569")
def number_of_seals(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        for index, equipment in enumerate(shipment.transport_equipment):
            if equipment.number_of_seals != len(equipment.seals):
                where = (*path, "transport_equipment", index, "number_of_seals")
                text = tell(
                    "{number_of_seals} {number_of_seals:seal is|seals are} announced, "
                    "but {seals} {seals:follows|follow}.",
                    number_of_seals=equipment.number_of_seals,
                    seals=len(equipment.seals),
                )
                yield Break(where, str(equipment.number_of_seals), str(len(equipment.seals)), text)


def _repeated(seals: Iterable[tuple[Path, Seal | SealFound]]) -> Iterator[Break]:
    seen: set[str] = set()
    for path, seal in seals:
        if seal.id in seen:
            text = tell("Seal {id} stands twice in the message.", id=seal.id)
            yield Break((*path, "id"), seal.id, tell("a seal number that stands once"), text)
        seen.add(seal.id)


@register("PIX-011", WITH_SHIPMENT, "seal numbers are unique in the message", "NCTS R0107")
def unique_seals(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        equipment = shipment.transport_equipment
        if sum(len(e.seals) for e in equipment) != len({seal.id for e in equipment for seal in e.seals}):
            yield from _repeated(
                ((*path, "transport_equipment", i, "seals", j), seal)
                for i, e in enumerate(equipment)
                for j, seal in enumerate(e.seals)
            )


@register("PIX-011a", having("seals_found"), "seal numbers are unique in the message", "NCTS R0107")
def unique_found_seals(message: ArrivalAdvice) -> Iterator[Break]:
    yield from _repeated((("seals_found", i), seal) for i, seal in enumerate(message.seals_found))


@register(
    "PIX-011b", having("seals_removed", "seals_affixed"), "no seal is taken off twice, or put on twice", "NCTS R0107"
)
def unique_changed_seals(message: Message) -> Iterator[Break]:
    for name in ("seals_removed", "seals_affixed"):
        yield from _repeated(((name, i), seal) for i, seal in enumerate(getattr(message, name, ())))


@register(
    "PIX-012",
    WITH_SHIPMENT,
    "equipment without a container has a seal, or a code that says why it has none",
    "NCTS R0448",
    code="13",
)
def sealed_equipment(message: Message) -> Iterator[Break]:
    for path, shipment in shipments(message):
        for index, equipment in enumerate(shipment.transport_equipment):
            if equipment.container_id is None and not equipment.seals and equipment.seal_waiver_code is None:
                where = (*path, "transport_equipment", index, "seal_waiver_code")
                text = tell(
                    "Equipment {sequence_number} is no container, and has neither a seal nor a waiver.",
                    sequence_number=equipment.sequence_number,
                )
                yield Break(where, None, tell("a seal, or a seal waiver code"), text)


CONTAINER_LOAD = Decimal(30480)
"""Kilograms that a 40-foot container may weigh with its goods (ISO 668 rating 1A; later containers may bear more)."""
WAGON_LOAD = Decimal(70000)
"""Kilograms that a wagon may carry (practice of the SMGS railways)."""


@register(
    "PIX-015",
    having("consignment"),
    "goods and tare weigh at most 30.48 t a container, goods at most 70 t a wagon",
    "SMGS practice, ISO 668",
    severity="warning",
)
def load_limits(message: Any) -> Iterator[Break]:
    consignment = message.consignment
    rail = consignment.transport_means[0].mode_code == "2"
    equipment = consignment.transport_equipment
    if not equipment:
        return
    weight, limit = consignment.gross_mass, Decimal(0)
    for one in equipment:
        if one.container_id is not None:
            limit += CONTAINER_LOAD
            weight += one.tare_mass or 0
        elif rail:
            limit += WAGON_LOAD
        else:
            return
    if weight > limit:
        text = tell(
            "{weight} kg are more than the {limit} kg that {equipment} containers or wagons usually bear.",
            weight=weight,
            limit=limit,
            equipment=len(equipment),
        )
        yield Break(
            ("consignment", "gross_mass"),
            str(consignment.gross_mass),
            tell("at most {limit} kg in all", limit=limit),
            text,
        )


__all__ = ["CONTAINER_LOAD", "MEANS", "WAGON_LOAD"]
